"""The benchmarks' peers run in an environment of their own; here they answer a task that is small enough to check."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from penchant.evaluate.exchange import Ranks, Task

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-peers" / "bin" / "python"
PEERS = ROOT / "benchmarks" / "peers"
ITEMS, USERS, EVENTS, FIRST = 12, 9, 70, 40

needs_peers = pytest.mark.skipif(not PYTHON.exists(), reason=".venv-peers isn't there; `make peers` makes it")


def run(*arguments: str) -> str:
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONPATH": str(PEERS)}
    done = subprocess.run([str(PYTHON), *arguments], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def small_task() -> Task:
    """Every user takes an item once; later users take the next item more often than another."""
    rng = np.random.default_rng(3)
    pairs = rng.permutation([(user, item) for user in range(USERS) for item in range(ITEMS)])[:EVENTS]
    user, item = pairs[:, 0].astype(np.int32), pairs[:, 1].astype(np.int32)
    is_open = np.ones(ITEMS, np.bool_)
    is_open[7] = False
    return Task(
        "small", "prequential", True, [f"i{k}" for k in range(ITEMS)], [f"u{k}" for k in range(USERS)], user, item,
        np.arange(EVENTS, dtype=np.float64), np.full(EVENTS, np.nan), FIRST, np.arange(FIRST, EVENTS), is_open,
    )  # fmt: skip


def expected(task: Task, scores_before: list[np.ndarray]) -> list[float]:
    """Ranks by the definition: items before the right one, half of those that tie with it."""
    found: list[float] = []
    for event, scores in zip(task.predicted.tolist(), scores_before, strict=True):
        own = scores[task.item[event]]
        others = [scores[k] for k in task.candidates(event) if k != task.item[event]]
        found.append(sum(s > own for s in others) + 0.5 * sum(s == own for s in others))
    return found


@needs_peers
def test_popularity_counts_every_event_before_a_prediction(tmp_path: Path) -> None:
    task = small_task()
    task.write(tmp_path / "task.npz")
    settings = json.dumps({"popularity": {"half_life": 0}, "popularity (recent)": {"half_life": 10}})
    run(str(PEERS / "run.py"), str(tmp_path / "task.npz"), str(tmp_path), "popularity", "--settings", settings)
    counts = [np.bincount(task.item[:event], minlength=ITEMS) for event in task.predicted.tolist()]
    plain = Ranks.read(tmp_path / "popularity-0.npz", task)
    assert plain.name == "popularity"
    assert plain.rank.tolist() == expected(task, counts)
    halves = [
        np.bincount(task.item[:event], 0.5 ** ((event - 1 - np.arange(event)) / 10), minlength=ITEMS)
        for event in task.predicted.tolist()
    ]
    assert Ranks.read(tmp_path / "popularity-1.npz", task).rank.tolist() == expected(task, halves)


@needs_peers
def test_item_knn_sees_the_history_up_to_the_prediction_and_no_event_of_others_after_the_cut(tmp_path: Path) -> None:
    task = small_task()
    task.write(tmp_path / "task.npz")
    names = ("item-kNN (whole)", "item-kNN (last 20)", "item-kNN (tuned last)")
    settings = {
        name: {"kind": "cosine", "neighbours": ITEMS, "last": last}
        for name, last in zip(names, (0, 20, 2), strict=True)
    }
    run(str(PEERS / "run.py"), str(tmp_path / "task.npz"), str(tmp_path), "knn", "--settings", json.dumps(settings))
    taken = np.zeros((USERS, ITEMS))
    taken[task.user[:FIRST], task.item[:FIRST]] = 1.0
    norms = np.maximum(np.sqrt(taken.sum(0)), 1e-9)
    cosines = (taken.T @ taken) / norms[:, None] / norms
    for place, last in ((0, 0), (2, 2)):
        had = [task.had(event)[-last:] for event in task.predicted.tolist()]
        scores = [np.round(cosines[rows].sum(0) if len(rows) else taken.sum(0), 9) for rows in had]
        found = Ranks.read(tmp_path / f"knn-{place}.npz", task).rank
        # the library adds in another order, so that ties may fall either way
        assert np.abs(found - expected(task, scores)).max() <= 0.5 * ITEMS
        assert np.mean(np.abs(found - expected(task, scores)) <= 1.0) > 0.9


@needs_peers
def test_settings_are_chosen_without_a_look_at_what_is_predicted(tmp_path: Path) -> None:
    task = small_task()
    other = Task(*(getattr(task, name) for name in task.__slots__))
    other.item[FIRST:] = np.random.default_rng(5).permutation(other.item[FIRST:])
    chosen: list[dict[str, object]] = []
    for folder, each in (("one", small_task()), ("other", other)):
        (tmp_path / folder).mkdir()
        each.write(tmp_path / folder / "task.npz")
        arguments = ("--budget", "0.05")
        run(
            str(PEERS / "run.py"), str(tmp_path / folder / "task.npz"), str(tmp_path / folder), "popularity", *arguments
        )
        chosen.append(dict(Ranks.read(tmp_path / folder / "popularity-1.npz", each).settings))
    assert chosen[0] == chosen[1]


@needs_peers
def test_ranks_of_vowpal_wabbit_come_from_what_it_predicts() -> None:
    script = """
