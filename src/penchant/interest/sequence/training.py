"""Training the sequence model: epochs of sampled softmax, early stopping on held-out last events, checkpoints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from penchant.errors import InvalidRecord, MissingExtra, Refused
from penchant.interest.sequence.checkpoint import load_checkpoint, save_checkpoint
from penchant.interest.sequence.histories import Histories, hold_out, windows
from penchant.interest.sequence.settings import SequenceSettings
from penchant.interest.sequence.weights import Trained

Device = Literal["auto", "cpu", "cuda"]
HELD = 4000  # users held out, at most


@dataclass(frozen=True, slots=True)
class Epoch:
    """One pass: its number from 1, mean training loss, and rank measures of the held-out events (NaN if none)."""

    number: int
    loss: float
    hr10: float
    mrr: float
    best: bool


def choose_device(device: Device) -> str:
    """The device that is used: `auto` takes a GPU where PyTorch finds one.

    Raises:
        MissingExtra: PyTorch is not installed. InvalidRecord: no such device, or no GPU.
    """
    if find_spec("torch") is None:
        raise MissingExtra("PyTorch", extra="train")
    import torch

    if device not in ("auto", "cpu", "cuda"):
        raise InvalidRecord("device", device, "give auto, cpu or cuda")
    found = torch.cuda.is_available()
    if device == "cuda" and not found:
        raise InvalidRecord("device", device, "PyTorch finds no GPU here; give cpu")
    return "cuda" if found and device != "cpu" else "cpu"


def train(
    histories: Histories, settings: SequenceSettings | None = None, *, seed: int = 7, device: Device = "auto",
    threads: int = 1, checkpoint: Path | None = None, progress: Callable[[Epoch], None] | None = None,
) -> Trained:  # fmt: skip
    """Train on histories; the weights of the best epoch.

    On the processor the same histories, settings, seed and threads give the same bits; on a GPU (in bfloat16 where it
    can) they don't.

    Args:
        checkpoint: a file that is written after every epoch and taken up again if it is of the same training; it holds
            what people taught and is removed at the end.
        progress: called after every epoch.

    Raises:
        MissingExtra: PyTorch is not installed.
        InvalidRecord: the device can't be used.
        Refused: nobody has two engagements, so there is nothing to train on.
    """
    settings = settings or SequenceSettings()
    where = choose_device(device)
    end, held = hold_out(histories, settings.held, HELD, seed)
    if not len(histories) or not (end - histories.start[:-1] > 1).any():
        raise Refused("there is nothing to train on: nobody has two engagements", fix="observe more events first")
    from penchant.interest.sequence.run import Run, own_state

    with own_state(where, seed, threads):
        run = Run(histories, settings, seed, where)
        state = run.begin()
        mark = f"{histories.fingerprint()} {seed} {settings.to_dict()}"
        if checkpoint is not None and (kept := load_checkpoint(checkpoint, mark)) is not None:
            state = kept
            run.resume(state)
        while state.epoch < settings.epochs and state.epoch - state.best_epoch < settings.patience:
            loss = run.epoch(windows(histories, end, seed, state.epoch), state.epoch)
            hr10, mrr = run.measure(held)
            better = not len(held.inputs) or mrr > state.best
            state = run.checkpoint(state, mrr, better)
            if checkpoint is not None:
                save_checkpoint(checkpoint, mark, state)
            if progress is not None:
                progress(Epoch(state.epoch, loss, hr10, mrr, better))
        trained = run.finish(state, held)
    if checkpoint is not None:
        checkpoint.unlink(missing_ok=True)
    return trained
