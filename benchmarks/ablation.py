"""What each part is worth: each evidence off, each level off, heads off, counts off, α fixed as in HieRec.

    python benchmarks/ablation.py ml-100k 4
    python benchmarks/ablation.py amazon-beauty 8

All variants are learned in one pass: evidences, heads and counts don't depend on the weights, so every variant has a
blend of its own that sees the same events and the same negatives, as if it had run alone. ml-100k: the streaming
protocol, every so manieth event of the last 20 %. amazon-beauty: leave-one-out, the test item of every so manieth user.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from beauty import HOUR, NAME, START, ask, sequences
from bench import data_set, keep

from penchant import Engine
from penchant.data import open_dataset
from penchant.data.leave_one_out import read_leave_one_out
from penchant.interest.asker import Asker, mean_lift
from penchant.interest.blend import LEVELS, Blend
from penchant.interest.model import Model
from penchant.metrics import by_user_interval, hr, ndcg, rank_of

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
HIEREC = (0.15, 0.15, 0.7)  # Qi et al. 2021
CON = 5.0


def lifts(model: Model, asker: Asker, kind: str, rows: npt.NDArray[np.int32]) -> tuple[Floats, Floats]:
    """Mean log-lifts of the items' categories and dimensions: whole; without heads the population is the prior;
    without counts only M(x) speaks."""
    if kind == "whole":
        return asker.levels(rows)
    taxonomy, settings, catalogue = model.world.taxonomy, model.settings.model, model.world.catalogue
    parents = taxonomy.category_of[: len(taxonomy.dimensions)]
    (p_c, p_d), zero_c, zero_d = asker.population, np.zeros_like(asker.pro_c), np.zeros_like(asker.pro_d)
    heads = kind != "no heads"
    prior_c, prior_d = (asker.M_C, asker.M_D) if heads else (p_c, p_d)
    pro_c, con_c, pro_d, con_d = asker.pro_c, asker.con_c, asker.pro_d, asker.con_d
    if kind == "no counts":
        pro_c, con_c, pro_d, con_d = zero_c, zero_c, zero_d, zero_d
    within = np.bincount(parents, pro_d, len(p_c))[parents]
    share_c = (pro_c + settings.kappa_c * prior_c) / (pro_c.sum() + settings.kappa_c)
    share_d = (pro_d + settings.kappa_d * prior_d) / (within + settings.kappa_d)
    of: list[Floats] = []
    for nodes, share, p, pro, con in (
        (catalogue.categories, share_c, p_c, pro_c, con_c), (catalogue.dimensions, share_d, p_d, pro_d, con_d),
    ):  # fmt: skip
        ratio = np.maximum(share, 1e-4) / np.maximum(p, 1e-4)
        of.append(mean_lift(nodes, np.log(ratio * (pro + CON) / (pro + CON + con)), rows))
    return of[0], of[1]


@dataclass
class Variant:
    """A blend of its own over some of the evidences, and the users' corrections under it."""

    name: str
    blend: Blend
    kept: list[int]
    lift: str = "whole"
    delta: dict[int, npt.NDArray[np.float32]] = field(default_factory=dict[int, npt.NDArray[np.float32]])
    ranks: list[float] = field(default_factory=list[float])

    def of(self, user: int) -> npt.NDArray[np.float32]:
        """[3] the user's correction of α."""
        return self.delta.setdefault(user, np.zeros(3, np.float32))

    def slopes(self, user: int, situation: Floats) -> Floats:
        """[2 + K] what a unit of each lift, and of each kept evidence, adds to the score."""
        n, delta = len(self.kept) + 2, self.of(user).astype(np.float64)
        units = np.eye(n + 1)[:, :n]  # the last column: all zero, to take away what doesn't depend on anything
        score, _ = self.blend.parts(
            np.ascontiguousarray(units.T[2:]), units.T[0].copy(), units.T[1].copy(), delta, situation
        )
        return score[:n] - score[n]


