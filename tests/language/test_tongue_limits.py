"""Limits of price, length and year in six languages: the same constraints as in English."""

from __future__ import annotations

import pytest

from penchant.language.clauses import fold
from penchant.language.constraints import Constraint, read_constraints
from penchant.language.tongue_limits import has_limits, read_limits
from penchant.language.tongues import tongue, tongue_of


def bounds(one: Constraint) -> tuple[object, ...]:
    return (one.aspect, one.low, one.high, one.open_low, one.open_high, one.refused)


@pytest.mark.parametrize(
    ("code", "text", "english"),
    [
        ("fr", "un film de moins de 90 minutes", "a film under 90 minutes"),
        ("fr", "pas plus de deux heures et demie", "no longer than two and a half hours"),
        ("fr", "moins de 20 euros", "under 20 euros"), ("fr", "entre 20 et 40 euros", "between 20 and 40 euros"),
        ("fr", "un film d'après 1990", "a film after 1990"), ("fr", "un film d'avant 1980", "a film before 1980"),
        ("fr", "une comédie des années 80", "a comedy from the 80s"),
        ("fr", "une comédie des années quatre-vingt", "a comedy from the eighties"),
        ("fr", "rien de plus de 50 euros", "nothing over 50 euros"),
        ("fr", "je n'aime pas les films de plus de deux heures", "no films over two hours"),
        ("fr", "les films de plus de deux heures, je n'aime pas", "no films over two hours"),
        ("de", "unter zwei Stunden", "under two hours"), ("de", "nicht länger als zwei Stunden", "at most two hours"),
        ("de", "ein Film nach 1990", "a film after 1990"), ("de", "ein Krimi aus den Neunzigern", "from the nineties"),
        ("de", "höchstens 19,90 Euro", "at most 19.90 euros"),
        ("de", "keine Filme über zwei Stunden", "at most 2 hours"),
        ("de", "Filme über zwei Stunden mag ich nicht", "at most 2 hours"),
        ("de", "bis 2.500 Euro", "up to 2500 euros"), ("de", "bis 1500 Euro", "at most 1500 euros"),
        ("es", "menos de 90 minutos", "under 90 minutes"), ("es", "no más de 90 minutos", "at most 90 minutes"),
        ("es", "una película de después de 2000", "a film after 2000"), ("es", "de los noventa", "from the nineties"),
        ("es", "no quiero películas de más de dos horas", "at most two hours"),
        ("es", "hasta 30 euros", "up to 30 euros"),
        ("it", "meno di due ore", "under two hours"), ("it", "un film dopo il 1990", "a film after 1990"),
        ("it", "un giallo degli anni '80", "from the 80s"), ("it", "massimo 20 euro", "at most 20 euros"),
        ("it", "meno di un'ora e mezza", "under one and a half hours"),
        ("it", "tra 20 e 40 euro", "between 20 and 40 euros"),
        ("pt", "menos de duas horas", "under two hours"), ("pt", "um filme dos anos 80", "from the 80s"),
        ("pt", "não mais de 90 minutos", "at most 90 minutes"), ("pt", "no máximo 30 euros", "at most 30 euros"),
        ("nl", "korter dan twee uur", "under two hours"), ("nl", "niet langer dan anderhalf uur", "at most 90 minutes"),
        ("nl", "een film van na 1990", "a film after 1990"), ("nl", "uit de jaren tachtig", "from the eighties"),
        ("nl", "geen films van meer dan twee uur", "at most two hours"),
    ],
)  # fmt: skip
def test_the_same_bounds_as_in_english(code: str, text: str, english: str) -> None:
    [(one, (start, end))] = read_limits(fold(text), tongue(code))
    [(same, _)] = read_constraints(english)
    assert bounds(one) == bounds(same)
    assert one.text == fold(text)[start:end].strip(" ,")  # the words as they were said


@pytest.mark.parametrize(
    "text", ["un film en deux parties", "zwei Brüder suchen ihren Vater", "una storia di tre amici", "drei Western",
             "un film avec 12 hommes en colère", "ein Film über zwei Freunde", "les 400 coups de la semaine"],
)  # fmt: skip
def test_other_numbers_are_no_limits(text: str) -> None:
    told = tongue_of(fold(text))
    assert told is None or read_limits(fold(text), told) == []


def test_what_is_only_liked_is_no_rule() -> None:
    def stated(text: str) -> list[str]:
        told = tongue_of(fold(text))
        assert told is not None
        return [one.text for one, _ in read_limits(fold(text), told, stated=True)]

    assert stated("j'aime les films des années 80") == []
    assert stated("je ne veux plus de films de plus de deux heures") != []
    assert stated("keine Filme über zwei Stunden") != []
    assert stated("ich mag nur Filme unter zwei Stunden") != []


def test_titles_hold_no_limit() -> None:
    text = fold("ein film wie moins de 20 euros, unter zwei stunden")
    start = text.index("moins")
    found = read_limits(text, tongue("de"), kept=[(start, start + len("moins de 20 euros"))])
    assert [one.text for one, _ in found] == ["unter zwei stunden"]


def test_six_languages_have_limits() -> None:
    assert [code for code in ("fr", "de", "es", "it", "pt", "nl", "pl", "ru", "ja") if has_limits(tongue(code))] == [
        "fr", "de", "es", "it", "pt", "nl",
    ]  # fmt: skip
