"""Languages beside English and Chinese: which one a text is in, and its words for wishing and refusing.

The clauses are read by the same reader (`clauses.py`); a tongue only gives it other cue words. A text is in a tongue by
its script, or by words that hardly occur in English; when that is not sure, it has none, and is read as ever.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from penchant.language.tongue_words import BY_SCRIPT, BY_WORDS, ENGLISH, Words

Span = tuple[int, int]
LONGEST = 4000  # characters that are looked at
MANY = 3  # small words that make up a mark, in a text without an English one

_WORD = re.compile(r"[^\W\d_]+")
_KANA = re.compile(r"[\u3041-\u306d\u306f-\u30fa]")  # without の, which stands in Chinese names too
_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_ARABIC = re.compile(r"[\u0620-\u064a]")
_CYRILLIC = re.compile(r"[а-яё]")
_NOT_RUSSIAN = re.compile(r"[іїєґўјљњђћџѓќ]")  # other languages of that script
_NOT_ARABIC = re.compile(r"[پچژگک]")
_NOT_JAPANESE = re.compile(r"[这们吗给哪么吧呢谁没来个为说觉听欢]|的(?![なにで])")  # signs and uses of Chinese
_SHARE = 0.1  # of kana among the letters: Chinese may name a Japanese title
_ENGLISH = frozenset(ENGLISH.split())


@dataclass(frozen=True, slots=True)
class Tongue:
    """The cue words of a language, compiled; see `tongue_words` for what each holds."""

    code: str
    idioms: re.Pattern[str]
    mild: re.Pattern[str]
    against: re.Pattern[str]
    bare: re.Pattern[str]
    behind: re.Pattern[str]
    wish: re.Pattern[str]
    wish_behind: re.Pattern[str]
    contrast: re.Pattern[str]
    joint: re.Pattern[str]
    prefer: re.Pattern[str]
    than: re.Pattern[str]
    standing: re.Pattern[str]
    hours: tuple[tuple[re.Pattern[str], float], ...]
    strong: re.Pattern[str]
    weak: re.Pattern[str]
    first: re.Pattern[str]
    last: re.Pattern[str]

    def strength(self, words: str) -> float:
        """0.5, 1 or 1.5, as `strength.strength_of`.

        >>> tongue("fr").strength("je déteste les westerns"), tongue("de").strength("vielleicht ein western")
        (1.5, 0.5)
        """
        if self.mild.search(words) or self.weak.search(words):
            return 0.5
        return 1.5 if self.strong.search(words) else 1.0

    def time_scope(self, words: str) -> tuple[float | None, bool]:
        """Hours that it holds, or None, and whether from now on; as `lasting.time_scope`.

        >>> tongue("es").time_scope("nunca más terror"), tongue("nl").time_scope("vanavond geen horror")
        ((None, True), (12.0, False))
        """
        for pattern, hours in self.hours:
            if pattern.search(words):
                return hours, False
        return None, bool(self.standing.search(words))

    def two_clauses(self, words: str) -> bool:
        """Whether words before a refusal of them are two clauses: one comma and no "and"; else they are a list.

        >>> tongue("de").two_clauses("eine komödie, horror"), tongue("de").two_clauses("krimis, horror und krieg")
        (True, False)
        """
        return self.code not in ("ja", "ko", "tr") and words.count(",") == 1 and not self.joint.search(words)

    def without_time(self, words: str) -> str:
        """The words without those that name a time; those of "never again" are refusals, too, and go with them."""
        for pattern, _ in self.hours:
            words = pattern.sub(" ", words)
        return words


def tongue_of(folded: str, kept: Sequence[Span] = ()) -> Tongue | None:
    """The language of a folded text, if it is one of these and that is sure; None for English and Chinese.

    Args:
        kept: parts that say nothing of it: titles.

    >>> [t.code if (t := tongue_of(text)) else None for text in ("keine horrorfilme", "geen horror", "no horror")]
    ['de', 'nl', None]
    >>> [t.code if (t := tongue_of(text)) else None for text in ("ホラーは嫌い", "像《トトロ》那样的", "без ужасов")]
    ['ja', None, 'ru']
    """
    text = folded[:LONGEST]
    for start, end in kept:
        text = text[:start] + " " * (end - start) + text[end:]
    code = _by_script(text) or _by_words(text)
    return tongue(code) if code else None


def _by_script(text: str) -> str:
    letters = sum(sign.isalpha() for sign in text)
    for code, sign, other in (
        ("ko", _HANGUL, None), ("ja", _KANA, _NOT_JAPANESE), ("ru", _CYRILLIC, _NOT_RUSSIAN),
        ("ar", _ARABIC, _NOT_ARABIC),
    ):  # fmt: skip
        many = len(sign.findall(text))
        if many >= (1 if code == "ja" else 2) and many >= _SHARE * letters and not (other and other.search(text)):
            return code
    return ""


def _by_words(text: str) -> str:
    said = set(_WORD.findall(text))
    best, most = "", 0
    for code, (marks, small, hints) in _signs().items():
        marked = len(said & marks) + (1 if hints and hints.search(text) else 0)
        much = marked + len(said & small)
        many = len([word for word in (said & small) - _ENGLISH if len(word) > 1])
        sure = marked > len(said & (_ENGLISH - marks - small)) or (many >= MANY and not said & _ENGLISH)
        if much > most and sure:
            best, most = code, much
    return best


@functools.cache
def _signs() -> dict[str, tuple[frozenset[str], frozenset[str], re.Pattern[str] | None]]:
    return {
        code: (
            frozenset(words["marks"].split()), frozenset(words["small"].split()),
            re.compile(rf"(?<!\w)(?:{words['hints']})(?!\w)") if "hints" in words else None,
        )
        for code, words in BY_WORDS.items()
    }  # fmt: skip


@functools.cache
def tongue(code: str) -> Tongue:
    """The tongue of this code, compiled when it is first needed."""
    words: Words = (BY_WORDS | BY_SCRIPT)[code]
    spaced = code not in ("ja", "ko")
    # before a word of Arabic "and" is written together with it; Korean particles follow their word
    start = r"(?<!\w)(?:[وف](?=\w{3}))?" if code == "ar" else r"(?<!\w)" if spaced else ""

    def one_of(entries: Iterable[str]) -> re.Pattern[str]:
        """The longest entry first; words are whole, unless they end in an apostrophe."""
        parts = sorted(entries, key=len, reverse=True)
        if not parts:
            return re.compile(r"(?!)")
        if not spaced:
            return re.compile(f"(?:{'|'.join(parts)})")
        endings = [part.removeprefix("-") for part in parts if part.startswith("-")]
        whole = rf"{start}(?:{'|'.join(part for part in parts if not part.startswith('-'))}){_END}"
        return re.compile(whole + (rf"|(?<=\w)(?:{'|'.join(endings)}){_END}" if endings else ""))

    def of(name: str) -> re.Pattern[str]:
        return one_of(_entries(words.get(name, "")))

    first, last = ("|".join(sorted(_entries(words[name]), key=len, reverse=True)) for name in ("first", "last"))
    end = _END if spaced else r"(?!\w)" if code == "ko" else ""
    before = r"(?<!\w)" if spaced else ""
    return Tongue(
        code, of("idioms"), of("mild"), of("against"), of("bare"), of("behind"), of("wish"), of("wish_behind"),
        of("contrast"), of("joint"), of("prefer"), of("than"), of("standing"),
        ((of("tonight"), 12.0), (of("today"), 24.0), (of("week"), 168.0)),
        of("strong"), of("weak"), re.compile(rf"(?:{first}){end}"), re.compile(rf"{before}(?:{last})$"),
    )  # fmt: skip


def _entries(words: str) -> list[str]:
    """The regular expressions of a table's text; a line may break at a space and behind "|"."""
    words = re.sub(r"\|\s*\n\s*", "|", words).replace(")*", "){0,4}").replace(")+", "){1,4}")  # long texts cost less so
    return [entry for one in words.split(";") if (entry := " ".join(one.split()))]


_END = r"(?:(?<=')|(?!\w))"
