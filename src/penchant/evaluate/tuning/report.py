"""What a search found: trials beside the settings it began from, what mattered, and the best settings as TOML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from penchant.config import Settings, domains
from penchant.metrics import Interval


@dataclass(frozen=True, slots=True)
class Tried:
    """A trial.

    Attributes:
        number: 0 for the settings that the search began from.
        ndcg: NDCG@10 in the window; of a pruned one, so far as it went.
        pruned: whether it was given up, being worse than the others by then.
        values: what it set, by path, where that differs from what the search began from.
        seconds: it took.
        interval: of ndcg, by a bootstrap over users; None if pruned.
        gain: ndcg less that of the settings the search began from, on the same predictions; None if pruned.
    """

    number: int
    ndcg: float
    pruned: bool
    values: dict[str, float]
    seconds: float
    interval: Interval | None = None
    gain: Interval | None = None

    def to_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {
            "trial": self.number,
            "ndcg@10": round(self.ndcg, 5),
            "interval": _ends(self.interval),
            "gain": None if self.gain is None else round(self.gain.mean, 5),
            "gain interval": _ends(self.gain),
            "pruned": self.pruned,
            "seconds": round(self.seconds, 1),
            "values": self.values,
        }


@dataclass(frozen=True, slots=True)
class Tuned:
    """A search.

    Attributes:
        name: of the data.
        measured: predictions of a trial.
        trials: finished ones, in the order they were made; the first is what the search began from.
        importance: by path, how much a setting had to do with a trial's being among the best; they sum to 1.
        settings: the best ones.
    """

    name: str
    measured: int
    trials: tuple[Tried, ...]
    importance: dict[str, float]
    settings: Settings

    @property
    def start(self) -> Tried:
        """The settings that the search began from."""
        return self.trials[0]

    @property
    def ranked(self) -> list[Tried]:
        """Trials that went to the end, best first; of equals the earlier."""
        return sorted((trial for trial in self.trials if not trial.pruned), key=lambda t: (-t.ndcg, t.number))

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

    def toml(self) -> str:
        """The best settings as a file that `Engine.open(..., settings=...)` takes."""
        import tomli_w

        base = self.settings.domain if self.settings.domain in domains() else "general"
        known = Settings.load(base).model_dump(mode="json")
        changed = {"base": base, **_changed(self.settings.model_dump(mode="json"), known)}
        best = self.best
        heads = [
            f"# penchant tune on {self.name}: NDCG@10 {best.ndcg:.4f} in the validation window, "
            f"{self.start.ndcg:.4f} before",
            f"# {self.verdict()}",
        ]
        return "\n".join([*heads, tomli_w.dumps(changed)])

    def to_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {
            "name": self.name,
            "measured": self.measured,
            "trials": len(self.trials),
            "pruned": sum(trial.pruned for trial in self.trials),
            "start": self.start.to_dict(),
            "best": [trial.to_dict() for trial in self.ranked[:10]],
            "importance": {path: round(share, 4) for path, share in self.importance.items()},
            "verdict": self.verdict(),
        }


def _changed(new: Mapping[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
    """What of `new` differs from `old`, table by table; TOML has no null, which is every such setting's default."""
    found: dict[str, Any] = {}
    for key, value in new.items():
        if isinstance(value, Mapping):
            if inner := _changed(cast("Mapping[str, Any]", value), old.get(key, {})):
                found[key] = inner
        elif value is not None and (key not in old or value != old[key]):
            found[key] = value
    return found


def _ends(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [round(interval.low, 5), round(interval.high, 5)]
