"""All weights move."""

from __future__ import annotations

from typing import Any

from penchant.language.tuning.methods.full.options import FullOptions


def attach(encoder: Any, options: FullOptions) -> Any:
    """All of its weights, without the embeddings if so chosen."""
    for weight in encoder.parameters():
        weight.requires_grad_(True)
    if not options.embeddings:
        for weight in encoder.get_input_embeddings().parameters():
            weight.requires_grad_(False)
    return encoder


def detach(encoder: Any) -> Any:
    """It is plain already."""
    return encoder
