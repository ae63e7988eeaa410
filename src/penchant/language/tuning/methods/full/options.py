"""Options of full fine-tuning."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from penchant.language.tuning.methods.interface import OPTIONS


class FullOptions(BaseModel):
    """rate: learning rate; embeddings: whether those of words and positions move too."""

    model_config = OPTIONS

    rate: Annotated[float, Field(gt=0, le=1)] = 1e-4
    embeddings: bool = True
