"""A pool of texts without labels: read once, learned from as answers come, and asked about in the order of use."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from penchant.interest.arrays import F32, I32
from penchant.interest.labels.active import density, propose
from penchant.interest.labels.answers import Answers
from penchant.interest.labels.model import LabelModel
from penchant.language.tuning.examples import Example

Question = tuple[str, list[int]]  # a text, its likeliest leaves


class Pool:
    """A model's texts without labels.

    Args:
        model: its mean and rarity of spellings are taken from the texts.
        texts: what may be asked about; doubles count once.
    """

    def __init__(self, model: LabelModel, texts: Sequence[str]) -> None:
        self.model, self.texts = model, list(dict.fromkeys(texts))
        names = [node.words for node in model.nodes]
        rows = model.fit([*names, *self.texts])
        self._names, self._x = rows[: len(names)], rows[len(names) :]
        self._row = {text: row for row, text in enumerate(self.texts)}
        self._near = density(self._x)

    def learn(self, examples: Sequence[Example]) -> None:
        """Learn anew from these examples, texts of the pool or others."""
        leaves = self.model.rows_of(examples)
        others = [example.text for example in examples if example.text not in self._row]
        elsewhere = dict(zip(others, self.model.read(others), strict=True)) if others else {}
        x: F32 = np.zeros((len(examples), self.model.dim), np.float32)
        for k, example in enumerate(examples):
            row = self._row.get(example.text)
            x[k] = elsewhere[example.text] if row is None else self._x[row]
        self.model.learn_rows(x, leaves, names=self._names)

    def left(self, answers: Answers) -> I32:
        """Rows of the texts that have no answer."""
        return np.array([row for row, text in enumerate(self.texts) if text not in answers], np.int32)

    def questions(self, answers: Answers, n: int, shown: int = 5) -> list[Question]:
        """At most n texts without an answer, the most useful first, each with its likeliest leaves."""
        rows = self.left(answers)
        if not len(rows):
            return []
        p = self.model.probabilities(self._x[rows])
        chosen = propose(p, self._x[rows], self._near[rows], n)
        return [
            (self.texts[int(rows[k])], [int(leaf) for leaf in np.argsort(-p[k], kind="stable")[:shown]])
            for k in map(int, chosen)
        ]
