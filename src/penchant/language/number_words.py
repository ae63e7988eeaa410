"""Numbers in what was said: 1,200, 2.5k, two and a half, a hundred, 一百五十, 两千, 1.5万, with where they stand.

Written here because the packages looked at do another thing: cn2an turns a whole text into a number but finds none in
a sentence, text2num knows no Chinese, quantulum3 brings 10 MB and English alone, recognizers-text ended in 2019.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_WORDS = {word: float(k) for k, word in enumerate(_ONES)} | {word: 20.0 + 10 * k for k, word in enumerate(_TENS)}
_TIMES = {"hundred": 100.0, "thousand": 1e3, "million": 1e6, "dozen": 12.0, "k": 1e3, "m": 1e6}
_WORD = "|".join(sorted((*_WORDS, "hundred", "thousand", "million", "dozen"), key=len, reverse=True))

_SIGNS = {sign: float(k) for k, sign in enumerate("零一二三四五六七八九")} | {"〇": 0.0, "两": 2.0, "俩": 2.0}
_PLACES = {"十": 10.0, "百": 100.0, "千": 1e3, "万": 1e4, "亿": 1e8}
_HAN = "".join((*_SIGNS, *_PLACES))

_NUMBER = re.compile(
    rf"""(?P<digits>(?<![\w.])\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|(?<![a-z\d.])\d{{1,15}}(?:\.\d{{1,6}})?)
        (?:\s?(?P<times>hundred|thousand|million|[km])(?![a-z])|(?P<place>[十百千万亿]+))?
        (?P<half>\ and\ a\ half(?![a-z]))?
    |(?<![\w-])(?:(?P<a>an?)\ (?=hundred|thousand|million|dozen))?(?P<words>(?:{_WORD})(?:(?:\ and\ |[ -])(?:{_WORD}))*)
        (?P<and_half>\ and\ a\ half)?(?![a-z])
    |(?<![a-z])(?P<couple>a\ couple\ of)(?![a-z])
    |(?P<half_of>(?<![a-z])half(?=\ an?\ (?:hour|minute|day)))
    |(?P<one>(?<![a-z])(?:an?|one)(?=\ (?:hour|minute|day|week|year|decade|dollar|buck|euro|pound)(?![a-z])))
    |(?P<han>[{_HAN}]+(?:点[{_HAN}]+)?)(?P<han_and_half>个半(?=小时|钟头|月|年))?
    |(?P<han_half>半(?=个?(?:小时|钟头|分钟|天|年)))""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number and where it stands: [start, end) of the text.

    Attributes:
        digits: written in digits, not in words.
    """

    value: float
    start: int
    end: int
    digits: bool = False


def numbers(text: str) -> list[Number]:
    """The numbers of a folded text (see `clauses.fold`), from the left.

    >>> [n.value for n in numbers("two and a half hours, under 1,200 or 3k, a hundred and twenty")]
    [2.5, 1200.0, 3000.0, 120.0]
    >>> [n.value for n in numbers("一百五十块，两千三，1.5万，二零一五年，半小时")]
    [150.0, 2300.0, 15000.0, 2015.0, 0.5]
    """
    found: list[Number] = []
    for match in _NUMBER.finditer(text):
        value = _value(match)
        if value is not None:
            found.append(Number(value, *match.span(), digits=bool(match["digits"])))
    return found


def _value(match: re.Match[str]) -> float | None:
    if match["digits"]:
        value = float(match["digits"].replace(",", ""))
        value *= _TIMES.get(match["times"] or "", 1.0)
        for place in match["place"] or "":
            value *= _PLACES[place]
        return value + (0.5 if match["half"] else 0.0)
    if match["words"]:
        value = _english(("one " if match["a"] else "") + match["words"])
        return value + 0.5 if match["and_half"] else value
    if match["couple"]:
        return 2.0
    if match["half_of"] or match["han_half"]:
        return 0.5
    if match["one"]:
        return 1.0
    value = _chinese(match["han"])
    return value + 0.5 if value is not None and match["han_and_half"] else value


def _english(words: str) -> float:
    """
    >>> _english("two thousand three hundred and five"), _english("nineteen ninety-four"), _english("two dozen")
    (2305.0, 1994.0, 24.0)
    """
    total = now = 0.0
    for word in re.split(r"[ -]", words):
        if word in _WORDS:
            ones = _WORDS[word]
            # "nineteen ninety" is a year, "twenty five" is a sum
            now = now * 100 + ones if 10 <= now < 100 and ones >= 10 else now + ones
        elif word in ("thousand", "million"):
            total, now = total + (now or 1.0) * _TIMES[word], 0.0
        elif word in _TIMES:
            now = (now or 1.0) * _TIMES[word]
    return total + now


def _chinese(signs: str) -> float | None:
    """
    >>> _chinese("三百零五"), _chinese("十二"), _chinese("一九九四"), _chinese("两万五"), _chinese("一点五")
    (305.0, 12.0, 1994.0, 25000.0, 1.5)
    """
    whole, _, part = signs.partition("点")
    if part:
        if not all(sign in _SIGNS for sign in part):
            return None
        after = float("0." + "".join(str(int(_SIGNS[sign])) for sign in part))
        before = _chinese(whole)
        return None if before is None else before + after
    if all(sign in _SIGNS for sign in whole):
        return float("".join(str(int(_SIGNS[sign])) for sign in whole))
    total = section = now = 0.0
    last = 1.0
    for sign in whole:
        if sign in _SIGNS:
            now = _SIGNS[sign]
            last = 1.0 if sign in "零〇" else last
        elif sign in "万亿":
            total = (total + section + now or 1.0) * _PLACES[sign]
            section, now, last = 0.0, 0.0, _PLACES[sign]
        else:
            section += (now or 1.0) * _PLACES[sign]
            now, last = 0.0, _PLACES[sign]
    return total + section + now * (last / 10 if last > 10 else 1.0)  # 两千三 is 2,300
