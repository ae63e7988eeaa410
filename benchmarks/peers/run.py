"""Run one peer on one task, in the peers' environment: choose its settings, train it, predict, keep the ranks.

python run.py TASK FOLDER PEER [--budget MINUTES] [--settings JSON] [--retrain [--keep]]

Settings are chosen on the validation window (see task.py) by NDCG@10, the library's own first, then others of the grid
drawn at random, until the budget is spent. All times are processor time of one thread, so that a busy machine takes
nothing from a peer. A model trained by epochs stops where two looks in a row were no better,
and is trained for the best number of them afterwards.
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from registry import peer
from task import Floats, Histories, Log, Rows, Task, ndcg, rank, read_ranks, write_ranks

BATCH = 256
warnings.filterwarnings("ignore", message="Method expects CSR")
PATIENCE = 2
Settings = Mapping[str, Any]


@dataclass
class Answer:
    ranks: Floats
    top: Rows
    train_seconds: float
    predict_seconds: float


def grid(module: ModuleType) -> Iterator[dict[str, Any]]:
    """All settings but `last`: the library's own first, the others in random order."""
    names = [name for name in module.GRID if name != "last"]
    every = list(itertools.product(*(module.GRID[name] for name in names)))
    order = [0, *(1 + np.random.default_rng(1).permutation(len(every) - 1))]
    for place in order:
        yield dict(zip(names, every[place], strict=True))


def answer(
    module: ModuleType,
    model: Any,
    log: Log,
    task: Task,
    last: int,
) -> tuple[Floats, Rows]:
    """Ranks and the ten best of the task's predictions, by a model that learns nothing more."""
    histories = Histories(task.log)
    popular = np.asarray(log.counts())
    ranks, top = np.empty(len(task.predicted)), np.full((len(task.predicted), 10), -1, np.int32)
    for begin in range(0, len(task.predicted), BATCH):
        events = task.predicted[begin : begin + BATCH]
        had = [histories[event] for event in events]
        some = [k for k, history in enumerate(had) if len(history)]
        found = np.tile(popular, (len(events), 1))  # who has had nothing yet is offered what is popular
        if some:
            shown = [had[k][-last:] if last else had[k] for k in some]
            found[some] = module.scores(model, shown, task.log.user[events[some]])
        for k, event in enumerate(events):
            ranks[begin + k], best = rank(found[k], task.log.item[event], had[k], task.open)
            top[begin + k, : len(best)] = best
    return ranks, top


def online(module: ModuleType, model: Any, task: Task, begin: int) -> tuple[Floats, Rows, float]:
    """Ranks and the ten best of a model that learns every event after it was predicted; and the seconds of learning."""
    histories, log = Histories(task.log), task.log
    ranks, top, spent = np.empty(len(task.predicted)), np.full((len(task.predicted), 10), -1, np.int32), 0.0
    asked = {int(event): k for k, event in enumerate(task.predicted)}
    for event in range(begin, int(task.predicted[-1]) + 1):
        had, user, item = histories[event], int(log.user[event]), int(log.item[event])
        if event in asked:
            found = module.scores(model, [had], np.array([user]))[0]
            ranks[asked[event]], best = rank(found, item, had, task.open)
            top[asked[event], : len(best)] = best
        started = time.process_time()
        module.learn(model, user, had, item, float(log.value[event]))
        spent += time.process_time() - started
    return ranks, top, spent


def epoch(models: Iterator[Any], count: int) -> Any:
    """The model after so many epochs."""
    return next(itertools.islice(models, count - 1, None))


def choose(module: ModuleType, task: Task, minutes: float, predictions: int) -> list[dict[str, Any]]:
    """Every setting that was tried, with its NDCG@10 on the validation window; more than one is tried only within
    the budget."""
    window = task.validation(predictions)
    log = window.log.head(window.first)
    lasts = module.GRID.get("last", [0])
    until, tried = time.process_time() + 60 * minutes, []
    for settings in grid(module):
        if tried and time.process_time() > until:
            break
        if hasattr(module, "learn"):
            ranks, _, _ = online(module, next(module.train(log, settings)), window, window.first)
            tried.append({**settings, "ndcg@10": ndcg(ranks)})
        else:
            tried += _epochs(module, window, log, settings, lasts, until)
        print(json.dumps(max(tried[-len(lasts) :], key=lambda one: one["ndcg@10"])), flush=True)
    return tried


