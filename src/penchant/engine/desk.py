"""A help desk on an engine of the domain `support`: a question goes its way domain → intent → answer, over turns.

The engine's own heads read every turn: p_t(intent) = M_C(domain | words) · M_D(intent | words, domain). A conversation
holds a belief over intents,

    b(i) ∝ m(i) · Π_t p_t(i),

m being 0 for what was refused, or lies outside a domain that was chosen: what was said narrows what is asked next.
Where the belief is sure, the intent's answer is given; where it is not, the domains or intents in doubt are asked
about.

What is outside is told by likeness: the largest cosine of the words to an answer's text or a confirmed question. The
floor is what one in twenty of the latest confirmed questions did not reach when they were first asked, so it moves
along with what is learned, and needs no examples of what is outside.

A confirmation is an event of kind `confirm`, and its words become an example of its intent (a `warm` entry of the log):
both heads have learned them when it returns, and a replay learns them again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from penchant.engine import Engine
from penchant.errors import InvalidRecord, Refused
from penchant.interest.arrays import F32, F64
from penchant.records import Event

LIKENESS = "likeness"  # of the words when they were first asked, in the context of a confirmation
KNOWN = 20_000  # confirmed questions that words are compared to, the latest
LATEST = 300  # confirmed questions that the floor is read from
LEAST = 20  # of them before anything is outside
REFUSED = 0.05  # share of them below the floor
DOUBT = 3  # options of a question
MASS = 0.75  # belief in one domain from which on its intents are asked about
FLOOR = 1e-4  # of p_t: no turn alone rules an intent out

Path = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Turn:
    """What the desk says.

    Attributes:
        kind: `answer`; `question`, where one of the options is to be chosen; `outside`, where nothing fits (its options
            are the nearest); `none`, where all that would fit was refused.
        text: to show.
        path: domain and intent of the answer; () otherwise.
        item: the answer's id, "" without one.
        options: what is asked about: domains, or intents by (domain, intent).
        sure: the belief in the answer's intent, in [0, 1].
    """

    kind: Literal["answer", "question", "outside", "none"]
    text: str
    path: Path | tuple[()] = ()
    item: str = ""
    options: tuple[tuple[str, ...], ...] = ()
    sure: float = 0.0


class Desk:
    """Answers questions from the items of an engine, each item an answer with the path (domain, intent).

    Args:
        engine: of the domain `support`; its confirmations so far set the floor.
        sure: the belief from which on an answer is given without asking back, in (0, 1].

    Raises:
        InvalidRecord: `sure` is out of range, or no item has a domain and an intent.

    >>> from penchant import Item
    >>> engine = Engine.open(base="support")
    >>> added = engine.add_items([
    ...     Item(id="block", text="block a lost or stolen card", paths=[["cards", "lost card"]]),
    ...     Item(id="limit", text="raise the limit of a card", paths=[["cards", "card limit"]]),
    ...     Item(id="rent", text="rent a car at the airport", paths=[["travel", "car rental"]]),
    ... ])
    >>> talk = Desk(engine).talk("ann")
    >>> talk.say("somebody stole my card").item
    'block'
    >>> engine.close()
    """

    def __init__(self, engine: Engine, *, sure: float = 0.5) -> None:
        if not 0 < sure <= 1:
            raise InvalidRecord("desk.sure", sure, "give more than 0, at most 1")
        self.engine, self.sure = engine, sure
        if not len(engine.model.world.taxonomy.dimensions):
            raise InvalidRecord("desk.engine", "its tree", "add items with paths (domain, intent) first")
        told = [float(e.context[LIKENESS]) for e in engine.events() if e.kind == "confirm" and LIKENESS in e.context]
        self._told: deque[float] = deque(told, maxlen=LATEST)
        examples = [name[3] for entry in engine.records(types=["warm"]) if not entry.body["items"]
                    for name in entry.body["names"]]  # fmt: skip
        self._questions: deque[str] = deque(examples, maxlen=KNOWN)
        self._near: F32 = np.zeros((0, engine.model.world.dim), np.float32)
        self._of = -1

    @property
    def floor(self) -> float:
        """Likeness below which words are outside; -1 before 20 confirmations."""
        return float(np.quantile(list(self._told), REFUSED)) if len(self._told) >= LEAST else -1.0

    def talk(self, user: str) -> Conversation:
        """A new conversation with a user."""
        return Conversation(self, user)

    def vector(self, words: str) -> F32:
        """[d] the words in the heads' space."""
        return self.engine.vector_of(words)

    def read(self, x: F32) -> F64:
        """p [intents] of a vector, by the engine's heads."""
        world = self.engine.model.world
        parents = np.asarray(world.taxonomy.category_of[: len(world.taxonomy.dimensions)])
        M_C, M_D = world.heads.both(world.taxonomy, x)
        return M_C[parents] * M_D

    def likeness(self, x: F32) -> float:
        """Largest cosine of a vector to an answer's text or a confirmed question, in [-1, 1]."""
        world = self.engine.model.world
        if self._of != self.engine.model.fitted:  # another space: the same words stand elsewhere in it
            rows = [self.vector(text) for text in self._questions]
            self._near = np.stack(rows) if rows else np.zeros((0, world.dim), np.float32)
            self._of = self.engine.model.fitted
        live = world.catalogue.vectors[world.catalogue.live()]
        return max(float((each @ x).max(initial=-1.0)) for each in (live, self._near))

    def learn(self, user: str, words: str, path: Path, item: str, likeness: float) -> None:
        """A confirmed answer: an event, and its words an example of the intent."""
        self._told.append(likeness)
        self.engine.observe(Event(user=user, item=item, kind="confirm", context={LIKENESS: f"{likeness:.6g}"}))
        self.engine.add_category(path[0], dimension=path[1], examples=[words])
        self._questions.append(words)
        self._near = np.concatenate([self._near, self.vector(words)[None]])[-KNOWN:]


