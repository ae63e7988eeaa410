"""Options of the console's charts (Apache ECharts). Tooltips are rich text, so that no name is read as HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from penchant.interest.profile import Profile, ProfileNode
from penchant.interest.sunburst import SCALE, TREND

Colour = Literal["trend", "intensity"]
GREY = "#8a949b"  # is read on light and on dark
SERIES = ("#2a8c98", "#c9a24b", "#c25a47", "#86bdb6", "#8273b5", "#dc9479", "#5f8f5a", "#3f7cac", "#b5838d", "#a8b0b5")
NAME = 24  # characters of a name in a chart
PERCENT = "{color: '#8a949b', formatter: v => Math.round(100 * v) + ' %'}"
TOOLTIP: dict[str, Any] = {"renderMode": "richText", "confine": True}


def sunburst(profile: Profile, colour: Colour, selected: tuple[str, ...] = ()) -> dict[str, Any]:
    """Categories inside, dimensions around them: the angle is the share, the colour the trend or intensity."""
    nodes = [_arc(node, colour, selected) for node in profile.nodes if node.share > 0]
    series = {
        "type": "sunburst", "data": nodes, "radius": ["16%", "98%"], "nodeClick": False, "sort": "desc",
        "emphasis": {"focus": "none"}, "itemStyle": {"borderWidth": 1, "borderColor": "rgba(255,255,255,.75)"},
        "label": {"minAngle": 9, "fontSize": 11, "overflow": "truncate", "width": 72},
        "levels": [{}, {"r0": "16%", "r": "62%"}, {"r0": "63%", "r": "98%", "label": {"fontSize": 10}}],
    }  # fmt: skip
    return {"tooltip": TOOLTIP | {"formatter": "{b}"}, "animationDuration": 300, "series": [series]}


def _arc(node: ProfileNode, colour: Colour, selected: tuple[str, ...]) -> dict[str, Any]:
    face = shade(node.trend / TREND if colour == "trend" else node.intensity)
    arc: dict[str, Any] = {
        "name": short(node.name), "value": round(node.share, 6), "path": list(node.path),
        "itemStyle": {"color": face}, "label": {"color": ink_on(face)},
    }  # fmt: skip
    if node.path == selected:
        arc["itemStyle"] |= {"borderColor": "#22303a", "borderWidth": 3}
    children = [_arc(child, colour, selected) for child in node.children if child.share > 0]
    return arc | ({"children": children} if children else {})


def lines(series: Mapping[str, Sequence[tuple[float, float | None]]], *, stacked: bool = False, percent: bool = False,
          unit: str = "", none: str = "", whole: bool = True) -> dict[str, Any]:  # fmt: skip
    """Curves over time: (UTC seconds, value) by name; `none` stands where there is no value at all.

    Args:
        percent: values are shares; with `whole` the axis goes up to 1.
    """
    some = any(value is not None for points in series.values() for _, value in points)
    made: list[dict[str, Any]] = [
        {
            "name": short(name), "type": "line", "showSymbol": False, "lineStyle": {"width": 1 if stacked else 2},
            "data": [[round(time * 1000), None if value is None else round(value, 4)] for time, value in points],
            **({"stack": "all", "areaStyle": {"opacity": 0.75}} if stacked else {}),
        }
        for name, points in series.items()
    ]  # fmt: skip
    axis: dict[str, Any] = {
        "type": "value", "axisLabel": {"color": GREY}, "splitLine": {"lineStyle": {"color": "rgba(138,148,155,.25)"}},
        "name": unit, "nameTextStyle": {"color": GREY},
    }  # fmt: skip
    if percent:
        axis |= {"min": 0, ":axisLabel": PERCENT} | ({"max": 1} if whole else {})
    return {
        "color": list(SERIES), "animation": False, "tooltip": TOOLTIP | {"trigger": "axis"},
        "legend": {"type": "scroll", "bottom": 0, "textStyle": {"color": GREY}, "icon": "roundRect",
                   "itemHeight": 9, "itemWidth": 12},
        "title": {"text": "" if some else none, "left": "center", "top": "38%",
                  "textStyle": {"color": GREY, "fontSize": 14, "fontWeight": 400}},
        "grid": {"left": 46, "right": 14, "top": 26 if unit else 12, "bottom": 56},
        "xAxis": {"type": "time", "axisLabel": {"color": GREY, "hideOverlap": True},
                  "axisLine": {"lineStyle": {"color": GREY}}},
        "yAxis": axis, "series": made,
    }  # fmt: skip


def shade(value: float) -> str:
    """A colour of the scale for a value in [-1, 1]; values beyond count as its ends.

    >>> shade(-1), shade(0), shade(5)
    ('#a63d2f', '#efe9df', '#17626d')
    """
    place = (min(max(value, -1.0), 1.0) + 1) / 2 * (len(SCALE) - 1)
    i = min(int(place), len(SCALE) - 2)
    low, high = ([int(code[j : j + 2], 16) for j in (1, 3, 5)] for code in SCALE[i : i + 2])
    return "#" + "".join(f"{round(a + (b - a) * (place - i)):02x}" for a, b in zip(low, high, strict=True))


def ink_on(face: str) -> str:
    """Black or white, whichever is read on that colour.

    >>> ink_on("#efe9df"), ink_on("#17626d")
    ('#22303a', '#ffffff')
    """
    red, green, blue = (int(face[j : j + 2], 16) for j in (1, 3, 5))
    return "#ffffff" if 0.299 * red + 0.587 * green + 0.114 * blue < 140 else "#22303a"


def short(name: str) -> str:
    """A name as a chart shows it.

    >>> short("x" * 30)
    'xxxxxxxxxxxxxxxxxxxxxxx…'
    """
    plain = " ".join(name.split())
    return plain if len(plain) <= NAME else plain[: NAME - 1] + "…"
