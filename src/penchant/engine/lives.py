"""Whole lives: a guest becomes a user, one person's data is exported, a person is forgotten."""

from __future__ import annotations

import time as clock
from pathlib import Path
from typing import Any

import numpy as np

from penchant.engine.asking import Asking
from penchant.engine.core import log
from penchant.errors import Refused, StoreError, UnknownId
from penchant.interest.model import Model
from penchant.interest.replay import catch_up, encoders_used
from penchant.trust.erase import Receipt, erase, keep, receipts, settle_trained

BACKUPS = "backups"


class Lives(Asking):
    """The methods about a person or a catalogue as a whole."""

    def export(self, user: str) -> dict[str, Any]:
        """Everything there is about one user, JSON-able: all records of the log, and the profile.

        Raises:
            UnknownId: nothing is known of them. Refused: they were forgotten.
        """
        self._admit(user, "export.user")
        self._journal.flush()
        ids = self._ids(user)
        entries = [e for id in ids for e in self.store.entries(user=id)]
        if not entries:
            raise UnknownId(f"nothing is known of user {user!r}", fix="check the id")
        entries.sort(key=lambda e: e.seq)
        return {
            "user": user,
            "ids": ids,
            "version": self.version,
            "records": [
                {
                    "seq": e.seq,
                    "type": e.type,
                    "time": e.time,
                    "id": e.id,
                    "user": e.user,
                    "item": e.item,
                    "body": e.body,
                }
                for e in entries
            ],
            "profile": self.profile(user).to_dict(),
        }

    def forget(self, user: str) -> Receipt:
        """Forget a user: blocked at once, rows and memory removed; what they taught is unlearned in the background.

        The state is replayed from the log without them; until that is done (`receipt.wait()`), answers to others still
        come from parameters that had learned from them. Backups made before are listed, for you to delete.

        Raises:
            UnknownId: nothing is known of them. Refused: they were forgotten before, or merged into another user.
        """
        self._writable()
        ids = self._ids(user)
        if ids[0] != user:
            raise Refused(f"user {user!r} was merged into {ids[0]!r}", fix=f"forget {ids[0]!r}")
        self._journal.forget(set(ids))
        for id in ids:
            self._lately.pop(id, None)
        known = any(True for id in ids for _ in self.store.entries(user=id, limit=1))
        if not known or not self.store.is_blocked(user):  # blocked, with rows: an erasure that failed is tried again
            self._admit(user, "forget.user")
        if not known:
            raise UnknownId(f"nothing is known of user {user!r}", fix="check the id")
        receipt = self._receipt()
        with self._saving, self._lock, self._gate.shut():
            ids = self._ids(user)
            # anew, now that no training can be let in: one that began before this moment may have seen them
            receipt.at = clock.time()
            self._note_trained(receipt)
            keep(self.store, receipt)
            for id in reversed(ids):  # the user last: after a crash on the way, forgetting them again finds the rest
                self.store.block(id)
                self._known.discard(id)
            self._erasures += 1
            row = self.model.user(user)
            if row is not None:
                self.model.world.memory.clear(row)
                self.model.world.wishes.clear(row)
                self._had.drop(row)
            erased, hashes = erase(self.store, ids, encoders_used(self.store))
            self._book.drop(hashes)
            self._snapshot = 0
        receipt.clean("memory", "their record in memory is empty")
        receipt.clean("log", f"{erased.log} rows removed, and their bytes overwritten")
        receipt.clean("vectors", f"{erased.vectors} vectors of their own words removed")
        receipt.clean("snapshots", f"{erased.snapshots} removed; the next is made without them")
        keep(self.store, receipt)
        self._start(self._unlearn, receipt)
        return receipt

    def _receipt(self) -> Receipt:
        """A receipt with every place, kept before anything is done, so that a crash on the way is seen and made up."""
        receipt = Receipt.new()
        for name in ("memory", "log", "vectors", "snapshots"):
            receipt.pending(name, "being removed")
        receipt.pending("parameters", "being replayed from the log without them")
        self._note_trained(receipt)
        backups: list[str] = self.store.get_meta(BACKUPS) or []
        if backups:
            receipt.pending("backups", f"made before and still holding them, delete: {', '.join(backups)}")
        else:
            receipt.clean("backups", "none was made by penchant")
        keep(self.store, receipt)
        return receipt

    def _note_trained(self, receipt: Receipt) -> None:
        if any(True for _ in self.store.entries(types=["trained"], limit=1)):
            receipt.pending("trained evidence", "trained with them: train it again (penchant train sequence)")
        else:
            receipt.clean("trained evidence", "there is none")

    def receipts(self) -> list[Receipt]:
        """What was forgotten, oldest first."""
        return receipts(self.store)

    def backup(self, target: str | Path) -> Path:
        """A consistent copy of the catalogue, taken while writing goes on; it is remembered, for erasure's sake."""
        self._writable()
        path = Path(target)
        self._journal.flush()
        self.store.backup(path)
        known: list[str] = self.store.get_meta(BACKUPS) or []
        self.store.set_meta(BACKUPS, [*(b for b in known if b != str(path)), str(path)])
        return path

    def verify(self) -> bool:
        """Whether the whole log, replayed from nothing, gives the very state that is in use, bit for bit."""
        fresh = Model(self.settings, self._book, self._more)
        with self._lock:
            catch_up(fresh, self.store, self.encoder.id)
            ours, theirs = self.model.states(), fresh.states()
        same = ours.keys() == theirs.keys() and self.model.meta() == fresh.meta()
        return same and all(np.array_equal(ours[name], theirs[name]) for name in ours)

    def _unlearn(self, receipt: Receipt) -> None:
        """Replay the log without them, then say so."""
        try:
            self._replay()
            receipt.clean("parameters", "replayed from the log without them")
            keep(self.store, receipt)
            with self._lock:
                if self._replayed == self._erasures:  # a training since then may have settled what was just kept
                    settle_trained(self.store)
            self._save_aside()
        except Exception as error:
            log.error("forget: the replay failed, it is done again when the catalogue is opened next: %s", error)
        finally:
            receipt.finish()

    def _replay(self) -> None:
        """Replay the log beside the live model, then change places; one at a time, anew if more is erased meanwhile."""
        with self._replaying:
            while self._replayed < self._erasures:
                erasures = self._erasures
                fresh = Model(self.settings, self._book, self._more)
                try:
                    catch_up(fresh, self.store, self.encoder.id)
                except StoreError:
                    if erasures == self._erasures:  # else a vector may have gone with whom it belonged to
                        raise
                    continue
                with self._lock:
                    if erasures != self._erasures:
                        continue
                    catch_up(fresh, self.store, self.encoder.id)
                    fresh.version = max(fresh.version, self.model.version)
                    self._rebind(fresh)
                    self._replayed = erasures
