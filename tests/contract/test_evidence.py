"""The evidence contract on every evidence that penchant brings, and on one of a user's own."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from penchant.config import Settings
from penchant.interest.arrays import F64, I32
from penchant.interest.asker import Asker
from penchant.interest.evidence import KINDS, Evidence, make
from penchant.interest.evidence.bilinear import Bilinear
from penchant.interest.evidence.learned import Learned
from penchant.interest.world import World

pytest.register_assert_rewrite("evidence_contract")
sys.path.insert(0, str(Path(__file__).parent))
from evidence_contract import EvidenceContract  # noqa: E402


class Cheap(Evidence):
    """A user's own: cheaper is better."""

    name = "cheap"
    start = 0.2

    def values(self, asker: Asker, rows: I32) -> F64:
        cards = self.world.catalogue.cards
        return np.array([-float(cards[int(row)].fields.get("price") or 0) for row in rows], np.float64)


# the domain that the contract is tried in chooses `learned` with meaning
OPTIONS = {Learned: {"meaning": 0}, Bilinear: {"meaning": 1}}
for _kind in (*KINDS.values(), Bilinear, Cheap):
    _name = f"Test{_kind.__name__}"
    globals()[_name] = type(_name, (EvidenceContract,), {"kind": _kind, "options": OPTIONS.get(_kind, {})})


@pytest.mark.parametrize("kind", [Learned, Bilinear])
def test_the_options_choose_the_kind(kind: type[Learned]) -> None:
    settings = Settings.load("shop", {"evidence": ["learned"], "options": {"learned": OPTIONS[kind]}})
    (made,) = make(World(settings, 16))
    assert type(made) is kind
