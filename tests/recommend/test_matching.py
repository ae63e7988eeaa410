"""What filters let through, found for all items at once: the same as judged one by one, also after items changed."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from penchant import Engine, Item
from penchant.recommend import matching
from penchant.recommend.matching import Matching
from penchant.recommend.policy import Policy, Rule

CONDITIONS = (
    "price <= 5", "not price > 5", "kind == 'a' or price between 2 and 3", "category == 'books'", "id in ['i3', 'i4']",
    "dimension == 'crime' and price < 7", "available", "tags in ['new']", "missing",
)  # fmt: skip
PATHS = (("books",), ("books", "crime"), ("films",), ("nowhere",), ("books", "nowhere"))


def item(k: int, price: float) -> Item:
    paths = [["books", "crime"], ["films"], ["books", "horror"], ["films", "crime"]][k % 4 : k % 4 + 1 + k % 2]
    fields = {"price": price, "kind": "ab"[k % 2], "tags": ["new"] if k % 3 else []} if k % 5 else {}
    return Item.model_validate({"id": f"i{k}", "text": f"thing {k}", "paths": paths, "fields": fields})


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """Four hundred items, of which whatever is gathered is too little: everything has to be looked at."""
    with Engine.open(base="shop", settings={"exact_below": 0, "candidates": 50}) as made:
        made.add_items(item(k, k % 10) for k in range(400))
        yield made


ACTIONS = st.sampled_from(["allow", "block"])
rules = st.one_of(
    st.builds(Rule, action=ACTIONS, when=st.sampled_from(CONDITIONS)),
    st.builds(Rule, action=ACTIONS, path=st.sampled_from(PATHS)),
    st.builds(Rule, action=ACTIONS, path=st.sampled_from(PATHS), when=st.sampled_from(CONDITIONS)),
)


def judged(engine: Engine, given: list[Rule], rows: list[int]) -> tuple[list[int], dict[str, int]]:
    """The rows that the policy allows, one by one, and how many each rule kept out."""
    verdict = Policy(given).judge([engine._ranker._facts_of(row) for row in rows])
    blocked: dict[str, int] = {}
    for why in filter(None, verdict.why):
        blocked[why] = blocked.get(why, 0) + 1
    return [row for row, may in zip(rows, verdict.allowed, strict=True) if may], blocked


@given(given=st.lists(rules, max_size=4), price=st.integers(0, 10))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_all_at_once_is_one_by_one(engine: Engine, given: list[Rule], price: int) -> None:
    found = engine._ranker._matching
    engine.add_items([item(7, price), item(11, price)])
    live = engine.model.world.catalogue.live()
    for _ in range(2):  # what is kept says the same
        rows, blocked = found.permitted(engine.model, given, live)
        assert (rows.tolist(), blocked) == judged(engine, given, live.tolist())


def test_a_narrow_filter_is_met_from_everything(engine: Engine) -> None:
    for _ in range(2):
        answer = engine.recommend("ann", 10, filters="id in ['i3', 'i4', 'i44']", repeats=True)
        assert {one.item for one in answer} == {"i3", "i4", "i44"}
        assert answer.blocked == {"allow id in ['i3', 'i4', 'i44']": len(engine.model.world.catalogue.live()) - 3}
    engine.add_items([item(100, 3), item(101, 99)])
    assert [one.item for one in engine.recommend("ann", 10, filters="price > 50")] == ["i101"]
    engine.add_items([item(101, 1)])
    assert len(engine.recommend("ann", 10, filters="price > 50")) == 0
    engine.add_items([item(101, 99)])
    engine.retire("i101")
    assert len(engine.recommend("ann", 10, filters="price > 50")) == 0


def test_what_is_kept_is_bounded(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "KEPT", 3)
    monkeypatch.setattr(matching, "STALE", 5)
    found = Matching(engine._ranker._facts_of)
    rows = engine.model.world.catalogue.live()
    for k in range(8):
        found.permitted(engine.model, [Rule(action="allow", when=f"price > {k}")], rows)
    assert [when for when, _ in found._kept] == ["price > 5", "price > 6", "price > 7"]
    for row in range(20):
        found.changed(row)
    assert not found._kept, "found anew, for too much has changed"
    assert np.array_equal(found.permitted(engine.model, [], rows)[0], rows)