def _epochs(
    module: ModuleType, window: Task, log: Log, settings: dict[str, Any], lasts: list[int], until: float
) -> list[dict[str, Any]]:
    """The best number of epochs for each `last`; looked at after 1, 2, 3, 4, 6, 8, 11, 15, 21, 29 … of them."""
    best: dict[int, dict[str, Any]] = {}
    worse, look = 0, 1
    for count, model in enumerate(module.train(log, settings), 1):
        if count < look:
            continue
        look = max(count + 1, round(count * 1.4))
        better = False
        for last in lasts:
            found = ndcg(answer(module, model, log, window, last)[0])
            if last not in best or found > best[last]["ndcg@10"]:
                best[last] = {**settings, "last": last, "epochs": count, "ndcg@10": found}
                better = True
        if count > 1:
            print(f"epoch {count}: NDCG@10 {found:.4f}", flush=True)
        worse = 0 if better else worse + 1
        if worse >= PATIENCE or time.process_time() > until:
            break
    return list(best.values())


def predict(module: ModuleType, task: Task, settings: Settings, cuts: list[int]) -> Answer:
    """Train up to each cut and predict from there to the next."""
    ranks, top, training, predicting = [], [], 0.0, 0.0
    for cut, following in itertools.pairwise([*cuts, len(task.log)]):
        part = Task(
            task.id,
            task.name,
            task.log,
            cut,
            task.predicted[(task.predicted >= cut) & (task.predicted < following)],
            task.open,
        )
        log, begun = task.log.head(cut), time.process_time()
        model = epoch(module.train(log, settings), settings.get("epochs", 1))
        trained = time.process_time()
        training += trained - begun
        if hasattr(module, "learn"):
            found, best, spent = online(module, model, part, cut)
            training += spent
            predicting -= spent
        else:
            found, best = answer(module, model, log, part, settings.get("last", 0))
        predicting += time.process_time() - trained
        ranks.append(found)
        top.append(best)
    return Answer(np.concatenate(ranks), np.concatenate(top), training, predicting)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("task", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("peer")
    parser.add_argument("--budget", type=float, default=10.0, help="minutes (of the processor) for choosing settings")
    parser.add_argument("--predictions", type=int, default=4000, help="of the validation window, so many are looked at")
    parser.add_argument("--settings", help="JSON by variant, as chosen before: nothing is chosen")
    parser.add_argument("--retrain", action="store_true", help="where the peer says so, also trained anew thrice")
    parser.add_argument("--keep", action="store_true", help="the ranks that are there stay; with --retrain")
    told = parser.parse_args()
    module, task = peer(told.peer), Task.read(told.task)
    if not told.keep:
        for name, about in chosen(module, task, told).items():
            _keep(told, about | {"task": task.id, "name": name}, predict(module, task, about["settings"], [task.first]))
    if told.retrain and module.RETRAINED:
        for file in sorted(told.folder.glob(f"{told.peer}-*.npz")):
            about, answered = read_ranks(file)
            if "retrained" not in about["name"]:
                _keep(told, about | {"name": about["name"] + ", retrained"}, anew(module, task, about, *answered))


def chosen(module: ModuleType, task: Task, told: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """What is said about each variant, its settings among it."""
    begun = time.process_time()
    given = json.loads(told.settings) if told.settings else None
    tried = [] if given else choose(module, task, told.budget, told.predictions)
    spent, found = time.process_time() - begun, dict[str, dict[str, Any]]()
    for name, fixed in module.VARIANTS.items():
        if given:
            settings = dict(given[name])
        else:
            fits = [one for one in tried if all(one[key] == value for key, value in fixed.items())]
            settings = dict(max(fits, key=lambda one: one["ndcg@10"]))
        validation = settings.pop("ndcg@10", None)
        found[name] = {
            "library": module.LIBRARY, "note": module.LIBRARY, "settings": settings, "validation": validation,
            "tried": len(tried), "choosing_seconds": spent,
        }  # fmt: skip
    return found


def anew(module: ModuleType, task: Task, about: Mapping[str, Any], ranks: Floats, top: Rows) -> Answer:
    """What was answered until 85 %; from there on by the same settings trained anew at 85, 90 and 95 %."""
    cuts = [round(len(task.log) / 20 * part) for part in (17, 18, 19)]
    before, rest = task.predicted < cuts[0], task.predicted >= cuts[0]
    later = Task(task.id, task.name, task.log, cuts[0], task.predicted[rest], task.open)
    found = predict(module, later, about["settings"], cuts)
    return Answer(
        np.concatenate([ranks[before], found.ranks]), np.concatenate([top[before], found.top]),
        about["train_seconds"] + found.train_seconds, about["predict_seconds"] + found.predict_seconds,
    )  # fmt: skip


def _keep(told: argparse.Namespace, about: Mapping[str, Any], found: Answer) -> None:
    seconds = {"train_seconds": found.train_seconds, "predict_seconds": found.predict_seconds}
    file = told.folder / f"{told.peer}-{len(list(told.folder.glob(f'{told.peer}-*.npz')))}.npz"
    write_ranks(file, {**about, **seconds}, found.ranks, found.top)
    print(f"{about['name']}: NDCG@10 {ndcg(found.ranks):.4f} ({found.train_seconds:.0f} s of training)", flush=True)


if __name__ == "__main__":
    main()
