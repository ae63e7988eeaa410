"""The help desk: the way to an answer, what was said narrows what is asked, confirmations are learned and replayed."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from penchant import Engine, Item
from penchant.engine.desk import LEAST, LIKENESS, Desk
from penchant.errors import InvalidRecord, Refused
from penchant.language.universal import UniversalEncoder

SAMPLE = Path(__file__).resolve().parents[2] / "examples" / "support" / "questions.tsv"
with SAMPLE.open(encoding="utf-8") as file:
    ROWS = list(csv.DictReader(file, delimiter="\t"))
ENCODER = UniversalEncoder(threads=1)


def opened(path: str | Path = ":memory:") -> Engine:
    engine = Engine.open(path, base="support", encoder=ENCODER)
    answers = {(row["domain"], row["intent"]): row["answer"] for row in ROWS}
    engine.add_items(Item(id=i, text=f"{i}\n{text}", paths=[[d, i]]) for (d, i), text in answers.items())
    return engine


def settle(desk: Desk, row: dict[str, str], user: str) -> bool:
    """A caller who knows what they want; whether the first turn was right."""
    right = (row["domain"], row["intent"])
    talk = desk.talk(user)
    turn = talk.say(row["question"])
    first = turn.path == right
    for _ in range(8):
        if turn.kind == "answer" and turn.path == right:
            talk.confirm()
            return first
        hits = [k for k, option in enumerate(turn.options, 1) if option == right[: len(option)]]
        turn = talk.choose(hits[0]) if hits else talk.reject()
    raise AssertionError(f"{row['question']!r} was not settled")


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, list[bool], Path]]:
    """A desk that has settled every question of the sample but one of each intent, and its file."""
    path = tmp_path_factory.mktemp("desk") / "desk.db"
    rows = [row for k, row in enumerate(ROWS) if k % 5]
    random.Random(3).shuffle(rows)
    with opened(path) as engine:
        desk = Desk(engine)
        first = [settle(desk, row, f"caller {k}") for k, row in enumerate(rows)]
        yield desk, first, path


def right_at_once(desk: Desk, rows: list[dict[str, str]]) -> int:
    """How many of these questions the first turn of a new conversation answers rightly."""
    return sum(desk.talk("x").say(row["question"]).path == (row["domain"], row["intent"]) for row in rows)


def test_it_learns_from_each_confirmation(taught: tuple[Desk, list[bool], Path]) -> None:
    desk, _, _ = taught
    met, unseen = [row for k, row in enumerate(ROWS) if k % 5], ROWS[::5]
    with opened() as fresh:
        untaught = Desk(fresh)
        assert right_at_once(untaught, met) < 0.8 * len(met), "there is something to learn"
        assert right_at_once(desk, met) >= 0.9 * len(met), "what was confirmed is known"
        right = [fresh.model.world.taxonomy.find((row["domain"], row["intent"])) for row in unseen]

        def certainty(of: Desk) -> float:
            sure = [of.read(of.vector(row["question"])) for row in unseen]
            return float(np.mean([np.log(p[path[1]]) for p, path in zip(sure, right, strict=True) if path]))

        assert certainty(desk) > certainty(untaught) + 0.05, "questions that it has not met are read better too"


def test_one_confirmation_is_known_in_the_next_conversation() -> None:
    with opened() as engine:
        desk, words = Desk(engine), "my thingamajig is on the blink"
        talk = desk.talk("ann")
        turn = talk.say(words)
        while turn.path != ("payment", "use voucher"):
            hits = [k for k, o in enumerate(turn.options, 1) if o == ("payment", "use voucher")[: len(o)]]
            turn = talk.choose(hits[0]) if hits else talk.reject()
        talk.confirm()
        assert desk.talk("bob").say(words).path == ("payment", "use voucher")


def test_a_question_is_narrowed_by_what_is_said() -> None:
    with opened() as engine:
        talk = Desk(engine, sure=0.98).talk("ann")
        turn = talk.say("I have a question about something I bought")
        assert turn.kind == "question"
        before = talk.belief()
        chosen = turn.options[0]
        turn = talk.choose(1)
        after = talk.belief()
        paths = [engine.model.world.taxonomy.path_of_dimension(d) for d in range(len(after))]
        assert all(b == 0 for b, path in zip(after, paths, strict=True) if path[: len(chosen)] != chosen)
        assert np.count_nonzero(after) < np.count_nonzero(before)
        assert all(option[0] == chosen[0] for option in turn.options)
        refused = set(turn.options)
        turn = talk.reject()
        assert not refused & set(turn.options)
        assert turn.path not in refused


def test_more_words_sharpen_the_belief() -> None:
    with opened() as engine:
        talk = Desk(engine, sure=1.0).talk("ann")
        talk.say("the money for what I sent back")
        found = engine.model.world.taxonomy.find(("payment", "refund status"))
        assert found
        one = talk.belief()[found[1]]
        talk.say("when will the refund be in my bank account")
        two = talk.belief()[found[1]]
        assert two > one
        assert int(talk.belief().argmax()) == found[1]


def test_an_option_is_chosen_by_number_or_name() -> None:
    with opened() as engine:
        for by_name in (False, True):
            talk = Desk(engine, sure=1.0).talk("ann")
            option = talk.say("hello").options[0]
            talk.say(option[-1].upper() if by_name else "1")
            b = talk.belief()
            paths = [engine.model.world.taxonomy.path_of_dimension(d) for d in range(len(b))]
            assert {path[: len(option)] for path, much in zip(paths, b, strict=True) if much > 0} == {option}


def test_all_refused_is_said() -> None:
    with opened() as engine:
        talk = Desk(engine).talk("ann")
        turn = talk.say("cancel my order please")
        for _ in range(20):
            if turn.kind == "none":
                break
            turn = talk.reject()
        assert turn.kind == "none"
        with pytest.raises(Refused, match="no answer to confirm"):
            talk.confirm()


def test_what_is_outside_is_told(taught: tuple[Desk, list[bool], Path]) -> None:
    desk, first, _ = taught
    assert len(first) >= LEAST
    assert np.isfinite(desk.floor)
    strange = [
        "who won the world cup in 1998", "a recipe for pumpkin soup", "how tall is a giraffe", "bonjour la lune",
        "play some jazz", "what is the capital of peru", "my dog ate the cat", "solve x squared + 1",
    ]  # fmt: skip
    told = [desk.talk("x").say(text) for text in strange]
    known = [desk.talk("x").say(row["question"]) for row in ROWS]
    assert np.mean([turn.kind == "outside" for turn in told]) >= 0.5
    assert np.mean([turn.kind == "outside" for turn in known]) <= 0.1
    near = next(turn for turn in told if turn.kind == "outside")
    assert len(near.options) == 3


def test_a_replay_knows_what_was_confirmed(taught: tuple[Desk, list[bool], Path], tmp_path: Path) -> None:
    desk, _, path = taught
    confirmed = [event for event in desk.engine.events() if event.kind == "confirm"]
    assert len(confirmed) == len(ROWS) - len(ROWS[::5])
    assert all(LIKENESS in event.context for event in confirmed)
    with Engine.open(path, encoder=ENCODER, read_only=True) as reader:
        again = Desk(reader)
        assert again.floor == pytest.approx(desk.floor)
        for row in ROWS[::7]:
            x = desk.vector(row["question"])
            np.testing.assert_array_equal(desk.read(x), again.read(again.vector(row["question"])))
            assert desk.likeness(x) == pytest.approx(again.likeness(x), abs=1e-6)


def test_bad_arguments() -> None:
    with opened() as engine:
        desk = Desk(engine)
        with pytest.raises(InvalidRecord, match="say something"):
            desk.talk("ann").say("  ")
        with pytest.raises(InvalidRecord, match="ask first"):
            desk.talk("ann").choose(1)
        with pytest.raises(Refused, match="nothing to reject"):
            desk.talk("ann").reject()
        with pytest.raises(InvalidRecord, match=r"desk\.sure"):
            Desk(engine, sure=0)
    with Engine.open(":memory:", base="support", encoder=ENCODER) as empty, pytest.raises(InvalidRecord, match="paths"):
        Desk(empty)
