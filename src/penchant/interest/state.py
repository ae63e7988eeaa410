"""The state of one catalogue: what is known, what is asked of it, and how it is kept and taken up again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from penchant.config import Settings
from penchant.interest.arrays import F32, F64, I32, Arrays, Rows
from penchant.interest.asker import Asker
from penchant.interest.blend import Blend
from penchant.interest.evidence import Evidence, make
from penchant.interest.memory import Memory
from penchant.interest.space import Space
from penchant.interest.world import World

SCHEMA = 9


class Vectors(Protocol):
    """Where the fold finds vectors: kept ones only, nothing is encoded."""

    def get(self, hashes: Sequence[str]) -> F32:
        """[n, D] by content hash; raises StoreError if one is missing."""
        ...


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores [n] of item rows [n], and their parts [P, n] named by `names` = (level, name); parts sum to the score."""

    rows: I32
    score: F64
    parts: F64
    names: tuple[tuple[str, str], ...]


class State:
    """What a model knows; `Model` adds how it takes in the log.

    Attributes:
        world: what the evidences share.
        evidences: in the settings' order; evidence: by name.
        blend: α, w_I and M_I.
        space: None until the first items came.
        alias: user row by the id of a guest who was merged into them; guests: these ids by user row, as they came.
        version: seq of the last entry applied.
        warmed: how many categories and dimensions the heads were warmed on.
        cold: whether a fit has come since the heads were warmed on all items.
        skipped: entries that could not be applied (their item or user is gone).
    """

    def __init__(self, settings: Settings, vectors: Vectors, more: Mapping[str, type[Evidence]] | None = None) -> None:
        self.settings, self.vectors = settings, vectors
        self.world = World(settings, settings.model.dim)
        self.world.wishes.find = self._project
        self.evidences = make(self.world, dict(more or {}))
        self.evidence = {evidence.name: evidence for evidence in self.evidences}
        self._learning = [evidence for evidence in self.evidences if type(evidence).observe is not Evidence.observe]
        model = settings.model
        starts = [evidence.start for evidence in self.evidences]
        spreads = [evidence.spread for evidence in self.evidences]
        self.blend = Blend(starts, spreads, model.alpha, model.off, model.fixed_alpha, model.temperature)
        self.space: Space | None = None
        self.alias: dict[str, int] = {}
        self.guests: dict[int, list[str]] = {}
        self.version = 0
        self.fitted = 0
        self.warmed = (0, 0)
        self.cold = False
        self.learned: int = 0
        self.skipped: int = 0

    def user(self, id: str, *, add: bool = False) -> int | None:
        """Row of a user (of the one they were merged into); a new one if `add`."""
        row = self.world.users.get(id)
        if row is None:
            row = self.alias.get(id)
        if row is None and add:
            row = self.world.users.add(id)
            self.world.memory.grow(row + 1)
        return row

    def _alias(self, guests: Sequence[str], user: int) -> None:
        self.alias |= dict.fromkeys(guests, user)
        self.guests.setdefault(user, []).extend(guests)

    def _remember(self, memory: Memory, user: int, item: int, strength: float, engages: bool, time: float) -> None:
        world = self.world
        plus = max(strength, 0.0) + (self.settings.model.engagement if engages else 0.0)
        catalogue, half = world.catalogue, world.half_life
        memory.learn(
            user, item, catalogue.categories[item], catalogue.dimensions[item], catalogue.vectors[item], plus,
            max(-strength, 0.0), strength, engages, time, half("long"), half("nodes"),
        )  # fmt: skip

    def _project(self, hashes: Sequence[str]) -> F32:
        if self.space is None:
            return np.zeros((len(hashes), self.world.dim), np.float32)
        return self.space.project(self.vectors.get(hashes))

    # -- asking ------------------------------------------------------------------------------------------------------

    def asker(
        self, user: int | None, at: float, *, context: Mapping[str, str] | None = None, memory: Memory | None = None
    ) -> Asker:
        """The user (row) at a time; with `memory`, its row 0 instead of what is remembered; None: nothing known."""
        world = self.world
        stand = world.wishes.standing(user, at, world.half_life("said")) if user is not None else None
        if memory is None and user is not None:
            return Asker(world, world.memory, user, at, context=context, stand=stand)
        scratch = memory or Memory(world.dim, 1)
        return Asker(world, scratch, 0, at, user=-1 if user is None else user, context=context, stand=stand)

    def remembering(self, user: int | None, events: Sequence[tuple[int, float, bool, float]]) -> Memory:
        """A memory of one (row 0) with these events (item row, strength, engages, time) too; nothing is learned."""
        memory = self.world.memory.copy_of(user) if user is not None else Memory(self.world.dim, 1)
        for item, strength, engages, time in events:
            self._remember(memory, 0, item, strength, engages, time)
        return memory

    def phi(self, asker: Asker, rows: I32) -> F64:
        """[K, n] the evidences' numbers for the item rows."""
        out = np.zeros((len(self.evidences), len(rows)))
        for k, evidence in enumerate(self.evidences):
            if not evidence.silent(asker):
                out[k] = evidence.values(asker, rows)
        return out

    def score(self, asker: Asker, rows: I32) -> Scores:
        """Scores of the item rows and their parts."""
        lift_c, lift_d = asker.levels(rows)
        score, parts = self.blend.parts(self.phi(asker, rows), lift_c, lift_d, asker.delta, asker.situation)
        names = (
            ("category", "category"),
            ("dimension", "dimension"),
            *(("intensity", evidence.name) for evidence in self.evidences),
            ("base", "base"),
        )
        return Scores(rows, score, parts, names)

    def direction(self, asker: Asker) -> F32:
        """[d] the part of the score that is a product with the item's vector, as far as the evidences tell."""
        whole = np.zeros(self.world.dim)
        for evidence, slope in zip(self.evidences, self.blend.slopes(asker.delta, asker.situation), strict=True):
            part = None if evidence.silent(asker) else evidence.direction(asker)
            if part is not None:
                whole += slope * part
        return whole.astype(np.float32)

    # -- state -------------------------------------------------------------------------------------------------------

    def states(self) -> Arrays:
        """All arrays of the state, by 'part.name', trimmed to what is in use."""
        world, items, users = self.world, len(self.world.catalogue), len(self.world.users)
        parts: dict[str, Arrays] = {
            "catalogue": world.catalogue.states(),
            "taxonomy": world.taxonomy.states(),
            "memory": world.memory.states(users),
            "heads": world.heads.states(world.taxonomy),
            "drifts": world.drifts.states() if world.drifts else {},
            "pairs": world.pairs.states(items),
            "blend": self.blend.states(),
            **{f"evidence.{e.name}": e.states(items) for e in self.evidences},
        }
        return {f"{part}.{name}": array for part, arrays in parts.items() for name, array in arrays.items()}

    def meta(self) -> dict[str, Any]:
        """The part of the state that is words, JSON-able; no list in it grows with the state."""
        world = self.world
        return {
            "schema": SCHEMA,
            "settings": self.settings.model_dump(mode="json"),
            "space": self.space.to_body() if self.space else None,
            "users": list(world.users.ids),
            "guests": {str(user): list(guests) for user, guests in self.guests.items()},
            "now": world.now if np.isfinite(world.now) else None,
            "catalogue": world.catalogue.meta(),
            "taxonomy": world.taxonomy.meta(),
            "wishes": world.wishes.meta(),
            "drifts": world.drifts.meta() if world.drifts else None,
            "fitted": self.fitted,
            "warmed": list(self.warmed),
            "cold": self.cold,
            "learned": self.learned,
            "skipped": self.skipped,
        }

    def load(self, seq: int, meta: dict[str, Any], states: Arrays) -> None:
        """Take over a saved state (of the same settings and schema)."""

        def part(name: str) -> Arrays:
            return {key[len(name) + 1 :]: a for key, a in states.items() if key.rpartition(".")[0] == name}

        world = self.world
        self.space = Space.from_body(meta["space"]) if meta["space"] else None
        world.users = Rows(meta["users"])
        self.alias, self.guests = {}, {}
        for user, guests in meta["guests"].items():
            self._alias(guests, int(user))
        world.now = float("-inf") if meta["now"] is None else float(meta["now"])
        world.catalogue.load(meta["catalogue"], part("catalogue"))
        world.taxonomy.load(meta["taxonomy"], part("taxonomy"))
        world.memory.load(part("memory"))
        world.heads.load(part("heads"))
        if world.drifts is not None:
            world.drifts.load(meta["drifts"], part("drifts"))
        world.pairs.load(part("pairs"))
        world.wishes.load(meta["wishes"])
        self.blend.load(part("blend"))
        for evidence in self.evidences:
            evidence.load(part(f"evidence.{evidence.name}"))
        self.fitted, self.learned, self.skipped = meta["fitted"], meta["learned"], meta["skipped"]
        self.warmed, self.cold = (meta["warmed"][0], meta["warmed"][1]), meta["cold"]
        self.version = seq
