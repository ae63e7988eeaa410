"""Moving a catalogue from one database to the other, and proving that it arrived."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from penchant.config import Settings
from penchant.errors import StoreError
from penchant.interest.evidence import Evidence
from penchant.interest.model import Model
from penchant.interest.replay import catch_up, encoder_in_use, snapshot_of
from penchant.language.vectors import kept_vectors
from penchant.store import Store, open_store
from penchant.store.copying import copy_catalogue
from penchant.store.tables import Tables

Step = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Moved:
    """What `migrate_store` did.

    Attributes:
        source, target: the catalogues' names, without passwords.
        entries, last_seq: entries of the log, and the highest number that it has given.
        digest: SHA-256 of the log's rows, the same in both.
        version: of the state that both logs replay to, bit for bit; None if they were not replayed.
    """

    source: str
    target: str
    entries: int
    last_seq: int
    digest: str
    version: int | None

    def to_dict(self) -> dict[str, Any]:
        """As JSON-able values."""
        return asdict(self)


def migrate_store(
    source: str | Path,
    target: str | Path,
    *,
    replay: bool = True,
    evidence: Mapping[str, type[Evidence]] | None = None,
    progress: Step | None = None,
) -> Moved:
    """Copy a catalogue, SQLite to PostgreSQL or back, and verify it; the source stays as it was.

    Log, vectors, meta and tombstones are copied in one transaction and compared, row by row. Then both logs are
    replayed from nothing and their states compared, bit for bit; a snapshot of that state is left in the target.

    Args:
        source: a path or URL; nobody else may have it open for writing.
        target: a catalogue that isn't there yet, or is empty.
        replay: whether to replay.
        evidence: your own kinds by name, for settings that name them.
        progress: called with ("copying", "replaying", "comparing"), done, in all.

    Raises:
        StoreBusy: somebody writes to one of them.
        StoreError: no such source, a target that holds something, or copies that differ.
    """
    if "://" not in str(source) and not Path(source).is_file():
        raise StoreError(f"{source} doesn't exist", fix="give the path or URL of a catalogue")
    step = progress or _silently
    open_store(source, read_only=True).close()  # a mistyped URL makes no catalogue
    ours = open_store(source)
    try:
        with closing(open_store(target)) as theirs:
            here, there = cast(Tables, ours), cast(Tables, theirs)
            copied = copy_catalogue(here, there, lambda done, total: step("copying", done, total))
            names = here.database.name, there.database.name
        version = None
        if replay:
            with closing(open_store(target)) as theirs:  # anew, as it will be opened
                version = _replayed(ours, theirs, evidence or {}, step)
        return Moved(*names, copied.entries, copied.last_seq, copied.digest, version)
    finally:
        ours.close()


def _silently(what: str, done: int, total: int) -> None:
    """No progress is shown."""


def _replayed(ours: Store, theirs: Store, more: Mapping[str, type[Evidence]], step: Step) -> int:
    """The version at which both states are the same, bit for bit."""
    kept = next((e.body for e in ours.entries(types=["settings"], newest_first=True, limit=1)), None)
    if kept is None:  # no engine has opened it yet: nothing to replay
        return ours.last_seq()
    settings = Settings.load(None, kept)
    one = _state(ours, settings, more, lambda done, total: step("replaying", done, total))
    other = _state(theirs, settings, more, lambda done, total: step("comparing", done, total))
    mine, yours = one.states(), other.states()
    same = one.version == other.version and one.meta() == other.meta() and mine.keys() == yours.keys()
    if not same or any(mine[k].tobytes() != yours[k].tobytes() for k in mine):
        raise StoreError("the copy's log replays to another state", fix="remove the copy, then try again")
    if other.version:
        theirs.save_snapshot(snapshot_of(other, at_rest=True))
    return other.version


def _state(
    store: Store, settings: Settings, more: Mapping[str, type[Evidence]], step: Callable[[int, int], None]
) -> Model:
    id = encoder_in_use(store) or ""
    model = Model(settings, kept_vectors(store, id), more)
    catch_up(model, store, id, step)
    return model
