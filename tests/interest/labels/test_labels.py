"""Few labels on a small help desk: names alone, a few examples, unlabelled texts, what is outside, state."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penchant.errors import EncoderMismatch, InvalidRecord
from penchant.interest.labels import (
    Example,
    LabelModel,
    LabelSettings,
    Node,
    fit_outside,
    learn_with_unlabelled,
)
from penchant.interest.labels.pseudo import choose
from penchant.interest.labels.spelling import Spelling
from penchant.language import Encoder, open_encoder

NODES = [
    Node("card", "lost card"), Node("card", "card limit"), Node("travel", "book a flight"),
    Node("travel", "rent a car"), Node("weather"),
]  # fmt: skip
EXAMPLES = [
    Example("somebody stole my visa", "card", "lost card"),
    Example("how much may I spend", "card", "card limit"),
    Example("fly me to Rome", "travel", "book a flight"),
    Example("I need a vehicle for a week", "travel", "rent a car"),
    Example("will it rain", "weather"),
]
HELD = [
    ("my visa is stolen", "lost card"), ("may I spend more", "card limit"), ("I want to fly to Paris", "book a flight"),
    ("get me a vehicle for the weekend", "rent a car"), ("is it going to rain tomorrow", None),
]  # fmt: skip


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return open_encoder()


@pytest.fixture(scope="module")
def model(encoder: Encoder) -> LabelModel:
    made = LabelModel(encoder, NODES)
    made.learn(EXAMPLES)
    return made


def state(model: LabelModel) -> bytes:
    return b"".join(array.tobytes() for array in model.heads.states(model.taxonomy).values()) + model.mean.tobytes()


def test_names_alone_tell_the_obvious(encoder: Encoder) -> None:
    told = LabelModel(encoder, NODES).tell(["I lost my card", "what is the weather like", "please rent me a car"])
    assert [(one.category, one.dimension) for one in told] == [
        ("card", "lost card"), ("weather", None), ("travel", "rent a car")
    ]  # fmt: skip


def test_few_examples_teach_other_words_for_the_same(model: LabelModel) -> None:
    assert [one.dimension for one in model.tell([text for text, _ in HELD])] == [node for _, node in HELD]
    p = model.probabilities(model.read([text for text, _ in HELD]))
    assert p.sum(1) == pytest.approx(np.ones(len(HELD)))


def test_the_same_call_gives_the_same_bits_and_learning_starts_anew(encoder: Encoder, model: LabelModel) -> None:
    other = LabelModel(encoder, NODES)
    other.learn([Example("nonsense", "weather")])
    assert state(other) != state(model)
    other.learn(EXAMPLES)
    assert state(other) == state(model)


def test_weights_count(encoder: Encoder) -> None:
    both = [Example("a thing", "card", "lost card"), Example("a thing", "weather")]
    likelier = []
    for weights in ((4.0, 0.5), (0.5, 4.0)):
        made = LabelModel(encoder, NODES)
        made.learn(both, weights=weights)
        likelier.append(made.tell(["a thing"])[0].category)
    assert likelier == ["card", "weather"]


def test_unlabelled_texts_teach(encoder: Encoder) -> None:
    """A word that no labelled text has is learned from unlabelled ones that have it beside a known one."""
    nodes = [Node("x", "zorb"), Node("x", "quib")]
    made = LabelModel(encoder, nodes, LabelSettings(certain=0.5))
    texts = [f"the {a} is {b}" for a, b in (("zorb", "plimful"), ("quib", "drastle")) for _ in range(1)] * 3
    before = made.probabilities(made.read(["plimful", "drastle"]))
    rounds = learn_with_unlabelled(made, [], texts)
    after = made.probabilities(made.read(["plimful", "drastle"]))
    assert [found.taken for found in rounds] == [6, 6]
    assert all(found.nodes == 2 for found in rounds)
    assert after[0, 0] > before[0, 0]
    assert after[1, 1] > before[1, 1]


@given(st.integers(0, 99), st.floats(0, 1), st.integers(1, 5))
@settings(max_examples=40)
def test_what_is_taken_is_certain_and_balanced(seed: int, certain: float, a_node: int) -> None:
    p = np.random.default_rng(seed).dirichlet(np.full(4, 0.5), 30)
    rows, leaves = choose(p, certain, a_node)
    assert (p[rows, leaves] >= certain).all()
    assert (leaves == p[rows].argmax(1)).all()
    assert (np.bincount(leaves, minlength=4) <= a_node).all()
    for leaf in range(4):
        taken = rows[leaves == leaf]
        missed = [k for k in range(30) if p[k].argmax() == leaf and p[k, leaf] >= certain and k not in taken]
        assert not missed or len(taken) == a_node
        assert all(p[k, leaf] <= p[taken, leaf].min() for k in missed)


def test_outside_is_told_without_and_with_examples_of_it(encoder: Encoder) -> None:
    made = LabelModel(encoder, NODES, LabelSettings(refused=0.05))
    made.learn(EXAMPLES)
    inside = [
        f"{start} {rest}" for start in ("please", "hello,", "can you tell me:", "hi there,")
        for rest in ("my visa was stolen", "may I spend more", "fly me to Oslo", "a vehicle for a day", "will it rain")
    ]  # fmt: skip
    strange = ["prove the theorem of Pythagoras", "the mitochondrion is a part of the cell", "sonnets by Petrarch"]
    assert not any(told.outside for told in made.tell(strange)), "there is no floor yet"
    fit_outside(made, inside)
    assert sum(told.outside for told in made.tell(inside)) == 1
    assert all(told.outside for told in made.tell(strange))
    gap = np.mean([t.energy for t in made.tell(inside)]) - np.mean([t.energy for t in made.tell(strange)])
    fit_outside(made, inside, ["the theorem of Fermat", "parts of a cell"])
    wider = np.mean([t.energy for t in made.tell(inside)]) - np.mean([t.energy for t in made.tell(strange)])
    assert wider > gap
    made.learn(EXAMPLES)
    assert not any(told.outside for told in made.tell(strange)), "learning forgets the floor"
    with pytest.raises(InvalidRecord, match="at least 20"):
        fit_outside(made, inside[:5])


def test_a_saved_model_tells_the_same(encoder: Encoder, tmp_path: Path) -> None:
    made = LabelModel(encoder, NODES)
    made.learn(EXAMPLES)
    fit_outside(made, [text for text, _ in HELD] * 4, ["the theorem of Fermat"])
    again = LabelModel.load(made.save(tmp_path / "labels"), encoder)
    texts = [text for text, _ in HELD] + ["something else"]
    assert again.tell(texts) == made.tell(texts)
    assert state(again) == state(made)
    told = json.loads((tmp_path / "labels" / "labels.json").read_text())
    told["encoder"] = "another"
    (tmp_path / "labels" / "labels.json").write_text(json.dumps(told))
    with pytest.raises(EncoderMismatch, match="another"):
        LabelModel.load(tmp_path / "labels", encoder)


@pytest.mark.parametrize(
    ("nodes", "what"),
    [
        ([Node("a")], "at least two"),
        ([Node("a"), Node("a")], "every node once"),
        ([Node("a"), Node("a", "b")], "its dimensions, or the category alone"),
    ],
)
def test_nodes_that_cannot_be_told_apart_are_refused(encoder: Encoder, nodes: list[Node], what: str) -> None:
    with pytest.raises(InvalidRecord, match=what):
        LabelModel(encoder, nodes)


def test_examples_of_no_node_are_refused(model: LabelModel) -> None:
    with pytest.raises(InvalidRecord, match="card › theft"):
        model.learn([Example("x", "card", "theft")])


@given(st.text(max_size=60))
@settings(max_examples=100)
def test_spelling_is_of_length_one_and_blind_to_case_and_width(text: str) -> None:
    spelling = Spelling(128)
    x = spelling.encode([text])[0]
    assert np.linalg.norm(x) == pytest.approx(1, abs=1e-5) or not x.any()
    plain = "freeze my account 42"
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in plain.upper())
    assert (spelling.encode([wide]) == spelling.encode([plain])).all()