@dataclass
class Conversation:
    """One user's question and what followed from it; made by `Desk.talk`."""

    desk: Desk
    user: str
    words: list[str] = field(default_factory=list[str])
    turn: Turn | None = None

    def __post_init__(self) -> None:
        self._allowed: F64 = np.ones(self._size())
        self._logs: F64 = np.zeros(self._size())
        self._likeness = 0.0

    def say(self, words: str) -> Turn:
        """What the user says: a question, more about it, or the number or name of an option.

        Raises:
            InvalidRecord: nothing is said.
        """
        if not words.strip():
            raise InvalidRecord("desk.words", words, "say something")
        option = self._option(words)
        if option is not None:
            return self.choose(option)
        x = self.desk.vector(words)
        p, first = self.desk.read(x), not self.words
        self.words.append(words)
        self._grow()
        self._logs += np.log(np.maximum(p, FLOOR))
        if first:
            self._likeness = self.desk.likeness(x)
            if self._likeness < self.desk.floor:
                near = self._paths(np.argsort(-p, kind="stable")[:DOUBT])
                names = ", ".join(intent for _, intent in near)
                return self._say(Turn("outside", f"I can't help with that. The nearest I know: {names}?", options=near))
        return self._next()

    def choose(self, option: int) -> Turn:
        """The user chooses an option of the last turn, counted from 1.

        Raises:
            InvalidRecord: there is no such option.
        """
        options = self.turn.options if self.turn is not None else ()
        if not 1 <= option <= len(options):
            raise InvalidRecord("desk.option", option, f"give 1 to {len(options)}" if options else "ask first")
        self._grow()
        chosen = options[option - 1]
        self._allowed *= [float(path[: len(chosen)] == chosen) for path in self._paths(range(len(self._allowed)))]
        return self._next()

    def reject(self) -> Turn:
        """What was given or asked about is not it: it is out, and the next thing is asked or answered.

        Raises:
            Refused: nothing was given yet.
        """
        if self.turn is None:
            raise Refused("there is nothing to reject yet", fix="say something first")
        self._grow()
        gone = {self.turn.path} if self.turn.kind == "answer" else set(self.turn.options)
        self._allowed *= [
            float(not any(path[: len(out)] == out for out in gone)) for path in self._paths(range(len(self._allowed)))
        ]
        if self.turn.kind == "answer":
            self.desk.engine.observe(Event(user=self.user, item=self.turn.item, kind="reject"))
        return self._next()

    def confirm(self) -> None:
        """The answer was right: it is learned when this returns.

        Raises:
            Refused: the last turn was no answer.
        """
        turn = self.turn
        if turn is None or turn.kind != "answer" or len(turn.path) != 2:
            raise Refused("there is no answer to confirm", fix="confirm a turn of the kind `answer`")
        self.desk.learn(self.user, self.words[0], turn.path, turn.item, self._likeness)

    def belief(self) -> F64:
        """b [intents]; zeros if all was refused."""
        logs = np.where(self._allowed > 0, self._logs, -np.inf)
        if not np.isfinite(logs).any():
            return np.zeros(len(logs))
        b = np.exp(logs - logs.max())
        return b / b.sum()

    def _next(self) -> Turn:
        b = self.belief()
        if not b.any():
            return self._say(Turn("none", "I have no other answer to that."))
        best = int(np.argmax(b))
        path, left = self._paths([best])[0], int((self._allowed > 0).sum())
        if b[best] >= self.desk.sure or left == 1:
            item, text = self._answer(best)
            return self._say(Turn("answer", text, path, item, sure=float(b[best])))
        taxonomy = self.desk.engine.model.world.taxonomy
        domains = np.bincount(np.asarray(taxonomy.category_of[: len(b)]), b, len(taxonomy.categories))
        open_domains = np.flatnonzero(np.bincount(np.asarray(taxonomy.category_of[: len(b)]), self._allowed))
        if domains.max() < MASS and len(open_domains) > 1:
            order = np.argsort(-domains, kind="stable")[:DOUBT]
            options: tuple[tuple[str, ...], ...] = tuple(
                (taxonomy.categories.ids[int(c)],) for c in order if domains[c] > 0
            )
        else:
            options = self._paths([int(d) for d in np.argsort(-b, kind="stable")[:DOUBT] if b[d] > 0])
        return self._say(Turn("question", f"Is it about {' or '.join(o[-1] for o in options)}?", options=options))

    def _answer(self, intent: int) -> tuple[str, str]:
        """(id, text) of the answer that stands under an intent and was confirmed most; of no item, ("", ...)."""
        world = self.desk.engine.model.world
        catalogue = world.catalogue
        rows = np.flatnonzero(
            (catalogue.dimensions[: len(catalogue)] == intent).any(1) & catalogue.shown[: len(catalogue)]
        )
        if not len(rows):
            return "", "There is no answer under that yet."
        ids = [catalogue.rows.ids[int(row)] for row in rows]
        if len(ids) > 1:
            own = set(ids)
            told = self.desk.engine.recommend(
                self.user, n=min(1000, len(catalogue)), request=self.words[0], repeats=True
            )
            ids = [r.item for r in told if r.item in own] or ids
        return ids[0], self.desk.engine.item(ids[0]).text

    def _option(self, words: str) -> int | None:
        options = self.turn.options if self.turn is not None else ()
        said = words.strip().casefold()
        names = [option[-1].casefold() for option in options]
        if said.isdecimal() and 1 <= int(said) <= len(options):
            return int(said)
        return names.index(said) + 1 if said in names else None

    def _paths(self, rows: Iterable[int]) -> tuple[Path, ...]:
        taxonomy = self.desk.engine.model.world.taxonomy
        return tuple(taxonomy.path_of_dimension(int(row)) for row in rows)

    def _size(self) -> int:
        return len(self.desk.engine.model.world.taxonomy.dimensions)

    def _grow(self) -> None:
        """Intents that came to exist since the conversation began take part from now on."""
        more = self._size() - len(self._allowed)
        if more > 0:
            self._allowed = np.append(self._allowed, np.ones(more))
            self._logs = np.append(self._logs, np.full(more, float(self._logs.min(initial=0.0))))

    def _say(self, turn: Turn) -> Turn:
        self.turn = turn
        return turn
