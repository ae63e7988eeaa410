"""Other languages: what is refused in them, for how long, and that their words change no English or Chinese reading."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penchant import Engine, Item
from penchant.language.clauses import fold, split_clauses
from penchant.language.tongue_words import BY_SCRIPT, BY_WORDS
from penchant.language.tongues import tongue, tongue_of

HERE = Path(__file__).parent

REFUSALS = {
    "fr": [
        ("pas de films d'horreur", "-films d'horreur"), ("je ne veux pas de guerre", "-guerre"),
        ("une comédie sans violence", "+comédie; -violence"),
        ("je n'aime pas les comédies musicales", "-comédies musicales"),
        ("les westerns, je n'aime pas du tout", "-westerns"), ("tout sauf la guerre", "-guerre"),
        ("une comédie, les westerns m'ennuient", "+comédie; -westerns"), ("je n'ai pas aimé les westerns", "-westerns"),
        ("un casque sans fil", "+casque sans fil"), ("pourquoi pas un western ?", "+western"),
        ("tu n'aurais pas un bon western ?", "+bon western"),
        ("plutôt une comédie qu'un western", "+comédie; -western"),
        ("je voudrais un film que je peux voir", "+film que je peux voir"),
    ],
    "de": [
        ("keine Horrorfilme mehr", "-horrorfilme"), ("ohne Gewalt", "-gewalt"),
        ("Horrorfilme mag ich nicht", "-horrorfilme"), ("nicht Horror, sondern Komödie", "-horror; +komödie"),
        ("alles außer Krieg", "-krieg"), ("Horror und Krieg mag ich nicht", "-horror und krieg"),
        ("eine Komödie, Horror mag ich nicht", "+komödie; -horror"), ("ich will nichts außer Western", "+western"),
        ("lieber eine Komödie als Horror", "+komödie; -horror"), ("auf Western habe ich keine Lust", "-western"),
        ("meine Karte funktioniert nicht", "+meine karte funktioniert nicht"),
    ],
    "es": [
        ("nada de terror", "-terror"), ("sin violencia", "-violencia"), ("el terror no me gusta", "-terror"),
        ("una comedia sin violencia", "+comedia; -violencia"), ("todo menos westerns", "-westerns"),
        ("una película que no dé miedo", "+película; -miedo"),
        ("una película que no he visto", "+película que no he visto"), ("no tengo ganas de terror", "-terror"),
        ("no quiero más que comedias", "+comedias"), ("no es terror sino comedia", "-terror; +comedia"),
    ],
    "it": [
        ("niente horror", "-horror"), ("l'horror non mi piace", "-horror"), ("tutto tranne i western", "-western"),
        ("qualcosa di divertente, ma non troppo lungo", "+divertente; -lungo"),
        ("non vedo l'ora di vedere un western", "+western"), ("non ho voglia di horror", "-horror"),
    ],
    "pt": [
        ("sem violência", "-violência"), ("não gosto de faroestes", "-faroestes"), ("terror não, por favor", "-terror"),
        ("quero algo engraçado, nada de guerra", "+engraçado; -guerra"),
    ],
    "nl": [
        ("geen horror", "-horror"), ("een komedie zonder geweld", "+komedie; -geweld"),
        ("horror vind ik niet leuk", "-horror"), ("alles behalve westerns", "-westerns"),
    ],
    "pl": [
        ("nie chcę filmów wojennych", "-filmów wojennych"), ("komedia bez przemocy", "+komedia; -przemocy"),
        ("horrorów nie lubię", "-horrorów"), ("nie horror, tylko komedia", "-horror; +komedia"),
    ],
    "tr": [
        ("korku filmi sevmiyorum", "-korku filmi"), ("savaş filmi olmasın", "-savaş filmi"),
        ("komedi istiyorum ama korku istemiyorum", "+komedi; -korku"), ("şiddetsiz bir komedi", "-şiddet; +komedi"),
        ("kablosuz kulaklık istiyorum", "+kablosuz kulaklık"),
    ],
    "ru": [
        ("без ужасов", "-ужасов"), ("вестерны не люблю", "-вестерны"), ("не драма, а комедия", "-драма; +комедия"),
        ("мне не понравились ужасы", "-ужасы"), ("ничего кроме комедий", "+комедий"),
    ],
    "ar": [
        ("بدون عنف", "-عنف"), ("لا أريد أفلام الرعب", "-أفلام الرعب"), ("كوميديا بدون عنف", "+كوميديا; -عنف"),
        ("أي شيء إلا الرعب", "-الرعب"),
    ],
    "ja": [
        ("ホラーは嫌い", "-ホラー"), ("ホラー映画は見たくないです", "-ホラー映画"),
        ("暴力のないコメディ", "-暴力; +コメディ"),
        ("西部劇が好きだけど、ホラーは苦手", "+西部劇; -ホラー"), ("恋愛映画以外で", "-恋愛映画"),
        ("まだ見ていない映画", "+まだ見ていない映画"), ("ホラーしか見ない", "+ホラーしか見ない"),
    ],
    "ko": [
        ("공포 영화는 싫어요", "-공포 영화"), ("공포 영화 말고 코미디 추천해줘", "-공포 영화; +코미디"),
        ("폭력 없는 코미디", "-폭력; +코미디"), ("코미디는 좋아하지만 공포는 싫어", "+코미디; -공포"),
    ],
}  # fmt: skip
STANDING = {
    "fr": "plus jamais d'horreur", "de": "keine Horrorfilme mehr", "es": "nunca más terror", "it": "mai più horror",
    "pt": "nunca mais quero ver terror", "nl": "nooit meer horror", "pl": "nigdy więcej horrorów",
    "tr": "bir daha savaş filmi gösterme", "ru": "больше никаких ужасов", "ar": "لا مزيد من أفلام الرعب",
    "ja": "もうホラーはいらない", "ko": "더 이상 로맨스는 보고 싶지 않아",
}  # fmt: skip


def read(text: str) -> str:
    clauses = split_clauses(text, tongue=tongue_of(fold(text)))
    return "; ".join(("+" if clause.polarity > 0 else "-") + clause.topic for clause in clauses)


def rows(path: str) -> list[dict[str, str]]:
    with (HERE / path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.mark.parametrize(
    ("code", "text", "expected"), [(code, *case) for code, cases in REFUSALS.items() for case in cases]
)
def test_wished_and_refused(code: str, text: str, expected: str) -> None:
    told = tongue_of(fold(text))
    assert told is not None
    assert told.code == code
    assert read(text) == expected


@pytest.mark.parametrize(("code", "text"), STANDING.items())
def test_never_again_stands(code: str, text: str) -> None:
    [clause] = split_clauses(text, tongue=tongue(code))
    assert (clause.polarity, clause.standing) == (-1, True)


@pytest.mark.parametrize(
    ("text", "hours", "strength"),
    [
        ("heute Abend keinen Krimi", 12.0, 1.0), ("ce soir, un film romantique", 12.0, 1.0),
        ("esta semana nada de terror", 168.0, 1.0), ("aşk filmi istemiyorum bu akşam", 12.0, 1.0),
        ("je déteste les westerns", None, 1.5), ("vielleicht ein Western", None, 0.5),
    ],
)  # fmt: skip
def test_time_and_strength(text: str, hours: float | None, strength: float) -> None:
    [clause] = split_clauses(text, tongue=tongue_of(fold(text)))
    assert (clause.hours, clause.strength) == (hours, strength)


def test_english_and_chinese_are_no_tongue() -> None:
    texts = [row["request"] for half in ("first", "held_out") for row in rows(f"said/requests_{half}.tsv")]
    texts += [row[language] for row in rows("request_pairs.tsv") for language in ("english", "chinese")]
    assert len(texts) == 132 + 120
    assert [text for text in texts if tongue_of(fold(text))] == []


@pytest.mark.parametrize(
    "text",
    [
        "", "no", "no man is an island", "sin city", "die hard", "la la land", "no war films",
        "not in the mood for a pas de deux",
        "something like la vie est belle", "no horror bitte", "a comedy sans gore", "van helsing",
        "给我推荐となりのトトロ那样的", "不要鲜の每日", "no hay un film", "los angeles", "das boot", "el camino please",
    ],
)  # fmt: skip
def test_when_unsure_nothing_changes(text: str) -> None:
    assert tongue_of(fold(text)) is None


def test_titles_say_nothing_of_the_language() -> None:
    text = fold("no keine lieder über liebe please")
    start = text.index("keine")
    assert tongue_of(text, [(start, start + len("keine lieder über liebe"))]) is None


@given(st.sampled_from([*BY_WORDS, *BY_SCRIPT]), st.text(max_size=60), st.data())
@settings(max_examples=150, deadline=None)
def test_any_text_is_read(code: str, text: str, data: st.DataObject) -> None:
    known = " ".join((BY_WORDS | BY_SCRIPT)[code].get(name, "") for name in ("marks", "small", "last")).split()
    said = data.draw(st.lists(st.sampled_from(known), max_size=8))
    for clause in split_clauses(f"{text} {' '.join(said)}", tongue=tongue(code)):
        assert clause.topic
        assert clause.polarity in (1, -1)


def test_a_stated_refusal_keeps_it_out() -> None:
    with Engine.open(base="movies") as engine:
        genres = {"Alien": "Horror", "Airplane!": "Comedy", "Halloween": "Horror", "Superbad": "Comedy"}
        engine.add_items([Item(id=title, text=title, paths=[[genre]]) for title, genre in genres.items()])
        engine.tell("ann", "plus jamais de films d'horreur")
        assert {one.item for one in engine.recommend("ann")} == {"Airplane!", "Superbad"}
        engine.tell("bob", "ホラーは嫌い")
        assert engine.recommend("bob")[0].item in ("Airplane!", "Superbad")
