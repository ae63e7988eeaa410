"""Going back to a backup while serving: what it brings back, what it must not, and that a failure changes nothing."""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lives import BagOfWords
from penchant import Engine, Event
from penchant.engine.reembed import reembed
from penchant.engine.restoring import make_ready
from penchant.errors import Refused, StoreError
from penchant.interest.replay import encoder_in_use
from penchant.serve.faults import NotReady
from penchant.serve.restore import last_restored, restore
from penchant.store import open_store
from serving import Serve, Served, light

Far = list[tuple[str, int, int]]


def observe(served: Served, *events: tuple[str, str, str]) -> None:
    catalogue = served.host.catalogue("shop")
    outcomes = catalogue.writer.submit([Event(user=u, item=i, id=id, kind="like") for u, i, id in events]).result()
    assert not any(isinstance(one, Exception) for one in outcomes)


def ids(served: Served) -> list[str | None]:
    return [event.id for event in served.host.catalogue("shop").engine.events()]


@pytest.fixture
def lived(serve: Serve, tmp_path: Path) -> tuple[Served, Path]:
    """A catalogue with a backup, and what happened after that."""
    served = serve(items=12)
    observe(served, *[(f"u{k % 3}", f"f{k % 12}", f"e{k}") for k in range(12)])
    engine = served.host.catalogue("shop").engine
    engine.tell("u1", "no more horror")
    backup = engine.backup(tmp_path / "then.db")
    observe(served, ("u0", "f3", "later"), ("u2", "f4", "later too"))
    engine.retire("f5")
    return served, backup


def test_it_is_what_it_was_but_for_those_who_were_forgotten(lived: tuple[Served, Path]) -> None:
    served, backup = lived
    before = served.host.catalogue("shop")
    receipt = before.engine.forget("u1")
    assert receipt.wait(30)
    version = before.engine.version
    far: Far = []
    done = restore(served.host, "shop", backup, lambda *step: far.append(step))
    after = served.host.catalogue("shop")
    assert after is not before
    assert list(dict.fromkeys(step[0] for step in far)) == ["copy", "rebuild", "swap"]
    assert ids(served) == [f"e{k}" for k in range(12) if k % 3 != 1]
    assert not list(after.engine.store.entries(user="u1"))
    assert not after.engine.is_retired("f5")
    assert after.engine.version >= version
    assert after.engine.verify()
    assert after.engine.store.check() == []
    with pytest.raises(Refused, match="forgotten"):
        after.engine.observe(Event(user="u1", item="f1"))
    [kept] = after.engine.receipts()
    assert (kept.id, kept.places["log"].clean_at) == (receipt.id, receipt.places["log"].clean_at)
    assert "u1" not in after.engine.model.world.users.ids
    assert last_restored(after) == done
    assert [(one.what, one.summary) for one in after.engine.versions()][-1] == ("restore", "restored from then.db")
    assert after.engine.versions()[-1].version > version
    # numbers go on
    observe(served, ("u0", "f3", "later"))
    assert after.engine.version > version
    assert served.ask("POST", "/recommendations", json={"user": "u0", "n": 3}).status_code == 200
    # what it was is a backup too, and it can be gone back to
    again = restore(served.host, "shop", Path(done.before), lambda *step: None)
    assert [id for id in ids(served) if id and id.startswith("later")] == ["later", "later too"]
    assert served.host.catalogue("shop").engine.is_retired("f5")
    known = served.host.catalogue("shop").engine.store.get_meta("backups")
    assert known == [str(backup), done.before, again.before]
    assert not list(Path(served.host.folder or "").glob(".*.restoring"))


def test_somebody_forgotten_while_the_backup_is_made_ready_is_not_in_it(lived: tuple[Served, Path]) -> None:
    served, backup = lived
    engine = served.host.catalogue("shop").engine

    def step(phase: str, done: int, total: int) -> None:
        if phase == "swap" and not done:
            assert engine.forget("u2").wait(30)
            observe(served, ("u0", "f7", "acknowledged"))

    done = restore(served.host, "shop", backup, step)
    after = served.host.catalogue("shop").engine
    assert {event.user for event in after.events()} == {"u0", "u1"}
    assert len(after.receipts()) == 1
    assert after.verify()
    with closing(open_store(done.before, read_only=True)) as store:
        assert store.entry_of("acknowledged") is not None


