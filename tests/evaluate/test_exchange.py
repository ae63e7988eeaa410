"""Files between a task and who answers it: nothing changes on the way, and ranks of another task are refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lives import Open, films, stream
from penchant.errors import InvalidRecord
from penchant.evaluate.exchange import Ranks, Task
from penchant.evaluate.protocols import plan


@pytest.fixture
def task(opened: Open) -> Task:
    return plan(opened(items=films()), stream(), cut=0.5, name="toy").task


def test_a_task_comes_back_as_it_was(task: Task, tmp_path: Path) -> None:
    path = tmp_path / "toy.task"  # no ending is added
    task.write(path)
    back = Task.read(path)
    assert back.id == task.id
    assert (back.items, back.users, back.first, back.online) == (task.items, task.users, 100, True)
    for name in ("user", "item", "time", "value", "predicted", "open"):
        np.testing.assert_array_equal(getattr(back, name), getattr(task, name))
    # what a method elsewhere reads, without this package
    with np.load(path, allow_pickle=False) as file:
        assert json.loads(str(file["about"]))["format"] == "penchant-task-1"


def test_whatever_is_changed_changes_the_id(task: Task) -> None:
    others = [
        replace(task, protocol="time-split"), replace(task, online=False), replace(task, first=99),
        replace(task, items=task.items[::-1]), replace(task, users=task.users[::-1]),
        replace(task, user=task.user[::-1]), replace(task, item=task.item[::-1]), replace(task, time=task.time + 1),
        replace(task, value=task.value + 1), replace(task, predicted=task.predicted[1:]),
        replace(task, open=~task.open),
    ]  # fmt: skip
    assert len({task.id, *(other.id for other in others)}) == len(others) + 1
    assert replace(task, name="another name of the same").id == task.id


def test_what_the_candidates_are(task: Task) -> None:
    for event in task.predicted.tolist():
        before = {task.item[k] for k in range(event) if task.user[k] == task.user[event]}
        assert set(task.candidates(event).tolist()) == set(range(60)) - before
        assert task.item[event] not in before


@given(data=st.data())
def test_ranks_come_back_as_they_were(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    count = data.draw(st.integers(0, 5))
    rows = np.zeros(count, np.int32)
    task = Task("t", "prequential", True, list("abc"), ["u"], rows, rows, rows * 1.0, rows * 1.0, 0, np.arange(count),
                np.ones(3, np.bool_))  # fmt: skip
    rank = np.array(data.draw(st.lists(st.sampled_from([0, 0.5, 1, 1.5, 2]), min_size=count, max_size=count)))
    top = np.array(data.draw(st.lists(st.integers(-1, 2), min_size=2 * count, max_size=2 * count)), np.int32)
    answer = Ranks(task.id, "näme", rank, top.reshape(count, 2), {"d": 64, "deep": {"x": [1, None]}}, 1.5, None, "note")
    path = tmp_path_factory.mktemp("ranks") / "a.npz"
    answer.write(path)
    back = Ranks.read(path, task)
    assert (back.name, back.settings, back.train_seconds, back.predict_seconds, back.note) == (
        "näme", {"d": 64, "deep": {"x": [1, None]}}, 1.5, None, "note")  # fmt: skip
    np.testing.assert_array_equal(back.rank, answer.rank)
    assert back.top is not None
    np.testing.assert_array_equal(back.top, answer.top)


def test_what_is_refused(task: Task, tmp_path: Path) -> None:
    path, count = tmp_path / "x.npz", len(task.predicted)
    good = Ranks(task.id, "x", np.zeros(count))
    wrong = {
        "of another task": replace(good, task="0" * 64),
        "too few": replace(good, rank=np.zeros(count - 1)),
        "a number that is none": replace(good, rank=np.full(count, np.nan)),
        "below the top": replace(good, rank=np.full(count, -0.5)),
        "below the bottom": replace(good, rank=np.full(count, 60.0)),
        "no such item": replace(good, top=np.full((count, 3), 60, np.int32)),
        "time that runs back": replace(good, train_seconds=-1.0),
    }
    for why, ranks in wrong.items():
        ranks.write(path)
        with pytest.raises(InvalidRecord):
            pytest.fail(f"{why}: {Ranks.read(path, task)}")
    task.write(path)
    with pytest.raises(InvalidRecord, match="penchant-ranks-1"):
        Ranks.read(path, task)
    with pytest.raises(InvalidRecord, match="penchant-task-1"):
        Task.read(tmp_path / "nothing")
    path.write_text("rank\n1\n")
    with pytest.raises(InvalidRecord, match="penchant-task-1"):
        Task.read(path)
    np.savez(path, about=np.array({"format": "penchant-ranks-1"}, dtype=object), rank=np.zeros(count))
    with pytest.raises(InvalidRecord, match="penchant-ranks-1"):  # it needs pickle
        Ranks.read(path, task)
    with path.open("wb") as file:
        np.savez(file, about=np.array(json.dumps({"format": "penchant-task-1", "id": task.id, "name": "x"})))
    with pytest.raises(InvalidRecord, match="--task"):
        Task.read(path)


def test_a_task_that_was_tampered_with_is_refused(task: Task, tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    task.write(path)
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    arrays["item"] = arrays["item"][::-1]
    np.savez(path, **arrays)
    with pytest.raises(InvalidRecord, match=r"task\.id"):
        Task.read(path)
