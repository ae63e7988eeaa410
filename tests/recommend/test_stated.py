"""What somebody states moves their list, and within what they wish for the well-liked stays above the obscure."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest

from lives import T0, BagOfWords
from penchant import Engine, Event, Item
from penchant.recommend.rank import MORE
from penchant.recommend.request import request_parts, understand

GENRES = {"Horror": 20, "War": 20, "Comedy": 20, "Romance": 20, "Western": 4}
PAIRS = {"both0": ("Comedy", "Romance"), "both1": ("Horror", "War")}


def catalogue() -> list[Item]:
    """Films by genre, 0 the best liked; the last ones of a genre are obscure, and called after it."""
    of = {f"{g[:2]}{k}": ((g,), g if k >= n - 3 else "film") for g, n in GENRES.items() for k in range(n)}
    of |= {id: (genres, "film") for id, genres in PAIRS.items()}
    return [
        Item(id=id, text=f"{called} {called} {id}", paths=[[genre] for genre in genres], time=T0)
        for id, (genres, called) in of.items()
    ]


def what_people_like() -> list[Event]:
    """What 60 people liked, two days long: well-liked films most, those called after their genre never."""
    rng = np.random.default_rng(3)
    ids = [f"{g[:2]}{k}" for g, n in GENRES.items() for k in range(n - 3)] + list(PAIRS)
    weight = np.array([0.75 ** int(re.sub(r"\D", "", id)) * (0.3 if id == "We0" else 1.0) for id in ids])
    drawn = rng.choice(len(ids), size=600, p=weight / weight.sum())
    return [
        Event(user=f"u{k % 60}", item=ids[int(item)], kind="like", time=T0 + 300.0 * k) for k, item in enumerate(drawn)
    ]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine.open(base="movies", encoder=BagOfWords()) as engine:
        engine.add_items(catalogue())
        engine.observe_many(what_people_like())
        yield engine


def shown(engine: Engine, user: str, n: int = 10, **more: str) -> list[str]:
    return [r.item for r in engine.recommend(user, n, diversity="none", **more)]


def stands_in(engine: Engine, ids: list[str], genre: str) -> list[str]:
    return [id for id in ids if (genre,) in engine.item(id).paths]


@pytest.mark.parametrize("genre", ["Horror", "Comedy", "Western"])
@pytest.mark.parametrize("asked", [False, True], ids=["told", "asked"])
def test_what_is_wished_for_comes_and_the_well_liked_of_it_first(engine: Engine, genre: str, asked: bool) -> None:
    words, user = f"I like {genre}", f"{genre} fan"
    before = stands_in(engine, shown(engine, ""), genre)
    if asked:
        ids = shown(engine, "", 100, request=words)
    else:
        engine.tell(user, words)
        ids = shown(engine, user, 100)
    now = stands_in(engine, ids[:10], genre)
    assert len(now) >= min(len(before) + 2, GENRES[genre]), (before, now)
    if asked:
        assert len(now) == min(10, len(stands_in(engine, ids, genre)))
    obscure = {f"{genre[:2]}{k}" for k in range(GENRES[genre] - 3, GENRES[genre])}
    wished = stands_in(engine, ids, genre)
    well_liked = [id for id in wished if id not in obscure][: 5 if genre != "Western" else 1]
    assert max(map(wished.index, well_liked)) < min(wished.index(id) for id in obscure), wished


def test_a_statement_shows_in_the_profile(engine: Engine) -> None:
    plain = engine.profile("nobody yet").node("War")
    engine.tell("soldier", "I like war")
    said = engine.profile("soldier").node("War")
    assert said.share > plain.share + 0.2
    assert said.intensity > plain.intensity


def test_a_refusal_for_good_says_nothing_of_what_stands_elsewhere(engine: Engine) -> None:
    engine.tell("refuses", "no more horror film")  # "film" stands in the words of items of every genre
    assert not stands_in(engine, shown(engine, "refuses", 60), "Horror")
    (elsewhere,) = engine.explain(user="refuses", item="Co0")
    assert not [part for part in elsewhere.parts if part.name == "said"]
    engine.tell("prefers others", "I don't like horror film")
    (elsewhere,) = engine.explain(user="prefers others", item="Co0")
    assert [part for part in elsewhere.parts if part.name == "said"]


def test_two_wishes_are_alternatives(engine: Engine) -> None:
    engine.tell("two", "I like comedy")
    engine.tell("two", "I like romance")
    (both,) = engine.explain(user="two", item="both0")
    (one,) = engine.explain(user="two", item="Co0")
    amounts = [[part.value for part in each.parts if part.name.startswith("more ")] for each in (both, one)]
    assert [len(values) for values in amounts] == [1, 1]
    assert amounts[0][0] > 0


def test_what_few_choose_is_lifted_more(engine: Engine) -> None:
    ranker, asker = engine._ranker, engine.model.asker(None, T0 + 1e6)
    find = engine.model.world.taxonomy.categories.get
    western, horror = ((find(name), -1) for name in ("Western", "Horror"))
    lifts = [ranker._lift(asker, node, 8.0) for node in (western, horror)]
    assert lifts[0] > lifts[1] > 0
    assert ranker._lift(asker, horror, 4.0) < lifts[1]
    assert ranker._lift(asker, western, 1e9) < np.log(1e4) + 1e-9, "bounded, however much is said"
    assert MORE > 0


@pytest.mark.parametrize(
    ("request_", "item", "times"),
    [("comedy or romance", "both0", 1.0), ("a romance comedy", "both0", 2.0), ("a war film", "both1", 1.0)],
)
def test_a_list_is_of_alternatives(engine: Engine, request_: str, item: str, times: float) -> None:
    words = engine._read_request(request_)
    asked = understand(engine.model, words.text, words.reading, words.vector)
    rows = engine.model.world.catalogue.live()
    score = np.random.default_rng(0).normal(size=len(rows))
    parts = request_parts(engine.model, asked, rows, score)
    value = parts.values[parts.names.index("request_category"), engine.model.world.catalogue.rows.get(item)]
    assert value == pytest.approx(times * engine.settings.request.category * score.std())


def test_meaning_counts_by_what_the_names_leave_unsaid(engine: Engine) -> None:
    rows = engine.model.world.catalogue.live()
    score = np.random.default_rng(0).normal(size=len(rows))
    spreads = []
    for request_ in ("war", "war film number seven", "film seven"):
        words = engine._read_request(request_)
        asked = understand(engine.model, words.text, words.reading, words.vector)
        parts = request_parts(engine.model, asked, rows, score)
        spreads.append(float(parts.values[parts.names.index("request_meaning")].std() / score.std()))
    assert spreads == pytest.approx([0.25, 0.75, 1.0], abs=0.01)
