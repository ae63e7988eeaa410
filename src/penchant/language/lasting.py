"""How long something that was said is to hold: for this request, for some hours, or from now on."""

from __future__ import annotations

import re

from penchant.language import lexicon
from penchant.language.number_words import numbers

_SPAN = {
    "hour": 1.0, "day": 24.0, "week": 168.0, "month": 720.0,
    "小时": 1.0, "钟头": 1.0, "天": 24.0, "周": 168.0, "星期": 168.0, "月": 720.0,
}  # fmt: skip
_NEXT = re.compile(
    r"(?<![a-z])(?:(?:for|in|over|during) )?(?:the )?(?:next"
    r"|coming) (?P<many>[^,.;!?]{0,16}?) ?(?P<span>hour|day|week|month)s?(?![a-z])"
    r"|(?:接下来|未来|今后|之后)(?:的)?(?P<many_zh>[^，。,.]{1,6}?)个?(?P<span_zh>小时|钟头|天|周|星期|月)(?:内|里)?"
)
ONCE = re.compile(
    r"(?<![a-z])(?:just (?:this |for )?once|(?:just |only )?(?:for |for just )?this (?:one )?time|only now)(?![a-z])"
    r"|(?:就|只|仅)?(?:这|此)(?:一)?次|就这一?回"
)
ONCE_HOURS = 3.0  # "just this once", told as a statement


def time_scope(words: str) -> tuple[float | None, bool]:
    """Hours that it is said to hold, or None, and whether it is said to hold from now on.

    >>> time_scope("not tonight"), time_scope("never again"), time_scope("something else")
    ((12.0, False), (None, True), (None, False))
    >>> time_scope("for the next three days"), time_scope("接下来两周")
    ((72.0, False), (336.0, False))
    """
    if match := _NEXT.search(words):
        found = numbers(match["many"] or match["many_zh"] or "")
        many = found[0].value if found else 3.0 if (match["many"] or "") == "few" else 1.0
        return many * _SPAN[match["span"] or match["span_zh"]], False
    if ONCE.search(words):
        return ONCE_HOURS, False
    for pattern, hours in lexicon.HOURS:
        if pattern.search(words):
            return hours, False
    return None, bool(lexicon.STANDING.search(words))


def without_time(words: str) -> str:
    """The words without those that say how long."""
    for pattern in (_NEXT, ONCE, *(pattern for pattern, _ in lexicon.HOURS), lexicon.STANDING):
        words = pattern.sub(" ", words)
    return words
