"""MIND, Microsoft's news data set: news.tsv and behaviors.tsv."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from penchant.data import cells
from penchant.data.lines import Dialect, estimate_lines, existing, lines, sample
from penchant.data.order import Act, act_of, in_time_order, to_event
from penchant.data.reading import Dataset, Notes, Place, Reading, Rows
from penchant.errors import InvalidRecord
from penchant.records import Event, Item

TSV = Dialect("\t", quotes=False)
NEWS = 5  # id, category, subcategory, title, abstract; then url and entities
BEHAVIOURS = 5  # impression, user, time, history, impressions


def read_mind(folder: str | Path, *, skips: bool = False, strict: bool = False) -> Dataset:
    """News articles and clicks of a MIND folder, events in stream order.

    An article's text is its title and abstract, its path category → subcategory. Each clicked impression is an event
    of kind "click". The click history of a line has no times and is left out.

    Args:
        folder: holds news.tsv and behaviors.tsv.
        skips: also give an event of kind "skip" for each article that was shown and not clicked.
        strict: raise at the first bad row.
    """
    root = Path(folder)
    return Dataset(
        "MIND news",
        read_news(root / "news.tsv", strict=strict),
        read_behaviors(root / "behaviors.tsv", skips=skips, strict=strict),
    )


def read_news(path: str | Path, *, strict: bool = False) -> Reading[Item]:
    """Articles of a news.tsv."""
    file = existing(path)
    notes = Notes()

    def rows() -> Rows:
        for line, row in TSV.rows(lines(file, notes)):
            if isinstance(row, list) and len(row) < NEWS:
                row = InvalidRecord("row", " ".join(row), f"give at least {NEWS} cells (it has {len(row)})")
            yield line, row

    def build(row: list[str]) -> Item:
        id, category, subcategory, title, abstract = (cell.strip() for cell in row[:NEWS])
        path = tuple(level for level in (category, subcategory) if not cells.missing(level))
        text = "\n".join(part for part in (title, abstract) if not cells.missing(part))
        url = row[NEWS].strip() if len(row) > NEWS else ""
        return Item(id=id, text=text, paths=(path,) if path else (), fields={"url": url} if url else {})

    return Reading(file.name, rows, build, total=estimate_lines(file, sample(file)), strict=strict, notes=notes)


def read_behaviors(path: str | Path, *, skips: bool = False, strict: bool = False) -> Reading[Event]:
    """Clicks (and skips) of a behaviors.tsv. `total` counts lines of the file, each of which holds several events."""
    file = existing(path)
    notes = Notes()

    def acts() -> Iterator[tuple[Place, Act | InvalidRecord]]:
        for line, row in TSV.rows(lines(file, notes)):
            if isinstance(row, InvalidRecord) or len(row) < BEHAVIOURS:
                yield line, InvalidRecord("row", "" if isinstance(row, InvalidRecord) else " ".join(row), _WIDTH)
                continue
            try:
                time = _seconds(row[2].strip())
            except ValueError:
                yield line, InvalidRecord("time", row[2], "give a time such as 11/15/2019 8:55:22 AM")
                continue
            for order, shown in enumerate(row[4].split()):
                item, _, label = shown.rpartition("-")
                if label not in ("0", "1") or not item:
                    notes.count("impressions without a label (a test set has none), left out")
                elif label == "1" or skips:
                    kind = "click" if label == "1" else "skip"
                    yield line, act_of(row[1], item, time, kind=kind, order=order)

    total = estimate_lines(file, sample(file))
    return Reading(file.name, in_time_order(acts), to_event, total=total, strict=strict, notes=notes)


_WIDTH = f"give {BEHAVIOURS} cells: impression, user, time, history, impressions"


@lru_cache(maxsize=65536)
def _seconds(text: str) -> float:
    return datetime.strptime(text, "%m/%d/%Y %I:%M:%S %p").replace(tzinfo=UTC).timestamp()
