"""How a profile came to be: what changed it, one version each, and the tree as it stood at one of them."""

from __future__ import annotations

import copy
import heapq
from collections.abc import Iterator
from dataclasses import dataclass, replace

from penchant.engine.likeness import Likeness
from penchant.interest.profile import Profile
from penchant.interest.statements import wish_edited, wishes_said
from penchant.interest.tree import read_profile
from penchant.interest.wishes import Wishes
from penchant.records import Entry, EntryType

CHANGING: tuple[EntryType, ...] = ("event", "utterance", "edit", "merge", "reset")


@dataclass(frozen=True, slots=True)
class Change:
    """One record that changed a user's profile.

    Attributes:
        version: its number in the log; the profile has had it since.
        time: event time, UTC seconds.
        type: event, utterance, edit, merge or reset.
        what: kind of the event, op of the edit, words of the utterance, id of the guest, "" of a reset.
        item: of an event.
        path: node of an edit.
        id: of the record, which undo names.
        request_id: the answer that an event is feedback on.
    """

    version: int
    time: float
    type: EntryType
    what: str
    item: str | None = None
    path: tuple[str, ...] = ()
    id: str | None = None
    request_id: str | None = None

    @classmethod
    def of(cls, entry: Entry) -> Change:
        """From its entry in the log."""
        body = entry.body
        what = {"event": "kind", "utterance": "text", "edit": "op", "merge": "guest"}.get(entry.type, "")
        return cls(
            entry.seq, entry.time, entry.type, str(body.get(what, "")), entry.item, tuple(body.get("path") or ()),
            entry.id, body.get("request_id"),
        )  # fmt: skip


class History(Likeness):
    """The methods that look back on a profile."""

    def changes(self, user: str, n: int = 50, *, before: int | None = None) -> list[Change]:
        """What changed a user's profile, newest first; guests merged into them count.

        Args:
            n: how many at most.
            before: only what is older than this version.

        Raises:
            InvalidRecord: the id can't be used. Refused: the user was forgotten.
        """
        self._admit(user, "profile.user")
        until = self.version if before is None else min(self.version, before - 1)
        found = [
            self.store.entries(types=CHANGING, user=id, until=until, newest_first=True, limit=n)
            for id in self._ids(user)
        ]
        newest = heapq.merge(*found, key=lambda entry: entry.seq, reverse=True)
        return [Change.of(entry) for entry, _ in zip(newest, range(n), strict=False)]

    def profile_then(self, user: str, version: int) -> Profile:
        """The profile as the user's records up to a version make it, read by today's tree and heads.

        It is as of the time of the last of those records. Counts of a catalogue whose tree has changed since are
        counts on today's tree.

        Raises:
            InvalidRecord: the id can't be used. Refused: the user was forgotten.
        """
        self._admit(user, "profile.user")
        entries = list(self._entries_then(user, version))
        with self._lock:
            model = copy.copy(self.model)
            world = model.world = copy.copy(self.model.world)
            at = max((entry.time for entry in entries), default=self.now)
            world.memory = self.model.remembering(None, list(self._engagements(entries)))
            world.wishes = self._wishes_then(entries)
            return replace(read_profile(model, user, 0, at, limit=self._limit_line), version=version)

    def _entries_then(self, user: str, version: int) -> Iterator[Entry]:
        """Records of the user up to the version, in order, since their last reset; of guests merged into them too."""
        known = [self._ids(user)[0]]
        for id in known:
            for entry in self.store.entries(types=["merge"], user=id, until=version):
                if entry.body["guest"] not in known:
                    known.append(entry.body["guest"])
        starts = self._starts(known, version)
        found = [self.store.entries(types=CHANGING, user=id, after=starts.get(id, 0), until=version) for id in known]
        return heapq.merge(*found, key=lambda entry: entry.seq)

    def _engagements(self, entries: list[Entry]) -> Iterator[tuple[int, float, bool, float]]:
        for entry in entries:
            row = self.model.world.catalogue.rows.get(entry.item or "")
            if entry.type == "event" and row is not None:
                kind = self.settings.kind(entry.body["kind"])
                yield row, kind.strength(entry.body.get("value")), kind.engages, entry.time

    def _wishes_then(self, entries: list[Entry]) -> Wishes:
        wishes, taxonomy = self.model.world.wishes.beside(), self.model.world.taxonomy
        for entry in entries:
            if entry.type == "utterance":
                for wish in wishes_said(entry, taxonomy):
                    wishes.add(0, wish)
            elif entry.type == "edit" and entry.body["op"] == "undo":
                wishes.undo(0, entry.body.get("undoes"))
            elif entry.type == "edit" and (wish := wish_edited(entry, taxonomy)) is not None:
                wishes.add(0, wish)
        return wishes
