"""Which nodes are meant: by meaning, by name, in two languages, surely or not at all."""

from __future__ import annotations

import numpy as np
import pytest

from penchant.language.nodes import NodeName, NodeNames, Noun
from penchant.language.universal import UniversalEncoder

GENRES = ["Action", "Comedy", "Documentary", "Film-Noir", "Horror", "Mystery", "Romance", "Sci-Fi", "War", "Western"]


@pytest.fixture(scope="module")
def encoder() -> UniversalEncoder:
    return UniversalEncoder(threads=1)


@pytest.fixture(scope="module")
def names(encoder: UniversalEncoder) -> NodeNames:
    return NodeNames([NodeName((genre,), genre) for genre in GENRES], encoder.encode, noun=Noun("film", "电影"))


@pytest.mark.parametrize(
    ("topic", "genre"),
    [
        ("cowboys and indians", "Western"),
        ("纪录片", "Documentary"),
        ("film noir", "Film-Noir"),
        ("sci fi stories", "Sci-Fi"),
        ("mysteries", "Mystery"),
        ("spaceships", "Sci-Fi"),
        ("战争片", "War"),
        ("爱情故事", "Romance"),
    ],
)
def test_meant(names: NodeNames, encoder: UniversalEncoder, topic: str, genre: str) -> None:
    path, weight = names.meant(topic, encoder.encode)[0]
    assert path == (genre,)
    assert 0 < weight <= 1


@pytest.mark.parametrize(
    "topic",
    ["", "  ", "films", "movies", "a movie", "影片", "2015", "what time is it", "太长", "the weather in lisbon"],
)
def test_nothing_meant(names: NodeNames, encoder: UniversalEncoder, topic: str) -> None:
    assert names.meant(topic, encoder.encode, refused=True) == ()


def test_all_that_are_named_in_a_list(names: NodeNames, encoder: UniversalEncoder) -> None:
    meant = names.meant("war, horror and westerns", encoder.encode, refused=True)
    assert {path for path, _ in meant} == {("War",), ("Horror",), ("Western",)}


def test_the_catalogues_noun_names_no_node(names: NodeNames, encoder: UniversalEncoder) -> None:
    for topic in ("film", "a film", "films", "电影"):
        assert names.meant(topic, encoder.encode) == ()


def test_aliases_count_like_names(encoder: UniversalEncoder) -> None:
    nodes = [NodeName(("k1",), "k1", aliases=("Gardening", "园艺")), NodeName(("k2",), "k2", aliases=("Cooking",))]
    names = NodeNames(nodes, encoder.encode, noun=Noun("book", "书"))
    assert names.meant("园艺书", encoder.encode)[0] == (("k1",), 1.0)
    assert names.meant("recipes for soup", encoder.encode)[0][0] == ("k2",)


def test_items_tell_what_a_name_does_not(encoder: UniversalEncoder) -> None:
    nodes = [NodeName(("A",), "Shelf A"), NodeName(("B",), "Shelf B")]
    items = {
        ("A",): (encoder.encode(["tomato soup", "roast chicken", "apple pie"]).mean(axis=0), 100),
        ("B",): (encoder.encode(["rose pruning", "lawn care", "growing tulips"]).mean(axis=0), 100),
    }
    names = NodeNames(nodes, encoder.encode, items=items)
    assert np.argmax(names.scores("what to do with my flower beds", encoder.encode)) == 1
    assert np.argmax(names.scores("a cake to bake", encoder.encode)) == 0


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_nodes(encoder: UniversalEncoder, count: int) -> None:
    names = NodeNames([NodeName((genre,), genre) for genre in ("War", "Comedy")[:count]], encoder.encode)
    assert [path for path, _ in names.meant("a war story", encoder.encode)] == [("War",)][:count]


def test_hundreds_of_nodes_are_finite(encoder: UniversalEncoder) -> None:
    names = NodeNames([NodeName((f"n{i}", f"d{i}"), f"number {i}") for i in range(300)], encoder.encode)
    assert np.isfinite(names.scores("number 7", encoder.encode)).all()
    assert names.meant("number 7", encoder.encode)[0][0] == ("n7", "d7")
