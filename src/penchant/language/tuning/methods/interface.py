"""What a method is."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Protocol, cast

from pydantic import ConfigDict

OPTIONS = ConfigDict(frozen=True, extra="forbid", strict=False)


class Method(Protocol):
    """A module `methods/<name>/method.py`."""

    def attach(self, encoder: Any, options: Any) -> Any:
        """The encoder with what the method adds; exactly the weights that it trains require gradients."""
        ...

    def detach(self, encoder: Any) -> Any:
        """A plain transformer that gives the same vectors, or what was attached where there can be none."""
        ...


def method_named(name: str) -> Method:
    """The method of that name.

    >>> method_named("lora").__name__.rpartition(".")[0]
    'penchant.language.tuning.methods.lora'
    """
    return cast("Method", import_module(f"penchant.language.tuning.methods.{name}.method"))


def freeze(encoder: Any) -> None:
    """No weight of it moves."""
    for weight in encoder.parameters():
        weight.requires_grad_(False)
