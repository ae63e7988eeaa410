"""The model: a fold over the log. `apply` takes the next entry; the same entries give the same bits.

Source of the whole: hierarchical dynamic modelling of user interests, category → dimension → intensity, all three
updated by W ← W − η ∇ℓ(M(x_t), y) at every event.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from penchant.config import Settings
from penchant.interest.arrays import F32, F64, I32, Arrays, Rows, key_of
from penchant.interest.asker import Asker
from penchant.interest.blend import Blend
from penchant.interest.catalogue import DELETED, RETIRED, Card
from penchant.interest.evidence import Evidence, Moment, make
from penchant.interest.learning import set_against, teach_heads, warm
from penchant.interest.memory import Memory
from penchant.interest.space import Space
from penchant.interest.statements import wish_edited, wishes_said
from penchant.interest.world import World
from penchant.records import Entry

SCHEMA = 7


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


class Model:
    """State of one catalogue.

    Attributes:
        world: what the evidences share.
        evidences: in the settings' order.
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
        self._learning = [evidence for evidence in self.evidences if type(evidence).observe is not Evidence.observe]
        model = settings.model
        starts = [evidence.start for evidence in self.evidences]
        self.blend = Blend(starts, model.alpha, model.off, model.fixed_alpha, model.temperature)
        self.space: Space | None = None
        self.alias: dict[str, int] = {}
        self.guests: dict[int, list[str]] = {}
        self.version = 0
        self.fitted = 0
        self.warmed = (0, 0)
        self.cold = False
        self.learned = 0
        self.skipped = 0

    # -- the fold ----------------------------------------------------------------------------------------------------

    def apply(self, entry: Entry) -> None:
        """Take in the next entry of the log."""
        match entry.type:
            case "event":
                self._event(entry)
            case "item":
                self._item(entry)
            case "utterance":
                self._utterance(entry)
            case "edit":
                self._edit(entry)
            case "fit":
                self._fit(entry)
            case "warm":
                warm(
                    self.world, entry.body, self._project, key_of(self.settings.seed, "warm", len(self.world.catalogue))
                )
                self.warmed = (len(self.world.taxonomy.categories), len(self.world.taxonomy.dimensions))
                self.cold = self.cold and not entry.body["items"]
            case "retire" | "delete":
                row = self.world.catalogue.rows.get(entry.item or "")
                if row is not None:
                    self.world.catalogue.set_state(row, RETIRED if entry.type == "retire" else DELETED)
                    self._leave(self.world.catalogue.leaving(self.settings.retired_kept))
            case "merge":
                self._merge(entry)
            case "reset":
                self._start_over(entry)
            case "trained":
                self._take(entry)
            case "settings" | "answer":
                pass  # settings make a new model; what was answered changes nothing
        self.version = entry.seq

    def user(self, id: str, *, add: bool = False) -> int | None:
        """Row of a user (of the one they were merged into); a new one if `add`."""
        row = self.world.users.get(id)
        if row is None:
            row = self.alias.get(id)
        if row is None and add:
            row = self.world.users.add(id)
            self.world.memory.grow(row + 1)
        return row

    def _item(self, entry: Entry) -> None:
        catalogue, taxonomy, body = self.world.catalogue, self.world.taxonomy, entry.body
        assert entry.item is not None
        vector = self._project([body["hash"]])[0]
        known = catalogue.rows.get(entry.item)
        version, time = 1, entry.time
        if known is not None:
            taxonomy.count(catalogue.place(known), -1)
            version = catalogue.cards[known].version + 1
            time = body["time"] if body.get("time") is not None else float(catalogue.time[known])
        place = taxonomy.place(body["paths"], vector)
        taxonomy.count(place, 1)
        card = Card(body["title"], body["hash"], version, body["paths"], body["fields"], body["available"])
        row = catalogue.put(entry.item, card, vector, place, time)
        self.world.pairs.grow(row + 1)
        for evidence in self.evidences:
            evidence.grow(row + 1)
        if self.learned or self.world.heads.b_C.any():
            learn = self.settings.learn
            categories, dimensions = _rows(place.categories), _rows(place.dimensions)
            self.world.heads.learn(
                taxonomy, vector, categories, dimensions, 1.0, learn.eta_c, learn.eta_d,
                key_of(self.settings.seed, entry.item),
            )  # fmt: skip

    def _leave(self, rows: I32) -> None:
        """These items are known no more, and others may have their rows."""
        if len(rows):
            self.world.leave(rows)
            for evidence in self.evidences:
                evidence.leave(rows)

    def _event(self, entry: Entry) -> None:
        world, settings, body = self.world, self.settings, entry.body
        item = world.catalogue.rows.get(entry.item or "")
        if item is None or entry.user is None:
            self.skipped += 1
            return
        user = self.user(entry.user, add=True)
        assert user is not None
        kind = settings.kind(body["kind"])
        strength = kind.strength(body.get("value"))
        engaged = 1.0 if kind.engages or strength > 0 else 0.0
        gain = max(strength, 0.0) if settings.objective == "liked" else engaged
        key = key_of(settings.seed, entry.id or (entry.user, entry.item, body["kind"], entry.time, body.get("value")))
        asker = self.asker(user, entry.time, context=body.get("context"))
        rows = set_against(world, asker, item, body.get("passed") or (), key)
        moment = Moment(asker, item, strength, kind.engages, gain, entry.time, key, rows[1:])
        if len(rows) > 1 and self.learned % settings.learn.every == 0:
            self._learn_blend(moment, rows)
        teach_heads(world, moment)
        for evidence in self._learning:
            evidence.observe(moment)
        if gain > 0:
            world.pairs.observe(asker.history, item, gain, entry.time)
        self._remember(world.memory, user, item, strength, kind.engages, entry.time)
        nodes = world.catalogue.categories[item], world.catalogue.dimensions[item]
        world.taxonomy.engaged(*nodes, gain, entry.time, world.half_life("population"))
        world.now = max(world.now, entry.time)
        self.learned += 1

    def _remember(self, memory: Memory, user: int, item: int, strength: float, engages: bool, time: float) -> None:
        world = self.world
        plus = max(strength, 0.0) + (self.settings.model.engagement if engages else 0.0)
        catalogue, half = world.catalogue, world.half_life
        memory.learn(
            user, item, catalogue.categories[item], catalogue.dimensions[item], catalogue.vectors[item], plus,
            max(-strength, 0.0), strength, engages, time, half("long"), half("nodes"),
        )  # fmt: skip

    def _learn_blend(self, moment: Moment, rows: I32) -> None:
        world, learn = self.world, self.settings.learn
        phi = self.phi(moment.asker, rows)
        lift_c, lift_d = moment.asker.levels(rows)
        delta = world.memory.delta[moment.asker.user]
        self.blend.learn(
            phi, lift_c, lift_d, moment.strength, 1 if moment.gain > 0 else 0, moment.asker.situation, delta,
            learn.eta_i, learn.eta_alpha, learn.anchor, weights=moment.gain > 0,
        )  # fmt: skip

    def _utterance(self, entry: Entry) -> None:
        assert entry.user is not None
        user = self.user(entry.user, add=True)
        assert user is not None
        for wish in wishes_said(entry, self.world.taxonomy):
            self.world.wishes.add(user, wish)

    def _edit(self, entry: Entry) -> None:
        assert entry.user is not None
        user = self.user(entry.user, add=True)
        assert user is not None
        if entry.body["op"] == "undo":
            self.world.wishes.undo(user, entry.body.get("undoes"))
        elif (wish := wish_edited(entry, self.world.taxonomy)) is not None:
            self.world.wishes.add(user, wish)
        else:
            self.skipped += 1

    def _merge(self, entry: Entry) -> None:
        assert entry.user is not None
        user = self.user(entry.user, add=True)
        guest = self.user(entry.body["guest"])
        if guest is None or user is None or guest == user:
            return
        half = self.world.half_life
        self.world.memory.absorb(user, guest, half("long"), half("nodes"))
        self.world.wishes.merge(user, guest)
        self._alias([*self.guests.pop(guest, ()), self.world.users.ids[guest]], user)
        self.world.memory.clear(guest)
        self.world.users.give_back(guest)

    def _alias(self, guests: Sequence[str], user: int) -> None:
        self.alias |= dict.fromkeys(guests, user)
        self.guests.setdefault(user, []).extend(guests)

    def _start_over(self, entry: Entry) -> None:
        """The user's interests are as somebody new's; what all learned from them stays."""
        user = self.user(entry.user or "")
        if user is None:
            self.skipped += 1
            return
        self.world.memory.start_over(user)
        self.world.wishes.clear(user)

    def _fit(self, entry: Entry) -> None:
        """A new space and induced nodes: everything in the old space moves to the new one."""
        world, newer = self.world, Space.from_body(entry.body["space"])
        older, self.space = self.space, newer
        world.taxonomy.adopt(entry.body["root"], entry.body["induced"])
        self.fitted, self.cold = int(entry.body["items"]), True
        world.wishes.moved()
        if older is None or not len(world.catalogue):
            return
        bridge = older.bridge(newer)
        world.turn(bridge, self._project)
        for evidence in self.evidences:
            evidence.turn(bridge)

    def _take(self, entry: Entry) -> None:
        """What was trained goes to its evidence, unless that is not in use or the vectors were another encoder's."""
        encoder = entry.body.get("encoder")
        for k, evidence in enumerate(self.evidences):
            if evidence.name == entry.body["evidence"] and self.space and encoder in (None, self.space.encoder):
                evidence.take(entry.body)
                self.blend.restart(k)
                return
        self.skipped += 1

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
        world.pairs.load(part("pairs"))
        world.wishes.load(meta["wishes"])
        self.blend.load(part("blend"))
        for evidence in self.evidences:
            evidence.load(part(f"evidence.{evidence.name}"))
        self.fitted, self.learned, self.skipped = meta["fitted"], meta["learned"], meta["skipped"]
        self.warmed, self.cold = (meta["warmed"][0], meta["warmed"][1]), meta["cold"]
        self.version = seq


def _rows(rows: Sequence[int]) -> I32:
    return np.array(rows, np.int32)
