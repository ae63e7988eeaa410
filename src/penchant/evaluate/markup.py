"""Pieces of a page: tables, legends, sections, and its style in light and in dark."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from penchant.evaluate.plots import VARIABLES, colour

LIGHT = ("#0b6e75", "#c4572e", "#7a5aa6", "#3478c9", "#a07a12", "#4f8a34", "#c2477f", "#64707a", "#8a5a3b", "#2b9c8c",
         "#cf5060", "#7f7f2a")  # fmt: skip
DARK = ("#45cfc6", "#f08a5d", "#b79be0", "#7db4f5", "#d9b24a", "#8fca6d", "#ec85b4", "#a4b1bb", "#c99a75", "#6fd8b9",
        "#f28b96", "#c2c25e")  # fmt: skip
STYLE = """
:root { color-scheme: light dark; --paper: #fbfaf7; --card: #ffffff; --ink: #22303a; --faint: #6d7880; --grid: #e3e0d8;
%LIGHT% }
@media (prefers-color-scheme: dark) { :root { --paper: #14191d; --card: #1b2227; --ink: #e6e9ea; --faint: #95a1a8;
--grid: #333d44; %DARK% } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
main { max-width: 68rem; margin: 0 auto; padding: 2rem 1.25rem 4rem }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .25rem } h2 { font-size: 1.2rem; margin: 0 0 .5rem }
section { background: var(--card); border: 1px solid var(--grid); border-radius: .6rem; padding: 1.1rem 1.25rem;
  margin: 1.25rem 0 }
figure { margin: 0 } .plot { overflow-x: auto } svg { display: block; width: 100%; min-width: 40rem; height: auto }
figcaption, .note { color: var(--faint);
  max-width: 62rem; margin: .5rem 0 0 }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; margin: 0 0 .4rem; padding: 0; list-style: none;
  font-size: .9rem }
.legend svg { display: inline-block; width: .8rem; min-width: 0; margin-right: .4rem; vertical-align: -.05rem }
.scroll { overflow-x: auto } .tall { max-height: 26rem; overflow-y: auto }
table { border-collapse: collapse; font-size: .88rem; font-variant-numeric: tabular-nums; margin: .4rem 0 }
th, td { padding: .2rem .7rem; text-align: right; border-bottom: 1px solid var(--grid); white-space: nowrap }
th { color: var(--faint); font-weight: 600 } .tall th { position: sticky; top: 0; background: var(--card) }
th:first-child, td:first-child, td.word, th.word { text-align: left } tr.ours td { font-weight: 600 }
summary { cursor: pointer; color: var(--faint); margin-top: .6rem } pre { white-space: pre-wrap; font-size: .8rem }
.lead { font-size: 1.08rem; max-width: 60rem }
"""
# the plots' markers as polygons in a square of 12
SHAPES = (
    "6,1 9.5,2.5 11,6 9.5,9.5 6,11 2.5,9.5 1,6 2.5,2.5", "1,1 11,1 11,11 1,11", "6,1 11,11 1,11", "6,0 12,6 6,12 0,6",
    "1,1 11,1 6,11", "4,0 8,0 8,4 12,4 12,8 8,8 8,12 4,12 4,8 0,8 0,4 4,4",
    "3,0 6,3 9,0 12,3 9,6 12,9 9,12 6,9 3,12 0,9 3,6 0,3", "1,6 11,1 11,11", "11,6 1,1 1,11",
    "6,0 12,4.6 9.7,12 2.3,12 0,4.6", "6,0 11.2,3 11.2,9 6,12 0.8,9 0.8,3", "6,0 9.5,6 6,12 2.5,6",
)  # fmt: skip


def document(title: str, body: str) -> str:
    """A whole page that fetches nothing."""
    style = STYLE.replace("%LIGHT%", _variables(LIGHT)).replace("%DARK%", _variables(DARK))
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{style}</style></head>'
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>\n"
    )


def section(title: str, plot: str, words: str, numbers: str = "", legend: str = "", *, opened: bool = False) -> str:
    """A plot with its legend, a word on how to read it, and the numbers behind it (folded unless `opened`)."""
    folded = f"<details{' open' if opened else ''}><summary>the numbers</summary>{numbers}</details>"
    drawn = f'<div class="plot">{plot}</div>' if plot else ""
    return (
        f"<section><h2>{escape(title)}</h2><figure>{legend}{drawn}<figcaption>{escape(words)}</figcaption></figure>"
        f"{folded if numbers else ''}</section>"
    )


def chips(told: Iterable[tuple[int, str]]) -> str:
    """A legend of (place of the colour, name)."""
    items = (
        f'<li><svg viewBox="0 0 12 12" aria-hidden="true"><polygon points="{SHAPES[k % len(SHAPES)]}" '
        f'fill="{VARIABLES[colour(k)]}"/></svg>{escape(name)}</li>'
        for k, name in told
    )
    return f'<ul class="legend">{"".join(items)}</ul>'


def table(
    head: Sequence[str], rows: Sequence[Sequence[str]], *, words: Sequence[int] = (0,), strong: str | None = None
) -> str:
    """A table of text; columns `words` stand to the left, numbers to the right; the row that begins with `strong` is
    marked."""

    def line(tag: str, cells: Sequence[str]) -> str:
        return "".join(
            f"<{tag}{' class=word' if k in words else ''}>{escape(cell)}</{tag}>" for k, cell in enumerate(cells)
        )

    body = "".join(f"<tr{' class=ours' if row[0] == strong else ''}>{line('td', row)}</tr>" for row in rows)
    return f'<div class="scroll"><table><thead><tr>{line("th", head)}</tr></thead><tbody>{body}</tbody></table></div>'


def note(text: str) -> str:
    """A remark in small."""
    return f'<p class="note">{escape(text)}</p>'


def _variables(colours: Sequence[str]) -> str:
    return " ".join(f"--s{k}: {value};" for k, value in enumerate(colours))
