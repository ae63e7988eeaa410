"""Settings of continual learning."""

from __future__ import annotations

from pydantic import Field

from penchant.config import Positive, Share, Watching


class ContinualSettings(Watching):
    """What keeps heads from forgetting; drift as in `Watching`. The defaults were chosen on CLINC150's validation part.

    Attributes:
        eta_c, eta_d: Adagrad rates of the two heads.
        kept: examples that the reservoir keeps of each category.
        replays: kept examples learned again after every new one.
        elastic: λ, how strongly a weight is pulled to where it was anchored; 0: not at all
            (0.5 helps where nothing is replayed, and does not beside replay).
        anchor_every: new examples between two anchors.
        held: one example in so many is held out for the guard instead of learned; 0: no guard.
        held_kept: held-out examples of each category that are kept.
        check_every: new examples between two looks of the guard.
        margin: fall of the mean held-out accuracy of known categories at which the heads are rolled back.
        seed: of every draw.
    """

    eta_c: Positive = 0.2
    eta_d: Positive = 0.5
    kept: int = Field(default=300, ge=1)
    replays: int = Field(default=4, ge=0, le=50)
    elastic: float = Field(default=0.0, ge=0, le=1)
    anchor_every: int = Field(default=50, ge=1)
    held: int = Field(default=20, ge=0)
    held_kept: int = Field(default=60, ge=1)
    check_every: int = Field(default=250, ge=1)
    margin: Share = 0.05
    seed: int = Field(default=7, ge=0, lt=2**63)
