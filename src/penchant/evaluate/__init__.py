"""Protocols that measure an engine beside its peers."""

from penchant.evaluate.peers import ItemKNN, Peer, Popularity, simple_peers
from penchant.evaluate.prequential import Report, Tick, prequential

__all__ = ["ItemKNN", "Peer", "Popularity", "Report", "Tick", "prequential", "simple_peers"]
