"""Small catalogues with a light encoder of their own, so that whole lives of an engine fit in milliseconds."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from penchant import Engine, Event, Item

GENRES = ("Comedy", "Crime", "Horror", "Romance", "Sci-Fi", "War")
T0 = 1_000_000_000.0


class BagOfWords:
    """An encoder: words hashed into 64 signed places."""

    id = "bag-of-words-64"
    dim = 64

    def encode(self, texts: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
        rows = np.zeros((len(texts), self.dim), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.casefold().replace(",", " ").replace(".", " ").split() or ["-"]:
                digest = hashlib.blake2b(word.encode("utf-8", "replace"), digest_size=8).digest()
                row[digest[0] % self.dim] += 1.0 if digest[1] % 2 else -1.0
                row[digest[2] % self.dim] += 1.0 if digest[3] % 2 else -1.0
            if not row.any():
                row[0] = 1.0
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def films(n: int = 60) -> list[Item]:
    """Films of one or two genres each."""
    return [
        Item(
            id=f"f{k}",
            text=f"Film number {k} ({1960 + k % 60})",
            paths=[[GENRES[k % 6]]] + ([[GENRES[(k // 6) % 6]]] if (k // 6) % 6 != k % 6 else []),
            fields={"year": 1960 + k % 60, "price": k % 9},
            time=T0 - 86_400.0 * (k % 30),
        )
        for k in range(n)
    ]


def stream(n: int = 200, users: int = 7, seed: int = 0, items: int = 60) -> list[Event]:
    """Ratings, likes and skips in time order, each with an id."""
    rng = np.random.default_rng(seed)
    kinds = ("rating", "like", "skip", "dislike", "view")
    return [
        Event(
            id=f"e{seed}-{k}",
            user=f"u{rng.integers(users)}",
            item=f"f{int(items * rng.random() ** 2)}",
            kind=(kind := kinds[int(rng.integers(5))]),
            value=float(rng.integers(1, 6)) if kind == "rating" else None,
            time=T0 + 600.0 * k,
            context={"device": "tv"} if k % 3 == 0 else {},
        )
        for k in range(n)
    ]


Open = Callable[..., Engine]


@pytest.fixture
def opened() -> Iterator[Open]:
    """Opens engines with the light encoder, and closes them all at the end."""
    engines: list[Engine] = []

    def open_(
        path: str | Path = ":memory:", settings: Any = None, *, items: Sequence[Item] | None = None, **more: Any
    ) -> Engine:
        more.setdefault("encoder", BagOfWords())
        engine = Engine.open(path, None if Path(path).exists() else "movies", settings, **more)
        engines.append(engine)
        if items is not None:
            engine.add_items(items)
        return engine

    yield open_
    for engine in engines:
        engine.close()


def assert_same(one: Engine, other: Engine) -> None:
    """The same state, bit for bit."""
    ours, theirs = one.model.states(), other.model.states()
    assert ours.keys() == theirs.keys()
    for name, array in ours.items():
        assert array.dtype == theirs[name].dtype, name
        assert array.tobytes() == theirs[name].tobytes(), name
    mine, yours = one.model.meta(), other.model.meta()
    assert mine == yours


def held(engine: Engine) -> tuple[threading.Event, threading.Thread]:
    """Somebody who keeps the model to themselves until the event is set."""
    taken, release = threading.Event(), threading.Event()

    def hold() -> None:
        with engine._lock:  # pyright: ignore[reportPrivateUsage]
            taken.set()
            release.wait(30)

    thread = threading.Thread(target=hold)
    thread.start()
    taken.wait(30)
    return release, thread
