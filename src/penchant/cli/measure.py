"""The verb evaluate: the streaming protocol on a data set, beside simple peers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from penchant.cli.importing import (
    EventColumns,
    EventsOption,
    ItemColumns,
    ItemsOption,
    SourceArgument,
    open_sources,
)
from penchant.cli.state import JsonOption, state_of
from penchant.errors import InvalidRecord


def register(app: typer.Typer) -> None:
    """Add this verb."""
    app.command()(evaluate)


def evaluate(
    ctx: typer.Context,
    source: SourceArgument = None,
    item_file: ItemsOption = None,
    event_file: EventsOption = None,
    item_columns: ItemColumns = None,
    event_columns: EventColumns = None,
    base: Annotated[str, typer.Option(help="The domain.")] = "movies",
    settings: Annotated[Path | None, typer.Option(help="A TOML file of settings that differ.")] = None,
    cut: Annotated[float, typer.Option(help="Share learned before anything is measured.")] = 0.8,
    every: Annotated[int, typer.Option(help="Measure every so manieth of the later events.")] = 1,
    as_json: JsonOption = False,
) -> None:
    """First predict, then learn: HR@10, NDCG@10 and MRR over all items, beside popularity and item-kNN.

    All that was learned is thrown away at the end; no catalogue is read or written.

    Examples:

      penchant evaluate demo --every 4
      penchant evaluate --items items.csv --events events.csv --base shop
    """
    from penchant.engine import Engine
    from penchant.evaluate import Tick, prequential, simple_peers

    state = state_of(ctx, as_json)
    if not 0 <= cut < 1 or every < 1:
        raise InvalidRecord("evaluate", (cut, every), "give --cut in [0, 1) and --every of at least 1")
    sources = open_sources(source, item_file, event_file, item_columns, event_columns)
    if sources.items is None or sources.events is None:
        raise InvalidRecord("evaluate", None, "give a data set, or both --items and --events")
    with state.unhurried(), Engine.open(":memory:", base, settings) as engine:
        with state.bar("embedding items") as step:
            engine.add_items(sources.items, progress=step)
        count = len(engine.model.world.catalogue)
        events = sorted(sources.events, key=lambda e: (e.time, e.user) if e.time is not None else (0.0, ""))
        with state.bar("predicting and learning") as step:

            def tick(now: Tick) -> None:
                step(now.done, now.total)

            report = prequential(
                engine, events, simple_peers(count), cut=cut, every=every, name=sources.name, progress=tick
            )
    left = f"; {report.unknown:,} events of unknown items left out" if report.unknown else ""
    state.show(
        report.to_dict(),
        f"{report.name}: {report.measured:,} predictions over {count:,} items, {report.events:,} events learned, "
        f"{report.seconds:.0f} s in all{left}\n\n{report}",
    )
