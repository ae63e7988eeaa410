"""The verb train: evidence that is trained apart from the stream, and the language model."""

from __future__ import annotations

import time as clock
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from penchant.cli.state import JsonOption, state_of


def register(app: typer.Typer) -> None:
    """Add this verb."""
    train = typer.Typer(no_args_is_help=True, help="Train evidence or the language model (extra: train).")
    train.command()(sequence)
    train.command()(language)
    train.command()(light)
    train.command()(adapt)
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


def language(
    ctx: typer.Context,
    examples: Annotated[
        Path | None,
        typer.Argument(
            help="CSV or JSONL: text, category, dimension, intensity. Without: the catalogue's items, events."
        ),
    ] = None,
    encoder: Annotated[Path, typer.Option(help="Folder of the transformer that is tuned.")] = ...,  # pyright: ignore
    out: Annotated[Path, typer.Option(help="Folder of the tuned encoder; of its checkpoints until it is done.")] = ...,  # pyright: ignore
    method: Annotated[str | None, typer.Option(help="full, lora, prompt, prefix or head.")] = None,
    settings: Annotated[Path | None, typer.Option(help="TOML file of settings; options stand over it.")] = None,
    dev: Annotated[Path | None, typer.Option(help="Examples that stop it early; without: a share of them.")] = None,
    test: Annotated[Path | None, typer.Option(help="Examples of the last report; without: a share of them.")] = None,
    replay: Annotated[Path | None, typer.Option(help="What it was tuned on before: some of it is mixed in.")] = None,
    epochs: Annotated[int | None, typer.Option(help="At most so many passes.")] = None,
    batch: Annotated[int | None, typer.Option(help="Examples in a step, of all processes together.")] = None,
    rate: Annotated[float | None, typer.Option(help="Learning rate of the encoder's weights.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of all draws.")] = None,
    precision: Annotated[str | None, typer.Option(help="fp32, bf16, or fp16 (GPU).")] = None,
    device: Annotated[str, typer.Option(help="auto (a GPU where there is one), cpu or cuda.")] = "auto",
    threads: Annotated[int, typer.Option(min=1, help="Processor threads of each process.")] = 1,
    processes: Annotated[int, typer.Option(min=1, help="Processes, each with its own GPU where there are any.")] = 1,
    as_json: JsonOption = False,
) -> None:
    """Tune a language model on labelled texts, or on the catalogue; the same command goes on after an interruption.

    Examples: penchant train language said.csv --encoder models/minilm --out tuned,
    penchant --db shop.db train language --encoder models/minilm --out tuned --method lora
    """
    from penchant.language.tuning import Epoch, TuningSettings, read_examples, tune_encoder, tune_in_processes
    from penchant.language.tuning.pairs import examples_of

    state = state_of(ctx, as_json)
    over = {"method": method, "epochs": epochs, "batch": batch, "rate": rate, "seed": seed, "precision": precision}
    chosen = TuningSettings.read(settings, over)
    if examples is not None:
        given = read_examples(examples)
    else:
        with state.engine(reads=True) as engine:
            given = examples_of(engine.store.entries(types=["item", "event"]), engine.settings)

    def tell(epoch: Epoch) -> None:
        state.remark(
            f"epoch {epoch.number}: loss {epoch.loss:.4f}, dev accuracy: category {epoch.category:.4f}, "
            f"dimension {epoch.dimension:.4f}{' (best)' if epoch.best else ''}"
        )

    with state.unhurried(), state.bar("training") as step:
        common: dict[str, Any] = {
            "dev": None if dev is None else read_examples(dev), "test": None if test is None else read_examples(test),
            "replay": () if replay is None else read_examples(replay),
            "device": device, "threads": threads, "progress": tell, "step": step,
        }  # fmt: skip
        if processes > 1:
            found = tune_in_processes(processes, encoder, given, out, chosen, **common)
        else:
            found = tune_encoder(encoder, given, out, chosen, **common)
    report = found.test or found.dev
    if report is not None:
        headers = ("level", "label", "precision", "recall", "F1", "support")
        state.table(found.to_dict(), headers, report.rows(), title="test" if found.test else "dev")
    else:
        state.show(found.to_dict(), "")
    state.remark(
        f"{found.method}: {found.trained:,} of {found.weights:,} weights, {found.epochs} epochs, "
        f'{found.seconds:.0f} s; use it with encoder = "{found.encoder}" (penchant.reembed changes that of a catalogue)'
    )


