"""What each call takes in a small catalogue and in a large one: what grows with the catalogue makes everybody wait.

python benchmarks/calls.py                2,000 and 40,000 items, on disk
python benchmarks/calls.py 2000 100000

Each call once to warm up, then the median of five, in milliseconds of wall time; items, users and encoder are those of
scale.py. Calls work under the engine's lock, so that what is slow here is slow for all.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import keep
from scale import Centres, events, items

from penchant import Engine, Event, Item

ROUNDS = 5
LEARNED = 5_000  # events before anything is timed


def measure(count: int) -> dict[str, float]:
    """Milliseconds by call."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shop.db"
        with Engine.open(path, "movies", {"snapshot_every": 10**7}, encoder=Centres()) as engine:
            engine.add_items(items(count))
            engine.observe_many(events(count, count // 20, LEARNED))
            first = timed(lambda: engine.recommend("u1"))
            engine.prepare()
            return {"the first answer": first, **{name: median(call) for name, call in calls(engine).items()}}


def calls(engine: Engine) -> dict[str, Callable[[int], object]]:
    """Calls by name; each is given the number of the round."""
    users = engine.model.world.users.ids[: 10 * ROUNDS + 10]

    def item(id: str, k: int, *path: str, **fields: Any) -> Item:
        return Item(id=id, text=f"c1 d1 {k}", paths=(path,), fields=fields)

    return {
        "observe": lambda k: engine.observe(Event(user=users[k], item=f"i{k}", kind="view")),
        "add an item": lambda k: engine.add_items([item(f"new {k}", k, "category 3")]),
        "change a field": lambda k: engine.add_items([item("new 1", 1, "category 3", price=k)]),
        "add a category": lambda k: engine.add_items([item(f"other {k}", k, f"category x{k}")]),
        "retire": lambda k: engine.retire(f"new {k}"),
        "delete": lambda k: engine.delete(f"other {k}"),
        "tell": lambda k: engine.tell(users[k], "no more category 3"),
        "edit": lambda k: engine.edit(users[k], "category 3", "more"),
        "undo": lambda k: engine.edit(users[k], op="undo"),
        "profile": lambda k: engine.profile(users[k]),
        "recommend": lambda k: engine.recommend(users[k]),
        "recommend, with a request": lambda k: engine.recommend(users[k], request=f"category {k}"),
        "recommend, a filter that few pass": lambda k: engine.recommend(users[k], filters="price > 0"),
        "similar": lambda k: engine.similar(f"i{k}"),
        "explain": lambda k: engine.explain(user=users[k], item=f"i{k}"),
        "search": lambda k: engine.search(f"category {k}"),
        "merge": lambda k: engine.merge(users[10 + k], users[20 + k]),
        "export": lambda k: list(engine.export(users[30 + k])),
        "forget": lambda k: engine.forget(users[40 + k]),
    }


def timed(call: Callable[[], object]) -> float:
    """Milliseconds."""
    begun = time.perf_counter()
    call()
    return round(1000 * (time.perf_counter() - begun), 2)


def median(call: Callable[[int], object]) -> float:
    """Milliseconds of one call, once it is warm."""
    call(0)
    return statistics.median(timed(lambda k=k: call(k)) for k in range(1, ROUNDS + 1))


def main(sizes: list[int]) -> None:
    """Measure and keep."""
    figures = {f"{size:,} items": measure(size) for size in sizes}
    keep("calls", figures)


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [2_000, 40_000])
