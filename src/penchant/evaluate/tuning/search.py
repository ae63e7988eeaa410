"""The search: trials by a tree-structured Parzen estimator, kept in an SQLite file, given up early where they are poor.

The first trial is the settings themselves. The next ten change a random third of the knobs each, so that there is
something to learn from near what is known to be good. From then on the sampler proposes every other trial; those
between are a step from the best so far in some of the knobs, for with many knobs and few trials a good one is near.

Source: Bergstra, Bardenet, Bengio, Kégl 2011 (TPE); Watanabe et al. 2023 (PED-ANOVA); Akiba et al. 2019 (Optuna).
"""

from __future__ import annotations

import json
import time as clock
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from penchant.config import Settings
from penchant.errors import ConfigError, InvalidRecord, MissingExtra, StoreBusy, StoreError
from penchant.evaluate.prequential import Tick
from penchant.evaluate.tuning.data import Kept, TuningData
from penchant.evaluate.tuning.gains import gains_of, pack_ranks
from penchant.evaluate.tuning.knobs import Knob, with_values
from penchant.evaluate.tuning.report import Tried, Tuned
from penchant.language.encoder import Encoder, open_encoder
from penchant.metrics import by_user_interval
from penchant.store.lock import WriterLock

if TYPE_CHECKING:
    import optuna

STARTS = 10  # trials near the settings, before the sampler proposes
STEPS = 20  # looks at a trial on its way through the window
PATIENCE = 5  # of these looks, before a trial may be given up
SHARE = 1 / 3  # of the knobs that one of the first trials changes
STEPPED = 1 / 5  # of the knobs that a step from the best changes

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
    if trials < 1:
        raise InvalidRecord("tune.trials", trials, "give at least 1")
    if timeout is not None and not timeout >= 0:
        raise InvalidRecord("tune.timeout", timeout, "give seconds, 0 or more")
    if not knobs:
        raise InvalidRecord("tune.knobs", knobs, "give at least one")
    encoder = Kept(encoder or open_encoder(settings.encoder, threads=settings.threads))
    with _opened(Path(study), seed) as found:
        _check(found, data, settings, knobs, encoder.id, Path(study))
        _take_up(found)
        search = _Search(found, data, settings, knobs, encoder, trials, progress, told)
        began = clock.monotonic()
        while search.finished < trials and (timeout is None or clock.monotonic() - began < timeout):
            _queue(found, knobs, seed)
            search.next()
        return search.result()


@contextmanager
def _opened(path: Path, seed: int) -> Generator[optuna.Study]:
    """The study in this file, a new one if there is none."""
    try:
        import optuna
        from sqlalchemy.exc import DatabaseError
    except ImportError:
        raise MissingExtra("optuna", extra="tune") from None
    try:
        lock = WriterLock(path)
    except StoreBusy:
        raise StoreBusy(f"another process searches in {path}", fix="wait for it, or give another study") from None
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        try:
            storage = optuna.storages.RDBStorage(f"sqlite:///{path.resolve()}")
        except (DatabaseError, RuntimeError) as error:
            raise StoreError(f"{path} can't be used as a study ({_line(error)})", fix="give another file") from None
        try:
            yield optuna.create_study(
                storage=storage, study_name="penchant", direction="maximize", load_if_exists=True,
                # another seed each time it goes on, or the same draws would come again
                sampler=optuna.samplers.TPESampler(seed=seed + len(_trials(storage)), n_startup_trials=STARTS // 2),
                pruner=optuna.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=PATIENCE),
            )  # fmt: skip
        finally:
            storage.remove_session()
            storage.engine.dispose()
    finally:
        optuna.logging.set_verbosity(before)
        lock.release()


def _trials(storage: optuna.storages.RDBStorage) -> list[optuna.trial.FrozenTrial]:
    studies = storage.get_all_studies()
    return storage.get_all_trials(studies[0]._study_id) if studies else []  # pyright: ignore[reportPrivateUsage]


def _line(error: Exception) -> str:
    return str(error).splitlines()[0][:160]


def _check(
    study: optuna.Study, data: TuningData, settings: Settings, knobs: Sequence[Knob], encoder: str, path: Path
) -> None:
    """Trials are comparable only if they were measured on the same, around the same settings."""
    is_of = {
        "data or window": data.digest,
        "encoder": encoder,
        "settings": json.loads(json.dumps(settings.model_dump(mode="json"))),
        "knobs": json.loads(json.dumps([asdict(knob) for knob in knobs])),
    }
    kept = study.user_attrs.get("is of")
    if kept is None:
        if study.get_trials(deepcopy=False):
            raise StoreError(f"{path} is not a study of penchant's", fix="give another file")
        study.set_user_attr("is of", is_of)
        return
    other = [name for name, value in is_of.items() if kept.get(name) != value]
    if other:
        raise ConfigError(f"{path} is a study of other {', '.join(other)}", fix="give another file for this search")


