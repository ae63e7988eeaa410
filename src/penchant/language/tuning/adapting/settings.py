"""What can be chosen about adapting an encoder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, ValidationError

from penchant.errors import ConfigError
from penchant.language.tuning.methods.interface import OPTIONS

Share = Annotated[float, Field(ge=0, lt=1)]
Count = Annotated[int, Field(ge=1)]


class AdaptingSettings(BaseModel):
    """Settings of one adaptation.

    Attributes:
        epochs, batch, rate, warmup, decay, clip, seed: of the optimiser; the rate rises, then falls to 0 in a line.
        pooling, tokens: as in `TuningSettings`. masked: share of tokens that are to be guessed (words).
        temperature: of the cosines; small ones look at the nearest others alone (behaviour).
        checkpoint: steps between two checkpoints.

    >>> AdaptingSettings.read({"masked": 2})
    Traceback (most recent call last):
    ...
    penchant.errors.ConfigError: adapting.masked: 2 can't be used; input should be less than 1
    """

    model_config = OPTIONS

    epochs: Count = 3
    batch: Annotated[int, Field(ge=2)] = 32
    rate: Annotated[float, Field(gt=0, le=1)] = 5e-5
    warmup: Share = 0.1
    decay: Share = 0.01
    clip: Annotated[float, Field(gt=0)] = 1.0
    pooling: Literal["auto", "mean", "cls", "last"] = "auto"
    tokens: Annotated[int, Field(ge=4, le=8192)] = 64
    masked: Annotated[float, Field(gt=0, lt=1)] = 0.15
    temperature: Annotated[float, Field(gt=0, le=1)] = 0.05
    seed: Annotated[int, Field(ge=0)] = 7
    checkpoint: Count = 500

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> AdaptingSettings:
        """From a mapping; None leaves a value as it was.

        Raises:
            ConfigError: an unknown name, or a value out of range.
        """
        try:
            return cls(**{name: value for name, value in given.items() if value is not None})
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(["adapting", *(str(part) for part in first["loc"])])
            if first["type"] == "extra_forbidden":
                raise ConfigError(
                    f"{key}: there is no such setting", fix=f"there are {', '.join(cls.model_fields)}"
                ) from None
            why = first["msg"][:1].lower() + first["msg"][1:]
            raise ConfigError(f"{key}: {first['input']!r} can't be used", fix=why) from None
