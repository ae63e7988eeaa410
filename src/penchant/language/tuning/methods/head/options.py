"""Options of training the heads alone."""

from __future__ import annotations

from pydantic import BaseModel

from penchant.language.tuning.methods.interface import OPTIONS


class HeadOptions(BaseModel):
    """There are none; `head_rate` is the learning rate."""

    model_config = OPTIONS
