"""The catalogue at a glance: every item once, counts that agree with the items, weights that are the model's."""

from __future__ import annotations

import pytest

from lives import GENRES, Open, films, stream
from penchant import Item
from penchant.errors import Refused, UnknownId


def test_every_item_comes_once_in_order_whatever_the_size_of_a_part(opened: Open) -> None:
    engine = opened(items=films(23))
    engine.retire("f4")
    engine.delete("f7")
    engine.add_items([Item(id="f1", text="Renamed", paths=[["War"]])])
    kept = [f"f{k}" for k in range(23) if k != 7]
    for size in (1, 5, 100):
        seen: list[str] = []
        place = 0
        while part := engine.listed(size, after=place):
            seen += [one.item.id for one in part]
            place = part[-1].place
        assert seen == kept
    whole = {one.item.id: one for one in engine.listed()}
    assert whole["f1"].item.title == engine.title("f1") == "Renamed"
    assert [id for id, one in whole.items() if one.retired] == ["f4"]
    assert engine.is_retired("f4")
    assert not engine.is_retired("f1")
    with pytest.raises(Refused):
        engine.title("f7")
    with pytest.raises(UnknownId):
        engine.is_retired("f99")


def test_counts_agree_with_the_items(opened: Open) -> None:
    engine = opened(items=films(60))
    engine.observe_many(stream(100))
    engine.retire("f1")
    engine.delete("f2")
    seen = engine.overview()
    assert (seen.items, seen.live, seen.learned, seen.version) == (59, 58, 100, engine.version)
    assert seen.users == 7
    assert sum(seen.alpha.values()) == pytest.approx(1)
    assert list(seen.weights) == [evidence.name for evidence in engine.model.evidences]
    tree = engine.tree()
    assert {node.path[0] for node in tree} == set(GENRES)
    assert sum(node.share for node in tree) == pytest.approx(1, abs=1e-6)
    assert [node.share for node in tree] == sorted((node.share for node in tree), reverse=True)
    for node in tree:
        assert sum(child.share for child in node.children) == pytest.approx(
            node.share if node.children else 0, abs=1e-6
        )
