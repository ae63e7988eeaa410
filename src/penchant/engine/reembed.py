"""Changing a catalogue's encoder: every text is embedded anew, then the state replays in the new space."""

from __future__ import annotations

import time as clock
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from penchant.config import Settings
from penchant.errors import StoreError
from penchant.interest.fit import make_fit
from penchant.interest.intake import text_to_embed
from penchant.interest.replay import encoders_used
from penchant.interest.taxonomy import Taxonomy
from penchant.language.encoder import Encoder, open_encoder
from penchant.language.vectors import Progress, VectorBook, content_hash
from penchant.records import Draft, Entry, EntryType
from penchant.store import Store, open_store

BATCH = 512
TEXTS: tuple[EntryType, ...] = ("item", "warm", "utterance")


def reembed(path: str | Path, encoder: Encoder | str, *, progress: Progress | None = None) -> None:
    """Give a catalogue another encoder. Until the last step it stays usable with the old one, also after a crash.

    Items, the names of nodes and what users said are embedded; a fit in the new space goes to the log; the next
    `Engine.open` with that encoder replays the log in it.

    Args:
        path: the catalogue's file or URL; nobody else may have it open for writing.
        encoder: an encoder, or what the settings' `encoder` would say.
        progress: called with (texts embedded, texts in all).

    Raises:
        StoreError: there is no such file, or an item's vector was given, not encoded. EncoderFailed, StoreBusy.
    """
    if "://" in str(path):
        open_store(path, read_only=True).close()  # a mistyped URL makes no catalogue
    elif not Path(path).is_file():
        raise StoreError(f"{path} doesn't exist", fix="give the path of a catalogue")
    store = open_store(path)
    try:
        kept = next((e.body for e in store.entries(types=["settings"], newest_first=True, limit=1)), None)
        settings = Settings.load(None, kept)
        newer = open_encoder(encoder, threads=settings.threads) if isinstance(encoder, str) else encoder
        book = VectorBook(newer, store)
        # before the first vector: who is forgotten later must be found in those of a change that was given up, too
        store.set_meta("encoders", list(dict.fromkeys([*encoders_used(store), newer.id])))
        texts, items = texts_of(store.entries(types=TEXTS))
        embed(texts, book, progress)
        drafts = [fit_of(items, book, settings, store)] if items else []
        changed = settings.model_copy(update={"encoder": encoder}) if isinstance(encoder, str) else settings
        drafts.append(Draft("settings", clock.time(), changed.model_dump(mode="json")))
        store.append(drafts)
        store.set_meta("encoder", newer.id)
    finally:
        store.close()


def embed(texts: Mapping[str, str], book: VectorBook, progress: Progress | None = None) -> None:
    """Put the texts' vectors into the book."""
    keys = list(texts)
    for first in range(0, len(keys), BATCH):
        book.of([texts[key] for key in keys[first : first + BATCH]])
        if progress is not None:
            progress(min(first + BATCH, len(keys)), len(keys))


def fit_of(items: Mapping[str, Mapping[str, Any]], book: VectorBook, settings: Settings, store: Store) -> Draft:
    """A fit of the items (bodies by id, at least one), whose vectors are in the book; the tree keeps its names."""
    bodies = list(items.values())
    hashes: list[str] = [b["hash"] for b in bodies]
    vectors = np.concatenate([book.get(hashes[k : k + 4096]) for k in range(0, len(hashes), 4096)])
    embedded = [text_to_embed(b["text"], b["paths"]) for b in bodies]
    body = make_fit(settings, book.encoder.id, vectors, embedded, [b["paths"] for b in bodies], _tree(store))
    return Draft("fit", clock.time(), body)


def _tree(store: Store) -> Taxonomy:
    """The tree's root and induced nodes as they are: they keep their names, by which users have edited them."""
    tree = Taxonomy()
    fit = next(store.entries(types=["fit"], newest_first=True, limit=1), None)
    if fit is not None:
        tree.adopt(fit.body["root"], fit.body["induced"])
    return tree


def texts_of(entries: Iterable[Entry]) -> tuple[dict[str, str], dict[str, dict[str, Any]]]:
    """Every text that the fold needs by content hash, and the latest body of every item by id."""
    texts: dict[str, str] = {}
    items: dict[str, dict[str, Any]] = {}
    for entry in entries:
        if entry.type == "item":
            body = entry.body
            text = text_to_embed(body["text"], body["paths"])
            if content_hash(text) != body["hash"]:
                raise StoreError(
                    f"item {entry.item!r} came with a vector of its own",
                    fix="add it again without, then change the encoder",
                )
            texts[body["hash"]] = text
            items[str(entry.item)] = body
        elif entry.type == "warm":
            texts.update({name[0]: name[3] for name in entry.body["names"]})
        else:
            texts.update({clause["hash"]: clause["topic"] or clause["text"] for clause in entry.body["clauses"]})
    return texts, items
