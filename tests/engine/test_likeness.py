"""Searching by words and meaning, and answers that are like an item."""

from __future__ import annotations

import pytest

from lives import Open, films, stream
from penchant import Item
from penchant.engine.likeness import Found
from penchant.errors import ConfigError, InvalidRecord, UnknownId


def _ids(found: list[Found]) -> list[str]:
    return [one.item for one in found]


def test_words_find_titles_nodes_fields_and_ids_and_meaning_finds_the_rest(opened: Open) -> None:
    engine = opened(
        items=[*films(60), Item(id="x", text="Solaris\nA planet that thinks", paths=[["Sci-Fi"]], fields={"by": "Lem"})]
    )
    assert _ids(engine.search("solaris", 1)) == ["x"]
    assert _ids(engine.search("LEM", 1)) == ["x"]
    assert _ids(engine.search("f17", 1)) == ["f17"]
    assert _ids(engine.search("a planet that thinks", 1)) == ["x"]  # in the text alone: by meaning
    best = engine.search("film horror number", 5)
    assert all(one.words == 1.0 for one in best)
    assert [one.score for one in best] == sorted((one.score for one in best), reverse=True)
    assert best[0].score == pytest.approx(best[0].words + best[0].meaning, abs=1e-5)


def test_what_changed_or_went_is_found_as_it_is_now(opened: Open) -> None:
    engine = opened(items=films(12))
    assert engine.search("number", 12)
    engine.add_items([Item(id="f3", text="Quite another title", paths=[["War"]])])
    assert _ids(engine.search("quite another title", 1)) == ["f3"]
    engine.retire("f3")
    assert "f3" not in _ids(engine.search("quite another title", 12))
    again = engine.search("quite another title", 1, retired=True)
    assert (_ids(again), again[0].available) == (["f3"], False)
    engine.delete("f3")
    assert "f3" not in _ids(engine.search("quite another title", 12, retired=True))


def test_filters_narrow_a_search(opened: Open) -> None:
    engine = opened(items=films(60))
    cheap = engine.search("film", 60, filters="price < 3")
    assert {one.item for one in cheap} == {f"f{k}" for k in range(60) if k % 9 < 3}
    assert _ids(engine.search("film", 2, filters="price < 3")) == _ids(cheap)[:2]
    war = engine.search("film", 60, filters={"action": "block", "path": ["War"]})
    assert war
    assert all("War" not in {path[0] for path in engine.item(one.item).paths} for one in war)


def test_what_can_not_be_searched_is_said(opened: Open) -> None:
    engine = opened()
    assert engine.search("anything") == []
    engine.add_items(films(6))
    for text, n in ((" ", 1), ("x" * 4001, 1), ("x", 0), ("x", 1001)):
        with pytest.raises(InvalidRecord, match=r"search\.(text|n)"):
            engine.search(text, n)
    with pytest.raises(ConfigError):
        engine.search("x", filters="price <")


def test_an_answer_like_an_item_leans_to_it_and_says_so(opened: Open) -> None:
    engine = opened(items=films(60))
    engine.observe_many(stream(200))
    near = {id for id, _ in engine.similar("f2", 20)}
    plain, like = engine.recommend("", 10), engine.recommend("", 10, similar_to="f2")
    shared = [len(near & {r.item for r in answer}) for answer in (plain, like)]
    assert shared[1] > shared[0]
    assert "f2" not in [r.item for r in like]
    assert "f2" not in [r.item for r in engine.recommend("", 60, similar_to="f2", repeats=True)]
    assert like.read == ("+ like Film number 2 (1962)",)
    reasons = [part.phrase() for r in like for part in r.explanation.parts if part.level == "request"]
    assert reasons
    assert set(reasons) <= {"it is like Film number 2 (1962)", "it is unlike Film number 2 (1962)"}
    assert len(engine.explain(like.request_id)) == 10


def test_words_and_likeness_join(opened: Open) -> None:
    engine = opened(items=films(60))
    both = engine.recommend("", 10, "comedy", similar_to="f2")
    assert any("Comedy" in {path[0] for path in engine.item(r.item).paths} for r in both)
    assert len(both.read) == 2
    with pytest.raises(UnknownId):
        engine.recommend("", 10, similar_to="nowhere")
