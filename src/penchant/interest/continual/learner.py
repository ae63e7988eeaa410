"""Heads that learn one example after another, whatever the order, without forgetting what came first.

At each example: a step on it; steps on examples kept of all categories alike (`reservoir`); a pull to where the heads
were (`anchor`); a larger step where a category has drifted (`drift`); and now and then the guard looks (`guard`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from penchant.errors import InvalidRecord
from penchant.interest.arrays import F32, Arrays, key_of
from penchant.interest.continual.anchor import Anchor
from penchant.interest.continual.drift import Drift, Drifts
from penchant.interest.continual.guard import Guard, Look
from penchant.interest.continual.reservoir import Reservoir
from penchant.interest.continual.settings import ContinualSettings
from penchant.interest.heads import Heads
from penchant.interest.taxonomy import Taxonomy

SCHEMA = 1
LOG = 1000  # looks of the guard that are kept


class ContinualHeads:
    """Heads over a tree that may grow, and what keeps them from forgetting.

    Args:
        dim: numbers in x.
        taxonomy: the tree; nodes may be added at any time.
        settings: what is on; with replays, elastic and held all 0 it is the heads' step alone.

    Attributes:
        heads: tell, as ever, with `heads.both(taxonomy, x)`.
        learned: examples so far, those held out included.
        looks: what the guard saw, the last 1,000.

    >>> taxonomy = Taxonomy()
    >>> books, games = taxonomy.dimension("books", "crime"), taxonomy.dimension("games", "chess")
    >>> learner = ContinualHeads(2, taxonomy, ContinualSettings(held=0))
    >>> for k in range(40):  # all of one, then all of the other
    ...     x = np.array([1, 0] if k < 20 else [0, 1], np.float32)
    ...     learner.learn(x, k // 20, books if k < 20 else games)
    >>> int(learner.heads.M_C(taxonomy, np.array([1, 0], np.float32)).argmax())
    0
    """

    def __init__(self, dim: int, taxonomy: Taxonomy, settings: ContinualSettings | None = None) -> None:
        self.dim, self.taxonomy, self.settings = dim, taxonomy, settings or ContinualSettings()
        chosen = self.settings
        self.heads = Heads(dim, joint=True)
        self.reservoir = Reservoir(dim, kept=chosen.kept, seed=chosen.seed)
        self.anchor = Anchor()
        self.guard = Guard(dim, kept=chosen.held_kept, margin=chosen.margin, seed=key_of(chosen.seed, "held") >> 1)
        self.watch = Drifts(chosen) if chosen.drift else None
        self.looks: list[Look] = []
        self.learned = 0

    def learn(self, x: F32, category: int, dimension: int = -1) -> None:
        """One example: x [dim], the row of its category, that of its dimension (-1: none known).

        Raises:
            InvalidRecord: x of another length.
        """
        if x.shape != (self.dim,):
            raise InvalidRecord("x", list(x.shape), f"give {self.dim} numbers")
        settings, at = self.settings, self.learned
        self.learned += 1
        rate = self._watch(x, category, dimension)
        if settings.held and at % settings.held == settings.held - 1:
            self.guard.held.add(x, category, dimension)
        else:
            self._step(x, category, dimension, rate, key_of(settings.seed, "step", at))
            if settings.replays:
                key = key_of(settings.seed, "replay", at)
                for k, (again, c, d) in enumerate(self.reservoir.take(key, settings.replays)):
                    self._step(again, c, d, 1.0, key + k + 1)
                self.reservoir.add(x, category, dimension)
        self._pull()
        if settings.held and self.learned % settings.check_every == 0:
            look = self.guard.look(self.heads, self.taxonomy, self.learned)
            if look is not None:
                self.looks = [*self.looks, look][-LOG:]
                if look.rolled_back:
                    self._rehearse()

    def _step(self, x: F32, category: int, dimension: int, rate: float, key: int) -> None:
        settings = self.settings
        self.heads.learn(
            self.taxonomy, x, np.array([category], np.int32), np.array([dimension], np.int32), 1.0,
            rate * settings.eta_c, rate * settings.eta_d, key,
        )  # fmt: skip

    def _rehearse(self) -> None:
        """As many steps on kept examples as there are: what was learned since comes back, balanced."""
        key = key_of(self.settings.seed, "rehearse", self.learned)
        for k, (x, category, dimension) in enumerate(self.reservoir.take(key, len(self.reservoir))):
            self._step(x, category, dimension, 1.0, key + k)

    def _pull(self) -> None:
        settings = self.settings
        if settings.elastic > 0 and self.learned % settings.anchor_every == 0:
            self.anchor.pull(self.heads, settings.elastic)
            self.anchor.drop(self.heads, self.taxonomy)

    def _watch(self, x: F32, category: int, dimension: int) -> float:
        """Times the rates, after taking in whether this example is told right."""
        if self.watch is None:
            return 1.0
        p_c, p_d = self.heads.both(self.taxonomy, x)
        if dimension < 0:
            wrong = int(np.argmax(p_c)) != category
        else:
            parents = self.taxonomy.category_of[: len(p_d)]
            wrong = int(np.argmax(p_c[parents] * p_d)) != dimension
        return self.watch.observe((category,), wrong, self.learned)

    @property
    def drifts(self) -> list[Drift]:
        """What was noticed, the last 1,000, oldest first; none where drift is not watched."""
        return [] if self.watch is None else self.watch.noticed

    def rolled_back(self) -> int:
        """How often the guard put older heads back, among the looks that are kept."""
        return sum(look.rolled_back for look in self.looks)

    # -- state -------------------------------------------------------------------------------------------------------

    def save(self, folder: str | Path) -> Path:
        """Write continual.npz and continual.json into the folder, the tree among them."""
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        parts: dict[str, Arrays] = {
            "heads": self.heads.states(self.taxonomy), "taxonomy": self.taxonomy.states(),
            "reservoir": self.reservoir.states(), "anchor": self.anchor.at, "held": self.guard.held.states(),
            "good": self.guard.good, "drift": {} if self.watch is None else self.watch.states(),
        }  # fmt: skip
        arrays = {f"{part}.{name}": array for part, own in parts.items() for name, array in own.items()}
        told: dict[str, Any] = {
            "schema": SCHEMA, "dim": self.dim, "settings": self.settings.model_dump(mode="json"),
            "taxonomy": self.taxonomy.meta(), "learned": self.learned, "known": self.guard.known,
            "looks": [asdict(look) for look in self.looks],
            **({"drifts": [], "boosted": []} if self.watch is None else self.watch.meta()),
        }  # fmt: skip
        np.savez(target / "continual.npz", **arrays)  # pyright: ignore[reportArgumentType]
        (target / "continual.json").write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
        return target

    @classmethod
    def load(cls, folder: str | Path) -> ContinualHeads:
        """What `save` wrote; it goes on to the same bits.

        Raises:
            InvalidRecord: no such folder, or of a schema that this version can't read.
            MissingExtra: it watches drift and river is not installed.
        """
        source = Path(folder)
        if not (source / "continual.json").exists():
            raise InvalidRecord("continual", str(source), "give a folder that ContinualHeads.save wrote")
        told = json.loads((source / "continual.json").read_text(encoding="utf-8"))
        if told["schema"] != SCHEMA:
            raise InvalidRecord("continual.schema", told["schema"], f"this version reads {SCHEMA}; learn it again")
        with np.load(source / "continual.npz", allow_pickle=False) as found:
            arrays: Arrays = {name: found[name] for name in found.files}

        def part(name: str) -> Arrays:
            return {key[len(name) + 1 :]: array for key, array in arrays.items() if key.startswith(f"{name}.")}

        taxonomy = Taxonomy()
        taxonomy.load(told["taxonomy"], part("taxonomy"))
        made = cls(told["dim"], taxonomy, ContinualSettings(**told["settings"]))
        made.heads.load(part("heads"))
        made.reservoir.load(part("reservoir"))
        made.anchor.at, made.guard.good = part("anchor"), part("good")
        made.guard.held.load(part("held"))
        made.guard.known = list(told["known"])
        if made.watch is not None:
            made.watch.load(told, part("drift"))
        made.learned = told["learned"]
        made.looks = [Look(**look) for look in told["looks"]]
        return made


def learn_all(learner: ContinualHeads, x: F32, categories: Sequence[int], dimensions: Sequence[int]) -> None:
    """`learn` of each row of x [n, dim], in order."""
    for row, category, dimension in zip(x, categories, dimensions, strict=True):
        learner.learn(row, category, dimension)
