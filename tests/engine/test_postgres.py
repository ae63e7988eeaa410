"""A whole life of an engine on PostgreSQL: the same state, bit for bit, as the same life on SQLite."""

from __future__ import annotations

from pathlib import Path

import pytest

from lives import BagOfWords, assert_same, films, stream
from penchant import Engine
from penchant.errors import Refused
from postgres import Server

EVENTS = stream(240)


def live(engine: Engine) -> None:
    """Everything that a log can hold."""
    engine.add_items(films())
    engine.observe_many(EVENTS[:100])
    for event in EVENTS[100:130]:
        engine.observe(event)
    engine.tell("u1", "no horror, please", id="said")
    engine.edit("u2", "War", "more", id="edited")
    engine.retire("f7")
    engine.observe_many(stream(12, users=1, seed=3))
    engine.merge("u0", into="u1")
    engine.save()
    receipt = engine.forget("u3")
    receipt.wait(60)
    engine.observe_many([event for event in EVENTS[130:] if event.user not in ("u0", "u3")])


def open_(path: str | Path, **more: object) -> Engine:
    return Engine.open(path, "movies", encoder=BagOfWords(), **more)  # type: ignore[arg-type]


def test_a_life(postgres_server: Server, tmp_path: Path) -> None:
    url = postgres_server.url()
    with open_(tmp_path / "a.db") as expected, open_(url) as engine:
        live(expected)
        live(engine)
        answer = engine.recommend("u1", 5, request="a war film")
        assert [r.item for r in answer] == [r.item for r in expected.recommend("u1", 5, request="a war film")]
        assert engine.verify()
        assert engine.store.check() == []
        with pytest.raises(Refused, match="was forgotten"):
            engine.observe(EVENTS[0].model_copy(update={"user": "u3", "id": "again"}))
        engine.backup(tmp_path / "copy.db")
        with open_(url, read_only=True) as reader:
            before = reader.version
            engine.observe_many(stream(20, seed=9, users=2))
            expected.observe_many(stream(20, seed=9, users=2))
            assert reader.refresh() > before
            engine.forget("u2").wait(60)
            expected.forget("u2").wait(60)
            reader.refresh()
            assert "u2" not in str(list(reader.events()))
            assert reader.verify()
    # versions count answers too, which are logged when there is time; they are compared when all are there
    with open_(tmp_path / "a.db") as expected, open_(url) as engine:
        assert_same(expected, engine)
    with Engine.open(tmp_path / "copy.db", encoder=BagOfWords()) as copy:
        assert copy.verify()
        assert copy.store.is_blocked("u3")
        assert not copy.store.is_blocked("u2")
