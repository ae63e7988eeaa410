"""A stream that means harm: everything new, retired at once, merged, said; memory stays under what capacity says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lives import T0, BagOfWords
from penchant import Engine, Event, Item
from penchant.config import Settings
from penchant.engine.capacity import capacity
from penchant.engine.capacity.rows import arrays_of
from penchant.errors import InvalidRecord

CATEGORIES, DIMENSIONS, KEPT, SAID = 50, 60, 40, 70
STAY = 40  # of the users and of the things
SETTINGS = Settings.load(
    "shop",
    {
        "statements_kept": SAID,
        "retired_kept": KEPT,
        "answers_kept": 0,
        "model": {"most_categories": CATEGORIES, "most_dimensions": DIMENSIONS},
        "options": {"learned": {"buffer": 100, "meaning": 0}},
    },
)


def bytes_of(engine: Engine) -> dict[str, int]:
    """Of the state's arrays, as reserved; the encoder's vectors used last are a cache of 10,000 beside it."""
    return {path: a.nbytes for path, a in arrays_of(engine.model).items() if not path.startswith(".vectors.")}


class Attack:
    """Rounds of it, and the most users that there were at a time."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.users, self.items, self.refused = engine, 0, 0, 0

    def round(self, k: int) -> None:
        engine, user = self.engine, f"user-{k}"
        for node in ("new", "known"):
            path = ("c0", "d0") if node == "known" else (f"category {k}", f"dimension {k}")
            try:
                engine.add_items([Item(id=f"{node}-{k}", text=f"a {node} thing, number {k}", paths=(path,))])
            except InvalidRecord:
                self.refused += 1
        for j in range(3):
            engine.observe(Event(user=user, item=f"known-{k}", kind="like", time=T0 + 10.0 * k + j,
                                 context={"place": f"{k} {j}"}))  # fmt: skip
        engine.tell(user, f"nothing like number {k} any more " + "at all " * min(k, 50), time=T0 + 10.0 * k)
        engine.tell(user, f"more of {k}, and c0", time=T0 + 10.0 * k)
        engine.edit(user, "c0", "never", time=T0 + 10.0 * k)
        engine.recommend(user, 5)
        self.users = max(self.users, engine.model.world.users.known)
        self.items = max(self.items, len(engine.model.world.catalogue))
        if k >= STAY:
            engine.merge(user, f"user-{k % STAY}")
            engine.retire(f"known-{k}")
            if k % 3 == 0:
                engine.delete(f"known-{k}")
        if k % 50 == 49:
            engine.recommend(user, 5, request="anything")


@pytest.fixture(scope="module")
def attacked() -> Iterator[tuple[Attack, int]]:
    """After twice as many rounds as it takes to fill everything; and the arrays' bytes half-way."""
    with Engine.open(settings=SETTINGS, encoder=BagOfWords()) as engine:
        attack = Attack(engine)
        for k in range(120):
            attack.round(k)
        half = sum(bytes_of(engine).values())
        for k in range(120, 190):
            attack.round(k)
        yield attack, half


def test_arrays_stay_under_what_capacity_says(attacked: tuple[Attack, int]) -> None:
    attack, half = attacked
    model = attack.engine.model
    assert len(model.world.taxonomy.categories) == CATEGORIES
    assert attack.refused > 100
    assert attack.users <= STAY + 1, "190 came; guests who were merged give their rows back"
    assert attack.items <= STAY + CATEGORIES + KEPT * 9 // 8 + 2, "240 came, 150 of them were retired"
    assert len(model.world.wishes) == SAID, "570 were made"
    bill = capacity(
        SETTINGS, users=attack.users, items=attack.items, events=570, nodes=CATEGORIES + DIMENSIONS,
        categories=CATEGORIES, statements=10**6, encoder_dim=BagOfWords.dim,
    )  # fmt: skip
    whole = {"users", "items, beside their vectors", "vectors", "categories", "dimensions"}
    fixed = {"centroids of induced nodes", "the space", "replayed events (learned)", "contexts", "weights and the rest",
             "vectors of statements"}  # fmt: skip
    told = {line.name: line.bytes * (2 if line.doubles else 1) for line in bill.memory}
    arrays = bytes_of(attack.engine)
    assert sum(arrays.values()) <= sum(told[name] for name in whole | fixed)
    assert sum(arrays.values()) <= 1.1 * half, "twice as much of it takes no more"
    users = sum(size for path, size in arrays.items() if ".memory." in path)
    assert users <= told["users"]


def test_what_is_left_is_sound(attacked: tuple[Attack, int]) -> None:
    engine = attacked[0].engine
    assert engine.verify()
    assert len(engine.recommend("user-3", 10)) == 10
