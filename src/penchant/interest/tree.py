"""A user's profile, read from the model: shares, intensities, certainty, trend, edits, and the events behind each node.

Shares are the mean of the Dirichlet posterior (counts for, with κ · M(x_t) as prior); intensity is the mean of the Beta
on counts for and against, shrunk to 0; certainty says how much of both is the user's own, n / (n + κ).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from penchant.interest.arrays import F64
from penchant.interest.asker import Asker
from penchant.interest.memory import DAY, node_of_category, node_of_dimension
from penchant.interest.model import Model
from penchant.interest.profile import Editor, EventNote, Profile, ProfileNode, StatementNote
from penchant.language.constraints import Constraint

CERTAIN = 4.0  # counts at which a node is half certain
SHRINK = 2.0  # counts that say nothing, added to a node's own before its intensity is read


def read_profile(
    model: Model,
    user: str,
    row: int | None,
    at: float,
    *,
    notes: Mapping[int, Sequence[EventNote]] | None = None,
    editor: Editor | None = None,
    limit: Callable[[Constraint, bool], str] = lambda one, holds: one.text,
) -> Profile:
    """The profile of a user.

    Args:
        row: in memory, None if nothing is known of them.
        at: as of when, UTC seconds.
        notes: by item row, events to list under the item's nodes.
        editor: what `Profile.edit` calls.
        limit: a stated limit on fields in words, and whether it holds: a later one may have taken its place.
    """
    asker = model.asker(row, at)
    lately = _recent_shares(model, asker)
    events = _by_node(model, notes or {})
    seen = _last_seen(model, row)
    taxonomy = model.world.taxonomy
    categories: list[ProfileNode] = []
    for c, name in enumerate(taxonomy.categories.ids):
        children: list[ProfileNode] = []
        for d in taxonomy.children(c).tolist():
            child = taxonomy.path_of_dimension(d)[1]
            share = float(asker.share_c[c] * asker.share_d[d])
            children.append(
                _node(asker, (name, child), (c, d), share, float(asker.pro_d[d]), float(asker.con_d[d]),
                      float(lately[1][d]) - share if asker.events else 0.0, seen.get(node_of_dimension(d)),
                      events.get((c, d), ()))
            )  # fmt: skip
        children.sort(key=lambda node: -node.share)
        share = float(asker.share_c[c])
        categories.append(
            _node(asker, (name,), (c, -1), share, float(asker.pro_c[c]), float(asker.con_c[c]),
                  float(lately[0][c]) - share if asker.events else 0.0, seen.get(node_of_category(c)),
                  events.get((c, -1), ()), tuple(children))
        )  # fmt: skip
    categories.sort(key=lambda node: -node.share)
    statements = tuple(
        StatementNote(
            wish.text,
            min(wish.strength, 1.0) * (1 if wish.op in ("more", "always") else -1),
            wish.until,
            wish.id,
            tuple(limit(one, not asker.stand or one in asker.stand.limits) for one in wish.limits),
        )
        for wish in model.world.wishes.of.get(row if row is not None else -1, [])
        if wish.text and wish.time <= at and (wish.until is None or at <= wish.until)
    )
    shown_at = at if np.isfinite(at) else None
    extra = {} if editor is None else {"editor": editor}
    return Profile(user, model.version, shown_at, tuple(categories), statements, **extra)


def _node(
    asker: Asker, path: tuple[str, ...], node: tuple[int, int], share: float, pro: float, con: float, trend: float,
    seen: float | None, events: Sequence[EventNote], children: tuple[ProfileNode, ...] = (),
) -> ProfileNode:  # fmt: skip
    stand = asker.stand
    edits: list[str] = []
    if stand:
        edits += ["never"] if node in stand.never else []
        edits += ["always"] if node in stand.always else []
        edits += ["more"] if node in stand.pro else []
        edits += ["less"] if node in stand.con else []
    return ProfileNode(
        path=path,
        name=path[-1],
        share=share,
        intensity=(pro - con) / (pro + con + SHRINK),
        certainty=(pro + con) / (pro + con + CERTAIN),
        trend=float(np.clip(trend, -1, 1)),
        # memory keeps the strongest nodes only; the events themselves know the rest
        last_seen=max((t for t in (seen, events[0].time if events else None) if t is not None), default=None),
        weight=pro,
        edits=tuple(edits),
        events=tuple(events),
        children=children,
    )


def _recent_shares(model: Model, asker: Asker) -> tuple[F64, F64]:
    """Shares of categories and of dimensions (of the whole) in the last engagements, 0.85^k weighted, with a prior."""
    taxonomy, catalogue = model.world.taxonomy, model.world.catalogue
    n_c, n_d = len(taxonomy.categories), len(taxonomy.dimensions)
    whole_d = asker.share_c[taxonomy.category_of[:n_d]] * asker.share_d
    recent_c, recent_d = 2.0 * asker.share_c, 2.0 * whole_d
    weights = 0.85 ** np.arange(len(asker.history) - 1, -1, -1)
    for item, weight in zip(asker.history.tolist(), weights.tolist(), strict=True):
        place = catalogue.place(item)
        for c in place.categories:
            recent_c[c] += weight / len(place.categories)
        for d in place.dimensions:
            recent_d[d] += weight / len(place.dimensions)
    return recent_c / max(recent_c.sum(), 1e-9) if n_c else recent_c, recent_d / max(recent_d.sum(), 1e-9)


def _last_seen(model: Model, row: int | None) -> dict[int, float]:
    if row is None:
        return {}
    memory = model.world.memory
    return {
        int(node): float(day) * DAY
        for node, day in zip(memory.node[row], memory.node_seen[row], strict=True)
        if node >= 0
    }


def _by_node(model: Model, notes: Mapping[int, Sequence[EventNote]]) -> dict[tuple[int, int], list[EventNote]]:
    """Events by (category, dimension or -1), newest first."""
    found: dict[tuple[int, int], list[EventNote]] = {}
    taxonomy = model.world.taxonomy
    for item, events in notes.items():
        place = model.world.catalogue.place(item)
        nodes = [(c, -1) for c in place.categories]
        nodes += [(int(taxonomy.category_of[d]), d) for d in place.dimensions]
        for node in nodes:
            found.setdefault(node, []).extend(events)
    for events in found.values():
        events.sort(key=lambda note: -note.time)
        del events[20:]
    return found
