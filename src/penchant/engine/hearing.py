"""What is heard in a request: read, bound to the catalogue's fields and items, and told back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from penchant.engine.writing import Writing
from penchant.errors import InvalidRecord
from penchant.interest.arrays import F32
from penchant.interest.asker import Asker
from penchant.interest.catalogue import DELETED
from penchant.language.clauses import topic_of
from penchant.language.constraints import Constraint
from penchant.language.lexicon import HAN
from penchant.language.nodes import SURE
from penchant.language.scope import NAMED, outside, question
from penchant.language.strength import idle
from penchant.language.utterance import Reading
from penchant.recommend.answer import Answer
from penchant.recommend.binding import Bound, bind, compare
from penchant.recommend.request import Asked, beside, understand
from penchant.recommend.understood import Understood, understood

LATELY = 10_000  # users whose last answer is kept in mind, for "something like it", and
SHOWN = 100  # items of it


@dataclass(frozen=True, slots=True)
class Words:
    """A request's words, read before the model is locked."""

    text: str
    reading: Reading
    vector: F32
    outside: bool


@dataclass(frozen=True, slots=True)
class Heard:
    """A request, bound: what to rank by, which rules it brings, and the item (row) that it refers to, -1 for none."""

    asked: Asked
    bound: tuple[Bound, ...]
    like: int
    outside: bool


class Hearing(Writing):
    """Reads requests; `_lately` keeps in mind what each user was shown last."""

    def _read_request(self, request: str) -> Words:
        if len(request) > 4000:
            raise InvalidRecord("recommend.request", request, "say it in at most 4,000 characters")
        reading = self._speech.read_request(request)
        wished = reading.wished
        if reading.reference and reading.reference.title and reading.reference.title.row < 0:
            wished = f"{reading.reference.title.text}, {wished}".strip(", ")  # a title that nobody has: by its meaning
        nothing_read = not (reading.clauses or reading.constraints or reading.reference)
        plain = idle(reading.rest) or self._speech.names().noun.alone(topic_of(reading.rest))
        if not wished and nothing_read and not plain:
            wished = request
        space = self.model.space
        if not wished or space is None:
            return Words(request, reading, np.zeros(self.model.world.dim, np.float32), self._outside(request, reading))
        vector = space.project(self._book.of([wished], keep=False))[0]
        return Words(request, reading, vector, self._outside(request, reading))

    def _outside(self, request: str, reading: Reading) -> bool:
        """Whether the request is out of the catalogue's scope: nothing is named, and other tasks are nearer."""
        items = len(self.model.world.catalogue.live())
        if reading.titles or reading.reference or not items:
            return False
        if idle(reading.rest) or (not reading.clauses and reading.constraints):
            return False
        if any(weight >= NAMED / SURE for clause in reading.clauses for _, weight in clause.nodes):
            return False
        return outside(self._speech.contrast(request), items)

    def _hear(self, words: Words, user: str, asker: Asker, at: float, similar_to: int | None) -> Heard:
        """Bind what was read, with the model locked."""
        asked = understand(self.model, words.text, words.reading, words.vector)
        bound = bind(words.reading.constraints, self._speech.fields, at)
        reference = words.reading.reference
        like, among = -1, tuple[int, ...]()
        if reference is not None:
            if reference.title is not None:
                row = reference.title.row
                known = row >= 0 and self.model.world.catalogue.state[row] != DELETED
                among = (row,) if known else ()
            else:
                among = self._last(user, asker)
            like = among[0] if among and reference.to in ("item", "last") else -1
            rows = among if reference.to == "nothing" else among[:1]
            fields = [self.model.world.catalogue.cards[row].fields for row in rows]
            bound += tuple(compare(one, fields, self._speech.fields) for one in reference.comparisons)
        if similar_to is None and like >= 0:
            asked = beside(self.model, asked, like)
        return Heard(asked, bound, like, words.outside)

    def _ready(self, user: str) -> None:
        """Look through the items' fields before the model is locked, if the user's limits need them."""
        row = self.model.user(user)
        if row is not None and any(wish.limits for wish in self.model.world.wishes.of.get(row, ())):
            _ = self._speech.fields

    def _limits(self, asker: Asker, at: float) -> list[Bound]:
        """What the user stated as limits on fields, bound."""
        stated = asker.stand.limits if asker.stand else []
        return list(bind(stated, self._speech.fields, at)) if stated else []

    def _limit_line(self, limit: Constraint, holds: bool) -> str:
        """A stated limit with the condition that it became, or why it can't be or isn't kept to."""
        han = HAN.search(limit.text) is not None
        if not holds:
            return f"~ {limit.text}: {'已被后来说的取代' if han else 'replaced by what was said later'}"
        [bound] = bind([limit], self._speech.fields, self.now)
        return bound.line("zh" if han else "en")

    def _last(self, user: str, asker: Asker) -> tuple[int, ...]:
        """Rows of what the user had after their last answer, else of that answer, else of what they had last."""
        had = _mark(asker)
        rows, before = self._lately.get(user, ((), (-1, 0))) if user else ((), (-1, 0))
        if had[0] >= 0 and (not rows or had != before):
            return (had[0],)
        return rows

    def _showed(self, answer: Answer, asker: Asker) -> None:
        """Keep in mind what was shown."""
        if answer.user and answer.items:
            rows = self.model.world.catalogue.rows
            shown = tuple(row for one in answer.items[:SHOWN] if (row := rows.get(one.item)) is not None)
            self._lately[answer.user] = (shown, _mark(asker))
            self._lately.move_to_end(answer.user)
            while len(self._lately) > LATELY:
                self._lately.popitem(last=False)

    def _tell_back(self, asked: Asked, heard: Heard | None, answer: Answer, similar_to: str | None) -> Understood:
        """What was understood, with a question where the request is out of scope; heard: None without words."""
        catalogue = self.model.world.catalogue
        reference = similar_to or (catalogue.rows.ids[heard.like] if heard is not None and heard.like >= 0 else "")
        bound = () if heard is None else heard.bound
        told = understood(asked.text, asked.reading, bound, asked.age, reference=reference, like=asked.like)
        if heard is None or not heard.outside:
            return told
        noun = self.settings.noun_zh if told.language == "zh" else self.settings.noun
        nearest = answer.items[0].title if answer.items else ""
        return replace(
            told, span="request", hours=None, out_of_scope=True, question=question(told.language, noun, nearest)
        )


def _mark(asker: Asker) -> tuple[int, int]:
    history: Sequence[int] = asker.history.tolist()
    return (history[-1], len(history)) if history else (-1, 0)