def _take_up(study: optuna.Study) -> None:
    """Queue again what was cut off."""
    from optuna.trial import TrialState

    for trial in study.get_trials(deepcopy=False, states=[TrialState.RUNNING]):
        study.tell(trial.number, state=TrialState.FAIL)
        if trial.params:
            study.enqueue_trial(trial.params)


def _queue(study: optuna.Study, knobs: Sequence[Knob], seed: int) -> None:
    """Queue what the sampler doesn't propose: the settings alone, then those near them, then steps from the best."""
    from optuna.trial import TrialState

    default: dict[str, float] = {knob.path: knob.default for knob in knobs}
    number = len(study.get_trials(deepcopy=False))
    rng = np.random.Generator(np.random.Philox([seed, number]))
    if _start_of(study) is None:
        if not study.get_trials(deepcopy=False, states=[TrialState.WAITING]):
            study.enqueue_trial(default)
    elif "begun" not in study.user_attrs:
        for _ in range(STARTS):
            study.enqueue_trial({**default, **{knob.path: knob.draw(rng) for knob in _some(knobs, SHARE, rng)}})
        study.set_user_attr("begun", True)
    elif number % 2 and not study.get_trials(deepcopy=False, states=[TrialState.WAITING]):
        best = study.best_trial.params
        stepped = {knob.path: knob.near(best[knob.path], rng) for knob in _some(knobs, STEPPED, rng)}
        study.enqueue_trial({**best, **stepped})


def _some(knobs: Sequence[Knob], share: float, rng: np.random.Generator) -> list[Knob]:
    """About this share of the knobs, at least one."""
    chosen = rng.random(len(knobs)) < share
    chosen[int(rng.integers(len(knobs)))] = True
    return [knob for knob, is_chosen in zip(knobs, chosen, strict=True) if is_chosen]


def _start_of(study: optuna.Study) -> optuna.trial.FrozenTrial | None:
    """The finished trial of the settings that the search began from."""
    from optuna.trial import TrialState

    whole = study.get_trials(deepcopy=False, states=[TrialState.COMPLETE])
    return next((trial for trial in whole if not trial.user_attrs["values"]), None)


class _Search:
    """One call of `tune`."""

    def __init__(
        self, study: optuna.Study, data: TuningData, settings: Settings, knobs: Sequence[Knob], encoder: Encoder,
        wanted: int, progress: Progress | None, told: Callable[[Tried, int, bool], None] | None,
    ) -> None:  # fmt: skip
        self.study, self.data, self.settings, self.knobs, self.encoder = study, data, settings, knobs, encoder
        self.wanted, self.progress, self.told = wanted, progress, told
        self.defaults = {knob.path: knob.default for knob in knobs}
        self.finished = len(self._finished())

    def _finished(self) -> list[optuna.trial.FrozenTrial]:
        from optuna.trial import TrialState

        return self.study.get_trials(deepcopy=False, states=[TrialState.COMPLETE, TrialState.PRUNED])

    def next(self) -> None:
        """One trial."""
        import optuna

        trial = self.study.ask()
        values = {knob.path: knob.value(_suggest(trial, knob)) for knob in self.knobs}
        trial.set_user_attr("values", {path: v for path, v in values.items() if v != self.defaults[path]})
        began = clock.perf_counter()
        watch = _Watch(trial, self.data, self._progress, prunes=_start_of(self.study) is not None)
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
        finished = self._finished()
        first = _start_of(self.study)
        if first is None:
            raise InvalidRecord("tune.timeout", 0, "give time for at least one trial")
        start = first.user_attrs["ranks"]
        others = [trial for trial in finished if trial.number != first.number]
        trials = tuple(self._tried(trial, start) for trial in [first, *others])
        best = max(trials, key=lambda trial: (not trial.pruned, trial.ndcg, -trial.number))
        return Tuned(
            self.data.name, len(start), trials, _importance(self.study), with_values(self.settings, best.values)
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


def _suggest(trial: optuna.Trial, knob: Knob) -> float:
    if knob.scale == "choice":
        return float(trial.suggest_categorical(knob.path, knob.choices))
    if knob.scale == "whole":
        return trial.suggest_int(knob.path, int(knob.low), int(knob.high))
    return trial.suggest_float(knob.path, knob.low, knob.high, log=knob.scale == "log")


def _importance(study: optuna.Study) -> dict[str, float]:
    """By setting, largest first; empty where there are too few trials to tell.

    A trial that was given up counts as well, so each stands by how far it was from the first trial at its last look.
    """
    import optuna

    start = _start_of(study)
    finished = [trial for trial in study.get_trials(deepcopy=False) if trial.state.is_finished() and trial.last_step]
    if start is None or len(finished) <= STARTS:
        return {}
    apart = optuna.create_study(direction="maximize")
    for trial in finished:
        step = trial.last_step or 0
        if step in start.intermediate_values:
            value = trial.intermediate_values[step] - start.intermediate_values[step]
            told = optuna.trial.create_trial(params=trial.params, distributions=trial.distributions, value=value)
            apart.add_trial(told)
    return optuna.importance.get_param_importances(apart)
