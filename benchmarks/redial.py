"""ReDial: from what was said so far to the film that is recommended next, Recall@1, 10, 50 over all 6,281 films.

    pip install bm25s
    python benchmarks/redial.py          # every dialogue
    python benchmarks/redial.py 3        # every third dialogue is asked about; all of them are learned

Every row of crs_test.jsonl is a place in a dialogue where films are recommended: the last turns are the words, the
films are right. Texts of the films: their titles, and genres and plot of those that MovieLens 1M has too (by title and
year). Three ways with the same texts: BM25 (bm25s), plain cosine of the default encoder's vectors, and penchant:

- words alone: `recommend(request=words)`;
- with behaviour: the films named so far in the dialogue as `history`, and every finished dialogue is learned before
  the next one is asked about (its films are engagements of one more user).

The first fifth of the dialogues is for choosing how many turns are the words, by Recall@10, for BM25, cosine and
penchant with words alone (behaviour takes what that chose); the figures are of the rest. Nearly one right film in ten
was named before by the people themselves; the figures without those (and with all films named so far left out of the
lists) stand beside.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
from bench import data_set, keep

from penchant import Engine, Event, Item
from penchant.language import open_encoder

AT = (1, 10, 50)
SPANS = (1, 3, 100)  # turns that are the words
DEEP = 100  # films of a list that are looked at
START = 1.5e9
Lists = Callable[[str, "Row"], list[str]]


@dataclass(frozen=True)
class Row:
    """A place where films are recommended."""

    dialogue: str
    turns: tuple[str, ...]
    named: tuple[str, ...]
    right: tuple[str, ...]

    def words(self, span: int) -> str:
        """The last turns."""
        return " ".join(self.turns[-span:])[-2000:] or "hello"


def title_of(entity: str) -> str:
    """A film's title from its address.

    >>> title_of("<http://dbpedia.org/resource/Water_(1985_film)>")
    'Water (1985)'
    """
    title = unquote(entity.strip("<>").rpartition("/resource/")[2]).replace("_", " ")
    title = re.sub(r" \(.*?(\d{4}).*?\)$", r" (\1)", title)
    return re.sub(r" \((film|movie|.* film|.* series|franchise)\)$", "", title)


def _key(title: str) -> tuple[str, str]:
    year = re.search(r"\((\d{4})\)$", title)
    name = re.sub(r"\s*\(.*?\)\s*", " ", title).strip()
    name = re.sub(r"^(.*), (the|a|an)$", r"\2 \1", name, flags=re.I)
    return re.sub(r"[^a-z0-9]+", " ", name.casefold()).strip(), year[1] if year else ""


def plots() -> dict[tuple[str, str], tuple[list[str], str]]:
    """Genres and plot by (name, year), and by (name, "") where a name is one film's alone; {} without MovieLens 1M."""
    try:
        lines = (data_set("ml-1m") / "movies_extrainfos.dat").read_text(encoding="utf-8", errors="replace").splitlines()
    except SystemExit:
        return {}
    found: dict[tuple[str, str], tuple[list[str], str]] = {}
    names: dict[str, int] = {}
    for parts in (line.split("::") for line in lines):
        if len(parts) >= 10:
            name, _ = _key(parts[1])
            found[name, parts[2]] = [g.strip() for g in parts[5].split(",") if g.strip()], parts[9]
            names[name] = names.get(name, 0) + 1
    return found | {(name, ""): info for (name, _), info in found.items() if names[name] == 1}


