"""Evidence that is trained apart from the stream: trained on the log, kept in the log, learned like any other entry."""

from __future__ import annotations

import threading
import time as clock
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from penchant.engine.lives import Lives
from penchant.errors import ConfigError, Refused
from penchant.interest.sequence.histories import read_histories, vectors_of
from penchant.interest.sequence.settings import SequenceSettings
from penchant.interest.sequence.training import Device, Epoch, choose_device, train
from penchant.interest.sequence.weights import NAME
from penchant.records import Draft, Entry
from penchant.trust.erase import receipts, settle_trained

_ONE_AT_A_TIME = threading.Lock()  # PyTorch's random numbers and its number of threads are the whole process's


@dataclass(frozen=True, slots=True)
class TrainedVersion:
    """One training in the log.

    Attributes:
        version: its number in the log; answers of this version or later use it.
        evidence: what was trained.
        at: when its training began, UTC seconds.
        seen_until: number of the last log entry it was trained on.
        items: how many items it knows by id.
        epochs, mrr: how long it was trained, and the mean reciprocal rank of the held-out events (None: none were).
    """

    version: int
    evidence: str
    at: float
    seen_until: int
    items: int
    epochs: int
    mrr: float | None

    @classmethod
    def of(cls, entry: Entry) -> TrainedVersion:
        """From its entry in the log."""
        body = entry.body
        return cls(
            entry.seq, body["evidence"], entry.time, body["seen_until"], len(body["items"]), body["epochs"], body["mrr"]
        )


class Training(Lives):
    """The methods that train."""

    def train_sequence(
        self, *, device: Device = "auto", checkpoint: str | Path | None = None,
        progress: Callable[[Epoch], None] | None = None, **options: Any,
    ) -> TrainedVersion:  # fmt: skip
        """Train the evidence `sequence` on the log so far; it counts from the next request on, others learn meanwhile.

        One training runs at a time in a process; a second call waits for the first to end.

        Its weight in the score is learned from the events that come after. What was trained before stays in the log as
        an older version, unless someone was forgotten since: then it is removed, and the state is replayed without it.

        Args:
            device: auto (a GPU where there is one), cpu or cuda.
            checkpoint: a file written after every epoch, from which the same training goes on if it was interrupted. It
                holds what people taught; it is removed at the end, else delete it yourself.
            progress: called after every epoch.
            options: over the settings' `options.sequence`; see `penchant.interest.sequence.SequenceSettings`.

        Raises:
            MissingExtra: PyTorch is not installed (extra `train`).
            ConfigError: an option can't be used, or the settings' evidence doesn't name "sequence".
            InvalidRecord: there is no such device.
            Refused: this engine only reads, there is nothing to train on, or a user was forgotten while it trained.
        """
        if self.read_only:
            raise Refused("this engine only reads", fix="open the catalogue to write")
        if NAME not in self.settings.evidence:
            raise ConfigError(
                f"evidence: {NAME!r} is not in use", fix=f'open with settings={{"evidence": [..., "{NAME}"]}}'
            )
        settings = SequenceSettings.read(self.settings.options.get(NAME, {}), options)
        choose_device(device)
        with _ONE_AT_A_TIME:
            return self._train_sequence(settings, device, checkpoint, progress)

    def _train_sequence(
        self, settings: SequenceSettings, device: Device, checkpoint: str | Path | None,
        progress: Callable[[Epoch], None] | None,
    ) -> TrainedVersion:  # fmt: skip
        with self._lock:
            began, erasures, until = clock.time(), self._erasures, self.version
        histories = read_histories(self.model, self.store.entries(types=["event"], until=until))
        with self._lock:
            space = self.model.space
            histories = replace(histories, vectors=vectors_of(self.model, histories.ids))
        trained = train(
            histories, settings, seed=self.settings.seed, device=device, threads=self.settings.threads,
            checkpoint=None if checkpoint is None else Path(checkpoint), progress=progress,
        )  # fmt: skip
        with self._saving, self._lock:
            if erasures != self._erasures:
                raise Refused("a user was forgotten during the training, so it was thrown away", fix="train again")
            newer = self.model.space
            assert space is not None
            assert newer is not None
            if newer.encoder != space.encoder:
                raise Refused("the encoder was changed during the training, so it was thrown away", fix="train again")
            if newer is not space:  # a fit came meanwhile, or the state was loaded anew
                trained.weights["W_v"] = space.bridge(newer).T @ trained.weights["W_v"]
            older = [entry.seq for entry in self._trainings()]
            version = self._write([Draft("trained", began, trained.to_body(newer.encoder))]).version
            if older and self._is_owed():
                self._renew(older)
        latest = self.store.entries(types=["trained"], until=version, newest_first=True, limit=1)
        return TrainedVersion.of(next(latest))

    def trained(self) -> list[TrainedVersion]:
        """What was trained, oldest first; the last one of an evidence is in use."""
        return [TrainedVersion.of(entry) for entry in self.store.entries(types=["trained"])]

    def _trainings(self) -> list[Entry]:
        return [entry for entry in self.store.entries(types=["trained"]) if entry.body["evidence"] == NAME]

    def _is_owed(self) -> bool:
        """Whether a forgotten user is still in what was trained."""
        places = [receipt.places.get("trained evidence") for receipt in receipts(self.store)]
        return any(place is not None and place.clean_at is None for place in places)

    def _renew(self, older: list[int]) -> None:
        """Take older trainings out of the log and out of the state; with `_saving` and `_lock` held."""
        self._erasures += 1
        self.store.drop_entries(older)
        self._snapshot = 0
        self._start(self._replay_renewed)

    def _replay_renewed(self) -> None:
        self._replay()
        settle_trained(self.store)
        self._save_aside()
