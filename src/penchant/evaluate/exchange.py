"""Files by which a method that runs elsewhere, in an environment of its own, is measured on the very same predictions.

Two kinds of file, both npz (a zip of plain arrays, no pickle). Each has an array `about`: one text, JSON, which says
in `format` what the file is. numpy 1 and 2 read them: `file = np.load(path, allow_pickle=False)`, then
`json.loads(str(file["about"]))`.

**A task** (`penchant-task-1`) is what is to be predicted:

    about      format, id, name (of the data), protocol, online, first, items (ids by row), users (ids by row)
    user, item int32 [E]    rows of every event, in the order in which they are to be gone through
    time       float64 [E]  UTC seconds
    value      float64 [E]  rating or the like, NaN where there is none
    predicted  int64 [P]    the events that are predicted, ascending; all are at `first` or later
    open       bool [items] whether the item may be recommended

Events 0 to first - 1 are there to train on, all of them, before anything is predicted. For each event of `predicted`,
all that may be used of its user is what stands before it: `item[k]` of the k < event with the same user, which is more
than what was trained on. Ranked are all items that are open, and the event's own, without those that the user has had
before. Only where `online` is true may events from `first` on be learned too, each after it was predicted.
(Leave-one-out puts the events that are held out behind all others, so that the same rule holds.)

**Ranks** (`penchant-ranks-1`) are what a method answers:

    about      format, task (the task's id), name (of the method), settings (an object: whatever reproduces it),
               train_seconds, predict_seconds (all predictions together; null: not measured), note (optional)
    rank       float64 [P]  items before the right one, 0 for the top; of those that tie with it, half
    top        int32 [P, k] optional: rows of the k best, best first, -1 where there are fewer; k = 10 for coverage

The id of a task is made of all that it holds, so ranks of other predictions can't be taken for these.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from penchant.errors import InvalidRecord

TASK, RANKS = "penchant-task-1", "penchant-ranks-1"
Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int32]
Indexes = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be predicted; see above for the fields.

    >>> task = Task("toy", "prequential", True, ["x", "y"], ["ann"], np.zeros(2, np.int32),
    ...             np.arange(2, dtype=np.int32), np.arange(2.0), np.full(2, np.nan), 1, np.array([1]),
    ...             np.ones(2, np.bool_))
    >>> task.had(1).tolist(), task.candidates(1).tolist(), len(task.id)
    ([0], [1], 64)
    """

    name: str
    protocol: str
    online: bool
    items: list[str]
    users: list[str]
    user: Rows
    item: Rows
    time: Floats
    value: Floats
    first: int
    predicted: Indexes
    open: Bools

    @property
    def id(self) -> str:
        """SHA-256 of all that it holds, hexadecimal."""
        digest = hashlib.sha256()
        digest.update(json.dumps([self.protocol, self.online, self.first, self.items, self.users]).encode())
        for array in (self.user, self.item, self.time, self.value, self.predicted, self.open):
            little = array.astype(array.dtype.newbyteorder("<"))
            digest.update(little.tobytes())
        return digest.hexdigest()

    def had(self, event: int) -> Rows:
        """Rows of what the event's user took before it, oldest first (slow; for one event, not for all)."""
        return self.item[:event][self.user[:event] == self.user[event]]

    def candidates(self, event: int) -> npt.NDArray[np.intp]:
        """Rows of the items that are ranked for the event (slow; for one event, not for all)."""
        race = self.open.copy()
        race[self.had(event)] = False
        race[self.item[event]] = True
        return np.flatnonzero(race)

    def write(self, path: str | Path) -> None:
        """Write the file."""
        about = {
            "format": TASK, "id": self.id, "name": self.name, "protocol": self.protocol, "online": self.online,
            "first": self.first, "items": self.items, "users": self.users,
        }  # fmt: skip
        arrays = {"user": self.user, "item": self.item, "time": self.time, "value": self.value}
        _write(path, about, {**arrays, "predicted": self.predicted, "open": self.open})

    @classmethod
    def read(cls, path: str | Path) -> Task:
        """The task in a file.

        Raises:
            InvalidRecord: it isn't there, is no task, or doesn't hold what its id says.
        """
        about, arrays = _read(path, TASK)
        try:
            task = cls(
                str(about["name"]), str(about["protocol"]), bool(about["online"]), list(about["items"]),
                list(about["users"]), arrays["user"].astype(np.int32), arrays["item"].astype(np.int32),
                arrays["time"].astype(np.float64), arrays["value"].astype(np.float64), int(about["first"]),
                arrays["predicted"].astype(np.int64), arrays["open"].astype(np.bool_),
            )  # fmt: skip
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidRecord("task", str(path), f"write it anew with --task ({error})") from None
        if about.get("id") != task.id:
            raise InvalidRecord("task.id", about.get("id"), "write the file anew: it is not what its id says")
        return task


