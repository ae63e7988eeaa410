"""What was understood of a request, shown back with the answer: nothing that was said is dropped in silence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from penchant.language.lexicon import HAN
from penchant.language.utterance import Reading
from penchant.recommend.binding import Bound


@dataclass(frozen=True, slots=True)
class Meant:
    """A wish or a dislike.

    Attributes:
        text: what it is about.
        nodes: of the tree, "Category › dimension"; none: by meaning alone.
        strength: 0.5 weak, 1, 1.5 strong.
    """

    text: str
    nodes: tuple[str, ...]
    strength: float


@dataclass(frozen=True, slots=True)
class Understood:
    """A request as it was understood.

    Attributes:
        language: zh for a request with Chinese signs, else en.
        wishes, dislikes: what is asked for and what is refused.
        constraints: on fields, applied or not, with the reason.
        age: 1 newer ones first, -1 older ones first, 0 not said.
        span: for how long it was said to hold: request, until (`hours`) or standing. An answer keeps nothing; what is
            to hold longer is told with `tell`.
        hours: how long, for until.
        reference, like: id and title of the item that the answer is to be like, "" for none.
        out_of_scope: it seems to ask for something that this catalogue doesn't have.
        question: what to ask back, in the request's language; "" for nothing.
    """

    language: Literal["en", "zh"] = "en"
    wishes: tuple[Meant, ...] = ()
    dislikes: tuple[Meant, ...] = ()
    constraints: tuple[Bound, ...] = ()
    age: int = 0
    span: Literal["request", "until", "standing"] = "request"
    hours: float | None = None
    reference: str = ""
    like: str = ""
    out_of_scope: bool = False
    question: str = ""

    def lines(self) -> tuple[str, ...]:
        """A line for each thing: + wished, - refused, = a constraint, ! one that is not applied, ? a question."""
        out = [f"+ {one.text}: {', '.join(one.nodes) or 'by meaning alone'}{_much(one)}" for one in self.wishes]
        out += [f"- {one.text}: {', '.join(one.nodes) or 'by meaning alone'}{_much(one)}" for one in self.dislikes]
        out += [f"+ like {self.like}"] if self.like else []
        out += {1: ["newer ones first"], -1: ["older ones first"]}.get(self.age, [])
        out += [one.line(self.language) for one in self.constraints]
        if self.span == "until":
            out.append(f"for {self.hours:g} hours; this answer keeps nothing, tell() does")
        elif self.span == "standing":
            out.append("from now on; this answer keeps nothing, tell() does")
        return (*out, *([f"? {self.question}"] if self.question else []))

    def to_dict(self) -> dict[str, Any]:
        """JSON-able, and small."""

        def meant(one: Meant) -> dict[str, Any]:
            return {"text": one.text, "nodes": list(one.nodes), "strength": one.strength}

        return {
            "language": self.language,
            "wishes": [meant(one) for one in self.wishes],
            "dislikes": [meant(one) for one in self.dislikes],
            "constraints": [one.to_dict() for one in self.constraints],
            "age": self.age,
            "span": self.span,
            "hours": self.hours,
            "reference": self.reference,
            "like": self.like,
            "out_of_scope": self.out_of_scope,
            "question": self.question,
        }


def _much(one: Meant) -> str:
    return {0.5: " (a little)", 1.5: " (very)"}.get(one.strength, "")


def understood(text: str, reading: Reading, bound: tuple[Bound, ...], age: int, *, reference: str = "",
               like: str = "") -> Understood:  # fmt: skip
    """What was read of a request, put together."""
    meant = {1: list[Meant](), -1: list[Meant]()}
    for clause in reading.clauses:
        nodes = tuple(" › ".join(path) for path, _ in clause.nodes)
        meant[clause.polarity].append(Meant(clause.topic or clause.text, nodes, clause.strength))
    hours = next((clause.hours for clause in reading.clauses if clause.hours is not None), None)
    standing = any(clause.standing for clause in reading.clauses)
    return Understood(
        "zh" if HAN.search(text) else "en", tuple(meant[1]), tuple(meant[-1]), bound, age,
        "standing" if standing else "until" if hours is not None else "request", None if standing else hours,
        reference, like,
    )  # fmt: skip
