"""What is trained on: texts with a category, a dimension in it, an intensity; and these as rows."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from penchant.data.files import open_table
from penchant.data.lines import existing
from penchant.errors import InvalidRecord

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]
COLUMNS = {name: name for name in ("text", "category", "dimension", "intensity")}


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled text.

    Attributes:
        text: what was said or what an item says of itself.
        category, dimension: its node; dimension None: only the category is known.
        intensity: in [-1, 1], None: unknown.

    Raises:
        InvalidRecord: an empty text or category, an intensity out of range.

    >>> Example("freeze my account", "banking", "freeze_account").intensity is None
    True
    """

    text: str
    category: str
    dimension: str | None = None
    intensity: float | None = None

    def __post_init__(self) -> None:
        for field in ("text", "category"):
            if not str(getattr(self, field)).strip():
                raise InvalidRecord(f"example.{field}", getattr(self, field), "give some text")
        if self.intensity is not None and not -1 <= self.intensity <= 1:
            raise InvalidRecord("example.intensity", self.intensity, "give -1 to 1")


@dataclass(frozen=True, slots=True)
class Labels:
    """The nodes that the heads tell apart.

    Attributes:
        categories: names. dimensions: (category, dimension) names of the leaves; a category in which no dimension is
            known is a leaf itself, its dimension None.
    """

    categories: list[str]
    dimensions: list[tuple[str, str | None]]

    @classmethod
    def of(cls, examples: Sequence[Example]) -> Labels:
        """Of the examples, in order of names."""
        found: dict[str, set[str]] = defaultdict(set)
        for example in examples:
            within = found[example.category]
            if example.dimension is not None:
                within.add(example.dimension)
        leaves = [(name, leaf) for name in sorted(found) for leaf in (sorted(found[name]) or [None])]
        return cls(sorted(found), leaves)

    @property
    def parents(self) -> I64:
        """[leaves] row of each leaf's category."""
        rows = {name: row for row, name in enumerate(self.categories)}
        return np.array([rows[category] for category, _ in self.dimensions], np.int64)

    def rows(self, examples: Sequence[Example]) -> Targets:
        """The examples as rows; what these labels don't have is -1 (a leaf) or refused (a category).

        Raises:
            InvalidRecord: a category that isn't here.
        """
        categories = {name: row for row, name in enumerate(self.categories)}
        leaves = {leaf: row for row, leaf in enumerate(self.dimensions)}
        for example in examples:
            if example.category not in categories:
                raise InvalidRecord("example.category", example.category, "train on examples of it too")
        return Targets(
            np.array([categories[e.category] for e in examples], np.int64),
            np.array([leaves.get((e.category, e.dimension), -1) for e in examples], np.int64),
            np.array([math.nan if e.intensity is None else e.intensity for e in examples], np.float32),
        )


@dataclass(frozen=True, slots=True)
class Targets:
    """[n] rows of categories, of leaves (-1: unknown), and intensities (NaN: unknown)."""

    category: I64
    leaf: I64
    intensity: F32


def read_examples(path: str | Path) -> list[Example]:
    """Labelled texts of a CSV, TSV or JSONL file with the columns text, category, dimension and intensity.

    The last two may be absent or empty.

    Raises:
        InvalidRecord: no such file or column, or a row that can't be used; it names file, line and field.
    """
    found: list[Example] = []
    file = existing(path)
    table = open_table(file, known=COLUMNS)
    for place, row in table.rows():
        where = f"{file.name}, line {place}"
        if isinstance(row, InvalidRecord):
            raise InvalidRecord(f"{where}, {row.field}", row.value, row.fix)
        try:
            found.append(_example(dict(zip(table.names, row, strict=False))))
        except InvalidRecord as error:
            raise InvalidRecord(f"{where}, {error.field}", error.value, error.fix) from None
    if not found:
        raise InvalidRecord("examples", str(path), "give a file with at least one row")
    return found


def _example(row: Mapping[str, Any]) -> Example:
    cells = {str(name).strip().lower(): value for name, value in row.items()}
    for name in ("text", "category"):
        if name not in cells:
            raise InvalidRecord(
                f"column {name}", sorted(cells), "give the columns text, category, dimension, intensity"
            )
    intensity = cells.get("intensity")
    try:
        number = None if intensity in (None, "") else float(intensity)
    except (TypeError, ValueError):
        raise InvalidRecord("example.intensity", intensity, "give a number from -1 to 1") from None
    dimension = cells.get("dimension")
    return Example(
        str(cells["text"] or ""),
        str(cells["category"] or ""),
        None if dimension in (None, "") else str(dimension),
        number,
    )


def split(examples: Sequence[Example], shares: Sequence[float], seed: int) -> list[list[Example]]:
    """The examples in parts: what is left first, then a part for each share, drawn by the seed within each label.

    >>> [len(part) for part in split([Example(str(k), "a") for k in range(10)], [0.2, 0.1], 7)]
    [7, 2, 1]
    """
    if not any(shares):
        return [list(examples), *([] for _ in shares)]
    by_label: dict[tuple[str, str | None], list[Example]] = defaultdict(list)
    for example in examples:
        by_label[example.category, example.dimension].append(example)
    rng = np.random.default_rng(seed)
    parts: list[list[Example]] = [[] for _ in range(len(shares) + 1)]
    for label in sorted(by_label, key=lambda label: (label[0], label[1] or "")):
        own = by_label[label]
        order = rng.permutation(len(own)).tolist()
        at = 0
        for part, share in zip(parts[1:], shares, strict=True):
            take = min(round(share * len(own)), len(own) - 1 - at)
            part += [own[k] for k in order[at : at + take]]
            at += take
        parts[0] += [own[k] for k in order[at:]]
    return parts
