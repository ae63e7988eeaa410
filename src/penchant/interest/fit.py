"""Fits: what is found by looking at the whole catalogue, written to the log so that replay takes it over as it was.

A fit holds the space (a projection of the encoder's), the root that all paths share, and the nodes induced from text
where paths name none. It is made at the first items and again whenever the catalogue has grown fourfold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from penchant.config import Settings
from penchant.interest.arrays import F32
from penchant.interest.induce import Rename, choose_k, induce
from penchant.interest.space import Space, pack, unpack
from penchant.interest.taxonomy import Taxonomy

GROWTH = 4
SHARED = 0.99  # of the paths that must share a level before it counts as a root
ROOTED = 20  # paths that must share a first level before it counts as a root

Paths = Sequence[Sequence[str]]


def is_due(fitted: int, items: int) -> bool:
    """Whether a catalogue that now has so many items should be fitted anew.

    >>> is_due(0, 1), is_due(100, 399), is_due(100, 400)
    (True, False, True)
    """
    return fitted == 0 or items >= max(GROWTH * fitted, fitted + 100)


def shared_root(paths: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """First levels that the paths share, of which every path that has them has at least one more; () below 20 paths.

    One path in a hundred may stand elsewhere: a few items in a wrong place don't take the first level from all others.

    >>> shared_root([("Beauty", "Hair", "Comb")] * 10 + [("Beauty", "Skin")] * 10)
    ('Beauty',)
    """
    root: tuple[str, ...] = ()
    within = list(paths)
    while len(within) >= ROOTED:
        level, count = Counter(path[len(root)] for path in within).most_common(1)[0]
        inside = [path for path in within if path[len(root)] == level]
        if count < SHARED * len(paths) or min(map(len, inside)) < len(root) + 2:
            break
        root, within = (*root, level), inside
    return root


def make_fit(
    settings: Settings, encoder: str, vectors: F32, texts: Sequence[str], paths: Sequence[Paths], older: Taxonomy,
    *, rename: Rename | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Body of a fit entry for a catalogue.

    Args:
        encoder: id of the encoder whose vectors they are.
        vectors: [n, D] of the encoder, n > 0.
        texts: n item texts.
        paths: n lists of paths.
        older: the tree so far; its induced nodes keep their names and grow.
        rename: has the last word on new names of induced nodes.
    """
    space = Space.fit(encoder, vectors, settings.model.dim, settings.seed)
    projected = space.project(vectors)
    root = older.root or shared_root([tuple(path) for item in paths for path in item])
    tree = Taxonomy()
    tree.root = root
    members: dict[str, list[int]] = {}
    with_dimensions: set[str] = set()
    for row, item in enumerate(paths):
        for category, dimension in map(tree.split, item):
            members.setdefault(category, []).append(row)
            if dimension:
                with_dimensions.add(category)
    induced: dict[str, dict[str, Any]] = {}
    if not members:
        # no paths at all: categories are clusters of the text too, and their members are known from the labels
        found = _induce(settings, projected, texts, range(len(texts)), older, "", rename)
        if found:
            induced[""] = found
            labels = np.argmax(projected @ unpack(found["centroids"]).T, axis=1)
            for row, label in enumerate(labels.tolist()):
                members.setdefault(found["names"][label], []).append(row)
    for category, rows in members.items():
        if category not in with_dimensions:
            found = _induce(settings, projected, texts, sorted(set(rows)), older, category, rename)
            if found:
                induced[category] = found
    return {"space": space.to_body(), "root": list(root), "induced": induced, "items": len(vectors)}


def _induce(
    settings: Settings, projected: F32, texts: Sequence[str], rows: Sequence[int], older: Taxonomy, category: str,
    rename: Rename | None,
) -> dict[str, Any] | None:  # fmt: skip
    start_names = list(dict.fromkeys(older.names.get(category, [])))  # groups of the remainder share its name
    k = max(choose_k(len(rows)), len(start_names))
    if k < 2 or len(rows) < k:
        return None
    # an older space's centroids mean nothing here: begin where the items of each old node now are
    start = _restart(projected, rows, texts, start_names)
    chosen = list(rows)
    avoid = {category, settings.noun} if category else {settings.noun}
    found = induce(
        projected[chosen], [texts[row] for row in chosen], k, seed=settings.seed, start=start,
        start_names=start_names if start is not None else (), avoid=avoid, rename=rename,
    )  # fmt: skip
    names = [f"just {category.casefold()}" if name == "other" and category else name for name in found.names]
    return {"centroids": pack(np.asarray(found.centroids, np.float32)), "names": names}


def _restart(projected: F32, rows: Sequence[int], texts: Sequence[str], names: Sequence[str]) -> F32 | None:
    """Centroids [k0, d] of the items whose text has a node's name words, of those left over where none has.

    None if some node finds no item.
    """
    hits = [[row for row in rows if _is_named(name, texts[row])] for name in names]
    named = {row for found in hits for row in found}
    rest = [row for row in rows if row not in named]
    centroids: list[F32] = []
    for found in hits:
        members = found or rest
        if not members:
            return None
        mean = projected[members].mean(0)
        centroids.append((mean / max(float(np.linalg.norm(mean)), 1e-9)).astype(np.float32))
    return np.stack(centroids) if centroids else None


def _is_named(name: str, text: str) -> bool:
    return any(word in text.casefold() for word in name.casefold().split(" & ") if word)
