"""What was said, read: clauses for and against, how strongly and how long, and the nodes of the taxonomy they mean.

A reading is made once, when the words arrive, and stands in the log: replay reads it, not the words. Text is data here:
it is matched and measured, nothing in it is ever carried out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self, cast

from penchant.language.clauses import Polarity, fold, split_clauses
from penchant.language.constraints import Constraint, FieldWord, read_constraints, said_for_good
from penchant.language.nodes import Encode, NodeNames, Path
from penchant.language.reference import Reference, read_reference
from penchant.language.titles import Title, Titles
from penchant.language.tongue_limits import has_limits, read_limits
from penchant.language.tongues import Tongue, tongue_of


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing that was said.

    Attributes:
        text: the clause as it was said, white space, width and case folded.
        topic: the words about the topic; what to embed.
        polarity: +1 wished for or liked, -1 refused or disliked.
        strength: 0.5, 1 or 1.5.
        hours: how long it holds from when it was said; None: not said.
        standing: said to hold from now on ("never again").
        nodes: paths that are meant, each with a weight in (0, 1], most meant first; may be empty.
    """

    text: str
    topic: str
    polarity: Polarity
    strength: float = 1.0
    hours: float | None = None
    standing: bool = False
    nodes: tuple[tuple[Path, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """The clauses of an utterance or request, in the order they were said.

    Attributes:
        constraints: on fields.
        titles: titles that were named.
        reference: to an item, or to what was shown or had last; of a request alone.
        rest: the folded text without titles, constraints and reference.

    >>> reading = Reading((Clause("no more horror", "horror", -1, standing=True, nodes=((("Horror",), 1.0),)),))
    >>> Reading.from_dict(reading.to_dict()) == reading
    True
    """

    clauses: tuple[Clause, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    titles: tuple[Title, ...] = ()
    reference: Reference | None = None
    rest: str = field(default="", compare=False)

    @property
    def wished(self) -> str:
        """The topics that are wished for, in one text; empty if there are none."""
        return ", ".join(clause.topic for clause in self.clauses if clause.polarity > 0)

    def nodes(self, polarity: Polarity) -> dict[Path, float]:
        """Nodes meant by the clauses of one polarity, and how much: the largest of strength × weight, most first.

        A node that is wished for in one clause and refused in a later one counts as refused, and the other way round.
        """
        last: dict[Path, Polarity] = {}
        found: dict[Path, float] = {}
        for clause in self.clauses:
            for path, weight in clause.nodes:
                last[path] = clause.polarity
                if clause.polarity == polarity:
                    found[path] = max(found.get(path, 0.0), clause.strength * weight)
        kept = {path: much for path, much in found.items() if last[path] == polarity}
        return dict(sorted(kept.items(), key=lambda entry: -entry[1]))

    def to_dict(self) -> dict[str, Any]:
        """The clauses, JSON-able, as the log keeps them."""
        return {"clauses": [asdict(clause) | {"nodes": _listed(clause)} for clause in self.clauses]}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """What `to_dict` gave, also after JSON."""
        clauses: list[Clause] = []
        for entry in cast("list[dict[str, Any]]", data["clauses"]):
            fields: dict[str, Any] = dict(entry)
            fields["nodes"] = tuple((tuple(path), float(weight)) for path, weight in fields["nodes"])
            clauses.append(Clause(**fields))
        return cls(tuple(clauses))


def _listed(clause: Clause) -> list[list[Any]]:
    return [[list(path), weight] for path, weight in clause.nodes]


def read_utterance(
    text: str, *, nodes: NodeNames, encode: Encode, titles: Titles | None = None,
    fields: Sequence[FieldWord] | None = None, stated: bool = False,
) -> Reading:  # fmt: skip
    """Read an utterance or a request in English, Chinese or a language of `tongues` (others: as one wish, by meaning).

    Args:
        text: what was said.
        nodes: the taxonomy's nodes by name.
        encode: texts to unit vectors, e.g. `VectorBook.of`, or it with keep=False for a question.
        titles: of the catalogue; they are recognised before anything else.
        fields: of the catalogue: constraints on them are read; None: they aren't.
        stated: it is about the person, not a request: it refers to nothing that was shown, and what is only liked ("I
            like films from the nineties"), or a number that may be of anything, is no constraint.

    >>> from penchant.language.nodes import NodeName, Noun
    >>> from penchant.language.universal import UniversalEncoder
    >>> encode = UniversalEncoder(threads=1).encode
    >>> nodes = NodeNames([NodeName((n,), n) for n in ("Horror", "Comedy", "War")], encode, noun=Noun("film", "电影"))
    >>> reading = read_utterance("no more horror please, something funny instead", nodes=nodes, encode=encode)
    >>> reading.nodes(-1), list(reading.nodes(1))
    ({('Horror',): 1.0}, [('Comedy',)])
    """
    named = tuple(titles.find(text)) if titles is not None else ()
    kept = [(one.start, one.end) for one in named]
    tongue = tongue_of(fold(text), kept)
    said_of_fields = [] if fields is None else _limits(fold(text), tongue, kept, fields, stated)
    taken = [span for _, span in said_of_fields]
    reference = None if fields is None or stated else read_reference(_without(fold(text), taken), named)
    taken += reference.spans if reference else ()
    clauses = [
        Clause(
            said.text, said.topic, said.polarity, said.strength, said.hours, said.standing,
            nodes.meant(said.topic, encode, refused=said.polarity < 0),
        )
        for said in split_clauses(text, titles=kept, read=taken, tongue=tongue)
    ]  # fmt: skip
    rest = _without(fold(text), [*kept, *taken])
    return Reading(tuple(clauses), tuple(one for one, _ in said_of_fields), named, reference, rest)


def _limits(
    text: str, tongue: Tongue | None, kept: Sequence[tuple[int, int]], fields: Sequence[FieldWord], stated: bool
) -> list[tuple[Constraint, tuple[int, int]]]:
    if tongue is not None and has_limits(tongue):
        return read_limits(text, tongue, kept=kept, fields=fields, stated=stated)
    found = read_constraints(text, kept=kept, fields=fields)
    return [one for one in found if said_for_good(text, *one)] if stated else found


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text
