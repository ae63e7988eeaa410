"""What a catalogue is about shows in its items: of few, less is known, and fair requests are not turned away."""

from __future__ import annotations

import pytest

from penchant import Engine, Item

FEW = (
    Item(id="alien", text="Alien (1979): a crew meets something in the dark", paths=[["Horror"], ["Sci-Fi"]]),
    Item(id="quest", text="Galaxy Quest (1999): actors taken for real space heroes", paths=[["Sci-Fi"], ["Comedy"]]),
    Item(id="heat", text="Heat (1995): a detective and a thief", paths=[["Crime"]]),
)


@pytest.mark.parametrize(
    ("request_", "out"),
    [
        ("something funny in space", False),
        ("一部好笑的科幻片", False),
        ("will it rain tomorrow", True),
        ("帮我订一张去北京的机票", True),
    ],
)
def test_three_items_tell_little_of_what_a_catalogue_is_about(request_: str, out: bool) -> None:
    with Engine.open(base="movies") as engine:
        engine.add_items(FEW)
        answer = engine.recommend("ann", n=2, request=request_)
    assert answer.understood is not None
    assert answer.understood.out_of_scope is out
    assert bool(answer.understood.question) is out
