"""Items placed by hand: what they are is kept to the bit, and the log has it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lives import BagOfWords, Open, films, stream
from penchant import Item
from penchant.errors import Refused, UnknownId

TREE = [
    Item(id=f"t{k}", text=f"{word} {k}", paths=[["Shop", category, dimension]])
    for k in range(24)
    for category, dimension, word in [(
        ("Garden", "Tools", "a spade for digging") if k % 4 == 0
        else ("Garden", "Seeds", "seed of a flower") if k % 4 == 1
        else ("Kitchen", "Pans", "an iron pan") if k % 4 == 2
        else ("Kitchen", "Knives", "a knife that cuts")
    )]
]  # fmt: skip


def test_what_stands_nowhere_is_listed_with_the_node_that_its_text_says(opened: Open) -> None:
    engine = opened(settings={}, items=TREE)
    engine.add_items([Item(id="new", text="an iron pan 99"), Item(id="gone", text="x"), Item(id="off", text="a knife")])
    engine.delete("gone")
    engine.retire("off")
    assert [(one.item.id, one.retired) for one in engine.unplaced()] == [("new", False), ("off", True)]
    assert [one.item.id for one in engine.unplaced(1)] == ["new"]
    assert [one.item.id for one in engine.unplaced(after=engine.unplaced()[0].place)] == ["off"]
    assert engine.count_unplaced() == 2
    proposed = engine.proposals("new")
    assert proposed[0].path == ("Kitchen", "Pans")
    assert [one.share for one in proposed] == sorted((one.share for one in proposed), reverse=True)
    assert 0.25 < proposed[0].share <= 1
    with pytest.raises(Refused):
        engine.proposals("gone")
    with pytest.raises(Refused):
        engine.place("gone", "Kitchen")
    with pytest.raises(UnknownId):
        engine.place("nobody", "Kitchen")
    with pytest.raises(UnknownId, match="no node 'Cellar'"):
        engine.place("new", "Cellar")
    assert engine.count_unplaced() == 2


def test_a_placement_is_a_record_that_keeps_the_root_and_replays(opened: Open, tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    engine = opened(path, items=TREE)
    engine.add_items([Item(id="new", text="an iron pan 99", fields={"price": 7}, images=["a.png"], time=5.0)])
    before, version = engine.item("new"), engine.version
    assert engine.place("new", ["kitchen", "pans"]).accepted == 1
    [placed] = engine.store.entries(after=version, types=["item"])
    assert placed.body["paths"] == [["Shop", "Kitchen", "Pans"]]
    assert engine.item("new") == before.model_copy(update={"paths": (("Shop", "Kitchen", "Pans"),)})
    card = engine.model.world.catalogue.cards[engine._row("new")]
    assert card.version == 2
    assert engine.unplaced() == []
    assert next(n for n in engine.tree() if n.path == ("Kitchen",)).items == 13
    again = engine.place("new", ["Kitchen", "Pans"])
    assert (again.accepted, again.duplicates) == (0, 1)
    assert card.hash == opened(items=[engine.item("new")]).model.world.catalogue.cards[0].hash  # as if it had come so
    assert engine.verify()
    engine.close()
    assert opened(path).item("new").paths == (("Shop", "Kitchen", "Pans"),)


def test_a_given_vector_and_a_retirement_are_kept(opened: Open) -> None:
    engine = opened(items=films())
    engine.observe_many(stream())
    given = np.random.default_rng(3).normal(size=BagOfWords.dim)
    engine.add_items([Item(id="given", text="with its own", vectors={BagOfWords.id: tuple(given.tolist())})])
    row = engine._row("given")
    catalogue = engine.model.world.catalogue
    vector, key = catalogue.vectors[row].copy(), catalogue.cards[row].hash
    engine.retire("given")
    engine.place("given", "War")
    assert engine.is_retired("given")
    assert "given" not in [one.item for one in engine.recommend("nobody", n=100)]
    engine.bring_back("given")
    assert not engine.is_retired("given")
    assert engine.item("given").paths == (("War",),)
    assert catalogue.cards[row].hash == key
    assert np.array_equal(catalogue.vectors[row], vector)
    assert engine.bring_back("given").duplicates == 1
    assert engine.verify()
