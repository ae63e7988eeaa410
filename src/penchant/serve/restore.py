"""Restoring a catalogue from one of its backups while the service runs.

The backup is made ready beside the running catalogue, which answers meanwhile. Then the catalogue closes, what it was
is kept as one more backup, the other takes its place in one transaction, and it opens again: a few seconds in all.
Whatever fails, the catalogue is what it was.
"""

from __future__ import annotations

import logging
import shutil
import threading
import time as clock
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from penchant.engine.lives import BACKUPS
from penchant.engine.restoring import Step, carry_over, make_ready
from penchant.errors import PenchantError, Refused, StoreBusy
from penchant.records import Draft
from penchant.serve.faults import NotReady
from penchant.serve.host import Catalogue, Host
from penchant.store import SqliteStore, open_store
from penchant.store.connections import Connections
from penchant.store.restoring import put_in

log = logging.getLogger("penchant.serve")
RESTORED = "restored"  # beside the log: what was restored last
PATIENCE = 60.0  # seconds in which the catalogue as it was must be open again
_restoring = threading.Lock()


@dataclass(frozen=True, slots=True)
class Restored:
    """A restore that was done.

    Attributes:
        at: UTC seconds.
        file: name of the backup.
        before: path of the backup that holds the catalogue as it was before.
    """

    at: float
    file: str
    before: str


def last_restored(catalogue: Catalogue) -> Restored | None:
    """The latest restore, if there was one."""
    found: dict[str, Any] | None = catalogue.engine.store.get_meta(RESTORED)
    return None if found is None else Restored(found["at"], found["file"], found["before"])


def restore(host: Host, name: str, backup: Path, progress: Step) -> Restored:
    """Bring the tenant's catalogue back to one of its backups. Events since then are not in it any more.

    Who was forgotten since then stays forgotten, with the receipts; versions go on counting; the encoder stays. The
    other settings are those of the backup. What the catalogue was is kept as one more backup.

    Args:
        backup: one that the catalogue remembers.
        progress: called with (phase, done, in all).

    Raises:
        Refused: this host only reads, the catalogue is no file, another restore is under way, or the backup is none of
            this catalogue's.
        StoreError: the backup is damaged or gone, or there is no room.
        NotReady: the catalogue isn't open. In all of these it is what it was.
    """
    catalogue = host.catalogue(name)
    engine = catalogue.engine
    place = engine.store.path if isinstance(engine.store, SqliteStore) else None
    if host.settings.read_only:
        raise Refused("this service only reads", fix="restore where the catalogue is written to")
    if place is None:
        raise Refused(
            "a catalogue in PostgreSQL is not restored while it serves", fix="use penchant migrate-store, see the docs"
        )
    if str(backup) not in (engine.store.get_meta(BACKUPS) or []):
        raise Refused(f"{backup.name} is no backup of this catalogue", fix="take one from the list")
    if not _restoring.acquire(blocking=False):
        raise Refused("another restore is under way", fix="wait until it has ended")
    beside = place.with_name(f".{place.name}.restoring")
    try:
        shutil.rmtree(beside, ignore_errors=True)  # of one that was cut off
        beside.mkdir()
        copy = beside / place.name
        make_ready(engine, backup, copy, host.opener, progress)
        progress("swap", 0, 1)
        swap = _Swap(place, copy, backup)
        try:
            host.reopen(name, None, swap)
        except Exception:
            if swap.swapped:  # it could be opened a moment ago: a full disk, say
                _put_back(host, name, place, Path(swap.done.before))
            else:
                with suppress(PenchantError):
                    host.catalogue(name)
            raise
        progress("swap", 1, 1)
        log.info("catalogue %s: restored from %s; what it was is in %s", name, backup.name, swap.done.before)
        return swap.done
    finally:
        shutil.rmtree(beside, ignore_errors=True)
        _restoring.release()


class _Swap:
    """What is done between the catalogue's closing and its opening."""

    def __init__(self, place: Path, copy: Path, backup: Path) -> None:
        self._place, self._copy = place, copy
        now = clock.time()
        stamp = clock.strftime("%Y%m%d-%H%M%S", clock.gmtime(now))
        self.done = Restored(now, backup.name, str(backup.with_name(f"{stamp}-before-restore.db")))
        self.swapped = False

    def __call__(self) -> None:
        with closing(SqliteStore(self._place)) as live:
            live.backup(Path(self.done.before))
            live.set_meta(BACKUPS, [*(live.get_meta(BACKUPS) or []), self.done.before])
            carry_over(live, self._copy)  # what came since it was made ready
            with closing(open_store(self._copy)) as new:
                new.append([Draft("restore", self.done.at, {"file": self.done.file})])
                new.set_meta(RESTORED, {"at": self.done.at, "file": self.done.file, "before": self.done.before})
            put_in(cast(Connections, live.database), self._copy)
            self.swapped = True


def _put_back(host: Host, name: str, place: Path, before: Path) -> None:
    """The catalogue as it was takes its place again, and opens."""
    log.error("catalogue %s: what was restored can't be opened; it is put back as it was", name)
    ended = clock.monotonic() + PATIENCE
    while clock.monotonic() < ended:
        with suppress(StoreBusy), closing(SqliteStore(place)) as live:  # busy: it is being tried once more
            put_in(cast(Connections, live.database), before)
            break
        clock.sleep(0.1)
    while clock.monotonic() < ended:
        try:
            host.catalogue(name)
            return
        except NotReady:
            clock.sleep(0.5)
        except PenchantError as error:
            log.error("catalogue %s: not open again: %s", name, error)
            return
