"""Few labels: zero-shot, few-shot, pseudo-labels, what is outside, edits of texts, and which text to label next."""

from penchant.interest.labels.model import LabelModel, Node, Told
from penchant.interest.labels.outside import fit_outside
from penchant.interest.labels.pseudo import Round, learn_with_unlabelled
from penchant.interest.labels.settings import LabelSettings
from penchant.language.tuning.examples import Example, read_examples

__all__ = [
    "Example",
    "LabelModel",
    "LabelSettings",
    "Node",
    "Round",
    "Told",
    "fit_outside",
    "learn_with_unlabelled",
    "read_examples",
]
