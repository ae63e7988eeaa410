"""The model: a fold over the log. `apply` takes the next entry; the same entries give the same bits.

Source of the whole: hierarchical dynamic modelling of user interests, category → dimension → intensity, all three
updated by W ← W − η ∇ℓ(M(x_t), y) at every event.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from penchant.interest.arrays import I32, key_of
from penchant.interest.catalogue import DELETED, RETIRED, Card
from penchant.interest.evidence import Moment
from penchant.interest.learning import set_against, teach_heads, warm
from penchant.interest.space import Space
from penchant.interest.state import State
from penchant.interest.statements import wish_edited, wishes_said
from penchant.records import Entry


class Model(State):
    """State of one catalogue, and how each kind of entry changes it."""

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
            case "settings" | "answer" | "rollback" | "restore":
                pass  # settings make a new model; the others tell what was done
        self.version = entry.seq

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
        teach_heads(world, moment, self.learned + 1)
        for evidence in self._learning:
            evidence.observe(moment)
        if gain > 0:
            world.pairs.observe(asker.history, item, gain, entry.time)
        self._remember(world.memory, user, item, strength, kind.engages, entry.time)
        nodes = world.catalogue.categories[item], world.catalogue.dimensions[item]
        world.taxonomy.engaged(*nodes, gain, entry.time, world.half_life("population"))
        world.now = max(world.now, entry.time)
        self.learned += 1

    def _learn_blend(self, moment: Moment, rows: I32) -> None:
        world, learn = self.world, self.settings.learn
        phi = self.phi(moment.asker, rows)
        speaks = np.array([not evidence.silent(moment.asker) for evidence in self.evidences])
        lift_c, lift_d = moment.asker.levels(rows)
        delta = world.memory.delta[moment.asker.user]
        self.blend.learn(
            phi, speaks, lift_c, lift_d, moment.strength, 1 if moment.gain > 0 else 0, moment.asker.situation, delta,
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


def _rows(rows: Sequence[int]) -> I32:
    return np.array(rows, np.int32)
