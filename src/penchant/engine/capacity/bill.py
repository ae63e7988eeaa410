"""The bill for a catalogue of a given size, line by line."""

from __future__ import annotations

import inspect
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np

from penchant.config import Settings
from penchant.engine.capacity.disk import entry_bytes
from penchant.engine.capacity.rows import ITEM_CAP, USER_CAP, RowBytes, row_bytes
from penchant.engine.had import ITEMS, USERS
from penchant.errors import InvalidRecord
from penchant.interest.wishes import VECTORS
from penchant.language.vectors import VectorBook
from penchant.recommend.journal import RECENT
from penchant.recommend.nearest import EXACT, empty_index
from penchant.store import Store

MOST = 10**12  # of anything


@dataclass(frozen=True, slots=True)
class Line:
    """So many of something, at so many bytes each; `doubles`: it grows by doubling, so twice that may be reserved."""

    name: str
    count: int
    each: float
    doubles: bool = False

    @property
    def bytes(self) -> int:
        """All of them."""
        return round(self.count * self.each)

    def to_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {"name": self.name, "count": self.count, "each": round(self.each, 1), "bytes": self.bytes}


@dataclass(frozen=True, slots=True)
class Bill:
    """Memory and disk of a catalogue.

    Attributes:
        memory: of the state, in use. Python, its libraries and the encoder come on top.
        disk: of the database file, snapshots not packed (they often are) and one being written.
        rows: bytes a row.
    """

    memory: tuple[Line, ...]
    disk: tuple[Line, ...]
    rows: RowBytes

    @property
    def memory_bytes(self) -> int:
        """In all."""
        return sum(line.bytes for line in self.memory)

    @property
    def reserved_bytes(self) -> int:
        """What memory may be reserved at most, for arrays grow by doubling."""
        return self.memory_bytes + sum(line.bytes for line in self.memory if line.doubles)

    @property
    def disk_bytes(self) -> int:
        """In all."""
        return sum(line.bytes for line in self.disk)

    def to_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {
            "user": {"bytes": self.rows.user, "cap": USER_CAP},
            "item": {"bytes": self.rows.item, "cap": ITEM_CAP, "vector": self.rows.vector},
            "memory": {
                "bytes": self.memory_bytes,
                "reserved": self.reserved_bytes,
                "lines": [line.to_dict() for line in self.memory],
            },
            "disk": {"bytes": self.disk_bytes, "lines": [line.to_dict() for line in self.disk]},
        }


def capacity(
    settings: Settings, *, users: int, items: int, events: int, nodes: int = 256, categories: int = 16,
    statements: int = 0, encoder_dim: int = 512, trained: bool = False,
) -> Bill:  # fmt: skip
    """What a catalogue of this size takes.

    Args:
        nodes: of the tree, categories included.
        statements: what users said and edited that stands, in all; no more are kept than `statements_kept`.
        encoder_dim: of the encoder's vectors, which lie in the database.
        trained: whether the evidence `sequence` is trained.

    Raises:
        InvalidRecord: a number out of range.

    >>> bill = capacity(Settings.load("movies"), users=1000, items=1000, events=100_000)
    >>> bill.memory[0].name, bill.memory[0].count, bill.memory[0].each <= 1536
    ('users', 1000, True)
    """
    asked = {
        "users": users, "items": items, "events": events, "nodes": nodes, "categories": categories,
        "statements": statements, "encoder_dim": encoder_dim,
    }  # fmt: skip
    for name, count in asked.items():
        if not 0 <= count <= MOST:
            raise InvalidRecord(f"capacity.{name}", count, "give 0 or more, at most 10^12")
    categories = min(categories, nodes, settings.model.most_categories)
    dimensions = min(nodes - categories, settings.model.most_dimensions)
    counts = {"users": users, "items": items, "categories": categories, "dimensions": dimensions}
    rows = row_bytes(settings, categories=categories, trained=trained)
    entries = entry_bytes(settings, users=users, items=items, encoder_dim=encoder_dim)
    snapshot = sum(counts[kind] * each for kind, each in rows.kept.items())
    snapshot += sum(count * each for count, each in rows.fixed.values())
    memory = [
        Line("users", users, rows.user, doubles=True),
        Line("items, beside their vectors", items, rows.item, doubles=True),
        Line("vectors", items, rows.vector, doubles=True),
        *(Line(kind, counts[kind], rows.arrays[kind], doubles=True) for kind in ("categories", "dimensions")),
        Line("centroids of induced nodes", counts["dimensions"], rows.vector),
        Line("the space", settings.model.dim + 1, encoder_dim * np.dtype(np.float32).itemsize),
        *(Line(name, count, each) for name, (count, each) in rows.fixed.items()),
        *(Line(f"ids and words of {kind}", counts[kind], rows.words[kind]) for kind in rows.words),
        *_said(settings, statements, rows),
        Line("answers given last", RECENT, entries.recent),
        *_caches(settings, users, items, events, encoder_dim),
        Line("a snapshot, while it is written", 1, snapshot),
    ]
    disk = [
        Line("events", events, entries.event),
        Line("items and their vectors", items, entries.item),
        Line("answers, if as many are given", settings.answers_kept, entries.answer),
        Line("fits of the space", entries.fits(items), entries.fit),
        Line("snapshots", _snapshots_kept() + 1, snapshot),
    ]
    return Bill(tuple(memory), tuple(disk), rows)


def _said(settings: Settings, statements: int, rows: RowBytes) -> list[Line]:
    """What users said and edited, and the vectors of what was said that were used last."""
    kept = min(statements, settings.statements_kept)
    lines = [Line("statements", kept, rows.statement), Line("vectors of statements", min(kept, VECTORS), rows.vector)]
    return lines if kept else []


def _caches(settings: Settings, users: int, items: int, events: int, encoder_dim: int) -> list[Line]:
    """What is kept to be quick and can be made again."""
    per_user = min(items, round(events / max(users, 1)))
    had = set(range(300, 300 + per_user))
    book: int = inspect.signature(VectorBook).parameters["cache"].default
    lines = [
        Line(
            "what the users asked for last have had",
            min(users, USERS, ITEMS // max(per_user, 1)),
            sum(map(sys.getsizeof, [had, *had])),
        ),
        Line("vectors used last", min(items, book), encoder_dim * np.dtype(np.float32).itemsize),
    ]
    if items >= settings.exact_below and items > EXACT:
        lines.append(Line("vector index", items, _indexed(settings), doubles=True))
    return lines


def _indexed(settings: Settings, few: int = 500) -> float:
    """Bytes of a vector in the index, its neighbours included."""
    sizes: list[int] = []
    rng = np.random.Generator(np.random.Philox(0))
    for n in (few, 2 * few):
        index = empty_index(settings.model.dim)
        index.add(
            np.arange(n, dtype=np.int64), rng.standard_normal((n, settings.model.dim)).astype(np.float32), threads=1
        )
        sizes.append(index.serialized_length)
    return (sizes[1] - sizes[0]) / few


def _snapshots_kept() -> int:
    return inspect.signature(Store.save_snapshot).parameters["keep"].default