def light(
    ctx: typer.Context,
    tuned: Annotated[Path, typer.Argument(help="Folder that train language left.")],
    examples: Annotated[Path, typer.Argument(help="CSV or JSONL: static is fitted to its texts.")],
    out: Annotated[Path, typer.Option(help="Folder of the light encoder.")] = ...,  # pyright: ignore
    kind: Annotated[str, typer.Option(help="int8 (ONNX, 8-bit weights) or static (a vector a token).")] = "int8",
    test: Annotated[Path | None, typer.Option(help="Examples that speed and loss are told on; without: those.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Make a tuned encoder light, and tell its speed and its loss; it opens as tuned:FOLDER, without PyTorch.

    Example: penchant train light tuned said.csv --kind static --test asked.csv --out light
    """
    from penchant.language.tuning import read_examples
    from penchant.language.tuning.light import compare, make_light

    state = state_of(ctx, as_json)
    given = read_examples(examples)
    make_light(tuned, out, cast("Any", kind), [example.text for example in given])
    found = compare([tuned, out], given if test is None else read_examples(test))
    headers = ("encoder", "category", "dimension", "texts/s", "texts/s in 64s", "MiB")
    rows = [
        (f.encoder, f"{f.category:.4f}", f"{f.dimension:.4f}", f"{f.texts_a_second:,.0f}",
         f"{f.batched_texts_a_second:,.0f}", f"{f.mebibytes:.1f}")
        for f in found
    ]  # fmt: skip
    state.table([f.to_dict() for f in found], headers, rows)


def adapt(
    ctx: typer.Context,
    encoder: Annotated[Path, typer.Option(help="Folder of the transformer.")] = ...,  # pyright: ignore
    out: Annotated[Path, typer.Option(help="Folder of the adapted one; of its checkpoints until it is done.")] = ...,  # pyright: ignore
    by: Annotated[str, typer.Option(help="words (masked texts) or behaviour (items engaged with in a row).")] = "words",
    epochs: Annotated[int | None, typer.Option(help="Passes.")] = None,
    batch: Annotated[int | None, typer.Option(help="Texts or pairs in a step.")] = None,
    rate: Annotated[float | None, typer.Option(help="Learning rate.")] = None,
    device: Annotated[str, typer.Option(help="auto (a GPU where there is one), cpu or cuda.")] = "auto",
    threads: Annotated[int, typer.Option(min=1, help="Processor threads.")] = 1,
    as_json: JsonOption = False,
) -> None:
    """Bring an encoder nearer to the catalogue without labels; it opens as st:FOLDER, and train language goes on.

    Example: penchant --db shop.db train adapt --encoder models/minilm --by behaviour --out adapted
    """
    from penchant.errors import InvalidRecord
    from penchant.language.tuning.adapting import AdaptingSettings, adapt_encoder, pairs_of, texts_of

    state = state_of(ctx, as_json)
    if by not in ("words", "behaviour"):
        raise InvalidRecord("by", by, "give words or behaviour")
    settings = AdaptingSettings.read({"epochs": epochs, "batch": batch, "rate": rate})
    with state.engine(reads=True) as engine:
        entries = engine.store.entries(types=["item", "event"])
        given = texts_of(entries) if by == "words" else pairs_of(entries, engine.settings)
    with state.unhurried(), state.bar("adapting") as step:
        found = adapt_encoder(
            encoder, given, out, settings, device=cast("Any", device), threads=threads, step=step,
            progress=lambda epoch, loss: state.remark(f"epoch {epoch}: loss {loss:.4f}"),
        )  # fmt: skip
    state.show(
        found.to_dict(), f"{len(given):,} {'texts' if by == 'words' else 'pairs'}: use it with st:{found.folder}"
    )


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
