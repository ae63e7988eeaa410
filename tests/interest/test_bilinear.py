"""`learned` with meaning: what it learns of items it says of new ones that mean the like."""

from __future__ import annotations

import numpy as np

from lives import BagOfWords
from penchant import Engine, Event, Item
from penchant.interest.evidence.bilinear import Bilinear

PAIRS = (("red paint", "red brush"), ("blue soap", "blue towel"))


def open_shop() -> Engine:
    """People who take paint go on to a brush, those who take soap to a towel."""
    engine = Engine.open(base="shop", settings={"evidence": ["popular", "learned"]}, encoder=BagOfWords())
    for first, second in PAIRS:
        for k in range(6):
            engine.add_items(
                [Item(id=f"{first}{k}", text=f"{first} {k}"), Item(id=f"{second}{k}", text=f"{second} {k}")]
            )
    for user in range(60):
        first, second = PAIRS[user % 2]
        k = user // 2 % 6
        engine.observe(Event(user=str(user), item=f"{first}{k}", kind="purchase", time=1e9 + user * 100))
        engine.observe(Event(user=str(user), item=f"{second}{k}", kind="purchase", time=1e9 + user * 100 + 50))
    return engine


def test_a_new_item_stands_where_what_it_means_stands() -> None:
    with open_shop() as engine:
        engine.add_items([Item(id="new brush", text="red brush 9"), Item(id="new towel", text="blue towel 9")])
        evidence = next(e for e in engine.model.evidences if e.name == "learned")
        assert isinstance(evidence, Bilinear)
        engine.observe(Event(user="eve", item="red paint1", kind="purchase", time=1e9 + 10_000))
        rows = engine.model.world.catalogue.rows
        asker = engine.model.asker(engine.model.user("eve"), 1e9 + 10_001)
        brush, towel = evidence.values(asker, np.array([rows.add("new brush"), rows.add("new towel")], np.int32))
        assert brush > towel


def test_its_state_is_saved_whole() -> None:
    with open_shop() as engine:
        evidence = next(e for e in engine.model.evidences if e.name == "learned")
        items = len(engine.model.world.catalogue)
        fresh = Bilinear(engine.model.world)
        fresh.load({name: array.copy() for name, array in evidence.states(items).items()})
        asker, live = engine.model.asker(0, engine.now), engine.model.world.catalogue.live()
        assert fresh.values(asker, live).tobytes() == evidence.values(asker, live).tobytes()
