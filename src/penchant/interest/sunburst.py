"""A profile as a sunburst: categories inside, dimensions around them; angle is share, colour intensity or trend.

PNG and SVG are drawn by matplotlib, HTML by plotly; both are optional (extra `plot`) and imported when first used.
Neither pyplot nor any global setting is touched, so drawing is safe inside a service.
"""

from __future__ import annotations

import html
import importlib
import math
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from penchant.errors import InvalidRecord, MissingExtra
from penchant.interest.profile import DISLIKE, HIGH, MEDIUM, Profile, ProfileNode
from penchant.interest.profile_text import day, dots, percent, plain

Colour = Literal["intensity", "trend"]
HOLE = 0.3  # radius of the centre; the rings fill what is left up to 1
GAP = 0.012  # between rings
TREND = 0.1  # change of share at which the trend's colour is full
# rust over sand to deep teal: told apart by people who see red and green alike
SCALE = ("#a63d2f", "#dc9479", "#efe9df", "#86bdb6", "#17626d")
INK, FAINT = "#22303a", "#7b858c"
# the first that is installed draws what the default font can't
CJK_FONTS = (
    *(
        "Noto Sans CJK SC",
        "Noto Sans CJK TC",
        "Noto Sans CJK JP",
        "Noto Sans SC",
        "Source Han Sans SC",
        "Source Han Sans CN",
    ),
    *("PingFang SC", "Hiragino Sans GB", "Heiti SC", "STHeiti", "Microsoft YaHei", "SimHei", "SimSun"),
    *("WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Droid Sans Fallback", "Arial Unicode MS", "AR PL UMing CN"),
)
_WIDE = re.compile("[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]")
_WORDS = {
    "en": {
        "title": "What {user} wants", "new": "What people here like", "none": "nothing known yet",
        "intensity": "angle: share of interest   ·   colour: intensity",
        "trend": "angle: share of interest   ·   colour: recent change of share",
        "dislike": "dislike", "low": "low", "medium": "medium", "high": "high", "falling": "falling",
        "steady": "steady", "rising": "rising", "share": "share", "certainty": "certainty", "seen": "last seen",
    },
    "zh": {
        "title": "{user} 的兴趣", "new": "这里的人普遍喜欢的", "none": "尚无了解",
        "intensity": "角度：兴趣占比   ·   颜色：强度",
        "trend": "角度：兴趣占比   ·   颜色：近来占比的变化",
        "dislike": "反感", "low": "低", "medium": "中", "high": "高", "falling": "下降",
        "steady": "平稳", "rising": "上升", "share": "占比", "certainty": "确定程度", "seen": "最近一次",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Arc:
    """A node's place: ring 0 is innermost; start and extent in parts of the circle, clockwise from the top."""

    node: ProfileNode
    ring: int
    start: float
    extent: float


def arcs(nodes: Sequence[ProfileNode]) -> list[Arc]:
    """Where every node goes, largest first. The top level fills the circle; children fill at most their parent.

    >>> war = ProfileNode(("war",), "war", 0.25, 0.5)
    >>> drama = ProfileNode(("drama",), "drama", 0.25, 0.5)
    >>> [(arc.node.name, arc.start, arc.extent) for arc in arcs([war, drama])]
    [('drama', 0.0, 0.5), ('war', 0.5, 0.5)]
    """
    return list(_place(nodes, 0, 0.0, 1.0, 0.0))


def _place(nodes: Sequence[ProfileNode], ring: int, start: float, room: float, share: float) -> Iterator[Arc]:
    kept = sorted((node for node in nodes if node.share > 0), key=lambda node: (-node.share, node.path))
    total = max(share, sum(node.share for node in kept))
    for node in kept:
        extent = room * node.share / total
        yield Arc(node, ring, start, extent)
        yield from _place(node.children, ring + 1, start, extent, node.share)
        start += extent


def draw(profile: Profile, target: str | Path | None, *, colour: Colour, language: Literal["en", "zh"]) -> Any:
    """See `Profile.plot`."""
    if language not in _WORDS:
        raise InvalidRecord("profile.plot.language", language, f"give one of {', '.join(_WORDS)}")
    if colour not in ("intensity", "trend"):
        raise InvalidRecord("profile.plot.colour", colour, "give intensity or trend")
    path = None if target is None else Path(target)
    ending = ".png" if path is None else path.suffix.lower()
    if ending not in (".png", ".svg", ".html"):
        raise InvalidRecord("profile.plot.target", str(target), "end the file's name with .png, .svg or .html")
    if ending == ".html":
        assert path is not None
        path.write_text(_html(profile, colour, _WORDS[language]), encoding="utf-8")
        return path
    figure = _figure(profile, colour, _WORDS[language])
    if path is None:
        return figure
    with warnings.catch_warnings():  # a character that no installed font has becomes a box, which is no reason to stop
        warnings.filterwarnings("ignore", message=".*[Gg]lyph")
        figure.savefig(path, format=ending[1:], metadata={"Date": None} if ending == ".svg" else None)
    return path


def _need(module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtra(module.split(".")[0], extra="plot") from error


def _title(profile: Profile, words: dict[str, str]) -> str:
    return words["new"] if profile.is_new else words["title"].format(user=plain(profile.user, 40))


def _value(node: ProfileNode, colour: Colour) -> float:
    """Place on the colour scale, 0 to 1."""
    value = node.intensity if colour == "intensity" else node.trend / TREND
    return (min(max(value, -1.0), 1.0) + 1) / 2


def _rgb(value: float) -> tuple[float, float, float]:
    """Colour of a place on the scale, between its neighbours in `SCALE`."""
    place = value * (len(SCALE) - 1)
    i = min(int(place), len(SCALE) - 2)
    low, high = ([int(code[j : j + 2], 16) / 255 for j in (1, 3, 5)] for code in SCALE[i : i + 2])
    red, green, blue = (a + (b - a) * (place - i) for a, b in zip(low, high, strict=True))
    return red, green, blue


def _ticks(colour: Colour, words: dict[str, str]) -> list[tuple[float, str]]:
    """Where on the scale each word stands: the middle of the range that it names."""
    if colour == "trend":
        return [(0.1, words["falling"]), (0.5, words["steady"]), (0.9, words["rising"])]
    edges = (-1.0, DISLIKE, MEDIUM, HIGH, 1.0)
    names = ("dislike", "low", "medium", "high")
    return [((a + b) / 4 + 0.5, words[name]) for a, b, name in zip(edges, edges[1:], names, strict=False)]


def _figure(profile: Profile, colour: Colour, words: dict[str, str]) -> Any:
    figure = _need("matplotlib.figure").Figure(figsize=(8, 9), dpi=160, facecolor="white")
    canvas = _need("matplotlib.backends.backend_agg").FigureCanvasAgg(figure)
    pen = _Pen(canvas, _fonts(profile, words))
    figure_height = 9 / 8
    axes = figure.add_axes((0.02, 0.085 / figure_height, 0.96, 0.96 / figure_height), aspect="equal")
    axes.set(xlim=(-1.02, 1.02), ylim=(-1.02, 1.02))
    axes.axis("off")
    pen.write(figure, 0.5, 0.968, _title(profile, words), size=20, weight=pen.bold)
    pen.write(figure, 0.5, 0.937, words[colour], size=10, color=FAINT)
    placed = arcs(profile.nodes)
    rings = 1 + max((arc.ring for arc in placed), default=0)
    wedge = _need("matplotlib.patches").Wedge
    for inner, outer in (_radii(ring, rings) for ring in range(rings)):
        axes.add_patch(wedge((0, 0), outer, 0, 360, width=outer - inner, facecolor="#f7f5f1", edgecolor="none"))
    for arc in placed:
        inner, outer = _radii(arc.ring, rings)
        first, last = _degrees(arc)
        face = _rgb(_value(arc.node, colour))
        axes.add_patch(
            wedge((0, 0), outer, first, last, width=outer - inner, facecolor=face, edgecolor="white", linewidth=1.4)
        )
        dark = 0.299 * face[0] + 0.587 * face[1] + 0.114 * face[2] < 0.55
        pen.label(axes, arc, inner, outer, "white" if dark else INK)
    pen.write(axes, 0, 0.035, plain(profile.user, 16), size=17, weight=pen.bold)
    pen.write(axes, 0, -0.07, day(profile.at) if placed and not profile.is_new else words["none"], size=10, color=FAINT)
    _legend(figure, pen, colour, words)
    if pen.lacks_font:
        pen.write(
            figure, 0.5, 0.012, "Chinese, Japanese and Korean need a font such as Noto Sans CJK", size=8, color=FAINT
        )
    return figure


def _legend(figure: Any, pen: _Pen, colour: Colour, words: dict[str, str]) -> None:
    axes = figure.add_axes((0.27, 0.055, 0.46, 0.014))
    axes.imshow([[_rgb(i / 255) for i in range(256)]], aspect="auto", extent=(0, 1, 0, 1))
    axes.axis("off")
    for place, word in _ticks(colour, words):
        pen.write(axes, place, -1.3, word, size=9.5, color=FAINT)


def _radii(ring: int, rings: int) -> tuple[float, float]:
    step = (1 - HOLE) / rings
    return HOLE + ring * step + (GAP if ring else 0), HOLE + (ring + 1) * step


def _degrees(arc: Arc) -> tuple[float, float]:
    """Counter-clockwise from the right, as matplotlib counts."""
    return 90 - 360 * (arc.start + arc.extent), 90 - 360 * arc.start


def _fonts(profile: Profile, words: dict[str, str]) -> list[str]:
    """Families to draw with: the default and, for Chinese text, one that has it; an empty name if none is installed."""
    texts = [profile.user, words["title"], *(node.name for node in profile.walk())]
    if not any(_WIDE.search(text) for text in texts):
        return ["DejaVu Sans"]
    installed = {font.name for font in _need("matplotlib.font_manager").fontManager.ttflist}
    return ["DejaVu Sans", next((name for name in CJK_FONTS if name in installed), "")]


class _Pen:
    """Writes text that is data (no mathematics, no markup) and knows how large it comes out."""

    def __init__(self, canvas: Any, family: list[str]) -> None:
        self.lacks_font = "" in family
        self._family = [name for name in family if name]
        # few Chinese fonts come in bold, and asking for it in vain is logged as a warning
        self.bold = "normal" if len(family) > 1 else "bold"
        self._renderer = canvas.get_renderer()

    def write(self, where: Any, x: float, y: float, text: str, *, size: float, color: str = INK, **more: Any) -> Any:
        return where.text(
            x, y, text, fontsize=size, color=color, ha="center", va="center", family=self._family, parse_math=False,
            **more,
        )  # fmt: skip

    def label(self, axes: Any, arc: Arc, inner: float, outer: float, color: str) -> None:
        """The node's name inside its arc, as large as fits; no name where none does."""
        for size in (13.0, 12.0, 11.0, 10.0, 9.0, 8.0, 7.0) if arc.ring == 0 else (10.5, 9.5, 8.5, 7.5, 6.5):
            for text in _layouts(plain(arc.node.name, 30), percent(arc.node.share) if arc.ring == 0 else ""):
                wide, high = self._measure(axes, text, size)
                for turned in (False, True):
                    spot = _spot(arc, inner, outer, wide, high, turned=turned)
                    if spot is not None:
                        x, y, degrees = spot
                        self.write(axes, x, y, text, size=size, color=color, rotation=degrees, linespacing=1.05)
                        return

    def _measure(self, axes: Any, text: str, size: float) -> tuple[float, float]:
        """Width and height of the text in the axes' units."""
        probe = self.write(axes, 0, 0, text, size=size, linespacing=1.05)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*[Gg]lyph")
            box = probe.get_window_extent(self._renderer)
        probe.remove()
        (x0, y0), (x1, y1) = axes.transData.inverted().transform([(box.x0, box.y0), (box.x1, box.y1)])
        return float(x1 - x0), float(y1 - y0)


def _layouts(name: str, share: str) -> Iterator[str]:
    """The name with its share below, if given, on one line or broken where the lines come out most even; then alone."""
    breaks = [match.start() for match in re.finditer(" ", name)]
    at = min(breaks, key=lambda i: abs(len(name) - 1 - 2 * i), default=-1)
    shapes = [name] if at < 0 else [name, f"{name[:at]}\n{name[at + 1 :]}"]
    if share:
        yield from (f"{shape}\n{share}" for shape in shapes)
    yield from shapes


def _spot(
    arc: Arc, inner: float, outer: float, wide: float, high: float, *, turned: bool
) -> tuple[float, float, float] | None:
    """Centre and rotation of a box that lies wholly inside the arc, level or along the radius; None: too big."""
    first, last = (math.radians(angle) for angle in _degrees(arc))
    middle, radius = (first + last) / 2, (inner + outer) / 2
    x, y = radius * math.cos(middle), radius * math.sin(middle)
    tilt = 0.0
    if turned:  # along the radius, and never upside down
        tilt = middle if math.cos(middle) >= 0 else middle + math.pi
    pad = 0.014
    for i in range(-4, 5):
        for side in (-1, 1):
            for a, b in (
                (i / 4 * (wide / 2 + pad), side * (high / 2 + pad)),
                (side * (wide / 2 + pad), i / 4 * (high / 2 + pad)),
            ):
                px = x + a * math.cos(tilt) - b * math.sin(tilt)
                py = y + a * math.sin(tilt) + b * math.cos(tilt)
                if not inner <= math.hypot(px, py) <= outer:
                    return None
                off = abs((math.atan2(py, px) - middle + math.pi) % (2 * math.pi) - math.pi)
                if off > (last - first) / 2:
                    return None
    return x, y, math.degrees(tilt)


def _html(profile: Profile, colour: Colour, words: dict[str, str]) -> str:
    """A page that works offline: plotly's script is inside."""
    graph = _need("plotly.graph_objects")
    placed = arcs(profile.nodes)
    tops = {arc.node.path: f"{i}" for i, arc in enumerate(placed)}
    parents = _parents(profile.nodes)
    burst = graph.Sunburst(
        ids=list(tops.values()),
        labels=[html.escape(plain(arc.node.name, 30)) for arc in placed],
        parents=[tops.get(parents[arc.node.path], "") for arc in placed],
        values=[arc.extent for arc in placed],
        branchvalues="total",
        sort=False,
        hovertext=[_hover(arc.node, words) for arc in placed],
        hoverinfo="text",
        insidetextorientation="auto",
        marker={"colors": [f"rgb{tuple(round(255 * c) for c in _rgb(_value(a.node, colour)))}" for a in placed]},
    )
    scale = [[i / (len(SCALE) - 1), code] for i, code in enumerate(SCALE)]
    ticks = _ticks(colour, words)
    bar = {"orientation": "h", "thickness": 10, "len": 0.5, "y": -0.08, "outlinewidth": 0}
    bar |= {"tickvals": [place for place, _ in ticks], "ticktext": [word for _, word in ticks]}
    marker = {"color": [0.5], "cmin": 0, "cmax": 1, "colorscale": scale, "showscale": True, "colorbar": bar}
    legend = graph.Scatter(x=[None], y=[None], mode="markers", marker=marker, hoverinfo="none")
    figure = graph.Figure([burst, legend])
    hidden = {"visible": False}
    title = f"<b>{html.escape(_title(profile, words))}</b><br><span style='font-size:13px'>{words[colour]}</span>"
    figure.update_layout(
        title={"text": title, "x": 0.5}, font={"color": INK, "family": "system-ui, sans-serif"}, template="none",
        xaxis=hidden, yaxis=hidden, margin={"t": 90, "b": 70, "l": 20, "r": 20},
    )  # fmt: skip
    page = figure.to_html(include_plotlyjs=True, full_html=True, div_id="sunburst")
    return page.replace("<head>", f"<head><title>{html.escape(_title(profile, words))}</title>", 1)


def _parents(nodes: Sequence[ProfileNode], parent: tuple[str, ...] = ()) -> dict[tuple[str, ...], tuple[str, ...]]:
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    for node in nodes:
        found[node.path] = parent
        found |= _parents(node.children, node.path)
    return found


def _hover(node: ProfileNode, words: dict[str, str]) -> str:
    lines = [f"<b>{html.escape(plain(node.name, 60))}</b>", f"{words['share']} {percent(node.share)}"]
    lines += [f"{words[node.word]} ({node.intensity:+.2f})", f"{words['certainty']} {dots(node.certainty)}"]
    if node.last_seen is not None:
        lines.append(f"{words['seen']} {day(node.last_seen)}")
    lines += [html.escape(f"{day(note.time)} {plain(note.title, 60)}") for note in node.events[:3]]
    return "<br>".join(lines)
