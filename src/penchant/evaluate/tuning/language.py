"""The search for settings of a language model's training: each trial tunes it anew, and is given up early where poor.

A trial is scored by the share of held-out texts whose category, and dimension where it has one, are told right.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import time as clock
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from penchant.errors import InvalidRecord, Refused
from penchant.evaluate.tuning.knobs import Knob, matching
from penchant.evaluate.tuning.report import Found, Tried, differing
from penchant.evaluate.tuning.study import (
    check,
    check_bounds,
    finished,
    importance,
    open_study,
    queue,
    start_of,
    suggest,
    take_up,
)
from penchant.language.tuning import Epoch, Example, TuningSettings, tune_encoder
from penchant.language.tuning.encoder import TunedEncoder
from penchant.language.tuning.examples import split
from penchant.language.tuning.source import folder_of, mark_of
from penchant.metrics import by_user_interval

if TYPE_CHECKING:
    import optuna

PATIENCE = 1  # epochs, before a trial may be given up
_AROUND = {"rate": 8.0, "head_rate": 8.0, "decay": 10.0}  # how many times more or less than where the search begins
_SHARES = {"warmup": 0.3, "smoothing": 0.3, "category_weight": 1.0}  # from 0
_AMONG: dict[str, tuple[int, ...]] = {"batch": (16, 32, 64)}
_OWN: dict[str, dict[str, tuple[int, ...]]] = {
    "lora": {"lora.rank": (4, 8, 12, 16, 32)},
    "prompt": {"prompt.vectors": (8, 16, 32, 64)},
    "prefix": {"prefix.vectors": (8, 16, 32, 64)},
}


@dataclass(frozen=True, slots=True)
class TunedLanguage(Found):
    """A search for settings of a language model's training.

    Attributes:
        settings: the best ones.
    """

    measure = "accuracy"
    where = "on held-out texts"
    of = "texts"
    settings: TuningSettings

    def toml(self) -> str:
        """The best settings as a file that `penchant train language --settings` takes."""
        import tomli_w

        return f"{self.head()}\n{tomli_w.dumps(differing(self.settings.model_dump(), TuningSettings().model_dump()))}"


def language_knobs(settings: TuningSettings, only: Sequence[str] = ()) -> list[Knob]:
    """The search space around these settings: what its method uses.

    Args:
        only: patterns; a knob whose path matches one of them is searched; none: all.

    Raises:
        ConfigError: a pattern that no knob matches.

    >>> [knob.path for knob in language_knobs(TuningSettings.read({"method": "lora"}), ["*rate", "lora.*"])]
    ['rate', 'head_rate', 'lora.rank']
    """
    found: list[Knob] = []
    for path, times in _AROUND.items():
        value = settings.encoder_rate if path == "rate" else float(getattr(settings, path))
        if value > 0 and not (path == "rate" and settings.method == "head"):
            found.append(Knob(path, "log", value / times, min(value * times, 0.9), value))
    found += [
        Knob(path, "linear", 0.0, max(most, getattr(settings, path)), getattr(settings, path))
        for path, most in _SHARES.items()
    ]
    for path, values in (_AMONG | _OWN.get(settings.method, {})).items():
        table, _, name = path.rpartition(".")
        value = int(getattr(getattr(settings, table) if table else settings, name))
        choices = tuple(sorted({*values, value}))
        found.append(Knob(path, "choice", choices[0], choices[-1], value, choices))
    return matching(found, only)


def tune_language(
    encoder: str | Path, examples: Sequence[Example], settings: TuningSettings, knobs: Sequence[Knob],
    study: str | Path, *, dev: Sequence[Example] | None = None, trials: int = 20, timeout: float | None = None,
    seed: int = 0, device: Any = "auto", threads: int = 1, progress: Callable[[int, int], None] | None = None,
    told: Callable[[Tried, int, bool], None] | None = None,
) -> TunedLanguage:  # fmt: skip
    """Search these knobs for the best accuracy on held-out texts.

    Whatever ends it, what was measured is kept; the same call goes on from there.

    Args:
        encoder: folder of a transformer. examples: what each trial is trained on.
        settings: to begin from. knobs: see `language_knobs`.
        study: SQLite file that keeps the trials, one process at a time.
        dev: what a trial is measured on; without, a share of the examples (settings.dev).
        trials: finished trials to end with, those of earlier calls included.
        timeout: seconds after which no further trial begins.
        seed: of the search; that of the training is in the settings and the same for all trials.
        progress: called with (steps done in a trial, of it in all).
        told: called with each finished trial, how many there are now, and whether it is the best so far.

    Raises:
        MissingExtra, InvalidRecord, EncoderFailed, Refused: as `tune_encoder`; no text is held out.
        ConfigError, StoreBusy, StoreError: as `tune`.
    """
    check_bounds(trials, timeout, knobs)
    place = folder_of(encoder)
    train, own, _ = split(examples, [settings.dev if dev is None else 0.0, 0.0], settings.seed)
    held = own if dev is None else list(dev)
    if not held:
        raise Refused(
            "no text is held out, so nothing tells which settings are better", fix="give dev texts or a share"
        )
    is_of = {"texts": _digest(train, held), "encoder": mark_of(place), "settings": settings.model_dump()}
    with open_study(Path(study), seed, PATIENCE) as found:
        check(found, is_of, knobs, Path(study))
        take_up(found)
        search = _Search(found, place, train, held, settings, knobs, device, threads, progress)
        began = clock.monotonic()
        while (done := len(finished(found))) < trials and (timeout is None or clock.monotonic() - began < timeout):
            queue(found, knobs, seed)
            tried = search.next()
            if told is not None:
                told(tried, done + 1, not tried.pruned and found.best_trial.number == tried.number)
        return search.result(place.name)


class _Search:
    """One call of `tune_language`."""

    def __init__(
        self, study: optuna.Study, encoder: Path, train: list[Example], held: list[Example], settings: TuningSettings,
        knobs: Sequence[Knob], device: Any, threads: int, progress: Callable[[int, int], None] | None,
    ) -> None:  # fmt: skip
        self.study, self.encoder, self.train, self.held, self.settings = study, encoder, train, held, settings
        self.knobs, self.device, self.threads, self.progress = knobs, device, threads, progress

    def next(self) -> Tried:
        """One trial."""
        import optuna

        trial = self.study.ask()
        values = {knob.path: knob.value(suggest(trial, knob)) for knob in self.knobs}
        changed = {knob.path: values[knob.path] for knob in self.knobs if values[knob.path] != knob.default}
        trial.set_user_attr("values", changed)
        prunes, began = start_of(self.study) is not None, clock.perf_counter()

        def watch(epoch: Epoch) -> None:
            trial.report(epoch.dimension or epoch.category, epoch.number)
            if prunes and trial.should_prune():
                raise optuna.TrialPruned

        try:
            hits = self._hits(with_settings(self.settings, changed), watch)
        except optuna.TrialPruned:
            trial.set_user_attr("seconds", clock.perf_counter() - began)
            self.study.tell(trial, state=optuna.trial.TrialState.PRUNED)
        else:
            trial.set_user_attr("seconds", clock.perf_counter() - began)
            trial.set_user_attr("hits", "".join("1" if hit else "0" for hit in hits))
            self.study.tell(trial, float(np.mean(hits)))
        return self._tried(self.study.trials[trial.number])

    def _hits(self, settings: TuningSettings, watch: Callable[[Epoch], None]) -> list[bool]:
        """Of each held-out text, whether it is told right by an encoder tuned so."""
        with tempfile.TemporaryDirectory() as folder:
            found = tune_encoder(
                self.encoder, self.train, folder, settings, dev=self.held, test=[], device=self.device,
                threads=self.threads, progress=watch, step=self.progress,
            )  # fmt: skip
            said = TunedEncoder(found.folder, threads=self.threads).say([example.text for example in self.held])
        return [
            one.category == example.category and example.dimension in (None, one.dimension)
            for one, example in zip(said, self.held, strict=True)
        ]

    def _tried(self, trial: optuna.trial.FrozenTrial, start: str | None = None) -> Tried:
        attrs: Mapping[str, Any] = trial.user_attrs
        packed: str | None = attrs.get("hits")
        interval = gain = None
        if packed is not None:
            hits, rows = np.array(list(packed), np.float64), list(map(str, range(len(packed))))
            interval = by_user_interval(hits, rows)
            gain = None if start is None else by_user_interval(hits - np.array(list(start), np.float64), rows)
        return Tried(
            trial.number, float(trial.value or 0.0), packed is None, dict(attrs["values"]), float(attrs["seconds"]),
            interval, gain,
        )  # fmt: skip

    def result(self, name: str) -> TunedLanguage:
        """What was found so far.

        Raises:
            InvalidRecord: nothing was measured yet.
        """
        first = start_of(self.study)
        if first is None:
            raise InvalidRecord("tune.timeout", 0, "give time for at least one trial")
        start = first.user_attrs["hits"]
        others = [trial for trial in finished(self.study) if trial.number != first.number]
        trials = tuple(self._tried(trial, start) for trial in [first, *others])
        best = max(trials, key=lambda trial: (not trial.pruned, trial.score, -trial.number))
        return TunedLanguage(
            name, len(start), trials, importance(self.study), with_settings(self.settings, best.values)
        )


def with_settings(settings: TuningSettings, values: Mapping[str, float]) -> TuningSettings:
    """The settings with these values, by path.

    >>> with_settings(TuningSettings(), {"lora.rank": 8, "batch": 16}).lora.rank
    8
    """
    tables: dict[str, Any] = {}
    for path, value in values.items():
        table, _, name = path.rpartition(".")
        (tables.setdefault(table, {}) if table else tables)[name] = value
    return TuningSettings.read(settings.model_dump(), tables)


def _digest(*parts: Sequence[Example]) -> str:
    told = json.dumps([[asdict(example) for example in part] for part in parts], sort_keys=True)
    return hashlib.blake2b(told.encode(), digest_size=16).hexdigest()
