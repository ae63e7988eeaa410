"""A study: trials by a tree-structured Parzen estimator, kept in an SQLite file that the same search goes on from.

The first trial is the settings themselves. The next ten change a random third of the knobs each, so that there is
something to learn from near what is known to be good. From then on the sampler proposes every other trial; those
between are a step from the best so far in some of the knobs, for with many knobs and few trials a good one is near.

Source: Bergstra, Bardenet, Bengio, Kégl 2011 (TPE); Watanabe et al. 2023 (PED-ANOVA); Akiba et al. 2019 (Optuna).
"""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from penchant.errors import ConfigError, InvalidRecord, MissingExtra, StoreBusy, StoreError
from penchant.evaluate.tuning.knobs import Knob
from penchant.store.lock import WriterLock

if TYPE_CHECKING:
    import optuna

STARTS = 10  # trials near the settings, before the sampler proposes
SHARE = 1 / 3  # of the knobs that one of the first trials changes
STEPPED = 1 / 5  # of the knobs that a step from the best changes


def check_bounds(trials: int, timeout: float | None, knobs: Sequence[Knob]) -> None:
    """Raise InvalidRecord where a search could try nothing."""
    if trials < 1:
        raise InvalidRecord("tune.trials", trials, "give at least 1")
    if timeout is not None and not timeout >= 0:
        raise InvalidRecord("tune.timeout", timeout, "give seconds, 0 or more")
    if not knobs:
        raise InvalidRecord("tune.knobs", knobs, "give at least one")


@contextmanager
def open_study(path: Path, seed: int, patience: int) -> Generator[optuna.Study]:
    """The study in this file, a new one if there is none; a trial is not given up before so many looks at it.

    Raises:
        MissingExtra: Optuna is not installed.
        StoreBusy: another process searches in this study.
        StoreError: the file can't be used.
    """
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
                pruner=optuna.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=patience),
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


def check(study: optuna.Study, is_of: Mapping[str, Any], knobs: Sequence[Knob], path: Path) -> None:
    """Trials are comparable only if they were measured on the same, around the same settings.

    Raises:
        ConfigError: the study is of something else; it says of what.
        StoreError: the file is no study of penchant's.
    """
    is_of = json.loads(json.dumps({**is_of, "knobs": [asdict(knob) for knob in knobs]}))
    kept = study.user_attrs.get("is of")
    if kept is None:
        if study.get_trials(deepcopy=False):
            raise StoreError(f"{path} is not a study of penchant's", fix="give another file")
        study.set_user_attr("is of", is_of)
        return
    other = [name for name, value in is_of.items() if kept.get(name) != value]
    if other:
        raise ConfigError(f"{path} is a study of other {', '.join(other)}", fix="give another file for this search")


def take_up(study: optuna.Study) -> None:
    """Queue again what was cut off."""
    from optuna.trial import TrialState

    for trial in study.get_trials(deepcopy=False, states=[TrialState.RUNNING]):
        study.tell(trial.number, state=TrialState.FAIL)
        if trial.params:
            study.enqueue_trial(trial.params)


def queue(study: optuna.Study, knobs: Sequence[Knob], seed: int) -> None:
    """Queue what the sampler doesn't propose: the settings alone, then those near them, then steps from the best."""
    from optuna.trial import TrialState

    default: dict[str, float] = {knob.path: knob.default for knob in knobs}
    number = len(study.get_trials(deepcopy=False))
    rng = np.random.Generator(np.random.Philox([seed, number]))
    if start_of(study) is None:
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


def finished(study: optuna.Study) -> list[optuna.trial.FrozenTrial]:
    """Trials that went to the end or were given up, in the order they were made."""
    from optuna.trial import TrialState

    return study.get_trials(deepcopy=False, states=[TrialState.COMPLETE, TrialState.PRUNED])


def start_of(study: optuna.Study) -> optuna.trial.FrozenTrial | None:
    """The finished trial of the settings that the search began from."""
    from optuna.trial import TrialState

    whole = study.get_trials(deepcopy=False, states=[TrialState.COMPLETE])
    return next((trial for trial in whole if not trial.user_attrs["values"]), None)


def suggest(trial: optuna.Trial, knob: Knob) -> float:
    """What the study proposes for a knob."""
    if knob.scale == "choice":
        return float(trial.suggest_categorical(knob.path, knob.choices))
    if knob.scale == "whole":
        return trial.suggest_int(knob.path, int(knob.low), int(knob.high))
    return trial.suggest_float(knob.path, knob.low, knob.high, log=knob.scale == "log")


def importance(study: optuna.Study) -> dict[str, float]:
    """By setting, largest first; empty where there are too few trials to tell.

    A trial that was given up counts as well, so each stands by how far it was from the first trial at its last look.
    """
    import optuna

    start = start_of(study)
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
