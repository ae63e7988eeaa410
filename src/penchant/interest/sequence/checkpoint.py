"""Checkpoints of a training: one .npz file, written whole or not at all, without pickle."""

from __future__ import annotations

import os
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from penchant.errors import StoreError
from penchant.interest.arrays import F32

Named = dict[str, F32]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A training between two epochs.

    Attributes:
        epoch: epochs done.
        best_epoch, best: the epoch with the best MRR of the held-out events so far, and that MRR.
        weights, means, best_weights: parameters by name: now, their running means, and those after the best epoch.
        moments: Adam's averages, "m." and "v." before the parameter's name.
        steps: Adam's count of steps.
    """

    epoch: int
    best_epoch: int
    best: float
    weights: Named
    means: Named
    best_weights: Named
    moments: Named
    steps: int


def save_checkpoint(path: Path, mark: str, state: Checkpoint) -> None:
    """Write it; `mark` says which training it is of.

    Raises:
        StoreError: it can't be written.
    """
    numbers = np.array([state.epoch, state.best_epoch, state.best, state.steps], np.float64)
    arrays = {f"w.{name}": array for name, array in state.weights.items()}
    arrays |= {f"a.{name}": array for name, array in state.means.items()}
    arrays |= {f"b.{name}": array for name, array in state.best_weights.items()}
    beside = path.with_name(path.name + ".part")
    try:
        with beside.open("wb") as file:
            np.savez(file, numbers=numbers, mark=np.array(mark), **arrays, **state.moments)  # pyright: ignore
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise StoreError(
            f"checkpoint {path}: {error.strerror or error}", fix="give a path that can be written"
        ) from None


def load_checkpoint(path: Path, mark: str) -> Checkpoint | None:
    """The checkpoint, None if there is none of this training that can be read."""
    try:
        with np.load(path, allow_pickle=False) as kept:
            if str(kept["mark"]) != mark:
                return None
            epoch, best_epoch, best, steps = kept["numbers"].tolist()
            parts = {kind: {k[2:]: kept[k] for k in kept.files if k.startswith(f"{kind}.")} for kind in "wab"}
            moments = {k: kept[k] for k in kept.files if k.startswith(("m.", "v."))}
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        return None
    return Checkpoint(int(epoch), int(best_epoch), best, parts["w"], parts["a"], parts["b"], moments, int(steps))
