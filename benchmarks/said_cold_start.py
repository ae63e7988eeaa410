"""Cold start by one sentence: MovieLens users of whom nothing is known but what they say of their taste.

    python benchmarks/said_cold_start.py [ml-1m|ml-100k] [people]

All events before the first 80 % of the stream are learned, but those of the people asked about: users of at least 20
events, drawn by seed, of whom nothing is learned. For each, a sentence is written from the genres of their first five
liked films (rating 4 and above): the two genres most of them have, "I like thrillers and dramas." The next ten events
after the fifth liked film are to be foretold: NDCG@10 of a list of ten against the ten, ranked at once, films of the
events up to then left out for everybody. Beside: popularity (what the learned events hold), the engine without a
sentence (its own best for somebody unknown), with the sentence as a statement (`tell`), as a request, and both; and,
for scale, the engine given the events up to then as history instead of words.

The others' events may be later than a person's own: the same for every way. All settings are the domain's, which let
words move a list far: who asks for war films wants to see some. The share of films shown that stand in a genre that was
named says how far. How far a request should move a list to foretell what people take next is chosen apart, on every
second person (`request.category`, `request.meaning`), and reported on the others. Two halves of the people are reported
for every way, so that chance can be seen; the first half (0, 2, 4, ...) is the one that settings were chosen on.

Somebody of whom nothing is known is taken for a newcomer, and what newcomers take first is another thing than what
these people take after nine films (on average) that the engine is not told of. So their very first ten events are
reported apart, beside popularity and popularity of late (half-life 7 days).
"""

from __future__ import annotations

import sys
from collections import Counter
from typing import Any

import numpy as np
from bench import data_set, keep

from penchant import Engine, Event, Item
from penchant.data import open_dataset
from penchant.evaluate.protocols import in_order

SHOWN, NEXT, LIKED, ENOUGH = 10, 10, 5, 4.0
WEEK = 7 * 86_400.0
WEIGHTS = ((0.1, 0.0), (0.25, 0.0), (0.5, 0.0), (1.0, 0.0), (0.25, 0.25), (0.5, 0.25))
WORDS = {
    "Action": "action films", "Adventure": "adventures", "Animation": "animated films",
    "Children's": "children's films", "Comedy": "comedies", "Crime": "crime films", "Documentary": "documentaries",
    "Drama": "dramas", "Fantasy": "fantasy films", "Film-Noir": "film noir", "Horror": "horror films",
    "Musical": "musicals", "Mystery": "mysteries", "Romance": "romances", "Sci-Fi": "science fiction",
    "Thriller": "thrillers", "War": "war films", "Western": "westerns",
}  # fmt: skip


def sentence(films: list[Item]) -> str:
    """One sentence from the two genres that most of the films have.

    >>> sentence([Item(id="1", paths=[["War"], ["Drama"]]), Item(id="2", paths=[["War"]])])
    'I like war films and dramas.'
    """
    counts = Counter(path[0] for film in films for path in film.paths if path[0] in WORDS)
    best = sorted(counts, key=lambda genre: (-counts[genre], genre))[:2]
    return f"I like {' and '.join(WORDS[genre] for genre in best)}." if best else "I like films."


def gain(shown: list[str], coming: set[str]) -> float:
    """NDCG@10 of a list against a set of right films."""
    discounts = 1 / np.log2(np.arange(2, SHOWN + 2))
    hits = np.array([item in coming for item in shown[:SHOWN]] + [False] * (SHOWN - len(shown[:SHOWN])))
    return float((discounts * hits).sum() / discounts[: min(SHOWN, len(coming))].sum())


