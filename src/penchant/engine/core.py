"""The core of an engine: a catalogue's log, its model, and how one follows the other."""

from __future__ import annotations

import logging
import threading
import time as clock
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from pydantic import TypeAdapter, ValidationError
from threadpoolctl import threadpool_limits  # pyright: ignore[reportMissingTypeStubs]

from penchant.config import Settings
from penchant.engine.gate import Gate
from penchant.engine.had import Had
from penchant.errors import EncoderMismatch, Refused, StoreError
from penchant.interest.continual.drift import need
from penchant.interest.evidence import Evidence
from penchant.interest.model import Model
from penchant.interest.replay import AHEAD, encoder_in_use, encoders_used, read_ahead, restore, room_for, snapshot_of
from penchant.interest.speech import Speech
from penchant.language.chat import ChatModel
from penchant.language.encoder import Encoder, open_encoder
from penchant.language.vectors import Progress, VectorBook
from penchant.recommend.journal import Journal
from penchant.recommend.policy import Policy, read_rules
from penchant.recommend.rank import Ranker
from penchant.records import Ack, Draft, Entry, Id, invalid
from penchant.store import Store, open_store
from penchant.trust.erase import erasures, finish, settle

log = logging.getLogger("penchant")
_ID = TypeAdapter[str](Id)


@dataclass(frozen=True, slots=True)
class Learned:
    """The engine's word for records: durable and learned.

    Attributes:
        version: of the model that has learned them; a recommendation with at least this version has seen them.
        accepted, duplicates: how many were new, and how many had been there before (by their ids).
    """

    version: int
    accepted: int = 0
    duplicates: int = 0


def _checked(settings: Settings, encoder: Encoder | None) -> Encoder:
    """The encoder to take, once the settings are known to be ones that can be followed."""
    read_rules(settings.policy.rules)
    need(settings.learn)
    return encoder or open_encoder(settings.encoder, threads=settings.threads)


