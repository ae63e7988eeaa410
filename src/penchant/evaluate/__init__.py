"""Protocols that measure an engine beside its peers."""

from penchant.evaluate.exchange import Ranks, Task
from penchant.evaluate.peers import ItemKNN, Peer, Popularity, simple_peers
from penchant.evaluate.prequential import position, prequential
from penchant.evaluate.protocols import Plan, Protocol, in_order, plan
from penchant.evaluate.report import Report
from penchant.evaluate.run import Tick, measure

__all__ = [
    "ItemKNN", "Peer", "Plan", "Popularity", "Protocol", "Ranks", "Report", "Task", "Tick", "in_order", "measure",
    "plan", "position", "prequential", "simple_peers",
]  # fmt: skip
