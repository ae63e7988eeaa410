from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from penchant.errors import ConfigError
from penchant.recommend.policy import UNAVAILABLE, Facts, Policy, Rule, always, never, read_rules

BOOK = Facts("book", {"price": 10, "adult": False}, [("books", "horror"), ("books", "crime")])
FILM = Facts("film", {"price": 30, "adult": True}, [("films",)])
BARE = Facts("bare")
GONE = Facts("gone", {"price": 1}, [("books",)], available=False)
ALL = [BOOK, FILM, BARE, GONE]


def test_facts_as_conditions_and_paths_see_them() -> None:
    assert BOOK.names == {
        "price": 10,
        "adult": False,
        "id": "book",
        "category": ["books"],
        "dimension": ["horror", "crime"],
        "available": True,
    }
    assert BOOK.nodes == {("books",), ("books", "horror"), ("books", "crime")}
    assert Facts("x", {"id": "field", "category": "field"}).names["id"] == "x"


def test_no_rules_hide_only_what_is_not_available() -> None:
    verdict = Policy().judge(ALL)
    assert verdict.allowed.tolist() == [True, True, True, False]
    assert verdict.why == [None, None, None, UNAVAILABLE]
    assert verdict.take([3, 2, 1, 0], 2) == [2, 1]
    assert Policy().judge([]).take([], 5) == []


def test_every_allow_rule_must_match_and_no_block_rule() -> None:
    rules = read_rules(["price <= 20", "not adult"])
    assert Policy(rules).judge(ALL).why == [None, "allow price <= 20", "allow price <= 20", UNAVAILABLE]
    block = Rule(action="block", path=("books", "horror"))
    assert Policy(rules).merged([block]).judge(ALL).why[0] == "block books / horror"
    assert Policy(rules).judge(ALL).why[0] is None  # merging leaves the standing policy as it was


def test_path_matches_what_lies_under_it_and_nothing_else() -> None:
    def blocked(*path: str) -> list[bool]:
        return (~Policy([Rule(action="block", path=path)]).judge([BOOK, FILM, BARE]).allowed).tolist()

    assert blocked("books") == [True, False, False]
    assert blocked("books", "crime") == [True, False, False]
    assert blocked("films", "crime") == [False, False, False]
    assert blocked("crime") == [False, False, False]


def test_when_and_path_together() -> None:
    rule = Rule(action="block", when="price < 20", path=("films",))
    assert Policy([rule]).judge([BOOK, FILM]).allowed.all()
    rule = Rule(action="block", when="id == 'film' and category == 'films'", path=("films",))
    assert Policy([rule]).judge([BOOK, FILM]).allowed.tolist() == [True, False]


def test_boosts_are_named_and_add_up() -> None:
    policy = Policy([Rule(action="boost", when="price < 20", amount=0.5, name="cheap"), *always([["books"]], 2.0)])
    verdict = policy.judge(ALL)
    assert verdict.boosts == [(("cheap", 0.5), ("always books", 2.0)), (), (), (("cheap", 0.5), ("always books", 2.0))]
    rule = policy.rule("always books")
    assert rule is not None
    assert rule.personal
    assert policy.rule("none") is None


def test_never_is_a_block_by_name() -> None:
    verdict = Policy().merged(never([("books", "crime"), ("games",)])).judge(ALL)
    assert verdict.why[:3] == ["never books / crime", None, None]


def test_caps_hold_together() -> None:
    facts = [Facts(str(i), {"even": i % 2 == 0}, [("books",) if i < 6 else ("films",)]) for i in range(10)]
    policy = Policy([Rule(action="cap", path=("books",), limit=2), Rule(action="cap", when="even", limit=1)])
    verdict = policy.judge(facts)
    assert verdict.limits == [2, 1]
    assert verdict.caps[0] == (0, 1)
    assert verdict.take(range(10), 10) == [0, 1, 7, 9]
    assert Policy([Rule(action="cap", path=("books",), limit=0)]).judge(facts).take(range(10), 10) == [6, 7, 8, 9]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=30), st.integers(0, 4), st.integers(0, 12))
def test_take_honours_caps_and_order(items: list[tuple[int, bool]], limit: int, n: int) -> None:
    facts = [Facts(str(i), {"shown": ok}, [(f"c{c}",)]) for i, (c, ok) in enumerate(items)]
    policy = Policy(
        [Rule(action="allow", when="shown"), *(Rule(action="cap", path=(f"c{c}",), limit=limit) for c in (0, 1))]
    )
    taken = policy.judge(facts).take(np.arange(len(items)), n)
    assert taken == sorted(taken)
    assert len(taken) <= n
    assert all(items[i][1] for i in taken)
    for category in (0, 1):
        assert sum(items[i][0] == category for i in taken) <= limit
    left_out = [i for i, (c, ok) in enumerate(items) if ok and c > 1 and i not in taken]
    assert len(taken) == n or not left_out


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"action": "block"}, "when: it matches nothing"),
        ({"action": "hide", "when": "a"}, "action: 'hide' can't be used"),
        ({"when": "a"}, "action is missing"),
        ({"action": "block", "when": "a +"}, "column 3: '+'"),
        ({"action": "block", "path": ("a", "")}, "empty level"),
        ({"action": "boost", "when": "a"}, "boost needs one"),
        ({"action": "boost", "when": "a", "amount": 0}, "other than 0"),
        ({"action": "boost", "when": "a", "amount": float("nan")}, "finite"),
        ({"action": "block", "when": "a", "amount": 1}, "only boost has one"),
        ({"action": "cap", "when": "a"}, "cap needs one"),
        ({"action": "cap", "when": "a", "limit": -1}, "too small"),
        ({"action": "allow", "when": "a", "limit": 1}, "only cap has one"),
        ({"action": "allow", "when": "a", "colour": 1}, "no field 'colour'"),
    ],
)
def test_rules_that_cannot_work_are_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Rule(**given)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_rules_inside_other_settings_keep_their_message() -> None:
    class Settings(BaseModel):
        rules: tuple[Rule, ...]

    settings = Settings.model_validate({"rules": [{"action": "cap", "path": ["books"], "limit": 2}]})
    assert settings.rules[0].name == "cap books"
    with pytest.raises(ValidationError, match="column 3"):
        Settings.model_validate({"rules": [{"action": "block", "when": "a +"}]})


def test_filters_are_read_or_refused() -> None:
    assert read_rules(None) == ()
    assert read_rules("price < 3")[0].action == "allow"
    rule = Rule(action="block", when="adult")
    assert read_rules(rule) == read_rules([rule]) == (rule,)
    for wrong in ([3], ["a b"], [{"action": "block"}], ["a"] * 300):
        with pytest.raises(ConfigError):
            read_rules(wrong)  # type: ignore[arg-type]


def test_a_thousand_candidates() -> None:
    facts = [Facts(str(i), {"price": i % 50, "adult": i % 7 == 0}, [("c", f"d{i % 20}")]) for i in range(1000)]
    policy = Policy([*read_rules("price <= 20"), Rule(action="block", when="adult"), *never([("c", "d3")])])
    verdict = policy.judge(facts)
    wanted = [i for i in range(1000) if i % 50 <= 20 and i % 7 and i % 20 != 3]
    assert np.flatnonzero(verdict.allowed).tolist() == wanted
