"""Tuning an encoder: epochs with a dev report, early stopping, checkpoints, and at the end the test report."""

# PyTorch's own signatures are typed in part only
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from penchant.errors import InvalidRecord, MissingExtra, Refused
from penchant.language.tuning.again import known, replayed, together
from penchant.language.tuning.checkpoint import Progress, load_checkpoint, save_checkpoint
from penchant.language.tuning.examples import Example, Labels, split
from penchant.language.tuning.report import Report
from penchant.language.tuning.settings import TuningSettings

Device = Literal["auto", "cpu", "cuda"]
CHECKPOINT = "checkpoint.safetensors"


@dataclass(frozen=True, slots=True)
class Epoch:
    """One pass: its number from 1, mean training loss, figures of the dev part (0 where there is none)."""

    number: int
    loss: float
    category: float
    dimension: float
    best: bool


@dataclass(frozen=True, slots=True)
class Tuning:
    """What a training gave.

    Attributes:
        folder: an encoder, to be opened as "tuned:<folder>". method, epochs, seconds: as it was.
        trained, weights: how many weights moved, of how many.
        history: a row an epoch. dev: report of the best epoch. test: report at the end.
    """

    folder: Path
    method: str
    epochs: int
    seconds: float
    trained: int
    weights: int
    dev: Report | None
    test: Report | None
    history: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    @property
    def encoder(self) -> str:
        """What the engine's settings say to use it."""
        return f"tuned:{self.folder}"

    def to_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {
            "folder": str(self.folder), "encoder": self.encoder, "method": self.method, "epochs": self.epochs,
            "seconds": round(self.seconds, 1), "trained weights": self.trained, "weights": self.weights,
            "history": self.history, "dev": self.dev.to_dict() if self.dev else None,
            "test": self.test.to_dict() if self.test else None,
        }  # fmt: skip


def needed() -> None:
    """Raise MissingExtra where a package of the extra `train` is absent."""
    for module, name in (("torch", "PyTorch"), ("transformers", "transformers"), ("peft", "peft"),
                         ("accelerate", "accelerate")):  # fmt: skip
        if find_spec(module) is None:
            raise MissingExtra(name, extra="train")


