"""The first by popularity, kept from one question to the next: those that looking anew would find."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from penchant.interest.evidence.popular import Popular

ITEMS = 40
DAY = 86_400.0
# item, days after the one before (earlier: a late event), what it counts; and whether somebody asks then
events = st.lists(
    st.tuples(st.integers(0, ITEMS - 1), st.integers(-5, 9), st.sampled_from([0.0, 0.5, 1.0]), st.booleans()),
    max_size=60,
)


@given(events, st.sets(st.integers(0, ITEMS - 1), max_size=10))
def test_the_first_are_those_that_looking_anew_would_find(
    told: list[tuple[int, int, float, bool]], hidden: set[int]
) -> None:
    shown = np.array([row not in hidden for row in range(ITEMS)])
    catalogue = SimpleNamespace(shown=shown, live=lambda: np.flatnonzero(shown).astype(np.int32))
    popular = Popular(cast(Any, SimpleNamespace(half_life=lambda name: 10 * DAY, catalogue=catalogue)))
    popular.grow(ITEMS)
    now = latest = 1.7e9
    for item, days, gain, asked in told:
        now += days * DAY
        latest = max(latest, now)
        popular.observe(cast(Any, SimpleNamespace(item=item, gain=gain, time=now)))
        if asked:
            asker = cast(Any, SimpleNamespace(at=latest))
            found = popular.values(asker, popular.candidates(asker, 5)).tolist()
            every = popular.values(asker, catalogue.live())
            assert found == pytest.approx(sorted(every[every > 0], reverse=True)[:5])
