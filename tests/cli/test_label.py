"""penchant label, as a person and a program use it: by CSV, in the terminal, over a crash."""

from __future__ import annotations

import contextlib
import csv
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from penchant.cli import app
from penchant.interest.labels import Answered, Answers, Example, density, propose

TEXTS = {
    "somebody stole my visa": ("card", "lost card"), "where did my card go": ("card", "lost card"),
    "raise my limit": ("card", "card limit"), "how much may I spend": ("card", "card limit"),
    "fly me to Rome": ("travel", "book a flight"), "a plane to Oslo": ("travel", "book a flight"),
    "will it rain": ("weather", ""), "is there, \"wind\" today": ("weather", ""),
}  # fmt: skip


def run(*words: str, cwd: Path, status: int = 0, said: str | None = None) -> str:
    with contextlib.chdir(cwd):
        result = CliRunner().invoke(app, words, input=said)
    assert result.exit_code == status, f"{words}: {result.output}\n{result.exception!r}"
    return result.stdout if status == 0 else result.stderr


@pytest.fixture
def place(tmp_path: Path) -> Path:
    with (tmp_path / "said.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("text",), *((text,) for text in TEXTS)])
    nodes = "category,dimension\ncard,lost card\ncard,card limit\ntravel,book a flight\nweather,\n"
    (tmp_path / "nodes.csv").write_text(nodes)
    return tmp_path


def test_by_csv_there_and_back(place: Path) -> None:
    told = json.loads(
        run("--json", "label", "said.csv", "--nodes", "nodes.csv", "--ask", "ask.csv", "-n", "3", cwd=place)
    )
    assert len(told["asked"]) == 3
    assert told["left"] == len(TEXTS)
    with (place / "ask.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["text"] for row in rows] == told["asked"]
    for row in rows[:2]:
        row["category"], row["dimension"] = TEXTS[row["text"]]
    with (place / "ask.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    words = ("--json", "label", "said.csv", "--nodes", "nodes.csv", "--answers", "ask.csv")
    told = json.loads(run(*words, "--plot", "curve.svg", "--held", "labels.csv", "--model", "kept", cwd=place))
    assert (told["labels"], told["left"]) == (2, len(TEXTS) - 2)
    assert told["accuracy"] == 1.0
    assert told["curve"][-1]["labels"] == 2
    assert "<svg" in (place / "curve.svg").read_text()
    assert (place / "kept" / "labels.npz").exists()
    # taken in again nothing changes, and what is answered is not asked again
    before = (place / "labels.csv").read_bytes()
    run(*words, cwd=place)
    assert (place / "labels.csv").read_bytes() == before
    more = json.loads(run("--json", "label", "said.csv", "--nodes", "nodes.csv", "--ask", "ask.csv", cwd=place))
    assert len(more["asked"]) == len(TEXTS) - 2
    assert not {row["text"] for row in rows[:2]} & set(more["asked"])


def test_in_the_terminal_it_goes_on_where_it_was_left(place: Path) -> None:
    words = ("label", "said.csv", "--nodes", "nodes.csv")
    shown = run(*words, "-n", "3", "--every", "2", cwd=place, said="1\nnowhere\ncard\nweather\ns\n")
    assert "there is no such node" in shown
    assert "card › lost card; card › card limit" in shown, "a part of two names is neither"
    found = Answers(place / "labels.csv")
    assert [answered.example is None for answered in found.all] == [False, False, True]
    assert found.all[1].example == Example(found.all[1].text, "weather")
    shown = run(*words, cwd=place, said="q\n")
    assert not any(answered.text in shown for answered in found.all)
    assert "2 labels in labels.csv, 5 texts left" in shown


def test_errors_name_what_is_wrong(place: Path) -> None:
    (place / "bad.csv").write_text("text,category,dimension\nwill it rain,weather,\nx,card,theft\n")
    (place / "other.csv").write_text("a,b\n1,2\n")
    start = ("label", "said.csv", "--nodes", "nodes.csv")
    assert "card › theft" in run(*start, "--answers", "bad.csv", cwd=place, status=2)
    assert len(Answers(place / "labels.csv").all) == 0, "all are checked before any is kept"
    assert "column text" in run("label", "nodes.csv", "--nodes", "nodes.csv", cwd=place, status=2)
    assert "label.plot" in run(*start, "--plot", "curve.pdf", cwd=place, status=2)
    assert "other.csv" in run(*start, "--out", "other.csv", cwd=place, status=2)


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12)


@given(st.lists(texts.filter(str.strip), min_size=1, max_size=6, unique=True), st.integers(1, 10_000))
@settings(max_examples=60)
def test_wherever_the_file_is_torn_only_the_torn_answer_is_lost(
    tmp_path_factory: pytest.TempPathFactory, said: list[str], cut: int
) -> None:
    path = tmp_path_factory.mktemp("torn") / "labels.csv"
    answers, ends = Answers(path), [path.stat().st_size]
    for text in said:
        answers.add(Answered(text, Example(text, "a", "b"), ("a", None)))
        ends.append(path.stat().st_size)
    assert Answers(path).all == answers.all
    size = max(ends[0], ends[-1] - cut % (ends[-1] - ends[0] + 1))
    with path.open("r+b") as file:
        file.truncate(size)
    whole = sum(end <= size for end in ends[1:])
    again = Answers(path)
    assert again.all == answers.all[:whole]
    again.add(Answered("new", None))
    assert [answered.text for answered in Answers(path).all][-1:] == ["new"] or "new" in said[:whole]


@given(st.integers(0, 99), st.integers(1, 40), st.integers(1, 50))
@settings(max_examples=40)
def test_each_text_is_proposed_once_and_the_unsure_first(seed: int, texts: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    x, p = rng.standard_normal((texts, 5)).astype(np.float32), rng.dirichlet(np.ones(3), texts)
    rows = propose(p, x, density(x), n)
    assert len(set(rows.tolist())) == len(rows) == min(n, texts)
    by_margin = propose(p, np.eye(texts, dtype=np.float32), np.ones(texts), 1)
    ordered = np.sort(p, 1)
    assert int(by_margin[0]) == int(np.argmin(ordered[:, -1] - ordered[:, -2]))
