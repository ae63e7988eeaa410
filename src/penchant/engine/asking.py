"""What is asked: recommendations, similar items, explanations, profiles. Asking never changes the model."""

from __future__ import annotations

import heapq
import time as clock
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from penchant.engine.hearing import Hearing
from penchant.errors import InvalidRecord, UnknownId
from penchant.interest.arrays import F32
from penchant.interest.asker import Asker
from penchant.interest.profile import EventNote, Profile
from penchant.interest.tree import read_profile
from penchant.recommend.answer import Answer
from penchant.recommend.diversity import Diversity
from penchant.recommend.explanation import Explanation
from penchant.recommend.journal import answer_key
from penchant.recommend.policy import Filters, read_rules
from penchant.recommend.rank import Question
from penchant.recommend.request import beside
from penchant.recommend.shown import explanations_in
from penchant.records import Event, Op, to_seconds

MOST = 1000  # recommendations in one answer


class Asking(Hearing):
    """The methods that read."""

    def recommend(
        self,
        user: str = "",
        n: int = 10,
        request: str | None = None,
        *,
        filters: Filters = None,
        similar_to: str | None = None,
        history: Sequence[Event | Mapping[str, Any]] | None = None,
        at: Any = None,
        context: Mapping[str, str] | None = None,
        repeats: bool | None = None,
        diversity: str | None = None,
        exploration: float | None = None,
    ) -> Answer:
        """The best items for a user now, each with its reasons.

        Args:
            user: who; one who is not known gets what the population and the request say; "" for nobody in particular.
            n: how many, 1 to 1,000.
            request: what they look for, in words.
            filters: conditions on the items' fields ("price <= 20"), or rules (see `penchant.recommend.policy.Rule`).
            similar_to: an item: what is like it comes first, and it is not shown itself.
            history: further events, of this session say; they count for this answer and nothing is learned from them.
            at: as of when; None: stream time.
            context: where and how they ask (device, place, ...).
            repeats: whether items they have had may come again; None: as the settings say.
            diversity: none, mmr or calibrated; None: as the settings say.
            exploration: temperature in standard deviations of the scores, 0 for none; None: as the settings say.

        Raises:
            InvalidRecord: an argument can't be used.
            ConfigError: a filter can't be read.
            UnknownId: an item of the history, or `similar_to`, is not in the catalogue.
            Refused: the user was forgotten.

        >>> from penchant import Engine
        >>> engine = Engine.open(base="shop")
        >>> added = engine.add_items([{"id": "tea", "text": "green tea", "fields": {"price": 4}},
        ...                           {"id": "pot", "text": "iron teapot", "fields": {"price": 60}}])
        >>> [r.item for r in engine.recommend("ann", request="something to drink", filters="price < 20")]
        ['tea']
        >>> engine.close()
        """
        if not 1 <= n <= MOST:
            raise InvalidRecord("recommend.n", n, f"give 1 to {MOST:,}")
        if user:
            self._admit(user, "recommend.user")
            self._ready(user)
        started = clock.perf_counter()
        when = self._at(at)
        method = self.settings.diversity.method if diversity is None else diversity
        if method not in ("none", "mmr", "calibrated"):
            raise InvalidRecord("recommend.diversity", method, "give none, mmr or calibrated")
        warmth = self.settings.exploration if exploration is None else exploration
        if not 0 <= warmth < 1e6:
            raise InvalidRecord("recommend.exploration", warmth, "give 0 or more")
        rules = read_rules(filters)
        events = [e if isinstance(e, Event) else Event.read({"user": user or "?", **e}) for e in history or ()]
        read = None if not request or not request.strip() else self._read_request(request)
        with self._journal.asking(), self._lock:
            row = self.model.user(user) if user else None
            when = self._since(row, when, at)
            again = self.settings.policy.repeats if repeats is None else repeats
            had = set[int]() if again else self._had_of(user, row)
            asker, more = self._asker(row, when, events, context)
            had = had if again else had | more
            limits = self._limits(asker, when)
            like = None if similar_to is None else self._row(similar_to)
            heard = None if read is None else self._hear(read, user, asker, when, like)
            asked = None if heard is None else heard.asked
            if heard is not None:
                rules += tuple(one.rule() for one in heard.bound if one.applied)
                asked_of = {one.about for one in heard.bound if one.applied}  # what was said last counts
                limits = [one for one in limits if one.about not in asked_of]
                had = had | {heard.like} if heard.like >= 0 else had
            rules += tuple(one.rule("stated") for one in limits if one.applied)
            if like is not None:
                asked, had = beside(self.model, asked, like), had | {like}
            question = Question(
                user, uuid.uuid4().hex, n, asked, had, self._policy.merged(rules),
                0.0 if warmth < 1e-6 else warmth, Diversity(method=method, trade=self.settings.diversity.trade),
            )  # fmt: skip
            ranked = self._ranker.answer(asker, question)
            self._showed(ranked.answer, asker)
        took = (clock.perf_counter() - started) * 1000
        told = None if asked is None else self._tell_back(asked, heard, ranked.answer, similar_to)
        ranked.answer = replace(ranked.answer, took_ms=took, understood=told, read=() if told is None else told.lines())
        if not self.read_only and self.settings.answers_kept:
            self._journal.put(ranked, when)
            if user and user not in self._known and self.store.is_blocked(user):  # forgotten while this was answered
                self._journal.drop(ranked.answer.request_id)
        return ranked.answer

    def prepare(self) -> None:
        """Make now what the first answers of a large catalogue would else make: an index, titles, names.

        Only the time that they take depends on it.
        """
        with self._lock:
            working = self._ranker.prepare()
        if working is not None:
            working.join()
        _ = self._speech.fields
        self._speech.names()

    def recommend_many(self, users: Iterable[str], n: int = 10, **more: Any) -> dict[str, Answer]:
        """`recommend` for many users, by user."""
        return {user: self.recommend(user, n, **more) for user in users}

    def similar(self, item: str, n: int = 10) -> list[tuple[str, float]]:
        """The items most like this one: mean of the cosine of meaning and of co-engagement, best first.

        Raises:
            UnknownId: there is no such item.
        """
        row = self._row(item)
        with self._lock:
            world = self.model.world
            live = world.catalogue.live()
            live = live[live != row]
            meaning = world.catalogue.vectors[live] @ world.catalogue.vectors[row]
            together = world.pairs.gather(np.array([row], np.int32), live, self._at(None))[2]
            score = 0.5 * meaning + 0.5 * together / max(float(together.max(initial=0.0)), 1e-9)
            best = np.argsort(-score, kind="stable")[:n]
            return [(world.catalogue.rows.ids[live[k]], round(float(score[k]), 4)) for k in best]

    def vector_of(self, words: str) -> F32:
        """[d] the words in the space of the heads, unit length; zeros before the first item. Nothing of it is kept."""
        with self._lock:
            space = self.model.space
            if space is None:
                return np.zeros(self.model.world.dim, np.float32)
            return space.project(self._book.of([words], keep=False))[0]

    def explain(self, request_id: str | None = None, *, user: str = "", item: str = "") -> list[Explanation]:
        """Why an answer's items were shown; or why an item has the score it has for a user now, shown or not.

        Raises:
            UnknownId: there is no such answer or item. InvalidRecord: neither is given.
        """
        if request_id is not None:
            answer = self._journal.unlogged(request_id)
            if answer is not None:
                return [r.explanation for r in answer]
            entry = self.store.entry_of(answer_key(request_id))
            if entry is None:
                self._journal.flush()
                entry = self.store.entry_of(answer_key(request_id))
            if entry is None:
                raise UnknownId(f"there is no answer {request_id!r}", fix="answers are kept for a while, not for ever")
            return explanations_in(entry.body)
        if not item:
            raise InvalidRecord("explain.request_id", None, "give a request id, or user= and item=")
        row = self._row(item)
        if user:
            self._admit(user, "explain.user")
        with self._lock:
            asker_row = self.model.user(user) if user else None
            asker, _ = self._asker(asker_row, self._since(asker_row, self._at(None), None), [], None)
            return [self._ranker.explain(asker, row)]

    def profile(self, user: str, *, at: Any = None) -> Profile:
        """The readable, editable tree of a user's interests.

        Raises:
            InvalidRecord: the id can't be used. Refused: the user was forgotten.
        """
        self._admit(user, "profile.user")
        with self._lock:
            row = self.model.user(user)
            when = self._since(row, self._at(at), at)

            def editor(path: tuple[str, ...], op: Op) -> None:
                self.edit(user, path, op)

            return read_profile(
                self.model, user, row, when, notes=self._notes(user), editor=editor, limit=self._limit_line
            )

    # -- behind them -------------------------------------------------------------------------------------------------

    def _at(self, at: Any) -> float:
        try:
            when = to_seconds(at)
        except ValueError as error:
            raise InvalidRecord("at", at, str(error)) from None
        return self.now if when is None else when

    def _since(self, row: int | None, when: float, at: Any) -> float:
        """As of when, unless it was said (`at`): what the user stated by the clock acts on a stream that is behind."""
        wishes = self.model.world.wishes.of.get(-1 if row is None else row)
        return max(when, wishes[-1].time) if wishes and at is None else when

    def _asker(
        self, row: int | None, at: float, events: Sequence[Event], context: Mapping[str, str] | None
    ) -> tuple[Asker, set[int]]:
        """The asker, and the rows of the items in `events`."""
        if not events:
            return self.model.asker(row, at, context=context), set()
        learned: list[tuple[int, float, bool, float]] = []
        for event in events:
            item = self.model.world.catalogue.rows.get(event.item)
            if item is None:
                raise UnknownId(f"history: item {event.item!r} is not in the catalogue", fix="leave it out")
            kind = self.settings.kind(event.kind)
            learned.append(
                (item, kind.strength(event.value), kind.engages, event.time if event.time is not None else at)
            )
        memory = self.model.remembering(row, learned)
        return self.model.asker(row, at, context=context, memory=memory), {item for item, *_ in learned}

    def _ids(self, user: str) -> list[str]:
        """The user's id, and those of the guests merged into them."""
        with self._lock:
            row = self.model.user(user)
            return [user] if row is None else [self.model.world.users.ids[row], *self.model.guests.get(row, ())]

    def _starts(self, ids: Sequence[str], until: int | None = None) -> dict[str, int]:
        """By id, the reset since which their records count: their own, or of whom they had been merged into by then."""
        found = [self.store.entries(types=["merge", "reset"], user=id, until=until) for id in ids]
        together = {id: {id} for id in ids}
        starts: dict[str, int] = {}
        for entry in heapq.merge(*found, key=lambda entry: entry.seq):
            ours = together[str(entry.user)]
            if entry.type == "reset":
                starts |= dict.fromkeys(ours, entry.seq)
                continue
            ours |= together.get(entry.body["guest"], set[str]())
            together |= dict.fromkeys(ours, ours)
        return starts

    def _had_of(self, user: str, row: int | None) -> set[int]:
        if row is None:
            return set[int]()
        had = self._had.of(row)
        if had is None:
            had = set[int]()
            for id in self._ids(user):
                for entry in self.store.entries(types=["event"], user=id, until=self.model.version):
                    item = self.model.world.catalogue.rows.get(entry.item or "")
                    if item is not None and self._counts(entry):
                        had.add(item)
            self._had.put(row, had)
        return had

    def _notes(self, user: str, most: int = 400) -> dict[int, list[EventNote]]:
        """The user's latest events since their last reset, by item row."""
        notes: dict[int, list[EventNote]] = {}
        catalogue = self.model.world.catalogue
        ids = self._ids(user)
        starts = self._starts(ids)
        for id in ids:
            after = starts.get(id, 0)
            for e in self.store.entries(types=["event"], user=id, after=after, newest_first=True, limit=most):
                row = catalogue.rows.get(e.item or "")
                if row is not None:
                    title = catalogue.cards[row].title
                    notes.setdefault(row, []).append(EventNote(str(e.item), title, e.body["kind"], e.time))
        return notes
