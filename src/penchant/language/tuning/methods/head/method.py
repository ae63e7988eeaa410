"""The heads alone: every text is encoded once, before the first epoch."""

from __future__ import annotations

from typing import Any

from penchant.language.tuning.methods.head.options import HeadOptions
from penchant.language.tuning.methods.interface import freeze


def attach(encoder: Any, options: HeadOptions) -> Any:
    """Nothing of it moves."""
    freeze(encoder)
    return encoder


def detach(encoder: Any) -> Any:
    """As it was."""
    return encoder
