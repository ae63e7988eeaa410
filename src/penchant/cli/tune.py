"""The verb tune: a search for settings on a validation window of the stream, or for those of `train language`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from penchant.cli.importing import (
    EventColumns,
    EventsOption,
    ItemColumns,
    ItemsOption,
    SourceArgument,
    Sources,
    open_sources,
    open_stream,
)
from penchant.cli.state import JsonOption, State, state_of
from penchant.errors import InvalidRecord

if TYPE_CHECKING:
    from penchant.evaluate.tuning import Found, Tried


def register(app: typer.Typer) -> None:
    """Add this verb."""
    app.command()(tune)


def tune(
    ctx: typer.Context,
    source: SourceArgument = None,
    item_file: ItemsOption = None,
    event_file: EventsOption = None,
    item_columns: ItemColumns = None,
    event_columns: EventColumns = None,
    base: Annotated[str, typer.Option(help="The domain to begin from.")] = "movies",
    settings: Annotated[Path | None, typer.Option(help="A TOML file of settings that differ, to begin from.")] = None,
    study: Annotated[Path, typer.Option(help="Keeps the trials; the same command goes on from it.")] = Path("tune.db"),
    trials: Annotated[int, typer.Option(help="How many in all, earlier ones included.")] = 50,
    timeout: Annotated[float | None, typer.Option(help="Begin no trial after so many seconds.")] = None,
    window: Annotated[
        tuple[float, float],
        typer.Option(help="Begin and end of what is measured; later events stay unseen."),
    ] = (0.6, 0.8),
    every: Annotated[int, typer.Option(help="Measure every so manieth event of the window.")] = 4,
    only: Annotated[
        list[str] | None, typer.Option(help="Settings to search, such as half_life.*; may be repeated.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the search.")] = 0,
    language: Annotated[
        Path | None, typer.Option(help="Search the settings of `train language` on these texts instead: CSV or JSONL.")
    ] = None,
    encoder: Annotated[Path | None, typer.Option(help="With --language: folder of the transformer.")] = None,
    dev: Annotated[Path | None, typer.Option(help="With --language: texts to measure on; else a share.")] = None,
    device: Annotated[str, typer.Option(help="With --language: auto, cpu or cuda.")] = "auto",
    threads: Annotated[int, typer.Option(min=1, help="With --language: processor threads.")] = 1,
    out: Annotated[Path | None, typer.Option(help="The best settings as TOML.", show_default="STUDY.toml")] = None,
    plot: Annotated[
        Path | None, typer.Option(help="What mattered and the course: .png, .svg or .html.", show_default="STUDY.png")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Search for settings that rank better on your data (extra: tune). Interrupted? The same command goes on.

    Every trial learns the stream anew with other settings and is measured in the window; poor ones are given up.

    Examples:

      penchant tune ml-100k/ --timeout 900
      penchant tune --items items.csv --events events.csv --base shop --only "half_life.*" --only "learn.*"
      penchant --db films.db init movies --settings tune.toml
      penchant tune --language said.csv --encoder models/minilm --study lora.db --trials 20
    """
    from penchant.evaluate.tuning.plot import check_target
    from penchant.evaluate.tuning.plot import plot as draw

    state = state_of(ctx, as_json)
    drawn = plot or study.with_suffix(".png")
    check_target(drawn)

    def told(trial: Tried, finished: int, best: bool) -> None:
        measure = "NDCG@10" if language is None else "accuracy"
        figure = "given up" if trial.pruned else f"{measure} {trial.score:.4f}{' (best)' if best else ''}"
        state.remark(f"{finished} of {max(trials, finished)}: {figure}, {trial.seconds:.0f} s")

    common: dict[str, Any] = {"trials": trials, "timeout": timeout, "seed": seed, "told": told}
    found: Found
    try:
        if language is not None:
            found = _search_language(state, language, encoder, dev, settings, only or (), study,
                                     device=device, threads=threads, **common)  # fmt: skip
        else:
            sources = open_sources(source, item_file, event_file, item_columns, event_columns)
            found = _search(state, sources, base, settings, only or (), study, window, every, **common)
    except KeyboardInterrupt:
        state.remark(f"{study} keeps the trials: the same command goes on")
        raise
    target = out or study.with_suffix(".toml")
    target.write_text(f"{found.toml()}\n", encoding="utf-8")
    draw(found, drawn)
    _tell(state, found, target, drawn)


def _search(
    state: State, sources: Sources, base: str, settings: Path | None, only: Sequence[str], study: Path,
    window: tuple[float, float], every: int, **common: Any,
) -> Found:  # fmt: skip
    """Of the engine's settings."""
    from penchant.config import Settings
    from penchant.evaluate.tuning import TuningData, knobs_of, tune

    start = Settings.load(base, settings)
    knobs = knobs_of(start, only)
    data = TuningData.of(*open_stream("tune", sources), window=window, every=every)
    with state.unhurried(), state.bar("trying") as step:
        return tune(data, start, knobs, study, progress=step, **common)


def _search_language(
    state: State, texts: Path, encoder: Path | None, dev: Path | None, settings: Path | None, only: Sequence[str],
    study: Path, **common: Any,
) -> Found:  # fmt: skip
    """Of the settings of `train language`."""
    from penchant.evaluate.tuning.language import language_knobs, tune_language
    from penchant.language.tuning import TuningSettings, read_examples

    if encoder is None:
        raise InvalidRecord("encoder", None, "name the folder of the transformer: --encoder models/minilm")
    start = TuningSettings.read(settings)
    held = None if dev is None else read_examples(dev)
    with state.unhurried(), state.bar("a trial") as step:
        return tune_language(encoder, read_examples(texts), start, language_knobs(start, only), study,
                             dev=held, progress=step, **common)  # fmt: skip


def _tell(state: State, found: Found, target: Path, drawn: Path) -> None:
    if state.as_json:
        state.show({**found.to_dict(), "settings": str(target), "plot": str(drawn)}, "")
        return
    rows = [_row(found.start, "began from"), *(_row(t, str(t.number)) for t in found.ranked[:5] if t != found.start)]
    state.table(None, ("trial", found.measure, "95 %", "more by", "95 %", "changed"), rows)
    most = ", ".join(f"{path} {share:.0%}" for path, share in list(found.importance.items())[:6])
    pruned = sum(trial.pruned for trial in found.trials)
    state.show(
        None,
        f"\n{found.name}: {len(found.trials)} trials, {pruned} of them given up, {found.measured:,} {found.of} each\n"
        f"{found.verdict()}\n" + (f"what mattered: {most}\n" if most else "") + f"settings: {target}, plot: {drawn}",
    )


def _row(trial: Tried, name: str) -> tuple[object, ...]:
    interval, gain = trial.interval, trial.gain if trial.values else None
    ends = "" if interval is None else f"{interval.low:.3f} to {interval.high:.3f}"
    more = ("", "") if gain is None else (f"{gain.mean:+.4f}", f"{gain.low:+.4f} to {gain.high:+.4f}")
    return name, f"{trial.score:.4f}", ends, *more, len(trial.values)
