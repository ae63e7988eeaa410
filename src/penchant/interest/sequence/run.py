"""A network and its optimiser at work (needs PyTorch; `penchant.interest.sequence.training` imports it when asked)."""

# PyTorch's own signatures are typed in part only
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import math
from collections.abc import Generator, Iterator
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt
import torch

from penchant.interest.arrays import F32, F64, key_of
from penchant.interest.sequence.checkpoint import Checkpoint
from penchant.interest.sequence.histories import Histories, Windows, windows
from penchant.interest.sequence.network import Network
from penchant.interest.sequence.settings import SequenceSettings
from penchant.interest.sequence.weights import Trained


@contextmanager
def own_state(device: str, seed: int, threads: int) -> Generator[None]:
    """PyTorch's random numbers and threads are ours for the while, and the caller's again afterwards."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        with torch.random.fork_rng(devices=[0] if device == "cuda" else []):
            torch.manual_seed(key_of(seed, "start") % 2**63)
            yield
    finally:
        torch.set_num_threads(before)


class Run:
    """A network and its optimiser at work.

    Attributes:
        network: what is being trained.
        served: the running mean of its weights over about two epochs (Polyak and Juditsky 1992), which is what is
            measured and kept: a constant rate keeps the network itself restless.
    """

    def __init__(self, histories: Histories, settings: SequenceSettings, seed: int, device: str) -> None:
        self.histories, self.settings, self.seed, self.device = histories, settings, seed, device
        # made on the processor, so that a GPU starts from the same weights
        self.network: Network = Network(torch.from_numpy(histories.vectors), settings).to(device)
        self.served = Network(torch.from_numpy(histories.vectors), settings).to(device).eval()
        self.steps = 0
        groups = [
            {"params": [p for p in self.network.parameters() if p.ndim > 1], "weight_decay": settings.decay},
            {"params": [p for p in self.network.parameters() if p.ndim == 1], "weight_decay": 0.0},
        ]
        self.adam = torch.optim.AdamW(groups, lr=settings.rate, betas=(0.9, 0.98))
        counts = np.bincount(histories.item, minlength=len(histories.ids)).astype(np.float64)
        q: F64 = counts**0.75
        self.q: F64 = q / q.sum()
        self.half = torch.autocast("cuda", torch.bfloat16) if device == "cuda" else None

    def epoch(self, data: Windows, number: int) -> float:
        """One pass; the mean loss. Its draws depend on the seed and its number alone."""
        torch.manual_seed(key_of(self.seed, "epoch", number) % 2**63)
        settings, n = self.settings, len(self.histories.ids)
        rng = np.random.Generator(np.random.Philox(key_of(self.seed, "negatives", number)))
        everything = n <= settings.negatives
        self.network.train()
        losses: list[torch.Tensor] = []
        for first in range(0, len(data.inputs), settings.batch):
            inputs = self._tensor(data.inputs[first : first + settings.batch])
            targets = self._tensor(data.targets[first : first + settings.batch])
            if not bool((targets >= 0).any()):
                continue
            sampled = np.arange(n) if everything else rng.choice(n, settings.negatives, p=self.q)
            log_q = np.zeros(n) if everything else np.log(settings.negatives * self.q[sampled])
            with self._precision():
                loss = self.network.loss(inputs, targets, self._tensor(sampled), self._tensor(log_q.astype(np.float32)))
            self.adam.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
            self.adam.step()
            self._average(2 * math.ceil(len(data.inputs) / settings.batch))
            losses.append(loss.detach())
        return float(torch.stack(losses).mean()) if losses else float("nan")

    def _average(self, horizon: int) -> None:
        self.steps += 1
        with torch.no_grad():
            for mean, parameter in zip(self.served.parameters(), self.network.parameters(), strict=True):
                mean.lerp_(parameter, 1 / min(self.steps, horizon))

    def measure(self, held: Windows) -> tuple[float, float]:
        """(HR@10, MRR) of the held-out events among all items that are not in the window."""
        ranks = [self._ranks(*part) for part in self._scored(held)]
        if not ranks:
            return float("nan"), float("nan")
        rank = np.concatenate(ranks)
        return float((rank < 10).mean()), float((1 / (rank + 1)).mean())

    def _scored(self, held: Windows) -> Iterator[tuple[F32, Windows]]:
        everything = torch.arange(len(self.histories.ids), device=self.device)
        with torch.no_grad():  # in full precision: ranks in bfloat16 would be mostly ties
            E = self.served.embed(everything)
            for first in range(0, len(held.inputs), 256):
                part = Windows(held.inputs[first : first + 256], held.targets[first : first + 256])
                scores = self.served(self._tensor(part.inputs))[:, -1] @ E.T
                yield scores.cpu().numpy(), part

    @staticmethod
    def _ranks(scores: F32, part: Windows) -> npt.NDArray[np.int64]:
        """[n] how many items stand above each target."""
        n = np.arange(len(scores))
        target = part.targets[:, -1]
        own = scores[n, target]
        for row, past in zip(scores, part.inputs, strict=True):
            row[past[past >= 0]] = -np.inf
        return (scores > own[:, None]).sum(1)

    @staticmethod
    def _weights(network: Network) -> dict[str, F32]:
        """Copies of the parameters by name."""
        return {name: p.detach().float().cpu().numpy().copy() for name, p in network.named_parameters()}

    def begin(self) -> Checkpoint:
        """The state before the first epoch."""
        weights = self._weights(self.network)
        return Checkpoint(0, 0, -1.0, weights, weights, weights, {}, 0)

    def checkpoint(self, before: Checkpoint, mrr: float, better: bool) -> Checkpoint:
        """The state after an epoch."""
        moments: dict[str, F32] = {}
        for name, parameter in self.network.named_parameters():
            kept = self.adam.state[parameter]
            if kept:
                moments[f"m.{name}"] = kept["exp_avg"].cpu().numpy().copy()
                moments[f"v.{name}"] = kept["exp_avg_sq"].cpu().numpy().copy()
        weights, means, number = self._weights(self.network), self._weights(self.served), before.epoch + 1
        best_epoch, best, kept_weights = before.best_epoch, before.best, before.best_weights
        if better:
            best_epoch, best, kept_weights = number, mrr, means
        return Checkpoint(number, best_epoch, best, weights, means, kept_weights, moments, self.steps)

    def resume(self, state: Checkpoint) -> None:
        """Take up where a checkpoint was left."""
        self.steps = state.steps
        self._load(self.served, state.means)
        with torch.no_grad():
            for name, parameter in self.network.named_parameters():
                parameter.copy_(torch.from_numpy(state.weights[name]))
                if f"m.{name}" in state.moments:
                    self.adam.state[parameter] = {
                        "step": torch.tensor(float(state.steps)),
                        "exp_avg": torch.from_numpy(state.moments[f"m.{name}"]).to(self.device),
                        "exp_avg_sq": torch.from_numpy(state.moments[f"v.{name}"]).to(self.device),
                    }

    def finish(self, state: Checkpoint, held: Windows) -> Trained:
        """The best epoch's weights, with mean and deviation of the scores they give."""
        self._load(self.served, state.best_weights)
        some = held if len(held.inputs) else windows(self.histories, self.histories.start[1:], self.seed, 0)
        some = Windows(some.inputs[:512], some.targets[:512])
        scores = np.concatenate([part[:, :4096].ravel() for part, _ in self._scored(some)]).astype(np.float64)
        return Trained(
            settings=self.settings, ids=list(self.histories.ids), weights=dict(state.best_weights),
            mean=float(scores.mean()), deviation=max(float(scores.std()), 1e-6), until=self.histories.until,
            epochs=state.epoch, mrr=state.best if len(held.inputs) else float("nan"),
        )  # fmt: skip

    @staticmethod
    def _load(network: Network, weights: dict[str, F32]) -> None:
        with torch.no_grad():
            for name, parameter in network.named_parameters():
                parameter.copy_(torch.from_numpy(weights[name]))

    def _tensor(self, array: npt.NDArray[np.generic]) -> torch.Tensor:
        whole = array.astype(np.int64) if array.dtype.kind == "i" else array
        return torch.from_numpy(whole).to(self.device)

    @contextmanager
    def _precision(self) -> Generator[None]:
        if self.half is None:
            yield
        else:
            with self.half:
                yield