def main(name: str, people: int) -> None:
    """Learn the others, then ask for each of the people."""
    dataset = open_dataset(data_set(name))
    films = {item.id: item for item in dataset.items}
    events = in_order(dataset.events)
    until = events[int(0.8 * len(events))].time
    of: dict[str, list[Event]] = {}
    for event in events:
        of.setdefault(event.user, []).append(event)
    fit = sorted(user for user, his in of.items() if len(his) >= 20)
    chosen = set(np.random.default_rng(7).permutation(fit)[:people].tolist())
    learned = [event for event in events if event.user not in chosen and event.time < until]
    popular = [item for item, _ in Counter(event.item for event in learned).most_common()]
    settings = {"answers_kept": 0, "diversity": {"method": "none"}}
    found: dict[str, list[float]] = {
        way: [] for way in ("popularity", "nothing said", "told", "asked", "told and asked", "history, no words")
    }
    weighed: dict[tuple[float, float], list[float]] = {pair: [] for pair in WEIGHTS}
    first: dict[str, list[float]] = {way: [] for way in ("popularity", "popularity of late", "nothing said")}
    wished: dict[str, list[float]] = {way: [] for way in found}
    said: list[str] = []
    with Engine.open(":memory:", "movies", settings) as engine:
        engine.add_items(films.values())
        engine.observe_many(learned)
        at = engine.now
        lately: Counter[str] = Counter()
        for event in learned:
            lately[event.item] += 2.0 ** ((event.time - at) / WEEK)  # type: ignore[assignment, operator]
        late = [item for item, _ in lately.most_common(SHOWN)]
        for user in sorted(chosen):
            his = of[user]
            liked = [k for k, event in enumerate(his) if (event.value or 0) >= ENOUGH]
            if len(liked) < LIKED or len(his) <= liked[LIKED - 1] + 1:
                continue
            before = his[: liked[LIKED - 1] + 1]
            had = {event.item for event in before}
            coming = {event.item for event in his[len(before) : len(before) + NEXT]} - had
            words = sentence([films[his[k].item] for k in liked[:LIKED]])
            named = {genre for genre, word in WORDS.items() if word in words}
            said.append(words)
            newcomer = f"new {user}"

            def best(who: str, had: set[str] = had, **more: Any) -> list[str]:
                shown = [r.item for r in engine.recommend(who, SHOWN + len(had), at=at, **more)]
                return [item for item in shown if item not in had][:SHOWN]

            def note(way: str, shown: list[str], coming: set[str] = coming, named: set[str] = named) -> None:
                found[way].append(gain(shown, coming))
                inside = [any(path[0] in named for path in films[item].paths) for item in shown]
                wished[way].append(float(np.mean(inside)))

            note("popularity", [item for item in popular[:200] if item not in had][:SHOWN])
            note("nothing said", best(newcomer))
            note("asked", best(newcomer, request=words))
            begun = {event.item for event in his[:NEXT]}
            for way, shown in (
                ("popularity", popular),
                ("popularity of late", late),
                ("nothing said", best("", set())),
            ):
                first[way].append(gain(shown[:SHOWN], begun))
            given = engine.model.settings
            for category, meaning in WEIGHTS:  # looked at when a question is asked: nothing is learned anew
                request = given.request.model_copy(update={"category": category, "meaning": meaning})
                engine.model.settings = given.model_copy(update={"request": request})
                weighed[category, meaning].append(gain(best(newcomer, request=words), coming))
            engine.model.settings = given
            history = [Event(user="?", item=e.item, kind=e.kind, value=e.value, time=at) for e in before]
            note("history, no words", best("", history=history))
            engine.tell(newcomer, words, time=at)
            note("told", best(newcomer))
            note("told and asked", best(newcomer, request=words))
    pair = max(WEIGHTS, key=lambda pair: float(np.mean(weighed[pair][::2])))
    scores = {way: np.array(values) for way, values in found.items()}
    base = scores["popularity"]
    figures: dict[str, Any] = {"people": len(base), "events learned": len(learned), "sentences, e.g.": said[:3]}
    for way, values in scores.items():
        gap = values - base
        error = float(gap.std() / len(gap) ** 0.5)
        figures[way] = {
            "ndcg@10": round(float(values.mean()), 4),
            "each half": [round(float(values[k::2].mean()), 4) for k in (0, 1)],
            "over popularity, standard error": [round(float(gap.mean()), 4), round(error, 4)],
            "shown that stand in a genre named": round(float(np.mean(wished[way])), 3),
        }  # fmt: skip
    figures["their very first ten events"] = {way: round(float(np.mean(values)), 4) for way, values in first.items()}
    rest = np.array(weighed[pair][1::2]) - base[1::2]
    figures["asked, weights chosen on the other half"] = {
        "request.category, request.meaning": pair,
        "chosen on": {f"{c}, {m}": round(float(np.mean(weighed[c, m][::2])), 4) for c, m in WEIGHTS},
        "ndcg@10": round(float(np.mean(weighed[pair][1::2])), 4),
        "over popularity, standard error": [
            round(float(rest.mean()), 4), round(float(rest.std() / len(rest) ** 0.5), 4),
        ],
    }  # fmt: skip
    keep(f"said-cold-start-{name}", figures)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "ml-100k", int(sys.argv[2]) if len(sys.argv) > 2 else 300)
