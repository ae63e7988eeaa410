"""A folder of catalogues, one a tenant: each opened when it is needed, its state followed, all closed in order."""

from __future__ import annotations

import logging
import re
import threading
import time as clock
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

from penchant.config import Settings
from penchant.engine import Engine
from penchant.errors import Closing, InvalidRecord, PenchantError, Refused, UnknownId
from penchant.serve.faults import NotReady
from penchant.serve.settings import ServeSettings
from penchant.serve.warm import read_weights
from penchant.serve.writer import Writer
from penchant.store import open_store

log = logging.getLogger("penchant.serve")
State = Literal["closed", "opening", "ready", "failing"]
KEYS = "keys.db"
TENANT = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
PROBED = 1.0  # seconds for which a store is taken to be as it was found
GRACE = 0.25  # seconds from not ready to closed, of a catalogue that is opened anew
AGAIN = 30.0  # seconds between tries to open a catalogue that fails, at most


def tenant_name(name: str) -> str:
    """The name, if it can be a tenant's.

    Raises:
        InvalidRecord: it can't.

    >>> tenant_name("shop-2")
    'shop-2'
    """
    if not TENANT.fullmatch(name) or name == Path(KEYS).stem:
        raise InvalidRecord(
            "tenant", name, "give 1 to 63 of a-z, 0-9, - and _, the first a letter or digit, not 'keys'"
        )
    return name


@dataclass(slots=True, eq=False)
class Catalogue:
    """A tenant's catalogue, open.

    Attributes:
        name: the tenant.
        engine: for questions; every write of events goes through the writer.
        writer: takes events of all callers.
        lost: it follows another process's log, and can't any more.
    """

    name: str
    engine: Engine
    writer: Writer
    lost: bool = False
    _probed: float = 0.0
    _failing: bool = False
    _probing: threading.Lock = field(default_factory=threading.Lock)

    def works(self) -> bool:
        """Whether its store takes what is written; tried at most once a second."""
        with self._probing:
            if clock.monotonic() - self._probed >= PROBED:
                try:
                    if self.engine.read_only:
                        self.engine.store.last_seq()
                    else:
                        self.engine.store.set_meta("probe", clock.time())
                    self._failing = False
                except Exception as error:
                    if not self._failing:
                        log.error("catalogue %s: its store fails: %s", self.name, type(error).__name__)
                    self._failing = True
                self._probed = clock.monotonic()
            return not self._failing and not self.lost

    def close(self, seconds: float | None = None) -> None:
        """Write what waits, keep a snapshot, release the store."""
        if not self.writer.drain(seconds):
            log.error(
                "catalogue %s: events were still waiting when it closed; none of them was acknowledged", self.name
            )
        self.engine.close()


@dataclass(slots=True, eq=False)
class _Slot:
    """One tenant: where its catalogue is, and how far it is."""

    name: str
    place: Path | str
    state: State = "closed"
    catalogue: Catalogue | None = None
    settled: threading.Event = field(default_factory=threading.Event)
    done: int = 0
    total: int = 0
    failures: int = 0
    again: float = 0.0  # monotonic time of the next try


@dataclass(frozen=True, slots=True)
class Health:
    """How the catalogues are, in numbers that name nobody.

    Attributes:
        catalogues, ready, opening, failing: how many; those not opened yet are in none of the last three.
        done, total: entries of the log replayed, of all that must be, over the catalogues being opened.
    """

    catalogues: int
    ready: int
    opening: int
    failing: int
    done: int
    total: int


