"""Rolling back: settings, encoder and trainings become those of an older version, by new records in the log.

Nothing is rewritten: what people did and said since stays, and is learned anew under the older settings. The state is
rebuilt beside the one in use, which answers meanwhile; a roll back is a version itself, and can be rolled back.
"""

from __future__ import annotations

import threading
import time as clock
from dataclasses import dataclass
from typing import Any

from penchant.config import Settings
from penchant.engine.core import Learned
from penchant.engine.reembed import TEXTS, embed, fit_of, texts_of
from penchant.engine.versions import AsOf, Versions, origin
from penchant.errors import EncoderMismatch, Refused, StoreError
from penchant.interest.model import Model
from penchant.interest.replay import catch_up, encoders_used, learned_under, restore
from penchant.interest.sequence.weights import Trained
from penchant.interest.space import Space
from penchant.language.encoder import Encoder, open_encoder
from penchant.language.vectors import Progress, VectorBook
from penchant.recommend.policy import read_rules
from penchant.records import Draft, Entry


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be in use.

    Attributes:
        version: that is gone back to.
        settings, encoder, book: of it; the engine's own where the encoder stays.
        trained: trainings by evidence.
    """

    version: int
    settings: Settings
    encoder: Encoder
    book: VectorBook
    trained: dict[str, Entry]


class RollingBack(Versions):
    """The method that goes back."""

    def __init__(self, *args: Any, **more: Any) -> None:
        self._rolling = threading.Lock()
        super().__init__(*args, **more)

    def roll_back(
        self, version: int, *, encoder: Encoder | None = None, progress: Progress | None = None
    ) -> Learned:  # fmt: skip
        """Settings, encoder and trainings become those of a version; events since then stay, learned under them.

        It takes as long as replaying the log, and where the encoder changes, as embedding every text that is new to it;
        answers and writes go on meanwhile. Where all is as it was at that version, it counts as a duplicate.

        Args:
            version: from 1 to the model's own; `versions` lists those that changed something.
            encoder: your own, where the version had one that its settings can't name.
            progress: called with (done, in all), of texts and then of entries.

        Raises:
            InvalidRecord: there is no such version.
            EncoderMismatch: the encoder of that version can't be opened by its settings, or another one was given.
            ConfigError: its settings can't be used any more.
            Refused: this engine only reads, or another roll back is under way.

        >>> from penchant import Engine
        >>> engine = Engine.open(base="shop", settings={"half_life": {"long": 90}})
        >>> added = engine.add_items([{"id": "tea", "text": "green tea", "paths": [["drinks"]]}])
        >>> engine.roll_back(1).duplicates  # all of it is in use
        1
        >>> engine.close()
        """
        self._writable()
        self._check_version("roll_back.version", version)
        if not self._rolling.acquire(blocking=False):
            raise Refused("another roll back is under way", fix="wait until engine.versions() lists it")
        try:
            plan = self._plan(version, encoder)
            if self._is_so(plan):
                return Learned(self.version, 0, 1)
            with self._replaying:
                while (done := self._try(plan, progress)) is None:  # somebody was forgotten meanwhile
                    pass
            self._start(self._save_aside)
            return done
        finally:
            self._rolling.release()

    def _plan(self, version: int, given: Encoder | None) -> _Plan:
        then = self._as_of(version)
        settings = Settings.load(None, then.settings)
        read_rules(settings.policy.rules)
        encoder = self._encoder_of(version, then, given)
        if encoder is self.encoder:  # by whatever name it goes now
            settings = settings.model_copy(update={"encoder": self.settings.encoder})
            return _Plan(version, settings, encoder, self._book, then.trained)
        return _Plan(version, settings, encoder, VectorBook(encoder, self.store), then.trained)

    def _encoder_of(self, version: int, then: AsOf, given: Encoder | None) -> Encoder:
        if given is None and then.encoder == self.encoder.id:
            return self.encoder
        encoder = given or open_encoder(then.settings["encoder"], threads=self.settings.threads)
        if encoder.id != then.encoder:
            raise EncoderMismatch(
                f"roll_back.version: version {version} had encoder {then.encoder}, not {encoder.id}",
                fix="give that one as encoder=, or go back to a version of the encoder in use",
            )
        return self.encoder if encoder.id == self.encoder.id else encoder

    def _is_so(self, plan: _Plan) -> bool:
        now = self._trained_for(plan.encoder.id, self.version)
        same = {n: origin(e) for n, e in now.items()} == {n: origin(e) for n, e in plan.trained.items()}
        return same and plan.encoder is self.encoder and plan.settings == self.settings

    def _try(self, plan: _Plan, progress: Progress | None) -> Learned | None:
        """Rebuild beside the state in use, then change places; None: something was erased meanwhile."""
        erasures, until, fit = self._erasures, self.version, None
        try:
            if plan.encoder is not self.encoder:
                fit = self._embed(plan, until, progress)
            else:
                self._keep(plan)
            part = until if plan.encoder is not self.encoder else None
            model, snapshot = restore(
                self.store, plan.settings, plan.book, plan.encoder.id, self._more, progress, until=part
            )
        except StoreError:
            if erasures == self._erasures:  # else a vector may have gone with whom it belonged to
                raise
            return None
        with self._saving, self._lock:
            if erasures != self._erasures:
                return None
            with self._gate.shut():  # no word is between its vector and the log
                self._change(plan, model, fit, until)
            self._snapshot, self._replayed = snapshot, erasures
            self._warm()
            return Learned(self.version, 1, 0)

    def _keep(self, plan: _Plan) -> None:
        """A snapshot to begin from, where the state stays as it is but for trainings and rules."""
        ours, theirs = (learned_under(settings.model_dump(mode="json")) for settings in (self.settings, plan.settings))
        if ours == theirs and self.version > self._snapshot:
            self.save()

    def _embed(self, plan: _Plan, until: int, progress: Progress | None) -> Draft | None:
        """Every text up to an entry in the plan's encoder, and a fit of the items; None: there are no items."""
        # before the first vector: who is forgotten later must be found in those of a change that was given up, too
        self.store.set_meta("encoders", list(dict.fromkeys([*encoders_used(self.store), plan.encoder.id])))
        texts, items = texts_of(self.store.entries(types=TEXTS, until=until))
        embed(texts, plan.book, progress)
        return fit_of(items, plan.book, plan.settings, self.store) if items else None

    def _change(self, plan: _Plan, model: Model, fit: Draft | None, until: int) -> None:
        """Write what makes it so, and let the model be in use; the caller holds the locks, and the gate is shut."""
        now, id = clock.time(), plan.encoder.id
        if plan.encoder is not self.encoder:
            embed(texts_of(self.store.entries(types=TEXTS, after=until))[0], plan.book)
        drafts = [] if fit is None else [fit]
        if plan.settings != self.settings:
            drafts.append(Draft("settings", now, plan.settings.model_dump(mode="json")))
        used = self._trained_for(id, self.store.last_seq())
        for name in {**used, **plan.trained}:
            wanted = plan.trained.get(name)
            if wanted is None:
                drafts.append(Draft("trained", now, Trained.none().to_body(id)))
            elif name not in used or origin(used[name]) != origin(wanted):
                body = self._turned(wanted, id, fit) | {"of": origin(wanted)}
                drafts.append(Draft("trained", wanted.time, body))
        drafts.append(Draft("rollback", now, {"to": plan.version, "entries": len(drafts)}))
        self.store.append(drafts)
        if plan.encoder is not self.encoder:
            self.store.set_meta("encoder", id)
        catch_up(model, self.store, id)
        self.encoder, self._book = plan.encoder, plan.book
        self._become(model, plan.settings)

    def _turned(self, training: Entry, encoder: str, fit: Draft | None) -> dict[str, Any]:
        """A training's body, its vectors moved from the space of its time to the newest."""
        fits = [e for e in self.store.entries(types=["fit"]) if e.body["space"]["encoder"] == encoder]
        first = max(k for k, entry in enumerate(fits) if k == 0 or entry.seq < training.seq)
        bodies = [entry.body for entry in fits[first:]] + ([] if fit is None else [fit.body])
        spaces = [Space.from_body(body["space"]) for body in bodies]
        return Trained.from_body(training.body).turned(spaces).to_body(encoder)
