"""What every evidence must do. To try your own, subclass `EvidenceContract` in a test file and give it `kind`.

class TestMine(EvidenceContract):
    kind = Mine
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pytest

from lives import T0, BagOfWords, films, stream
from penchant import Engine, Event
from penchant.interest.asker import Asker
from penchant.interest.evidence import KINDS, Evidence
from penchant.interest.reason import Reason
from penchant.recommend.phrases import phrase


class EvidenceContract:
    kind: type[Evidence]
    options: ClassVar[dict[str, Any]] = {}  # settings `options.<name>` that it is tried with

    @pytest.fixture(scope="class")
    @classmethod
    def engine(cls):
        kind = cls.kind
        names = ("popular", kind.name) if kind.name != "popular" else ("popular",)
        engine = Engine.open(
            base="shop",
            settings={"evidence": names, "options": {kind.name: cls.options}},
            encoder=BagOfWords(),
            evidence={**KINDS, kind.name: kind},
        )
        engine.add_items(films())
        engine.observe_many(stream())
        engine.tell("u1", "comedy and romance please")
        yield engine
        engine.close()

    @pytest.fixture
    def evidence(self, engine: Engine) -> Evidence:
        return next(e for e in engine.model.evidences if e.name == type(self).kind.name)

    def askers(self, engine: Engine) -> list[Asker]:
        users = [engine.model.user("u1"), engine.model.user("u2"), None]
        return [engine.model.asker(user, engine.now, context={"device": "tv"}) for user in users]

    def test_values_are_finite_and_one_a_row(self, engine: Engine, evidence: Evidence) -> None:
        rows = engine.model.world.catalogue.live()
        for asker in self.askers(engine):
            values = evidence.values(asker, rows)
            assert values.shape == rows.shape
            assert np.isfinite(values).all()
            assert evidence.values(asker, rows[:0]).shape == (0,)

    def test_where_it_is_silent_its_numbers_are_0(self, engine: Engine, evidence: Evidence) -> None:
        rows = engine.model.world.catalogue.live()
        for asker in self.askers(engine):
            if evidence.silent(asker):
                assert not evidence.values(asker, rows).any()

    def test_a_batch_is_one_by_one(self, engine: Engine, evidence: Evidence) -> None:
        rows = engine.model.world.catalogue.live()
        for asker in self.askers(engine):
            whole = evidence.values(asker, rows)
            single = np.concatenate([evidence.values(asker, rows[k : k + 1]) for k in range(len(rows))])
            np.testing.assert_allclose(whole, single, rtol=1e-5, atol=1e-6)

    def test_asking_changes_nothing(self, engine: Engine, evidence: Evidence) -> None:
        rows = engine.model.world.catalogue.live()
        before = {name: array.tobytes() for name, array in engine.model.states().items()}
        for asker in self.askers(engine):
            evidence.values(asker, rows)
            evidence.candidates(asker, 10)
            evidence.reason(asker, 3)
        assert before == {name: array.tobytes() for name, array in engine.model.states().items()}

    def test_reasons_can_be_said(self, engine: Engine, evidence: Evidence) -> None:
        for asker in self.askers(engine):
            for row in (0, 7):
                reason = evidence.reason(asker, row)
                assert isinstance(reason, Reason)
                for language in ("en", "zh"):
                    assert phrase(reason, language)
                    assert "${" not in phrase(reason, language, negative=True)

    def test_candidates_are_rows(self, engine: Engine, evidence: Evidence) -> None:
        for asker in self.askers(engine):
            found = evidence.candidates(asker, 7)
            assert len(found) <= 7
            assert len(set(found.tolist())) == len(found)
            assert all(0 <= row < len(engine.model.world.catalogue) for row in found)

    def test_it_grows_in_its_direction(self, engine: Engine, evidence: Evidence) -> None:
        """An item whose vector moves by some of q gets so much more: what candidates are looked for by."""
        vectors = engine.model.world.catalogue.vectors
        for asker in self.askers(engine):
            q = evidence.direction(asker)
            if q is None or not q.any():
                continue
            assert q.shape == (engine.model.world.dim,)
            row = next(row for row in range(len(vectors)) if row not in asker.history)
            kept, before = vectors[row].copy(), evidence.values(asker, np.array([row], np.int32))[0]
            step = (0.1 * q / np.linalg.norm(q)).astype(np.float32)
            try:
                vectors[row] += step
                evidence.grow(row + 1)
                asker = engine.model.asker(asker.user if asker.user >= 0 else None, engine.now)
                after = evidence.values(asker, np.array([row], np.int32))[0]
            finally:
                vectors[row] = kept
                evidence.grow(row + 1)
            assert after - before == pytest.approx(float(q @ step), rel=2e-2, abs=1e-4)

    def test_its_state_is_saved_whole(self, engine: Engine, evidence: Evidence) -> None:
        items = len(engine.model.world.catalogue)
        states = {name: array.copy() for name, array in evidence.states(items).items()}
        again = type(evidence)(engine.model.world)
        again.load(states)
        rows = engine.model.world.catalogue.live()
        for asker in self.askers(engine):
            assert (again.values(asker, rows) == evidence.values(asker, rows)).all()
        for name, array in again.states(items).items():
            assert array.tobytes() == states[name].tobytes()
            assert array.dtype != object

    def test_nothing_of_an_item_that_left_is_left_in_its_row(self) -> None:
        kind = type(self).kind
        names = ("popular", kind.name) if kind.name != "popular" else ("popular",)
        settings = {"evidence": names, "options": {kind.name: self.options}, "retired_kept": 0}
        kinds = {**KINDS, kind.name: kind}
        with Engine.open(base="shop", settings=settings, encoder=BagOfWords(), evidence=kinds) as engine:
            engine.add_items(films())
            engine.observe_many(stream())
            engine.tell("u1", "comedy and romance please")
            world = engine.model.world
            evidence = next(e for e in engine.model.evidences if e.name == kind.name)
            row = world.catalogue.rows.get("f0")
            assert row is not None
            engine.retire("f0")
            engine.add_items([{"id": "new", "text": "something new", "paths": [["Comedy"]]}])
            assert world.catalogue.rows.get("new") == row
            items = len(world.catalogue)
            unseen = kind(world)
            unseen.grow(items)
            for name, array in unseen.states(items).items():
                if len(array) == items:
                    assert (evidence.states(items)[name][row] == array[row]).all(), name
            engine.observe_many(Event(user="u1", item="new", kind="like", time=T0 + 1e6 + k) for k in range(3))
            assert engine.verify()

    def test_the_engine_replays_with_it(self, engine: Engine, evidence: Evidence) -> None:
        assert engine.verify()
