"""Placing items by hand: which stand nowhere in the tree, what the heads propose for one, and the placement itself."""

from __future__ import annotations

import time as clock
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from penchant.engine.core import Learned
from penchant.engine.overview import Listed, Looking
from penchant.errors import UnknownId
from penchant.interest.catalogue import DELETED, LIVE, RETIRED
from penchant.interest.intake import text_to_embed
from penchant.interest.taxonomy import SEPARATOR
from penchant.language.vectors import content_hash
from penchant.records import Draft

LIKELY = 0.5  # of the dimensions of a category, the probability from which one of them is proposed


@dataclass(frozen=True, slots=True)
class Proposal:
    """A node for an item, and how probable the heads hold it to be, in [0, 1].

    Attributes:
        path: (category,) or (category, dimension).
        share: M_C(x), times M_D(x) where the path names a dimension.
    """

    path: tuple[str, ...]
    share: float


class Placing(Looking):
    """The methods that place items by hand."""

    def unplaced(self, n: int = 100, *, after: int = 0) -> list[Listed]:
        """The first n items after a place (from 1) that stand in no category, in the order in which they were added."""
        with self._lock:
            catalogue = self.model.world.catalogue
            size = len(catalogue)
            alone = (catalogue.categories[:size, 0] < 0) & (catalogue.state[:size] != DELETED)
            found = [(row + 1, catalogue.rows.ids[row], bool(catalogue.state[row] == RETIRED))
                     for row in map(int, np.flatnonzero(alone)) if row >= after][:n]  # fmt: skip
        return [Listed(place, self.item(id), retired) for place, id, retired in found]

    def count_unplaced(self) -> int:
        """How many items stand in no category."""
        with self._lock:
            catalogue = self.model.world.catalogue
            size = len(catalogue)
            return int(((catalogue.categories[:size, 0] < 0) & (catalogue.state[:size] != DELETED)).sum())

    def proposals(self, id: str, n: int = 5) -> list[Proposal]:
        """Nodes for an item by what the heads read in its vector, the most probable first: one a category.

        A dimension is named where the paths of other items name it and the head is rather sure; one that was induced
        from texts is found by itself.

        Raises:
            UnknownId: there is no such item. Refused: it was deleted.

        >>> from penchant import Engine
        >>> engine = Engine.open(base="movies")
        >>> added = engine.add_items([{"id": "a", "text": "a ghost haunts a house", "paths": [["Horror"]]},
        ...                           {"id": "b", "text": "two clowns fall about", "paths": [["Comedy"]]},
        ...                           {"id": "c", "text": "a haunted house with a ghost"}])
        >>> [one.item.id for one in engine.unplaced()], engine.proposals("c")[0].path
        (['c'], ('Horror',))
        >>> engine.place("c", "Horror").accepted, engine.unplaced()
        (1, [])
        >>> engine.close()
        """
        with self._lock:
            row = self._row(id)
            world = self.model.world
            taxonomy = world.taxonomy
            of_c, of_d = world.heads.both(taxonomy, world.catalogue.vectors[row])
            found: list[Proposal] = []
            for c in map(int, np.argsort(-of_c, kind="stable")[:n]):
                name, children = taxonomy.categories.ids[c], taxonomy.children(c)
                best = int(children[np.argmax(of_d[children])]) if len(children) else -1
                if best >= 0 and name not in taxonomy.centroids and of_d[best] >= LIKELY:
                    found.append(Proposal(taxonomy.path_of_dimension(best), float(of_c[c] * of_d[best])))
                else:
                    found.append(Proposal((name,), float(of_c[c])))
        return found

    def place(self, id: str, path: str | Sequence[str]) -> Learned:
        """The item stands at this node from now on, whatever its paths were; all else of it stays as it is.

        Its text is embedded anew with the node's name, as if it had come so, unless its vector was given. What is
        retired stays retired.

        Args:
            path: a category, or (category, dimension), that there is.

        Raises:
            UnknownId: there is no such item or node. Refused: the item was deleted.
        """
        self._writable()
        levels = (path,) if isinstance(path, str) else tuple(path)
        with self._lock:
            taxonomy = self.model.world.taxonomy
            node = taxonomy.find(levels) if levels else None
            if node is None:
                raise UnknownId(f"there is no node {' / '.join(levels)!r}", fix="engine.tree() has them")
            category, dimension = taxonomy.categories.ids[node[0]], node[1]
            below = taxonomy.path_of_dimension(dimension)[1].split(SEPARATOR) if dimension >= 0 else []
            # with the root that all paths share: a path without it would take it from all others at the next fit
            wanted = [*taxonomy.root, category, *below]
            return self._again(id, paths=[wanted])

    def bring_back(self, id: str) -> Learned:
        """A retired item is recommended again, just as it was.

        Raises:
            UnknownId: there is no such item. Refused: it was deleted.
        """
        self._writable()
        with self._lock:
            return self._again(id, retired=False)

    def _again(self, id: str, *, retired: bool | None = None, **changed: Any) -> Learned:
        """Write the item's entry anew with some of its body changed; the caller holds the lock.

        `item` and `add_items` would lose a vector that was given.
        """
        catalogue = self.model.world.catalogue
        row = self._row(id)
        was = bool(catalogue.state[row] != LIVE)
        stays = was if retired is None else retired
        entry = next(self.store.entries(types=["item"], item=id, newest_first=True, limit=1))
        body = {**entry.body, **changed}
        if body == entry.body and stays == was:
            return Learned(self.version, 0, 1)
        old, text = (text_to_embed(one["text"], one["paths"]) for one in (entry.body, body))
        if entry.body["hash"] == content_hash(old):
            body["hash"] = content_hash(text)
            self._book.of([text])
        now = clock.time()
        drafts = [Draft("item", now if body["time"] is None else body["time"], body, item=id)]
        if stays:
            drafts.append(Draft("retire", now, {}, item=id))
        self._write(drafts)
        self._warm()
        return Learned(self.version, 1, 0)
