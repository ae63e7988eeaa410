"""What all verbs share: which catalogue, how to print, how to show progress."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from penchant.cli.place import Place, must_be_there
from penchant.errors import StoreBusy

if TYPE_CHECKING:
    from penchant.engine import Engine

DEFAULT, DEMO = Path("penchant.db"), Path("demo.db")

# the same options stand before and after the verb, for people put them in both places
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@dataclass(slots=True)
class State:
    """Options given before the verb."""

    db: Place | None
    as_json: bool
    quiet: bool
    interrupted: bool = False

    @property
    def path(self) -> Place:
        """The catalogue's place: as given, else penchant.db, else the demo's."""
        if self.db is not None:
            return self.db
        if not DEFAULT.exists() and DEMO.exists():
            self.remark(f"using {DEMO} (there is no {DEFAULT}; choose with --db)")
            return DEMO
        return DEFAULT

    @property
    def own(self) -> Place:
        """The place where a catalogue is made: as given, else penchant.db; never the demo's."""
        return self.db or DEFAULT

    @contextmanager
    def engine(
        self, *, path: Place | None = None, base: str | None = None, settings: Any = None, reads: bool = False
    ) -> Generator[Engine]:
        """The catalogue, open; closed at the end whatever happens.

        Args:
            path: where to make it if it isn't there; None: it must be there.
            reads: nothing is to be written, so that it can be opened beside another process that writes.
        """
        from penchant.engine import Engine

        target = path or self.path
        if path is None:
            must_be_there(target)
        with self.unhurried():
            with self.bar("rebuilding the state") as step:
                try:
                    engine = Engine.open(target, base, settings, progress=step)
                except StoreBusy as error:
                    if not reads:
                        fix = "close it there; if it is being served, use the service's API or its console"
                        raise StoreBusy(error.what, fix=fix) from error
                    self.remark("another process writes to it: read as it now stands, and this answer is not logged")
                    engine = Engine.open(target, read_only=True, progress=step)
            try:
                yield engine
            finally:
                engine.close()
                if engine.unlogged is not None:
                    typer.echo(f"warning: an answer could not be logged: {engine.unlogged}", err=True)

    @contextmanager
    def unhurried(self) -> Generator[None]:
        """Ctrl-C waits for the next step of a progress bar, so that no event is half learned when the state is kept; a
        second one ends the process at once, which the log survives as it does `kill -9`."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def note(*_: object) -> None:
            if self.interrupted:
                os.write(2, b"\x1b[?25h" if os.isatty(2) else b"")  # the cursor, which a progress bar hides
                os._exit(130)
            self.interrupted = True
            os.write(2, b"\nstopping soon; Ctrl-C again stops at once\n")

        before = signal.signal(signal.SIGINT, note)
        try:
            yield
            self.heed()
        finally:
            signal.signal(signal.SIGINT, before)

    def heed(self) -> None:
        """Stop here if Ctrl-C was pressed."""
        if self.interrupted:
            raise KeyboardInterrupt

    def remark(self, text: str) -> None:
        """A remark for people, on stderr."""
        if not self.quiet and not self.as_json:
            typer.echo(text, err=True)

    def show(self, data: Any, text: str | Callable[[], str]) -> None:
        """Print the data as JSON, or the text for people."""
        if self.as_json:
            typer.echo(json.dumps(data, ensure_ascii=False, indent=2))
        else:
            typer.echo(text if isinstance(text, str) else text())

    def table(self, data: Any, headers: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "") -> None:
        """Print the data as JSON, or the rows as a table."""
        if self.as_json:
            typer.echo(json.dumps(data, ensure_ascii=False, indent=2))
            return
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(title=Text(title) if title else None, title_justify="left", box=None, pad_edge=False)
        body = [[str(cell) for cell in row] for row in rows]
        for column, header in enumerate(headers):
            numeric = bool(body) and all(_is_number(row[column]) for row in body)
            table.add_column(header, justify="right" if numeric else "left", overflow="fold")
        for row in body:
            table.add_row(*(Text(cell) for cell in row))  # Text: what users typed is never markup
        Console(soft_wrap=not sys.stdout.isatty()).print(table)

    @contextmanager
    def bar(self, what: str) -> Generator[Callable[[int, int], None]]:
        """A progress bar on stderr, on a terminal only; the step takes (done, in all)."""
        if self.quiet or self.as_json or not sys.stderr.isatty():
            yield lambda done, total: self.heed()
            return
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task(what, total=None, visible=False)

            def step(done: int, total: int) -> None:
                self.heed()
                progress.update(task, completed=done, total=total, visible=True)

            yield step


def state_of(ctx: typer.Context, as_json: bool = False) -> State:
    """The state, with `--json` given after the verb taken in."""
    state: State = ctx.obj
    state.as_json = state.as_json or as_json
    return state


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "").replace("%", "").replace("+", ""))
    except ValueError:
        return cell in ("", "-")
    return True
