"""Checkpoints of a tuning: one .safetensors file, written whole or not at all, without pickle."""

# pyright: reportUnknownMemberType=false

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from penchant.errors import StoreError


@dataclass(slots=True)
class Progress:
    """How far a training is.

    Attributes:
        step: optimiser steps done, of all epochs. loss: their summed loss in the epoch that is under way.
        best_epoch, best: the epoch with the best dev figure so far, and that. history: a row an epoch.
        scale: of fp16's gradients, else 0.
    """

    step: int = 0
    loss: float = 0.0
    best_epoch: int = 0
    best: float = -1e9
    scale: float = 0.0
    history: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


def save_checkpoint(path: Path, mark: str, progress: Progress, tensors: dict[str, Any]) -> None:
    """Write it; `mark` says which training it is of.

    Raises:
        StoreError: it can't be written.
    """
    safe: Any = import_module("safetensors.torch")
    beside = path.with_name(path.name + ".part")
    try:
        safe.save_file(tensors, str(beside), metadata={"mark": mark, "progress": json.dumps(asdict(progress))})
        with beside.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(beside, path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise StoreError(
            f"checkpoint {path}: {error.strerror or error}", fix="give a folder that can be written"
        ) from None


def load_checkpoint(path: Path, mark: str) -> tuple[Progress, dict[str, Any]] | None:
    """The checkpoint, None if there is none of this training that can be read."""
    safe: Any = import_module("safetensors")
    if not path.is_file():
        return None
    try:
        with safe.safe_open(str(path), "pt") as kept:
            told: dict[str, str] = kept.metadata() or {}
            if told.get("mark") != mark:
                return None
            return Progress(**json.loads(told["progress"])), {name: kept.get_tensor(name) for name in kept.keys()}  # noqa: SIM118
    except (OSError, KeyError, ValueError, TypeError, safe.SafetensorError):
        return None
