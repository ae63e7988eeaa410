"""Induced nodes: found in text, named by it, and stable while the catalogue grows."""

from __future__ import annotations

import numpy as np

from lives import T0, BagOfWords, Open
from penchant import Event, Item
from penchant.interest.fit import is_due

THEMES = ("war soldiers battle", "love wedding kiss", "court lawyer trial", "family home children")


def dramas(first: int, last: int) -> list[Item]:
    rng = np.random.default_rng(first)
    return [
        Item(id=f"d{k}", text=f"{' '.join(rng.permutation(THEMES[k % 4].split()))} story {k}", paths=[["Drama"]])
        for k in range(first, last)
    ]


def names(engine) -> list[str]:
    tree = engine.model.world.taxonomy
    return [tree.path_of_dimension(d)[1] for d in range(len(tree.dimensions))]


def test_dimensions_are_induced_and_stay_when_the_catalogue_grows(opened: Open) -> None:
    engine = opened(items=dramas(0, 160))
    before = names(engine)
    assert len(before) >= 3
    assert all(name for name in before)
    places = {f"d{k}": engine.model.world.catalogue.place(k).dimensions for k in range(160)}
    same = sum(len({places[f"d{k}"] for k in range(t, 160, 4)}) == 1 for t in range(4))
    assert same >= 3, "items of one theme stand together"
    for k in range(30):
        engine.observe(Event(user="ann", item=f"d{4 * k}", kind="like", time=T0 + k))
    learned = engine.profile("ann").nodes[0].children[0].name
    assert is_due(engine.model.fitted, 700)
    engine.add_items(dramas(160, 700))
    assert engine.model.fitted == 700
    assert names(engine)[: len(before)] == before, "a node keeps its row and name"
    assert engine.profile("ann").nodes[0].children[0].name == learned, "what was learned moves to the new space"
    assert [r.item for r in engine.recommend("ann", 5)]
    assert engine.verify()


def test_what_no_word_tells_of_is_one_dimension_and_stays_one(opened: Open) -> None:
    def mixed(first: int, last: int) -> list[Item]:
        texts = (f"war soldiers {k}" if k % 4 == 0 else f"a{k} b{k} c{k}" for k in range(first, last))
        return [Item(id=f"d{k}", text=text, paths=[["Drama"]]) for k, text in enumerate(texts, first)]

    engine = opened(items=mixed(0, 400))
    assert len(engine.model.world.taxonomy.names["Drama"]) > 2, "some groups"
    assert sorted(names(engine)) == ["just drama", "war soldiers"]
    engine.add_items(mixed(400, 1_700))
    assert engine.model.fitted == 1_700
    assert sorted(names(engine)) == ["just drama", "war soldiers"]
    assert engine.verify()


def test_with_no_paths_both_levels_are_induced(opened: Open) -> None:
    items = [item.model_copy(update={"paths": ()}) for item in dramas(0, 400)]
    engine = opened(items=items)
    tree = engine.model.world.taxonomy
    assert len(tree.categories) >= 3
    assert all(engine.model.world.catalogue.place(k).categories for k in range(400))
    top = [engine.model.world.catalogue.place(k).categories[0] for k in range(0, 400, 4)]
    assert np.bincount(top).max() / 100 > 0.8, "one theme, one category"


def test_one_by_one_is_fitted_as_it_grows(opened: Open) -> None:
    engine = opened()
    for item in dramas(0, 130):
        engine.add_items([item])
    assert engine.model.fitted > 1
    assert engine.verify()
    assert engine.encoder.id == BagOfWords.id
