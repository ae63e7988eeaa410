"""The page Import: a file of items or events, looked at before anything is written; bad rows are shown and left out."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Literal, cast

from fastapi import Request
from nicegui import ui
from nicegui.events import UploadEventArguments

from penchant.data import Problem, Reading, read_events, read_items
from penchant.errors import InvalidRecord, PenchantError
from penchant.records import Event, Item
from penchant.serve.console.desk import Desk, Here
from penchant.serve.console.frame import card, empty, page, table
from penchant.serve.console.said import say
from penchant.serve.console.texts import Texts
from penchant.serve.host import Catalogue
from penchant.serve.wire.items import addressed

GROUP = 200  # records written together
SHOWN, BAD = 8, 50  # good and bad rows that a preview shows
CUT = 60  # characters of a cell
Kind = Literal["items", "events"]
ENDINGS = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet", ".gz")


@dataclass(slots=True)
class Preview:
    """What a file would bring.

    Attributes:
        columns: (column, what it was taken for).
        good: how many rows can be used; `first` are some of them.
        bad: those that can't.
        notes: sentences about the file.
    """

    kind: Kind
    path: Path
    columns: list[tuple[str, str]]
    good: int
    first: list[Item | Event]
    bad: list[Problem]
    bad_count: int
    notes: list[str]


@dataclass(slots=True)
class Progress:
    """How far an import is, and what came of it."""

    done: int = 0
    total: int = 1
    added: int = 0
    known: int = 0
    refused: list[PenchantError] = field(default_factory=list[PenchantError])


def preview(kind: Kind, path: Path) -> Preview:
    """Read the whole file; nothing is written.

    Raises:
        InvalidRecord: it is not a table, or a column that is needed is missing.
    """
    reading = _reading(kind, path)
    first: list[Item | Event] = []
    good = 0
    for record in reading:
        good += 1
        if len(first) < SHOWN:
            first.append(record)
    columns = [(column.name, column.field) for column in reading.columns]
    return Preview(kind, path, columns, good, first, reading.problems[:BAD], reading.counts.bad, reading.notes)


def bring_in(catalogue: Catalogue, found: Preview, progress: Progress) -> Progress:
    """Write the good rows, group by group.

    Raises:
        PenchantError: items could not be written; those of the groups before are.
    """
    progress.total = max(found.good, 1)
    records = iter(cast("Iterable[Item | Event]", _reading(found.kind, found.path)))
    for group in _groups(records):
        if found.kind == "items":
            learned = catalogue.engine.add_items(cast("list[Item]", group))
            progress.added, progress.known = progress.added + learned.accepted, progress.known + learned.duplicates
        else:
            for outcome in catalogue.writer.submit(cast("list[Event]", group)).result():
                if isinstance(outcome, PenchantError):
                    progress.refused.append(outcome)
                else:
                    progress.added, progress.known = (
                        progress.added + outcome.accepted,
                        progress.known + outcome.duplicates,
                    )
        progress.done += len(group)
    return progress


def _reading(kind: Kind, path: Path) -> Reading[Item] | Reading[Event]:
    return read_items(path).checked(_pictures) if kind == "items" else read_events(path)


def _pictures(item: Item) -> None:
    """Pictures by their addresses only, as over HTTP: a path would name a file of the server's own."""
    for image in item.images:
        try:
            addressed(image)
        except ValueError as error:
            raise InvalidRecord("item.images", image, str(error)) from None


def _groups(records: Iterator[Item | Event]) -> Iterator[list[Item | Event]]:
    while group := list(islice(records, GROUP)):
        yield group


def add(desk: Desk) -> None:
    """The page."""

    @page(desk, "/import", "import")
    async def importing(here: Here, request: Request) -> None:  # pyright: ignore[reportUnusedFunction]
        _Importing(here)


