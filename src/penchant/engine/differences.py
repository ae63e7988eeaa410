"""What differs between two states of a catalogue's model, field by field, and how it is said in one line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, cast

from penchant.config import Settings
from penchant.errors import ConfigError

FEW = 4  # changes that one line names
CUT = 60  # characters of a value in it


@dataclass(frozen=True, slots=True)
class Changed:
    """One field that changed.

    Attributes:
        name: dotted, as `half_life.long`.
        before, after: JSON-able; None: there was or is none.
    """

    name: str
    before: Any
    after: Any

    def __str__(self) -> str:
        before, after = self.before, self.after
        if isinstance(before, list | None) and isinstance(after, list):
            return f"{self.name}: {_of_lists(cast('list[Any]', before or []), cast('list[Any]', after))}"
        return f"{self.name}: {_shown(before)} → {_shown(after)}"


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between a catalogue's model at two versions.

    Attributes:
        before, after: the versions.
        settings: fields that differ.
        encoder: ids of the encoders, if they differ.
        trainings: by evidence, the version of the training in use, where it differs.
        counts: events, items and users that the log held, also where they are the same.
        weights: α by level and w_I by evidence, as `alpha.category` and `weight.recent`; None: not at hand.
    """

    before: int
    after: int
    settings: tuple[Changed, ...]
    encoder: Changed | None
    trainings: tuple[Changed, ...]
    counts: tuple[Changed, ...]
    weights: tuple[Changed, ...] | None

    def to_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return asdict(self)

    def rows(self) -> Iterator[tuple[str, Changed]]:
        """(what, field) of all that it tells."""
        for what, fields in (
            ("settings", self.settings), ("encoder", [self.encoder] if self.encoder else []),
            ("training", self.trainings), ("count", self.counts), ("weight", self.weights or ()),
        ):  # fmt: skip
            for field in fields:
                yield what, field

    def __str__(self) -> str:
        return "\n".join([f"version {self.before} → {self.after}", *(f"  {field}" for _, field in self.rows())])


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Changed, ...]:
    """The fields that differ, by their names, in the order of `after`; those that went stand last.

    >>> [str(one) for one in changed({"half_life": {"long": 365}, "domain": "news"}, {"half_life": {"long": 30}})]
    ['half_life.long: 365 → 30', 'domain: news → none']
    """
    old, new = dict(_leaves(before)), dict(_leaves(after))
    names = [*new, *(name for name in old if name not in new)]
    return tuple(Changed(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name))


def settings_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as the log holds them, with today's defaults where they say nothing; as they are if they can't be read.

    >>> settings_of({"domain": "news"})["half_life"]["trending"]
    7.0
    """
    try:
        return Settings.load(None, body).model_dump(mode="json")
    except ConfigError:
        return dict(body)


def in_a_line(fields: Iterable[Changed]) -> str:
    """Fields before → after, the first of them.

    >>> in_a_line([Changed("alpha", 0.2, 0.3), Changed("evidence", ["a", "b"], ["b", "c"])])
    'alpha: 0.2 → 0.3; evidence: + c − a'
    """
    given = [str(field) for field in fields]
    more = f"; and {len(given) - FEW} more" if len(given) > FEW else ""
    return "; ".join(given[:FEW]) + more


def _leaves(tree: Mapping[str, Any], under: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _leaves(cast("Mapping[str, Any]", value), f"{under}{key}.")
        else:
            yield under + key, value


def _of_lists(before: list[Any], after: list[Any]) -> str:
    came = ", ".join(_shown(one) for one in after if one not in before)
    went = ", ".join(_shown(one) for one in before if one not in after)
    told = [f"{sign} {names}" for sign, names in (("+", came), ("−", went)) if names]
    return _cut(" ".join(told), 3 * CUT) or f"{_shown(before)} → {_shown(after)}"


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, float):
        return f"{value:g}"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return _cut(text, CUT)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
