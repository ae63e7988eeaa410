"""The verb evaluate: the streaming protocol on a data set, beside simple peers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from penchant.cli.state import JsonOption, state_of
from penchant.errors import InvalidRecord


def register(app: typer.Typer) -> None:
    """Add this verb."""
    app.command()(evaluate)


def evaluate(
    ctx: typer.Context,
    source: Annotated[str, typer.Argument(help="A known data set (a folder or file), or demo.")],
    base: Annotated[str, typer.Option(help="The domain.")] = "movies",
    settings: Annotated[Path | None, typer.Option(help="A TOML file of settings that differ.")] = None,
    cut: Annotated[float, typer.Option(help="Share learned before anything is measured.")] = 0.8,
    every: Annotated[int, typer.Option(help="Measure every so manieth of the later events.")] = 1,
    as_json: JsonOption = False,
) -> None:
    """First predict, then learn: HR@10, NDCG@10 and MRR over all items, beside popularity and item-kNN.

    Example: penchant evaluate demo --every 4
    """
    from penchant.data import open_dataset
    from penchant.engine import Engine
    from penchant.evaluate import ItemKNN, Popularity, Tick, prequential

    state = state_of(ctx, as_json)
    if not 0 <= cut < 1 or every < 1:
        raise InvalidRecord("evaluate", (cut, every), "give --cut in [0, 1) and --every of at least 1")
    dataset = open_dataset(source)
    with Engine.open(":memory:", base, settings) as engine:
        with state.bar("embedding items") as step:
            engine.add_items(dataset.items, progress=step)
        count = len(engine.model.world.catalogue)
        with state.bar("predicting and learning") as step:

            def tick(now: Tick) -> None:
                step(now.done, now.total)

            report = prequential(
                engine, list(dataset.events), [Popularity(count), ItemKNN(count), ItemKNN(count, None)],
                cut=cut, every=every, name=dataset.name, progress=tick,
            )  # fmt: skip
    rows = [
        (method, *(f"{report.row(method)[m]:.4f}" for m in ("hr@10", "ndcg@10", "mrr")),
         f"{report.row(method, True)['ndcg@10']:.4f}", f"{report.row(method, False)['ndcg@10']:.4f}")
        for method in report.ranks
    ]  # fmt: skip
    headers = ("method", "HR@10", "NDCG@10", "MRR", "NDCG@10 warm", "NDCG@10 new users")
    title = f"{dataset.name}: {report.measured:,} predictions over {count:,} items, {report.seconds:.0f} s in all"
    state.table(report.to_dict(), headers, rows, title=title)
