"""Capacity against what really lies in memory and on disk, and the caps under every domain's settings."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from lives import T0, BagOfWords
from penchant import Engine, Event, Item
from penchant.config import Settings, domains
from penchant.engine.capacity import ITEM_CAP, USER_CAP, Bill, capacity, row_bytes
from penchant.errors import InvalidRecord
from penchant.evaluate.tuning.knobs import knobs_of, with_values
from penchant.interest.sequence.settings import SequenceSettings
from penchant.interest.sequence.weights import Trained
from penchant.records import Draft
from penchant.store.schema import metadata

USERS, ITEMS, EVENTS = 150, 600, 6000
SETTINGS = Settings.load("movies", {"snapshot_every": 1_000_000, "exact_below": 100})


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, Bill, Path]]:
    """An engine with a life behind it, and the bill for one of its size."""
    path = tmp_path_factory.mktemp("lived") / "lived.db"
    items = [
        Item(id=f"{k:012}", text=f"item {k} ".ljust(120, "x"), paths=((f"c{k % 8}", f"d{k % 40}"),), time=T0)
        for k in range(ITEMS)
    ]
    events = [
        Event(id=f"{k:0>31}", user=f"{k * 31 % USERS:012}", item=f"{k * 7919 % ITEMS:012}", kind="rating", time=T0 + k)
        for k in range(EVENTS)
    ]
    users = len({event.user for event in events})
    with Engine.open(path, settings=SETTINGS, encoder=BagOfWords()) as engine:
        engine.add_items(items)
        engine.observe_many(events)
        taxonomy = engine.model.world.taxonomy
        nodes, categories = len(taxonomy.categories) + len(taxonomy.dimensions), len(taxonomy.categories)
        bill = capacity(SETTINGS, users=users, items=ITEMS, events=EVENTS, nodes=nodes, categories=categories,
                        encoder_dim=BagOfWords.dim)  # fmt: skip
        yield engine, bill, path


def of(bill: Bill, name: str) -> int:
    lines = {line.name: line.bytes for line in (*bill.memory, *bill.disk)}
    (found,) = [name] if name in lines else [known for known in lines if known.startswith(name)]
    return lines[found]


def trained_body() -> dict[str, object]:
    """Weights of zeros for a few items, as a training would leave them."""
    s = SequenceSettings()
    d, f = s.dim, s.inner
    shapes = {"ids": (0, d), "W_v": (128, d), "bias": (s.heads, 32), "W_1": (d, f), "b_1": (f,), "W_2": (f, d),
              "b_2": (d,), **dict.fromkeys(("W_q", "W_k", "W_z", "W_o"), (d, d)),
              **{f"{v}_{k}": (d,) for v in "gc" for k in (1, 2, 3)}}  # fmt: skip
    return Trained(s, [], {w: np.zeros(size, np.float32) for w, size in shapes.items()}, 0.0, 1.0).to_body(
        BagOfWords.id
    )


@pytest.mark.parametrize("domain", ["general", *domains()])
def test_the_caps_hold_in_every_domain(domain: str) -> None:
    for trained in (False, True):
        rows = row_bytes(Settings.load(domain), trained=trained)
        assert 0 < rows.user <= USER_CAP == 1.5 * 1024
        assert 0 < rows.item <= ITEM_CAP == 3 * 1024
        assert rows.vector == 4 * Settings.load(domain).model.dim


def test_no_searched_settings_break_the_caps() -> None:
    start = Settings.load("movies")
    knobs = [knob for knob in knobs_of(start) if knob.scale == "choice"]
    assert {knob.path for knob in knobs} == {"model.dim", "options.learned.dim"}
    for values in itertools.product(*(knob.choices for knob in knobs)):
        chosen = with_values(start, dict(zip((knob.path for knob in knobs), values, strict=True)))
        rows = row_bytes(chosen, trained=True)
        assert rows.user <= USER_CAP, values
        assert rows.item <= ITEM_CAP, values


def test_memory_is_that_of_a_real_engines_arrays(lived: tuple[Engine, Bill, Path]) -> None:
    """To the byte for users, to 2 % for the rest: what is no part of the state is not seen from outside."""
    engine, bill, _ = lived
    states = engine.model.states()
    users = len(engine.model.world.users)
    assert sum(a.nbytes for name, a in states.items() if name.startswith("memory.")) == of(bill, "users")
    assert all(len(a) == users for name, a in states.items() if name.startswith("memory."))
    whole = sum(array.nbytes for array in states.values())
    # these fill up with events and contexts, and stop at what the bill says
    old, contexts = states["evidence.learned.old"], states["evidence.context.counts"]
    assert old[0].nbytes * 50_000 == of(bill, "replayed events")
    assert 512 * (contexts[0].nbytes + 8) == of(bill, "contexts")
    whole -= old.nbytes + contexts.nbytes
    told = sum(of(bill, n) for n in ("users", "items, beside", "vectors", "categories", "dimensions", "weights and"))
    assert whole <= told <= 1.02 * whole


def test_a_trained_sequence_model_is_counted(lived: tuple[Engine, Bill, Path]) -> None:
    plain, rows = row_bytes(SETTINGS), row_bytes(SETTINGS, trained=True)
    with Engine.open(settings=SETTINGS, encoder=BagOfWords()) as engine:
        engine.add_items(Item(id=str(k), text=f"item {k}") for k in range(100))
        before = {name: a.nbytes for name, a in engine.model.states().items()}
        engine._write([Draft("trained", T0, trained_body())])  # type: ignore[attr-defined]
        after = {name: a.nbytes for name, a in engine.model.states().items()}
        grown = sum(after[name] - before.get(name, 0) for name in after if after[name] % 100 == 0 and "ids" in name)
        evidence = next(e for e in engine.model.evidences if e.name == "sequence")
        # e_i of each item lies in memory beside what the state holds
        assert vars(evidence)["E"][0].nbytes + grown // 100 == rows.item - plain.item


def test_disk_is_that_of_a_real_file(lived: tuple[Engine, Bill, Path], tmp_path: Path) -> None:
    """The log to 20 %; a snapshot is at most what the bill says, for it is packed where that pays."""
    engine, bill, _ = lived
    engine.store.backup(tmp_path / "log.db")
    log = (tmp_path / "log.db").stat().st_size
    told = of(bill, "events") + of(bill, "items and") + of(bill, "fits")
    assert 0.8 * log <= told <= 1.2 * log
    kept = engine.model.states()
    engine.save()
    engine.store.backup(tmp_path / "all.db")
    snapshot = (tmp_path / "all.db").stat().st_size - log
    (line,) = (line for line in bill.disk if line.name == "snapshots")
    assert line.count == 3  # two are kept while a third is written
    empty = of(bill, "replayed events") - kept["evidence.learned.old"].nbytes
    assert 0.3 * (line.each - empty) <= snapshot <= 1.05 * (line.each - empty)


def test_an_answer_is_that_of_a_real_log(tmp_path: Path) -> None:
    bill = capacity(SETTINGS, users=1, items=1, events=1, encoder_dim=BagOfWords.dim)
    path = tmp_path / "answers.db"
    with Engine.open(path, settings=SETTINGS, encoder=BagOfWords()) as engine:
        engine.add_items(Item(id=f"{k:012}", text=f"item {k} ".ljust(60, "x"), paths=(("a", "b"),)) for k in range(80))
        engine.observe_many(Event(user="ann", item=f"{k:012}", kind="like", time=T0 + k) for k in range(20))
        engine.store.backup(tmp_path / "before.db")
        for _ in range(50):
            engine.recommend("ann", 10)
        engine._journal.flush()  # type: ignore[attr-defined]
        engine.store.backup(tmp_path / "after.db")
    real = ((tmp_path / "after.db").stat().st_size - (tmp_path / "before.db").stat().st_size) / 50
    (line,) = (line for line in bill.disk if line.name.startswith("answers"))
    assert 0.5 * real <= line.each <= 2 * real
    assert line.count == SETTINGS.answers_kept


def test_the_bill_adds_up_and_grows_by_its_rows() -> None:
    sizes = {"users": 1000, "items": 2000, "events": 10_000, "encoder_dim": 64}
    one = capacity(SETTINGS, **sizes)
    assert one.memory_bytes == sum(line.bytes for line in one.memory) <= one.reserved_bytes <= 2 * one.memory_bytes
    assert one.disk_bytes == sum(line.bytes for line in one.disk)
    more = capacity(SETTINGS, **{**sizes, "users": 3000})
    assert of(more, "users") - of(one, "users") == 2000 * row_bytes(SETTINGS).user
    large = capacity(SETTINGS, **{**sizes, "items": 30_000})
    assert "vector index" in {line.name for line in large.memory} - {line.name for line in one.memory}
    saying = capacity(SETTINGS, **sizes, statements=100)
    vectors = of(saying, "vectors of statements")
    assert vectors == 100 * 4 * SETTINGS.model.dim
    assert saying.memory_bytes - one.memory_bytes == of(saying, "statements") + vectors
    most = capacity(SETTINGS, **sizes, statements=10**9)
    assert of(most, "statements") == round(SETTINGS.statements_kept * row_bytes(SETTINGS).statement)
    small = capacity(SETTINGS, users=0, items=0, events=0, nodes=0, encoder_dim=64)
    assert not any(line.bytes for line in small.memory if line.name in ("users", "vectors", "categories"))
    for wrong in ({"users": -1}, {"items": 10**13}, {"nodes": -1}, {"statements": -1}):
        with pytest.raises(InvalidRecord, match=f"capacity.{next(iter(wrong))}"):
            capacity(SETTINGS, **{**sizes, **wrong})


def test_every_table_of_the_store_is_known() -> None:
    """A table that is added needs a line in the bill, or a reason why it has none."""
    billed = {"log", "vector", "snapshot", "snapshot_array"}
    small = {"tombstone", "meta", "catalogue"}  # 16 bytes a forgotten user; a few values
    assert set(metadata.tables) == billed | small
