"""Constraints out of words: what is bounded, how, and what is no constraint at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant.language.clauses import fold
from penchant.language.constraints import MOST, FieldWord, read_constraints
from penchant.language.number_words import numbers

FIELDS = (
    FieldWord("rating", ("rating", "评分"), "number"),
    FieldWord("players", ("players",), "number"),
    FieldWord("waterproof", ("waterproof", "防水"), "flag"),
    FieldWord("language", ("language", "语言"), "text", ("french", "中文")),
)
Bounds = tuple[str, float | None, float | None]


def bounds(text: str) -> list[Bounds]:
    return [(one.aspect, one.low, one.high) for one, _ in read_constraints(fold(text), fields=FIELDS)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("under 50 dollars", [("price", None, 50)]),
        ("a teapot for less than $1,200", [("price", None, 1200)]),
        ("20-40 euros", [("price", 20, 40)]),
        ("more than ten but less than twenty dollars", [("price", 10, 20)]),
        ("nothing over 100 bucks", [("price", None, 100)]),
        ("a hundred dollars tops", [("price", None, 100)]),
        ("from the nineties", [("year", 1990, 1999)]),
        ("late 80s synth pop", [("year", 1987, 1989)]),
        ("before the seventies", [("year", None, 1969)]),
        ("after 2015", [("year", 2016, None)]),
        ("since 2015", [("year", 2015, None)]),
        ("nothing before 1990", [("year", 1990, None)]),
        ("between 1990 and 2000", [("year", 1990, 2000)]),
        ("shorter than two hours", [("length", None, 7200)]),
        ("two and a half hours at most", [("length", None, 9000)]),
        ("an hour and a half or less", [("length", None, 5400)]),
        ("no longer than 90 minutes", [("length", None, 5400)]),
        ("shoes that aren't more than $130", [("price", None, 130)]),
        ("it must not be longer than two hours", [("length", None, 7200)]),
        ("it shouldn't cost over 20 bucks", [("price", None, 20)]),
        ("never older than 1990", [("year", 1990, None)]),
        ("I only have ninety minutes", [("length", None, 5400)]),
        ("rating: 5, under 20 dollars", [("field", 5, 5), ("price", None, 20)]),
        ("片长超过两个半小时的犯罪片", [("length", 9000, None)]),
        ("最多花二十块", [("price", None, 20)]),
        ("in stock", [("availability", None, None)]),
        ("rating above 4", [("field", 4, None)]),
        ("at least 4 players", [("field", 4, None)]),
        ("一百块以内", [("price", None, 100)]),
        ("两百到三百元", [("price", 200, 300)]),
        ("不要超过一千五的耳机", [("price", None, 1500)]),
        ("up to 1500 euros", [("price", None, 1500)]),
        ("between 1500 and 2000 dollars", [("price", 1500, 2000)]),
        ("from 1500 to 1800 dollars", [("price", 1500, 1800)]),
        ("up to 1990", [("year", None, 1990)]),
        ("五十块左右", [("price", 40, 60)]),
        ("九十年代", [("year", 1990, 1999)]),
        ("本世纪一十年代", [("year", 2010, 2019)]),
        ("二零一五年以后", [("year", 2015, None)]),
        ("1990年之前", [("year", None, 1989)]),
        ("两小时以内", [("length", None, 7200)]),
        ("一个半小时以内", [("length", None, 5400)]),
        ("不超过90分钟", [("length", None, 5400)]),
        ("有货的", [("availability", None, None)]),
        ("评分4分以上", [("field", 4, None)]),
    ],
)
def test_bounds(text: str, expected: list[Bounds]) -> None:
    assert bounds(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "something to watch with my five-year-old", "two friends on a journey", "over 100 explosions", "under one roof",
        "I have two days off", "remind me in 5 minutes", "the one with two cops", "an old western", "less violence",
        "陪五岁的女儿一起看的", "两个朋友的旅程", "一部关于三个人的电影", "给我来点轻松的", "out of stock",
        "mp3 player",
        "a 4k film", "top 10 films", "十个好人",
    ],
)  # fmt: skip
def test_what_is_no_constraint(text: str) -> None:
    assert bounds(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I don't like films over two hours", [("length", None, 7200)]),
        ("I hate films before 1980", [("year", 1980, None)]),
        ("never show me anything longer than 90 minutes", [("length", None, 5400)]),
        ("I can't afford more than 12 dollars", [("price", None, 12)]),
        ("I won't pay more than 30 euros", [("price", None, 30)]),
        ("我讨厌两小时以上的电影", [("length", None, 7200)]),
        ("I don't mind films over two hours", []),
        ("我不讨厌两小时以上的电影", []),
        ("no horror, over two hours", [("length", 7200, None)]),
        ("a comedy without gore under two hours", [("length", None, 7200)]),
    ],
)
def test_what_is_refused_is_turned_round(text: str, expected: list[Bounds]) -> None:
    assert bounds(text) == expected
    assert not any(one.refused for one, _ in read_constraints(fold(text)))


def test_what_has_no_opposite_is_refused() -> None:
    for text in ("nothing from the nineties", "I'm sick of films from the nineties", "不要九十年代的"):
        [(one, _)] = read_constraints(fold(text))
        assert (one.low, one.high, one.refused) == (1990, 1999, True)
    [(one, _)] = read_constraints(fold("nothing in language: French"), fields=FIELDS)
    assert (one.value, one.refused) == ("french", True)


def test_flags_and_texts_are_found_by_their_names() -> None:
    found = [
        (one.name, one.value) for one, _ in read_constraints(fold("waterproof boots, language: French"), fields=FIELDS)
    ]
    assert found == [("waterproof", True), ("language", "french")]
    assert read_constraints("not waterproof", fields=FIELDS)[0][0].value is False
    assert read_constraints("中文语言", fields=FIELDS)[0][0].value == "中文"


def test_a_title_is_not_looked_into() -> None:
    assert read_constraints("before 1990") != []
    assert read_constraints("before 1990", kept=[(0, 11)]) == []


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    folded = fold(text)
    found = read_constraints(folded, fields=FIELDS)
    assert len(found) <= MOST
    for one, (start, end) in found:
        assert one.text in folded[start:end]
        assert one.low is None or one.high is None or one.low <= one.high


@given(
    st.lists(
        st.sampled_from(
            [
                "under",
                "50",
                "$",
                "年",
                "2015",
                "between",
                "and",
                "以内",
                "两",
                "百",
                "块",
                "the",
                "90s",
                "nothing",
                "over",
                "hours",
                "到",
                "-",
                "半",
            ]
        )
    )
)
def test_words_of_bounds_in_any_order_are_read(words: list[str]) -> None:
    read_constraints(" ".join(words), fields=FIELDS)


@given(st.integers(1, 99_999))
def test_chinese_numbers_are_read(value: int) -> None:
    places = "十百千万"
    said, zero = "", False
    for at, digit in enumerate(reversed(str(value))):
        if digit == "0":
            zero = bool(said) or zero
            continue
        said = (
            "零一二三四五六七八九"[int(digit)] + (places[at - 1] if at else "") + ("零" if zero and said else "") + said
        )
        zero = False
    found = numbers(said)
    assert len(found) == 1
    assert found[0].value == value


@pytest.mark.timeout(30)  # against a pattern that never ends
@pytest.mark.parametrize(
    "text",
    [
        "under " * 600,
        "1" * 4000,
        "1 " * 2000,
        "一" * 4000,
        "between 1 and " * 250,
        "not " * 1000,
        "under two hours and " * 200,
        "I hate films that are over 2 hours " * 110,
        "不喜欢任何超过一百块的" * 360,
    ],
)
def test_long_texts_come_to_an_end(text: str) -> None:
    assert len(read_constraints(fold(text), fields=FIELDS)) <= MOST


def test_of_many_the_first_are_taken_whichever_pattern_finds_them() -> None:
    many = " ".join(f"over {k} dollars, {k + 1} euros or less," for k in range(100, 200))
    found = [one.text for one, _ in read_constraints(many)]
    assert found == [said for k in range(100, 104) for said in (f"over {k} dollars", f"{k + 1} euros or less")]


@pytest.mark.parametrize("before", ["we talk of films and of prices. " * 100, "我们聊电影，也聊价格。" * 100])
@pytest.mark.parametrize(
    "said", ["nothing that costs over 20 dollars", "I hate films that are over 2 hours", "不要看超过20块的"]
)
def test_a_refusal_far_into_a_long_text_turns_its_bound(before: str, said: str) -> None:
    [(alone, _)], [(one, _)] = read_constraints(fold(said)), read_constraints(fold(before + said))
    assert (one.low, one.high) == (alone.low, alone.high)
    assert one.low is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("over 20 dollars is too much", [("price", None, 20)]),
        ("anything over two hours is too long for me", [("length", None, 7200)]),
        ("over $20? no thanks", [("price", None, 20)]),
        ("anything before 1990 is out", [("year", 1990, None)]),
        ("under 20 dollars is fine", [("price", None, 20)]),
        ("20块以上的不要", [("price", None, 20)]),
        ("超过20块的都别给我推荐", [("price", None, 20)]),
        ("超过两小时的电影我不看", [("length", None, 7200)]),
        ("1990年以前的老片一律不看", [("year", 1990, None)]),
        ("20块以上的不要太甜", [("price", 20, None)]),  # it is the sweet that is refused
        ("20块以内可以", [("price", None, 20)]),
        ("不想花超过20块钱", [("price", None, 20)]),
        ("不愿意付超过一百块", [("price", None, 100)]),
        ("my max is $20", [("price", None, 20)]),
        ("my limit is 20 dollars", [("price", None, 20)]),
        ("I don't mind paying over 20 dollars", []),
        ("over 20 dollars is fine with me", []),
        ("not just things over 20 dollars", []),
        ("不介意超过20块", []),
        ("20块以上也可以", []),
        ("不仅看两小时以内的", []),
    ],
)
def test_what_stands_around_a_bound_turns_it_or_lifts_it(text: str, expected: list[Bounds]) -> None:
    assert bounds(text) == expected
