"""Why a part of a score is what it is, in a key and facts; `recommend.phrases` puts it into words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

Fact = str | float | int


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a part of a score is what it is.

    Attributes:
        key: which phrase, e.g. "recent"; any other word is a user's own evidence.
        facts: what fills it.
    """

    key: str
    facts: Mapping[str, Fact] = field(default_factory=dict[str, Fact])

    def to_dict(self) -> dict[str, Any]:
        """JSON-able; `from_dict` reads it back."""
        return {"key": self.key, "facts": dict(self.facts)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The reason that `to_dict` wrote."""
        return cls(str(data["key"]), dict(data["facts"]))
