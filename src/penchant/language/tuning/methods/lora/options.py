"""Options of LoRA."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from penchant.language.tuning.methods.interface import OPTIONS


class LoraOptions(BaseModel):
    """rank r and alpha: W + (alpha / r) B A; dropout before A; layers: all linear ones, or attention's alone."""

    model_config = OPTIONS

    rate: Annotated[float, Field(gt=0, le=1)] = 1e-3
    rank: Annotated[int, Field(ge=1, le=1024)] = 12
    alpha: Annotated[float, Field(gt=0)] = 24.0
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.05
    layers: Literal["all", "attention"] = "all"