class Core:
    """Opens a catalogue, appends to its log, learns what was appended, keeps snapshots.

    Locks are taken in this order: `_replaying`, `_saving`, `_lock`, then the gate. The gate is before the log: whoever
    appends checks inside it that nobody concerned was forgotten.
    """

    def __init__(
        self, store: Store, settings: Settings, encoder: Encoder, more: Mapping[str, type[Evidence]],
        *, read_only: bool, progress: Progress | None, chat: ChatModel | None = None,
    ) -> None:  # fmt: skip
        self.store, self.settings, self.encoder, self.read_only = store, settings, encoder, read_only
        self.chat = chat
        self._more = dict(more)
        self._lock = threading.RLock()
        self._gate = Gate()
        self._threads = threadpool_limits(settings.threads)
        self._book = VectorBook(encoder, store)
        self._erasures: int = 0  # times something was erased from the log
        self._replayed: int = 0  # how many of them the state has followed
        self._erased = erasures(store)
        try:
            if not read_only:
                finish(store, encoders_used(store))
            model, self._snapshot = restore(store, settings, self._book, encoder.id, self._more, progress)
        except BaseException:
            self._threads.restore_original_limits()
            raise
        self._bind(model)
        self._policy = Policy(read_rules(settings.policy.rules))
        self._journal = Journal(self._log_answers)
        self._pending: dict[int, Entry] = {}
        self._had = Had()
        # by user: item rows of their last answer, and what they had last (row, how many) when it was given
        self._lately: OrderedDict[str, tuple[tuple[int, ...], tuple[int, int]]] = OrderedDict()
        self._known: set[str] = set()
        self._workers: list[threading.Thread] = []
        self._saving = threading.Lock()
        self._replaying = threading.Lock()
        self._closed = False
        if not read_only:
            settle(store)
        log.info("opened: %d items, %d users, version %d, %d thread(s)", len(self.model.world.catalogue),
                 self.model.world.users.known, self.model.version, settings.threads)  # fmt: skip

    def _bind(self, model: Model) -> None:
        self.model = model
        self._ranker = Ranker(self.model)
        self._speech = Speech(self.model, self._book, keep=not self.read_only, chat=self.chat)
        self._turnover = self.model.world.catalogue.turnover

    def _rebind(self, model: Model) -> None:
        """Another state takes this one's place; what was remembered of its rows is not to be relied on."""
        self._ranker.close()
        self._bind(model)
        self._had.clear()
        self._lately.clear()

    # -- opening and closing -----------------------------------------------------------------------------------------

    @classmethod
    def open(
        cls,
        path: str | Path = ":memory:",
        base: str | None = None,
        settings: str | Path | Mapping[str, Any] | Settings | None = None,
        *,
        encoder: Encoder | None = None,
        evidence: Mapping[str, type[Evidence]] | None = None,
        read_only: bool = False,
        progress: Progress | None = None,
        chat: ChatModel | None = None,
    ) -> Self:
        """Open a catalogue, a new one if the file does not exist; its state is rebuilt from its log where needed.

        Args:
            path: an SQLite file, ":memory:", or `postgresql://user@host/database?catalogue=name`.
            base: a domain (see `penchant.config.domains`); a catalogue remembers its settings, so once is enough.
            settings: overrides: a TOML file, or a dictionary; settings other than the catalogue's rebuild its state.
            encoder: your own; None: the one the settings name.
            evidence: your own kinds of evidence by name, for settings that name them.
            read_only: read what another process writes; `refresh` follows the log.
            progress: called with (done, in all) while the state is rebuilt.
            chat: a chat model (see `penchant.language.chat`) that names induced nodes and proposes readings of
                requests, both checked; it never ranks.

        Raises:
            ConfigError: bad settings.
            MissingExtra: the settings ask for drift, and river is not installed.
            StoreBusy: another process writes to it.
            StoreError: the file can't be used.
            EncoderMismatch: the catalogue's vectors are of another encoder; see `penchant.reembed`.
        """
        chosen: Settings | None = None
        if isinstance(settings, Settings):
            chosen = settings
        elif base is not None or settings is not None:
            chosen = Settings.load(base, settings)
        if chosen is not None:  # before there is a file, or an entry in the log: what can't be followed would stay
            encoder = _checked(chosen, encoder)
        store = open_store(path, read_only=read_only)
        try:
            kept = next((e.body for e in store.entries(types=["settings"], newest_first=True, limit=1)), None)
            if chosen is None:
                chosen = Settings.load(None, kept)
                encoder = _checked(chosen, encoder)
            assert encoder is not None
            dumped = chosen.model_dump(mode="json")
            if not read_only and kept != dumped:
                store.append([Draft("settings", clock.time(), dumped)])
            used = encoder_in_use(store)
            if used is None and not read_only:
                store.set_meta("encoder", encoder.id)
            elif used is not None and used != encoder.id:
                raise EncoderMismatch(
                    f"the catalogue's vectors are of encoder {used}, not {encoder.id}",
                    fix="open it with that encoder, or change it with penchant.reembed(path, encoder)",
                )
            return cls(store, chosen, encoder, evidence or {}, read_only=read_only, progress=progress, chat=chat)
        except BaseException:
            store.close()
            raise

    def close(self) -> None:
        """Write what is queued, keep a snapshot, release the file; a second call does nothing."""
        if self._closed:
            return
        self._journal.close()
        self._ranker.close()
        for worker in self._workers:
            worker.join()
        self._closed = True
        try:
            if not self.read_only and self.store.lasting and self.model.version > self._snapshot:
                with self._saving, self._lock:
                    if self._replayed >= self._erasures:
                        self.store.save_snapshot(snapshot_of(self.model, at_rest=True))
        except StoreError as error:  # a full disk, say; the log has everything
            log.warning("snapshot not kept: %s", error)
        finally:
            self.store.close()
            self._threads.restore_original_limits()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def save(self) -> int:
        """Keep a snapshot of the state, so that opening is quick; returns its version.

        While somebody who was forgotten is still being unlearned nothing is kept; a snapshot follows by itself then.
        """
        self._writable()
        with self._saving:
            with self._lock:
                shapes = {name: (array.shape, array.dtype) for name, array in self.model.states().items()}
            room = room_for(shapes) if self.store.lasting else None
            with self._lock:
                if self._replayed < self._erasures:
                    return self._snapshot
                snapshot = snapshot_of(self.model, room)
            self.store.save_snapshot(snapshot)
            self._snapshot = snapshot.seq
        return snapshot.seq

    @property
    def version(self) -> int:
        """Number of the last log entry that the model has learned."""
        return self.model.version

    @property
    def now(self) -> float:
        """Stream time: the latest accepted event time, UTC seconds; the wall clock before the first event."""
        now = self.model.world.now
        return now if np.isfinite(now) else clock.time()

    @property
    def unlogged(self) -> Exception | None:
        """Why the last answer that could not be logged was not; None if all were."""
        return self._journal.failed

    # -- the log -----------------------------------------------------------------------------------------------------

    def _writable(self) -> None:
        if self.read_only:
            raise Refused(
                "this engine only reads", fix="write through the engine that opened the catalogue for writing"
            )

    def _write(self, drafts: list[Draft]) -> Learned:
        """Append, then learn in the log's order; returns when all of it is learned."""
        return self._take_in(drafts, self._append(drafts))

    def _append(self, drafts: list[Draft]) -> list[Ack]:
        """Append, unless somebody concerned was forgotten meanwhile."""
        self._writable()
        with self._gate.passing():
            for draft in drafts:
                if draft.user is not None:
                    self._admit(draft.user)
                if draft.type == "merge":
                    self._admit(draft.body["guest"])
            return self.store.append(drafts)

    def _log_answers(self, drafts: list[Draft]) -> None:
        """Append answers, but those to somebody who was forgotten meanwhile."""
        with self._gate.passing():
            kept = [d for d in drafts if d.user is None or d.user in self._known or not self.store.is_blocked(d.user)]
            acks = self.store.append(kept)
        self._take_in(kept, acks)

    def _take_in(self, drafts: list[Draft], acks: list[Ack]) -> Learned:
        """Learn what was appended, up to the last of it; a duplicate's first may still be in another thread's hands."""
        fresh = [(ack.seq, draft) for ack, draft in zip(acks, drafts, strict=True) if not ack.duplicate]
        with self._lock:
            for seq, d in fresh:
                if seq > self.model.version:
                    self._pending[seq] = Entry(seq, d.type, d.time, d.body, d.id, d.user, d.item)
            self._learn(max((ack.seq for ack in acks), default=0))
            version = self.model.version
        return Learned(version, len(fresh), len(drafts) - len(fresh))

    def _admit(self, user: str, noun: str = "user") -> None:
        """Refuse an id that can't be one, and a user who was forgotten."""
        if user in self._known and not self.read_only:
            return
        try:
            _ID.validate_python(user)
        except ValidationError as error:
            raise invalid(noun, error) from None
        with self._gate.passing():
            if self.store.is_blocked(user):
                raise Refused(f"user {user!r} was forgotten", fix="a returning person takes a new id")
            if len(self._known) >= 100_000:
                self._known.clear()
            self._known.add(user)

    @property
    def snapshot_interval(self) -> int:
        """Entries from one snapshot to the next: the larger the catalogue, and with it the snapshot, the rarer."""
        return max(self.settings.snapshot_every, len(self.model.world.catalogue) // 4)

    def _learn(self, until: int) -> None:
        """Apply entries up to `until`; what another thread appended and has not handed over is read back."""
        ahead = self.model.version
        while self.model.version < until:
            if self.model.version >= ahead:  # vectors are read many at a time
                ahead = min(until, self.model.version + AHEAD)
                following = (self._pending.get(seq) for seq in range(self.model.version + 1, ahead + 1))
                read_ahead([entry for entry in following if entry is not None], self._book)
            entry = self._pending.pop(self.model.version + 1, None)
            if entry is not None:
                self._apply(entry)
                continue
            for entry in self.store.entries(after=self.model.version, until=until):
                self._pending.pop(entry.seq, None)
                self._apply(entry)
            self.model.version = max(self.model.version, until)
        if self._pending:  # looking through one that once held thousands takes as long as if it did still
            for seq in [seq for seq in self._pending if seq <= self.model.version]:
                del self._pending[seq]
        if self.model.version - self._snapshot >= self.snapshot_interval and not self._saving.locked():
            self._snapshot = self.model.version  # begun; the next one is due a whole interval later
            self._start(self._save_aside)

    def _apply(self, entry: Entry) -> None:
        known = self.model.user(entry.user or "") is not None
        self.model.apply(entry)
        user = self.model.user(entry.user or "")
        if user is not None and not known:
            self._had.put(user, set())  # nothing of theirs is in the log before this: it need not be looked up
        if entry.type == "event":
            row = self.model.world.catalogue.rows.get(entry.item or "")
            if user is not None and row is not None:
                self._ranker.engaged(row)
                if self._counts(entry):
                    self._had.add(user, row)
        elif self._turnover != self.model.world.catalogue.turnover:
            self._rows_left()
        elif entry.type in ("item", "retire", "delete"):
            row = self.model.world.catalogue.rows.get(entry.item or "")
            if row is not None:
                self._ranker.changed(row)
                self._speech.changed(row)
        elif entry.type == "fit":
            self._ranker.refitted()
        elif entry.type == "merge":
            self._had.clear()

    def _rows_left(self) -> None:
        """Items left, and others may have their rows: what was remembered of rows is not to be relied on."""
        self._turnover = self.model.world.catalogue.turnover
        self._had.clear()
        self._lately.clear()
        self._ranker.refitted()
        self._speech.anew()

    def _counts(self, entry: Entry) -> bool:
        """Whether the user has now had the item, or doesn't want it, so that it is not shown again."""
        kind = self.settings.kind(entry.body["kind"])
        return kind.engages or kind.strength(entry.body.get("value")) <= -0.5

    def _save_aside(self) -> None:
        try:
            if self.store.lasting:
                self.save()
            self.store.prune("answer", self.settings.answers_kept)
        except StoreError as error:
            log.warning("snapshot not kept: %s", error)

    def _start(self, work: Any, *args: Any) -> None:
        with self._lock:
            self._workers = [worker for worker in self._workers if worker.is_alive()]
            worker = threading.Thread(target=work, args=args, name="penchant-worker", daemon=True)
            self._workers.append(worker)
            worker.start()