import json, numpy as np, vw
from task import Log
rng = np.random.default_rng(1)
log = Log(rng.integers(0, 5, 200), rng.integers(0, 20, 200), np.zeros(200), 5, 20)
model = next(vw.train(log, {"negatives": 3, "window": 4, "decay": 0.8, "rate": 0.5}))
had = np.array([3, 9, 4, 11, 2, 3])
told = [model.vw.predict(vw.example(model, had[-4:].tolist(), item)) for item in range(20)]
print(json.dumps([vw.scores(model, [had], np.array([0]))[0].tolist(), told]))
"""
    scores, told = map(np.array, json.loads(run("-c", script)))
    # VW adds a constant, which is the same for every item
    assert np.ptp(told - scores) < 1e-3
    assert np.ptp(told) > 0.1


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """benchmarks/peers.py, which keeps what it finds in a folder of the test's own."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    spec = importlib.util.spec_from_file_location("peers_of_the_benchmarks", ROOT / "benchmarks" / "peers.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "results").mkdir()
    (tmp_path / "ranks" / "small").mkdir(parents=True)
    module.HERE, module.FOLDER = tmp_path, tmp_path / "ranks"  # pyright: ignore[reportAttributeAccessIssue]
    return module


def test_the_table_has_the_ranks_of_this_task_only_and_keeps_rows_that_were_there(
    script: ModuleType, tmp_path: Path
) -> None:
    task, folder = small_task(), tmp_path / "ranks" / "small"
    count = len(task.predicted)
    ranks = np.arange(count) % ITEMS * 1.0
    Ranks(task.id, "mine", ranks, train_seconds=2.0).write(folder / "mine-0.npz")
    Ranks("of another task", "theirs", ranks).write(folder / "theirs-0.npz")
    methods = script.collect(task, "small", 1)
    assert list(methods) == ["mine"]
    assert methods["mine"]["hr@10"] == pytest.approx((ranks < 10).mean(), abs=1e-4)
    assert methods["mine"]["ndcg@10 of new users"] is None
    assert "mine" in script.table(methods)
    ages = script.ages(task)
    assert [ages[k] for k in task.predicted] == [len(task.had(k)) for k in task.predicted.tolist()]
    (folder / "mine-0.npz").unlink()
    Ranks(task.id, "new", np.zeros(count)).write(folder / "new-0.npz")
    assert list(script.collect(task, "small", 1)) == ["new", "mine"]
    kept = json.loads((tmp_path / "results" / "peers-small.json").read_text(encoding="utf-8"))
    assert kept["figures"]["methods"]["new"]["ndcg@10"] == 1.0
    assert kept["figures"]["predictions"] == count
