"""Clauses: where they end, for or against, how strongly, for how long, about what."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant.language.clauses import MAX_CLAUSES, split_clauses


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a horror film", [(1, "horror film")]),
        ("I'm in the mood for a western", [(1, "western")]),
        ("no more horror", [(-1, "horror")]),
        ("I hate horror", [(-1, "horror")]),
        ("I hate horror and love comedies", [(-1, "horror"), (1, "comedies")]),
        ("no horror, comedy please", [(-1, "horror"), (1, "comedy")]),
        ("not horror but comedy", [(-1, "horror"), (1, "comedy")]),
        ("a comedy without gore", [(1, "comedy"), (-1, "gore")]),
        ("comedy instead of horror", [(1, "comedy"), (-1, "horror")]),
        ("anything but musicals", [(-1, "musicals")]),
        ("anything except war, thrillers and westerns", [(-1, "war, thrillers and westerns")]),
        ("nothing but westerns", [(1, "westerns")]),
        ("I don't want to watch any more horror films", [(-1, "horror films")]),
        ("I'm not a big fan of musicals", [(-1, "musicals")]),
        ("I can’t stand gore", [(-1, "gore")]),
        ("I can't wait for a good western", [(1, "western")]),
        ("I don't hate westerns", [(1, "westerns")]),
        ("a love story", [(1, "love story")]),
        ("a doctor who doesn't want to die", [(1, "doctor who doesn't want to die")]),
        ("stop recommending romance", [(-1, "romance")]),
        ("something dark, not too violent, maybe French", [(1, "dark"), (-1, "violent"), (1, "french")]),
        ("别再给我推恐怖片了", [(-1, "恐怖片")]),
        ("恐怖片不要", [(-1, "恐怖片")]),
        ("恐怖片看腻了，来点喜剧", [(-1, "恐怖片"), (1, "喜剧")]),
        ("喜剧可以，恐怖片不要", [(1, "喜剧"), (-1, "恐怖片")]),
        ("恐怖片，战争片都不要", [(-1, "恐怖片,战争片")]),
        ("我喜欢恐怖片，今晚不要", [(1, "恐怖片"), (-1, "恐怖片")]),
        ("恐怖片不要太血腥", [(1, "恐怖片"), (-1, "血腥")]),
        ("我再也不想看恐怖片了", [(-1, "恐怖片")]),
        ("特别喜欢西部片,讨厌歌舞片", [(1, "西部片"), (-1, "歌舞片")]),
        ("今晚不想看战争片，来点浪漫的吧", [(-1, "战争片"), (1, "浪漫")]),
        ("除了歌舞片都行", [(-1, "歌舞片")]),
        ("除了喜剧我什么都不想看", [(1, "喜剧")]),
        ("我喜欢恐怖片，不过今晚不行，来部喜剧吧", [(1, "恐怖片"), (-1, "恐怖片"), (1, "喜剧")]),
        ("我爱看推理片，但受不了血腥的", [(1, "推理片"), (-1, "血腥")]),
        ("有没有好看的科幻片", [(1, "科幻片")]),
        ("特别的爱情", [(1, "爱情")]),
        ("有趣的片子", [(1, "有趣的片子")]),
        ("让人喘不过气来的惊悚片", [(1, "让人喘不过气来的惊悚片")]),
        ("不讨厌西部片", [(1, "西部片")]),
    ],
)
def test_polarity_and_topic(text: str, expected: list[tuple[int, str]]) -> None:
    assert [(clause.polarity, clause.topic) for clause in split_clauses(text)] == expected


@pytest.mark.parametrize("text", ["", "   ", "hello", "please", "thanks!", "谢谢", "好吧", "?!", "，。"])
def test_nothing_said(text: str) -> None:
    assert split_clauses(text) == []


@pytest.mark.parametrize(
    ("text", "strength"),
    [
        ("I love westerns", 1.5),
        ("I'm dying to see a western", 1.5),
        ("westerns", 1.0),
        ("I like westerns", 1.0),
        ("maybe a western", 0.5),
        ("a bit of romance", 0.5),
        ("a love story", 1.0),
        ("two strangers falling in love", 1.0),
        ("I hate westerns", 1.5),
        ("特别想看西部片", 1.5),
        ("超级喜欢西部片", 1.5),
        ("想看西部片", 1.0),
        ("有点想看西部片", 0.5),
    ],
)
def test_strength(text: str, strength: float) -> None:
    assert [clause.strength for clause in split_clauses(text)] == [strength]


@pytest.mark.parametrize(
    ("text", "scopes"),
    [
        ("a western", [(None, False)]),
        ("a western tonight", [(12.0, False)]),
        ("no horror this week", [(168.0, False)]),
        ("tonight I want a comedy, no horror", [(12.0, False), (12.0, False)]),
        ("I love horror but not tonight", [(None, False), (12.0, False)]),
        ("A comedy tonight. I hate horror.", [(12.0, False), (None, False)]),
        ("from now on no horror", [(None, True)]),
        ("never again horror", [(None, True)]),
        ("今晚想看喜剧", [(12.0, False)]),
        ("以后别推荐恐怖片", [(None, True)]),
        ("今天想看喜剧", [(24.0, False)]),
    ],
)
def test_time(text: str, scopes: list[tuple[float | None, bool]]) -> None:
    assert [(clause.hours, clause.standing) for clause in split_clauses(text)] == scopes


def test_not_tonight_speaks_of_what_was_said_before() -> None:
    liked, refused = split_clauses("我喜欢恐怖片，不过今晚不行")
    assert (liked.topic, liked.polarity, liked.hours) == ("恐怖片", 1, None)
    assert (refused.topic, refused.polarity, refused.hours) == ("恐怖片", -1, 12.0)


@given(st.text(max_size=400))
def test_any_text_is_read(text: str) -> None:
    clauses = split_clauses(text)
    assert len(clauses) <= MAX_CLAUSES
    for clause in clauses:
        assert clause.topic == clause.topic.strip() != ""
        assert clause.strength in (0.5, 1.0, 1.5)


@given(
    st.lists(
        st.sampled_from(
            [
                "no",
                "not",
                "i",
                "love",
                "hate",
                "horror",
                ",",
                "but",
                "and",
                "不",
                "要",
                "别",
                "除了",
                "都",
                "行",
                "恐怖",
            ]
        )
    )
)
def test_words_of_asking_in_any_order_are_read(words: list[str]) -> None:
    split_clauses(" ".join(words))


@pytest.mark.parametrize(
    "text",
    [
        "not " * 1000,
        "除了" * 2000,
        "i " * 2000,
        "a,b;" * 1000,
        "really " * 570,
        "我还" * 2000,
        "什么" * 2000,
        "I watch only watch only " * 160,
        "don't ever want to see anything that is to be " * 80,
        "never show me films that are to watch anything " * 80,
        "不要看任何那些" * 570,
        "x" * 4000,
    ],
)
@pytest.mark.timeout(30)  # against a pattern that never ends; speed is measured in benchmarks
def test_long_texts_come_to_an_end(text: str) -> None:
    assert len(split_clauses(text)) <= 16


@pytest.mark.parametrize("before", ["a long story of the sea that goes on " * 20, "一个很长的海上故事" * 60])
def test_what_is_said_behind_a_long_sentence_is_read_as_it_would_be_alone(before: str) -> None:
    last = split_clauses(f"{before}; no more horror, i'd love a comedy")[-2:]
    assert [(clause.polarity, clause.topic) for clause in last] == [(-1, "horror"), (1, "comedy")]


def test_what_was_read_already_leaves_no_gap_in_a_clause() -> None:
    said = "something funny under 20 dollars, with tea"
    assert [clause.text for clause in split_clauses(said, read=[(16, 32)])] == ["something funny, with tea"]
