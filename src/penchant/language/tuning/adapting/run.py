"""Adapting an encoder: epochs over texts or pairs, with checkpoints to the same bits."""

# pyright: reportUnknownMemberType=false

from __future__ import annotations

import hashlib
import json
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import numpy as np

from penchant.errors import EncoderFailed, Refused
from penchant.language.tuning.adapting.settings import AdaptingSettings
from penchant.language.tuning.checkpoint import Progress, load_checkpoint, save_checkpoint
from penchant.language.tuning.saved import write_encoder
from penchant.language.tuning.settings import TuningSettings
from penchant.language.tuning.source import Source, open_source
from penchant.language.tuning.training import CHECKPOINT, Device, choose_device, needed, own_state


@dataclass(frozen=True, slots=True)
class Adapted:
    """What an adaptation gave: a folder that opens as "st:<folder>", and the mean loss of each epoch."""

    folder: Path
    losses: list[float]
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {"folder": str(self.folder), "losses": self.losses, "seconds": round(self.seconds, 1)}


def adapt_encoder(
    encoder: str | Path, given: Sequence[str] | Sequence[tuple[str, str]], folder: str | Path,
    settings: AdaptingSettings | None = None, *, device: Device = "auto", threads: int = 1,
    progress: Callable[[int, float], None] | None = None, step: Callable[[int, int], None] | None = None,
) -> Adapted:  # fmt: skip
    """Bring an encoder nearer to texts (masked words) or to pairs of texts (contrastive).

    Interrupted, the same call goes on from its last checkpoint, to the same bits on a processor.

    Args:
        encoder: folder of a transformer. given: texts, or pairs of texts that belong together.
        folder: made; the adapted encoder.
        progress: called with (epoch, mean loss). step: called with (steps done, in all).

    Raises:
        MissingExtra, EncoderFailed: as `tune_encoder`; also an encoder that has no mask.
        Refused: fewer than two texts or pairs. StoreError: the folder can't be written.
    """
    needed()
    import torch

    chosen = settings or AdaptingSettings()
    if len(given) < 2:
        raise Refused("there is too little to adapt to: fewer than two texts or pairs", fix="give more")
    where, began, place = choose_device(device, "fp32"), time.perf_counter(), Path(folder)
    with own_state(where, chosen.seed, threads):
        source = open_source(encoder, TuningSettings(tokens=chosen.tokens, pooling=chosen.pooling, seed=chosen.seed))
        network: Any = _network(encoder, source, chosen, pairs=not isinstance(given[0], str)).to(where)
        named: dict[str, Any] = {name: weight for name, weight in network.named_parameters() if "pooler." not in name}
        adam: Any = torch.optim.AdamW(named.values(), lr=chosen.rate, weight_decay=chosen.decay)
        ids = _ids(source, given)
        steps, mark = -(-len(given) // chosen.batch), _mark(source.mark, given, chosen)
        place.mkdir(parents=True, exist_ok=True)
        state = _resume(place / CHECKPOINT, mark, named, adam)
        losses = [float(row["loss"]) for row in state.history]
        while state.step < steps * chosen.epochs:
            number, done = divmod(state.step, steps)
            order = np.random.default_rng([chosen.seed, number]).permutation(len(given))
            network.train()
            for rows in [order[k : k + chosen.batch] for k in range(0, len(order), chosen.batch)][done:]:
                state.loss += _step(network, adam, [ids[k] for k in rows.tolist()], chosen, state.step, steps)
                state.step += 1
                if step is not None:
                    step(state.step, steps * chosen.epochs)
                if state.step % chosen.checkpoint == 0 and state.step % steps:
                    save_checkpoint(place / CHECKPOINT, mark, state, _tensors(named, adam))
            losses.append(state.loss / steps)
            state.loss, state.history = 0.0, [{"loss": loss} for loss in losses]
            save_checkpoint(place / CHECKPOINT, mark, state, _tensors(named, adam))
            if progress is not None:
                progress(number + 1, losses[-1])
        write_encoder(place, network.encoder.cpu(), source)
    (place / CHECKPOINT).unlink(missing_ok=True)
    return Adapted(place, losses, time.perf_counter() - began)


def _network(encoder: str | Path, source: Source, settings: AdaptingSettings, *, pairs: bool) -> Any:
    from penchant.language.tuning.adapting.losses import Behaviour, Words

    if pairs:
        return Behaviour(source.encoder, source, settings.temperature)
    if source.tokenizer.mask_token_id is None:
        raise EncoderFailed(f"encoder {encoder}: its tokenizer has no mask", fix="take one that was trained with masks")
    transformers: Any = import_module("transformers")
    with warnings.catch_warnings(action="ignore"):
        model: Any = transformers.AutoModelForMaskedLM.from_config(source.encoder.config)
    model.base_model.load_state_dict(source.encoder.state_dict(), strict=False)  # all but a pooler
    model.tie_weights()
    return Words(model, source, settings.masked)


def _ids(source: Source, given: Sequence[Any]) -> list[list[list[int]]]:
    """Token ids of each text, or of the two of each pair."""
    if isinstance(given[0], str):
        return [[row] for row in source.ids(list(given))]
    pairs = cast("Sequence[tuple[str, str]]", given)
    return [
        list(both) for both in zip(source.ids([a for a, _ in pairs]), source.ids([b for _, b in pairs]), strict=True)
    ]


def _step(
    network: Any, adam: Any, rows: list[list[list[int]]], settings: AdaptingSettings, step: int, steps: int
) -> float:
    import torch

    digest = hashlib.blake2b(f"{settings.seed} adapt {step}".encode(), digest_size=8).digest()
    torch.manual_seed(int.from_bytes(digest) % 2**63)
    every = steps * settings.epochs
    warm = max(1, round(settings.warmup * every))
    share = (step + 1) / warm if step < warm else (every - step) / max(1, every - warm)
    for group in adam.param_groups:
        group["lr"] = settings.rate * share
    loss = network([row[side] for side in range(len(rows[0])) for row in rows])
    loss.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), settings.clip)
    adam.step()
    adam.zero_grad()
    return float(loss.detach())


def _tensors(named: dict[str, Any], adam: Any) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, weight in named.items():
        kept[f"w.{name}"] = weight.detach().cpu().clone()
        if weight in adam.state:
            kept[f"m.{name}"] = adam.state[weight]["exp_avg"].cpu().clone()
            kept[f"v.{name}"] = adam.state[weight]["exp_avg_sq"].cpu().clone()
    return kept


def _resume(path: Path, mark: str, named: dict[str, Any], adam: Any) -> Progress:
    import torch

    if (found := load_checkpoint(path, mark)) is None:
        return Progress()
    state, kept = found
    with torch.no_grad():
        for name, weight in named.items():
            weight.copy_(kept[f"w.{name}"])
            if f"m.{name}" in kept:
                adam.state[weight] = {
                    "step": torch.tensor(float(state.step)),
                    "exp_avg": kept[f"m.{name}"].to(weight.device),
                    "exp_avg_sq": kept[f"v.{name}"].to(weight.device),
                }
    return state


def _mark(source: str, given: Sequence[Any], settings: AdaptingSettings) -> str:
    digest = hashlib.blake2b(json.dumps(list(given)).encode(), digest_size=16).hexdigest()
    return f"{source} {digest} {settings.model_dump_json(exclude={'checkpoint'})}"
