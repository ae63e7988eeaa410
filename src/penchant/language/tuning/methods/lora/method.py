"""Low-rank adaptation (Hu et al. 2021): W stays, B A is learned and added to it at the end."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from penchant.errors import EncoderFailed
from penchant.language.tuning.methods.interface import freeze
from penchant.language.tuning.methods.lora.options import LoraOptions


def attach(encoder: Any, options: LoraOptions) -> Any:
    """With B A beside every linear layer; B is 0 at the start.

    Raises:
        EncoderFailed: attention's layers alone are wanted of a kind whose names peft doesn't know, as DistilBERT's.
    """
    peft: Any = import_module("peft")
    freeze(encoder)
    config = peft.LoraConfig(
        task_type=peft.TaskType.FEATURE_EXTRACTION,
        r=options.rank,
        lora_alpha=options.alpha,
        lora_dropout=options.dropout,
        target_modules="all-linear" if options.layers == "all" else None,  # None: what peft knows of the architecture
    )
    try:
        return peft.get_peft_model(encoder, config)
    except ValueError as error:
        if options.layers == "all":
            raise
        raise EncoderFailed(
            f"lora.layers: {options.layers!r} can't be used of {type(encoder).__name__}", fix="choose 'all'"
        ) from error


def detach(encoder: Any) -> Any:
    """The encoder with B A added to W."""
    return encoder.merge_and_unload()
