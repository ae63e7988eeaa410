from __future__ import annotations

import csv
import os
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penchant.errors import InvalidRecord
from penchant.interest.induce import choose_k, induce

DATA = Path(os.environ.get("PENCHANT_DATA", Path(__file__).parents[2] / ".." / "shared" / "data"))
TOPICS = {
    "war": ["a war at sea", "the war in winter", "a soldier goes to war", "war without end", "last soldier of the war"],
    "love": [
        "a love story in Paris",
        "first love",
        "love and marriage",
        "a wedding for love",
        "the wedding, a love story",
    ],
    "space": ["a voyage into space", "lost in space", "space pirates", "an alien from space", "alien space station"],
}


def unit(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def topics(seed: int = 0, spread: float = 0.15) -> tuple[npt.NDArray[np.float32], list[str], npt.NDArray[np.int64]]:
    """Three well separated topics of 5 x 4 texts, in 16 dimensions."""
    rng = np.random.default_rng(seed)
    truth = np.repeat(np.arange(3), 20)
    texts = [text for texts in TOPICS.values() for text in texts * 4]
    return unit(np.eye(16)[truth] + spread * rng.normal(size=(60, 16))), texts, truth


def test_topics_are_found_and_named() -> None:
    vectors, texts, truth = topics()
    found = induce(vectors, texts, 3, seed=1)
    assert sorted(name.split(" & ")[0] for name in found.names) == ["love", "space", "war"]
    for j, topic in enumerate(TOPICS):
        labels = set(found.labels[truth == j].tolist())
        assert len(labels) == 1
        assert found.names[labels.pop()].startswith(topic)


def test_same_seed_same_bits() -> None:
    vectors, texts, _ = topics(spread=0.8)
    one, two = induce(vectors, texts, 4, seed=9), induce(vectors.copy(), list(texts), 4, seed=9)
    assert one.centroids.tobytes() == two.centroids.tobytes()
    assert one.names == two.names
    assert one.labels.tolist() == two.labels.tolist()


def test_labels_are_the_nearest_centroids_and_centroids_unit() -> None:
    vectors, texts, _ = topics(spread=0.5)
    found = induce(vectors, texts, 4, seed=2)
    assert found.centroids.dtype == np.float32
    assert found.centroids.shape == (4, 16)
    np.testing.assert_allclose(np.linalg.norm(found.centroids, axis=1), 1, atol=1e-5)
    assert found.labels.tolist() == (vectors @ found.centroids.T).argmax(axis=1).tolist()
    sizes = np.bincount(found.labels, minlength=4)
    assert sizes.min() > 0
    assert sizes.tolist() == sorted(sizes.tolist(), reverse=True)


def test_growth_keeps_place_and_name() -> None:
    vectors, texts, truth = topics()
    old = truth < 2
    first = induce(vectors[old], [t for t, keep in zip(texts, old, strict=True) if keep], 2, seed=1)
    grown = induce(vectors, texts, 3, seed=1, start=first.centroids, start_names=first.names)
    assert grown.names[:2] == first.names
    assert grown.names[2].startswith("space")
    assert grown.labels[old].tolist() == first.labels.tolist()
    assert ((first.centroids * grown.centroids[:2]).sum(axis=1) > 0.99).all()


def test_a_started_dimension_without_items_stays_where_it_was() -> None:
    vectors, texts, truth = topics()
    elsewhere = unit(-np.eye(16)[:3].sum(axis=0, keepdims=True))
    found = induce(vectors, texts, 4, seed=1, start=elsewhere, start_names=["westerns"])
    np.testing.assert_array_equal(found.centroids[0], elsewhere[0])
    assert found.names[0] == "westerns"
    assert len(truth) == (found.labels > 0).sum()


def test_a_name_is_never_used_twice_or_empty() -> None:
    vectors, _, _ = topics()
    found = induce(vectors, ["the same words"] * 60, 5, seed=1)
    assert found.names == [f"group {j}" for j in range(1, 6)]
    assert "group 1" not in induce(vectors, [""] * 60, 2, seed=1, start=vectors[:1], start_names=["group 1"]).names[1:]


def test_groups_that_nothing_tells_apart_share_one_name() -> None:
    rng = np.random.default_rng(4)
    told = [f"war {word}" for word in ("at sea", "of roses", "and peace", "again") * 10]
    untold = [f"{first}{last}" for first in "abcdefgh" for last in "vwxyzabcde"]
    vectors = unit(np.eye(8)[np.repeat([0, 1, 2], 40)] + 0.1 * rng.normal(size=(120, 8)))
    found = induce(vectors, told + untold, 3, seed=1)
    assert sorted(found.names) == ["other", "other", "war"]
    assert {found.names[label] for label in found.labels[:40]} == {"war"}


def test_a_term_that_tells_more_elsewhere_names_no_group() -> None:
    vectors, _, truth = topics()
    texts = [("war", "love story", "war" if row % 5 == 0 else "so on")[topic] for row, topic in enumerate(truth)]
    texts = [f"{text} {row}" for row, text in enumerate(texts)]
    found = induce(vectors, texts, 3, seed=1)
    assert sorted(found.names) == ["love story", "other", "war"]


def test_avoided_words_name_nothing() -> None:
    vectors, texts, _ = topics()
    found = induce(vectors, texts, 3, seed=1, avoid={"Wars", "Love", "太空"})
    words = {word for name in found.names for word in name.split(" & ")}
    assert not words & {"war", "love"}
    assert "space" in words


def test_chinese_words_are_found_without_a_dictionary() -> None:
    rng = np.random.default_rng(0)
    hot, cat = ["火锅", "小猫"]
    eat = [f"{a}{hot}{b}" for a in ("今晚吃", "麻辣", "想念", "正宗") for b in ("真香", "店", "怎么做", "!", "聚会")]
    pet = [f"{a}{cat}{b}" for a in ("可爱", "我家", "捡到", "橘色") for b in ("睡着", "洗澡", "打架", "!", "跑酷")]
    vectors = unit(np.eye(8)[np.repeat([0, 1], 20)] + 0.1 * rng.normal(size=(40, 8)))
    names = induce(vectors, eat + pet, 2, seed=0).names
    assert {name.split(" & ")[0] for name in names} == {hot, cat}


def test_numbers_stop_words_and_links_name_nothing() -> None:
    vectors, _, truth = topics()
    texts = [("the 1995 2001", "and of https://war.example", "with @anna 42")[t] for t in truth]
    assert all(name.startswith("group") for name in induce(vectors, texts, 3, seed=0).names)


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(0, 30),
    k=st.integers(1, 6),
    kept=st.integers(0, 3),
    same=st.booleans(),
    texts=st.lists(st.text(max_size=30), min_size=30, max_size=30),
)
def test_any_input_gives_whole_results_or_a_named_error(
    n: int, k: int, kept: int, same: bool, texts: list[str]
) -> None:
    rng = np.random.default_rng(n)
    vectors = unit(rng.normal(size=(n, 4)) if not same else np.ones((n, 4)))
    start = unit(rng.normal(size=(kept, 4)))
    if not max(1, kept) <= k <= max(1, kept + n):
        with pytest.raises(InvalidRecord, match=r"induce\.k"):
            induce(vectors, texts[:n], k, seed=3, start=start)
        return
    found = induce(vectors, texts[:n], k, seed=3, start=start)
    assert found.centroids.shape == (k, 4)
    np.testing.assert_allclose(np.linalg.norm(found.centroids, axis=1), 1, atol=1e-5)
    told = [name for name in found.names if name != "other"]
    assert len(set(told)) == len(told)
    assert told
    assert all(name.strip() for name in found.names)
    assert found.labels.shape == (n,)
    assert n == 0 or 0 <= found.labels.min() <= found.labels.max() < k


