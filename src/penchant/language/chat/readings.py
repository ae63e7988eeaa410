"""A structured reading of a request, proposed by a chat model and checked against schema and catalogue.

The rules (`read_utterance`) read first: where clauses begin and end, what is for and what is against. The model may add
nodes to a clause that names none by its very name. It adds nothing if anything in its answer fails: a node that is not
in the tree, words that were not said, a clause that it reads the other way round, a node that the rules read against.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from penchant.language.chat.model import ChatModel
from penchant.language.chat.quoting import plain, speaks_to_a_model
from penchant.language.nodes import Encode, NodeNames
from penchant.language.utterance import Clause, Reading

SHOWN = 24  # nodes that the model chooses among, the nearest in meaning
WEIGHT = 0.8  # of a node that the model adds

TASK = (
    "The data holds what a person asks for and a numbered list of categories of {noun}s. For each part of the request "
    "that means one or more of the categories, give the part's words exactly as they stand, whether the person wants "
    "it (true) or doesn't (false), and the categories' numbers. Leave out parts that mean none. Answer in the form "
    '{{"parts": [{{"words": "...", "wanted": true, "categories": [3]}}]}}'
)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")
    words: str = Field(min_length=1, max_length=400)
    wanted: bool
    categories: list[int] = Field(min_length=1, max_length=4)


class _Parts(BaseModel):
    model_config = ConfigDict(extra="forbid")
    parts: list[_Part] = Field(max_length=6)


def propose(chat: ChatModel | None, text: str, reading: Reading, names: NodeNames, encode: Encode) -> Reading:
    """The reading with what the model adds to it; the reading itself where that fails or there is nothing to add.

    Args:
        chat: None: nothing is added.
        text: the request.
        reading: of the rules.
        names: the tree's nodes.
        encode: texts to unit vectors.
    """
    if chat is None or not names.nodes or not reading.clauses or speaks_to_a_model(text):
        return reading
    scores = names.scores(text, encode)
    nearest = [int(j) for j in np.argsort(-scores, kind="stable")[:SHOWN]]
    shown = {str(k): " › ".join(names.nodes[j].path) for k, j in enumerate(nearest, 1)}
    answer = chat.ask(
        TASK.format(noun=names.noun.english), {"request": text, "categories": shown}, _Parts,
        check=lambda given: _wrong_with(given, reading, [names.nodes[j].path for j in nearest]),
        most_tokens=300, personal=True,
    )  # fmt: skip
    if answer is None:
        return reading
    clauses = list(reading.clauses)
    for part in answer.parts:
        where = _clause_of(part, clauses)
        assert where is not None  # the check has seen to it
        known = {path for path, _ in clauses[where].nodes}
        more = [(names.nodes[nearest[number - 1]].path, WEIGHT) for number in dict.fromkeys(part.categories)]
        added = tuple((path, weight) for path, weight in more if path not in known)
        clauses[where] = replace(clauses[where], nodes=clauses[where].nodes + added)
    return replace(reading, clauses=tuple(clauses))


def _clause_of(part: _Part, clauses: Sequence[Clause]) -> int | None:
    """Index of the clause that holds the part's words and has its direction."""
    words = plain(part.words).strip(" .,;!?，。；！？")
    for k, clause in enumerate(clauses):
        if words and words in plain(clause.text) and (clause.polarity > 0) == part.wanted:
            return k
    return None


def _wrong_with(given: _Parts, reading: Reading, paths: Sequence[tuple[str, ...]]) -> str | None:
    against = {True: reading.nodes(-1), False: reading.nodes(1)}
    seen: dict[tuple[str, ...], bool] = {}
    for part in given.parts:
        if _clause_of(part, reading.clauses) is None:
            return "words that were not said, or read the other way round"
        for number in part.categories:
            if not 1 <= number <= len(paths):
                return f"there is no category {number}"
            path = paths[number - 1]
            if path in against[part.wanted] or seen.setdefault(path, part.wanted) != part.wanted:
                return "a category both wanted and not"
    return None