@dataclass(frozen=True, slots=True)
class Ranks:
    """What a method answered to a task; see above for the fields."""

    task: str
    name: str
    rank: Floats
    top: Rows | None = None
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    train_seconds: float | None = None
    predict_seconds: float | None = None
    note: str = ""

    def write(self, path: str | Path) -> None:
        """Write the file."""
        about = {
            "format": RANKS, "task": self.task, "name": self.name, "settings": dict(self.settings),
            "train_seconds": self.train_seconds, "predict_seconds": self.predict_seconds, "note": self.note,
        }  # fmt: skip
        _write(path, about, {"rank": self.rank} if self.top is None else {"rank": self.rank, "top": self.top})

    @classmethod
    def read(cls, path: str | Path, task: Task) -> Ranks:
        """A method's answer to this very task.

        Raises:
            InvalidRecord: it isn't there, is of another task, or holds what can't be a rank.
        """
        about, arrays = _read(path, RANKS)
        if about.get("task") != task.id:
            raise InvalidRecord(
                "ranks.task", about.get("task"), f"give ranks of {task.id[:12]}…, of the same data and options"
            )
        count, items = len(task.predicted), len(task.items)
        rank = np.asarray(arrays.get("rank", ()), np.float64)
        if rank.shape != (count,):
            raise InvalidRecord("ranks.rank", rank.shape, f"give one rank for each of the {count:,} predictions")
        wrong = ~(np.isfinite(rank) & (rank >= 0) & (rank < items))
        if wrong.any():
            raise InvalidRecord("ranks.rank", float(rank[wrong][0]), f"give ranks from 0 to below {items:,}")
        top = arrays.get("top")
        if top is not None and (top.ndim != 2 or len(top) != count or not ((top >= -1) & (top < items)).all()):
            raise InvalidRecord("ranks.top", top.shape, f"give [{count:,}, k] rows of items from -1 to below {items:,}")
        return cls(
            task.id, str(about.get("name") or Path(path).stem), rank, None if top is None else top.astype(np.int32),
            dict(about.get("settings") or {}), _seconds(about, "train_seconds"), _seconds(about, "predict_seconds"),
            str(about.get("note") or ""),
        )  # fmt: skip


def _seconds(about: Mapping[str, Any], name: str) -> float | None:
    value = about.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value) or value < 0:
        raise InvalidRecord(f"ranks.{name}", value, "give seconds, or null")
    return float(value)


def _write(path: str | Path, about: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    with Path(path).open("wb") as file:  # savez would add an ending to the name
        np.savez_compressed(file, **{"about": np.array(json.dumps(about, ensure_ascii=False)), **arrays})  # pyright: ignore[reportArgumentType]


def _read(path: str | Path, kind: str) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
    """(about, arrays) of a file of this kind."""
    fix = f"give a file of format {kind}"
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        about: Any = json.loads(str(arrays.pop("about")))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, AttributeError) as error:
        raise InvalidRecord("file", str(path), f"{fix} ({error})") from None
    if not isinstance(about, dict):
        raise InvalidRecord("file", str(path), fix)
    told = cast("dict[str, Any]", about)
    if told.get("format") != kind:
        raise InvalidRecord("file", str(path), fix)
    return told, arrays