class _Importing:
    """The page's parts, and the folder that holds the file until the page is left."""

    def __init__(self, here: Here) -> None:
        self.here = here
        self.kind: Kind = "items"
        self._folder = tempfile.TemporaryDirectory(prefix="penchant-import-")
        ui.context.client.on_delete(self._folder.cleanup)  # pyright: ignore[reportUnknownMemberType]
        t, most = here.t, here.desk.service.settings.body_bytes
        with ui.element("h1"):
            ui.label(t("page.import"))
        with card(t("import.choose"), part="upload"):
            ui.radio(
                {"items": t("import.items"), "events": t("import.events")}, value="items", on_change=self._choose
            ).props("inline dense")
            ui.label(t("import.about", mib=most // 2**20)).classes("faint")
            self._upload = ui.upload(
                label=t("import.drop"), auto_upload=True, max_files=1, max_file_size=most - 4096,
                on_upload=self._came, on_rejected=lambda: ui.notify(t("import.too_large"), type="negative"),
            ).props(f'flat bordered accept="{",".join(ENDINGS)}"').style("width: 100%")  # fmt: skip
        self._place = ui.element("div").classes("stack").props('aria-live="polite"')

    def _choose(self) -> None:
        self.kind = "events" if self.kind == "items" else "items"
        self._again()

    def _again(self) -> None:
        self._upload.reset()
        self._place.clear()

    async def _came(self, sent: UploadEventArguments) -> None:
        ending = (
            "".join(Path(sent.file.name).suffixes[-2:])
            if sent.file.name.endswith(".gz")
            else Path(sent.file.name).suffix
        )
        path = Path(self._folder.name) / f"import{ending if ending.isascii() and '/' not in ending else ''}"
        await sent.file.save(path)
        self._place.clear()
        with self._place:
            ui.spinner(size="lg")
        found = await self.here.attempt(preview, self.kind, path)
        self._place.clear()
        if found is None:
            self._upload.reset()
        else:
            with self._place:
                self._show(found, sent.file.name)

    def _show(self, found: Preview, name: str) -> None:
        t = self.here.t
        with card(t("import.preview", name=name), part="preview"):
            with ui.element("div").classes("line"):
                ui.label(t("import.good", n=f"{found.good:,}")).classes("strong")
                ui.label(t("import.bad", n=f"{found.bad_count:,}")).classes(
                    "strong bad" if found.bad_count else "faint"
                )
            ui.label(t("import.columns")).classes("faint")
            with ui.element("div").classes("line tight"):
                for column, taken in found.columns:
                    ui.label(f"{column} → {taken}").classes("chip clip")
            for note in filter(None, (say(note, t.language) for note in found.notes[:5])):
                ui.label(note).classes("faint wrap")
            if found.bad:
                ui.label(t("import.bad_rows")).classes("strong")
                heads = (t("import.line"), t("import.field"), t("import.value"), t("import.fix"))
                rows = [
                    (bad.line, say(bad.field, t.language) or bad.field, bad.value[:CUT] or t("import.empty"),
                     say(bad.reason, t.language) or t("error.invalid"))
                    for bad in found.bad
                ]  # fmt: skip
                table(heads, rows, part="bad-rows")
            if not found.good:
                empty(t("import.nothing"), t("import.nothing_what"))
                return
            ui.label(t("import.first")).classes("strong")
            table(*_rows(found, t))
            with ui.element("div").classes("line"):
                button = ui.button(
                    t("import.go", n=f"{found.good:,}"), icon="upload", on_click=lambda: self._go(found, button)
                )
                button.props("unelevated no-caps")
                ui.button(t("import.other"), on_click=self._again).props("flat no-caps")

    async def _go(self, found: Preview, button: ui.button) -> None:
        t, progress = self.here.t, Progress()
        button.disable()
        with self._place:
            bar = ui.linear_progress(0, show_value=False, size="10px").props(f'aria-label="{t("import.progress")}"')
            timer = ui.timer(0.2, lambda: bar.set_value(progress.done / progress.total))
        route = "POST /items" if found.kind == "items" else "POST /events"
        done = await self.here.act(route, bring_in, self.here.catalogue, found, progress)
        timer.cancel()
        bar.set_value(progress.done / progress.total)
        with self._place, card(part="imported"):
            text = t(
                "import.done",
                added=f"{progress.added:,}",
                known=f"{progress.known:,}",
                refused=f"{len(progress.refused):,}",
            )
            ui.label(text if done is not None else t("import.stopped", n=f"{progress.done:,}")).classes("strong")
            for one in progress.refused[:5]:
                ui.label(self.here.why(one)).classes("faint wrap")
            ui.link(t("page.catalogue"), "/catalogue")


def _rows(found: Preview, t: Texts) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    if found.kind == "items":
        items = cast("list[Item]", found.first)
        return (t("catalogue.id"), t("import.text"), t("import.category")), [
            (one.id, one.title[:CUT], "; ".join(" › ".join(path) for path in one.paths)[:CUT]) for one in items
        ]
    events = cast("list[Event]", found.first)
    return (t("import.user"), t("import.item"), t("import.kind")), [(one.user, one.item, one.kind) for one in events]
