"""The served sequence evidence: the same numbers as PyTorch's, from numpy alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lives import BagOfWords, films, stream
from penchant import Engine
from penchant.interest.evidence import Evidence
from penchant.interest.evidence.sequence import Sequence
from penchant.interest.sequence.settings import WINDOW, SequenceSettings
from penchant.interest.sequence.weights import Trained
from penchant.records import Draft

pytest.register_assert_rewrite("evidence_contract")
sys.path.insert(0, str(Path(__file__).parents[1] / "contract"))
from evidence_contract import EvidenceContract  # noqa: E402


def trained(ids: list[str], width: int, seed: int = 0, d: int = 16) -> Trained:
    """Weights as a training might have left them."""
    rng = np.random.default_rng(seed)
    settings = SequenceSettings(dim=d, heads=4, inner=24)
    shapes: dict[str, tuple[int, ...]] = {
        "ids": (len(ids), d), "W_v": (width, d), "W_q": (d, d), "W_k": (d, d), "W_z": (d, d), "W_o": (d, d),
        "W_1": (d, 24), "b_1": (24,), "W_2": (24, d), "b_2": (d,), "bias": (4, WINDOW),
        **{f"{name}_{k}": (d,) for name in "gc" for k in (1, 2, 3)},
    }  # fmt: skip
    weights = {name: (rng.standard_normal(shape) * 0.5).astype(np.float32) for name, shape in shapes.items()}
    return Trained(settings, ids, weights, mean=0.3, deviation=1.7)


def engine_with(some: Any = None) -> Engine:
    engine = Engine.open(base="shop", settings={"evidence": ["popular", "sequence"]}, encoder=BagOfWords())
    engine.add_items(films())
    ids = engine.model.world.catalogue.rows.ids[:50]  # the last ten came after the training
    body = (some or trained(ids, engine.model.world.dim)).to_body(engine.encoder.id)
    engine._write([Draft("trained", 0.0, body)])
    engine.observe_many(stream())
    return engine


def evidence_of(engine: Engine) -> Sequence:
    found = engine.model.evidences[1]
    assert isinstance(found, Sequence)
    return found


@pytest.mark.parametrize("n", [1, 2, 7, WINDOW])
def test_numpy_is_torch(n: int) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed (extra train)")
    from penchant.interest.sequence.network import Network

    with engine_with() as engine:
        evidence, items = evidence_of(engine), 50
        given = trained(engine.model.world.catalogue.rows.ids[:items], engine.model.world.dim)
        network = Network(torch.from_numpy(engine.model.world.catalogue.vectors[:items].copy()), given.settings).eval()
        with torch.no_grad():
            for name, parameter in network.named_parameters():
                parameter.copy_(torch.from_numpy(given.weights[name]))
            history = np.random.default_rng(n).integers(0, items, n).astype(np.int32)
            inputs = torch.full((1, WINDOW), -1)
            inputs[0, WINDOW - n :] = torch.from_numpy(history.astype(np.int64))
            h = network(inputs)[0, -1]
            scores = (network.embed(torch.arange(items)) @ h).numpy()
        np.testing.assert_allclose(evidence.state(history), h.numpy(), atol=1e-4)
        asker = engine.model.asker(0, engine.now)
        asker.history = history
        values = evidence.values(asker, np.arange(items, dtype=np.int32))
        np.testing.assert_allclose(values, (scores - given.mean) / given.deviation, atol=1e-4)


def test_an_item_without_an_id_stands_by_its_vector() -> None:
    with engine_with() as engine:
        evidence, vectors = evidence_of(engine), engine.model.world.catalogue.vectors
        assert not evidence.weights["ids"][50:60].any()
        np.testing.assert_allclose(evidence.E[50:60], vectors[50:60] @ evidence.weights["W_v"], atol=1e-5)
        engine.add_items([films()[3].model_copy(update={"text": "something else entirely"})])
        expected = vectors[3] @ evidence.weights["W_v"] + evidence.weights["ids"][3]
        np.testing.assert_allclose(evidence.E[3], expected, atol=1e-5)


def test_order_matters_and_an_empty_history_says_nothing() -> None:
    with engine_with() as engine:
        evidence, rows = evidence_of(engine), np.arange(60, dtype=np.int32)
        asker = engine.model.asker(0, engine.now)
        asker.history = np.array([3, 8, 21], np.int32)
        values = evidence.values(asker, rows)
        asker = engine.model.asker(0, engine.now)
        asker.history = np.array([21, 8, 3], np.int32)
        assert not np.allclose(values, evidence.values(asker, rows))
        assert not evidence.values(engine.model.asker(None, engine.now), rows).any()


def test_what_another_encoder_was_trained_with_is_passed_over() -> None:
    with Engine.open(base="shop", encoder=BagOfWords()) as engine:
        engine.add_items(films())
        body = trained(["f1"], engine.model.world.dim).to_body("another")
        before = engine.model.skipped
        engine._write([Draft("trained", 0.0, body)])
        assert engine.model.skipped == before + 1
        assert all(not e.trained for e in engine.model.evidences if isinstance(e, Sequence))


def test_the_body_is_exact_to_the_bit() -> None:
    one = trained(["a", "我"], 5)
    other = Trained.from_body(one.to_body("x"))
    assert (other.ids, other.settings, other.mean, other.deviation) == (one.ids, one.settings, one.mean, one.deviation)
    for name, array in one.weights.items():
        assert array.tobytes() == other.weights[name].tobytes()


def test_serving_needs_no_torch() -> None:
    code = "import sys; sys.modules['torch'] = None; import penchant; e = penchant.Engine.open(); print(e.trained())"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


class TestTrainedSequence(EvidenceContract):
    kind = Sequence

    @pytest.fixture(scope="class")
    @classmethod
    def engine(cls):
        engine = engine_with()
        engine.tell("u1", "comedy and romance please")
        yield engine
        engine.close()

    @pytest.fixture
    def evidence(self, engine: Engine) -> Evidence:
        return evidence_of(engine)
