"""What can be chosen about tuning an encoder, from TOML or keyword arguments."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, Field, ValidationError

from penchant.errors import ConfigError
from penchant.language.tuning.methods.full.options import FullOptions
from penchant.language.tuning.methods.head.options import HeadOptions
from penchant.language.tuning.methods.interface import OPTIONS
from penchant.language.tuning.methods.lora.options import LoraOptions
from penchant.language.tuning.methods.prefix.options import PrefixOptions
from penchant.language.tuning.methods.prompt.options import PromptOptions

MethodName = Literal["full", "lora", "prompt", "prefix", "head"]
Share = Annotated[float, Field(ge=0, lt=1)]
Rate = Annotated[float, Field(gt=0, le=1)]
Count = Annotated[int, Field(ge=1)]
Weight = Annotated[float, Field(ge=0, le=100)]


class TuningSettings(BaseModel):
    """Settings of one training.

    Attributes:
        method: which weights move: full, lora, prompt, prefix, head (see `penchant.language.tuning.methods`).
        epochs: at most so many passes; patience: stop after so many without a better dev accuracy.
        batch: examples in a step, over all processes and accumulated parts together.
        accumulate: parts that a process's share of a batch is worked off in, to need less memory.
        rate: learning rate of the encoder's weights, None: the method's own; head_rate: of the heads.
        warmup: share of the steps in which the rates rise; then they fall to 0 in a line.
        decay: of weights; clip: largest norm of a gradient; smoothing: of the labels.
        category_weight, dimension_weight, intensity_weight: of the three losses.
        precision: fp32, bf16 (processor or GPU) or fp16 (GPU).
        pooling: how tokens become a vector; auto: as the encoder was made, else mean (a decoder: last).
        tokens: longest text in tokens; the rest is cut.
        dev, test: shares held out where no such parts are given.
        replay: share of old examples among all, where some are given.
        seed: of all draws. checkpoint: steps between two checkpoints (one more after every epoch).
        full, lora, prompt, prefix, head: options of each method.

    >>> TuningSettings.read({"epochs": 3}).epochs
    3
    >>> TuningSettings.read({"lora": {"rank": 0}})
    Traceback (most recent call last):
    ...
    penchant.errors.ConfigError: tuning.lora.rank: 0 can't be used; input should be greater than or equal to 1
    """

    model_config = OPTIONS

    method: MethodName = "full"
    epochs: Count = 8
    patience: Count = 3
    batch: Count = 32
    accumulate: Count = 1
    rate: Rate | None = None
    head_rate: Rate = 2e-3
    warmup: Share = 0.1
    decay: Share = 0.01
    clip: Annotated[float, Field(gt=0)] = 1.0
    smoothing: Share = 0.1
    category_weight: Weight = 0.2
    dimension_weight: Weight = 1.0
    intensity_weight: Weight = 1.0
    precision: Literal["fp32", "bf16", "fp16"] = "fp32"
    pooling: Literal["auto", "mean", "cls", "last"] = "auto"
    tokens: Annotated[int, Field(ge=4, le=8192)] = 64
    dev: Share = 0.1
    test: Share = 0.1
    replay: Share = 0.3
    seed: Annotated[int, Field(ge=0)] = 7
    checkpoint: Count = 500
    full: FullOptions = FullOptions()
    lora: LoraOptions = LoraOptions()
    prompt: PromptOptions = PromptOptions()
    prefix: PrefixOptions = PrefixOptions()
    head: HeadOptions = HeadOptions()

    @classmethod
    def read(cls, *given: str | Path | Mapping[str, Any] | None) -> TuningSettings:
        """From TOML files and mappings, the later over the earlier; None leaves a value as it was.

        Raises:
            ConfigError: no such file, bad TOML, an unknown name, or a value out of range; it names the field.
        """
        merged: dict[str, Any] = {}
        for some in given:
            if some is not None:
                _merge(merged, _parse(Path(some)) if isinstance(some, str | Path) else some)
        try:
            return cls(**merged)
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(["tuning", *(str(part) for part in first["loc"])])
            if first["type"] == "extra_forbidden":
                raise ConfigError(
                    f"{key}: there is no such setting", fix=f"there are {_names(cls, first['loc'])}"
                ) from None
            why = first["msg"][:1].lower() + first["msg"][1:]
            raise ConfigError(f"{key}: {first['input']!r} can't be used", fix=why) from None

    @property
    def options(self) -> BaseModel:
        """Options of the method in use."""
        return cast("BaseModel", getattr(self, self.method))

    @property
    def encoder_rate(self) -> float:
        """The encoder's learning rate."""
        return self.rate if self.rate is not None else float(getattr(self.options, "rate", 0.0))


def _names(model: type[BaseModel], where: tuple[int | str, ...]) -> str:
    for part in where[:-1]:
        inner = model.model_fields[str(part)].annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            model = inner
    return ", ".join(model.model_fields)


def _merge(into: dict[str, Any], some: Mapping[str, Any]) -> None:
    for name, value in some.items():
        if isinstance(value, Mapping):
            within = into.setdefault(name, {})
            if isinstance(within, dict):
                _merge(cast("dict[str, Any]", within), cast("Mapping[str, Any]", value))
        elif value is not None:
            into[name] = value


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}", fix="give the path of a TOML file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}", fix="see https://toml.io for the syntax") from None
