"""What a catalogue gives without labels: its items' texts, and pairs of texts that one person engaged with in a row."""

from __future__ import annotations

from collections.abc import Iterable

from penchant.config import Settings
from penchant.records import Entry


def texts_of(entries: Iterable[Entry]) -> list[str]:
    """The text of every item, as it is now.

    Args:
        entries: of a log, items; others are passed over.
    """
    found = {str(entry.item): str(entry.body["text"]) for entry in entries if entry.type == "item"}
    return [text for text in dict.fromkeys(found.values()) if text.strip()]


def pairs_of(entries: Iterable[Entry], settings: Settings, *, apart: int = 1) -> list[tuple[str, str]]:
    """Texts of two items that a person engaged with, at most so many places apart in time; each pair once.

    Args:
        entries: of a log, items and events. settings: say which kinds of events are engagements.
    """
    texts: dict[str, str] = {}
    users: dict[str, list[tuple[float, str]]] = {}
    for entry in entries:
        if entry.type == "item":
            texts[str(entry.item)] = str(entry.body["text"])
        elif entry.type == "event" and settings.kind(entry.body["kind"]).strength(entry.body.get("value")) > 0:
            users.setdefault(str(entry.user), []).append((entry.time, str(entry.item)))
    found: dict[tuple[str, str], None] = {}
    for events in users.values():
        events.sort(key=lambda event: event[0])
        said = [texts[item] for _, item in events if texts.get(item, "").strip()]
        for k, text in enumerate(said):
            for other in said[k + 1 : k + 1 + apart]:
                if other != text:
                    found[(text, other) if text < other else (other, text)] = None
    return list(found)
