from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penchant import Engine, Event, Item
from penchant.recommend.explanation import LEVELS, Explanation, Part
from penchant.recommend.phrases import Reason

_VALUES = st.lists(st.floats(-1e3, 1e3), max_size=40)


def _parts(values: list[float]) -> list[Part]:
    return [Part(LEVELS[i % len(LEVELS)], f"p{i}", value, Reason("popular")) for i, value in enumerate(values)]


def _example() -> Explanation:
    parts = [
        Part("base", "base", -9.0, Reason("base")),
        Part("intensity", "fresh", -0.5, Reason("fresh", {"days": 900})),
        Part("intensity", "recent", 1.0, Reason("recent", {"items": "Alien"})),
        Part("category", "horror", 0.25, Reason("category", {"name": "horror", "lift": 2.0})),
        Part("policy", "促销", 0.0, Reason("boost", {"rule": "促销"})),
    ]
    return Explanation(parts, -8.25, item="dune")


@settings(deadline=None)
@given(_VALUES)
def test_a_float_sum_of_the_parts_is_accepted(values: list[float]) -> None:
    explanation = Explanation(_parts(values), sum(values))
    assert sum(explanation.by_level().values()) == pytest.approx(explanation.score, abs=1e-9)


@settings(deadline=None)
@given(_VALUES, st.sampled_from([1e-5, -1e-5, 1.0, float("nan")]))
def test_another_score_is_refused(values: list[float], error: float) -> None:
    with pytest.raises(ValueError, match="parts sum to"):
        Explanation(_parts(values), sum(values) + error)


def test_tolerance_is_a_billionth() -> None:
    Explanation(_parts([0.5]), 0.5 + 9e-10)
    with pytest.raises(ValueError, match="parts sum to"):
        Explanation(_parts([0.5]), 0.5 + 2e-9)


def test_reasons_are_asked_once_and_only_when_read() -> None:
    asked: list[int] = []

    def why() -> Reason:
        asked.append(1)
        return Reason("popular")

    explanation = Explanation([Part("intensity", "popular", 1.0, why)], 1.0)
    assert explanation.by_level() == {"intensity": 1.0}
    assert not asked
    assert explanation.parts[0].reason is explanation.parts[0].reason
    assert len(asked) == 1


def test_text_tells_the_strongest_and_minds_the_sign() -> None:
    explanation = _example()
    assert (
        str(explanation)
        == explanation.text()
        == (
            "Because it is close to what you liked lately: Alien. Less because it is not new (900 days). "
            "Because it is horror, which you choose 2.0 times as often as others do."
        )
    )
    assert explanation.text("zh", top=2) == "因为它接近您最近喜欢的：Alien。因为它已不新（900天），排得靠后。"
    assert explanation.text(top=0) == ""
    moved = Explanation([], 0.0, moves=[Reason("diversity", {"before": 4, "after": 2})])
    assert moved.text() == "It was moved from place 4 to 2 for variety."
    assert moved.text("zh") == "为了多样性，它从第4位移到第2位。"


def test_table_shows_every_part_by_level_with_bars() -> None:
    lines = _example().table().splitlines()
    assert [line.split()[1] for line in lines[1:-1]] == ["horror", "recent", "fresh", "促销", "base"]
    assert lines[-1].split() == ["score", "-8.250"]
    assert "█" * 12 + "|" in lines[5]
    assert "|█ " in lines[2]
    assert "█" not in lines[4]
    assert "它接近您最近喜欢的：Alien" in _example().table("zh")
    assert len(Explanation(_parts([]), 0.0).table().splitlines()) == 2
    two_lines = Explanation([Part("policy", "a\nb", 1.0, Reason("boost", {"rule": "a\nb"}))], 1.0)
    assert len(two_lines.table().splitlines()) == 3


def test_written_and_read_through_json() -> None:
    explanation = Explanation(_example().parts, -8.25, item="dune", moves=[Reason("exploration", {"probability": 0.1})])
    assert Explanation.from_dict(json.loads(json.dumps(explanation.to_dict()))) == explanation
    broken = explanation.to_dict() | {"score": 1.0}
    with pytest.raises(ValueError, match="parts sum to"):
        Explanation.from_dict(broken)


def test_words_say_what_is_known_before_what_is_not() -> None:
    unknown = Part("intensity", "quality", 2.0, Reason("unrated"))
    known = Part("intensity", "recent", 0.5, Reason("recent", {"items": "Alien"}))
    assert Explanation([unknown, known], 2.5).text() == "Because it is close to what you liked lately: Alien."
    assert Explanation([unknown], 2.0).text() == "Because nobody has had it yet."
    assert "nobody has had it yet" in Explanation([unknown, known], 2.5).table()


def test_of_somebody_and_something_unknown_it_is_said_that_nothing_is_known() -> None:
    assert Explanation([], 0.0).text() == "Because there is nothing of yours yet to compare it with."
    assert Explanation([], 0.0).text("zh")


def test_what_was_never_had_is_not_said_to_be_had_zero_times() -> None:
    with Engine.open(base="shop") as engine:
        engine.add_items(Item(id=one, text=f"{one} tea", paths=(("tea",),)) for one in ("green", "black", "white"))
        for user, item in (("bob", "white"), ("ann", "green"), ("bob", "black"), ("ann", "green")):
            engine.observe(Event(user=user, item=item, kind="purchase"))
        said = {one: [part.phrase() for part in engine.explain(user="ann", item=one)[0].parts if part.name == "repeat"]
                for one in ("green", "white")}  # fmt: skip
    assert said["white"] == ["you have not had it yet"]
    assert said["green"][0].endswith("(times so far: 2)")
