"""Peers in an environment of their own, on the very predictions that penchant is measured on.

python benchmarks/peers.py ml-100k [--only sasrec,ease] [--budget MINUTES] [--every 8] [--retrain [--keep]]

`make peers` makes that environment, .venv-peers. The task and the ranks lie in benchmarks/ranks/DATA/ (not kept in the
repository); with them `penchant evaluate … --beside benchmarks/ranks/DATA/…` shows the peers beside penchant.
The table goes to benchmarks/results/peers-DATA.json. Peers that aren't run anew keep their rows.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from typing import Any

import numpy as np
from bench import HERE, data_set, keep, machine

from penchant import Engine
from penchant.data import open_dataset
from penchant.evaluate.exchange import Ranks, Task
from penchant.evaluate.protocols import in_order, plan
from penchant.metrics import by_user_interval, gains, hr, mrr, ndcg

FOLDER = HERE / "ranks"
PYTHON = HERE.parent / ".venv-peers" / "bin" / "python"
ALL = ["popularity", "knn", "ease", "ials", "bpr", "river", "vw", "gru4rec", "lightgcn", "bert4rec", "sasrec"]
LIKED = 4.0


def task_of(name: str, every: int) -> Task:
    """The streaming protocol's task on a data set, written to its folder."""
    path = FOLDER / name / "task.npz"
    with Engine.open(":memory:", "movies") as engine:
        dataset = open_dataset("demo" if name == "demo" else data_set(name))
        engine.add_items(dataset.items)
        task = plan(engine, in_order(dataset.events), every=every, name=name).task
    path.parent.mkdir(parents=True, exist_ok=True)
    task.write(path)
    return task


def row(task: Task, ranks: Ranks, about: dict[str, Any]) -> dict[str, Any]:
    """A line of the table."""
    user, event = task.user[task.predicted], task.predicted
    warm = np.isin(user, np.unique(task.user[: task.first]))
    liked = task.value[event] >= LIKED
    age = ages(task)[event]
    gained = gains(ranks.rank)
    interval = by_user_interval(gained.tolist(), [task.users[u] for u in user.tolist()])
    chosen = {key: about.get(key) for key in ("library", "settings", "validation", "tried", "choosing_seconds")}
    return {
        "hr@10": round(hr(ranks.rank.tolist()), 4),
        "ndcg@10": round(ndcg(ranks.rank.tolist()), 4),
        "ndcg@10 interval": [round(interval.low, 4), round(interval.high, 4)],
        "mrr": round(mrr(ranks.rank.tolist()), 4),
        "ndcg@10 of warm users": mean(gained[warm]),
        "ndcg@10 of new users": mean(gained[~warm]),
        "ndcg@10 of what was rated 4 or better": mean(gained[liked]),
        "ndcg@10 at the event": {
            f"{k}": mean(gained[age == k - 1]) for k in (1, 2, 5, 10, 20, 50) if (age == k - 1).any()
        },
        "train_seconds": round(ranks.train_seconds or 0.0, 1),
        "predict_seconds": round(ranks.predict_seconds or 0.0, 1),
        **chosen,
    }


def mean(gains: np.ndarray) -> float | None:
    """None of nothing."""
    return round(float(gains.mean()), 4) if len(gains) else None


def ages(task: Task) -> np.ndarray:
    """[E] how many events of the same user come before."""
    seen, found = np.zeros(len(task.users), np.int64), np.empty(len(task.user), np.int64)
    for event, user in enumerate(task.user.tolist()):
        found[event] = seen[user]
        seen[user] += 1
    return found


