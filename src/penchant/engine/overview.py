"""The catalogue at a glance: its items in order, its tree with counts, and how the model weighs things now."""

from __future__ import annotations

from dataclasses import dataclass

from penchant.engine.history import History
from penchant.interest.blend import LEVELS
from penchant.interest.catalogue import DELETED, RETIRED
from penchant.records import Item


@dataclass(frozen=True, slots=True)
class Overview:
    """How a catalogue's model is at one version.

    Attributes:
        version: of the model.
        items, live: items in all, and those that may be recommended.
        users: of whom something is known.
        learned: events learned.
        alpha: how category, dimension and intensity are weighed, on the simplex.
        weights: w_I by evidence.
        drifts: what was noticed of categories, the last 1,000, oldest first; None where none is watched.
    """

    version: int
    items: int
    live: int
    users: int
    learned: int
    alpha: dict[str, float]
    weights: dict[str, float]
    drifts: tuple[Drifted, ...] | None = None


@dataclass(frozen=True, slots=True)
class Drifted:
    """A category whose next events came to be foreseen worse, or better, than before.

    Attributes:
        category: its name.
        learned: events learned when it was noticed.
        time: of the event, UTC seconds.
        before, after: share of its events of which the head foresaw another category, in [0, 1].
        left: for how many more of its events it learns in larger steps because of this; 0: no more.
    """

    category: str
    learned: int
    time: float
    before: float
    after: float
    left: int


@dataclass(frozen=True, slots=True)
class TreeCount:
    """A node of the tree: how many items stand there, and its share of the population's engagements, in [0, 1]."""

    path: tuple[str, ...]
    items: int
    share: float
    children: tuple[TreeCount, ...] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """An item in the catalogue's order: its place, the item as it now is, and whether it was retired."""

    place: int
    item: Item
    retired: bool


class Looking(History):
    """The methods that look at a catalogue as a whole."""

    def overview(self) -> Overview:
        """Counts, α, the evidences' weights and what drifted, as they now are."""
        with self._lock:
            model, world = self.model, self.model.world
            alpha: dict[str, float] = dict(zip(LEVELS, map(float, model.blend.alpha()), strict=True))
            names = [evidence.name for evidence in model.evidences]
            weights = dict(zip(names, map(float, model.blend.w), strict=True))
            held = int((world.catalogue.state[: len(world.catalogue)] != DELETED).sum())
            return Overview(
                model.version, held, len(world.catalogue.live()), world.users.known, model.learned, alpha, weights,
                self._drifted(),
            )  # fmt: skip

    def _drifted(self) -> tuple[Drifted, ...] | None:
        world = self.model.world
        if world.drifts is None:
            return None
        names, left, found = world.taxonomy.categories.ids, world.drifts.boosted, list[Drifted]()
        for drift in reversed(world.drifts.noticed):  # the last one of a category is why it learns in larger steps
            more = left.pop(drift.category, 0) if drift.after > drift.before else 0
            found.append(Drifted(names[drift.category], drift.at, drift.time or 0.0, drift.before, drift.after, more))
        return tuple(reversed(found))

    @property
    def snapshot_version(self) -> int:
        """Version of the last snapshot, begun or kept; 0: there is none."""
        return self._snapshot

    def tree(self) -> list[TreeCount]:
        """Categories with their dimensions, the largest share first."""
        with self._lock:
            taxonomy = self.model.world.taxonomy
            share_c, share_d = taxonomy.population()
            nodes: list[TreeCount] = []
            for c, name in enumerate(taxonomy.categories.ids):
                below = [
                    TreeCount(taxonomy.path_of_dimension(d), int(taxonomy.items_d[d]), float(share_c[c] * share_d[d]))
                    for d in map(int, taxonomy.children(c))
                ]
                below.sort(key=lambda node: -node.share)
                nodes.append(TreeCount((name,), int(taxonomy.items_c[c]), float(share_c[c]), tuple(below)))
        return sorted(nodes, key=lambda node: -node.share)

    def listed(self, n: int = 100, *, after: int = 0) -> list[Listed]:
        """The first n items after a place (from 1), in the order in which they were first added."""
        with self._lock:
            catalogue = self.model.world.catalogue
            found: list[tuple[int, str, bool]] = []
            for row in range(after, len(catalogue)):
                if len(found) >= n:
                    break
                if catalogue.state[row] != DELETED:
                    found.append((row + 1, catalogue.rows.ids[row], bool(catalogue.state[row] == RETIRED)))
        return [Listed(place, self.item(id), retired) for place, id, retired in found]

    def title(self, item: str) -> str:
        """First line of an item's text, as it now is.

        Raises:
            UnknownId: there is no such item. Refused: it was deleted.
        """
        return self.model.world.catalogue.cards[self._row(item)].title

    def is_retired(self, item: str) -> bool:
        """Whether an item is kept but not recommended.

        Raises:
            UnknownId: there is no such item. Refused: it was deleted.
        """
        return bool(self.model.world.catalogue.state[self._row(item)] == RETIRED)

    def is_merged(self, guest: str, into: str) -> bool:
        """Whether the guest's history is the user's already."""
        ids = self._ids(into)
        return guest != into and guest in ids and self._ids(guest) == ids
