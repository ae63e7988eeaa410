"""What a search found: trials beside the settings it began from, what mattered, and the best settings as TOML."""

from __future__ import annotations

import json
import re
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
        base = self.settings.domain if self.settings.domain in domains() else "general"
        known = Settings.load(base).model_dump(mode="json")
        changed = {"base": base, **_changed(self.settings.model_dump(mode="json"), known)}
        best = self.best
        heads = [
            f"# penchant tune on {self.name}: NDCG@10 {best.ndcg:.4f} in the validation window, "
            f"{self.start.ndcg:.4f} before",
            f"# {self.verdict()}",
        ]
        return "\n".join([*heads, to_toml(changed)])

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


def to_toml(table: Mapping[str, Any], under: str = "") -> str:
    """A table of plain values, lists and tables as TOML.

    >>> print(to_toml({"base": "movies", "learn": {"eta_i": 0.04}, "evidence": ["next"]}))
    base = "movies"
    evidence = ["next"]
    <BLANKLINE>
    [learn]
    eta_i = 0.04
    """
    plain = [f"{_key(key)} = {_value(value)}" for key, value in table.items() if not isinstance(value, Mapping)]
    blocks = ["\n".join(([f"[{under}]"] if under and plain else []) + plain)] if plain else []
    for key, value in table.items():
        if isinstance(value, Mapping):
            named = f"{under}.{_key(key)}" if under else _key(key)
            if inner := to_toml(cast("Mapping[str, Any]", value), named):
                blocks.append(inner)
    return "\n\n".join(blocks)


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else json.dumps(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, cast('list[Any]', value)))}]"
    if isinstance(value, Mapping):
        pairs = (f"{_key(key)} = {_value(one)}" for key, one in cast("Mapping[str, Any]", value).items())
        return f"{{ {', '.join(pairs)} }}"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F") if isinstance(value, str) else repr(value)


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
