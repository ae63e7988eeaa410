"""Reasons in words, English and Chinese. A reason is a key and facts; its phrase is a template filled once.

Facts are data: a title that holds "$x" or "{x}" comes out as it went in, for a template is filled in one pass and what
fills it is never looked at again. Control characters become spaces, so that one reason stays one line.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from penchant.errors import ConfigError
from penchant.interest.reason import Fact, Reason

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")


class _Phrase(NamedTuple):
    """One key in one language: what is said where there is much of the evidence, and where there is little."""

    much: str
    little: str


def _pair(much: str, little: str | None = None) -> _Phrase:
    return _Phrase(much, much if little is None else little)


_ENGLISH: dict[str, _Phrase] = {
    "category": _pair("it is {name}, which you choose {lift} times as often as others do"),
    "dimension": _pair("it is {name} ({category}), which you choose {lift} times as often as others do"),
    "long": _pair("it is close to what you like over time: {items}", "it is far from what you like over time: {items}"),
    "recent": _pair("it is close to what you liked lately: {items}", "it is far from what you liked lately: {items}"),
    "last": _pair("it is close to your last one: {item}", "it is far from your last one: {item}"),
    "next": _pair("people often go on to it after {item}", "people seldom go on to it after {item}"),
    "together": _pair("people who chose {item} chose it too", "people who chose {item} seldom chose it"),
    "follows": _pair("people often choose it right after {item}", "people seldom choose it right after {item}"),
    "beside": _pair("those who choose it choose {item} too", "those who choose it seldom choose {item}"),
    "leads": _pair("{item} often leads to it", "{item} seldom leads to it"),
    "no_link": _pair("nobody has gone on to it from what you chose so far"),
    "no_history": _pair("there is nothing of yours yet to compare it with"),
    "unrated": _pair("nobody has had it yet"),
    "little": _pair("it counts for little here"),
    "more": _pair("you asked for more {name}"),
    "less": _pair("you asked for less {name}"),
    "popular": _pair("many people choose it", "few people choose it"),
    "trending": _pair("more and more people choose it now", "few people choose it now"),
    "quality": _pair("people who had it liked it (mean {mean})", "people who had it liked it less (mean {mean})"),
    "fresh": _pair("it is new ({days} days)", "it is not new ({days} days)"),
    "repeat": _pair(
        "you have come back to it (times so far: {times})", "you have had it already (times so far: {times})"
    ),
    "not_had": _pair("you have not had it yet"),
    "said": _pair("you said: {text}"),
    "context": _pair("it suits {name} = {value}", "it does not suit {name} = {value}"),
    "learned": _pair("it follows a pattern learned from {items}", "it goes against a pattern learned from {items}"),
    "look": _pair("it looks like {item}", "it does not look like {item}"),
    "sound": _pair("it sounds like {item}", "it does not sound like {item}"),
    "lacks_look": _pair("it has no picture, so its text stands for it"),
    "lacks_sound": _pair("it has no sound, so its text stands for it"),
    "sequence": _pair("it fits the order of what you chose", "it does not fit the order of what you chose"),
    "request_category": _pair("you asked for {name}", "you asked for something else than {name}"),
    "request_dimension": _pair("you asked for {name}", "you asked for something else than {name}"),
    "request_meaning": _pair("it is close to your words: {text}", "it is far from your words: {text}"),
    "request_avoid": _pair("it keeps clear of what you don't want: {text}", "you don't want: {text}"),
    "request_age": _pair("it is of the age you asked for", "it is not of the age you asked for"),
    "similar": _pair("it is like {item}", "it is unlike {item}"),
    "boost": _pair("the rule “{rule}” raises it", "the rule “{rule}” lowers it"),
    "always": _pair("you always want {name}"),
    "base": _pair("every score starts here (it centres the scales)"),
    "diversity": _pair("it was moved from place {before} to {after} for variety"),
    "exploration": _pair("it was drawn by chance, with probability {probability}, to learn what you think of it"),
    "": _pair("“{name}” speaks for it", "“{name}” speaks against it"),
}

_CHINESE: dict[str, _Phrase] = {
    "category": _pair("它属于{name}，您选择这类的频率是其他人的{lift}倍"),
    "dimension": _pair("它属于{category}中的{name}，您选择这类的频率是其他人的{lift}倍"),
    "long": _pair("它接近您长期的喜好：{items}", "它与您长期的喜好相差较远：{items}"),
    "recent": _pair("它接近您最近喜欢的：{items}", "它与您最近喜欢的相差较远：{items}"),
    "last": _pair("它接近您上一次选择的：{item}", "它与您上一次选择的相差较远：{item}"),
    "next": _pair("很多人在{item}之后选择它", "很少有人在{item}之后选择它"),
    "together": _pair("选择{item}的人也选择它", "选择{item}的人很少选择它"),
    "follows": _pair("很多人紧接着{item}选择它", "很少有人紧接着{item}选择它"),
    "beside": _pair("选它的人也选{item}", "选它的人很少选{item}"),
    "leads": _pair("{item}常常引向它", "{item}很少引向它"),
    "no_link": _pair("还没有人从您选择的内容转向它"),
    "no_history": _pair("还没有您的历史可供比较"),
    "unrated": _pair("还没有人用过它"),
    "little": _pair("它在这里影响很小"),
    "more": _pair("您想要更多{name}"),
    "less": _pair("您想要少一些{name}"),
    "popular": _pair("选择它的人很多", "选择它的人不多"),
    "trending": _pair("最近选择它的人越来越多", "最近选择它的人不多"),
    "quality": _pair("用过的人评价好（平均{mean}）", "用过的人评价一般（平均{mean}）"),
    "fresh": _pair("它很新（{days}天）", "它已不新（{days}天）"),
    "repeat": _pair("您会回头再选它（至今{times}次）", "您已经选过它（至今{times}次）"),
    "not_had": _pair("您还没有选过它"),
    "said": _pair("您说过：{text}"),
    "context": _pair("它适合当前情境（{name}：{value}）", "它不太适合当前情境（{name}：{value}）"),
    "learned": _pair("它符合从{items}中学到的规律", "它不符合从{items}中学到的规律"),
    "look": _pair("它看起来像{item}", "它看起来不像{item}"),
    "sound": _pair("它听起来像{item}", "它听起来不像{item}"),
    "lacks_look": _pair("它没有图片，以文字代替"),
    "lacks_sound": _pair("它没有声音，以文字代替"),
    "sequence": _pair("它符合您选择的先后顺序", "它不符合您选择的先后顺序"),
    "request_category": _pair("您想要{name}", "您想要的不是{name}"),
    "request_dimension": _pair("您想要{name}", "您想要的不是{name}"),
    "request_meaning": _pair("它接近您的要求：{text}", "它与您的要求相差较远：{text}"),
    "request_avoid": _pair("它避开了您不想要的：{text}", "您不想要：{text}"),
    "request_age": _pair("它的年代符合您的要求", "它的年代不符合您的要求"),
    "similar": _pair("它与{item}相似", "它与{item}不相似"),
    "boost": _pair("规则“{rule}”提升了它", "规则“{rule}”降低了它"),
    "always": _pair("您始终想要{name}"),
    "base": _pair("每个分数都由此开始（用于校准尺度）"),
    "diversity": _pair("为了多样性，它从第{before}位移到第{after}位"),
    "exploration": _pair("它是随机抽出的（概率{probability}），为了了解您对它的看法"),
    "": _pair("“{name}”支持它", "“{name}”不支持它"),
}

_PHRASES: dict[Language, dict[str, _Phrase]] = {"en": _ENGLISH, "zh": _CHINESE}
KEYS = frozenset(_ENGLISH) - {""}
# control characters, and the marks that turn text around or break lines
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


def phrase(reason: Reason, language: Language = "en", *, negative: bool = False) -> str:
    """The reason as a clause that stands after "because" or 因为.

    Args:
        reason: key and facts. A key that has no phrase, or lacks a fact of it, gets a general one, which names
            the fact "name" or else the key; the fact "text" of an unknown key is taken as the phrase itself.
            The fact "low" (0 or 1) says whether there is little of the evidence; without it, the sign decides. It
            is needed where a weight may be negative: "less because many people choose it".
        language: en or zh.
        negative: the part takes from the score.

    Raises:
        ConfigError: another language.

    >>> phrase(Reason("recent", {"items": "Dune; $x {y}"}))
    'it is close to what you liked lately: Dune; $x {y}'
    >>> phrase(Reason("popular"), "zh", negative=True)
    '选择它的人不多'
    >>> phrase(Reason("my_margin"))
    '“my_margin” speaks for it'
    """
    phrases = phrases_of(language)
    facts = {name: _shown(value) for name, value in reason.facts.items()}
    little = bool(reason.facts.get("low", negative))
    found = phrases.get(reason.key) if reason.key else None
    if found is not None:
        try:
            return (found.little if little else found.much).format_map(facts)
        except KeyError:
            pass
    elif "text" in facts:
        return facts["text"]
    general = phrases[""]
    return (general.little if negative else general.much).format(name=facts.get("name") or _shown(reason.key))


def phrases_of(language: str) -> dict[str, _Phrase]:
    """The templates of a language.

    Raises:
        ConfigError: there are none.
    """
    for known in LANGUAGES:
        if known == language:
            return _PHRASES[known]
    raise ConfigError(f"language: there are no phrases in {language!r}", fix=f"use {' or '.join(LANGUAGES)}")


def sentence(reason: Reason, language: Language = "en", *, negative: bool = False) -> str:
    """The reason as a sentence.

    >>> sentence(Reason("popular")), sentence(Reason("fresh", {"days": 900}), negative=True)
    ('Because many people choose it.', 'Less because it is not new (900 days).')
    """
    clause = phrase(reason, language, negative=negative).rstrip(".")
    if language == "zh":
        return f"因为{clause}，排得靠后。" if negative else f"因为{clause}。"
    return f"{'Less because' if negative else 'Because'} {clause}."


def one_line(text: str) -> str:
    """The text without control characters, line breaks and marks of direction.

    >>> one_line("two\\nlines")
    'two lines'
    """
    return text if text.isprintable() else _CONTROL.sub(" ", text)


def _shown(value: Fact) -> str:
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, float):
        return f"{value:.1f}" if 10 > abs(value) >= 1 else f"{value:.2g}" if abs(value) < 1 else f"{value:.0f}"
    return str(value)
