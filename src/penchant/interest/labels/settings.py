"""Settings of learning from few labels."""

from __future__ import annotations

from pydantic import Field

from penchant.config import Positive, Section, Share


class LabelSettings(Section):
    """How a `LabelModel` learns. The defaults were chosen on CLINC150's validation part, 10 examples an intent.

    Attributes:
        spelling: length of a text's spelling beside its meaning of length 1; 0: the meaning alone.
        grams: how many numbers the spelling has.
        steps: steps of learning in all, shared out over passes; at least `least` and at most `most` passes.
        eta_c, eta_d: Adagrad rates of the two heads.
        name_weight: of a node's name as an example of it; 0: names teach nothing.
        certain: pseudo-labels: the least probability that a text is taken with.
        pseudo_weight: pseudo-labels: what such an example counts, a true one being 1.
        rounds: pseudo-labels: how often texts are told and learned anew.
        a_node: pseudo-labels: at most so many of one node, the most certain ones, so that none crowds out others.
        refused: outside: share of texts inside that the floor refuses.
        outer: outside: how strongly examples from outside speak, along the way from the mean inside to theirs.
        seed: of the order of the examples.
    """

    spelling: float = Field(default=0.7, ge=0, le=4)
    grams: int = Field(default=1024, ge=16, le=65_536)
    steps: int = Field(default=45_000, ge=1)
    least: int = Field(default=3, ge=1, le=200)
    most: int = Field(default=20, ge=1, le=200)
    eta_c: Positive = 0.1
    eta_d: Positive = 0.2
    name_weight: float = Field(default=1.0, ge=0, le=10)
    certain: Share = 0.5
    pseudo_weight: float = Field(default=0.5, gt=0, le=1)
    rounds: int = Field(default=2, ge=1, le=20)
    a_node: int = Field(default=50, ge=1)
    refused: float = Field(default=0.015, gt=0, lt=0.5)
    outer: float = Field(default=10.0, ge=0)
    seed: int = Field(default=7, ge=0, lt=2**63)
