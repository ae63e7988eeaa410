"""The verb capacity: what a catalogue of a given size takes, in memory and on disk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from penchant.cli.state import JsonOption, state_of

if TYPE_CHECKING:
    from penchant.engine.capacity import Line


def register(app: typer.Typer) -> None:
    """Add this verb."""
    app.command()(capacity)


def capacity(
    ctx: typer.Context,
    users: Annotated[int, typer.Option(help="How many people.")],
    items: Annotated[int, typer.Option(help="How many items.")],
    events: Annotated[int, typer.Option(help="How many events, in all.")],
    base: Annotated[str, typer.Option(help="The domain.")] = "movies",
    settings: Annotated[Path | None, typer.Option(help="A TOML file of settings that differ.")] = None,
    nodes: Annotated[int, typer.Option(help="Nodes of the tree, categories included.")] = 256,
    categories: Annotated[int, typer.Option(help="Categories among them.")] = 16,
    statements: Annotated[int, typer.Option(help="What people said and edited that stands, in all.")] = 0,
    trained: Annotated[bool, typer.Option("--trained", help="With the sequence evidence trained.")] = False,
    as_json: JsonOption = False,
) -> None:
    """How much memory and disk a catalogue of this size takes. No catalogue is read or written.

    Example: penchant capacity --users 200000 --items 1000000 --events 100000000 --base shop
    """
    from penchant.config import Settings
    from penchant.engine.capacity import ITEM_CAP, USER_CAP
    from penchant.engine.capacity import capacity as reckon
    from penchant.language import open_encoder

    state = state_of(ctx, as_json)
    chosen = Settings.load(base, settings)
    bill = reckon(
        chosen, users=users, items=items, events=events, nodes=nodes, categories=categories,
        statements=statements, trained=trained,
        encoder_dim=open_encoder(chosen.encoder, threads=chosen.threads).dim,
    )  # fmt: skip
    if state.as_json:
        state.show(bill.to_dict(), "")
        return
    headers = ("", "count", "bytes each", "in all")
    state.table(None, headers, [*map(_row, bill.memory), ("in use", "", "", _size(bill.memory_bytes))], title="Memory")
    state.show(
        None,
        f"Arrays grow by doubling: up to {_size(bill.reserved_bytes)} may be reserved. Python, its libraries and the "
        "encoder come on top.\n",
    )
    state.table(None, headers, [*map(_row, bill.disk), ("in all", "", "", _size(bill.disk_bytes))], title="Disk")
    rows = bill.rows
    state.show(
        None,
        f"\na user takes {rows.user:,} of at most {USER_CAP:,} bytes, an item {rows.item:,} of at most {ITEM_CAP:,} "
        f"beside its vector of {rows.vector:,}",
    )


def _row(line: Line) -> tuple[object, ...]:
    return line.name, f"{line.count:,}", f"{line.each:,.0f}", _size(line.bytes)


def _size(count: int) -> str:
    """Bytes for people.

    >>> _size(999), _size(1_528_000), _size(4_659_102_477)
    ('999 B', '1.53 MB', '4.66 GB')
    """
    size, unit = float(count), "B"
    for larger in ("kB", "MB", "GB", "TB", "PB"):
        if size < 1000:
            break
        size, unit = size / 1000, larger
    return f"{count} B" if unit == "B" else f"{size:.3g} {unit}"
