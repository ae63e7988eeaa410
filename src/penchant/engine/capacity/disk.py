"""Bytes on disk of an event, an item and an answer: what a small database grows by."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from penchant.config import Settings
from penchant.engine.capacity.rows import roomy, size_of
from penchant.engine.training import Training
from penchant.interest.intake import item_draft
from penchant.language.encoder import Vectors
from penchant.language.vectors import content_hash
from penchant.records import Draft, Event, Item
from penchant.store import open_store
from penchant.store.log import row_of

SAMPLE = 2000  # entries that are written for the purpose
TEXT = 120  # characters of an item's text
SMALL = 40  # items of the small catalogue that an answer is taken from


@dataclass(frozen=True, slots=True)
class EntryBytes:
    """Bytes of an event with an id, of an item with its vector, of an answer of ten, and of a fit of the space.

    Attributes:
        recent: of the answer in memory, where the last ones given are kept.
    """

    event: float
    item: float
    answer: float
    fit: float
    recent: float

    @staticmethod
    def fits(items: int) -> int:
        """How many fits there are: one at the start, one whenever the catalogue is four times as large."""
        return 1 + max(0, math.ceil(math.log(max(items, 1) / SMALL, 4)))


class _Noise:
    """An encoder whose vectors say nothing, of the right width."""

    id = "noise"

    def __init__(self, dim: int) -> None:
        self.dim = dim

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors [n, dim]."""
        seeds = (int(content_hash(text)[:16], 16) for text in texts)
        rows = [np.random.Generator(np.random.Philox(seed)).standard_normal(self.dim) for seed in seeds]
        return np.array([row / np.linalg.norm(row) for row in rows], np.float32).reshape(len(texts), self.dim)


def entry_bytes(settings: Settings, *, users: int, items: int, encoder_dim: int) -> EntryBytes:
    """Measured on databases in a temporary folder."""
    kind = next(iter(settings.kinds), "view")
    rng = np.random.Generator(np.random.Philox(0))
    who, what = rng.integers(max(users, 1), size=2 * SAMPLE), rng.integers(max(items, 1), size=2 * SAMPLE)
    events = [
        Draft("event", 1.7e9 + k / 8, {"kind": kind}, f"{k:0>31}", f"{user:012}", f"{item:012}")
        for k, (user, item) in enumerate(zip(who.tolist(), what.tolist(), strict=True))
    ]
    things = [_item(k) for k in range(SAMPLE // 2)]
    answers, fits, recent = _life(roomy(settings), encoder_dim)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        event = _slope(place / "events", events, 0)
        item = _slope(place / "items", [item_draft(one, content_hash(one.id), 0.0) for one in things], encoder_dim)
        answer = _slope(place / "answers", [_again(answers[0], k) for k in range(100)], 0)
    return EntryBytes(event, item, answer, sum(len(row_of(fit)[-1]) for fit in fits), recent)


def _item(k: int) -> Item:
    text = f"item {k:012} "
    return Item(id=f"{k:012}", text=text + "x" * (TEXT - len(text)), paths=(("category", f"dimension {k % SMALL}"),))


def _again(answer: Draft, k: int) -> Draft:
    return Draft("answer", answer.time, answer.body, f"answer:{k:032x}", answer.user)


def _slope(path: Path, drafts: Sequence[Draft], vector: int) -> float:
    """What the second half of the drafts adds to the file, each; with a vector of so many numbers each."""
    sizes: list[int] = []
    for part, some in enumerate((drafts[: len(drafts) // 2], drafts)):
        file = path.with_suffix(f".{part}")
        store = open_store(file)
        store.append(some)
        if vector:
            rows = np.zeros((len(some), vector), np.float32)
            store.put_vectors("encoder", {content_hash(str(k)): row for k, row in enumerate(rows)})
        store.close()
        sizes.append(file.stat().st_size)
    return (sizes[1] - sizes[0]) / (len(drafts) - len(drafts) // 2)


def _life(settings: Settings, encoder_dim: int) -> tuple[list[Draft], list[Draft], int]:
    """The answers of a small catalogue, what it logged of its space, and an answer's bytes in memory."""
    kind = next(iter(settings.kinds), "view")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "small.db"
        with Training.open(file, settings=settings, encoder=_Noise(encoder_dim)) as engine:
            engine.add_items(_item(k) for k in range(SMALL))
            engine.observe_many(Event(user="u", item=_item(k).id, kind=kind, time=float(k)) for k in range(5))
            answer = engine.recommend("u", 10)
            answer.to_dict()  # reasons are made when they are first asked for, which logging it does in its own time
            recent = size_of(answer)
        store = open_store(file, read_only=True)
        try:
            drafts = [
                Draft(e.type, e.time, e.body, e.id, e.user, e.item) for e in store.entries(types=["answer", "fit"])
            ]
        finally:
            store.close()
    return [d for d in drafts if d.type == "answer"], [d for d in drafts if d.type == "fit"], recent
