"""The console's texts, a TOML file a language; every text is in each of them."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any, cast, get_args

from penchant.recommend.phrases import Language

LANGUAGES: tuple[Language, ...] = get_args(Language)


@cache
def texts(language: Language) -> dict[str, str]:
    """Texts of a language by `section.name`.

    >>> texts("en")["page.people"], texts("zh")["page.people"]
    ('People', '用户')
    """
    source = (resources.files(__name__) / f"{language}.toml").read_text(encoding="utf-8")
    return {
        f"{section}.{name}": str(text)
        for section, entries in tomllib.loads(source).items()
        for name, text in cast("dict[str, Any]", entries).items()
    }


class Texts:
    """Calls give a text with its places filled.

    >>> Texts("en")("people.others", n=7)
    '7 more'
    """

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self._texts = texts(language)

    def __call__(self, name: str, /, **values: object) -> str:
        """The text of that name; its places are filled as by `str.format`, numbers as the caller gives them."""
        text = self._texts[name]
        return text.format(**values) if values else text


def preferred(header: str) -> Language:
    """The language that a browser asks for first, of those that there are.

    >>> preferred("zh-CN,zh;q=0.9,en;q=0.8"), preferred("fr, *;q=0.1")
    ('zh', 'en')
    """
    for entry in header.split(","):
        name = entry.partition(";")[0].strip().lower().partition("-")[0]
        for language in LANGUAGES:
            if name == language:
                return language
    return "en"
