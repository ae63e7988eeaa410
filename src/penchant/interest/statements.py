"""What users state, out of the log: an utterance's clauses and an edit as wishes about nodes of the tree."""

from __future__ import annotations

from typing import Any

from penchant.interest.taxonomy import Taxonomy
from penchant.interest.wishes import Wish
from penchant.language.constraints import Constraint
from penchant.records import Entry, Op

MEANT = 0.8  # weight from which on a node is what a refusal for good is about


def wishes_said(entry: Entry, taxonomy: Taxonomy) -> list[Wish]:
    """A wish for each clause of an entry of type `utterance`, and one for its limits on fields.

    Nodes that the tree doesn't have are left out.

    >>> said = {"nodes": [[["Horror"], 1.0]], "polarity": -1, "strength": 1.0, "standing": True, "hash": ""}
    >>> tree = Taxonomy()
    >>> row = tree.category("Horror")
    >>> [wish.op for wish in wishes_said(Entry(1, "utterance", 0.0, {"text": "", "clauses": [said]}), tree)]
    ['never']
    """
    clauses, limits = entry.body["clauses"], entry.body.get("limits")
    wishes = [_wish(entry, clause, taxonomy, alone=len(clauses) == 1 and not limits) for clause in clauses]
    if limits:
        wishes.append(_limits(entry, limits))
    return wishes


def _limits(entry: Entry, said: dict[str, Any]) -> Wish:
    """Limits stand as they were said, and don't fade."""
    hours = said.get("hours")
    return Wish(
        id=str(entry.id), op="always", nodes=(), strength=1.0, time=entry.time,
        text=", ".join(one["text"] for one in said["constraints"]) if entry.body["clauses"] else entry.body["text"],
        until=None if hours is None else entry.time + 3600.0 * hours,
        limits=tuple(Constraint(**one) for one in said["constraints"]),
    )  # fmt: skip


def _wish(entry: Entry, clause: dict[str, Any], taxonomy: Taxonomy, *, alone: bool) -> Wish:
    nodes = [(*found, float(weight)) for path, weight in clause["nodes"] if (found := taxonomy.find(path)) is not None]
    hours, standing = clause.get("hours"), bool(clause.get("standing"))
    op: Op = "more" if clause["polarity"] > 0 else "less"
    if op == "less" and standing and nodes:
        # "no more horror" is a rule about what is meant most, not a shade of taste
        op, nodes = "never", [node for node in nodes if node[2] >= MEANT]
    return Wish(
        id=str(entry.id), op=op, nodes=tuple(nodes), strength=float(clause["strength"]), time=entry.time,
        fades=not standing, text=entry.body["text"] if alone else clause["text"],
        until=None if hours is None else entry.time + 3600.0 * hours, hash=clause["hash"],
    )  # fmt: skip


def wish_edited(entry: Entry, taxonomy: Taxonomy) -> Wish | None:
    """The wish of an entry of type `edit` other than undo; None if the tree doesn't have its node."""
    found = taxonomy.find(entry.body["path"])
    if found is None:
        return None
    return Wish(id=str(entry.id), op=entry.body["op"], nodes=((*found, 1.0),), strength=1.0, time=entry.time)
