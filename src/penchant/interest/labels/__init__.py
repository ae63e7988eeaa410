"""Few labels: zero-shot, few-shot, pseudo-labels, what is outside, edits of texts, and which text to label next."""

from penchant.interest.labels.active import density, propose
from penchant.interest.labels.answers import Answered, Answers, curve
from penchant.interest.labels.model import LabelModel, Node, Told
from penchant.interest.labels.outside import fit_outside
from penchant.interest.labels.pool import Pool
from penchant.interest.labels.pseudo import Round, learn_with_unlabelled
from penchant.interest.labels.settings import LabelSettings
from penchant.language.tuning.examples import Example, read_examples

__all__ = [
    "Answered",
    "Answers",
    "Example",
    "LabelModel",
    "LabelSettings",
    "Node",
    "Pool",
    "Round",
    "Told",
    "curve",
    "density",
    "fit_outside",
    "learn_with_unlabelled",
    "propose",
    "read_examples",
]
