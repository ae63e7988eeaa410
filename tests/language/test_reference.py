"""References: to a title, to it, to nothing but a comparison; and what is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant.language.clauses import fold
from penchant.language.reference import read_reference
from penchant.language.titles import Titles

TITLES = Titles()
for row, title in enumerate(("Dune (2021)", "The Matrix (1999)", "活着", "Heat (1995)")):
    TITLES.put(row, title)


@pytest.mark.parametrize(
    ("text", "to", "title", "compared"),
    [
        ("like Dune but shorter", "item", "dune", [("length", -1)]),
        ("similar to The Matrix, newer", "item", "the matrix", [("year", 1)]),
        ("something newer than The Matrix", "than", "the matrix", [("year", 1)]),
        ("something like it, but funny", "last", None, []),
        ("like that but cheaper", "last", None, [("price", -1)]),
        ("a bit more expensive", "nothing", None, [("price", 1)]),
        ("像《活着》那样的，短一点", "item", "活着", [("length", -1)]),
        ("更便宜一点的", "nothing", None, [("price", -1)]),
        ("类似的", "last", None, []),
    ],
)
def test_what_is_referred_to(text: str, to: str, title: str | None, compared: list[tuple[str, int]]) -> None:
    found = read_reference(fold(text), TITLES.find(text))
    assert found is not None
    assert found.to == to
    assert (found.title.text if found.title else None) == title
    assert [(one.aspect, one.sign) for one in found.comparisons] == compared


@pytest.mark.parametrize(
    "text",
    ["I like Dune", "I'd like something newer", "newer ones", "I like it when it rains", "新一点的片子", "新闻",
     "nothing like Dune", "a film like no other", "no more of the same", "a long film"],
)  # fmt: skip
def test_what_refers_to_nothing(text: str) -> None:
    assert read_reference(fold(text), TITLES.find(text)) is None


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    folded = fold(text)
    found = read_reference(folded, TITLES.find(text))
    for start, end in found.spans if found else ():
        assert 0 <= start <= end <= len(folded)
