"""The verb evaluate: a protocol on a data set, beside simple peers and whatever was measured elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from penchant.cli.importing import (
    EventColumns,
    EventsOption,
    ItemColumns,
    ItemsOption,
    SourceArgument,
    open_sources,
    open_stream,
)
from penchant.cli.state import JsonOption, state_of
from penchant.errors import InvalidRecord

if TYPE_CHECKING:
    from penchant.evaluate import Report

TaskOption = Annotated[
    Path | None, typer.Option("--task", help="Write what methods elsewhere need to be measured beside, and stop.")
]
RanksOption = Annotated[Path | None, typer.Option("--ranks", help="Write our ranks, for another run's --beside.")]
TrainOption = Annotated[
    list[float] | None,
    typer.Option("--train", help="Train `sequence` after this share of the events; may be given many times."),
]
HtmlOption = Annotated[Path | None, typer.Option("--html", help="Write a page with plots of every method.")]
BesideOption = Annotated[
    list[Path] | None, typer.Option("--beside", help="Ranks of a method that ran elsewhere; may be given many times.")
]


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
    protocol: Annotated[str, typer.Option(help="prequential, leave-one-out or time-split.")] = "prequential",
    cut: Annotated[float, typer.Option(help="Share learned before anything is measured.")] = 0.8,
    until: Annotated[float, typer.Option(help="Share used at all: pick settings with --cut 0.6 --until 0.8.")] = 1.0,
    target: Annotated[str, typer.Option(help="leave-one-out: test, or validation to pick settings.")] = "test",
    every: Annotated[int, typer.Option(help="Measure every so manieth of what can be predicted.")] = 1,
    k: Annotated[int, typer.Option(help="Of HR@k, NDCG@k and what is shown in the first k.")] = 10,
    peers: Annotated[bool, typer.Option(help="Run popularity and item-kNN too.")] = True,
    train: TrainOption = None,
    task_file: TaskOption = None,
    ranks_file: RanksOption = None,
    beside: BesideOption = None,
    html: HtmlOption = None,
    as_json: JsonOption = False,
) -> None:
    """First predict, then learn: HR, NDCG, MRR over all items, levels, certainty; beside popularity and item-kNN.

    All that was learned is thrown away at the end; no catalogue is read or written.

    Examples:

      penchant evaluate demo --every 4
      penchant evaluate --items items.csv --events events.csv --base shop --html report.html
      penchant evaluate ml-100k/ --train 0.8 --train 0.9
      penchant evaluate beauty/ --base shop --protocol leave-one-out --beside sasrec.npz
    """
    from penchant.engine import Engine
    from penchant.evaluate import Ranks, Tick, in_order, measure, plan, simple_peers
    from penchant.evaluate.page import write_page

    state = state_of(ctx, as_json)
    _foresee((html, ranks_file, task_file), beside or ())
    sources = open_sources(source, item_file, event_file, item_columns, event_columns)
    name, items, events = open_stream("evaluate", sources)
    options: dict[str, Any] = {"target": target, "cut": cut, "until": until, "every": every, "name": name}
    with state.unhurried(), Engine.open(":memory:", base, settings) as engine:
        plan(engine, [], cast(Any, protocol), **options)  # what can't be asked is told before the long work
        with state.bar("embedding items") as step:
            engine.add_items(items, progress=step)
        asked = plan(engine, in_order(events), cast(Any, protocol), **options)
        if task_file is not None:
            asked.task.write(task_file)
            told = {"task": asked.task.id, "file": str(task_file), "predictions": len(asked.task.predicted)}
            state.show(told, f"{task_file}: {told['predictions']:,} predictions; answers to it go to --beside")
            return
        others = [Ranks.read(path, asked.task) for path in beside or ()]
        with state.bar("predicting and learning") as step:

            def tick(now: Tick) -> None:
                step(now.done, now.total)

            count = len(asked.task.items)
            report = measure(
                engine, asked, simple_peers(count) if peers else (), beside=others, k=k, train=train or (),
                progress=tick,
            )  # fmt: skip
    if ranks_file is not None:
        report.answer(asked.task).write(ranks_file)
    where = ""
    if html is not None:
        write_page(report, html)
        where = f"\n\nthe plots are in {html}"
    state.show(report.to_dict(), f"{_head(report, count)}\n\n{report}{where}")


def _foresee(written: Sequence[Path | None], read: Sequence[Path]) -> None:
    """What would stop it at the end of long work stops it at once."""
    for path in written:
        if path is not None and not path.parent.is_dir():
            raise InvalidRecord("evaluate", str(path), "name a file in a folder that exists")
    for path in read:
        if not path.is_file():
            raise InvalidRecord("evaluate.beside", str(path), "give a file that --ranks or another method wrote")
    if written[0] is not None:
        from penchant.evaluate.plots import need

        need()


def _head(report: Report, items: int) -> str:
    """What was measured, in a sentence."""
    left = f"; {report.unknown:,} events of unknown items left out" if report.unknown else ""
    return (
        f"{report.name}, {report.protocol}: {report.measured:,} predictions over {items:,} items, "
        f"{report.events:,} events learned, {report.seconds:.0f} s in all{left}"
    )
