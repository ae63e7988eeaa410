from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penchant.errors import ConfigError
from penchant.recommend.phrases import KEYS, LANGUAGES, Language, Reason, phrase, sentence

FACTS: dict[str, dict[str, str | float | int]] = {
    "category": {"name": "horror", "lift": 2.5},
    "dimension": {"name": "slashers", "category": "horror", "lift": 0.31},
    "long": {"items": "Dune; Alien"},
    "recent": {"items": "Dune; Alien"},
    "last": {"item": "Dune"},
    "next": {"item": "Dune"},
    "together": {"item": "Dune"},
    "follows": {"item": "Dune"},
    "no_link": {},
    "little": {},
    "no_history": {},
    "unrated": {},
    "more": {"name": "comedy"},
    "less": {"name": "comedy"},
    "leads": {"item": "Dune"},
    "beside": {"item": "Dune"},
    "popular": {},
    "trending": {},
    "quality": {"mean": 0.7},
    "fresh": {"days": 3},
    "repeat": {"times": 4},
    "not_had": {},
    "said": {"text": "no more horror"},
    "context": {"name": "device", "value": "tv"},
    "learned": {"items": "Dune; Alien"},
    "look": {"item": "Dune"},
    "sound": {"item": "Dune"},
    "lacks_look": {},
    "lacks_sound": {},
    "sequence": {},
    "request_category": {"name": "comedy"},
    "request_dimension": {"name": "slapstick"},
    "request_meaning": {"text": "something funny"},
    "request_avoid": {"text": "war"},
    "request_age": {},
    "similar": {"item": "Dune"},
    "boost": {"rule": "sale"},
    "always": {"name": "books"},
    "base": {},
    "diversity": {"before": 4, "after": 2},
    "exploration": {"probability": 0.25},
}


def test_every_key_is_tested() -> None:
    assert set(FACTS) == KEYS


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("negative", [False, True])
@pytest.mark.parametrize("key", sorted(FACTS))
def test_every_key_says_all_its_facts(key: str, negative: bool, language: Language) -> None:
    said = phrase(Reason(key, FACTS[key]), language, negative=negative)
    assert key not in ("popular", "sequence") or "“" not in said  # not the general phrase
    for value in FACTS[key].values():
        assert str(value) in said
    assert "$" not in said
    whole = sentence(Reason(key, FACTS[key]), language, negative=negative)
    assert said in whole
    if language == "zh":
        assert whole.startswith("因为")
        assert whole.endswith("排得靠后。") is negative
    else:
        assert whole.startswith("Less because " if negative else "Because ")


@pytest.mark.parametrize("language", LANGUAGES)
def test_languages_say_different_things_for_the_two_signs_where_it_matters(language: Language) -> None:
    for key in ("recent", "popular", "trending", "fresh", "next", "boost", "request_meaning", "my_own"):
        reason = Reason(key, FACTS.get(key, {}))
        assert phrase(reason, language) != phrase(reason, language, negative=True)


def test_low_says_what_is_true_whatever_the_weight() -> None:
    assert sentence(Reason("popular", {"low": 0}), negative=True) == "Less because many people choose it."
    assert sentence(Reason("popular", {"low": 1})) == "Because few people choose it."


@pytest.mark.parametrize("title", ["{x}", "$x", "${item}", "$$", "%s %(a)s", "{0.__class__}", "\\1", "“中文”", "a $ b"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_titles_come_through_unharmed(title: str, language: Language) -> None:
    for key in ("recent", "last", "next", "boost", "request_meaning", "own"):
        names = ("item", "items", "rule", "text", "name")
        assert title in phrase(Reason(key, dict.fromkeys(names, title)), language)


@settings(deadline=None)
@given(st.text(), st.dictionaries(st.text(), st.text() | st.integers() | st.floats()), st.booleans())
def test_any_reason_has_a_phrase_of_one_line(key: str, facts: dict[str, str | int | float], negative: bool) -> None:
    for language in LANGUAGES:
        assert len(phrase(Reason(key, facts), language, negative=negative).splitlines()) <= 1


def test_users_own_evidence() -> None:
    assert phrase(Reason("margin", {"name": "our margin"})) == "“our margin” speaks for it"
    assert phrase(Reason("margin", {"text": "it is made near you"})) == "it is made near you"
    assert phrase(Reason("recent")) == "“recent” speaks for it"  # a fact is missing
    assert phrase(Reason("last", {"item": "two\nlines\x1b[31m"})) == "it is close to your last one: two lines [31m"


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ConfigError, match="'de'; use en or zh"):
        phrase(Reason("popular"), "de")  # type: ignore[arg-type]


def test_reasons_are_written_and_read() -> None:
    reason = Reason("category", FACTS["category"])
    assert Reason.from_dict(reason.to_dict()) == reason
