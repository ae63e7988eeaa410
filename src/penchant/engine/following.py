"""The log as it is read: record by record, by who follows another process's, and when a state takes another's place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from threadpoolctl import threadpool_limits  # pyright: ignore[reportMissingTypeStubs]

from penchant.config import Settings
from penchant.engine.core import Core
from penchant.errors import EncoderMismatch
from penchant.interest.model import Model
from penchant.interest.replay import catch_up, restore
from penchant.recommend.policy import Policy, read_rules
from penchant.records import Entry, EntryType, Event
from penchant.trust.erase import erasures


class Following(Core):
    """The methods that follow a log."""

    def refresh(self) -> int:
        """Learn what another process has written since, and unlearn whom it has forgotten; returns the version.

        Settings that it has changed count from then on: the state is rebuilt beside the one in use.

        Raises:
            EncoderMismatch: the catalogue was given another encoder; open it anew with that.
        """
        if self._replaying.acquire(blocking=False):  # else another thread is at it, and answers go on as they were
            try:
                self._follow_settings()
            finally:
                self._replaying.release()
        with self._lock:
            self._known.clear()
            self._same_encoder()
            erased = erasures(self.store)
            if erased != self._erased:
                model, self._snapshot = restore(self.store, self.settings, self._book, self.encoder.id, self._more)
                self._rebind(model)
                self._erased = erased
            catch_up(self.model, self.store, self.encoder.id, apply=self._apply)
            return self.model.version

    def records(self, after: int = 0, types: Iterable[EntryType] | None = None) -> Iterator[Entry]:
        """Entries of the log in order, after a version."""
        return self.store.entries(after=after, types=types)

    def events(self, after: int = 0) -> Iterator[Event]:
        """Events of the log in order, after a version."""
        for e in self.store.entries(after=after, types=["event"]):
            yield Event(
                user=str(e.user), item=str(e.item), kind=e.body["kind"], time=e.time, value=e.body.get("value"),
                id=e.id, request_id=e.body.get("request_id"), context=e.body.get("context") or {},
            )  # fmt: skip

    def _same_encoder(self) -> None:
        fit = next(self.store.entries(after=self.model.version, types=["fit"], newest_first=True, limit=1), None)
        if fit is not None and fit.body["space"]["encoder"] != self.encoder.id:
            raise EncoderMismatch(
                f"the catalogue's encoder is now {fit.body['space']['encoder']}", fix="open it with that encoder"
            )

    def _follow_settings(self) -> None:
        newer = self.store.entries(after=self.model.version, types=["settings"], newest_first=True, limit=1)
        entry = next(newer, None)
        if entry is None or (settings := Settings.load(None, entry.body)) == self.settings:
            return
        self._same_encoder()
        erased = erasures(self.store)
        model, snapshot = restore(self.store, settings, self._book, self.encoder.id, self._more)
        with self._lock:
            self._become(model, settings)
            self._snapshot, self._erased = snapshot, erased

    def _become(self, model: Model, settings: Settings) -> None:
        """The state is this one's from now on, under these settings; the caller holds the lock."""
        if settings.threads != self.settings.threads:
            self._threads.restore_original_limits()
            self._threads = threadpool_limits(settings.threads)
        self.settings = settings
        self._rebind(model)
        self._policy = Policy(read_rules(settings.policy.rules))
