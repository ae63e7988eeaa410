"""Recommendations, their explanations, and what acts on the next one."""

from __future__ import annotations

import math
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lives import GENRES, T0, BagOfWords, Open, films, stream
from penchant import Engine, Event, Explanation
from penchant.errors import ConfigError, InvalidRecord, UnknownId
from penchant.recommend.board import _times


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    user=st.sampled_from(["u0", "u1", "u2", "stranger", ""]),
    request_=st.sampled_from([None, "a funny comedy", "no war, something romantic", "恐怖片", "new horror"]),
    n=st.integers(1, 70),
    diversity=st.sampled_from(["none", "mmr", "calibrated"]),
    exploration=st.sampled_from([0.0, 0.5]),
    filters=st.sampled_from([None, "year > 1990", [{"action": "boost", "path": ["War"], "amount": 1.5}]]),
)
def test_parts_sum_to_the_score(user, request_, n, diversity, exploration, filters) -> None:
    answer = LIVE.recommend(user, n, request_, diversity=diversity, exploration=exploration, filters=filters)
    assert len({r.item for r in answer}) == len(answer)
    for r in answer:
        assert math.isclose(math.fsum(part.value for part in r.explanation.parts), r.score, abs_tol=1e-9)
        assert Explanation.from_dict(r.explanation.to_dict()) == r.explanation
        assert r.explanation.text("en")
        assert r.explanation.text("zh")
        assert 0 < r.probability <= 1
    if diversity == "none" and not exploration:
        assert [r.score for r in answer] == sorted((r.score for r in answer), reverse=True)


LIVE = Engine.open(base="movies", encoder=BagOfWords())
LIVE.add_items(films())
LIVE.observe_many(stream())


def test_the_next_answer_has_seen_the_event(opened: Open) -> None:
    engine = opened(items=films())
    engine.observe_many(stream())
    first = engine.recommend("ann")
    learned = engine.observe(Event(user="ann", item="f6", kind="like", time=engine.now + 1))
    answer = engine.recommend("ann")
    assert answer.version >= learned.version > first.version
    assert "f6" not in [r.item for r in answer]
    assert [r.item for r in answer] != [r.item for r in first]


def test_edits_act_on_the_next_request_and_survive(opened: Open, tmp_path: Path) -> None:
    engine = opened(tmp_path / "c.db", items=films())
    engine.observe_many(stream())

    def share_of(genre: str, n: int = 15) -> int:
        return sum([genre] in [list(p) for p in engine.item(r.item).paths] for r in engine.recommend("u1", n))

    before = share_of("Horror")
    engine.profile("u1").edit("Horror", never=True)
    assert share_of("Horror", 60) == 0
    engine.close()
    engine = opened(tmp_path / "c.db")
    assert share_of("Horror", 60) == 0
    assert "never" in engine.profile("u1").node("Horror").edits
    engine.edit("u1", "Horror", "undo")
    assert share_of("Horror") == before
    engine.edit("u1", "War", "always")
    assert share_of("War") > before
    engine.edit("u1", op="undo")
    base = share_of("Sci-Fi")
    engine.edit("u1", "Sci-Fi", "more")
    shares = engine.profile("u1").node("Sci-Fi")
    assert share_of("Sci-Fi") >= base
    assert shares.edits == ("more",)
    engine.edit("u1", "Sci-Fi", "less")
    assert engine.profile("u1").node("Sci-Fi").intensity < shares.intensity
    with pytest.raises(UnknownId, match="did you mean"):
        engine.profile("u1").edit("Horor", never=True)
    with pytest.raises(UnknownId, match="no statement to undo"):
        engine.edit("u2", op="undo")


@pytest.mark.parametrize(
    ("love", "no_more"), [("I love horror films", "no more horror"), ("我特别喜欢恐怖片", "不要再推荐恐怖片了")]
)
def test_the_latest_word_counts(love: str, no_more: str) -> None:
    with Engine.open(base="movies") as engine:
        engine.add_items(films())

        def horror() -> int:
            return sum(
                [*(["Horror"] in [list(p) for p in engine.item(r.item).paths] for r in engine.recommend("u", 10))]
            )

        plain = horror()
        engine.tell("u", love)
        assert horror() > plain
        engine.tell("u", no_more)
        assert horror() <= plain
        notes = engine.profile("u").statements
        assert len(notes) == 2
        assert notes[-1].polarity < 0
        engine.edit("u", op="undo")
        assert horror() > plain


