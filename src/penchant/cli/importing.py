"""The verb import: items and events from files into a catalogue, and on from where it was after an interruption."""

from __future__ import annotations

import hashlib
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from penchant.cli.place import Place, shown
from penchant.cli.state import JsonOption, State, state_of
from penchant.errors import ConfigError, InvalidRecord, PenchantError, Refused, StoreError, UnknownId
from penchant.records import Event, Item

if TYPE_CHECKING:
    from penchant.config import Settings
    from penchant.data import Reading
    from penchant.engine import Engine

GROUP = 500  # events learned, and acknowledged, together
SHOWN = 5  # records of a dry run
TOLD = 10  # problems shown to people
KEPT = 1000  # problems kept for programs

SourceArgument = Annotated[
    str | None, typer.Argument(help="A known data set: MovieLens, S3-Rec, MIND, Last.fm (a folder or file), or demo.")
]
ItemsOption = Annotated[Path | None, typer.Option("--items", help="Items: CSV, JSONL or Parquet.")]
EventsOption = Annotated[Path | None, typer.Option("--events", help="Events: CSV, JSONL or Parquet.")]
ItemColumns = Annotated[str | None, typer.Option(help="Items' columns, where not guessed: id=sku,text=name")]
EventColumns = Annotated[str | None, typer.Option(help="Events' columns: user=uid,item=sku,time=when")]
StrictOption = Annotated[bool, typer.Option("--strict", help="Stop at the first bad row.")]


@dataclass(frozen=True, slots=True)
class Sources:
    """What is to be read; at least one of both."""

    name: str
    items: Reading[Item] | None
    events: Reading[Event] | None


def open_sources(
    source: str | None,
    item_file: Path | None,
    event_file: Path | None,
    item_columns: str | None,
    event_columns: str | None,
    strict: bool = False,
) -> Sources:
    """The readings that the options name.

    Raises:
        InvalidRecord: none is named, or a column's field is unknown.
    """
    from penchant.data import open_dataset, read_events, read_items

    name, things, happenings = "", None, None
    if source is not None:
        dataset = open_dataset(source, strict=strict)
        name, things, happenings = dataset.name, dataset.items, dataset.events
    if item_file is not None:
        things = read_items(item_file, columns=_columns("--item-columns", item_columns, Item), strict=strict)
    if event_file is not None:
        happenings = read_events(event_file, columns=_columns("--event-columns", event_columns, Event), strict=strict)
        name = name or event_file.name
    if things is None and happenings is None:
        raise InvalidRecord("source", None, "give a data set, --items or --events")
    return Sources(name, things, happenings)


def open_stream(verb: str, sources: Sources) -> tuple[str, Reading[Item], Reading[Event]]:
    """(name, items, events), for a verb that needs both.

    Raises:
        InvalidRecord: one of them is not given.
    """
    if sources.items is None or sources.events is None:
        raise InvalidRecord(verb, None, "give a data set, or both --items and --events")
    return sources.name, sources.items, sources.events


def _columns(option: str, text: str | None, record: type[Item] | type[Event]) -> dict[str, str] | None:
    """{field: column} of an option such as user=uid,item=sku; None if it was not given."""
    if not text:
        return None
    chosen: dict[str, str] = {}
    for pair in text.split(","):
        field, _, column = (part.strip() for part in pair.partition("="))
        if field not in record.model_fields or not column:
            known = ", ".join(record.model_fields)
            raise InvalidRecord(option, pair, f"give field=column pairs; the fields are {known}")
        chosen[field] = column
    return chosen


