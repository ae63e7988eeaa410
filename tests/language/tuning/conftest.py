"""Tiny transformers, made once, and texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from penchant.language.tuning.examples import Example
from tiny_transformer import make, texts


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An encoder without dropout."""
    return make(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def dropping(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An encoder with dropout, whose training draws."""
    return make(tmp_path_factory.mktemp("dropping"), dropout=0.1)


@pytest.fixture(scope="session")
def decoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A decoder."""
    return make(tmp_path_factory.mktemp("decoder"), decoder=True)


@pytest.fixture(scope="session")
def said() -> list[Example]:
    """Labelled texts."""
    return texts()
