"""A network and its optimiser at work (needs the extra `train`; `training` imports it when asked)."""

# PyTorch's own signatures are typed in part only
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from importlib import import_module
from typing import Any

import numpy as np
import torch
from torch import Tensor

from penchant.language.tuning.again import carried
from penchant.language.tuning.checkpoint import Progress
from penchant.language.tuning.examples import F32, I64, Example, Labels
from penchant.language.tuning.methods import method_named
from penchant.language.tuning.network import Heads, Network
from penchant.language.tuning.report import Report, report_of
from penchant.language.tuning.settings import TuningSettings
from penchant.language.tuning.source import Source

POOL = 32  # batches' worth of texts sorted by length together, so that little of a batch is padding


class Run:
    """One training in one of its processes.

    A step's draws depend on the seed, the step and the process alone, so that it goes on from any step as if it had
    never stopped.
    """

    def __init__(
        self, source: Source, labels: Labels, train: Sequence[Example], settings: TuningSettings, device: str,
        before: tuple[Labels, dict[str, Any]] | None = None,
    ) -> None:  # fmt: skip
        self.labels, self.train, self.settings = labels, train, settings
        accelerate: Any = import_module("accelerate")
        if not torch.distributed.is_initialized():
            # an earlier training of this process may have had another precision
            accelerate.state.AcceleratorState._reset_state(True)
        self.processes: Any = accelerate.Accelerator(
            cpu=device == "cpu", mixed_precision="no" if settings.precision == "fp32" else settings.precision
        )
        torch.manual_seed(_key(settings.seed, "start"))
        self.source = source
        with warnings.catch_warnings(action="ignore"):  # of peft about transformers
            encoder: Any = method_named(settings.method).attach(source.encoder, settings.options)
        for name, weight in encoder.named_parameters():
            if "pooler." in name:  # of no use to what the heads see, and without a gradient processes would wait
                weight.requires_grad_(False)
        heads = Heads(source.width, torch.from_numpy(labels.parents))
        if before is not None:
            fresh = {name: tensor.numpy() for name, tensor in heads.state_dict().items()}
            heads.load_state_dict({k: torch.from_numpy(v) for k, v in carried(labels, before, fresh).items()})
        network = Network(encoder, heads, source.pooling, settings)
        self.frozen = settings.method == "head"
        self._seen: dict[int, tuple[Sequence[Example], F32]] = {}  # the examples too: an id is theirs while they live
        self.plain: Network = network.to(self.processes.device)
        self.named = {name: weight for name, weight in network.named_parameters() if weight.requires_grad}
        self.adam: Any = torch.optim.AdamW(self._groups(), betas=(0.9, 0.999))
        self.network: Any = self.processes.prepare(network)
        self.stepper: Any = self.processes.prepare(self.adam)
        self.targets = labels.rows(train)
        self.ids = source.ids([example.text for example in train])
        self.lengths = np.array([len(row) for row in self.ids])
        self.vectors: F32 | None = self.encode(train) if self.frozen else None
        self.steps = -(-len(train) // settings.batch)  # an epoch

    @property
    def trained(self) -> int:
        """Weights that move."""
        return sum(weight.numel() for weight in self.named.values())

    @property
    def weights(self) -> int:
        """All weights."""
        return sum(weight.numel() for weight in self.plain.parameters())

    @property
    def leads(self) -> bool:
        """Whether this process writes."""
        return bool(self.processes.is_main_process)

    def epoch(self, progress: Progress, every: Callable[[Progress], None]) -> float:
        """What is left of the epoch under way; the mean loss of the whole epoch. `every` is called after each step."""
        number, done = divmod(progress.step, self.steps)
        self.network.train()
        if self.frozen:
            self.plain.encoder.eval()
        for rows in list(self._batches(number))[done:]:
            progress.loss += self._step(rows, progress.step)
            progress.step += 1
            every(progress)
        mean = progress.loss / len(self.train)
        progress.loss = 0.0
        return mean

    def measure(self, examples: Sequence[Example]) -> Report:
        """The report on these."""
        return report_of(self.labels, examples, self.say(examples))

    def say(self, examples: Sequence[Example]) -> tuple[F32, F32, F32]:
        """What the heads say of each: logits of categories, of leaves, intensities."""
        if self.frozen:  # their vectors stay as they are, so that an epoch costs the heads alone
            if id(examples) not in self._seen:
                self._seen[id(examples)] = examples, self.encode(examples)
            vectors = torch.from_numpy(self._seen[id(examples)][1])
            with torch.inference_mode():
                told = self._heads(vectors.to(self.processes.device)).cpu().numpy()
        else:
            told = self._of(examples, self._heads)
        first = len(self.labels.categories)
        return told[:, :first], told[:, first:-1], told[:, -1]

    def _heads(self, x: Tensor) -> Tensor:
        return torch.cat([part.reshape(len(x), -1) for part in self.plain.heads(x)], 1)

    def encode(self, examples: Sequence[Example]) -> F32:
        """[n, d] unit vectors as the encoder is now."""
        return self._of(examples, lambda x: x)

    def tensors(self) -> dict[str, Tensor]:
        """Weights that move and Adam's averages, as they are now."""
        kept: dict[str, Tensor] = {}
        for name, weight in self.named.items():
            kept[f"w.{name}"] = weight.detach().cpu().clone()
            for short, long in (("m", "exp_avg"), ("v", "exp_avg_sq")):
                if long in self.adam.state.get(weight, {}):
                    kept[f"{short}.{name}"] = self.adam.state[weight][long].cpu().clone()
        return kept

    def resume(self, progress: Progress, kept: dict[str, Tensor]) -> None:
        """Take up where a checkpoint was left."""
        self.load({name[2:]: tensor for name, tensor in kept.items() if name.startswith("w.")})
        for name, weight in self.named.items():
            if f"m.{name}" in kept:
                self.adam.state[weight] = {
                    "step": torch.tensor(float(progress.step)),
                    "exp_avg": kept[f"m.{name}"].to(weight.device),
                    "exp_avg_sq": kept[f"v.{name}"].to(weight.device),
                }
        if self.processes.scaler is not None and progress.scale:
            self.processes.scaler.update(progress.scale)

    def load(self, weights: dict[str, Tensor]) -> None:
        """Put these in place of those that move."""
        with torch.no_grad():
            for name, weight in self.named.items():
                weight.copy_(weights[name])

    @property
    def scale(self) -> float:
        """fp16's scale of gradients, 0 without."""
        return float(self.processes.scaler.get_scale()) if self.processes.scaler is not None else 0.0

    # -- a step ------------------------------------------------------------------------------------------------------

    def _groups(self) -> list[dict[str, Any]]:
        chosen = self.settings
        groups: list[dict[str, Any]] = []
        for part, rate in (("encoder.", chosen.encoder_rate), ("heads.", chosen.head_rate)):
            own = [weight for name, weight in self.named.items() if name.startswith(part)]
            for some, decay in (([w for w in own if w.ndim > 1], chosen.decay), ([w for w in own if w.ndim < 2], 0.0)):
                if some:
                    groups.append({"params": some, "lr": rate, "full": rate, "weight_decay": decay})
        return groups

    def _batches(self, epoch: int) -> Iterator[I64]:
        """Rows of each batch of an epoch: like lengths together, in a drawn order."""
        rng = np.random.default_rng([self.settings.seed, epoch])
        order, size = rng.permutation(len(self.train)), self.settings.batch
        batches: list[I64] = []
        for first in range(0, len(order), POOL * size):
            some = order[first : first + POOL * size]
            some = some[np.argsort(self.lengths[some], kind="stable")]
            batches += [some[k : k + size] for k in range(0, len(some), size)]
        yield from (batches[k] for k in rng.permutation(len(batches)))

    def _step(self, rows: I64, step: int) -> float:
        """One step on a batch, of which this process takes its share in parts; its summed loss."""
        many, rank = int(self.processes.num_processes), int(self.processes.process_index)
        own, weight = rows[rank::many], 1.0
        if not len(own):  # a short last batch: the others wait for this one's gradient, which is of nothing
            own, weight = rows[:1], 0.0
        rate = self._rate(step)
        for group in self.adam.param_groups:
            group["lr"] = group["full"] * rate
        torch.manual_seed(_key(self.settings.seed, f"step {step} {rank}"))
        parts = [part for part in np.array_split(own, self.settings.accumulate) if len(part)]
        total = torch.zeros((), device=self.processes.device)
        for k, part in enumerate(parts):
            together = nullcontext() if k == len(parts) - 1 else self.processes.no_sync(self.network)
            with together, self.processes.autocast():
                loss = self.network(self._tensors(part, weight))
                self.processes.backward(loss * (many / len(rows)))  # processes' gradients are averaged
            total += loss.detach()
        self.processes.clip_grad_norm_(self.named.values(), self.settings.clip)
        self.stepper.step()
        self.stepper.zero_grad()
        return float(self.processes.reduce(total, "sum"))

    def _rate(self, step: int) -> float:
        """Share of the full rate at a step: up in a line, then down in a line."""
        every = self.steps * self.settings.epochs
        warm = max(1, round(self.settings.warmup * every))
        return (step + 1) / warm if step < warm else max(0.0, (every - step) / max(1, every - warm))

    def _tensors(self, rows: I64, weight: float) -> dict[str, Tensor]:
        device = self.processes.device
        batch = {
            "category": torch.from_numpy(self.targets.category[rows]),
            "leaf": torch.from_numpy(self.targets.leaf[rows]),
            "intensity": torch.from_numpy(self.targets.intensity[rows]),
            "weight": torch.full((len(rows),), weight),
        }
        if self.vectors is not None:
            batch["vectors"] = torch.from_numpy(self.vectors[rows])
        else:
            wanted: list[int] = rows.tolist()
            batch |= self.source.padded([self.ids[k] for k in wanted])
        return {name: tensor.to(device) for name, tensor in batch.items()}

    def _of(self, examples: Sequence[Example], what: Callable[[Tensor], Tensor]) -> F32:
        """Something of each one's vector, worked out by all processes together; [n, ...] in the examples' order."""
        many, rank = int(self.processes.num_processes), int(self.processes.process_index)
        ids = self.source.ids([example.text for example in examples])
        order: list[int] = sorted(range(len(ids)), key=lambda k: len(ids[k]))[rank::many]
        was, mine = self.plain.training, list[tuple[int, F32]]()
        self.plain.eval()
        with torch.inference_mode():
            for first in range(0, len(order), 64):
                rows = order[first : first + 64]
                padded = self.source.padded([ids[k] for k in rows])
                x = self.plain.vectors(*(padded[name].to(self.processes.device) for name in ("ids", "mask")))
                mine += list(zip(rows, what(x).float().cpu().numpy(), strict=True))
        self.plain.train(was)
        told: list[tuple[int, F32]] = mine
        if many > 1:
            told = import_module("accelerate.utils").gather_object(mine)
        return np.stack([value for _, value in sorted(told, key=lambda pair: pair[0])])


def _key(seed: int, what: str) -> int:
    """A number for PyTorch's draws."""
    return int.from_bytes(hashlib.blake2b(f"{seed} {what}".encode(), digest_size=8).digest()) % 2**63
