"""A profile as plain text for people: a tree with columns for share, trend, intensity, certainty and last seen."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from penchant.errors import InvalidRecord

if TYPE_CHECKING:
    from penchant.interest.profile import Profile, ProfileNode, StatementNote

BAR = 10  # columns of the longest bar
MOST = (8, 5)  # nodes shown at each depth before the rest is folded
SMALL = 0.01  # nodes with less share are folded
NAME = 40  # columns of the longest name

_WORDS: dict[str, dict[str, str]] = {
    "en": {
        "high": "high", "medium": "medium", "low": "low", "dislike": "dislike",
        "more": "more", "less": "less", "never": "never", "always": "always",
        "version": "version", "new": "Nothing is known about {user} yet. Until then, this is what people here like:",
        "empty": "Nothing is known about {user} yet; the first event will change that.",
        "rest": "and {n} more", "unseen": "not yet", "said": "said", "until": "until",
        "key": "bar, %: share of interest   ↑ ↓: rising or falling lately   ●: how certain   date: last seen",
    },
    "zh": {
        "high": "高", "medium": "中", "low": "低", "dislike": "反感",
        "more": "多一些", "less": "少一些", "never": "永不", "always": "总是",
        "version": "版本", "new": "还不了解 {user}。在此之前，这是这里的人普遍喜欢的：",
        "empty": "还不了解 {user}；有了第一个事件就会不同。",
        "rest": "另有 {n} 项", "unseen": "尚无", "said": "说过", "until": "有效至",
        "key": "条形与 %：兴趣占比   ↑ ↓：近来上升或下降   ●：确定程度   日期：最近一次",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Row:
    label: str
    cells: tuple[str, ...] = ()  # share bar, percent, trend, word, certainty, date, marks


def profile_text(profile: Profile, *, language: str, events: int, key: bool) -> str:
    """See `Profile.text`."""
    if language not in _WORDS:
        raise InvalidRecord("profile.text.language", language, f"give one of {', '.join(_WORDS)}")
    words = _WORDS[language]
    user = plain(profile.user, 60)
    if profile.is_new:
        head = words["new" if profile.nodes else "empty"].format(user=user)
    else:
        head = "  ·  ".join(part for part in (user, day(profile.at), f"{words['version']} {profile.version}") if part)
    top = max((node.share for node in profile.nodes), default=0.0)
    rows = _rows(profile.nodes, top, 0, "", words, events, known=not profile.is_new)
    lines = [head, *_aligned(rows), *(_said(statement, words) for statement in profile.statements)]
    if key and profile.nodes:
        lines += ["", words["key"]]
    return "\n".join(lines)


def _rows(
    nodes: Sequence[ProfileNode],
    top: float,
    depth: int,
    indent: str,
    words: dict[str, str],
    events: int,
    *,
    known: bool,
) -> list[_Row]:
    ordered = sorted(nodes, key=lambda node: (-node.share, node.path))
    most = MOST[min(depth, len(MOST) - 1)]
    shown = [node for i, node in enumerate(ordered) if node.edits or (i < most and node.share >= SMALL) or i == 0]
    folded = [node for node in ordered if node not in shown]
    if len(folded) == 1:  # a line that says "1 more" is no shorter than the one more
        shown, folded = ordered, []
    rows: list[_Row] = []
    for i, node in enumerate(shown):
        last = i == len(shown) - 1 and not folded
        below = indent + ("   " if last else "│  ")
        rows.append(_Row(indent + ("└─ " if last else "├─ ") + plain(node.name, NAME), _cells(node, top, words, known)))
        for note in node.events[:events]:
            stem = below + ("│" if node.children else " ")
            rows.append(_Row(f"{stem}  {day(note.time)} {plain(note.kind, 20)}: {plain(note.title, 60)}"))
        rows += _rows(node.children, top, depth + 1, below, words, events, known=known)
    if folded:
        share = sum(node.share for node in folded)
        rows.append(_Row(f"{indent}└─ {words['rest'].format(n=len(folded))}", (bar(share, top), percent(share))))
    return rows


def _cells(node: ProfileNode, top: float, words: dict[str, str], known: bool) -> tuple[str, ...]:
    marks = " ".join(f"[{words.get(op, op)}]" for op in node.edits)
    if not known:
        return (bar(node.share, top), percent(node.share), " ", words[node.word])
    return (
        bar(node.share, top),
        percent(node.share),
        arrow(node.trend, node.share),
        words[node.word],
        dots(node.certainty),
        day(node.last_seen) or words["unseen"],
        marks,
    )


def _aligned(rows: Sequence[_Row]) -> list[str]:
    """Rows as lines, every column as wide as its widest cell on screen."""
    table = [row for row in rows if row.cells]
    label = max((width(row.label) for row in table), default=0)
    columns = max((len(row.cells) for row in table), default=0)
    wide = [max((width(row.cells[i]) for row in table if i < len(row.cells)), default=0) for i in range(columns)]
    lines: list[str] = []
    for row in rows:
        if not row.cells:
            lines.append(row.label)
            continue
        cells = [_pad(row.label, label)]
        for i, cell in enumerate(row.cells):
            cells.append(" " * (wide[i] - width(cell)) + cell if i == 1 else _pad(cell, wide[i]))
        lines.append("  ".join(cells).rstrip())
    return lines


def _said(statement: StatementNote, words: dict[str, str]) -> str:
    until = f"  ({words['until']} {day(statement.until)})" if statement.until is not None else ""
    limits = "".join(f"\n    {plain(limit, 120)}" for limit in statement.limits)
    return f"{statement.sign} {words['said']}: “{plain(statement.text, 80)}”{until}{limits}"


def bar(share: float, top: float, columns: int = BAR) -> str:
    """A bar in eighths of a column; the largest share fills all columns, any share at all shows.

    >>> bar(0.2, 0.4), bar(0.001, 0.4), bar(0.0, 0.4)
    ('█████', '▏', '')
    """
    eighths = round(8 * columns * min(max(share / top, 0.0), 1.0)) if top > 0 else 0
    eighths = max(eighths, 1) if share > 0 else 0
    return "█" * (eighths // 8) + " ▏▎▍▌▋▊▉"[eighths % 8].strip()


def percent(share: float) -> str:
    """A share as a whole percentage.

    >>> percent(0.421), percent(0.002), percent(0.0)
    ('42 %', '<1 %', '0 %')
    """
    return "<1 %" if 0 < share < 0.005 else f"{100 * share:.0f} %"


def arrow(trend: float, share: float) -> str:
    """Up or down where the recent share moved by a sixth of the share or more, and by half a percent.

    >>> arrow(0.1, 0.3), arrow(-0.1, 0.3), arrow(0.01, 0.3), arrow(0.01, 0.03)
    ('↑', '↓', '→', '↑')
    """
    least = max(0.005, share / 6)
    return "↑" if trend >= least else "↓" if trend <= -least else "→"


def dots(certainty: float) -> str:
    """Certainty in fifths.

    >>> dots(0.0), dots(0.5), dots(1.0)
    ('○○○○○', '●●○○○', '●●●●●')
    """
    full = min(5, max(0, int(certainty * 5 + 1e-9)))
    return "●" * full + "○" * (5 - full)


def day(time: float | None) -> str:
    """The UTC date of a time, or nothing.

    >>> day(0.0), day(None)
    ('1970-01-01', '')
    """
    return "" if time is None else datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d")


def width(text: str) -> int:
    """Columns on a terminal: Chinese and other wide characters take two, combining ones none.

    >>> width("film"), width("电影")
    (4, 4)
    """
    seen = [c for c in text if not unicodedata.combining(c) and unicodedata.category(c) != "Cf"]
    return len(seen) + sum(unicodedata.east_asian_width(c) in "WF" for c in seen)


def plain(text: str, columns: int) -> str:
    """One line of printable text, cut to a number of columns.

    >>> plain("two\\nlines", 20), plain("a long name", 8)
    ('two lines', 'a long …')
    """
    text = " ".join("".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text).split())
    if width(text) <= columns:
        return text
    kept = ""
    for c in text:
        if width(kept + c) > columns - 1:
            break
        kept += c
    return kept + "…"


def _pad(text: str, columns: int) -> str:
    return text + " " * (columns - width(text))