def table(methods: dict[str, dict[str, Any]]) -> str:
    """The table, in this order."""
    wide = max((len(name) for name in methods), default=0)
    lines = [f"{'':{wide}}  NDCG@10  HR@10   MRR     warm    new     rated 4+  training"]
    for name, one in methods.items():
        parts = [one[f"ndcg@10 of {which}"] for which in ("warm users", "new users", "what was rated 4 or better")]
        cells = ["-     " if part is None else f"{part:.4f}" for part in parts]
        lines.append(
            f"{name:{wide}}  {one['ndcg@10']:.4f}   {one['hr@10']:.4f}  {one['mrr']:.4f}  {'  '.join(cells)}    "
            f"{one['train_seconds']:.0f} s"
        )
    return "\n".join(lines)


def collect(task: Task, name: str, every: int) -> dict[str, dict[str, Any]]:
    """Read all ranks of the task and keep the table, best first; files of other tasks are passed over."""
    result, methods = HERE / "results" / f"peers-{name}.json", dict[str, dict[str, Any]]()
    if result.exists():
        old = json.loads(result.read_text(encoding="utf-8"))
        if old["figures"]["task"] == task.id:
            methods = old["figures"]["methods"]
    for file in sorted((FOLDER / name).glob("*-*.npz")):
        with np.load(file, allow_pickle=False) as told:
            about = json.loads(str(told["about"]))
        if about["task"] == task.id:
            methods[about["name"]] = row(task, Ranks.read(file, task), about)
    methods = dict(sorted(methods.items(), key=lambda pair: -pair[1]["ndcg@10"]))
    figures = {
        "data": name,
        "task": task.id,
        "every": every,
        "predictions": len(task.predicted),
        "methods": methods,
    }
    text = json.dumps({"benchmark": f"peers-{name}", "machine": machine(), "figures": figures}, indent=2)
    result.write_text(text + "\n", encoding="utf-8")
    return methods


def in_their_environment(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a script of peers/ there, one thread, output shown as it comes."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    command = [str(PYTHON), "-u", str(HERE / "peers" / script), *arguments]
    return subprocess.run(
        command, check=False, env=environment, text=True, stdout=subprocess.PIPE if script == "speed.py" else None
    )


def speed(name: str) -> None:
    """Keep how fast some of them learn and answer online."""
    done = in_their_environment("speed.py", str(FOLDER / name / "task.npz"))
    if done.returncode:
        sys.exit("the peers' speed could not be measured")
    keep("peers-speed", {"data": name, "processor time, one thread, medians of five": json.loads(done.stdout)})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", help="a data set's name, or demo")
    parser.add_argument("--only", default=",".join(ALL), help="peers, by short name")
    parser.add_argument("--budget", type=float, default=10.0, help="processor minutes for each one's settings")
    parser.add_argument("--every", type=int, default=1, help="every so manieth event is predicted")
    parser.add_argument("--retrain", action="store_true", help="some also trained anew at 85, 90 and 95 %%")
    parser.add_argument("--keep", action="store_true", help="ranks stay as they are, only trained anew is new")
    parser.add_argument("--speed", action="store_true", help="only how fast some of them learn and answer online")
    parser.add_argument("--collect", action="store_true", help="run nothing, make the table of what there is")
    told = parser.parse_args()
    if not PYTHON.exists():
        sys.exit(f"{PYTHON} isn't there; make it with `make peers`")
    path = FOLDER / told.data / "task.npz"
    task = Task.read(path) if told.collect and path.exists() else task_of(told.data, told.every)
    if told.speed:
        speed(told.data)
        return
    for peer in [] if told.collect else told.only.split(","):
        for old in [] if told.keep else (FOLDER / told.data).glob(f"{peer}-*.npz"):
            old.unlink()
        arguments = (str(FOLDER / told.data / "task.npz"), str(FOLDER / told.data), peer, "--budget", str(told.budget))
        if in_their_environment(
            "run.py", *arguments, *(f"--{name}" for name in ("retrain", "keep") if getattr(told, name))
        ).returncode:
            print(f"{peer} failed; its row is left out", file=sys.stderr)
        collect(task, told.data, told.every)
    print(table(collect(task, told.data, told.every)))


if __name__ == "__main__":
    main()