class Panel(Blend):
    """The engine's own blend; whatever it learns, the variants learn too."""

    def attach(self, model: Model) -> None:
        """Make the variants, and take note of who asks."""
        settings, names = model.settings, [evidence.name for evidence in model.evidences]
        starts = [evidence.start for evidence in model.evidences]
        spreads = [evidence.spread for evidence in model.evidences]
        self.model, self.asker, self.rows = model, None, np.zeros(0, np.int32)

        def blend(kept: list[int], alpha: tuple[float, ...], off: tuple[str, ...] = (), fixed: bool = False) -> Blend:
            of_kept = [starts[k] for k in kept], [spreads[k] for k in kept]
            return Blend(*of_kept, alpha, off, fixed, settings.model.temperature)

        every, alpha = list(range(len(names))), settings.model.alpha
        self.variants = [Variant("whole", blend(every, alpha), every)]
        for k, name in enumerate(names):
            kept = [other for other in every if other != k]
            self.variants.append(Variant(f"without {name}", blend(kept, alpha), kept))
        for level in LEVELS:
            self.variants.append(Variant(f"without level {level}", blend(every, alpha, (level,)), every))
        self.variants += [
            Variant("without heads", blend(every, alpha), every, "no heads"),
            Variant("without counts", blend(every, alpha), every, "no counts"),
            Variant("α fixed at 0.15, 0.15, 0.7", blend(every, HIEREC, fixed=True), every),
        ]
        phi = model.phi

        def noted(asker: Asker, rows: npt.NDArray[np.int32]) -> Floats:
            self.asker, self.rows = asker, rows
            return phi(asker, rows)

        model.phi = noted  # type: ignore[method-assign]

    def learn(self, phi: Floats, speaks: Flags, lift_c: Floats, lift_d: Floats, *args: Any, **more: Any) -> None:
        super().learn(phi, speaks, lift_c, lift_d, *args, **more)
        assert self.asker is not None
        strength, positives, situation, _, *rates = args
        told = {kind: lifts(self.model, self.asker, kind, self.rows) for kind in ("whole", "no heads", "no counts")}
        for v in self.variants:
            seen = phi if len(v.kept) == len(phi) else np.ascontiguousarray(phi[v.kept])
            delta = v.of(self.asker.user)
            v.blend.learn(seen, speaks[v.kept], *told[v.lift], strength, positives, situation, delta, *rates, **more)

    def rank(self, asker: Asker, right: int, had: Iterable[int]) -> None:
        """Note where the right item stands among all live ones but those had, under each variant."""
        live = self.model.world.catalogue.live()
        phi = self.model.phi(asker, live)
        told = {kind: np.stack(lifts(self.model, asker, kind, live)) for kind in ("whole", "no heads", "no counts")}
        out = np.isin(live, [row for row in had if row != right])
        where = int(np.searchsorted(live, right))
        for v in self.variants:
            slopes, weights = v.slopes(asker.user, asker.situation), np.zeros(len(phi))
            weights[v.kept] = slopes[2:]
            score = weights @ phi + slopes[:2] @ told[v.lift]
            score[out] = -np.inf
            v.ranks.append(rank_of(score, where))


def start(engine: Engine) -> Panel:
    """Put a panel in the place of the engine's blend, which has learned nothing yet."""
    model = engine.model
    settings = model.settings.model
    starts = [evidence.start for evidence in model.evidences]
    spreads = [evidence.spread for evidence in model.evidences]
    panel = Panel(starts, spreads, settings.alpha, settings.off, settings.fixed_alpha, settings.temperature)
    panel.attach(model)
    model.blend = panel
    return panel


def of_stream(engine: Engine, name: str, every: int) -> tuple[Panel, list[str]]:
    """The streaming protocol."""
    dataset = open_dataset(data_set(name))
    engine.add_items(dataset.items)
    panel, events = start(engine), list(dataset.events)
    cut, had, users = int(0.8 * len(events)), dict[str, set[int]](), list[str]()
    rows = engine.model.world.catalogue.rows
    for k, event in enumerate(events):
        item = rows.add(event.item)
        own = had.setdefault(event.user, set())
        if k >= cut and (k - cut) % every == 0 and item not in own:
            panel.rank(engine.model.asker(engine.model.user(event.user), event.time or 0.0), item, own)
            users.append(event.user)
        own.add(item)
        engine.observe(event)
    return panel, users


def of_beauty(engine: Engine, every: int) -> tuple[Panel, list[str]]:
    """Leave-one-out, the test item."""
    dataset = read_leave_one_out(data_set(NAME), hold_out=2)
    engine.add_items(dataset.items)
    panel, all_of = start(engine), sequences()
    engine.observe_many(dataset.events)
    users, rows = list(all_of)[::every], engine.model.world.catalogue.rows
    end = START + HOUR * max(map(len, all_of.values()))
    for user in users:
        items = all_of[user]
        panel.rank(ask(engine, user, end - 2 * HOUR, items[-2:-1]), rows.add(items[-1]), map(rows.add, items[:-1]))
    return panel, users


def main(name: str, every: int) -> None:
    beauty = name == NAME
    with Engine.open(":memory:", "shop" if beauty else "movies") as engine:
        panel, users = of_beauty(engine, every) if beauty else of_stream(engine, name, every)
    whole = np.array([ndcg([rank]) for rank in panel.variants[0].ranks])
    figures: dict[str, Any] = {"measured": len(users)}
    for v in panel.variants:
        gains = np.array([ndcg([rank]) for rank in v.ranks])
        interval = by_user_interval(list(gains - whole), users)
        figures[v.name] = {
            "hr@10": round(hr(v.ranks), 4),
            "ndcg@10": round(float(gains.mean()), 4),
            "less than whole": round(float((whole - gains).mean()), 4) + 0.0,
            "interval": [round(-interval.high, 4) + 0.0, round(-interval.low, 4) + 0.0],
        }
    keep(f"ablation-{name}", figures)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "ml-100k", int(sys.argv[2]) if len(sys.argv) > 2 else 4)
