"""What every test shares: no network, one thread, reproducible draws, a database server, where the public data lies."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

import postgres

REPOSITORY = Path(__file__).resolve().parents[1]

# before numpy, torch or a tokenizer is imported; subprocesses and notebook kernels inherit them
os.environ.setdefault("PENCHANT_DATA", str(REPOSITORY.parent / "shared" / "data"))
for _name, _value in {
    "HF_HUB_OFFLINE": "1",
    "MPLBACKEND": "Agg",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
}.items():
    os.environ.setdefault(_name, _value)

# a loaded machine is slow, not wrong: no deadline per example; in CI the same examples every time
settings.register_profile("developer", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, database=None)
settings.load_profile("ci" if os.environ.get("CI") else "developer")


@pytest.fixture(autouse=True)
def log_as_it_was() -> Iterator[None]:
    """What a test does to the log, such as running `penchant serve` in this process, ends with the test."""
    root = logging.getLogger()
    handlers, loggers = list(root.handlers), [root, *map(logging.getLogger, ("penchant", "uvicorn", "uvicorn.error"))]
    levels = [logger.level for logger in loggers]
    yield
    root.handlers[:] = handlers
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


@pytest.fixture(scope="session")
def public_data() -> Callable[[str], Path]:
    """The folder of a public data set by its name, such as `ml-100k`; the test is skipped where it is absent."""

    def folder(name: str) -> Path:
        path = Path(os.environ["PENCHANT_DATA"]) / name
        if not path.is_dir():
            pytest.skip(f"the data set {name} is not in {path.parent} (PENCHANT_DATA names another folder)")
        return path

    return folder


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """A real PostgreSQL server, started when first asked for; the test is skipped where there can be none."""
    yield from postgres.serve()
