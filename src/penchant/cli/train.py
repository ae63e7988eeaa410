"""The verb train: evidence that is trained apart from the stream."""

from __future__ import annotations

import time as clock
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from penchant.cli.state import JsonOption, state_of


def register(app: typer.Typer) -> None:
    """Add this verb."""
    train = typer.Typer(no_args_is_help=True, help="Train evidence on the log (extra: train).")
    train.command()(sequence)
    train.command("list")(versions)
    app.add_typer(train, name="train")


def sequence(
    ctx: typer.Context,
    device: Annotated[str, typer.Option(help="auto (a GPU where there is one), cpu or cuda.")] = "auto",
    epochs: Annotated[int | None, typer.Option(help="At most so many passes.")] = None,
    dim: Annotated[int | None, typer.Option(help="Width of the item and state vectors.")] = None,
    batch: Annotated[int | None, typer.Option(help="Windows of 32 events in a step.")] = None,
    rate: Annotated[float | None, typer.Option(help="Learning rate.")] = None,
    checkpoint: Annotated[
        Path | None, typer.Option(help="Written after every epoch; the same training goes on from it.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Train the sequence model on what people did so far; it counts from the next request on.

    Examples: penchant train sequence, penchant train sequence --device cuda --checkpoint sequence.npz
    """
    from penchant.interest.sequence.settings import SequenceSettings
    from penchant.interest.sequence.training import Device, Epoch

    state = state_of(ctx, as_json)
    options: dict[str, Any] = {"epochs": epochs, "dim": dim, "batch": batch, "rate": rate}
    began = clock.perf_counter()
    with state.engine() as engine, state.bar("training") as step:
        most = SequenceSettings.read(engine.settings.options.get("sequence", {}), options).epochs

        def tell(epoch: Epoch) -> None:
            step(epoch.number, most)
            state.remark(
                f"epoch {epoch.number}: loss {epoch.loss:.4f}, HR@10 {epoch.hr10:.4f}, MRR {epoch.mrr:.4f}"
                f"{' (best)' if epoch.best else ''}"
            )

        found = engine.train_sequence(
            device=cast("Device", device), checkpoint=checkpoint, progress=tell, **options
        )  # fmt: skip
    took = clock.perf_counter() - began
    mrr = "" if found.mrr is None else f", MRR {found.mrr:.4f} on held-out events"
    text = f"version {found.version}: {found.items:,} items, {found.epochs} epochs in {took:.0f} s{mrr}"
    state.show({**asdict(found), "seconds": round(took, 1)}, text)


def versions(ctx: typer.Context, as_json: JsonOption = False) -> None:
    """What was trained, oldest first; the last one is in use.

    Example: penchant train list
    """
    state = state_of(ctx, as_json)
    with state.engine(reads=True) as engine:
        found = engine.trained()
    rows = [
        (t.version, t.evidence, clock.strftime("%Y-%m-%d %H:%M", clock.gmtime(t.at)), f"{t.seen_until:,}",
         f"{t.items:,}", t.epochs, "" if t.mrr is None else f"{t.mrr:.4f}")
        for t in found
    ]  # fmt: skip
    headers = ("version", "evidence", "at (UTC)", "seen until", "items", "epochs", "MRR")
    state.table([asdict(t) for t in found], headers, rows)
