"""The sequence model learns an order, the same on every run, and goes on where it was interrupted."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from penchant.errors import ConfigError, InvalidRecord, MissingExtra, Refused, StoreError
from penchant.interest.sequence.checkpoint import load_checkpoint
from penchant.interest.sequence.histories import Histories, hold_out, windows
from penchant.interest.sequence.settings import WINDOW, SequenceSettings
from penchant.interest.sequence.training import Epoch, choose_device, train
from penchant.interest.sequence.weights import Trained

SMALL = SequenceSettings(dim=16, inner=16, epochs=6, patience=6, batch=16, negatives=24, rate=0.01)


def cycle(items: int = 60, users: int = 60, events: int = 40, seed: int = 0) -> Histories:
    """Everybody steps through the items in one order, from anywhere, and one step in five is a leap."""
    rng = np.random.default_rng(seed)
    rows: list[int] = []
    for _ in range(users):
        row = int(rng.integers(items))
        for _ in range(events):
            rows.append(row)
            row = int(rng.integers(items)) if rng.random() < 0.2 else (row + 1) % items
    vectors = rng.standard_normal((items, 8)).astype(np.float32)
    return Histories(
        [f"i{k}" for k in range(items)],
        vectors / np.linalg.norm(vectors, axis=1, keepdims=True),
        np.array(rows, np.int32),
        np.ones(len(rows), np.bool_),
        np.arange(0, len(rows) + 1, events),
    )


def same(one: Trained, other: Trained) -> bool:
    return one.weights.keys() == other.weights.keys() and all(
        array.tobytes() == other.weights[name].tobytes() for name, array in one.weights.items()
    )


@pytest.fixture(scope="module")
def learned() -> tuple[Trained, list[Epoch]]:
    pytest.importorskip("torch", reason="PyTorch is not installed (extra train)")
    epochs: list[Epoch] = []
    return train(cycle(), SMALL, device="cpu", progress=epochs.append), epochs


def test_it_learns_a_planted_order(learned: tuple[Trained, list[Epoch]]) -> None:
    trained, epochs = learned
    assert epochs[-1].loss < 0.8 * epochs[0].loss
    # in random order HR@10 would be 10 / 60; four steps in five can be known
    assert max(e.hr10 for e in epochs) > 0.7
    assert trained.mrr == max(e.mrr for e in epochs)
    assert [e.number for e in epochs] == list(range(1, len(epochs) + 1))


def test_the_same_training_gives_the_same_bits(learned: tuple[Trained, list[Epoch]]) -> None:
    import torch

    torch.manual_seed(1)  # whatever the caller's random state, and it is left as it was
    before = torch.random.get_rng_state()
    assert same(train(cycle(), SMALL, device="cpu"), learned[0])
    assert torch.equal(before, torch.random.get_rng_state())
    assert not same(train(cycle(), replace(SMALL, epochs=1), seed=8, device="cpu"), learned[0])


def test_a_gpu_learns_it_too() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed (extra train)")
    if not torch.cuda.is_available():
        pytest.skip("there is no GPU here")
    epochs: list[Epoch] = []
    train(cycle(), SMALL, device="cuda", progress=epochs.append)
    assert max(e.hr10 for e in epochs) > 0.7


class Interrupted(Exception):
    pass


def test_resumed_is_uninterrupted(learned: tuple[Trained, list[Epoch]], tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.npz"

    def stop(epoch: Epoch) -> None:
        if epoch.number == 3:
            raise Interrupted

    with pytest.raises(Interrupted):
        train(cycle(), SMALL, device="cpu", checkpoint=path, progress=stop)
    assert path.exists()
    rest: list[Epoch] = []
    assert same(train(cycle(), SMALL, device="cpu", checkpoint=path, progress=rest.append), learned[0])
    assert [e.number for e in rest] == [4, 5, 6]
    assert not path.exists()


def test_a_checkpoint_of_another_training_is_not_taken(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    path = tmp_path / "checkpoint.npz"

    def stop(epoch: Epoch) -> None:
        raise Interrupted

    with pytest.raises(Interrupted):
        train(cycle(), SMALL, device="cpu", checkpoint=path, progress=stop)
    numbers: list[int] = []
    train(
        cycle(seed=1),
        replace(SMALL, epochs=1),
        device="cpu",
        checkpoint=path,
        progress=lambda e: numbers.append(e.number),
    )
    assert numbers == [1]
    path.write_bytes(b"torn")
    assert load_checkpoint(path, "any") is None
    with pytest.raises(StoreError, match=r"checkpoint .*nowhere"):
        train(cycle(), SMALL, device="cpu", checkpoint=tmp_path / "nowhere" / "c.npz")


def test_early_stopping_keeps_the_best_epoch() -> None:
    pytest.importorskip("torch")
    epochs: list[Epoch] = []
    noise = cycle()
    noise = replace(noise, item=np.random.default_rng(0).permutation(noise.item))
    trained = train(noise, replace(SMALL, epochs=60, patience=2), device="cpu", progress=epochs.append)
    assert len(epochs) < 60
    assert not epochs[-1].best
    assert not epochs[-2].best
    assert trained.epochs == len(epochs)
    assert trained.mrr == max(e.mrr for e in epochs)


def test_windows_cover_every_event_once() -> None:
    histories = cycle(users=7, events=75)
    end, held = hold_out(histories, 0.2, 4000, 7)
    assert 1 <= len(held.inputs) <= 4
    for epoch in range(3):
        found = windows(histories, end, 7, epoch)
        assert found.inputs.shape == found.targets.shape == (len(found.inputs), WINDOW)
        known = found.inputs >= 0
        assert (known == (found.targets >= 0)).all()
        assert int(known.sum()) == int((end - histories.start[:-1] - 1).sum())
        # padding stands on the left only
        assert (np.diff(known.astype(int), axis=1) >= 0).all()
    firsts = {tuple(np.sort(windows(histories, end, 7, epoch).inputs[:, -1])) for epoch in range(3)}
    assert len(firsts) > 1


def test_what_only_is_history_is_never_a_target() -> None:
    histories = cycle(users=5, events=20)
    unwanted = histories.item % 2 == 0
    histories = replace(histories, wanted=~unwanted)
    end, held = hold_out(histories, 0.5, 4000, 7)
    targets = np.concatenate([windows(histories, end, 7, 0).targets.ravel(), held.targets.ravel()])
    assert (targets[targets >= 0] % 2 == 1).all()
    assert (held.targets[:, -1] >= 0).all()


def test_nothing_to_train_on_is_refused() -> None:
    pytest.importorskip("torch")
    empty = Histories(
        [], np.zeros((0, 8), np.float32), np.zeros(0, np.int32), np.zeros(0, np.bool_), np.zeros(1, np.int64)
    )
    with pytest.raises(Refused, match="nothing to train on"):
        train(empty, SMALL, device="cpu")


def test_options_and_devices_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match=r"options\.sequence\.dim: 5"):
        SequenceSettings.read({"dim": 5})
    with pytest.raises(ConfigError, match=r"there is no 'deep'"):
        SequenceSettings.read({"deep": 1})
    with pytest.raises(ConfigError, match="multiple of 3"):
        SequenceSettings.read({"heads": 3})
    assert SequenceSettings.read({"dim": 32.0, "rate": 0.1}, {"rate": None, "epochs": 2}).to_dict()["rate"] == 0.1
    pytest.importorskip("torch")
    with pytest.raises(InvalidRecord, match="auto, cpu or cuda"):
        choose_device("tpu")  # type: ignore[arg-type]
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtra, match=r"penchant\[train\]"):
        choose_device("cpu")
