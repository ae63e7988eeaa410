"""What a catalogue's model was: what changed it other than events, and what differs between two versions.

A version is the number of the last record that the model had learned. The log has all that changed it: settings, fits
(the tree's root and induced nodes, and the space, which is the encoder's), trainings, roll backs and restores.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from penchant.config import Settings
from penchant.engine.differences import Changed, Difference, changed, in_a_line, settings_of
from penchant.engine.placing import Placing
from penchant.errors import InvalidRecord
from penchant.interest.blend import LEVELS
from penchant.interest.model import Model
from penchant.interest.replay import restore
from penchant.language.vectors import Progress, kept_vectors
from penchant.records import Entry, EntryType

What = Literal["settings", "encoder", "fit", "training", "rollback", "restore"]
CHANGING: tuple[EntryType, ...] = ("settings", "fit", "trained", "rollback", "restore")


@dataclass(frozen=True, slots=True)
class Version:
    """One change of a catalogue's model that no event made.

    Attributes:
        version: its number in the log; the model has had it since.
        time: UTC seconds.
        what: settings, encoder (another one, all texts embedded anew), fit (the tree and the space found anew),
            training, rollback or restore.
        summary: in a line.
        fields: what changed, where it has names.
    """

    version: int
    time: float
    what: What
    summary: str
    fields: tuple[Changed, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return asdict(self)


class Versions(Placing):
    """The methods that look at what the model was."""

    def versions(self) -> list[Version]:
        """What changed the model other than events, oldest first; each is a version to compare or to roll back to.

        >>> from penchant import Engine
        >>> engine = Engine.open(base="shop")
        >>> [(one.version, one.what, one.summary) for one in engine.versions()]
        [(1, 'settings', 'made for shop')]
        >>> engine.close()
        """
        found: list[Version] = []
        settings: dict[str, Any] | None = None
        fit: Entry | None = None
        used: dict[str, int | None] = {}
        for entry in self.store.entries(types=CHANGING):
            match entry.type:
                case "settings":
                    was, settings = settings, settings_of(entry.body)
                    fields = () if was is None else changed(was, settings)
                    of_encoder = bool(found) and found[-1].what == "encoder" and found[-1].version == entry.seq - 1
                    if was is None:
                        found.append(Version(entry.seq, entry.time, "settings", f"made for {settings['domain']}"))
                    elif of_encoder:  # written together
                        found[-1] = _again(found[-1], entry, fields)
                    elif fields:
                        found.append(Version(entry.seq, entry.time, "settings", in_a_line(fields), fields))
                case "fit":
                    found.append(_fitted(entry, fit))
                    fit = entry
                case "trained":
                    name = entry.body["evidence"]
                    field = Changed(name, used.get(name), origin(entry) if entry.body["weights"] else None)
                    used[name] = field.after
                    found.append(Version(entry.seq, entry.time, "training", _trained(entry), (field,)))
                case "rollback":
                    parts = [one for one in found if one.version >= entry.seq - entry.body["entries"]]
                    found[len(found) - len(parts) :] = [_rolled_back(entry, parts)]
                case _:
                    found.append(Version(entry.seq, entry.time, "restore", f"restored from {entry.body['file']}"))
        return found

    def diff(
        self, before: int, after: int | None = None, *, weights: bool = False, progress: Progress | None = None
    ) -> Difference:
        """What differs between the model at two versions.

        Args:
            before, after: versions from 1 to the model's own, not only those that `versions` lists; None: its own.
            weights: replay the log for the weights of the older version, which takes as long as learning its events;
                else they are told only where both versions are the model as it now is.
            progress: called with (entries, in all) while it replays.

        Raises:
            InvalidRecord: there is no such version. StoreError: a replay needs vectors that are not kept any more.

        >>> from penchant import Engine
        >>> engine = Engine.open(base="shop", settings={"half_life": {"long": 90}})
        >>> added = engine.add_items([{"id": "tea", "text": "green tea", "paths": [["drinks"]]}])
        >>> print(*engine.diff(1).counts, sep="; ")
        events: 0 → 0; items: 0 → 1; users: 0 → 0
        >>> engine.close()
        """
        self._check_version("diff.before", before)
        after = self.version if after is None else after
        self._check_version("diff.after", after)
        old, new = self._as_of(before), self._as_of(after)
        counts = [asdict(self.store.counts(until=version)) for version in (before, after)]
        encoder = None if old.encoder == new.encoder else Changed("encoder", old.encoder, new.encoder)
        told: list[dict[str, Any] | None] = [self._weights(v, s, weights, progress)
                                             for v, s in ((before, old), (after, new))]  # fmt: skip
        return Difference(
            before, after, changed(old.settings, new.settings), encoder, changed(old.trainings, new.trainings),
            tuple(Changed(name, counts[0][name], counts[1][name]) for name in counts[0]),
            None if told[0] is None or told[1] is None else changed(told[0], told[1]),
        )  # fmt: skip

    def _check_version(self, name: str, version: int) -> None:
        if isinstance(version, bool) or not 1 <= version <= self.version:
            raise InvalidRecord(name, version, f"give a version from 1 to {self.version}")

    def _as_of(self, version: int) -> AsOf:
        """What was in use at a version."""
        settings = next(self._newest("settings", version), None) or next(
            self.store.entries(types=["settings"], limit=1)
        )
        fit = next(self._newest("fit", version), None) or next(self.store.entries(types=["fit"], limit=1), None)
        encoder = self.encoder.id if fit is None else fit.body["space"]["encoder"]
        return AsOf(settings_of(settings.body), encoder, self._trained_for(encoder, version))

    def _trained_for(self, encoder: str, until: int) -> dict[str, Entry]:
        """The trainings in use under an encoder, by evidence."""
        found: dict[str, Entry] = {}
        for entry in self.store.entries(types=["trained"], until=until):
            if entry.body.get("encoder") in (None, encoder):
                found[entry.body["evidence"]] = entry
        return {name: entry for name, entry in found.items() if entry.body["weights"]}

    def _newest(self, type: EntryType, until: int) -> Iterator[Entry]:
        return self.store.entries(types=[type], until=until, newest_first=True, limit=1)

    def _weights(self, version: int, then: AsOf, replays: bool, progress: Progress | None) -> dict[str, Any] | None:
        """α and w_I at a version; None: only a replay would tell, and none is wanted."""
        with self._lock:
            if version == self.version:
                return _weights_of(self.model)
        if not replays:
            return None
        book = self._book if then.encoder == self.encoder.id else kept_vectors(self.store, then.encoder)
        settings = Settings.load(None, then.settings)
        model, _ = restore(self.store, settings, book, then.encoder, self._more, progress, until=version)
        return _weights_of(model)


@dataclass(frozen=True, slots=True)
class AsOf:
    """What was in use at a version: settings, id of the encoder, and trainings by evidence."""

    settings: dict[str, Any]
    encoder: str
    trained: dict[str, Entry]

    @property
    def trainings(self) -> dict[str, int]:
        """Versions of the trainings; of one that a roll back brought back, its own."""
        return {name: origin(entry) for name, entry in self.trained.items()}


def origin(training: Entry) -> int:
    """Version of a training, also where a roll back brought it back."""
    return training.body.get("of", training.seq)


def _again(encoder: Version, entry: Entry, fields: tuple[Changed, ...]) -> Version:
    """A change of encoder with the settings that were written after its fit."""
    fields = (*encoder.fields, *fields)
    return Version(entry.seq, entry.time, "encoder", in_a_line(fields), fields)


def _fitted(entry: Entry, older: Entry | None) -> Version:
    body, was = entry.body, older.body if older is not None else None
    encoder = body["space"]["encoder"]
    if was is not None and was["space"]["encoder"] != encoder:
        fields = (Changed("encoder", was["space"]["encoder"], encoder),)
        return Version(entry.seq, entry.time, "encoder", in_a_line(fields), fields)
    fields = changed(_tree(was), _tree(body))
    told = [f"fitted on {body['items']:,} items", *([in_a_line(fields)] if fields else [])]
    return Version(entry.seq, entry.time, "fit", "; ".join(told), fields)


def _tree(fit: Mapping[str, Any] | None) -> dict[str, Any]:
    """The tree's root, and the names that were induced: the categories under "", else dimensions by category."""
    if fit is None:
        return {"root": []}
    return {"root": fit["root"], "induced": {of: sorted(set(found["names"])) for of, found in fit["induced"].items()}}


def _trained(entry: Entry) -> str:
    body = entry.body
    if not body["weights"]:
        return f"{body['evidence']}: no training in use"
    if "of" in body:
        return f"{body['evidence']}: the training of version {body['of']}"
    mrr = "" if body["mrr"] is None else f", MRR {body['mrr']:.4f}"
    return f"{body['evidence']} trained: {len(body['items']):,} items, {body['epochs']} epochs{mrr}"


def _rolled_back(entry: Entry, parts: Sequence[Version]) -> Version:
    fields = tuple(field for part in parts for field in part.fields)
    summary = f"back to version {entry.body['to']}: {in_a_line(fields)}"
    return Version(entry.seq, entry.time, "rollback", summary, fields)


def _weights_of(model: Model) -> dict[str, Any]:
    names = [evidence.name for evidence in model.evidences]
    return {
        "alpha": dict(zip(LEVELS, map(float, model.blend.alpha()), strict=True)),
        "weight": dict(zip(names, map(float, model.blend.w), strict=True)),
    }
