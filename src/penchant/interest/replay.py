"""From the log to the state: the newest snapshot that fits and the tail behind it, or everything from nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from penchant.config import Settings
from penchant.interest.arrays import Arrays
from penchant.interest.evidence import Evidence
from penchant.interest.model import Model
from penchant.interest.state import SCHEMA, Vectors
from penchant.records import Entry
from penchant.store.base import Snapshot, Store

Progress = Callable[[int, int], None]
AHEAD = 2048  # entries whose vectors are read at once


def restore(
    store: Store,
    settings: Settings,
    vectors: Vectors,
    encoder: str,
    more: Mapping[str, type[Evidence]] | None = None,
    progress: Progress | None = None,
    *,
    until: int | None = None,
) -> tuple[Model, int]:
    """The model at the end of the log, or at entry `until`; and the seq of the snapshot it began from, 0: from nothing.

    A snapshot fits if it was made under the same settings, but for the policy's rules: they act when something is
    recommended, and no state depends on them.
    """
    wanted = learned_under(settings.model_dump(mode="json"))
    for snapshot in store.snapshots():
        meta = snapshot.meta
        space = meta.get("space")
        same_encoder = space is None or space["encoder"] == encoder
        early = until is None or snapshot.seq <= until
        if early and meta.get("schema") == SCHEMA and learned_under(meta["settings"]) == wanted and same_encoder:
            model = Model(settings, vectors, more)
            model.load(snapshot.seq, meta, snapshot.arrays)
            catch_up(model, store, encoder, progress, until=until)
            return model, snapshot.seq
    model = Model(settings, vectors, more)
    catch_up(model, store, encoder, progress, until=until)
    return model, 0


def learned_under(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the settings that a state depends on, through JSON, as a snapshot's went: tuples there are lists."""
    policy = {name: value for name, value in settings["policy"].items() if name != "rules"}
    return json.loads(json.dumps({**settings, "policy": policy}))


def read_ahead(entries: Iterable[Entry], vectors: Vectors) -> None:
    """Ask for the vectors of these entries' items at once, so that applying one after the other finds them at hand."""
    hashes = [entry.body["hash"] for entry in entries if entry.type == "item"]
    if len(hashes) > 1:
        vectors.get(hashes)


def _with_vectors(entries: Iterable[Entry], vectors: Vectors) -> Iterator[Entry]:
    log = iter(entries)
    while group := list(islice(log, AHEAD)):
        read_ahead(group, vectors)
        yield from group


def catch_up(
    model: Model, store: Store, encoder: str, progress: Progress | None = None, *, until: int | None = None,
    apply: Callable[[Entry], None] | None = None,
) -> None:  # fmt: skip
    """Apply what the log holds beyond the model's version, up to `until` if it is given, by `apply` if that is given.

    Fits made with another encoder are passed over; the first one made with this encoder is taken at the first of them,
    so that a log whose encoder was changed replays as if it had always had this one.
    """
    last, first = store.last_seq() if until is None else until, model.version
    hoisted = _hoisted(store, encoder) if model.space is None else None
    apply = apply or model.apply
    for entry in _with_vectors(store.entries(after=model.version, until=until), model.vectors):
        if entry.type == "fit" and entry.body["space"]["encoder"] != encoder:
            if hoisted is not None:
                apply(Entry(entry.seq, "fit", entry.time, hoisted.body))
                hoisted = None
            model.version = entry.seq
            continue
        if entry.type == "fit":
            hoisted = None
        apply(entry)
        if progress is not None and (entry.seq % 500 == 0 or entry.seq >= last):
            progress(entry.seq - first, last - first)
    model.version = max(model.version, last)  # the last entries may have been erased: versions never go back


def encoder_in_use(store: Store) -> str | None:
    """Id of the encoder of the newest fit, which is what changes it; before any fit, what the catalogue began with."""
    fit = next(store.entries(types=["fit"], newest_first=True, limit=1), None)
    return store.get_meta("encoder") if fit is None else fit.body["space"]["encoder"]


def encoders_used(store: Store) -> list[str]:
    """Ids of all encoders that vectors may be of, those of a change that was begun included."""
    known: list[str] = store.get_meta("encoders") or []
    first: str | None = store.get_meta("encoder")
    fits: list[str] = [e.body["space"]["encoder"] for e in store.entries(types=["fit"])]
    return list(dict.fromkeys([*known, *fits, *([] if first is None else [first])]))


def _hoisted(store: Store, encoder: str) -> Entry | None:
    return next((e for e in store.entries(types=["fit"]) if e.body["space"]["encoder"] == encoder), None)


def room_for(shapes: Mapping[str, tuple[tuple[int, ...], np.dtype[Any]]]) -> Arrays:
    """Arrays of these shapes, written to once: a copy into memory never written to takes ten times as long.

    >>> {name: array.tolist() for name, array in room_for({"a": ((2,), np.dtype(np.int8))}).items()}
    {'a': [0, 0]}
    """
    made = {name: np.empty(shape, kind) for name, (shape, kind) in shapes.items()}
    for array in made.values():
        array.fill(0)
    return made


def snapshot_of(model: Model, room: Arrays | None = None, *, at_rest: bool = False) -> Snapshot:
    """The model's state, its arrays copied, so that it can be written while learning goes on.

    Args:
        room: arrays to copy into where they are as large as the state's; see `room_for`.
        at_rest: nothing is learned until it is written, so no copy, which takes as much memory again, is needed.
    """
    arrays = model.states()
    if not at_rest:
        arrays = {name: _copied(array, (room or {}).get(name)) for name, array in arrays.items()}
    return Snapshot(model.version, model.meta(), arrays)


def _copied(array: npt.NDArray[Any], into: npt.NDArray[Any] | None) -> npt.NDArray[Any]:
    if into is None or into.shape != array.shape or into.dtype != array.dtype:
        return array.copy()
    np.copyto(into, array)
    return into
