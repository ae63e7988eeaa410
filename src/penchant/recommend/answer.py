"""What a recommendation is: an answer with a request id, and its items with scores and explanations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, overload

from penchant.recommend.explanation import Explanation
from penchant.recommend.understood import Understood


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One item of an answer.

    Attributes:
        item: its id.
        title: first line of its text.
        score: sum of the explanation's parts.
        position: from 1.
        explanation: why; its parts sum to the score.
        probability: of being shown at this position given those above it; 1 without exploration.
    """

    item: str
    title: str
    score: float
    position: int
    explanation: Explanation
    probability: float = 1.0

    def to_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {
            "item": self.item,
            "title": self.title,
            "score": self.score,
            "position": self.position,
            "probability": self.probability,
            "explanation": self.explanation.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class Answer(Sequence[Recommendation]):
    """Recommendations, best first; a sequence.

    Attributes:
        request_id: names this answer; feedback that carries it is learned against what was passed over.
        version: the model's version that it has seen.
        took_ms: how long it took, milliseconds.
        items: the recommendations.
        read: how the request was understood, a line for each thing; empty with nothing asked for.
        blocked: how many candidates each rule kept out, by its name.
        understood: the same as `read`, in parts; None with neither a request nor `similar_to`.
    """

    request_id: str
    user: str
    version: int
    took_ms: float
    items: tuple[Recommendation, ...]
    read: tuple[str, ...] = ()
    blocked: dict[str, int] = field(default_factory=dict[str, int])
    understood: Understood | None = None

    @overload
    def __getitem__(self, index: int) -> Recommendation: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Recommendation]: ...
    def __getitem__(self, index: int | slice) -> Recommendation | Sequence[Recommendation]:
        return self.items[index]

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Recommendation]:
        return iter(self.items)

    def __str__(self) -> str:
        return "\n".join(f"{r.position:>3}  {r.score:+.2f}  {r.title}" for r in self.items)

    def about(self) -> dict[str, Any]:
        """All but its items, JSON-able."""
        return {
            "request_id": self.request_id,
            "user": self.user,
            "version": self.version,
            "took_ms": self.took_ms,
            "read": list(self.read),
            "blocked": self.blocked,
            "understood": None if self.understood is None else self.understood.to_dict(),
        }

    def to_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {**self.about(), "items": [r.to_dict() for r in self.items]}
