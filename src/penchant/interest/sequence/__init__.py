"""The sequence model: what it trains on, its network, its training, its weights (extra `train`; serving needs none).

`histories` reads the log, `network` is the model in PyTorch, `training` and `run` train it, `weights` is what is kept.
`penchant.interest.evidence.sequence` serves it.
"""

from penchant.interest.sequence.settings import SequenceSettings
from penchant.interest.sequence.weights import Trained

__all__ = ["SequenceSettings", "Trained"]
