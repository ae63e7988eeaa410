"""From what was said to clauses: which words are about the topic, for or against, how strongly and for how long."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from penchant.language import lexicon
from penchant.language.lasting import time_scope, without_time
from penchant.language.strength import strength_of
from penchant.language.tongues import Tongue

Polarity = Literal[-1, 1]
Span = tuple[int, int]
MAX_CLAUSES = 16
MAX_WORDS = 96  # cue words that are looked at; whoever says more is heard up to there
AROUND = 240  # letters before a cue word in which something must have been said of a topic; all would be slow

_SPACE = re.compile(r"\s+")
_GAP = re.compile(r" (?=[,.;!?，。；！？])")
_JOINTS = re.compile(r"^(?:(?:and|but|or)(?![a-z])|而且|并且|和)|(?:(?<![a-z])(?:and|but|or)|而且|并且|和)$")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "`": "'", "“": '"', "”": '"', "「": '"', "」": '"'})
_COMMA = re.compile(r"[,،、，:：—]+|\s-\s")
_EDGE = " \t\r\n.,;:!?'\"()[]{}-—…，。、；：！？（）《》"


@dataclass(frozen=True, slots=True)
class Said:
    """A clause before its topic has been matched with nodes.

    Attributes:
        text: the clause as it was said, white space and width folded.
        topic: what is left without the words of asking, liking, refusing, degree and time; never empty.
        polarity: +1 wished for or liked, -1 refused or disliked.
        strength: 0.5, 1 or 1.5.
        hours: how long it holds; None: not said.
        standing: said to hold from now on.
    """

    text: str
    topic: str
    polarity: Polarity
    strength: float
    hours: float | None
    standing: bool


Kind = Literal[
    "idiom", "only", "all_but", "mild", "against", "for", "after", "sentence", "contrast", "list", "bare", "behind",
    "for_behind", "than",
]  # fmt: skip

# Of two words that start at the same place the longer one counts, then the one named first here.
_WORDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("idiom", lexicon.IDIOMS),
    ("only", lexicon.ONLY),
    ("all_but", lexicon.ALL_BUT),
    ("mild", lexicon.NOT_DISLIKED),
    ("against", lexicon.DISLIKE),
    ("after", lexicon.WISH_AFTER),
    ("for", lexicon.WISH),
    ("sentence", lexicon.SENTENCE_END),
    ("contrast", lexicon.CONTRAST),
    ("list", lexicon.LIST),
)


@functools.cache
def _words_of(tongue: Tongue) -> tuple[tuple[Kind, re.Pattern[str]], ...]:
    """The cue words of another language, as `_WORDS`."""
    return (
        ("mild", tongue.mild), ("for", tongue.wish), ("idiom", tongue.idioms), ("against", tongue.against),
        ("behind", tongue.behind), ("bare", tongue.bare), ("for_behind", tongue.wish_behind),
        ("sentence", lexicon.SENTENCE_END), ("contrast", tongue.contrast), ("list", tongue.joint),
        ("list", _COMMA), ("than", tongue.than),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Word:
    kind: Kind
    start: int
    end: int
    topic: tuple[int, int] = (0, 0)


@dataclass(slots=True)
class _Stretch:
    """A clause in the making: [start, end) of the folded text without the spans of its cue words."""

    start: int
    end: int
    new_sentence: bool
    polarity: Polarity | None = None
    cues: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    tongue: Tongue | None = None

    def content(self, text: str, start: int, end: int) -> str:
        """What [start, end) says of a topic."""
        letters = list(text[start:end])
        for first, last in self.cues:
            for at in range(max(first, start), min(last, end)):
                letters[at - start] = " "
        return topic_of("".join(letters), self.tongue)

    def says(self, text: str, start: int, end: int) -> bool:
        """Whether [start, end) says anything of a topic, shortly before its end."""
        return bool(self.content(text, max(start, end - AROUND), end))


def split_clauses(
    text: str, *, titles: Sequence[Span] = (), read: Sequence[Span] = (), tongue: Tongue | None = None
) -> list[Said]:
    """The clauses of an utterance, at most 16; a text that says nothing of any topic has none.

    Args:
        titles: parts of the folded text that are titles: no word in them asks or refuses.
        read: parts of the folded text that have been read already, as constraints say; no clause holds them.
        tongue: the language, if it is neither English nor Chinese and its cue words are known.

    >>> for c in split_clauses("No more horror, I'd love something funny tonight"):
    ...     print(c.polarity, c.strength, c.hours, c.standing, c.topic)
    -1 1.0 None True horror
    1 1.5 12.0 False funny
    >>> [(c.polarity, c.topic) for c in split_clauses("今晚不想看战争片，来点浪漫的吧")]
    [(-1, '战争片'), (1, '浪漫')]
    >>> [(c.polarity, c.topic) for c in split_clauses("no country for old men", titles=[(0, 22)])]
    [(1, 'no country for old men')]
    """
    folded = fold(text)
    for start, end in read:
        folded = folded[:start] + " " * (end - start) + folded[end:]
    clauses: list[Said] = []
    scope: tuple[float | None, bool] = (None, False)
    for stretch in _stretches(folded, titles, tongue):
        words = folded[stretch.start : stretch.end].strip(_EDGE)
        if read:  # no joints to what was read, and no gap in its place
            words = _GAP.sub("", _SPACE.sub(" ", _JOINTS.sub("", words).strip(_EDGE)))
        said = tongue.time_scope(words) if tongue else time_scope(words)
        scope = said if said != (None, False) else (None, False) if stretch.new_sentence else scope
        polarity = stretch.polarity or 1
        topic = stretch.content(folded, stretch.start, stretch.end)
        if not topic and polarity < 0 and clauses and not stretch.new_sentence:
            topic = clauses[-1].topic  # "I like horror, but not tonight"
        if tongue and not topic and said != (None, False) and clauses and not stretch.new_sentence:
            clauses[-1] = replace(clauses[-1], hours=said[0], standing=said[1])  # "korku istemiyorum bu akşam"
        if topic:
            clauses.append(Said(words, topic, polarity, (tongue.strength if tongue else strength_of)(words), *scope))
    return clauses[:MAX_CLAUSES]


def _words(text: str, titles: Sequence[Span], tongue: Tongue | None) -> list[_Word]:
    found: list[tuple[int, int, int, _Word]] = []
    for rank, (kind, pattern) in enumerate(_words_of(tongue) if tongue else _WORDS):
        for match in pattern.finditer(text):
            topic = match.span("topic") if kind in ("only", "all_but") else (0, 0)
            found.append((match.start(), match.start() - match.end(), rank, _Word(kind, *match.span(), topic)))
    words: list[_Word] = []
    for *_, word in sorted(found, key=lambda entry: entry[:3]):
        if word.end > word.start and (not words or word.start >= words[-1].end):
            if any(word.start < end and start < word.end for start, end in titles):
                continue
            words.append(word)
    return words


def _stretches(text: str, titles: Sequence[Span], tongue: Tongue | None) -> list[_Stretch]:
    """One pass over the cue words: sentence ends and contrasts close a clause; so does a cue after a list joint."""
    now = _Stretch(0, 0, new_sentence=True, tongue=tongue)
    done: list[_Stretch] = []
    joint: _Word | None = None

    def close(end: int, start: int, *, new_sentence: bool = False) -> None:
        nonlocal now, joint
        now.end = end
        done.append(now)
        now, joint = _Stretch(start, start, new_sentence, tongue=tongue), None

    words = _words(text, titles, tongue)[:MAX_WORDS]
    for at, word in enumerate(words):
        han = tongue is None and lexicon.HAN.match(text, word.start) is not None and text[word.start] != "没"
        if han and joint is not None and not now.says(text, joint.end, word.start):
            han = False  # "我喜欢恐怖片，今晚不要"
        if (tongue is not None or han) and _stands_behind(text, words, at, now, joint):
            if tongue is not None:
                apart = now.polarity is not None or tongue.two_clauses(text[now.start : word.start])
            else:  # "喜剧可以，恐怖片不要", but "恐怖片、战争片都不要"
                apart = now.polarity is not None or (
                    joint is not None and text[joint.start] in ",，" and text[word.start] != "都"
                )
            if apart and joint is not None and now.says(text, joint.end, word.start):
                close(joint.start, joint.end)  # "I'd like a comedy, horror I hate"
            now.polarity = 1 if word.kind == "for_behind" and now.polarity != -1 else -1
            now.cues.append((word.start, word.end))
            close(word.end, word.end)
        elif word.kind == "than":
            if tongue and now.polarity == 1 and any(tongue.prefer.search(text, *cue) for cue in now.cues):
                close(word.start, word.start)  # "rather a comedy than horror"
                now.polarity, now.cues = -1, [(word.start, word.end)]
        elif word.kind == "bare" and now.says(text, joint.end if joint else now.start, word.start):
            continue  # "my card does not work"
        elif word.kind in ("sentence", "contrast"):
            close(word.start, word.end, new_sentence=word.kind == "sentence")
        elif word.kind == "list":
            joint = word
        elif word.kind in ("only", "all_but"):
            close(word.start, word.start)
            now.polarity = 1 if word.kind == "only" else -1
            now.cues = [(word.start, word.topic[0]), (word.topic[1], word.end)]
            close(word.end, word.end)
        elif word.kind == "after":
            if now.polarity == -1 and joint is not None:  # "no horror, a comedy please"
                close(joint.start, joint.end)
            now.polarity = now.polarity or 1
            now.cues.append((word.start, word.end))
        elif word.kind in ("mild", "against", "for", "bare", "behind", "for_behind"):
            polarity: Polarity = -1 if word.kind in ("against", "bare", "behind") else 1
            if now.says(text, now.start, word.start):
                if joint is not None and not now.says(text, joint.end, word.start):
                    close(joint.start, joint.end)
                elif polarity < 0:
                    close(word.start, word.start)  # "a comedy without gore"
                else:
                    continue
            elif now.polarity == -1 and polarity > 0 and joint is not None:  # "... but not tonight, a comedy please"
                close(joint.start, joint.end)
            now.polarity = -1 if now.polarity == -1 else polarity
            now.cues.append((word.start, word.end))
    close(len(text), len(text))
    return done


def _stands_behind(text: str, words: Sequence[_Word], at: int, now: _Stretch, joint: _Word | None) -> bool:
    """Whether a cue is about what stands before it: its kind says so, or nothing follows it; not so in English."""
    word = words[at]
    if word.kind not in ("behind", "for_behind", "against") or not now.says(text, now.start, word.start):
        return False
    if word.kind != "against":
        return True
    end = word.end
    for later in words[at + 1 :]:
        if later.kind not in ("against", "bare", "behind") or now.says(text, end, later.start):
            break
        end = later.end
    stop = next((later.start for later in words[at + 1 :] if later.start >= end and later.kind != "idiom"), len(text))
    return not now.says(text, end, min(stop, end + AROUND))


def fold(text: str) -> str:
    """Unicode NFKC, straight quotes, single spaces, lower case.

    >>> fold("Ｓｃｉ－Ｆｉ  isn’t")
    "sci-fi isn't"
    """
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", text).translate(_QUOTES)).strip().casefold()


def topic_of(words: str, tongue: Tongue | None = None) -> str:
    """The words about the topic: without those of time, and without fillers and punctuation at the ends.

    Args:
        tongue: the language, if it is neither English nor Chinese and its words are known.

    >>> topic_of("a horror film tonight, please"), topic_of("一部轻松的科幻片吧")
    ('horror film', '轻松的科幻片')
    """
    words = _SPACE.sub(" ", tongue.without_time(words) if tongue else without_time(words))
    fillers_first, fillers_last = (
        (tongue.first, tongue.last) if tongue else (lexicon.FILLERS_FIRST, lexicon.FILLERS_LAST)
    )
    before = None
    while words != before:
        before = words
        words = words.strip(_EDGE)
        while first := fillers_first.match(words):
            words = words[first.end() :].strip(_EDGE)
        if last := fillers_last.search(words, max(0, len(words) - lexicon.LONGEST_FILLER)):
            words = words[: last.start()]
    return words
