"""Edits of a text that leave its label as it is: more examples where there are few, and what a slip costs.

Every edit is a rule, drawn by a key alone: the same text and key give the same edit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from penchant.interest.arrays import draw, key_of
from penchant.language.tuning.examples import Example

Edit = Callable[[str, int], str]
AROUND = (("请问，", "，谢谢"), ("hola, ", ", por favor"), ("bonjour, ", ", merci"), ("你好 ", " 可以吗"))


def _at(key: int, counter: int, high: int) -> int:
    return draw(np.uint64(key), counter, high)


def typo(text: str, key: int) -> str:
    """Two letters swapped, or one left out or doubled, in a word of at least four letters.

    >>> typo("account", 1) != "account" and abs(len(typo("account", 1)) - 7) <= 1
    True
    """
    words = text.split(" ")
    long = [k for k, word in enumerate(words) if len(word) >= 4]
    if not long:
        return text
    which = long[_at(key, 0, len(long))]
    word = words[which]
    at = 1 + _at(key, 1, len(word) - 2)
    made = (
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        word[:at] + word[at + 1 :],
        word[:at] + word[at] + word[at:],
    )
    words[which] = made[_at(key, 2, 3)]
    return " ".join(words)


def upper(text: str, key: int) -> str:
    """All in capitals.

    >>> upper("will it rain", 0)
    'WILL IT RAIN'
    """
    return text.upper()


def full_width(text: str, key: int) -> str:
    """Latin letters, digits and signs as wide as Chinese ones.

    >>> full_width("pay 5", 0)
    'ｐａｙ ５'
    """
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def dropped(text: str, key: int) -> str:
    """One word left out, if there are at least three.

    >>> len(dropped("will it rain", 3).split())
    2
    """
    words = text.split(" ")
    if len(words) < 3:
        return text
    gone = _at(key, 0, len(words))
    return " ".join(word for k, word in enumerate(words) if k != gone)


def mixed(text: str, key: int) -> str:
    """Polite words of another language around it.

    >>> mixed("will it rain", 0) in {before + "will it rain" + after for before, after in AROUND}
    True
    """
    before, after = AROUND[_at(key, 0, len(AROUND))]
    return f"{before}{text}{after}"


EDITS: Mapping[str, Edit] = {
    "typo": typo, "upper": upper, "full width": full_width, "dropped word": dropped, "mixed languages": mixed,
}  # fmt: skip


def augment(
    examples: Sequence[Example],
    edits: Sequence[Edit] = (typo, dropped),
    *,
    paraphrase: Callable[[str], Sequence[str]] | None = None,
    seed: int = 7,
) -> list[Example]:
    """The examples, and after them an edited copy by each edit and one for each paraphrase; none twice.

    Args:
        paraphrase: other wordings of a text, as a model of yours may give; none by default.
        seed: of the draws.

    >>> found = augment([Example("will it rain", "weather")], [upper], paraphrase=lambda text: ["any rain ahead?"])
    >>> [example.text for example in found]
    ['will it rain', 'WILL IT RAIN', 'any rain ahead?']
    """
    found = list(examples)
    for example in examples:
        key = key_of(seed, "edit", example.text)
        made = [edit(example.text, key) for edit in edits]
        made += [] if paraphrase is None else list(paraphrase(example.text))
        found += [replace(example, text=text) for text in made if text.strip()]
    seen = {(example.text, example.category, example.dimension): example for example in reversed(found)}
    return list(reversed(seen.values()))