def tune_encoder(
    encoder: str | Path, examples: Sequence[Example], folder: str | Path, settings: TuningSettings | None = None, *,
    dev: Sequence[Example] | None = None, test: Sequence[Example] | None = None,
    replay: Sequence[Example] = (), device: Device = "auto", threads: int = 1,
    progress: Callable[[Epoch], None] | None = None, step: Callable[[int, int], None] | None = None,
) -> Tuning:  # fmt: skip
    """Tune an encoder on labelled texts; the weights of the best epoch are saved as an encoder of their own.

    Interrupted, the same call goes on from its last checkpoint in `folder`, to the same bits on a processor with the
    same threads. Started by `accelerate launch`, its processes work at one training.

    Args:
        encoder: folder of a transformer; one that was tuned before keeps its labels, and its heads go on.
        examples: what is trained on; without `dev` or `test`, shares of them are held out.
        replay: what it was tuned on before; some of it is mixed in (settings.replay), so that it isn't forgotten.
        folder: made; the tuned encoder and its heads, report.json and loss.png.
        progress: called after every epoch. step: called with (steps done, in all).

    Raises:
        MissingExtra: a package of the extra `train` is absent.
        InvalidRecord: the device can't be used. EncoderFailed: there is no such encoder.
        Refused: fewer than two labels. StoreError: the folder can't be written.
    """
    needed()
    from penchant.language.tuning.run import Run
    from penchant.language.tuning.saved import save
    from penchant.language.tuning.source import open_source

    chosen = settings or TuningSettings()
    where = choose_device(device, chosen.precision)
    shares = [chosen.dev if dev is None else 0.0, chosen.test if test is None else 0.0]
    train, own_dev, own_test = split(examples, shares, chosen.seed)
    dev, test = own_dev if dev is None else list(dev), own_test if test is None else list(test)
    train = replayed(train, replay, chosen.replay, chosen.seed) if replay else train
    labels, before = Labels.of(train), known(encoder)
    if before is not None:
        labels = together(labels, before[0])
    if len(labels.dimensions) < 2 and all(example.intensity is None for example in train):
        raise Refused("there is nothing to tell apart: all examples have one label", fix="give examples of two or more")
    labels.rows([*dev, *test])
    began = time.perf_counter()
    with own_state(where, chosen.seed, threads):
        source = open_source(encoder, chosen)
        run = Run(source, labels, train, chosen, where, before)
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        path, state, best = place / CHECKPOINT, Progress(), {}
        mark = _mark(source.mark, train, dev, chosen, int(run.processes.num_processes))
        if (kept := load_checkpoint(path, mark)) is not None:
            state, tensors = kept
            run.resume(state, tensors)
            best = {name[2:]: tensor for name, tensor in tensors.items() if name.startswith("b.")}

        def keep() -> None:
            if run.leads:
                state.scale = run.scale
                held = {f"b.{name}": tensor for name, tensor in best.items()}
                save_checkpoint(path, mark, state, run.tensors() | held)
            run.processes.wait_for_everyone()

        def every(now: Progress) -> None:
            if step is not None:
                step(now.step, run.steps * chosen.epochs)
            if now.step % chosen.checkpoint == 0 and now.step % run.steps:
                keep()

        while state.step < run.steps * chosen.epochs and state.step // run.steps - state.best_epoch < chosen.patience:
            loss = run.epoch(state, every)
            number = state.step // run.steps
            report = run.measure(dev) if dev else None
            goal = report.goal if report else float(number)
            better = goal > state.best
            if better:
                state.best, state.best_epoch = goal, number
                best = {name: weight.detach().cpu().clone() for name, weight in run.named.items()}
            told = Epoch(
                number, loss, report.category[1].accuracy if report else 0.0,
                report.dimension[1].accuracy if report and report.dimension else 0.0, better,
            )  # fmt: skip
            state.history.append({**asdict(told), "dev": report.to_dict() if report else None})
            keep()
            if progress is not None and run.leads:
                progress(told)
        run.load(best)
        final = Tuning(
            folder=place, method=chosen.method, epochs=state.step // run.steps, seconds=time.perf_counter() - began,
            trained=run.trained, weights=run.weights, dev=run.measure(dev) if dev else None,
            test=run.measure(test) if test else None,
            history=[{k: v for k, v in row.items() if k != "dev"} for row in state.history],
        )  # fmt: skip
        if run.leads:
            save(place, run, final)
            path.unlink(missing_ok=True)
        run.processes.wait_for_everyone()
    return final


@contextmanager
def own_state(device: str, seed: int, threads: int) -> Generator[None]:
    """PyTorch's random numbers and threads are ours for the while, and the caller's again afterwards."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        with torch.random.fork_rng(devices=[torch.cuda.current_device()] if device == "cuda" else []):
            torch.manual_seed(seed)
            yield
    finally:
        torch.set_num_threads(before)


def choose_device(device: str, precision: str) -> str:
    """The device that is used: `auto` takes a GPU where PyTorch finds one.

    Raises:
        InvalidRecord: no such device, no GPU, or fp16 without one.
    """
    import torch

    if device not in ("auto", "cpu", "cuda"):
        raise InvalidRecord("device", device, "give auto, cpu or cuda")
    found = torch.cuda.is_available()
    if device == "cuda" and not found:
        raise InvalidRecord("device", device, "PyTorch finds no GPU here; give cpu")
    where = "cuda" if found and device != "cpu" else "cpu"
    if precision == "fp16" and where == "cpu":
        raise InvalidRecord("precision", precision, "give bf16 or fp32 on a processor")
    return where


def _mark(source: str, train: Sequence[Example], dev: Sequence[Example], settings: TuningSettings, many: int) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for part in (train, dev):
        for e in part:
            digest.update(json.dumps([e.text, e.category, e.dimension, e.intensity]).encode())
        digest.update(b"\0")
    told = settings.model_dump(exclude={"checkpoint"})
    return f"{source} {digest.hexdigest()} {many} {json.dumps(told, sort_keys=True)}"