def import_(
    ctx: typer.Context,
    source: SourceArgument = None,
    item_file: ItemsOption = None,
    event_file: EventsOption = None,
    item_columns: ItemColumns = None,
    event_columns: EventColumns = None,
    base: Annotated[str | None, typer.Option(help="The domain, if the catalogue is to be made.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be read; write nothing.")] = False,
    strict: StrictOption = False,
    as_json: JsonOption = False,
) -> None:
    """Read items and events. Interrupted? The same command goes on where it was, and nothing counts twice.

    Examples:

      penchant import --items items.csv --events events.parquet --event-columns user=uid,item=sku
      penchant import ml-1m/ --base movies
      penchant import --events events.csv --dry-run
    """
    state = state_of(ctx, as_json)
    sources = open_sources(source, item_file, event_file, item_columns, event_columns, strict)
    if source is not None:
        state.remark(f"this looks like {sources.name}")
    if dry_run:
        _preview(state, sources)
        return
    with state.engine(path=state.own, base=_base(state.own, base)) as engine:
        report = {
            "items": _load_items(state, engine, sources.items, strict),
            "events": _load_events(state, engine, sources.events, strict),
        }
    _tell(state, report)


def _base(path: Place, base: str | None) -> str | None:
    """The domain to make the catalogue with; None if it has settings already, which must not be overwritten."""
    from penchant.store import open_store

    if base is None or (isinstance(path, Path) and not path.exists()):
        return base
    try:
        with closing(open_store(path, read_only=True)) as store:
            kept = next(store.entries(types=["settings"], newest_first=True, limit=1), None)
    except StoreError:  # an import that was killed before it had written anything, or what opening will name
        return base
    if kept is None:
        return base
    if kept.body["domain"] != base:
        fix = "leave --base out, or import into another file with --db"
        raise ConfigError(f"{shown(path)} is a catalogue for {kept.body['domain']}, not {base}", fix=fix)
    return None


def _preview(state: State, sources: Sources) -> None:
    data: dict[str, Any] = {}
    for name, reading in (("items", sources.items), ("events", sources.events)):
        if reading is None:
            continue
        first: list[dict[str, Any]] = []
        for record in reading:
            first.append(record.model_dump(mode="json", exclude_defaults=True))
            if len(first) >= SHOWN:
                break
        data[name] = {
            "columns": str(reading.columns), "first": first, "problems": [str(p) for p in reading.problems],
            "notes": list(reading.notes),
        }  # fmt: skip
    lines: list[str] = []
    for name, found in data.items():
        lines += [
            name,
            found["columns"],
            *(f"  {record}" for record in found["first"]),
            *found["problems"],
            *found["notes"],
            "",
        ]
    state.show(data, "\n".join([*lines, "nothing was written (--dry-run)"]))


@dataclass(slots=True)
class _Problems:
    """Rows that were read but that the catalogue does not take."""

    strict: bool
    count: int = 0
    told: list[str] = field(default_factory=list[str])

    def add(self, place: tuple[str, int], error: PenchantError) -> None:
        """Note it; if strict, end the import with it."""
        told = f"{place[0]}:{place[1]}: {error}"
        self.count += 1
        if self.strict:
            ends = PenchantError(told)
            ends.status = error.status
            raise ends
        if len(self.told) < KEPT:
            self.told.append(told)

    def all(self, reading: Reading[Any]) -> list[str]:
        """Those of the reading, then these, each with file:line."""
        return [f"{p.file}:{p.line}: {p.field}: {p.value!r}; {p.reason}" for p in reading.problems] + self.told


def _load_items(state: State, engine: Engine, reading: Reading[Item] | None, strict: bool) -> dict[str, Any]:
    if reading is None:
        return {}
    catalogue, problems = engine.model.world.catalogue, _Problems(strict)
    batch: list[Item] = []
    with state.bar("reading items") as step:
        for item in reading:
            if catalogue.is_deleted(item.id):
                problems.add(reading.place, Refused(f"item {item.id!r} was deleted", fix="give it another id"))
                continue
            batch.append(item)
            step(len(batch), reading.total or len(batch))
    with state.bar("embedding items") as step:
        learned = engine.add_items(batch, progress=step)
    again = len(batch) - len({item.id for item in batch})
    same = [f"rows with the id of another row: {again:,}; the last of an id counts"] if again else []
    return {
        "read": reading.counts.read, "added": learned.accepted, "unchanged": learned.duplicates,
        "bad": reading.counts.bad + problems.count, "problems": problems.all(reading),
        "notes": [*reading.notes, *same],
    }  # fmt: skip


