"""The verb versions: what changed the model other than events, what differs, and going back."""

from __future__ import annotations

import time as clock
from typing import Annotated, Any

import typer

from penchant.cli.state import JsonOption, state_of

VersionArgument = Annotated[int, typer.Argument(help="A version; versions list shows those that changed something.")]


def register(app: typer.Typer) -> None:
    """Add this verb."""
    versions = typer.Typer(no_args_is_help=True, help="What the model was: list, compare, roll back.")
    versions.command("list")(listed)
    versions.command()(diff)
    versions.command()(rollback)
    app.add_typer(versions, name="versions")


def listed(
    ctx: typer.Context,
    n: Annotated[int, typer.Option("-n", min=1, help="How many, the newest of them.")] = 50,
    as_json: JsonOption = False,
) -> None:
    """What changed the model other than events, oldest first: settings, encoder, fits, trainings, roll backs, restores.

    Example: penchant versions list
    """
    state = state_of(ctx, as_json)
    with state.engine(reads=True) as engine:
        found = engine.versions()[-n:]
    rows = [
        (one.version, clock.strftime("%Y-%m-%d %H:%M", clock.gmtime(one.time)), one.what, one.summary) for one in found
    ]
    state.table([one.to_dict() for one in found], ("version", "at (UTC)", "what", "change"), rows)


def diff(
    ctx: typer.Context,
    before: VersionArgument,
    after: Annotated[int | None, typer.Argument(help="Another version; as it is now without.")] = None,
    weights: Annotated[
        bool, typer.Option("--weights", help="The weights too: replays the log for those of an older version.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """What differs between the model at two versions: settings, encoder, trainings in use, counts.

    Examples: penchant versions diff 12, penchant versions diff 12 4711 --weights
    """
    state = state_of(ctx, as_json)
    with state.engine(reads=True) as engine, state.bar("replaying") as step:
        found = engine.diff(before, after, weights=weights, progress=step)
    rows = [(what, one.name, _cell(one.before), _cell(one.after)) for what, one in found.rows()]
    headers = ("what", "name", f"version {found.before}", f"version {found.after}")
    state.table(found.to_dict(), headers, rows)


def rollback(ctx: typer.Context, version: VersionArgument, as_json: JsonOption = False) -> None:
    """Settings, encoder and trainings become those of a version; events since then stay. It can be rolled back.

    Example: penchant versions rollback 12
    """
    state = state_of(ctx, as_json)
    with state.engine() as engine, state.bar("rolling back") as step:
        done = engine.roll_back(version, progress=step)
        summary = engine.versions()[-1].summary if done.accepted else f"all is as it was at version {version}"
    changed = bool(done.accepted)
    state.show({"version": done.version, "changed": changed, "summary": summary}, f"{summary} (version {done.version})")


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
