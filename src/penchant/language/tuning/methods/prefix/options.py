"""Options of prefix tuning."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from penchant.language.tuning.methods.interface import OPTIONS


class PrefixOptions(BaseModel):
    """rate: learning rate; vectors: how many keys and values stand in front in every layer."""

    model_config = OPTIONS

    rate: Annotated[float, Field(gt=0, le=1)] = 1e-2
    vectors: Annotated[int, Field(ge=1, le=1024)] = 16
