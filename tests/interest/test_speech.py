"""The tree's names as it grows: only what is new is encoded and read, and all is as if made from nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from penchant import Engine, Item
from penchant.interest.speech import Speech
from penchant.language.encoder import Vectors
from penchant.language.nodes import PHRASES
from penchant.language.vectors import VectorBook


class Counting:
    """Vectors drawn by their text; it tells how many it made."""

    id, dim = "counting:1", 16

    def __init__(self) -> None:
        self.texts: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.texts += texts
        rows = np.empty((len(texts), self.dim), np.float32)
        for row, text in zip(rows, texts, strict=True):
            seed = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())
            row[:] = np.random.default_rng(seed).standard_normal(self.dim)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def items(first: int, end: int) -> list[Item]:
    """Some stand in two dimensions of one category; more of them than are looked at."""
    return [
        Item(
            id=f"i{k}", text=f"thing {k}",
            paths=[[f"kind {k % 5}", f"part {k % 20}"], [f"kind {k % 5}", f"look {k % 3}"]],
        )
        for k in range(first, end)
    ]  # fmt: skip


def test_a_new_category_is_all_that_is_encoded_and_read() -> None:
    encoder = Counting()
    with Engine.open(":memory:", "movies", encoder=encoder) as engine:
        engine.add_items(items(0, 1500))
        book = VectorBook(encoder, engine.store, cache=8)  # far less than the phrases
        speech = Speech(engine.model, book, keep=False)  # as a reader, which can't write what it encoded
        speech.contrast("a film about whales")
        nodes = len(speech.names().nodes)
        assert nodes == 5 + 20 + 15
        engine.add_items([Item(id="new", text="something new", paths=[["birds"]])])
        encoder.texts.clear()
        read: list[int] = []
        get, book.get = book.get, lambda hashes: (read.append(len(hashes)), get(hashes))[1]  # type: ignore[method-assign]
        contrast = speech.contrast("a film about sparrows")
        assert len(speech.names().nodes) == nodes + 1
        new = [phrase.format(name="birds", noun="film") for phrase in PHRASES]
        assert "a film about birds" in encoder.texts
        assert set(encoder.texts) <= {"a film about sparrows", *new}
        assert len(encoder.texts) <= 1 + 2 * len(new), "at most once for the names and once for the scope"
        assert read == [1, 300], "the new category's item, and the sample of the scope"
        fresh = Speech(engine.model, VectorBook(encoder, engine.store), keep=False)
        assert fresh.contrast("a film about sparrows") == contrast
        for topic in ("birds", "kind 3 and part 7", "whales"):
            np.testing.assert_array_equal(
                speech.names().scores(topic, encoder.encode), fresh.names().scores(topic, encoder.encode)
            )


def test_what_stands_elsewhere_or_says_something_else_is_read_again() -> None:
    encoder = Counting()
    with Engine.open(":memory:", "movies", encoder=encoder) as engine:
        engine.add_items(items(0, 40))
        speech = Speech(engine.model, VectorBook(encoder, engine.store), keep=False)
        before = speech.names().scores("part 7", encoder.encode)
        engine.add_items(
            [
                Item(id="i7", text="another text", paths=[["kind 2", "part 7"]]),
                Item(id="i8", text="thing 8", paths=[["kind 4", "part 9"]]),
                Item(id="new", text="new", paths=[["birds"]]),
            ]
        )
        fresh = Speech(engine.model, VectorBook(encoder, engine.store), keep=False)
        now = speech.names().scores("part 7", encoder.encode)
        np.testing.assert_array_equal(now, fresh.names().scores("part 7", encoder.encode))
        assert not np.array_equal(now[: len(before)], before)
