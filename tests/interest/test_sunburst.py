from __future__ import annotations

import json
import re
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant.errors import InvalidRecord, MissingExtra
from penchant.interest.profile import Profile, ProfileNode
from penchant.interest.sunburst import arcs


def node(name: str, share: float, intensity: float = 0.5, *children: ProfileNode) -> ProfileNode:
    return ProfileNode((name,), name, share, intensity, trend=share / 10, weight=1.0, last_seen=0.0, children=children)


def child(parent: str, name: str, share: float) -> ProfileNode:
    return ProfileNode((parent, name), name, share, 0.2, weight=1.0)


def profile(user: str = "ann") -> Profile:
    crime = node("crime", 0.6, 0.8, child("crime", "heist", 0.4), child("crime", "$film_noir$", 0.1))
    return Profile(user, 3, 0.0, (node("美食", 0.38, -0.6), crime, node("<b>tiny</b></script>", 0.02)))


def size(path: Path) -> tuple[int, int]:
    header = path.read_bytes()[:24]
    assert header.startswith(b"\x89PNG\r\n")
    return int.from_bytes(header[16:20]), int.from_bytes(header[20:24])


shares = st.lists(st.floats(0, 1), max_size=6)


@given(shares, shares)
def test_arcs_fill_the_circle_and_children_stay_inside(top: list[float], below: list[float]) -> None:
    children = tuple(child("n0", f"c{i}", share) for i, share in enumerate(below))
    placed = arcs([node(f"n{i}", share, 0.5, *(children if i == 0 else ())) for i, share in enumerate(top)])
    outer = [arc for arc in placed if arc.ring == 0]
    assert sum(arc.extent for arc in outer) == pytest.approx(1.0 if outer else 0.0)
    for before, after in pairwise(outer):
        assert after.start == pytest.approx(before.start + before.extent)
        assert after.extent <= before.extent
    parent = next((arc for arc in outer if arc.node.name == "n0"), None)
    for arc in placed:
        if arc.ring == 1:
            assert parent is not None
            assert parent.start - 1e-9 <= arc.start
            assert arc.start + arc.extent <= parent.start + parent.extent + 1e-9


def test_children_that_cover_half_their_category_cover_half_its_arc() -> None:
    placed = {arc.node.name: arc.extent for arc in arcs([node("a", 0.4, 0.5, child("a", "b", 0.2)), node("c", 0.4)])}
    assert placed == {"a": 0.5, "b": 0.25, "c": 0.5}


@pytest.mark.parametrize("colour", ["intensity", "trend"])
def test_png_is_drawn_with_chinese_mathematics_signs_and_markup_as_plain_text(tmp_path: Path, colour: str) -> None:
    pytest.importorskip("matplotlib")
    target = profile("小林").plot(tmp_path / "p.png", colour=colour, language="zh")  # type: ignore[arg-type]
    assert target == tmp_path / "p.png"
    assert size(target) == (1280, 1440)


def test_colours_say_something(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    one, two = tmp_path / "one.png", tmp_path / "two.png"
    Profile("ann", 1, 0.0, (node("war", 1.0, 0.9),)).plot(one)
    Profile("ann", 1, 0.0, (node("war", 1.0, -0.9),)).plot(two)
    assert one.read_bytes() != two.read_bytes()


def test_labels_lie_in_the_picture_and_never_on_each_other() -> None:
    pytest.importorskip("matplotlib")
    parts = [
        node(f"category {i}", 0.5 / (i + 1), 0.5, *(child(f"{i}", f"dim {j}", 0.05) for j in range(i)))
        for i in range(9)
    ]
    figure = Profile("ann", 1, 0.0, tuple(parts)).plot()
    figure.canvas.draw()
    texts = [text for text in figure.axes[0].texts if not text.get_rotation()]
    boxes = [text.get_window_extent() for text in texts]
    assert len(texts) > 5
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[i + 1 :])
    assert all(figure.bbox.contains(*box.p0) and figure.bbox.contains(*box.p1) for box in boxes)


def test_svg_is_the_same_size_every_time_and_global_state_is_left_alone(tmp_path: Path) -> None:
    matplotlib = pytest.importorskip("matplotlib")
    before = dict(matplotlib.rcParams)
    text = profile().plot(tmp_path / "p.svg").read_text()
    assert text.lstrip().startswith("<?xml")
    assert "<dc:date>" not in text
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize("nodes", [(), (ProfileNode(("drama",), "drama", 1.0, 0.1),)])
def test_a_new_user_has_a_picture_too(tmp_path: Path, nodes: tuple[ProfileNode, ...]) -> None:
    pytest.importorskip("matplotlib")
    assert size(Profile("eve", 0, None, nodes).plot(tmp_path / "e.PNG")) == (1280, 1440)


def test_html_works_offline_and_runs_nothing_from_names(tmp_path: Path) -> None:
    pytest.importorskip("plotly")
    page = profile("<script>alert(1)</script>").plot(tmp_path / "p.html").read_text(encoding="utf-8")
    assert len(page) > 1_000_000  # plotly's script is inside
    assert not re.search(r"<script[^>]+src=", page)
    assert "<script>alert" not in page
    assert "tiny</b></script>" not in page
    call = page[page.index("Plotly.newPlot(") :]
    start = call.index("[", call.index('"sunburst"') + 10)
    traces = json.JSONDecoder().raw_decode(call[start:])[0]
    assert traces[0]["parents"].count("") == 3
    assert "crime" in traces[0]["labels"]


def test_a_wrong_target_or_option_is_named() -> None:
    for options in ({"target": "p.gif"}, {"target": "p"}, {"colour": "mood"}, {"language": "fr"}):
        with pytest.raises(InvalidRecord, match=r"profile\.plot\."):
            profile().plot(**options)  # type: ignore[arg-type]


@pytest.mark.parametrize(("ending", "package"), [("png", "matplotlib"), ("html", "plotly")])
def test_a_missing_package_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str, package: str
) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtra, match=rf"{package} is not installed; pip install 'penchant\[plot\]'"):
        profile().plot(tmp_path / f"p.{ending}")