def test_shapes_that_do_not_fit_are_named() -> None:
    vectors, texts, _ = topics()
    with pytest.raises(InvalidRecord, match=r"induce\.vectors"):
        induce(vectors, texts[:-1], 2, seed=0)
    with pytest.raises(InvalidRecord, match=r"induce\.start: "):
        induce(vectors, texts, 2, seed=0, start=np.ones((1, 3), dtype=np.float32))
    with pytest.raises(InvalidRecord, match=r"induce\.start_names"):
        induce(vectors, texts, 2, seed=0, start_names=["war"])


def test_choose_k_grows_slowly_and_never_falls() -> None:
    ks = [choose_k(n) for n in range(0, 100_000, 7)]
    assert ks[0] == 1
    assert max(ks) == 12
    assert all(0 <= b - a <= 1 for a, b in pairwise(ks))


@pytest.mark.timeout(60)  # against a hang; speed is measured in benchmarks
def test_five_thousand_items() -> None:
    rng = np.random.default_rng(0)
    words = np.array([f"word{j}x" for j in range(2000)])
    texts = [" ".join(row) for row in words[rng.integers(0, 2000, (5000, 10))]]
    vectors = unit(rng.normal(size=(5000, 128)))
    found = induce(vectors, texts, 8, seed=0)
    assert sorted(set(found.labels.tolist())) == list(range(8))


def test_films_of_a_genre_are_named_by_their_other_genres() -> None:
    path = DATA / "ml-100k" / "ml-100k.item"
    if not path.exists():
        pytest.skip(f"MovieLens 100k is not at {path}")
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    films = [(row["movie_title:token_seq"], row["class:token_seq"].split()) for row in rows]
    genres = sorted({genre for _, found in films for genre in found})
    thrillers = [(title, found) for title, found in films if "Thriller" in found]
    rng = np.random.default_rng(0)  # genres alone, hashed: this test is of the names
    table = rng.normal(size=(len(genres), 32))
    rows_of = np.array([sum(table[genres.index(g)] for g in found) for _, found in thrillers])
    names = induce(
        unit(rows_of - rows_of.mean(axis=0)),
        [f"{t}. {', '.join(g)}" for t, g in thrillers],
        4,
        seed=0,
        avoid={"Thriller"},
    ).names
    known = {genre.casefold() for genre in genres}
    assert all(name.split(" & ")[0] in known | {"other"} for name in names)
    assert not any("thriller" in name for name in names)
