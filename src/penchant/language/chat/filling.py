"""Text from given facts: the model only orders and links them, so that it can claim nothing that was not given.

The model answers with places, "[1], and [2]; besides, [3].", each fact's place exactly once, and between the places
nothing but marks and words of a closed list that say nothing by themselves. The facts are put in afterwards, word for
word. An item, a category, a number or a claim that was not given has no way in; nor can one be left out or turned
round. What fails is not used: the facts stand as sentences of their own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from penchant.language.chat.model import ChatModel
from penchant.language.chat.quoting import plain

Tongue = Literal["en", "zh"]
MOST_FACTS = 8

# words that link and claim nothing: no cause, no degree, no order of importance, no verdict
LINKS: dict[Tongue, tuple[str, ...]] = {
    "en": (
        "and", "also", "besides", "then", "too", "as well", "in addition", "moreover", "furthermore", "further",
        "apart from that", "beside that", "at the same time", "beyond that", "on top of that", "next", "finally",
        "while", "but", "yet", "still", "though", "on the other hand", "in short", "first", "second", "third",
    ),
    "zh": (
        "并且", "而且", "此外", "另外", "同时", "还有", "其次", "首先", "最后", "然后", "接着", "不过", "但是", "但",
        "而", "也", "和", "以及", "总之", "与此同时", "除此之外", "再者",
    ),
}  # fmt: skip
_PLACE = re.compile(r"\[(\d{1,2})\]")
_MARKS: dict[Tongue, str] = {"en": " ,;.:–-", "zh": " ，；。、：,;."}

TASK = (
    "The data holds numbered facts. Write one short paragraph in {tongue} that states all of them. Write [1] for the "
    "first fact, [2] for the second, and so on: never copy a fact's words. Use every number exactly once. Between them "
    "write only marks and these words: {links}. Answer in the form {{\"text\": \"[1], and [2]. Besides, [3].\"}}"
)  # fmt: skip


class Filled(BaseModel):
    """The form of the answer."""

    model_config = ConfigDict(extra="forbid")
    text: str


def wrong_with(text: str, facts: int, tongue: Tongue = "en") -> str | None:
    """What is wrong with a text of places; None if it can be filled.

    >>> wrong_with("[1], and [2].", 2), wrong_with("[2]; [1]", 2), wrong_with("[1]，而且[2]。", 2, "zh")
    (None, None, None)
    >>> wrong_with("[1], which is the best film ever.", 1)
    'it says more than the facts: which is the best film ever'
    >>> wrong_with("[1].", 2), wrong_with("[1][2]", 2)
    ('it leaves out or repeats a fact', 'two facts run into each other')
    """
    places = [int(number) for number in _PLACE.findall(text)]
    if sorted(places) != list(range(1, facts + 1)):
        return "it leaves out or repeats a fact"
    between = _PLACE.split(text)[::2]
    if any(not part for part in between[1:-1]):
        return "two facts run into each other"
    links = sorted(LINKS[tongue], key=len, reverse=True)
    for part in between:
        rest = plain(part)
        if tongue == "en":
            rest = re.sub(r"\b(" + "|".join(links) + r")\b", " ", rest)
        else:
            for link in links:
                rest = rest.replace(link, " ")
        left = "".join(" " if one in _MARKS[tongue] else one for one in rest).strip()
        if left:
            return f"it says more than the facts: {' '.join(left.split())[:60]}"
    return None


def fill(text: str, facts: Sequence[str], tongue: Tongue = "en") -> str:
    """The text with the facts in their places, sentences beginning with capitals; check it first with `wrong_with`.

    >>> fill("[2], and [1].", ["it is new ([1] day)", "you like War"])
    'You like War, and it is new ([1] day).'
    """
    text = text.strip()
    text = text if text[-1:] in (".", "。") else text.rstrip(" ,;:，；：、") + ("。" if tongue == "zh" else ".")
    pieces = _PLACE.split(text)
    out = ""
    for k, piece in enumerate(pieces):
        said = facts[int(piece) - 1].rstrip(".。") if k % 2 else piece
        if not out.rstrip() or out.rstrip()[-1:] in ".。":
            head = len(said) - len(said.lstrip())
            said = said[:head] + said[head : head + 1].upper() + said[head + 1 :]
        out += said
    return out.strip()


def plainly(facts: Sequence[str], tongue: Tongue = "en") -> str:
    """The template: every fact a sentence.

    >>> plainly(["you like War", "it is new"])
    'You like War. It is new.'
    """
    end, between = ("。", "") if tongue == "zh" else (".", " ")
    return between.join(f"{fact[:1].upper()}{fact[1:].rstrip('.。')}{end}" for fact in facts)


def write(chat: ChatModel | None, facts: Sequence[str], tongue: Tongue = "en") -> tuple[str, bool]:
    """The facts as a text, and whether the model wrote it.

    Args:
        chat: None, off, or failing: the template.
        facts: clauses, at most 8 of them for the model; more are for the template.
        tongue: of the facts.
    """
    if chat is None or not 2 <= len(facts) <= MOST_FACTS:
        return plainly(facts, tongue), False
    task = TASK.format(tongue={"en": "English", "zh": "Chinese"}[tongue], links=", ".join(LINKS[tongue]))
    answer = chat.ask(
        task, {"facts": {str(k): fact for k, fact in enumerate(facts, 1)}}, Filled,
        check=lambda filled: wrong_with(filled.text, len(facts), tongue),
        most_tokens=30 + 20 * len(facts),
    )  # fmt: skip
    if answer is None:
        return plainly(facts, tongue), False
    return fill(answer.text, facts, tongue), True