def strange_kind(settings: Settings, kind: str, n: int = 1) -> str:
    """What is said of events of a kind that the domain doesn't list."""
    listed = ", ".join(settings.kinds)
    return f"{n:,} of the kind {kind!r}, which {settings.domain} does not list: counted as a view; it lists {listed}"


def _load_events(state: State, engine: Engine, reading: Reading[Event] | None, strict: bool) -> dict[str, Any]:
    if reading is None:
        return {}
    accepted = duplicates = done = 0
    problems, strange = _Problems(strict), Counter[str]()
    group: list[tuple[Event, tuple[str, int]]] = []

    def flush() -> None:
        nonlocal accepted, duplicates
        for part in _observed(engine, group, problems):
            accepted, duplicates = accepted + part[0], duplicates + part[1]
        group.clear()

    with state.bar("learning events") as step:
        for event in reading:
            done += 1
            place = reading.place
            try:
                engine.check(event)
            except (UnknownId, Refused) as error:
                if strict:
                    flush()
                problems.add(place, error)
                continue
            if event.kind not in engine.settings.kinds and (event.kind in strange or len(strange) < KEPT):
                strange[event.kind] += 1
            group.append((event if event.id else event.model_copy(update={"id": _retry_id(*place, event)}), place))
            if len(group) >= GROUP:
                flush()
                step(done, reading.total or done)
        flush()
    return {
        "read": reading.counts.read, "learned": accepted, "known already": duplicates,
        "bad": reading.counts.bad + problems.count, "problems": problems.all(reading),
        "notes": [*reading.notes, *(strange_kind(engine.settings, kind, n) for kind, n in strange.most_common(TOLD))],
    }  # fmt: skip


def _observed(engine: Engine, group: list[tuple[Event, tuple[str, int]]], problems: _Problems) -> list[tuple[int, int]]:
    """(accepted, duplicates): of the whole group, or one by one where one of it is refused."""
    try:
        learned = engine.observe_many(event for event, _ in group)
        return [(learned.accepted, learned.duplicates)]
    except (UnknownId, Refused, InvalidRecord):  # nothing of it was written
        pass
    counts: list[tuple[int, int]] = []
    for event, place in group:
        try:
            learned = engine.observe(event)
            counts.append((learned.accepted, learned.duplicates))
        except (UnknownId, Refused, InvalidRecord) as error:
            problems.add(place, error)
    return counts


def _retry_id(file: str, line: int, event: Event) -> str:
    """The same row of the same file has the same id whenever it is read."""
    told = (
        f"{Path(file).name}\x1f{line}\x1f{event.user}\x1f{event.item}\x1f{event.kind}\x1f{event.time}\x1f{event.value}"
    )
    return f"import:{hashlib.blake2b(told.encode('utf-8', 'replace'), digest_size=12).hexdigest()}"


def _tell(state: State, report: dict[str, dict[str, Any]]) -> None:
    lines: list[str] = []
    for name, counts in report.items():
        if counts:
            lines.append(
                f"{name}: " + ", ".join(f"{v:,} {k}" for k, v in counts.items() if k not in ("problems", "notes"))
            )
            lines += [f"  {problem}" for problem in counts["problems"][:TOLD]]
            more = counts["bad"] - len(counts["problems"][:TOLD])
            lines += [f"  and {more:,} more (--json lists up to {KEPT:,})"] if more > 0 else []
            lines += [f"  note: {note}" for note in counts["notes"]]
    state.show(report, "\n".join(lines))
