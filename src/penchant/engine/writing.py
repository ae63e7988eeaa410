"""What enters: items, events, what users say, and their edits. Validated, written to the log, learned."""

from __future__ import annotations

import time as clock
import uuid
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from penchant.engine.core import Learned
from penchant.engine.following import Following
from penchant.errors import InvalidRecord, Refused, UnknownId
from penchant.interest.catalogue import DELETED
from penchant.interest.intake import (
    check_room,
    due_warm,
    embed,
    fit_drafts,
    is_unchanged,
    item_draft,
    nodes_named,
    warm_draft,
)
from penchant.interest.tree import read_profile
from penchant.language.vectors import Progress
from penchant.recommend.journal import answer_key
from penchant.records import Draft, Edit, Event, Item, Op, Utterance

GROUP = 1000  # events acknowledged together by `observe_many`


class Writing(Following):
    """The methods that write."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        if not self.read_only:
            self._warm()

    # -- items -------------------------------------------------------------------------------------------------------

    def add_items(self, items: Iterable[Item | Mapping[str, Any]], *, progress: Progress | None = None) -> Learned:
        """Add items, or update those whose id is there already; one that is there just so is counted as a duplicate.

        Args:
            items: records, or dictionaries of their fields.
            progress: called with (encoded, to encode).

        Raises:
            InvalidRecord: an item can't be used, or needs more nodes than the tree may have; none is added.
            Refused: an item was deleted.
        """
        self._writable()
        given = [item if isinstance(item, Item) else Item.read(item) for item in items]
        batch = list({item.id: item for item in given}.values())
        with self._lock:
            catalogue = self.model.world.catalogue
            for item in batch:
                if catalogue.is_deleted(item.id):
                    raise Refused(f"item {item.id!r} was deleted", fix="give it another id")
            now = clock.time()
            hashes = dict(zip((item.id for item in batch), embed(batch, self._book, progress), strict=True))
            changed = [item for item in batch if not is_unchanged(self.model, item, hashes[item.id])]
            if changed:
                keys = [hashes[item.id] for item in changed]
                drafts = fit_drafts(self.model, self._book, changed, keys, self._texts, now, chat=self.chat)
                check_room(self.model, nodes_named(self.model, changed, drafts), "item.paths")
                drafts += [item_draft(item, key, now) for item, key in zip(changed, keys, strict=True)]
                self._write(drafts)
            self._warm()
            return Learned(self.version, len(changed), len(batch) - len(changed))

    def _warm(self) -> None:
        """The heads' warm start, where one is due; also after a crash between an item's entry and its own."""
        if drafts := due_warm(self.model, self._book, clock.time()):
            self._write(drafts)

    def _texts(self) -> dict[str, str]:
        return {str(e.item): str(e.body["text"]) for e in self.store.entries(types=["item"])}

    def add_category(self, name: str, *, dimension: str = "", examples: Sequence[str] = ()) -> Learned:
        """A new category (or dimension of one), known from its name alone or with a few example texts.

        Raises:
            InvalidRecord: no name, or the tree has as many nodes as may be.
        """
        self._writable()
        if not name.strip():
            raise InvalidRecord("category.name", name, "give at least one character")
        with self._lock:
            texts = [(text, name, dimension) for text in examples]
            nodes = [(name, dimension)] if dimension else [(name, "")]
            check_room(self.model, nodes, "category.name")
            return self._write(
                [warm_draft(self.model, self._book, nodes, items=False, now=clock.time(), examples=texts)]
            )

    def item(self, id: str) -> Item:
        """The item as it now is.

        Raises:
            UnknownId: there is none.
        """
        entry = next(self.store.entries(types=["item"], item=id, newest_first=True, limit=1), None)
        row = self.model.world.catalogue.rows.get(id)
        if entry is None or row is None or self.model.world.catalogue.state[row] == DELETED:
            raise UnknownId(f"item {id!r} is not in the catalogue", fix="add it with engine.add_items([...])")
        body = entry.body
        return Item(
            id=id, text=body["text"], paths=body["paths"], fields=body["fields"], images=body["images"],
            audio=body.get("audio", ()), available=body["available"], time=body["time"],
        )  # fmt: skip

    def retire(self, id: str) -> Learned:
        """The item is not recommended any more; what was learned from it stays. Adding it again brings it back.

        So it is as long as no more than `retired_kept` items are retired; those retired longest ago are known no more.
        """
        self._row(id)
        return self._write([Draft("retire", clock.time(), {}, item=id)])

    def delete(self, id: str) -> Learned:
        """The item is gone for good: never shown, its id and events for it refused from now on."""
        self._row(id)
        return self._write([Draft("delete", clock.time(), {}, item=id)])

    def _row(self, id: str) -> int:
        catalogue = self.model.world.catalogue
        if catalogue.is_deleted(id):
            raise Refused(f"item {id!r} was deleted", fix="leave it out")
        row = catalogue.rows.get(id)
        if row is None:
            raise UnknownId(f"item {id!r} is not in the catalogue", fix="add it with engine.add_items([...])")
        return row

    # -- what people do and say ----------------------------------------------------------------------------------------

    def observe(self, event: Event | Mapping[str, Any]) -> Learned:
        """An event: durable and learned when this returns. A retry with the same id does no harm.

        Raises:
            InvalidRecord: a field can't be used.
            UnknownId: the item is not in the catalogue.
            Refused: the user was forgotten, the item deleted, or the time is in the future.
        """
        return self._write([self._draft(event if isinstance(event, Event) else Event.read(event), clock.time())])

    def check(self, event: Event) -> None:
        """Whether `observe` would take the event, without writing anything.

        Raises:
            UnknownId, Refused: as `observe`.
        """
        self._admit(event.user)
        self._row(event.item)
        self._time("event", event.time, clock.time())

    def observe_many(self, events: Iterable[Event | Mapping[str, Any]]) -> Learned:
        """Events in order, written in groups of 1,000: the same as one `observe` after the other, but faster.

        Raises:
            InvalidRecord, UnknownId, Refused: as `observe`; nothing of that group is written, the groups before it are.
        """
        self._writable()
        accepted = duplicates = 0
        group: list[Draft] = []
        version = self.version
        for given in chain(events, [None]):
            if given is not None:
                group.append(self._draft(given if isinstance(given, Event) else Event.read(given), clock.time()))
            if group and (given is None or len(group) >= GROUP):
                learned = self._write(group)
                version, accepted = learned.version, accepted + learned.accepted
                duplicates, group = duplicates + learned.duplicates, []
        return Learned(version, accepted, duplicates)

    def _draft(self, event: Event, now: float) -> Draft:
        self._admit(event.user)
        self._row(event.item)
        time = self._time("event", event.time, now)
        body: dict[str, Any] = {"kind": event.kind}
        if event.value is not None:
            body["value"] = event.value
        if event.context:
            body["context"] = event.context
        if event.request_id is not None:
            body["request_id"] = event.request_id
            body["passed"] = self._passed(event.request_id, event.item)
        return Draft("event", time, body, id=event.id, user=event.user, item=event.item)

    def _passed(self, request_id: str, item: str) -> list[str]:
        """Items of that answer which stood above the one taken, and one below: those were looked at and passed over."""
        shown = self._shown(request_id)
        if shown is None:
            raise UnknownId(f"event.request_id: there is no answer {request_id!r}", fix="leave it out")
        return shown[: shown.index(item) + 2] if item in shown else shown[:1]

    def _shown(self, request_id: str) -> list[str] | None:
        shown = self._journal.shown(request_id)
        if shown is not None:
            return list(shown)
        self._journal.flush()
        entry = self.store.entry_of(answer_key(request_id))
        return None if entry is None else [r["item"] for r in entry.body["items"]]

    def _time(self, noun: str, time: float | None, now: float) -> float:
        if time is None:
            return now
        if time > now + self.settings.future_seconds:
            raise Refused(f"{noun}.time: {time:.0f} is in the future", fix="give UTC seconds, or leave it out for now")
        return time

    def tell(self, user: str, text: str, *, time: float | None = None, id: str | None = None) -> Learned:
        """What a user says about themselves: a wish, a like, a dislike, in any of the encoder's languages.

        Statements are dated and stand until they fade, end or are undone (`edit(user, op="undo")`); on one node the
        latest counts.

        Raises:
            InvalidRecord: nothing was said. Refused: the user was forgotten, or the time is in the future.
        """
        said = Utterance(user=user, text=text, time=time, id=id)
        self._writable()
        self._admit(user)
        when = self.now if said.time is None else self._time("utterance", said.time, clock.time())
        with self._gate.passing():  # else somebody else's erasure may take a vector that these words need too
            body = self._speech.body(said.text)
            drafts = [Draft("utterance", when, body, id=said.id or f"said:{uuid.uuid4().hex}", user=user)]
            acks = self._append(drafts)
        return self._take_in(drafts, acks)

    def edit(
        self, user: str, path: str | Sequence[str] = (), op: Op = "more", *, id: str | None = None,
        undoes: str | None = None, time: float | None = None,
    ) -> Learned:  # fmt: skip
        """A user's change to their own profile: more, less, never or always of a node; or undo.

        Args:
            path: a category, or (category, dimension); for undo: of which node, () for the latest statement of all.
            undoes: for undo: id of the edit or utterance to take back.

        Raises:
            UnknownId: there is no such node, or nothing to undo. InvalidRecord, Refused: as `tell`.
        """
        levels = (path,) if isinstance(path, str) else tuple(path)
        edit = Edit(user=user, path=levels, op=op, time=time, id=id, undoes=undoes)
        self._writable()
        self._admit(user)
        if op == "undo" and id is not None and self.store.entry_of(id) is not None:
            return Learned(self.version, 0, 1)  # a retry: what it took back is gone already
        found = self.model.world.taxonomy.find(levels) if levels else None
        if levels and found is None:
            read_profile(self.model, user, None, self.now).node(levels)  # raises, naming the nearest
        if op == "undo":
            undoes = self._latest(user, found, undoes)
        when = self.now if edit.time is None else self._time("edit", edit.time, clock.time())
        body = {"op": op, "path": list(levels), "undoes": undoes}
        return self._write([Draft("edit", when, body, id=id or f"edit:{uuid.uuid4().hex}", user=user)])

    def _latest(self, user: str, node: tuple[int, int] | None, id: str | None) -> str:
        """Id of the user's latest statement, on this node and with this id if they are given."""
        row = self.model.user(user)
        wishes = self.model.world.wishes.of.get(-1 if row is None else row, [])
        for wish in reversed(wishes):
            if id in (None, wish.id) and (node is None or any((c, d) == node for c, d, _ in wish.nodes)):
                return wish.id
        which = "statement" if id is None else f"statement {id!r}"
        raise UnknownId(f"user {user!r} has no {which} to undo", fix="print(engine.profile(user)) shows what stands")

    def reset_profile(self, user: str, *, id: str | None = None) -> Learned:
        """A user's interests start over: what was learned of them, their edits and what they said count no more.

        Nothing is erased: the log keeps their records, so that an export and an older version of the profile show them,
        what they have had is still not shown again, and what all have learned from them stays (`forget` takes that,
        too). It can't be undone. Where nothing was learned since the last one, it counts as a duplicate.

        Args:
            id: makes a retry harmless: the same id resets once.

        Raises:
            InvalidRecord: the id can't be used.
            UnknownId: nothing is known of them. Refused: they were forgotten.

        >>> from penchant import Engine
        >>> engine = Engine.open(base="shop")
        >>> added = engine.add_items([{"id": "tea", "text": "green tea", "paths": [["drinks"]]}])
        >>> learned = engine.observe({"user": "ann", "item": "tea", "kind": "like"})
        >>> engine.profile("ann").is_new, engine.reset_profile("ann").accepted, engine.profile("ann").is_new
        (False, 1, True)
        >>> engine.close()
        """
        self._writable()
        self._admit(user)
        with self._lock:
            row = self.model.user(user)
            if row is None:
                raise UnknownId(f"nothing is known of user {user!r}", fix="check the id")
            if not self.model.world.memory.events[row] and row not in self.model.world.wishes.of:
                return Learned(self.version, 0, 1)
        return self._write([Draft("reset", clock.time(), {}, id=id, user=user)])

    def merge(self, guest: str, into: str) -> Learned:
        """The guest's history becomes the user's; later events of the guest count as the user's.

        Raises:
            InvalidRecord: an id can't be used, or both are the same.
            UnknownId: nothing is known of the guest yet.
            Refused: one of them was forgotten.
        """
        self._writable()
        self._admit(guest, "merge.guest")
        self._admit(into, "merge.into")
        if guest == into:
            raise InvalidRecord("merge.guest", guest, "give two different users")
        if self.model.user(guest) is None:
            raise UnknownId(f"nothing is known of user {guest!r}", fix="merge them after their first event")
        return self._write([Draft("merge", clock.time(), {"guest": guest}, user=into)])
