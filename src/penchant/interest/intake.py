"""Items on their way in: texts to vectors, a fit where one is due, and the heads' warm start, as drafts for the log."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from penchant.errors import InvalidRecord
from penchant.interest.catalogue import LIVE
from penchant.interest.fit import is_due, make_fit
from penchant.interest.model import Model
from penchant.interest.taxonomy import id_of, split
from penchant.language.chat import ChatModel, Group, name_groups
from penchant.language.vectors import Progress, VectorBook, content_hash, vector_hash
from penchant.records import Draft, Item


def text_to_embed(text: str, paths: Iterable[Sequence[str]]) -> str:
    """What stands for an item in the space: its text, then the names of its nodes.

    >>> text_to_embed("Alien (1979)", [["Horror"], ["Sci-Fi", "Space"]])
    'Alien (1979). Horror, Sci-Fi, Space'
    """
    levels = ", ".join(dict.fromkeys(level for path in paths for level in path))
    body = text.strip().rstrip(".")
    return f"{body}. {levels}" if body and levels else body or levels


def phrase_of(name: str, noun: str) -> str:
    """The phrase by which a node is an example of itself.

    >>> phrase_of("Horror", "film")
    'a horror film'
    """
    return f"a {name.casefold()} {noun}"


def embed(items: Sequence[Item], book: VectorBook, progress: Progress | None = None) -> list[str]:
    """Vectors of the items, kept in the book; returns their content hashes. Given vectors of its encoder are taken."""
    hashes: list[str] = []
    texts: dict[str, str] = {}
    given: dict[str, Any] = {}
    for item in items:
        vector = item.vectors.get(book.encoder.id)
        if vector is not None:
            if len(vector) != book.encoder.dim:
                raise InvalidRecord(f"item.vectors.{book.encoder.id}", len(vector), f"give {book.encoder.dim} numbers")
            key = vector_hash(vector)
            given[key] = vector
        else:
            text = text_to_embed(item.text, item.paths)
            key = content_hash(text)
            texts[key] = text
        hashes.append(key)
    if given:
        book.given(given)
    if texts:
        book.of(list(texts.values()), progress)
    return hashes


def item_draft(item: Item, key: str, now: float) -> Draft:
    """The log's draft of an item; `now` is when it was added, UTC seconds."""
    body = {
        "title": item.title,
        "text": item.text,
        "paths": [list(path) for path in item.paths],
        "fields": dict(item.fields),
        "images": list(item.images),
        **({"audio": list(item.audio)} if item.audio else {}),
        "available": item.available,
        "time": item.time,
        "hash": key,
    }
    return Draft("item", item.time if item.time is not None else now, body, item=item.id)


def fit_drafts(
    model: Model, book: VectorBook, items: Sequence[Item], hashes: Sequence[str],
    texts_known: Callable[[], dict[str, str]], now: float, *, chat: ChatModel | None = None,
) -> list[Draft]:  # fmt: skip
    """A fit's draft, if one is due with these items added; `texts_known` reads the text of each known item, by id.

    A chat model has a say in the names of induced nodes; they are in the draft, so that replay never asks it again.
    """
    catalogue = model.world.catalogue
    known = {item.id for item in items}
    if not is_due(model.fitted, catalogue.rows.known + sum(catalogue.rows.get(id) is None for id in known)):
        return []
    kept = [row for row, id in enumerate(catalogue.rows.ids) if id and id not in known]
    texts_of = texts_known() if kept else {}
    keys = [catalogue.cards[row].hash for row in kept] + list(hashes)
    texts = [text_to_embed(texts_of.get(catalogue.rows.ids[row], ""), catalogue.cards[row].paths) for row in kept] + [
        text_to_embed(item.text, item.paths) for item in items
    ]
    paths: list[Sequence[Sequence[str]]] = [catalogue.cards[row].paths for row in kept]
    paths += [item.paths for item in items]
    vectors = np.concatenate([book.get(keys[k : k + 4096]) for k in range(0, len(keys), 4096)])
    rename = None if chat is None else partial(_rename, chat, model.settings.noun)
    body = make_fit(model.settings, book.encoder.id, vectors, texts, paths, model.world.taxonomy, rename=rename)
    return [Draft("fit", now, body)]


