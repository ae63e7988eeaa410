"""Options of prompt tuning."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from penchant.language.tuning.methods.interface import OPTIONS


class PromptOptions(BaseModel):
    """rate: learning rate; vectors: how many stand in front of the text."""

    model_config = OPTIONS

    rate: Annotated[float, Field(gt=0, le=1)] = 1e-2
    vectors: Annotated[int, Field(ge=1, le=1024)] = 16
