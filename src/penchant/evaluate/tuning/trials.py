"""The frame of a search: trials are asked for, measured or given up, told and kept, whatever is measured."""

from __future__ import annotations

import time as clock
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from penchant.errors import InvalidRecord
from penchant.evaluate.tuning.knobs import Knob
from penchant.evaluate.tuning.report import Tried
from penchant.evaluate.tuning.study import finished, importance, queue, start_of, suggest
from penchant.metrics import Floats, by_user_interval

if TYPE_CHECKING:
    import optuna

Told = Callable[[Tried, int, bool], None]


class Trials(ABC):
    """The trials of a study, those of earlier calls included.

    Attributes:
        kept: the trial's attribute that keeps what was measured, packed.
    """

    kept: ClassVar[str]

    def __init__(self, study: optuna.Study, knobs: Sequence[Knob]) -> None:
        self.study, self.knobs = study, knobs
        self.finished = len(finished(study))

    @abstractmethod
    def measure(self, trial: optuna.Trial, values: dict[str, float], *, prunes: bool) -> tuple[str, float]:
        """What a trial with these values gives, packed, and its score; may raise TrialPruned if it prunes."""

    @abstractmethod
    def unpack(self, packed: str) -> tuple[Floats, list[str]]:
        """What was measured, one by one, and whose each is: the score is their mean."""

    def run(self, wanted: int, timeout: float | None, seed: int, told: Told | None) -> None:
        """Trials until so many are finished or the time is over."""
        began = clock.monotonic()
        while self.finished < wanted and (timeout is None or clock.monotonic() - began < timeout):
            queue(self.study, self.knobs, seed)
            done = self._next()
            self.finished += 1
            if told is not None:
                told(done, self.finished, not done.pruned and self.study.best_trial.number == done.number)

    def _next(self) -> Tried:
        import optuna

        trial = self.study.ask()
        values = {knob.path: knob.value(suggest(trial, knob)) for knob in self.knobs}
        changed = {knob.path: values[knob.path] for knob in self.knobs if values[knob.path] != knob.default}
        trial.set_user_attr("values", changed)
        began = clock.perf_counter()
        try:
            packed, score = self.measure(trial, changed, prunes=start_of(self.study) is not None)
        except optuna.TrialPruned:
            trial.set_user_attr("seconds", clock.perf_counter() - began)
            self.study.tell(trial, state=optuna.trial.TrialState.PRUNED)
        else:
            trial.set_user_attr("seconds", clock.perf_counter() - began)
            trial.set_user_attr(self.kept, packed)
            self.study.tell(trial, score)
        return self._tried(self.study.trials[trial.number])

    def _tried(self, trial: optuna.trial.FrozenTrial, start: Floats | None = None) -> Tried:
        attrs: dict[str, Any] = trial.user_attrs
        interval = gain = None
        if not (pruned := self.kept not in attrs):
            found, whose = self.unpack(attrs[self.kept])
            interval = by_user_interval(found, whose)
            gain = None if start is None else by_user_interval(found - start, whose)
        return Tried(
            trial.number, float(trial.value or 0.0), pruned, dict(attrs["values"]), float(attrs["seconds"]),
            interval, gain,
        )  # fmt: skip

    def result(self) -> tuple[int, tuple[Tried, ...], dict[str, float], Tried]:
        """How much a trial measures, the trials (the settings' own first), what mattered, and the best of them.

        Raises:
            InvalidRecord: nothing was measured yet.
        """
        first = start_of(self.study)
        if first is None:
            raise InvalidRecord("tune.timeout", 0, "give time for at least one trial")
        start, _ = self.unpack(first.user_attrs[self.kept])
        others = [trial for trial in finished(self.study) if trial.number != first.number]
        trials = tuple(self._tried(trial, start) for trial in [first, *others])
        best = max(trials, key=lambda trial: (not trial.pruned, trial.score, -trial.number))
        return len(start), trials, importance(self.study), best
