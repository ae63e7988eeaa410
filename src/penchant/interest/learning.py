"""Steps of learning that are no one part's own: what an event is set against, and the heads' steps and warm start."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from penchant.interest.arrays import F32, I32, U64, compiled, draws
from penchant.interest.asker import Asker
from penchant.interest.evidence import Moment
from penchant.interest.had import other
from penchant.interest.world import World


@compiled
def contrast(key: np.uint64, given: I32, n: int, pool: I32, had: U64) -> I32:  # pragma: no cover - compiled
    """The given rows, then at most n drawn uniformly from `pool`, none the first given nor of those had."""
    m = len(given)
    out = np.empty(m + n, np.int32)
    out[:m] = given
    for k in range(n):
        row = other(key, 4 * k, pool, given[0], had)
        if row >= 0:
            out[m] = row
            m += 1
    return out[:m]


def set_against(world: World, asker: Asker, item: int, passed: Sequence[str], key: int) -> I32:
    """Rows to learn an event from: its item's, those of the ids passed over, then some drawn at random."""
    rows = world.catalogue.rows
    shown = [row for id in passed if (row := rows.get(id)) is not None and row != item]
    given = np.array([item, *shown], np.int32)
    return contrast(np.uint64(key), given, world.settings.learn.negatives, world.catalogue.live(), asker.had)


def teach_heads(world: World, moment: Moment, at: int) -> None:
    """A step of M_C and M_D on x_t and the item of event number `at`, and half a one on a text of the catalogue."""
    catalogue, learn, again = world.catalogue, world.settings.learn, -1
    weight = moment.gain if moment.gain > 0 else moment.strength
    if learn.rehearse:
        # one catalogue text again, so that learning from behaviour doesn't forget how to read words
        pool = catalogue.live()
        again = int(pool[moment.key % len(pool)]) if len(pool) else moment.item
    world.heads.observe(
        world.taxonomy, catalogue.categories, catalogue.dimensions, catalogue.vectors, moment.asker.x, moment.item,
        again, weight if moment.asker.known else 0.0, learn.eta_c, learn.eta_d, moment.key, _watch(world, moment, at),
    )  # fmt: skip


def _watch(world: World, moment: Moment, at: int) -> float:
    """Times the heads' rates, after taking in whether M_C foresaw a category of the item engaged with."""
    if world.drifts is None or moment.gain <= 0 or not moment.asker.known:
        return 1.0
    categories = world.catalogue.place(moment.item).categories
    wrong = int(np.argmax(moment.asker.M_C)) not in categories
    return world.drifts.observe(categories, wrong, at, moment.time)


def warm(world: World, body: dict[str, Any], project: Callable[[Sequence[str]], F32], key: int) -> None:
    """Train the heads on the catalogue: every item's text is an example of its own nodes, every node's name of itself.

    body: epochs; items (whether the items are examples, or only the names); names: [content hash, category, dimension
    or ""] of phrases and examples that name nodes, which come to exist if they did not.
    """
    taxonomy, catalogue, heads, learn = world.taxonomy, world.catalogue, world.heads, world.settings.learn
    examples: list[tuple[F32, I32, I32]] = []
    names = body["names"]
    vectors = project([name[0] for name in names]) if names else np.zeros((0, world.dim), np.float32)
    for (_, category, dimension, *_), vector in zip(names, vectors, strict=True):
        c = np.array([taxonomy.category(category)], np.int32)
        d = np.array([taxonomy.dimension(category, dimension)] if dimension else [], np.int32)
        if c[0] >= 0:
            examples.append((vector, c, d[d >= 0]))
    if body["items"]:
        for row in catalogue.live().tolist():
            c, d = catalogue.categories[row], catalogue.dimensions[row]
            examples.append((catalogue.vectors[row], c[c >= 0], d[d >= 0]))
    for epoch in range(body["epochs"]):
        order = np.argsort(draws(np.uint64(key + epoch), len(examples), 1 << 30), kind="stable")
        for k in map(int, order):
            x, c, d = examples[k]
            heads.learn(taxonomy, x, c, d, 1.0, learn.eta_c, learn.eta_d, key + epoch * 1_000_003 + k)
