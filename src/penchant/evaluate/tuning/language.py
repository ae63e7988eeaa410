"""The search for settings of a language model's training: each trial tunes it anew, and is given up early where poor.

A trial is scored by the share of held-out texts whose category, and dimension where it has one, are told right.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from penchant.errors import Refused
from penchant.evaluate.tuning.knobs import Knob, matching
from penchant.evaluate.tuning.report import Found, differing
from penchant.evaluate.tuning.study import check, check_bounds, open_study, take_up
from penchant.evaluate.tuning.trials import Told, Trials
from penchant.language.tuning import Epoch, Example, TuningSettings, tune_encoder
from penchant.language.tuning.encoder import TunedEncoder
from penchant.language.tuning.examples import split
from penchant.language.tuning.source import folder_of, mark_of
from penchant.metrics import Floats

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
    told: Told | None = None,
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
        search.run(trials, timeout, seed, told)
        size, tried, mattered, best = search.result()
        return TunedLanguage(place.name, size, tried, mattered, with_settings(settings, best.values))


class _Search(Trials):
    """A trial tunes the encoder anew and keeps of every held-out text whether it is told right."""

    kept = "hits"

    def __init__(
        self, study: optuna.Study, encoder: Path, train: list[Example], held: list[Example], settings: TuningSettings,
        knobs: Sequence[Knob], device: Any, threads: int, progress: Callable[[int, int], None] | None,
    ) -> None:  # fmt: skip
        super().__init__(study, knobs)
        self.encoder, self.train, self.held, self.settings = encoder, train, held, settings
        self.device, self.threads, self.progress = device, threads, progress

    def measure(self, trial: optuna.Trial, values: dict[str, float], *, prunes: bool) -> tuple[str, float]:
        import optuna

        def watch(epoch: Epoch) -> None:
            trial.report(epoch.dimension or epoch.category, epoch.number)
            if prunes and trial.should_prune():
                raise optuna.TrialPruned

        hits = self._hits(with_settings(self.settings, values), watch)
        return "".join("1" if hit else "0" for hit in hits), float(np.mean(hits))

    def unpack(self, packed: str) -> tuple[Floats, list[str]]:
        return np.array(list(packed), np.float64), list(map(str, range(len(packed))))

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
