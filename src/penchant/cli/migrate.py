"""The verb migrate-store: from SQLite to PostgreSQL, and back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Annotated

import typer

from penchant.cli.state import JsonOption, State, state_of


def register(app: typer.Typer) -> None:
    """Add this verb."""
    app.command("migrate-store")(migrate_store)


def migrate_store(
    ctx: typer.Context,
    source: Annotated[str, typer.Argument(metavar="FROM", help="The catalogue: a file or a PostgreSQL URL.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="A file or URL with no catalogue in it yet.")],
    replay: Annotated[
        bool, typer.Option("--replay/--no-replay", help="Replay both logs and compare the states, bit for bit.")
    ] = True,
    as_json: JsonOption = False,
) -> None:
    """Copy a catalogue from one database to the other and verify the copy. FROM stays as it was.

    The password is best left out of the URL: PGPASSWORD and ~/.pgpass are read.

    Example: penchant migrate-store shop.db "postgresql://penchant@db.example.org/shops?catalogue=shop"
    """
    from penchant.engine.moving import migrate_store as move

    state = state_of(ctx, as_json)
    with state.unhurried(), ExitStack() as bars:
        moved = move(source, target, replay=replay, progress=_stages(state, bars))
    told = "not replayed" if moved.version is None else f"both replay to version {moved.version:,}, bit for bit"
    state.show(
        moved.to_dict(), f"{moved.target}: {moved.entries:,} entries, the same log ({moved.digest[:12]}), {told}"
    )


def _stages(state: State, bars: ExitStack) -> Callable[[str, int, int], None]:
    """A progress bar a stage, one after the other."""
    stage: list[str] = []
    bar: list[Callable[[int, int], None]] = []

    def step(what: str, done: int, total: int) -> None:
        if stage != [what]:
            bars.close()
            stage[:] = [what]
            bar[:] = [bars.enter_context(state.bar(what))]
        bar[0](done, total)

    return step
