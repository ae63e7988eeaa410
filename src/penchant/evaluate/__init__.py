"""Protocols that measure an engine beside its peers."""

from penchant.evaluate.peers import ItemKNN, Peer, Popularity, simple_peers
from penchant.evaluate.prequential import Report, Tick, position, prequential

__all__ = ["ItemKNN", "Peer", "Popularity", "Report", "Tick", "position", "prequential", "simple_peers"]
