"""The evidence contract on every evidence that penchant brings, and on one of a user's own."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from penchant.interest.arrays import F64, I32
from penchant.interest.asker import Asker
from penchant.interest.evidence import KINDS, Evidence

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


for _kind in (*KINDS.values(), Cheap):
    _name = f"Test{_kind.__name__}"
    globals()[_name] = type(_name, (EvidenceContract,), {"kind": _kind})
