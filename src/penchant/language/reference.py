"""What a request refers to: an item by its title, "it" (what was shown or had last), and how the answer is to differ.

"like Dune but shorter", "something like it, but funny", "similar to The Matrix, newer", 更便宜一点的, 像《活着》那样的.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from penchant.language.constraints import Aspect
from penchant.language.titles import Title

Span = tuple[int, int]
_B, _E = r"(?<![a-z])", r"(?![a-z])"
_BEFORE_LIKE = ("i", "we", "you", "'d", "would", "don't", "not", "nothing", "didn't", "doesn't")  # there it is a verb
_NOT_LIKE = "".join(f"(?<!{word} )" for word in _BEFORE_LIKE)
_LIKE = (
    r"(?:(?:something|anything|more|another|one|ones|films?|movies?|songs?|books?|games?|items?|things?|just|much"
    rf"|exactly|show me|give me|find me) )*(?:{_NOT_LIKE}like|similar to"
    r"|in the (?:style|vein|spirit) of|along the lines of|reminiscent of|comparable to|akin to|(?<!no )more of)"
)
_IT = (
    r"(?:it|that(?: one)?|this(?: one)?|them|those|these|the (?:last|previous|same)(?: one| film| movie| song| item)?"
    r"|what i (?:just )?(?:had|saw|watched|heard|bought|liked))"
)
_LIKE_TITLE = re.compile(rf"{_B}{_LIKE} (?:the (?:film|movie|song|book|game|album) )?[\"“'《]?$")
_LIKE_IT = re.compile(
    rf"{_B}{_LIKE} {_IT}{_E}|{_B}(?:something|anything|one|ones|more) (?:similar|alike|comparable){_E}"
    rf"|{_B}(?:(?<!no )more of the same|the same kind){_E}"
    r"|(?:类似|差不多|同类|相似|同样|一样)(?:的|类型)(?!.{0,2}《)|(?:像|跟|和|与)(?:它|这个?|那个?"
    r"|上一?[个部首本]|刚才那?[个部首本]?)(?:一样|那样|类似|差不多|相似)?的?"
)
_TITLE_BEFORE_HAN = re.compile(r"(?:像|跟|和|与|类似于?|如同|仿照|比)[\"“《]?$")
_TITLE_AFTER_HAN = re.compile(r"^[\"”》]?(?:一样|那样|那种|类似|差不多|相似|同类|这样|这种|风格|更|但)")
_THAN = r"(?: than(?: (?:it|that|this|the last one|those|them|these))?)?"

# (what is compared, +1 more of it or -1 less), English and Chinese
_COMPARED: tuple[tuple[Aspect, int, re.Pattern[str]], ...] = (
    ("length", -1, re.compile(rf"{_B}(?:a (?:bit|little) |much |even )?(?:shorter|briefer|not (?:so"
        rf"|as) long){_THAN}{_E}|更?短(?:一?点儿?|一?些)|更短")),
    ("length", 1, re.compile(rf"{_B}(?:a (?:bit|little) |much |even )?longer{_THAN}{_E}|更?长(?:一?点儿?"
        rf"|一?些)(?!时间)|更长")),
    ("price", -1, re.compile(
        rf"{_B}(?:a (?:bit|little) |much |even )?(?:cheaper|less expensive|not (?:so|as) expensive"
        rf"|more affordable){_THAN}{_E}"
        "|更?便宜(?:一?点儿?|一?些)|更便宜|(?:没那么|不那么)贵|价格(?:更?低)(?:一?点儿?|一?些)?")),
    ("price", 1, re.compile(
        rf"{_B}(?:a (?:bit|little) |much |even )?(?:more expensive|pricier|dearer){_THAN}{_E}"
        rf"|更?贵(?:一?点儿?|一?些)|更贵")),
    ("year", 1, re.compile(rf"{_B}(?:a (?:bit|little) |much |even )?(?:newer|more recent"
        rf"|more modern){_THAN}{_E}|更?新(?:一?点儿?|一?些)(?!闻)|更新的")),
    ("year", -1, re.compile(rf"{_B}(?:a (?:bit|little) |much |even )?older{_THAN}{_E}|更?(?:老|旧"
        rf"|早)(?:一?点儿?|一?些)|更(?:老|旧|早)")),
)  # fmt: skip
_THAN_TITLE = re.compile(r"(?<![a-z])(?:shorter|longer|cheaper|newer|older|pricier|expensive|recent) than [\"“]?$")
_MORE_HAN = re.compile("再?(?:稍微)?$")


@dataclass(frozen=True, slots=True)
class Comparison:
    """How the answer is to differ from what it is compared with: more (+1) or less (-1) of an aspect."""

    text: str
    aspect: Aspect
    sign: Literal[-1, 1]


@dataclass(frozen=True, slots=True)
class Reference:
    """What a request refers to.

    Attributes:
        to: item (by `title`), than (only compared with the item `title`), last (what was shown or had last), or
            nothing (there are only comparisons, which are with the last too).
        title: the title, for item.
        comparisons: how the answer is to differ.
        spans: parts of the folded text that say so.
    """

    to: Literal["item", "than", "last", "nothing"]
    title: Title | None = None
    comparisons: tuple[Comparison, ...] = ()
    spans: tuple[Span, ...] = ()


def read_reference(text: str, titles: Sequence[Title] = ()) -> Reference | None:
    """The reference in a folded text; None without one.

    "Newer" and "older" with nothing to compare with are tastes, not comparisons; they are left to who reads ages.

    >>> found = read_reference("something like it, but cheaper")
    >>> found.to, [(one.aspect, one.sign) for one in found.comparisons]
    ('last', [('price', -1)])
    >>> [(one.text, one.aspect) for one in read_reference("更便宜一点的").comparisons]
    [('更便宜一点', 'price')]
    >>> read_reference("i like it when it rains") is None
    True
    """
    hidden = text
    for one in titles:
        hidden = hidden[: one.start] + "\uf8ff" * (one.end - one.start) + hidden[one.end :]
    spans: list[Span] = []
    title = None
    for one in titles:
        before, after = hidden[: one.start], hidden[one.end :]
        latin, han = _LIKE_TITLE.search(before), _TITLE_BEFORE_HAN.search(before)
        if latin or (han and (_TITLE_AFTER_HAN.search(after) or han.group().startswith(("像", "类似", "比")))):
            start = (latin or han).start()  # type: ignore[union-attr]
            behind = _TITLE_AFTER_HAN.search(after)
            end = one.end + (behind.end() if behind and not latin and behind.group()[-1] not in "更但" else 0)
            title, spans = one, [(start, min(end + (after[:1] in "\"”》'"), len(text)))]
            break
    than = None
    if title is None:
        than = next((one for one in titles if _THAN_TITLE.search(hidden[: one.start])), None)
        spans += [(than.start, than.end)] if than else []
    last = None if title or than else _LIKE_IT.search(hidden)
    if last:
        spans.append(last.span())
    compared: list[Comparison] = []
    for aspect, sign, pattern in _COMPARED:
        match = pattern.search(hidden)
        alone = not (title or than or last)
        if match is None or (aspect == "year" and alone and " than " not in match.group()):
            continue
        start = match.start()
        if more := _MORE_HAN.search(hidden[:start]):
            start = more.start()
        compared.append(Comparison(text[start : match.end()].strip(), aspect, 1 if sign > 0 else -1))
        spans.append((start, match.end()))
    if not title and not last and not compared:
        return None
    to = "item" if title else "than" if than else "last" if last else "nothing"
    return Reference(to, title or than, tuple(compared), tuple(spans))
