"""The encoder that is tuned, its tokenizer and its pooling, as they lie in a folder."""

# pyright: reportUnknownMemberType=false

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from penchant.errors import EncoderFailed
from penchant.language.tuning.settings import TuningSettings

POOLINGS = {"mean": "pooling_mode_mean_tokens", "cls": "pooling_mode_cls_token", "last": "pooling_mode_lasttoken"}


@dataclass(slots=True)
class Source:
    """A transformer, loaded.

    Attributes:
        encoder: the transformer. tokenizer: its tokenizer. width: of a vector.
        pooling: mean, cls or last. tokens: longest text.
        mark: hash of its weights.
    """

    encoder: Any
    tokenizer: Any
    width: int
    pooling: str
    tokens: int
    mark: str

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each text, cut at `tokens`."""
        rows = self.tokenizer(list(texts), truncation=True, max_length=self.tokens)["input_ids"]
        return [list(row) or [self.tokenizer.pad_token_id] for row in rows]  # some give no token for the empty text

    def padded(self, ids: Sequence[list[int]]) -> dict[str, Any]:
        """ids and mask [n, longest] as tensors, padded on the right."""
        torch: Any = import_module("torch")
        longest = max(len(row) for row in ids)
        rows = np.full((len(ids), longest), self.tokenizer.pad_token_id, np.int64)
        mask = np.zeros((len(ids), longest), np.int64)
        for k, row in enumerate(ids):
            rows[k, : len(row)], mask[k, : len(row)] = row, 1
        return {"ids": torch.from_numpy(rows), "mask": torch.from_numpy(mask)}


def folder_of(encoder: str | Path) -> Path:
    """The folder that is meant, with or without a prefix that an encoder's name has.

    Raises:
        EncoderFailed: there is no such folder, or no transformer in it.
    """
    path = Path(str(encoder).removeprefix("st:").removeprefix("tuned:")).expanduser()
    if not (path / "config.json").is_file():
        raise EncoderFailed(
            f"encoder {encoder}: there is no transformer in that folder", fix="give a saved model's folder"
        )
    return path


def open_source(folder: str | Path, settings: TuningSettings) -> Source:
    """The transformer in a folder, as transformers or sentence-transformers saved it; "st:" in front is welcome.

    Raises:
        EncoderFailed: there is no such folder, or no transformer in it.
    """
    transformers: Any = import_module("transformers")
    path = folder_of(folder)
    verbose = transformers.logging.get_verbosity()
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    try:
        tokenizer: Any = transformers.AutoTokenizer.from_pretrained(str(path), local_files_only=True)
        torch: Any = import_module("torch")
        config: Any = transformers.AutoConfig.from_pretrained(str(path), local_files_only=True)
        half = type(config) in transformers.MODEL_FOR_TEXT_ENCODING_MAPPING  # of T5 and its like the encoder alone
        kind: Any = transformers.AutoModelForTextEncoding if half else transformers.AutoModel
        encoder: Any = kind.from_pretrained(str(path), local_files_only=True, dtype=torch.float32)
    except Exception as error:  # the library raises many kinds: JSON, weights, torch
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        raise EncoderFailed(
            f"encoder {folder}: can't be loaded ({reason})", fix="give a saved model's folder"
        ) from error
    finally:
        transformers.logging.set_verbosity(verbose)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    config = encoder.config
    longest = min(settings.tokens, int(getattr(config, "max_position_embeddings", 0) or settings.tokens) - 2)
    return Source(
        encoder, tokenizer, int(config.hidden_size), _pooling(path, settings.pooling, config), longest, mark_of(path)
    )


def _pooling(path: Path, chosen: str, config: Any) -> str:
    if chosen != "auto":
        return chosen
    kept = path / "1_Pooling" / "config.json"
    if kept.is_file():
        told = json.loads(kept.read_text(encoding="utf-8"))
        for name, key in POOLINGS.items():
            if told.get(key) or told.get("pooling_mode") in (name, f"{name}token"):
                return name
    architectures: list[str] = getattr(config, "architectures", None) or []
    causal = any("CausalLM" in name or "LMHead" in name for name in architectures)
    return "last" if causal and not getattr(config, "is_encoder_decoder", False) else "mean"


def mark_of(path: Path) -> str:
    """Hash of the weights in a folder."""
    digest = hashlib.blake2b(digest_size=16)
    for file in sorted([*path.glob("*.safetensors"), *path.glob("*.bin"), path / "config.json"]):
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()
