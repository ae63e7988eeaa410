"""What the engine says in English, in the console's language: errors, notes on a file, what a receipt tells.

The engine's sentences are English. A table holds each of them as a pattern, beside what it is in Chinese; what stands
in its places (ids, numbers, texts of people) goes over as it is. A sentence that the table lacks is left out rather
than shown in English: what is said around it stands for itself. A test holds that the table lacks none.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import NamedTuple

from penchant.errors import PenchantError
from penchant.recommend.phrases import Language

_PLACE = re.compile(r"\{(\d+)(:t)?\}")
DEEP = 4  # sentences within each other


class _Pattern(NamedTuple):
    """A sentence of the engine with places, and the same in Chinese; `{0}` is what stood in the first, `{0:t}` said."""

    english: re.Pattern[str]
    chinese: str


@cache
def _patterns() -> tuple[_Pattern, ...]:
    """The table, the most particular first."""
    source = (resources.files("penchant.serve.console.texts") / "said.toml").read_text(encoding="utf-8")
    found = {en: zh for section in tomllib.loads(source).values() for en, zh in section.items()}
    order = sorted(found, key=lambda en: -len(en.replace("{}", "")))
    return tuple(
        _Pattern(re.compile(re.escape(en).replace(r"\{\}", "(.*?)"), re.DOTALL | re.IGNORECASE), found[en])
        for en in order
    )


def say(text: str, language: Language, *, deep: int = DEEP) -> str:
    """One of the engine's sentences in a language; "" if it can't be said in it.

    >>> say("give 4 cells, as the header has (it has 5)", "zh")
    '请给出 4 个单元格，与表头一致（现有 5 个）'
    >>> say("user 'ann' was forgotten", "en"), say("a sentence that nobody says", "zh")
    ("user 'ann' was forgotten", '')
    """
    if language == "en" or not re.search("[A-Za-z]{2}", text):
        return text
    for english, chinese in _patterns():
        if found := english.fullmatch(text):
            stood = found.groups()

            def fill(place: re.Match[str], stood: tuple[str, ...] = stood) -> str:
                there = stood[int(place[1])]
                return say(there, language, deep=deep - 1) if place[2] and deep else there

            return _PLACE.sub(fill, chinese)
    return ""


def say_error(error: PenchantError, language: Language) -> str:
    """What an error says, and what to do about it.

    >>> from penchant.errors import InvalidRecord
    >>> say_error(InvalidRecord("event.user", "", "give at least one character"), "zh")
    "event.user：'' 无法使用；请至少给出一个字符"
    """
    if language == "en":
        return str(error)
    return "；".join(filter(None, (say(error.what, language), say(error.fix, language))))
