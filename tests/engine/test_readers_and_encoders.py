"""Readers beside a writer, and catalogues whose encoder is changed."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lives import BagOfWords, Open, films, stream
from penchant import Engine, Event, reembed
from penchant.errors import EncoderMismatch, Refused, StoreBusy, StoreError


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
