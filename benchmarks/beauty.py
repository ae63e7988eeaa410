"""Amazon Beauty, leave-one-out, strict: the last item of every user among all that they have not had.

    python benchmarks/beauty.py

The settings are those of the domain `shop`, chosen on the last but one item alone. Learned once, in time order, without
each user's last two. For the test item the last but one is history of that user alone (as `recommend(history=)` takes
it), learned by nobody.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from bench import data_set, keep

from penchant import Engine
from penchant.data.leave_one_out import HOUR, START, read_leave_one_out
from penchant.interest.asker import Asker
from penchant.metrics import by_user_interval, hr, mrr, ndcg, rank_of

NAME = "amazon-beauty"


def learned(settings: Mapping[str, Any] | None = None) -> Engine:
    """An engine that holds all items and has learned all but each user's last two events, once, in time order."""
    dataset = read_leave_one_out(data_set(NAME), hold_out=2)
    engine = Engine.open(":memory:", "shop", settings=settings)
    engine.add_items(dataset.items)
    engine.observe_many(dataset.events)
    return engine


def sequences() -> dict[str, list[str]]:
    """Items of each user, in order."""
    lines = (data_set(NAME) / "sequences_loo.txt").read_text(encoding="utf-8").splitlines()
    return {row[0]: row[1:] for row in map(str.split, lines) if len(row) > 3}


def ask(engine: Engine, user: str, end: float, history: Sequence[str] = ()) -> Asker:
    """The user an hour after `end`, the time of the last of `history`, which is known for this question alone."""
    model = engine.model
    row = model.user(user)
    if not history:
        return model.asker(row, end + HOUR)
    kind = engine.settings.kind("purchase")
    events = [
        (model.world.catalogue.rows.add(item), kind.strength(None), kind.engages, end - HOUR * (len(history) - 1 - k))
        for k, item in enumerate(history)
    ]
    return model.asker(row, end + HOUR, memory=model.remembering(row, events))


def ranks(engine: Engine, *, test: bool, every: int = 1) -> tuple[list[float], list[str]]:
    """(ranks of the right item among all that the user has not had, 0 for the top; users)."""
    catalogue = engine.model.world.catalogue
    live = catalogue.live()
    all_of = sequences()
    end = START + HOUR * max(map(len, all_of.values()))  # when all would have had their last
    found: list[float] = []
    users = list(all_of)[::every]
    for user in users:
        items = all_of[user]
        known, right = (items[:-1], items[-1]) if test else (items[:-2], items[-2])
        asker = ask(engine, user, end - 2 * HOUR, items[-2:-1]) if test else ask(engine, user, end - 3 * HOUR)
        score = np.full(len(catalogue), -np.inf)
        score[live] = engine.model.score(asker, live).score
        row = catalogue.rows.add(right)
        score[[had for item in known if (had := catalogue.rows.add(item)) != row]] = -np.inf
        found.append(rank_of(score, row))
    return found, users


def figures_of(found: Sequence[float], users: Sequence[str]) -> dict[str, Any]:
    """HR, NDCG at 5 and 10, MRR, and the interval of NDCG@10 over users."""
    low_high = by_user_interval([ndcg([rank]) for rank in found], list(users))
    figures = {
        "hr@5": hr(found, 5),
        "ndcg@5": ndcg(found, 5),
        "hr@10": hr(found),
        "ndcg@10": ndcg(found),
        "mrr": mrr(found),
    }
    return {
        "users": len(found),
        **{name: round(value, 4) for name, value in figures.items()},
        "ndcg@10 interval": [round(low_high.low, 4), round(low_high.high, 4)],
    }


def main() -> None:
    started = time.perf_counter()
    with learned() as engine:
        took = time.perf_counter() - started
        chosen_on = figures_of(*ranks(engine, test=False, every=4))
        figures = figures_of(*ranks(engine, test=True))
        blend, evidences = engine.model.blend, engine.model.evidences
        weights = {e.name: round(float(w), 3) for e, w in zip(evidences, blend.w, strict=True)}
        alpha = [round(float(a), 4) for a in blend.alpha()]
    keep(
        "beauty",
        {
            "test item": figures,
            "validation item (every fourth user)": chosen_on,
            "seconds to learn": round(took),
            "alpha": alpha,
            "weights": weights,
        },
    )


if __name__ == "__main__":
    main()
