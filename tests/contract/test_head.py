"""The heads' contract on both that penchant brings."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from penchant.interest.heads import Heads

pytest.register_assert_rewrite("head_contract")
sys.path.insert(0, str(Path(__file__).parent))
from head_contract import HeadContract  # noqa: E402


class TestOneSoftmaxALevel(HeadContract):
    def make(self, dim: int) -> Heads:
        return Heads(dim)


class TestOneSoftmaxOverTheTree(HeadContract):
    def make(self, dim: int) -> Heads:
        return Heads(dim, joint=True)
