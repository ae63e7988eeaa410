"""Prefix tuning (Li, Liang 2021): keys and values in front of every layer's own are learned, nothing else."""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import Any

from penchant.errors import EncoderFailed
from penchant.language.tuning.methods.interface import freeze
from penchant.language.tuning.methods.prefix.options import PrefixOptions


def attach(encoder: Any, options: PrefixOptions) -> Any:
    """With keys and values in front.

    Raises:
        EncoderFailed: a kind of encoder that takes none, as MPNet, DistilBERT and T5, or has a decoder behind it.
    """
    takes = inspect.signature(encoder.forward).parameters
    if "past_key_values" not in takes or "decoder_input_ids" in takes:
        raise EncoderFailed(
            f"method prefix: {type(encoder).__name__} takes no keys in front", fix="choose lora or full"
        )
    peft: Any = import_module("peft")
    freeze(encoder)
    task = peft.TaskType.FEATURE_EXTRACTION
    return peft.get_peft_model(encoder, peft.PrefixTuningConfig(task_type=task, num_virtual_tokens=options.vectors))


def detach(encoder: Any) -> Any:
    """The adapter: no plain transformer has keys of its own."""
    return encoder
