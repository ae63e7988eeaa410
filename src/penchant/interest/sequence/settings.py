"""What can be chosen about the sequence model and its training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from penchant.errors import ConfigError
from penchant.interest.memory import RING

WINDOW = RING  # the model reads what memory's ring holds
# a range of each; whole numbers where both ends are
_RANGES: dict[str, tuple[float, float]] = {
    "dim": (8, 512), "heads": (1, 16), "inner": (8, 2048), "dropout": (0.0, 0.9), "forget_ids": (0.0, 0.9),
    "epochs": (1, 1000), "patience": (1, 1000), "batch": (1, 65_536), "negatives": (4, 65_536),
    "rate": (1e-6, 1.0), "decay": (0.0, 1.0), "held": (0.0, 0.9),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SequenceSettings:
    """Shape and training of the sequence model (settings `options.sequence`).

    Attributes:
        dim: d, width of item and state vectors; a multiple of heads.
        heads: of the attention.
        inner: width of the feed-forward layer.
        dropout: share of activations dropped while training.
        forget_ids: share of items whose id is hidden in a step, so that their vectors learn to stand alone.
        epochs: at most so many passes.
        patience: stop after so many epochs without a better rank of the held-out events.
        batch: windows of 32 events in a step.
        negatives: sampled items a step, drawn by popularity^0.75; all items where there are no more than these.
        rate: of Adam; decay: of weights.
        held: share of users whose last event is held out; at most 4,000 users.

    Raises:
        ConfigError: a value out of range.

    >>> SequenceSettings(dim=32).dim
    32
    >>> SequenceSettings(dim=5, heads=2)
    Traceback (most recent call last):
    ...
    penchant.errors.ConfigError: options.sequence.dim: 5 can't be used; give 8 to 512
    """

    dim: int = 64
    heads: int = 2
    inner: int = 128
    dropout: float = 0.2
    forget_ids: float = 0.1
    epochs: int = 40
    patience: int = 4
    batch: int = 128
    negatives: int = 512
    rate: float = 2e-3
    decay: float = 0.01
    held: float = 0.2

    def __post_init__(self) -> None:
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            whole = isinstance(low, int)
            if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
                raise ConfigError(f"options.sequence.{name}: {value!r} can't be used", fix=f"give {low:g} to {high:g}")
            if whole and value != int(value):
                raise ConfigError(f"options.sequence.{name}: {value!r} can't be used", fix="give a whole number")
            if whole:
                object.__setattr__(self, name, int(value))
        if self.dim % self.heads:
            raise ConfigError(
                f"options.sequence.dim: {self.dim} can't be used", fix=f"a multiple of {self.heads} heads"
            )

    @classmethod
    def read(cls, *given: Mapping[str, Any]) -> SequenceSettings:
        """From mappings, the later ones over the earlier; None leaves a value as it was.

        Raises:
            ConfigError: an unknown name, or a value out of range.
        """
        merged = {name: value for some in given for name, value in some.items() if value is not None}
        known = [field.name for field in fields(cls)]
        for name in merged:
            if name not in known:
                raise ConfigError(f"options.sequence: there is no {name!r}", fix=f"there are {', '.join(known)}")
        return cls(**merged)

    def to_dict(self) -> dict[str, Any]:
        """JSON-able; `read` takes it back."""
        return asdict(self)