def _rename(chat: ChatModel, noun: str, groups: Sequence[Group], taken: Collection[str]) -> list[str]:
    return name_groups(chat, groups, noun=noun, taken=taken)


def check_room(model: Model, pairs: Iterable[tuple[str, str]], field: str) -> None:
    """Refuse nodes (category, dimension or "") that the tree has no room for.

    Raises:
        InvalidRecord: one comes on top of as many as may be; `field` is what named it.
    """
    taxonomy = model.world.taxonomy
    new_c: dict[str, None] = {}
    new_d: dict[str, None] = {}
    for category, dimension in pairs:
        if taxonomy.categories.get(category) is None:
            new_c[category] = None
        if dimension and taxonomy.dimensions.get(id_of(category, dimension)) is None:
            new_d[id_of(category, dimension)] = None
        for there, new, most, noun in (
            (len(taxonomy.categories), new_c, taxonomy.most[0], "categories"),
            (len(taxonomy.dimensions), new_d, taxonomy.most[1], "dimensions"),
        ):
            if new and there + len(new) > most:
                raise InvalidRecord(
                    field, dimension if noun == "dimensions" else category,
                    f"the tree may have no more than {most:,}: give one it has, or raise the setting model.most_{noun}",
                )  # fmt: skip


def nodes_named(model: Model, items: Iterable[Item], drafts: Sequence[Draft]) -> Iterator[tuple[str, str]]:
    """(category, dimension or "") of every path, below the root as the drafts' fit leaves it."""
    fit = next((draft.body for draft in drafts if draft.type == "fit"), None)
    root = model.world.taxonomy.root if fit is None else fit["root"]
    for item in items:
        for path in item.paths:
            yield split(root, path)


def is_unchanged(model: Model, item: Item, key: str) -> bool:
    """Whether the catalogue holds the item just so, live, with this content hash."""
    catalogue = model.world.catalogue
    row = catalogue.rows.get(item.id)
    if row is None or catalogue.state[row] != LIVE:
        return False
    card = catalogue.cards[row]
    same = (card.title, card.hash, card.available) == (item.title, key, item.available)
    same = same and card.paths == [list(path) for path in item.paths] and card.fields == item.fields
    return same and (item.time is None or item.time == catalogue.time[row])


def due_warm(model: Model, book: VectorBook, now: float) -> list[Draft]:
    """A warm start's draft, if a fit came or nodes came to exist since the last one."""
    taxonomy = model.world.taxonomy
    known_c, known_d = (0, 0) if model.cold else model.warmed
    nodes = [(name, "") for name in taxonomy.categories.ids[known_c:]]
    nodes += [taxonomy.path_of_dimension(row) for row in range(known_d, len(taxonomy.dimensions))]
    return [warm_draft(model, book, nodes, items=model.cold, now=now)] if nodes or model.cold else []


def warm_draft(
    model: Model, book: VectorBook, nodes: Sequence[tuple[str, str]], *, items: bool, now: float,
    examples: Sequence[tuple[str, str, str]] = (),
) -> Draft:  # fmt: skip
    """A warm start on the names of nodes (category, dimension or "") and on examples (text, category, dimension)."""
    noun = model.settings.noun
    texts = [(phrase_of(dimension or category, noun), category, dimension) for category, dimension in nodes]
    texts += list(examples)
    if texts:
        book.of([text for text, _, _ in texts])
    names = [[content_hash(text), category, dimension, text] for text, category, dimension in texts]
    epochs = model.settings.learn.warm_epochs if items or not examples else 4 * model.settings.learn.warm_epochs
    return Draft("warm", now, {"epochs": epochs, "items": items, "names": names})
