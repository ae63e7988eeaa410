"""What a search found: trials beside the settings it began from, what mattered, and the best settings as TOML."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from penchant.config import Settings, domains
from penchant.metrics import Interval


@dataclass(frozen=True, slots=True)
class Tried:
    """A trial.

    Attributes:
        number: 0 for the settings that the search began from.
        score: what the search is for (NDCG@10 in the window; accuracy); of a pruned one, so far as it went.
        pruned: whether it was given up, being worse than the others by then.
        values: what it set, by path, where that differs from what the search began from.
        seconds: it took.
        interval: 95 % of the score; None if pruned.
        gain: the score less that of the settings the search began from; None if pruned.
    """

    number: int
    score: float
    pruned: bool
    values: dict[str, Any]
    seconds: float
    interval: Interval | None = None
    gain: Interval | None = None

    def to_dict(self, measure: str) -> dict[str, Any]:
        """JSON-able, the score under the measure's name."""
        return {
            "trial": self.number,
            measure.lower(): round(self.score, 5),
            "interval": _ends(self.interval),
            "gain": None if self.gain is None else round(self.gain.mean, 5),
            "gain interval": _ends(self.gain),
            "pruned": self.pruned,
            "seconds": round(self.seconds, 1),
            "values": self.values,
        }


@dataclass(frozen=True, slots=True)
class Found(ABC):
    """What a search found.

    Attributes:
        measure: what trials are scored by. where: and on what. of: what is counted there.
        name: of the data.
        measured: predictions of a trial.
        trials: finished ones, in the order they were made; the first is what the search began from.
        importance: by path, how much a setting had to do with a trial's being among the best; they sum to 1.
    """

    measure: ClassVar[str]
    where: ClassVar[str]
    of: ClassVar[str]
    name: str
    measured: int
    trials: tuple[Tried, ...]
    importance: dict[str, float]

    @property
    def start(self) -> Tried:
        """The settings that the search began from."""
        return self.trials[0]

    @property
    def ranked(self) -> list[Tried]:
        """Trials that went to the end, best first; of equals the earlier."""
        return sorted((trial for trial in self.trials if not trial.pruned), key=lambda t: (-t.score, t.number))

    @property
    def best(self) -> Tried:
        """The best trial."""
        return self.ranked[0]

    def verdict(self) -> str:
        """What the best is worth, in a sentence."""
        best, gain = self.best, self.best.gain
        if best.number == self.start.number or gain is None:
            return "nothing was better than the settings it began from"
        told = f"trial {best.number} is better by {gain.mean:+.4f} ({gain.low:+.4f} to {gain.high:+.4f})"
        if gain.low > 0:
            return f"{told}; the best of {len(self.trials)} looks a little better than it is"
        return f"{told}, which noise could have made"

    def to_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {
            "name": self.name,
            "measured": self.measured,
            "trials": len(self.trials),
            "pruned": sum(trial.pruned for trial in self.trials),
            "start": self.start.to_dict(self.measure),
            "best": [trial.to_dict(self.measure) for trial in self.ranked[:10]],
            "importance": {path: round(share, 4) for path, share in self.importance.items()},
            "verdict": self.verdict(),
        }

    @abstractmethod
    def toml(self) -> str:
        """The best settings as a file."""

    def head(self) -> str:
        """Comments for the file of the best settings."""
        best = f"{self.measure} {self.best.score:.4f} {self.where}, {self.start.score:.4f} before"
        return f"# penchant tune on {self.name}: {best}\n# {self.verdict()}"


@dataclass(frozen=True, slots=True)
class Tuned(Found):
    """A search for settings of the engine.

    Attributes:
        settings: the best ones.
    """

    measure = "NDCG@10"
    where = "in the validation window"
    of = "predictions"
    settings: Settings

    def toml(self) -> str:
        """The best settings as a file that `Engine.open(..., settings=...)` takes."""
        import tomli_w

        base = self.settings.domain if self.settings.domain in domains() else "general"
        known = Settings.load(base).model_dump(mode="json")
        changed = {"base": base, **differing(self.settings.model_dump(mode="json"), known)}
        return f"{self.head()}\n{tomli_w.dumps(changed)}"


def differing(new: Mapping[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
    """What of `new` differs from `old`, table by table; TOML has no null, which is every such setting's default."""
    found: dict[str, Any] = {}
    for key, value in new.items():
        if isinstance(value, Mapping):
            if inner := differing(cast("Mapping[str, Any]", value), old.get(key, {})):
                found[key] = inner
        elif value is not None and (key not in old or value != old[key]):
            found[key] = value
    return found


def _ends(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [round(interval.low, 5), round(interval.high, 5)]
