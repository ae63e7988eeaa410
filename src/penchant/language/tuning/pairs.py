"""A catalogue's own (text, event) pairs as examples: what an item says of itself, where it stands, how it was taken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from penchant.config import Settings
from penchant.errors import Refused
from penchant.language.tuning.examples import Example
from penchant.records import Entry


def examples_of(entries: Iterable[Entry], settings: Settings) -> list[Example]:
    """An example for each path of each item; its intensity is the mean of its events', None where there is none.

    Args:
        entries: of a log, items and events. settings: say what each kind of event means.

    Raises:
        Refused: no item has both a text and a path.
    """
    items: dict[str, dict[str, Any]] = {}
    felt: dict[str, list[float]] = defaultdict(list)
    for entry in entries:
        if entry.type == "item":
            items[str(entry.item)] = entry.body
        elif entry.type == "event" and entry.item is not None:
            felt[entry.item].append(settings.kind(entry.body["kind"]).strength(entry.body.get("value")))
    found: list[Example] = []
    paths = {id: [list(path) for path in body["paths"] if path] for id, body in items.items()}
    every = [path for of in paths.values() for path in of]
    shared = bool(every) and len({path[0] for path in every}) == 1 and all(len(path) > 1 for path in every)
    for id, body in items.items():
        if not body["text"].strip():
            continue
        intensity = sum(felt[id]) / len(felt[id]) if felt.get(id) else None
        for path in paths[id]:
            levels = path[1:] if shared else path  # a root that all share tells nothing
            found.append(Example(body["text"], levels[0], levels[-1] if len(levels) > 1 else None, intensity))
    if not found:
        raise Refused("no item has both a text and a path", fix="add such items, or give a file of labelled texts")
    return found
