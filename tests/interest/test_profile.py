from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant.errors import InvalidRecord, PenchantError, UnknownId
from penchant.interest.profile import EventNote, Profile, ProfileNode, StatementNote
from penchant.interest.profile_text import plain, width

DAY = 86_400.0


def small(name: str, share: float, **more: object) -> ProfileNode:
    return ProfileNode((name,), name, share, 0.3, weight=1.0, **more)  # type: ignore[arg-type]


def whole() -> Profile:
    note = EventNote("m1", "The Matrix", "rating", 2 * DAY)
    opera = ProfileNode(("scifi", "space opera"), "space opera", 0.3, 0.9, 0.9, 0.1, 3 * DAY, 4.0, (), (note,))
    robots = ProfileNode(("scifi", "机器人"), "机器人", 0.1, -0.5, 0.2, -0.1, None, 1.0)
    scifi = ProfileNode(("scifi",), "scifi", 0.5, 0.6, 0.8, 0.0, 3 * DAY, 9.0, ("more",), (note,), (robots, opera))
    horror = ProfileNode(("horror",), "horror", 0.001, -0.8, 0.5, 0.0, None, 1.0, ("never",))
    rest = tuple(small(f"genre {i:02}", 0.04 - i / 1000) for i in range(11))
    said = StatementNote("no more\nhorror", -1.0, 9 * DAY, "s1")
    return Profile("ann", 12, 4 * DAY, (*rest, horror, scifi), (said,))


def test_text_is_sorted_marked_folded_and_aligned() -> None:
    lines = whole().text().split("\n")
    assert lines[0] == "ann  ·  1970-01-05  ·  version 12"
    assert lines[1].startswith("├─ scifi")
    assert "50 %" in lines[1]
    assert "high" in lines[1]
    assert lines[1].endswith("●●●●○  1970-01-04  [more]")
    assert lines[2].startswith("│  ├─ space opera")
    assert "↑" in lines[2]
    assert "dislike" in lines[3]
    assert "↓" in lines[3]
    horror = next(line for line in lines if "─ horror" in line)
    assert "<1 %" in horror
    assert horror.endswith("not yet     [never]")
    assert any(line.startswith("└─ and 4 more") for line in lines)
    assert "- said: “no more horror”  (until 1970-01-10)" in lines
    columns = {width(line[: line.index("%")]) for line in lines if line and line[0] in "├└│"}
    assert len(columns) == 1


def test_a_single_small_node_is_shown_not_folded() -> None:
    text = Profile("ann", 1, 0.0, (small("a", 0.995), small("b", 0.005))).text()
    assert "─ b" in text
    assert "more" not in text


def test_events_are_shown_on_demand() -> None:
    assert "The Matrix" not in whole().text()
    assert "│  │  1970-01-03 rating: The Matrix" in whole().text(events=1)


def test_chinese_text_is_aligned_on_screen() -> None:
    lines = whole().text(language="zh", key=False).split("\n")
    assert "版本 12" in lines[0]
    assert "反感" in "".join(lines)
    assert "[永不]" in "".join(lines)
    assert "另有 4 项" in "".join(lines)
    assert len({width(line[: line.index("%")]) for line in lines if line and line[0] in "├└│"}) == 1


def test_a_new_user_is_greeted_with_what_the_population_likes() -> None:
    prior = (ProfileNode(("drama",), "drama", 0.6, 0.3), ProfileNode(("war",), "war", 0.4, 0.1))
    text = str(Profile("bob", 0, None, prior))
    assert text.startswith("Nothing is known about bob yet. Until then, this is what people here like:")
    assert "drama" in text
    assert "○" not in text
    assert str(Profile("bob", 0, None, ())) == "Nothing is known about bob yet; the first event will change that."
    assert not Profile("bob", 1, None, prior, (StatementNote("war", 1.0),)).is_new


def test_dict_is_json_and_comes_back_equal() -> None:
    data = json.loads(json.dumps(whole().to_dict()))
    assert data["nodes"][-1]["word"] == "high"
    assert Profile.from_dict(data) == whole()


def test_nodes_are_found_by_path_and_near_ones_are_named() -> None:
    assert whole().node("scifi").share == 0.5
    assert whole().node(["scifi", "space opera"]).intensity == 0.9
    with pytest.raises(UnknownId, match=r"did you mean \['scifi', 'space opera'\]"):
        whole().node(["scifi", "space-opera"])
    with pytest.raises(UnknownId, match=r"did you mean \['scifi', 'space opera'\]"):
        whole().node("Space Opera")
    with pytest.raises(UnknownId, match="shows all nodes"):
        whole().node([])


def test_edits_reach_the_editor_one_at_a_time() -> None:
    calls: list[tuple[tuple[str, ...], str]] = []
    profile = Profile("ann", 1, None, (), editor=lambda path, op: calls.append((path, op)))
    profile.edit(["scifi", "space opera"], more=True)
    profile.edit("horror", never=True)
    profile.edit(("horror",), undo=True)
    assert calls == [(("scifi", "space opera"), "more"), (("horror",), "never"), (("horror",), "undo")]
    for flags in ({}, {"more": True, "less": True}, {"never": False}):
        with pytest.raises(InvalidRecord, match="exactly one of more, less, never, always, undo"):
            profile.edit("horror", **flags)
    assert len(calls) == 3


def test_a_copy_can_not_be_edited() -> None:
    with pytest.raises(PenchantError, match="is a copy"):
        Profile.from_dict(whole().to_dict()).edit("scifi", more=True)


def test_another_language_is_named() -> None:
    with pytest.raises(InvalidRecord, match=r"profile\.text\.language: 'fr'"):
        whole().text(language="fr")  # type: ignore[arg-type]


@given(st.text(), st.integers(2, 40))
def test_names_are_one_printable_line_of_bounded_width(name: str, columns: int) -> None:
    shown = plain(name, columns)
    assert width(shown) <= columns
    assert len(shown.splitlines()) <= 1


@given(
    name=st.text(min_size=1),
    share=st.floats(0, 1),
    intensity=st.floats(-1, 1),
    trend=st.floats(-1, 1),
    seen=st.none() | st.floats(-2_208_988_800, 253_402_300_799),
)
def test_any_node_prints_on_one_line(
    name: str, share: float, intensity: float, trend: float, seen: float | None
) -> None:
    node = ProfileNode((name,), name, share, intensity, 1.0, trend, seen, 1.0)
    assert len(Profile("ann", 1, seen, (node,)).text(key=False).splitlines()) == 2
