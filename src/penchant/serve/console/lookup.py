"""What pages look up in an engine: people by id, who was there lately, which kind of event says "less of this"."""

from __future__ import annotations

from dataclasses import dataclass

from penchant.config import Settings
from penchant.engine import Engine

LATEST = 400  # events among which those who were there lately are looked for


@dataclass(frozen=True, slots=True)
class Seen:
    """Somebody: their id, and the time of their latest event, UTC seconds; None: not known here."""

    user: str
    time: float | None = None


def people_like(engine: Engine, text: str, n: int = 12) -> list[Seen]:
    """People whose id holds the text: that very id first, then those that begin with it."""
    wanted = text.strip().casefold()
    known = [*engine.model.world.users.ids, *list(engine.model.alias)]
    found = [id for id in known if id and wanted in id.casefold()]
    found.sort(key=lambda id: (id.casefold() != wanted, not id.casefold().startswith(wanted), len(id), id))
    shown: list[Seen] = []
    for id in found:
        if len(shown) >= n:
            break
        if not engine.store.is_blocked(id):
            latest = next(engine.store.entries(types=["event"], user=id, newest_first=True, limit=1), None)
            shown.append(Seen(id, None if latest is None else latest.time))
    return shown


def people_lately(engine: Engine, n: int = 12) -> list[Seen]:
    """Those whose events came last, newest first."""
    found: dict[str, float] = {}
    for entry in engine.store.entries(types=["event"], newest_first=True, limit=LATEST):
        if entry.user and entry.user not in found and not engine.store.is_blocked(entry.user):
            found[entry.user] = entry.time
            if len(found) >= n:
                break
    return [Seen(user, time) for user, time in found.items()]


def kind_against(settings: Settings) -> str | None:
    """The kind of event that says most clearly that something was not wanted; None: the domain has none.

    >>> kind_against(Settings.load("movies"))
    'dislike'
    """
    worst = min(settings.kinds, key=lambda name: settings.kinds[name].intensity, default=None)
    return worst if worst is not None and settings.kinds[worst].intensity < 0 else None


def titles(engine: Engine, items: list[str]) -> dict[str, str]:
    """Titles by id, of those that are still there."""
    catalogue = engine.model.world.catalogue
    rows = {item: catalogue.rows.get(item) for item in items}
    return {item: catalogue.cards[row].title for item, row in rows.items() if row is not None}
