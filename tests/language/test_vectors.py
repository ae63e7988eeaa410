"""Vectors are encoded once, kept under the encoder's id, and read back bit for bit."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from penchant.errors import EncoderFailed, EncoderMismatch, StoreError
from penchant.language.universal import UniversalEncoder
from penchant.language.vectors import VectorBook, content_hash, vector_hash
from penchant.store import Store, open_store

Rows = npt.NDArray[np.float32]


class Counting:
    """The default encoder, noting what it was asked."""

    def __init__(self, inner: UniversalEncoder) -> None:
        self.inner, self.id, self.dim = inner, inner.id, inner.dim
        self.asked: list[list[str]] = []

    def encode(self, texts: Sequence[str]) -> Rows:
        self.asked.append(list(texts))
        return self.inner.encode(texts)


@pytest.fixture(scope="module")
def universal() -> UniversalEncoder:
    return UniversalEncoder(threads=1)


@pytest.fixture
def encoder(universal: UniversalEncoder) -> Counting:
    return Counting(universal)


@pytest.fixture
def store() -> Iterator[Store]:
    store = open_store(":memory:")
    yield store
    store.close()


def test_each_text_is_encoded_once(encoder: Counting, store: Store) -> None:
    book = VectorBook(encoder, store)
    first = book.of(["b film", "a longer film", "b film"])
    assert encoder.asked == [["b film", "a longer film"]]
    np.testing.assert_array_equal(first[0], first[2])
    np.testing.assert_array_equal(book.of(["a longer film", "b film"]), first[[1, 0]])
    assert len(encoder.asked) == 1


def test_another_book_reads_the_same_bits(encoder: Counting, store: Store) -> None:
    rows = VectorBook(encoder, store).of(["one", "two"])
    again = VectorBook(encoder, store)
    np.testing.assert_array_equal(again.of(["two", "one"]), rows[[1, 0]])
    np.testing.assert_array_equal(again.get([content_hash("one")]), rows[:1])
    assert len(encoder.asked) == 1


def test_batches_are_of_like_length_and_progress_is_told(encoder: Counting, store: Store) -> None:
    told: list[tuple[int, int]] = []
    texts = [f"{i} " + "word " * (i % 7) for i in range(150)]
    VectorBook(encoder, store).of(texts, lambda done, total: told.append((done, total)))
    assert told == [(64, 150), (128, 150), (150, 150)]
    lengths = [len(text) for batch in encoder.asked for text in batch]
    assert [len(batch) for batch in encoder.asked] == [64, 64, 22]
    assert lengths == sorted(lengths)


def test_a_small_cache_forgets_but_the_store_does_not(encoder: Counting, store: Store) -> None:
    book = VectorBook(encoder, store, cache=2)
    texts = ["a", "b", "c", "d"]
    rows = book.of(texts)
    np.testing.assert_array_equal(book.of(texts), rows)
    assert sum(map(len, encoder.asked)) == 4


def test_a_question_is_not_stored_until_it_is_said(encoder: Counting, store: Store) -> None:
    book = VectorBook(encoder, store)
    asked = book.of(["something funny"], keep=False)
    assert store.get_vectors(encoder.id, [content_hash("something funny")]) == {}
    said = book.of(["something funny"])
    np.testing.assert_array_equal(asked, said)
    np.testing.assert_array_equal(
        store.get_vectors(encoder.id, [content_hash("something funny")]).popitem()[1], said[0]
    )
    assert len(encoder.asked) == 1


def test_replay_never_encodes(encoder: Counting, store: Store) -> None:
    with pytest.raises(StoreError, match=r"1 of 1 vectors .* not in the store.*restore the backup"):
        VectorBook(encoder, store).get([content_hash("never seen")])
    assert encoder.asked == []


def test_given_vectors_are_scaled_and_kept(encoder: Counting, store: Store) -> None:
    vector = np.arange(512, dtype=np.float32)
    key = vector_hash(vector)
    VectorBook(encoder, store).given({key: vector})
    row = VectorBook(encoder, store).get([key])[0]
    np.testing.assert_allclose(row * np.linalg.norm(vector), vector, rtol=1e-5)
    book = VectorBook(encoder, store)
    book.given({key: -vector})  # the first one stays
    np.testing.assert_array_equal(book.get([key])[0], row)


@pytest.mark.parametrize(("vector", "error"), [([1.0, 2.0], EncoderMismatch), ([float("nan")] * 512, EncoderFailed)])
def test_given_vectors_that_cannot_be_used(
    encoder: Counting, store: Store, vector: list[float], error: type[Exception]
) -> None:
    good = np.ones(512, dtype=np.float32)
    with pytest.raises(error):
        VectorBook(encoder, store).given({vector_hash(good): good, "bad": vector})
    assert store.get_vectors(encoder.id, [vector_hash(good), "bad"]) == {}


def test_stored_vectors_of_another_size_are_refused(encoder: Counting, store: Store) -> None:
    store.put_vectors(encoder.id, {content_hash("one"): np.ones(3, dtype=np.float32)})
    with pytest.raises(EncoderMismatch, match="has 3 dimensions, the encoder gives 512"):
        VectorBook(encoder, store).of(["one"])


def test_drop_reaches_cache_and_store(encoder: Counting, store: Store) -> None:
    book = VectorBook(encoder, store)
    book.of(["private words"])
    assert book.drop([content_hash("private words"), content_hash("unknown")]) == 1
    with pytest.raises(StoreError):
        book.get([content_hash("private words")])


def test_threads_get_the_same_bits(encoder: Counting, store: Store) -> None:
    book = VectorBook(encoder, store)
    texts = [f"film {i}" for i in range(20)]
    got: list[Rows] = []

    def ask(turn: int) -> None:  # every thread asks in another order, and puts the rows back into the first
        got.append(np.roll(book.of(texts[turn:] + texts[:turn]), turn, axis=0))

    threads = [threading.Thread(target=ask, args=(turn,)) for turn in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(map(len, encoder.asked)) == 20
    assert len(got) == 8
    for rows in got:
        np.testing.assert_array_equal(rows, got[0])


@given(st.lists(st.text(max_size=30), max_size=12))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_reads_back_as_it_was_given_out(universal: UniversalEncoder, texts: list[str]) -> None:
    store = open_store(":memory:")
    rows = VectorBook(universal, store).of(texts)
    assert rows.shape == (len(texts), 512)
    np.testing.assert_array_equal(VectorBook(universal, store).get([content_hash(text) for text in texts]), rows)
    store.close()
