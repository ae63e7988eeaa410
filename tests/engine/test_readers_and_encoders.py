"""Readers beside a writer, and catalogues whose encoder is changed."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lives import BagOfWords, Open, films, stream
from penchant import Engine, Event, reembed
from penchant.errors import EncoderMismatch, Refused, StoreBusy, StoreError, UnknownId
from penchant.store import SqliteStore


class Longer(BagOfWords):
    """Another encoder: twice as many places."""

    id = "bag-of-words-128"
    dim = 128


def test_readers_follow_the_writer(opened: Open, tmp_path: Path) -> None:
    writer = opened(tmp_path / "c.db", items=films())
    reader = opened(tmp_path / "c.db", read_only=True)
    writer.observe_many(stream())
    assert reader.version < writer.version
    assert reader.refresh() == writer.version
    for name, array in writer.model.states().items():
        assert array.tobytes() == reader.model.states()[name].tobytes(), name
    assert [r.item for r in reader.recommend("u1")] == [r.item for r in writer.recommend("u1")]
    with pytest.raises(Refused, match="only reads"):
        reader.observe(Event(user="u1", item="f1"))
    with pytest.raises(StoreBusy):
        Engine.open(tmp_path / "c.db", encoder=BagOfWords())


def test_a_reader_knows_what_the_writer_has_changed_of_an_item(opened: Open, tmp_path: Path) -> None:
    items = [item.model_copy(update={"fields": {"price": 5}}) for item in films()]
    writer = opened(tmp_path / "c.db", items=items)
    reader = opened(tmp_path / "c.db", read_only=True)
    assert len(reader.recommend("u1", filters="price == 5")) == 10
    assert not len(reader.recommend("u1", filters="price > 5"))
    writer.add_items([items[3].model_copy(update={"fields": {"price": 9}, "text": "Zebraword, a film"})])
    writer.observe(Event(user="u1", item=items[4].id))
    reader.refresh()
    assert [one.item for one in reader.recommend("u1", filters="price > 5")] == [items[3].id]
    assert items[4].id not in {one.item for one in reader.recommend("u1", 100)}
    assert reader.recommend("u1", request="like Zebraword").understood is not None


def filled(path: Path) -> None:
    with Engine.open(path, "movies", encoder=BagOfWords()) as engine:
        engine.add_items(films())
        engine.observe_many(stream())
        engine.tell("u1", "more comedy please")


def test_the_encoder_is_changed_and_changed_back(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    filled(path)
    with Engine.open(path, encoder=BagOfWords()) as engine:
        before = [r.item for r in engine.recommend("u1")]
    steps: list[tuple[int, int]] = []
    reembed(path, Longer(), progress=lambda done, total: steps.append((done, total)))
    assert steps[-1][0] == steps[-1][1] > 0
    with pytest.raises(EncoderMismatch, match="bag-of-words-128"):
        Engine.open(path, encoder=BagOfWords())
    with Engine.open(path, encoder=Longer()) as engine:
        assert engine.model.learned == 200
        assert engine.model.space is not None
        assert engine.model.space.encoder == Longer.id
        assert engine.recommend("u1")
        assert engine.profile("u1").statements
        engine.observe_many(stream(20, seed=3))
        assert engine.verify()
    with Engine.open(path, encoder=Longer()) as again:
        assert again.verify()
    reembed(path, BagOfWords())
    with Engine.open(path, encoder=BagOfWords()) as back:
        assert back.verify()
        assert set(before) & {r.item for r in back.recommend("u1")}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_crash_half_way_leaves_the_old_encoder_usable(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    filled(path)

    class Dying(Longer):
        def encode(self, texts: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
            if len(texts) < 64:
                os.kill(os.getpid(), signal.SIGKILL)
            return super().encode(texts)

    child = os.fork()
    if child == 0:
        try:
            reembed(path, Dying())
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    with Engine.open(path, encoder=BagOfWords()) as engine:
        assert engine.verify()
    reembed(path, Longer())
    with Engine.open(path, encoder=Longer()) as engine:
        assert engine.verify()


def test_given_vectors_are_taken_and_can_not_be_embedded_anew(opened: Open, tmp_path: Path) -> None:
    engine = opened(tmp_path / "c.db", items=films())
    vector = [1.0] + [0.0] * 63
    engine.add_items([{"id": "own", "text": "x", "paths": [["War"]], "vectors": {BagOfWords.id: vector}}])
    assert engine.verify()
    engine.close()
    with pytest.raises(StoreError, match="'own' came with a vector"):
        reembed(tmp_path / "c.db", Longer())


@pytest.mark.parametrize(
    ("name", "act"),
    [
        ("add_items", lambda e: e.add_items([{"id": "new", "text": "new words"}])),
        ("add_category", lambda e: e.add_category("Western")),
        ("retire", lambda e: e.retire("f1")),
        ("delete", lambda e: e.delete("f1")),
        ("observe", lambda e: e.observe(Event(user="u1", item="f1"))),
        ("observe_many", lambda e: e.observe_many([Event(user="u1", item="f1")])),
        ("tell", lambda e: e.tell("u1", "words never heard before")),
        ("edit", lambda e: e.edit("u1", "War", "never")),
        ("profile().edit", lambda e: e.profile("u1").edit("War", never=True)),
        ("merge", lambda e: e.merge("u1", "u2")),
        ("reset_profile", lambda e: e.reset_profile("u1")),
        ("forget", lambda e: e.forget("u1")),
        ("save", lambda e: e.save()),
        ("backup", lambda e: e.backup("copy.db")),
    ],
)
def test_a_reader_writes_nothing(
    opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, act: Callable[[Engine], object]
) -> None:
    monkeypatch.chdir(tmp_path)
    writer = opened("c.db", items=films(12))
    writer.observe_many(stream(20, users=3, items=12))
    last = writer.store.last_seq()
    reader = opened("c.db", read_only=True)
    with pytest.raises(Refused, match="this engine only reads"):
        act(reader)
    reader.close()
    assert writer.store.last_seq() == last
    assert not Path("copy.db").exists()


def test_a_reader_asks_with_words_of_its_own(opened: Open, tmp_path: Path) -> None:
    writer = opened(tmp_path / "c.db", items=films())
    reader = opened(tmp_path / "c.db", read_only=True)
    answer = reader.recommend("u1", 3, "a comedy with zebras, no war")
    assert len(answer) == 3
    assert all(r.explanation.by_level().get("request") is not None for r in answer)
    assert reader.explain(user="u1", item="f1")[0].item == "f1"
    with pytest.raises(UnknownId, match="there is no answer"):  # it can't be logged, so there is no feedback on it
        reader.explain(answer.request_id)
    assert not [*writer.records(types=["answer"])]


def test_a_reader_unlearns_whom_the_writer_forgets(opened: Open, tmp_path: Path) -> None:
    writer = opened(tmp_path / "c.db", items=films())
    writer.observe_many(stream())
    reader = opened(tmp_path / "c.db", read_only=True)
    assert reader.profile("u1")
    assert writer.forget("u1").wait(30)
    for act in (reader.profile, reader.recommend, reader.export):
        with pytest.raises(Refused, match="was forgotten"):
            act("u1")
    reader.refresh()
    assert "u1" not in reader.model.world.users.ids
    writer.observe_many(stream(30, seed=4, users=1))
    reader.refresh()
    for name, array in writer.model.states().items():
        assert array.tobytes() == reader.model.states()[name].tobytes(), name


def test_a_reader_is_told_of_another_encoder(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    filled(path)
    with Engine.open(path, encoder=BagOfWords(), read_only=True) as reader:
        reembed(path, Longer())
        with pytest.raises(EncoderMismatch, match="the catalogue's encoder is now bag-of-words-128"):
            reader.refresh()
        assert reader.recommend("u1")


def test_a_crash_at_the_last_step_leaves_one_encoder_or_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "c.db"
    filled(path)

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(SqliteStore, "append", dies)
        with pytest.raises(KeyboardInterrupt):
            reembed(path, Longer())
    with Engine.open(path, encoder=BagOfWords()) as engine:
        assert engine.verify()
    set_meta = SqliteStore.set_meta
    with monkeypatch.context() as patch:  # the log has the change, what stands beside it not yet
        patch.setattr(SqliteStore, "set_meta", lambda s, k, v: dies() if k == "encoder" else set_meta(s, k, v))
        with pytest.raises(KeyboardInterrupt):
            reembed(path, Longer())
    with Engine.open(path, encoder=Longer()) as engine:
        assert engine.recommend("u1")
        assert engine.verify()
    with pytest.raises(EncoderMismatch):
        Engine.open(path, encoder=BagOfWords())


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"typo\.db doesn't exist"):
        reembed(tmp_path / "typo.db", Longer())
    assert not [*tmp_path.iterdir()]


def test_edits_of_induced_nodes_survive_another_encoder(opened: Open, tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    words = ("cowboy sheriff duel horse", "robot planet laser ship", "ghost house scream blood")
    items = [
        {"id": f"i{k}", "text": f"{words[k % 3]} {k} {words[k % 3].split()[k // 3 % 4]}", "paths": [["Films"]]}
        for k in range(120)
    ]
    engine = opened(path, items=items)
    taxonomy = engine.model.world.taxonomy
    names = [taxonomy.path_of_dimension(row) for row in range(len(taxonomy.dimensions))]
    assert len(names) > 1
    engine.edit("u1", names[0], "never")
    engine.close()
    reembed(path, Longer())
    with Engine.open(path, encoder=Longer()) as again:
        assert again.model.skipped == 0
        assert "never" in again.profile("u1").node(names[0]).edits