class Host:
    """Catalogues by tenant.

    Args:
        places: where each tenant's catalogue is: a path or a URL.
        folder: where keys are, and where further `<tenant>.db` are looked for; None: only those of `places`.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     host = Host.open(Path(folder, "shop.db"))
    ...     shop = host.catalogue("shop")
    ...     print(shop.name, shop.engine.version >= 0, host.names())
    ...     host.close()
    shop True ['shop']
    """

    def __init__(
        self, places: dict[str, Path | str], folder: Path | None, keys: Path, settings: ServeSettings,
        opener: Callable[..., Engine] = Engine.open,
    ) -> None:  # fmt: skip
        self.folder, self.keys, self.settings, self.opener = folder, keys, settings, opener
        self._slots = {tenant_name(name): _Slot(name, place) for name, place in places.items()}
        self._lock = threading.Lock()
        self._closing = False
        self._ending = threading.Event()
        self._threads: list[threading.Thread] = []

    @classmethod
    def open(cls, where: str | Path, settings: ServeSettings | None = None, **more: Any) -> Self:
        """The catalogues of a folder, which is made if it isn't there; or one: the file of a catalogue.

        Engines are opened by `catalogue` or `open_all`.
        """
        settings = settings or ServeSettings()
        places: dict[str, Path | str] = dict(settings.catalogues)
        where = Path(where)
        if where.is_file() or where.suffix == ".db":
            name = re.sub(r"[^a-z0-9_-]+", "-", where.stem.lower()).strip("-_")
            return cls(places | {name or "catalogue": where}, None, where.parent / KEYS, settings, **more)
        where.mkdir(parents=True, exist_ok=True)
        return cls(places, where, where / KEYS, settings, **more)

    def names(self) -> list[str]:
        """Tenants, sorted; a catalogue that was put into the folder meanwhile is among them."""
        if self.folder is not None:
            for path in self.folder.glob("*.db"):
                if path.name != KEYS and TENANT.fullmatch(path.stem) and path.stem not in self._slots:
                    with self._lock:
                        self._slots.setdefault(path.stem, _Slot(path.stem, path))
        return sorted(self._slots)

    def create(self, name: str, base: str | None = None) -> Catalogue:
        """A new catalogue in the folder, open.

        Raises:
            InvalidRecord: the name can't be a tenant's, or there is one, or this host has no folder.
        """
        tenant_name(name)
        if self.folder is None or name in self.names():
            raise InvalidRecord("tenant", name, "give a name that no catalogue has, to a host of a folder")
        slot = _Slot(name, self.folder / f"{name}.db")
        with self._lock:
            self._slots[name] = slot
        self._begin(slot, base)
        return self.catalogue(name)

    def ready(self, name: str) -> Catalogue | None:
        """The catalogue if it is open; never waits."""
        slot = self._slots.get(name)
        return None if slot is None or slot.state != "ready" else slot.catalogue

    def catalogue(self, name: str, wait: float | None = None) -> Catalogue:
        """The tenant's catalogue; opened if it isn't yet.

        Args:
            wait: seconds that opening may take; None: as long as it takes.

        Raises:
            UnknownId: there is none of that name.
            NotReady: it is still being opened, can't be, or the host is closing.
        """
        slot = self._slots.get(name)
        if slot is None:
            self.names()
            slot = self._slots.get(name)
        if slot is None:
            raise UnknownId(f"there is no catalogue {name!r}", fix="make it with penchant --db FOLDER/NAME.db init")
        self._begin(slot)
        if not self._closing:
            slot.settled.wait(wait)
        if slot.catalogue is not None and slot.state == "ready":
            return slot.catalogue
        if slot.state == "failing":
            left = max(1.0, slot.again - clock.monotonic())
            raise NotReady("the catalogue can't be opened", fix="see the service's log", retry_after=left)
        if self._closing:
            raise NotReady("the service is stopping", fix="send it again in a few seconds", retry_after=5)
        raise NotReady("the catalogue is being opened", fix="send it again in a few seconds", retry_after=2)

    def reopen(self, name: str, settings: Settings | None, between: Callable[[], None] | None = None) -> Catalogue:
        """Close a catalogue, do what is to be done `between`, and open it, under other settings if given.

        Raises:
            Refused: this host only reads. NotReady: the catalogue isn't open, or can't be opened again.
        """
        if self.settings.read_only:
            raise Refused("this service only reads", fix="change settings where the catalogue is written to")
        catalogue, slot = self.catalogue(name), self._slots[name]
        with self._lock:
            if self._closing or slot.catalogue is not catalogue:
                raise NotReady("the catalogue is being opened", fix="try it again in a few seconds", retry_after=2)
            slot.state, slot.catalogue, slot.done, slot.total = "opening", None, 0, 0
            slot.settled.clear()
        self._ending.wait(GRACE)  # for requests that hold it already
        try:
            catalogue.close()
            if between is not None:
                between()
        finally:
            self._start(self._open, slot, None, settings)
        return self.catalogue(name)

    def open_all(self) -> None:
        """Begin to open all, one after the other; returns at once."""

        def work() -> None:
            for name in self.names():
                slot = self._slots[name]
                self._begin(slot)
                while not self._closing and not slot.settled.wait(0.1):
                    pass

        self._start(work)

    def health(self, *, probe: bool = True) -> Health:
        """How the catalogues are; with `probe` each store is tried, and those that failed to open are tried again."""
        slots = [self._slots[name] for name in self.names()]
        if probe:
            for slot in slots:
                if slot.state == "failing" or (slot.state == "closed" and self.settings.eager):
                    self._begin(slot)
        broken = sum(
            probe and s.state == "ready" and s.catalogue is not None and not s.catalogue.works() for s in slots
        )
        states = [slot.state for slot in slots]
        opening = [slot for slot in slots if slot.state == "opening"]
        return Health(
            len(slots), states.count("ready") - broken, len(opening), states.count("failing") + broken,
            sum(slot.done for slot in opening), sum(slot.total for slot in opening),
        )  # fmt: skip

    def close(self) -> None:
        """Drain every writer, keep snapshots, close every engine; a second call does nothing."""
        self._closing = True
        self._ending.set()
        while alive := [thread for thread in self._threads if thread.is_alive()]:
            alive[0].join()
        for slot in self._slots.values():
            catalogue, slot.catalogue, slot.state = slot.catalogue, None, "closed"
            if catalogue is None:
                continue
            try:
                catalogue.close()
            except PenchantError as error:
                log.error("catalogue %s: not closed in order: %s", slot.name, type(error).__name__)

    # -- opening -----------------------------------------------------------------------------------------------------

    def _start(self, work: Callable[..., None], *args: Any) -> None:
        thread = threading.Thread(target=work, args=args, name="penchant-opening", daemon=True)
        with self._lock:
            self._threads = [t for t in self._threads if t.is_alive()] + [thread]
        thread.start()

    def _begin(self, slot: _Slot, base: str | None = None) -> None:
        """Open it in the background, unless that is under way or done, or failed a moment ago."""
        with self._lock:
            if self._closing or slot.state in ("opening", "ready") or clock.monotonic() < slot.again:
                return
            slot.state, slot.done, slot.total = "opening", 0, 0
            slot.settled.clear()
        self._start(self._open, slot, base)

    def _open(self, slot: _Slot, base: str | None, settings: Settings | None = None) -> None:
        def step(done: int, total: int) -> None:
            slot.done, slot.total = done, total
            if self._closing:
                raise Closing("the service is stopping")

        try:
            reads = self.settings.read_only
            if base is None and self.settings.base is not None and not reads and _is_new(slot.place):
                base = self.settings.base  # one that is there keeps its own settings
            engine = self.opener(slot.place, base, settings, progress=step, read_only=reads)
            read_weights(engine.encoder, self.settings.warm)
            if self.settings.warm:
                engine.prepare()
            slot.catalogue = Catalogue(slot.name, engine, Writer(engine, capacity=self.settings.queue))
            slot.state, slot.failures = "ready", 0
            log.info("catalogue %s: ready, version %d", slot.name, engine.version)
            if reads:
                self._start(self._follow, slot.catalogue)  # before this thread ends, so that closing waits for both
        except Exception as error:
            slot.failures += 1
            slot.again = clock.monotonic() + min(AGAIN, 2.0 ** min(slot.failures - 1, 10))
            slot.state = "closed" if isinstance(error, Closing) else "failing"
            if slot.state == "failing":
                log.error("catalogue %s can't be opened: %s: %s", slot.name, type(error).__name__, error)
        finally:
            slot.settled.set()

    def _follow(self, catalogue: Catalogue) -> None:
        """Learn what the process that writes has written, until this one closes."""
        while not self._ending.wait(self.settings.refresh_seconds):
            try:
                catalogue.engine.refresh()
                catalogue.lost = False
            except Exception as error:
                if not catalogue.lost:
                    log.error("catalogue %s: can't follow its log: %s: %s", catalogue.name, type(error).__name__, error)
                catalogue.lost = True


def _is_new(place: Path | str) -> bool:
    """Whether nothing was ever written there."""
    if isinstance(place, Path) and not place.exists():
        return True
    with closing(open_store(place)) as store:
        return store.last_seq() == 0
