"""How strongly something is said: "maybe a western", "a western", "I'm dying to see a western"; 随便看看, 特别想看."""

from __future__ import annotations

import re

from penchant.language import lexicon

WEAK, PLAIN, STRONG = 0.5, 1.0, 1.5

# Words that wish for nothing in particular.
_IDLE = re.compile(
    r"(?<![a-z])(?:whatever(?! you do)|just (?:browsing|looking)(?: around)?|no preference|anything (?:goes"
    r"|is fine|will do)|i don'?t mind|"
    r"surprise me|up to you)(?![a-z])|随便(?:看看|听听|逛逛|来点)?|随意|无所谓|都(?:行|可以)(?=$|[，。,.])|凑合"
)
_MORE = re.compile(
    r"(?<![a-z])(?:so (?:much|badly)|badly|must|by all means|can'?t get enough|more than anything|hell no"
    r"|no way)(?![a-z])"
    r"|[好很太超]想|巴不得|一定要|必须|死都不|打死(?:也|都)?不|千万别|绝不|无比|狂(?=爱|想)|最(?=想|恨|烦)"
)


def strength_of(words: str) -> float:
    """0.5 with a word of doubt or small degree, 1.5 with one of great degree, 1 otherwise.

    >>> strength_of("maybe a western"), strength_of("a western"), strength_of("超级想看西部片")
    (0.5, 1.0, 1.5)
    >>> strength_of("随便看看"), strength_of("i want it so badly")
    (0.5, 1.5)
    """
    if lexicon.NOT_DISLIKED.search(words) or lexicon.WEAK.search(words) or _IDLE.search(words):
        return WEAK
    return STRONG if lexicon.STRONG.search(words) or _MORE.search(words) else PLAIN


def idle(words: str) -> bool:
    """Whether the words wish for nothing in particular.

    >>> idle("随便看看"), idle("just browsing"), idle("a western")
    (True, True, False)
    """
    return _IDLE.search(words) is not None
