"""What a process does before it is ready: the engine's compiled code is loaded, or compiled where none is kept yet.

On a fresh machine or in a fresh container that takes 40 seconds and more, which else the first event would take. The
code is kept in `NUMBA_CACHE_DIR`, by default beside the package. The default encoder's weights are read, too.
"""

from __future__ import annotations

import hashlib
import logging
import time as clock
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits  # pyright: ignore[reportMissingTypeStubs]

from penchant.config import Settings, domains
from penchant.engine import Engine
from penchant.errors import EncoderFailed
from penchant.language import glossary
from penchant.language.encoder import Encoder
from penchant.language.universal import UniversalEncoder
from penchant.records import Event, Item

log = logging.getLogger("penchant.serve")
THREAD = "penchant-warming"
GENRES = ("comedy", "crime", "horror", "romance", "science fiction", "war")


class Words:
    """An encoder that needs nothing: words hashed into places."""

    id = "penchant-warm-words"
    dim = 64

    def encode(self, texts: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
        """Unit vectors (n, 64)."""
        rows = np.full((len(texts), self.dim), 1e-3, np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.split():
                row[hashlib.blake2b(word.encode(), digest_size=1).digest()[0] % self.dim] += 1
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def warm(stopped: Callable[[], bool] = lambda: False) -> float:
    """Live a small life of each domain in memory; returns the seconds that it took.

    Best before any catalogue is opened: engines share the process's number of threads for linear algebra.

    Args:
        stopped: asked between two lives; True: no more.
    """
    begun = clock.perf_counter()
    threadpool_limits(Settings().threads)  # for good: what each engine's closing restores
    for base in domains():
        if not stopped():
            _live(base)
    return clock.perf_counter() - begun


def read_weights(encoder: Encoder, warm: bool = True) -> None:
    """Read the weights of the default encoder now, not at the first request that holds words; others are left alone.

    The Chinese dictionary, where it is installed, is read, too: it takes seconds, in which nobody would be answered.
    """
    if warm and isinstance(encoder, UniversalEncoder):
        try:
            encoder.encode([""])
        except EncoderFailed as error:  # who needs it is told then
            log.warning("not warm: %s", error)
        glossary.read()


def quietly(record: logging.LogRecord) -> bool:
    """Whether a record is of a catalogue that somebody has: a filter for the engine's log."""
    return record.threadName != THREAD


def _live(base: str) -> None:
    """Items, questions, feedback, words; candidates are gathered as among many, for few are but looked through."""
    items = [
        Item(id=f"i{k}", text=f"number {k} of {GENRES[k % 6]}", paths=((GENRES[k % 6],), (GENRES[k % 5], "new")))
        for k in range(24)
    ]
    with Engine.open(base=base, settings={"exact_below": 0}, encoder=Words()) as engine:
        engine.add_items(items)
        others = [Event(user=f"u{k % 3}", item=f"i{k}", kind="rating", value=1 + k % 5) for k in range(12)]
        for round in range(2):  # the second finds the state that the first has left
            answer = engine.recommend("ann", 5)
            named = [
                Event(user="ann", item=one.item, kind=kind, request_id=answer.request_id)
                for one, kind in zip(answer, ("view", "like", "skip", "rating"), strict=False)
            ]
            engine.observe_each([*named, *others])
            engine.tell("ann", f"more {GENRES[round]}")
            for one in engine.recommend("ann", 5, "a funny one", diversity="mmr", exploration=0.1):
                _ = [part.reason for part in one.explanation.parts]
            engine.recommend("bob", 5, similar_to="i1", history=others[:2])
            engine.profile("ann").to_dict()
            engine.similar("i1", 3)
        engine.save()
