"""What is to be predicted, read from a task's file (see penchant/evaluate/exchange.py), and how an answer is kept.

This runs in the peers' environment, which knows nothing of penchant: the files are all that the two share.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Log:
    """Events in order; users and items by row. `value` is the rating, NaN where there is none."""

    user: Rows
    item: Rows
    value: Floats
    users: int
    items: int

    def __len__(self) -> int:
        return len(self.user)

    def head(self, count: int) -> Log:
        """The first so many events."""
        return Log(self.user[:count], self.item[:count], self.value[:count], self.users, self.items)

    def sequences(self) -> dict[int, Rows]:
        """Items by user, oldest first."""
        order = np.argsort(self.user, kind="stable")
        whose, begins = np.unique(self.user[order], return_index=True)
        return dict(zip(whose.tolist(), np.split(self.item[order], begins[1:]), strict=True))

    def counts(self) -> Floats:
        """[items] how often each was taken."""
        return np.bincount(self.item, minlength=self.items).astype(np.float64)

    def matrix(self) -> sparse.csr_matrix:
        """[users, items] 1 where taken, float32."""
        ones = np.ones(len(self), np.float32)
        matrix = sparse.csr_matrix((ones, (self.user, self.item)), (self.users, self.items))
        matrix.data[:] = 1.0
        return matrix


@dataclass(frozen=True)
class Task:
    """Events 0 to first - 1 train; those of `predicted` are predicted; `open` items are in the race."""

    id: str
    name: str
    log: Log
    first: int
    predicted: Rows
    open: npt.NDArray[np.bool_]

    @classmethod
    def read(cls, path: str | Path) -> Task:
        with np.load(path, allow_pickle=False) as file:
            about = json.loads(str(file["about"]))
            if about["format"] != "penchant-task-1":
                raise SystemExit(f"{path} is not a file of format penchant-task-1")
            log = Log(
                file["user"].astype(np.int64), file["item"].astype(np.int64), file["value"].astype(np.float64),
                len(about["users"]), len(about["items"]),
            )  # fmt: skip
            return cls(
                about["id"], about["name"], log, about["first"], file["predicted"].astype(np.int64), file["open"]
            )

    def validation(self, predictions: int) -> Task:
        """The window before the first prediction: of what may be trained on, the last quarter is predicted instead.

        Args:
            predictions: about how many; every so manieth event of the window.
        """
        first = self.first * 3 // 4
        step = max((self.first - first) // predictions, 1)
        return Task(self.id, self.name, self.log.head(self.first), first, np.arange(first, self.first, step), self.open)


class Histories:
    """What the user of an event took before it.

    >>> log = Log(np.array([0, 1, 0]), np.array([5, 6, 7]), np.zeros(3), 2, 8)
    >>> Histories(log)[2].tolist()
    [5]
    """

    def __init__(self, log: Log) -> None:
        self._user = log.user
        self._of = log.sequences()
        self._position = np.empty(len(log), np.int64)
        seen = np.zeros(log.users, np.int64)
        for event, user in enumerate(log.user.tolist()):
            self._position[event] = seen[user]
            seen[user] += 1

    def __getitem__(self, event: int) -> Rows:
        return self._of[int(self._user[event])][: self._position[event]]


def matrix_of(histories: Sequence[Rows], items: int) -> sparse.csr_matrix:
    """[histories, items] 1 where taken, float32."""
    lengths = [len(history) for history in histories]
    rows = np.repeat(np.arange(len(histories)), lengths)
    columns = np.concatenate(histories) if sum(lengths) else np.zeros(0, np.int64)
    matrix = sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), (len(histories), items))
    matrix.data[:] = 1.0
    return matrix


def rank(scores: Floats, target: int, had: Rows, is_open: npt.NDArray[np.bool_]) -> tuple[float, Rows]:
    """(items before the target, of those that tie with it half; the ten best) among the open ones not had.

    >>> rank(np.array([3.0, 2.0, 2.0, 9.0]), 1, np.array([3]), np.ones(4, bool))
    (1.5, array([0, 1, 2]))
    """
    race = is_open.copy()
    race[had] = False
    race[target] = True
    rows = np.flatnonzero(race)
    mine, own = scores[rows], scores[target]
    before = float((mine > own).sum() + ((mine == own).sum() - 1) * 0.5)
    best = min(10, len(rows))
    top = np.argpartition(-mine, best - 1)[:best]
    return before, rows[top[np.argsort(-mine[top], kind="stable")]]


def ndcg(ranks: Floats, k: int = 10) -> float:
    """Mean NDCG@k of single right items at these ranks."""
    return float(np.where(ranks < k, 1.0 / np.log2(ranks + 2.0), 0.0).mean()) if len(ranks) else 0.0


def write_ranks(path: Path, about: Mapping[str, Any], ranks: Floats, top: npt.NDArray[np.int32]) -> None:
    """Keep an answer, of format penchant-ranks-1."""
    text = json.dumps({"format": "penchant-ranks-1", **about}, ensure_ascii=False)
    np.savez_compressed(path, about=np.array(text), rank=ranks, top=top)


def read_ranks(path: Path) -> tuple[dict[str, Any], tuple[Floats, npt.NDArray[np.int32]]]:
    """(what is said about an answer, (ranks, the ten best))."""
    with np.load(path, allow_pickle=False) as file:
        return json.loads(str(file["about"])), (file["rank"], file["top"])
