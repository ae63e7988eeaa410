"""Titles: found where they are meant, and nowhere by chance."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant.language.clauses import fold
from penchant.language.titles import Titles

NAMES = (
    "No Country for Old Men (2007)", "Matrix, The (1999)", "It (2017)", "Never Again (2001)", "Dune, a novel",
    "Love Story (1970)",
    "不要忘记我的名字", "活着", "Heat (1995)", "Galaxy Quest (1999): actors in space",
)  # fmt: skip
TITLES = Titles()
for row, name in enumerate(NAMES):
    TITLES.put(row, name)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("no country for old men", [0]),
        ("No Country for Old Men please", [0]),
        ("something like the matrix", [1]),
        ("something like The Matrix but funny", [1]),
        ("something like it, but funny", []),
        ('something like "It"', [2]),
        ("never again horror", []),
        ("have you got Never Again?", [3]),
        ("like dune but shorter", [4]),
        ("a love story", []),
        ("Love Story", [5]),
        ("我想看不要忘记我的名字", [6]),
        ("像《活着》一样的", [7]),
        ("像Dune那样的", [4]),
        ("活着就好", []),
        ("一部像活着的电影", [7]),
        ("the heat of summer", []),
        ("similar to galaxy quest", [9]),
        ("《没有的片子》", [-1]),
    ],
)
def test_where_a_title_counts(text: str, rows: list[int]) -> None:
    found = TITLES.find(text)
    assert [one.row for one in found] == rows
    assert all(fold(text)[one.start : one.end] == one.text for one in found)


@given(st.text(max_size=200))
def test_any_text_is_searched(text: str) -> None:
    found = TITLES.find(text)
    assert all(one.end <= after.start for one, after in pairwise(found))