def test_filters_caps_and_blocks(opened: Open) -> None:
    engine = opened(items=films())
    assert all(engine.item(r.item).fields["price"] < 3 for r in engine.recommend("x", filters="price < 3"))
    capped = engine.recommend("x", filters=[{"action": "cap", "path": ["War"], "limit": 1}])
    assert sum(["War"] in [list(p) for p in engine.item(r.item).paths] for r in capped) <= 1
    nothing = engine.recommend("x", filters="price > 100")
    assert len(nothing) == 0
    assert nothing.blocked
    with pytest.raises(ConfigError):
        engine.recommend("x", filters="__import__('os')")
    for n in (0, -1, 10**6):
        with pytest.raises(InvalidRecord, match=r"recommend\.n"):
            engine.recommend("x", n)


def test_history_counts_for_this_answer_only(opened: Open) -> None:
    engine = opened(items=films())
    engine.observe_many(stream())
    plain = [r.item for r in engine.recommend("")]
    session = [
        r.item for r in engine.recommend("", history=[{"item": "f2", "kind": "like"}, {"item": "f8", "kind": "like"}])
    ]
    assert session != plain
    assert not {"f2", "f8"} & set(session)
    assert [r.item for r in engine.recommend("")] == plain


def test_answers_are_logged_and_explained_after_a_restart(opened: Open, tmp_path: Path) -> None:
    engine = opened(tmp_path / "c.db", items=films())
    engine.observe_many(stream())
    answer = engine.recommend("u1", 5, exploration=0.5)
    engine.observe(
        Event(user="u1", item=answer[2].item, kind="like", request_id=answer.request_id, time=engine.now + 1)
    )
    engine.close()
    engine = opened(tmp_path / "c.db")
    found = engine.explain(answer.request_id)
    assert [e.item for e in found] == [r.item for r in answer]
    entry = next(e for e in engine.records(types=["answer"]))
    assert [r["probability"] for r in entry.body["items"]] == [r.probability for r in answer]
    assert 40 <= len(entry.body["best"]) <= 50
    event = list(engine.records(types=["event"]))[-1]
    assert event.body["passed"] == [r.item for r in answer][:4]
    assert engine.verify()


def test_negative_feedback_pushes_its_nodes_down(opened: Open) -> None:
    engine = opened(items=films())
    engine.observe_many(stream())
    row = engine.model.world.catalogue.rows.get("f12")
    assert row is not None
    c = engine.model.world.catalogue.place(row).categories[0]
    before = engine.model.asker(engine.model.user("u1"), engine.now).lift_c[c]
    for k in range(5):
        engine.observe(Event(user="u1", item="f12", kind="dislike", time=engine.now + 1 + k))
    assert engine.model.asker(engine.model.user("u1"), engine.now).lift_c[c] < before


def test_many_threads_lose_nothing(opened: Open, tmp_path: Path) -> None:
    engine = opened(tmp_path / "c.db", items=films())
    versions: dict[int, list[int]] = {}
    failed: list[BaseException] = []

    def life(k: int) -> None:
        try:
            for j in range(25):
                learned = engine.observe(Event(user=f"t{k}", item=f"f{j}", kind="like", time=T0 + j, id=f"{k}-{j}"))
                assert engine.recommend(f"t{k}", 3).version >= learned.version
                versions.setdefault(k, []).append(learned.version)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=life, args=(k,)) for k in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed, failed
    assert sum(1 for _ in engine.events()) == 150
    for k, seen in versions.items():
        assert seen == sorted(seen)
        assert [e.item for e in engine.events() if e.user == f"t{k}"] == [f"f{j}" for j in range(25)]
    assert engine.verify()


def test_a_large_catalogue_gathers_candidates(opened: Open) -> None:
    engine = opened(items=films(600), settings={"exact_below": 100, "candidates": 300})
    engine.observe_many(stream(300, items=600))
    small = engine.recommend("u1", 10)
    exact = opened(items=films(600))
    exact.observe_many(stream(300, items=600))
    assert len({r.item for r in small} & {r.item for r in exact.recommend("u1", 10)}) >= 7
    wanted = engine.recommend("u1", 5, "horror")
    assert wanted
    assert all(r.explanation.by_level().get("request") is not None for r in wanted)


def test_similar_items_share_a_genre(opened: Open) -> None:
    engine = opened(items=films())
    top = engine.similar("f0", 5)
    assert "f0" not in [id for id, _ in top]
    assert any(set(engine.item(id).paths) & set(engine.item("f0").paths) for id, _ in top)
    assert _times(0.0) == 1.0
    assert set(GENRES)
