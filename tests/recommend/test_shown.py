"""What the log keeps of an answer: read back to the bit, and no word twice."""

from __future__ import annotations

import json

import hypothesis.strategies as st
import pytest
from hypothesis import given

from penchant.interest.reason import Reason
from penchant.recommend.answer import Answer, Recommendation
from penchant.recommend.explanation import LEVELS, Explanation, Part
from penchant.recommend.shown import body_of, explanations_in

words = st.text(max_size=8)
reasons = st.builds(Reason, words, st.dictionaries(words, words | st.integers(-9, 9) | st.floats(-9, 9), max_size=3))
parts = st.builds(Part, st.sampled_from(LEVELS), words, st.floats(-9, 9), reasons)
explanations = st.builds(
    lambda parts, item, moves: Explanation(parts, float(sum(p.value for p in parts)), item=item, moves=moves),
    st.lists(parts, max_size=4), words, st.lists(reasons, max_size=2),
)  # fmt: skip


def answer_of(found: list[Explanation]) -> Answer:
    items = [Recommendation(e.item, "a title", e.score, k, e, 0.5) for k, e in enumerate(found, 1)]
    return Answer("r1", "ann", 7, 1.5, tuple(items), ("wish: tea",), {"adults": 2})


@given(st.lists(explanations, max_size=4))
def test_what_was_logged_is_read_back(found: list[Explanation]) -> None:
    answer = answer_of(found)
    body = json.loads(json.dumps(body_of(answer)))
    assert explanations_in(body) == found
    told = answer.to_dict()
    kept = [{k: v for k, v in one.items() if k not in ("parts", "moves")} for one in body["items"]]
    assert kept == [{k: v for k, v in one.items() if k != "explanation"} for one in told["items"]]
    assert {k: v for k, v in body.items() if k in told and k != "items"} == {
        k: v for k, v in told.items() if k != "items"
    }


@given(st.lists(explanations, max_size=3))
def test_what_an_older_release_logged_is_read(found: list[Explanation]) -> None:
    assert explanations_in(json.loads(json.dumps(answer_of(found).to_dict()))) == found


def test_what_counts_for_little_keeps_its_value_but_no_reason() -> None:
    told = [Part("intensity", f"e{k}", (-1) ** k * (9.0 - k), Reason("recent", {"items": str(k)})) for k in range(9)]
    told.append(Part("policy", "a rule", 0.01, Reason("boost", {"rule": "a rule"})))
    score = float(sum(part.value for part in told))
    [read] = explanations_in(json.loads(json.dumps(body_of(answer_of([Explanation(told, score)])))))
    assert [part.value for part in read.parts] == [part.value for part in told]
    assert [part.reason for part in read.parts[:6]] == [part.reason for part in told[:6]]
    assert {part.phrase() for part in read.parts[6:9]} == {"it counts for little here"}
    assert read.parts[9].reason == told[9].reason
    assert read.text(top=3) == Explanation(told, score).text(top=3)


def test_a_name_and_a_reason_stand_once() -> None:
    why = Reason("recent", {"items": "Alien"})
    found = [Explanation([Part("intensity", "recent", 0.5, why)], 0.5, item=str(k)) for k in range(10)]
    body = body_of(answer_of(found))
    assert body["parts"] == [["intensity", "recent"]]
    assert body["reasons"] == [["recent", {"items": "Alien"}]]


def test_a_score_that_is_not_the_sum_is_noticed() -> None:
    body = body_of(answer_of([Explanation([Part("base", "base", 0.5, Reason("base"))], 0.5)]))
    body["items"][0]["score"] = 0.75
    with pytest.raises(ValueError, match="sum to"):
        explanations_in(body)
