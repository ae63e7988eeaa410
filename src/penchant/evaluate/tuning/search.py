"""The search for settings that rank better: each trial learns the stream anew, poor ones are given up."""

from __future__ import annotations

import time as clock
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from penchant.config import Settings
from penchant.errors import InvalidRecord
from penchant.evaluate.prequential import Tick
from penchant.evaluate.tuning.data import Kept, TuningData
from penchant.evaluate.tuning.gains import gains_of, pack_ranks
from penchant.evaluate.tuning.knobs import Knob, with_values
from penchant.evaluate.tuning.report import Tried, Tuned
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
from penchant.language.encoder import Encoder, open_encoder
from penchant.metrics import by_user_interval

if TYPE_CHECKING:
    import optuna

STEPS = 20  # looks at a trial on its way through the window
PATIENCE = 5  # of these looks, before a trial may be given up

Progress = Callable[[int, int], None]


def tune(
    data: TuningData,
    settings: Settings,
    knobs: Sequence[Knob],
    study: str | Path,
    *,
    trials: int = 50,
    timeout: float | None = None,
    seed: int = 0,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
    told: Callable[[Tried, int, bool], None] | None = None,
) -> Tuned:
    """Search these knobs for the best NDCG@10 in the data's window.

    Whatever ends it, what was measured is kept; the same call goes on from there.

    Args:
        settings: to begin from.
        study: SQLite file that keeps the trials, one process at a time.
        trials: finished trials to end with, those of earlier calls included.
        timeout: seconds after which no further trial begins.
        seed: of the search; the engine's own is in the settings and the same for all trials.
        encoder: None: the one the settings name.
        progress: called with (events done, of all trials).
        told: called with each finished trial, how many there are now, and whether it is the best so far.

    Raises:
        MissingExtra: Optuna is not installed.
        ConfigError: the study is of other data, settings, knobs or window.
        StoreBusy: another process searches in this study.
        StoreError: the file can't be used.
        InvalidRecord: trials or timeout out of range.
    """
    check_bounds(trials, timeout, knobs)
    encoder = Kept(encoder or open_encoder(settings.encoder, threads=settings.threads))
    is_of = {"data or window": data.digest, "encoder": encoder.id, "settings": settings.model_dump(mode="json")}
    with open_study(Path(study), seed, PATIENCE) as found:
        check(found, is_of, knobs, Path(study))
        take_up(found)
        search = _Search(found, data, settings, knobs, encoder, trials, progress, told)
        began = clock.monotonic()
        while search.finished < trials and (timeout is None or clock.monotonic() - began < timeout):
            queue(found, knobs, seed)
            search.next()
        return search.result()


class _Search:
    """One call of `tune`."""

    def __init__(
        self, study: optuna.Study, data: TuningData, settings: Settings, knobs: Sequence[Knob], encoder: Encoder,
        wanted: int, progress: Progress | None, told: Callable[[Tried, int, bool], None] | None,
    ) -> None:  # fmt: skip
        self.study, self.data, self.settings, self.knobs, self.encoder = study, data, settings, knobs, encoder
        self.wanted, self.progress, self.told = wanted, progress, told
        self.defaults = {knob.path: knob.default for knob in knobs}
        self.finished = len(finished(self.study))

    def next(self) -> None:
        """One trial."""
        import optuna

        trial = self.study.ask()
        values = {knob.path: knob.value(suggest(trial, knob)) for knob in self.knobs}
        trial.set_user_attr("values", {path: v for path, v in values.items() if v != self.defaults[path]})
        began = clock.perf_counter()
        watch = _Watch(trial, self.data, self._progress, prunes=start_of(self.study) is not None)
        try:
            report = self.data.measure(with_values(self.settings, values), self.encoder, watch)
        except optuna.TrialPruned:
            trial.set_user_attr("seconds", clock.perf_counter() - began)
            self.study.tell(trial, state=optuna.trial.TrialState.PRUNED)
        else:
            if not report.measured:
                raise InvalidRecord("tune.window", "these events", "nothing in it can be predicted; widen it")
            trial.set_user_attr("seconds", clock.perf_counter() - began)
            trial.set_user_attr("ranks", pack_ranks(report.ranks["penchant"]))
            if "users" not in self.study.user_attrs:
                codes = {user: code for code, user in enumerate(dict.fromkeys(report.users))}
                self.study.set_user_attr("users", [codes[user] for user in report.users])
            self.study.tell(trial, report.row("penchant")["ndcg@10"])
        self.finished += 1
        if self.told is not None:
            done = self._tried(self.study.trials[trial.number])
            self.told(done, self.finished, not done.pruned and self.study.best_trial.number == trial.number)

    def _progress(self, events: int) -> None:
        if self.progress is not None:
            whole = len(self.data.events)
            self.progress(self.finished * whole + events, max(self.wanted, self.finished + 1) * whole)

    def _tried(self, trial: optuna.trial.FrozenTrial, start: str | None = None) -> Tried:
        attrs: Mapping[str, Any] = trial.user_attrs
        packed: str | None = attrs.get("ranks")
        interval = gain = None
        if packed is not None:
            gains, users = gains_of(packed), list(map(str, self.study.user_attrs["users"]))
            interval = by_user_interval(gains, users)
            gain = None if start is None else by_user_interval(gains - gains_of(start), users)
        return Tried(
            trial.number, float(trial.value or 0.0), packed is None, dict(attrs["values"]), float(attrs["seconds"]),
            interval, gain,
        )  # fmt: skip

    def result(self) -> Tuned:
        """What was found so far.

        Raises:
            InvalidRecord: nothing was measured yet.
        """
        first = start_of(self.study)
        if first is None:
            raise InvalidRecord("tune.timeout", 0, "give time for at least one trial")
        start = first.user_attrs["ranks"]
        others = [trial for trial in finished(self.study) if trial.number != first.number]
        trials = tuple(self._tried(trial, start) for trial in [first, *others])
        best = max(trials, key=lambda trial: (not trial.pruned, trial.score, -trial.number))
        return Tuned(
            self.data.name, len(start), trials, importance(self.study), with_values(self.settings, best.values)
        )


class _Watch:
    """Follows a trial through the window and gives it up where it is poor."""

    def __init__(self, trial: optuna.Trial, data: TuningData, progress: Callable[[int], None], *, prunes: bool) -> None:
        self.trial, self.data, self.progress, self.prunes = trial, data, progress, prunes
        self.figures: list[float] = []

    def __call__(self, tick: Tick) -> None:
        self.progress(tick.done)
        first, last = self.data.first, len(self.data.events)
        if tick.ndcg10 is None or (tick.done - first) * STEPS < (len(self.figures) + 1) * (last - first):
            return
        self.figures.append(tick.ndcg10)
        # the figure is over the last predictions only, so their mean up to here stands for the whole so far
        self.trial.report(float(np.mean(self.figures)), len(self.figures))
        if self.prunes and tick.done < last and self.trial.should_prune():
            import optuna

            raise optuna.TrialPruned
