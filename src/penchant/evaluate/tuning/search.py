"""The search for settings that rank better: each trial learns the stream anew, poor ones are given up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from penchant.config import Settings
from penchant.errors import InvalidRecord
from penchant.evaluate.prequential import Tick
from penchant.evaluate.tuning.data import Kept, TuningData
from penchant.evaluate.tuning.gains import gains_of, pack_ranks
from penchant.evaluate.tuning.knobs import Knob, with_values
from penchant.evaluate.tuning.report import Tuned
from penchant.evaluate.tuning.study import check, check_bounds, open_study, take_up
from penchant.evaluate.tuning.trials import Told, Trials
from penchant.language.encoder import Encoder, open_encoder
from penchant.metrics import Floats

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
    told: Told | None = None,
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
        search = _Search(found, data, settings, knobs, encoder, trials, progress)
        search.run(trials, timeout, seed, told)
        size, tried, mattered, best = search.result()
        return Tuned(data.name, size, tried, mattered, with_values(settings, best.values))


class _Search(Trials):
    """A trial learns the stream anew and keeps the rank of every prediction."""

    kept = "ranks"

    def __init__(
        self, study: optuna.Study, data: TuningData, settings: Settings, knobs: Sequence[Knob], encoder: Encoder,
        wanted: int, progress: Progress | None,
    ) -> None:  # fmt: skip
        super().__init__(study, knobs)
        self.data, self.settings, self.encoder = data, settings, encoder
        self.wanted, self.progress = wanted, progress

    def measure(self, trial: optuna.Trial, values: dict[str, float], *, prunes: bool) -> tuple[str, float]:
        watch = _Watch(trial, self.data, self._progress, prunes=prunes)
        report = self.data.measure(with_values(self.settings, values), self.encoder, watch)
        if not report.measured:
            raise InvalidRecord("tune.window", "these events", "nothing in it can be predicted; widen it")
        if "users" not in self.study.user_attrs:
            codes = {user: code for code, user in enumerate(dict.fromkeys(report.users))}
            self.study.set_user_attr("users", [codes[user] for user in report.users])
        return pack_ranks(report.ranks["penchant"]), report.row("penchant")["ndcg@10"]

    def unpack(self, packed: str) -> tuple[Floats, list[str]]:
        return gains_of(packed), list(map(str, self.study.user_attrs["users"]))

    def _progress(self, events: int) -> None:
        if self.progress is not None:
            whole = len(self.data.events)
            self.progress(self.finished * whole + events, max(self.wanted, self.finished + 1) * whole)


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
