"""Prompt tuning (Lester, Al-Rfou, Constant 2021): vectors in front of the words' own are learned, nothing else."""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import Any

from penchant.errors import EncoderFailed
from penchant.language.tuning.methods.interface import freeze
from penchant.language.tuning.methods.prompt.options import PromptOptions


def attach(encoder: Any, options: PromptOptions) -> Any:
    """With vectors in front, which start as those of common words: far from any word, learning is slow.

    Raises:
        EncoderFailed: a kind of encoder with a decoder behind it, as BART.
    """
    if "decoder_input_ids" in inspect.signature(encoder.forward).parameters:
        raise EncoderFailed(
            f"method prompt: {type(encoder).__name__} takes no vectors in front", fix="choose lora or full"
        )
    peft: Any = import_module("peft")
    freeze(encoder)
    shape = encoder.config  # told, as peft looks for other names than some architectures have
    config = peft.PromptTuningConfig(
        task_type=peft.TaskType.FEATURE_EXTRACTION,
        num_virtual_tokens=options.vectors,
        token_dim=shape.hidden_size,
        num_layers=shape.num_hidden_layers,
        num_attention_heads=shape.num_attention_heads,
    )
    made = peft.get_peft_model(encoder, config)
    words = encoder.get_input_embeddings().weight.detach()
    weight = made.prompt_encoder["default"].embedding.weight
    first = min(2000, len(words) - 1)  # vocabularies begin with marks, letters and rare signs
    picked = [(first + 7 * k) % len(words) for k in range(options.vectors)]
    weight.data.copy_(words[picked])
    return made


def detach(encoder: Any) -> Any:
    """The adapter: no plain transformer puts vectors in front."""
    return encoder
