"""Words bound to the tree: utterances and requests read against the catalogue's own nodes."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from penchant.interest.fields import FieldsSeen
from penchant.interest.model import Model
from penchant.interest.taxonomy import SEPARATOR
from penchant.language.chat import ChatModel
from penchant.language.chat.readings import propose
from penchant.language.clauses import fold
from penchant.language.encoder import Vectors
from penchant.language.lasting import time_scope
from penchant.language.nodes import PHRASES, REQUESTS, REQUESTS_HAN, NodeName, NodeNames, Noun
from penchant.language.scope import NODES, Scope
from penchant.language.titles import Titles
from penchant.language.tongues import tongue_of
from penchant.language.utterance import Reading, read_utterance
from penchant.language.vectors import VectorBook, content_hash

MOST_NODES = 2000  # dimensions beyond these are found by meaning alone
SCOPE_SAMPLE = 300  # items that show what the catalogue is about
SAMPLE = 200  # items looked at for what a node's items are like


class Speech:
    """Reads what is said, with the names of the tree's nodes; made anew when the tree grows.

    Args:
        keep: whether the names' vectors go to the store, a cache for the next opening; a reader can't write them.
        chat: proposes more of what a request means; statements are read by the rules alone.
    """

    def __init__(self, model: Model, book: VectorBook, *, keep: bool = True, chat: ChatModel | None = None) -> None:
        self.model, self.book, self._keep = model, book, keep
        self._chat = chat
        self._names: NodeNames | None = None
        self._of: tuple[int, int, int] = (-1, -1, -1)
        self._means: dict[tuple[str, ...], tuple[list[str], Any]] = {}  # of a node: its chosen items, their mean
        self._scope: Scope | None = None
        self._phrases: dict[str, Vectors] = {}  # of the scope, as the book's cache may drop them
        self._scope_of: tuple[int, int, int] = (-1, -1, -1)
        self._titles = Titles()
        self._fields = FieldsSeen(model.settings.fields)
        self._looked = 0  # items whose titles and fields are known
        self._changed: dict[int, None] = {}
        self._looking = threading.Lock()

    def changed(self, row: int) -> None:
        """An item was added or changed."""
        with self._looking:
            if row < self._looked:
                self._changed[row] = None

    def anew(self) -> None:
        """Rows are other items' than they were."""
        with self._looking:
            self._titles, self._fields = Titles(), FieldsSeen(self.model.settings.fields)
            self._looked = 0
            self._changed.clear()

    @property
    def titles(self) -> Titles:
        """The items' titles."""
        self._look()
        return self._titles

    @property
    def fields(self) -> FieldsSeen:
        """The items' fields."""
        self._look()
        return self._fields

    def _look(self) -> None:
        """Take in what was added or changed since the last time."""
        with self._looking:
            cards = self.model.world.catalogue.cards
            many = len(cards)
            for row in (*self._changed, *range(self._looked, many)):
                self._titles.put(row, cards[row].title)
                self._fields.see(cards[row].fields)
            self._looked = many
            self._changed.clear()

    def names(self) -> NodeNames:
        """The tree's nodes, ready to be found in words."""
        taxonomy = self.model.world.taxonomy
        now = (len(taxonomy.categories), len(taxonomy.dimensions), self.model.fitted)
        if self._names is None or self._of != now:
            nodes = [NodeName((name,), name) for name in taxonomy.categories.ids]
            for row in range(min(len(taxonomy.dimensions), MOST_NODES)):
                category, dimension = taxonomy.path_of_dimension(row)
                if dimension not in taxonomy.names.get(category, ()):  # induced names are for reading, not for asking
                    nodes.append(NodeName((category, dimension), dimension.split(SEPARATOR)[-1]))
            settings = self.model.settings
            self._names = NodeNames(
                nodes,
                lambda texts: self.book.of(texts, keep=self._keep),
                noun=Noun(settings.noun, settings.noun_zh),
                items=self._items(nodes),
                before=self._names,
            )
            self._of = now
        return self._names

    def _items(self, nodes: Sequence[NodeName]) -> dict[tuple[str, ...], tuple[Any, int]]:
        """Mean vector (of the encoder's space) of up to 200 items of each node, and how many stand there."""
        world = self.model.world
        found: dict[tuple[str, ...], tuple[Any, int]] = {}
        means: dict[tuple[str, ...], tuple[list[str], Any]] = {}
        places = world.catalogue.dimensions, world.catalogue.categories
        of_dimension, of_category = (_Standing(every[: len(world.catalogue)]) for every in places)
        for node in nodes:
            hit = world.taxonomy.find(node.path)
            if hit is None:
                continue
            category, dimension = hit
            rows = of_dimension.rows(dimension) if dimension >= 0 else of_category.rows(category)
            if len(rows):
                chosen = rows[:: max(1, len(rows) // SAMPLE)][:SAMPLE]
                hashes = [world.catalogue.cards[row].hash for row in map(int, chosen)]
                known, mean = self._means.get(node.path, ([], None))
                if known != hashes:  # others stand there than the last time
                    mean = self.book.get(hashes).mean(0)
                means[node.path] = hashes, mean
                found[node.path] = mean, len(rows)
        self._means = means
        return found

    def read(self, text: str, *, keep: bool) -> Reading:
        """The clauses of an utterance (keep its vectors)."""
        return read_utterance(
            text, nodes=self.names(), encode=lambda texts: self.book.of(texts, keep=keep), titles=self.titles,
            fields=self.fields.words(), stated=True,
        )  # fmt: skip

    def contrast(self, text: str) -> float:
        """How much nearer a request is to tasks of other kinds than to this catalogue (see `language.scope`)."""

        def encode(texts: Sequence[str]) -> Vectors:
            return self.book.of(texts, keep=False)

        def kept(texts: Sequence[str]) -> Vectors:
            new = [phrase for phrase in texts if phrase not in self._phrases]
            made = dict(zip(new, encode(new), strict=True))
            for phrase in texts:
                used[phrase] = made[phrase].copy() if phrase in made else self._phrases[phrase]
            return np.stack([used[phrase] for phrase in texts])

        used: dict[str, Vectors] = {}
        names = self.names()
        if self._scope is None or self._scope_of != self._of:
            noun = names.noun
            phrases = [request.format(noun=noun.english) for request in REQUESTS]
            phrases += [request.format(noun=noun.chinese) for request in REQUESTS_HAN]
            phrases += [
                phrase.format(name=node.name.casefold(), noun=noun.english)
                for node in names.nodes[:NODES] for phrase in PHRASES
            ]  # fmt: skip
            cards = self.model.world.catalogue.cards
            live = self.model.world.catalogue.live()
            sample = live[:: max(1, len(live) // SCOPE_SAMPLE)][:SCOPE_SAMPLE]
            chosen = [cards[row].hash for row in map(int, sample)]
            items = self.book.get(chosen) if chosen else np.zeros((0, 0), np.float32)
            self._scope, self._scope_of = Scope(phrases, items, kept), self._of
            self._phrases = used
        return self._scope.contrast(text, encode)

    def read_request(self, text: str) -> Reading:
        """The clauses and constraints of a request, and what a chat model adds; none of its vectors are kept."""

        def encode(texts: Sequence[str]) -> Vectors:
            return self.book.of(texts, keep=False)

        nodes = self.names()
        reading = read_utterance(text, nodes=nodes, encode=encode, titles=self.titles, fields=self.fields.words())
        # "any good films?": of films there is nothing else to say
        told = [one for one in reading.clauses if one.nodes or one.polarity < 0 or not nodes.noun.alone(one.topic)]
        reading = replace(reading, clauses=tuple(told))
        return propose(self._chat, text, reading, nodes, encode)

    def body(self, text: str) -> dict[str, Any]:
        """Body of an utterance's entry: its clauses, each with the content hash of its kept vector, and its limits."""
        clauses: list[dict[str, Any]] = []
        reading = self.read(text, keep=False)
        for clause in reading.to_dict()["clauses"]:
            if reading.constraints and not clause["nodes"] and self.names().noun.alone(clause["topic"]):
                continue  # "films under two hours": of films there is nothing else to say
            topic = clause["topic"] or clause["text"]
            self.book.of([topic])
            clauses.append({**clause, "hash": content_hash(topic)})
        body: dict[str, Any] = {"text": text, "clauses": clauses}
        if reading.constraints:
            tongue = tongue_of(fold(text))
            hours, _ = (tongue.time_scope if tongue else time_scope)(fold(text))
            body["limits"] = {"hours": hours, "constraints": [one.to_dict() for one in reading.constraints]}
        return body


class _Standing:
    """Which items stand where: of places [items, n], one row an item, the items of each place."""

    def __init__(self, places: Any) -> None:
        items, columns = np.nonzero(places >= 0)
        found = places[items, columns]
        order = np.argsort(found, kind="stable")
        self._items, self._places = items[order], found[order]

    def rows(self, place: int) -> Any:
        """Rows of the items at that place, rising."""
        first, end = np.searchsorted(self._places, [place, place + 1])
        return np.unique(self._items[first:end])