def read(folder: Path) -> tuple[list[Item], list[Row]]:
    """The films and the rows."""
    entities = {number: entity for entity, number in json.loads((folder / "crs_entity2id.json").read_text()).items()}
    more, films = plots(), list[Item]()
    for number in json.loads((folder / "crs_item_ids.json").read_text()):
        title = title_of(entities[number])
        genres, plot = more.get(_key(title), ([], ""))
        films.append(Item(id=str(number), text=f"{title}\n{plot}".strip(), paths=[[g] for g in genres][:8]))
    known = {film.id for film in films}
    rows: list[Row] = []
    for line in (folder / "crs_test.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        named = tuple(str(e) for e in row["prev_entity"] if str(e) in known)
        turns = tuple(turn for turn in row["context"] if turn)
        rows.append(Row(row["dialog_id"], turns, named, tuple(str(e) for e in row["rec"])))
    return films, rows


class Recall:
    """Hits at 1, 10 and 50 of every right film; and of those that were not named before, lists without what was."""

    def __init__(self) -> None:
        self.ranks: list[int] = []
        self.fresh: list[int] = []

    def add(self, row: Row, best: Sequence[str]) -> None:
        """One more list."""
        rest = [film for film in best if film not in row.named]
        for right in row.right:
            self.ranks.append(best.index(right) if right in best else DEEP)
            if right not in row.named:
                self.fresh.append(rest.index(right) if right in rest else DEEP)

    def figures(self) -> dict[str, Any]:
        """Recall in percent."""

        def at(ranks: list[int]) -> dict[str, float]:
            return {f"recall@{k}": round(100 * float((np.array(ranks) < k).mean()), 2) for k in AT}

        return {**at(self.ranks), "not named before": at(self.fresh), "right films": len(self.ranks)}


def bm25(films: list[Item]) -> Lists | None:
    """BM25 with English stop words; None without bm25s."""
    try:
        import bm25s
    except ImportError:
        return None
    index = bm25s.BM25()
    index.index(bm25s.tokenize([film.text for film in films], stopwords="en", show_progress=False), show_progress=False)

    def best(words: str, row: Row) -> list[str]:
        asked = bm25s.tokenize([words], stopwords="en", show_progress=False)
        found, scores = index.retrieve(asked, k=DEEP, show_progress=False)
        return [films[k].id for k, score in zip(found[0], scores[0], strict=True) if score > 0]

    return best


class Remembered:
    """The default encoder, each text encoded once."""

    def __init__(self) -> None:
        self._encoder, self._known = open_encoder("default"), dict[str, Any]()
        self.id, self.dim = self._encoder.id, self._encoder.dim

    def encode(self, texts: Sequence[str]) -> Any:
        """Vectors [n, dim]."""
        new = list(dict.fromkeys(text for text in texts if text not in self._known))
        self._known.update(zip(new, self._encoder.encode(new), strict=True))
        return np.array([self._known[text] for text in texts], np.float32).reshape(len(texts), self.dim)


def cosine(films: list[Item], encoder: Remembered) -> Lists:
    """Cosine of the words to the films' texts."""
    vectors = encoder.encode([film.text for film in films])

    def best(words: str, row: Row) -> list[str]:
        return [films[k].id for k in np.argsort(-(vectors @ encoder.encode([words])[0]), kind="stable")[:DEEP]]

    return best


class Penchant:
    """The engine, asked with words alone or with behaviour."""

    def __init__(self, films: list[Item], encoder: Remembered, *, behaviour: bool) -> None:
        settings = {"exact_below": 20_000, "answers_kept": 0, "diversity": {"method": "none"}}
        self.engine = Engine.open(":memory:", "movies", settings, encoder=encoder)
        self.engine.add_items(films)
        self.behaviour, self._now, self._open = behaviour, START, ("", dict[str, None]())

    def best(self, words: str, row: Row) -> list[str]:
        """The best films for a row; a dialogue that is over is learned first."""
        if not self.behaviour:
            return [r.item for r in self.engine.recommend(n=DEEP, request=words, repeats=True)]
        self.note(row)
        history = [Event(user="?", item=film, kind="like", time=self._now) for film in row.named]
        answer = self.engine.recommend("", DEEP, words, history=history, at=self._now, repeats=True)
        return [r.item for r in answer]

    def note(self, row: Row) -> None:
        """The films of a dialogue are learned once it is over: when the next one begins."""
        if self._open[0] != row.dialogue:
            self._learn()
            self._open = (row.dialogue, {})
        self._open[1].update(dict.fromkeys((*row.named, *row.right)))

    def _learn(self) -> None:
        dialogue, films = self._open
        events = [Event(user=dialogue, item=f, kind="like", time=self._now + k) for k, f in enumerate(films)]
        self._now += 3600
        self.engine.observe_many(events)


def main(every: int) -> None:
    """Choose spans on the first fifth of the dialogues, measure on the rest."""
    films, rows = read(data_set("redial"))
    dialogues = list(dict.fromkeys(row.dialogue for row in rows))
    first, asked = set(dialogues[: len(dialogues) // 5]), set(dialogues[::every])
    validation = [row for row in rows if row.dialogue in first]
    test = [row for row in rows if row.dialogue not in first]
    encoder = Remembered()
    ways: dict[str, Lists | None] = {
        "BM25": bm25(films),
        "cosine": cosine(films, encoder),
        "penchant, words alone": Penchant(films, encoder, behaviour=False).best,
    }
    figures: dict[str, Any] = {
        "films": len(films), "with genres and plot": sum(bool(film.paths) for film in films),
        "asked about, of every": every, "rows": sum(row.dialogue in asked for row in test),
    }  # fmt: skip
    span = SPANS[0]
    for name, best in ways.items():
        if best is None:
            figures[name] = "bm25s is not installed"
            continue
        chosen: dict[int, float] = {}
        for tried in SPANS:
            found = Recall()
            for row in validation:
                if row.dialogue in asked:
                    found.add(row, best(row.words(tried), row))
            chosen[tried] = found.figures()["recall@10"]
        span = max(chosen, key=lambda tried: chosen[tried])
        found, started = Recall(), time.perf_counter()
        for row in test:
            if row.dialogue in asked:
                found.add(row, best(row.words(span), row))
        took = 1000 * (time.perf_counter() - started) / figures["rows"]
        figures[name] = {**found.figures(), "turns": span, "validation recall@10": chosen, "ms a row": round(took, 1)}
        print(name, json.dumps(figures[name]), flush=True)
    found, learner = Recall(), Penchant(films, encoder, behaviour=True)
    for row in rows:
        if row.dialogue in first or row.dialogue not in asked:
            learner.note(row)
        else:
            found.add(row, learner.best(row.words(span), row))
    figures["penchant, with behaviour"] = {**found.figures(), "turns": span}
    keep("redial", figures)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