@pytest.mark.parametrize("harm", ["torn", "gone", "other", "unknown"])
def test_a_backup_that_can_not_be_used_changes_nothing(lived: tuple[Served, Path], harm: str, tmp_path: Path) -> None:
    served, backup = lived
    before, held = served.host.catalogue("shop"), ids(served)
    if harm == "torn":
        content = bytearray(backup.read_bytes())
        content[len(content) // 2 :] = b"\xa5" * (len(content) - len(content) // 2)
        backup.write_bytes(content)
    elif harm == "gone":
        backup.unlink()
    elif harm == "other":
        backup.unlink()
        with light(backup, "movies") as engine:
            engine.add_items([{"id": "tea", "text": "tea"}])
    else:
        backup = backup.rename(tmp_path / "elsewhere.db")
    with pytest.raises(Refused if harm in ("other", "unknown") else StoreError):
        restore(served.host, "shop", backup, lambda *step: None)
    assert served.host.ready("shop") is before
    assert ids(served) == held
    observe(served, ("u0", "f1", "goes on"))
    assert last_restored(before) is None


def test_what_can_not_be_opened_after_the_swap_is_put_back(lived: tuple[Served, Path]) -> None:
    served, backup = lived
    held, opened = ids(served), served.host.opener
    tries: list[int] = []

    def failing(place: Any, *args: Any, **more: Any) -> Engine:
        if Path(place).parent == served.host.folder:
            tries.append(1)
            if len(tries) == 1:
                raise StoreError("no space left", fix="make room")
        return opened(place, *args, **more)

    served.host.opener = failing
    with pytest.raises(NotReady):
        restore(served.host, "shop", backup, lambda *step: None)
    after = served.host.catalogue("shop")
    assert ids(served) == held
    assert last_restored(after) is None
    assert after.engine.verify()
    observe(served, ("u0", "f1", "goes on"))


def test_only_one_at_a_time(lived: tuple[Served, Path]) -> None:
    served, backup = lived
    refused: list[Exception] = []

    def second() -> None:
        try:
            restore(served.host, "shop", backup, lambda *step: None)
        except Refused as error:
            refused.append(error)

    def step(phase: str, done: int, total: int) -> None:
        if phase == "swap" and not done:
            thread = threading.Thread(target=second)
            thread.start()
            thread.join()

    restore(served.host, "shop", backup, step)
    assert "under way" in str(refused[0])


def test_who_follows_the_log_sees_the_restored_state(lived: tuple[Served, Path]) -> None:
    served, backup = lived
    assert served.host.folder is not None
    with light(served.host.folder / "shop.db", read_only=True) as follower:
        restore(served.host, "shop", backup, lambda *step: None)
        observe(served, ("u9", "f2", "new"))
        assert follower.refresh() == served.host.catalogue("shop").engine.version
        ours, theirs = served.host.catalogue("shop").engine.model.states(), follower.model.states()
        assert all(np.array_equal(ours[name], theirs[name]) for name in ours)


class OtherWords(BagOfWords):
    """The same, under another name and turned round."""

    id = "bag-of-words-turned"

    def encode(self, texts: Any) -> Any:
        return super().encode(texts)[:, ::-1].copy()


def test_the_encoder_in_use_stays(tmp_path: Path) -> None:
    place = tmp_path / "shop.db"
    with light(place, "movies") as engine:
        engine.add_items([{"id": f"t{k}", "text": f"tea number {k}", "paths": [["Tea"]]} for k in range(5)])
        engine.observe(Event(user="ann", item="t1"))
        backup = engine.backup(tmp_path / "then.db")
    reembed(place, OtherWords())

    def opener(path: Any, *args: Any, **more: Any) -> Engine:
        return Engine.open(path, *args, encoder=OtherWords(), **more)

    with opener(place) as live:
        phases: list[str] = []
        make_ready(live, backup, tmp_path / "copy.db", opener, lambda phase, done, total: phases.append(phase))
        assert "encode" in phases
    with closing(open_store(tmp_path / "copy.db")) as store:
        assert encoder_in_use(store) == OtherWords.id
    with opener(tmp_path / "copy.db") as copy:
        assert [event.item for event in copy.events()] == ["t1"]
        assert copy.verify()
