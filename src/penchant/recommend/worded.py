"""Explanations and profiles as a paragraph: the facts of the templates, linked by a chat model where one is given.

The facts are the same with and without a model, and stand in the text word for word (see
`penchant.language.chat.filling`); a model only orders and links them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from penchant.errors import ConfigError
from penchant.interest.profile import Profile, ProfileNode
from penchant.language.chat.filling import Tongue, write
from penchant.language.chat.model import ChatModel
from penchant.recommend.explanation import Explanation
from penchant.recommend.phrases import LANGUAGES, one_line

CATEGORIES = 4  # of a profile that are told, by share
LEAST_SHARE = 0.02


@dataclass(frozen=True, slots=True)
class Worded:
    """A text made from facts.

    Attributes:
        text: one paragraph.
        facts: the clauses that it says, in the order of their weight.
        by: whether a chat model linked them, or each stands as a sentence of the template.
    """

    text: str
    facts: tuple[str, ...]
    by: Literal["template", "chat"]

    def __str__(self) -> str:
        return self.text


def word_explanation(
    explanation: Explanation, chat: ChatModel | None = None, *, language: Tongue = "en", top: int = 3
) -> Worded:
    """The strongest reasons of a recommendation as a paragraph.

    Args:
        explanation: of a recommendation.
        chat: links the reasons; None, off or failing: the template.
        language: en or zh.
        top: how many reasons.

    Raises:
        ConfigError: another language.

    >>> from penchant.recommend.explanation import Part
    >>> from penchant.interest.reason import Reason
    >>> parts = [Part("intensity", "popular", 1.0, Reason("popular")),
    ...          Part("intensity", "fresh", -0.5, Reason("fresh", {"days": 900}))]
    >>> print(word_explanation(Explanation(parts, 0.5)))
    Many people choose it. What counts against it: it is not new (900 days).
    """
    _known(language)
    against = {"en": "what counts against it: ", "zh": "不利之处："}[language]
    facts = [
        (against if part.value < 0 else "") + part.phrase(language) for part in explanation.telling(top)
    ]  # fmt: skip
    return _worded(facts, chat, language)


def word_profile(profile: Profile, chat: ChatModel | None = None, *, language: Tongue = "en") -> Worded:
    """A person's main interests as a paragraph: what they turn to and how much, what they avoid, what they ruled out.

    Args:
        profile: of one person.
        chat: links the facts; None, off or failing: the template.
        language: en or zh.

    Raises:
        ConfigError: another language.
    """
    _known(language)
    known = [node for node in profile.nodes if node.weight > 0 or node.edits]
    told = [node for node in known if node.share >= LEAST_SHARE and node.word != "dislike" and not _ruled_out(node)]
    facts = [_liked(node, language) for node in told[:CATEGORIES]]
    for node in (node for category in profile.nodes for node in category.walk()):
        name = one_line(" › ".join(node.path))
        if _ruled_out(node):
            facts.append(f"you never want {name}" if language == "en" else f"您不想再看到{name}")
        elif node.word == "dislike":
            facts.append(f"you tend to avoid {name}" if language == "en" else f"您往往避开{name}")
    if not facts:
        facts = ["nothing is known of you yet" if language == "en" else "目前对您还一无所知"]
    return _worded(facts[:8], chat, language)


def _ruled_out(node: ProfileNode) -> bool:
    return "never" in node.edits


def _liked(node: ProfileNode, language: Tongue) -> str:
    name, share = one_line(node.name), f"{100 * node.share:.0f} %"
    within = [one_line(child.name) for child in node.children if child.weight > 0 and child.word != "dislike"][:2]
    if language == "zh":
        verb = {"high": "您很喜欢", "medium": "您喜欢", "low": "您偶尔会选择"}[node.word]
        inside = f"，其中有{'、'.join(within)}" if within else ""
        return f"{verb}{name}（占您兴趣的{share}{inside}）"
    verb = {"high": "you like {} very much", "medium": "you like {}", "low": "you turn to {} now and then"}[node.word]
    inside = f", {' and '.join(within)} within it" if within else ""
    return f"{verb.replace('{}', name)} ({share} of your interest{inside})"


def _worded(facts: list[str], chat: ChatModel | None, language: Tongue) -> Worded:
    text, written = write(chat, facts, language)
    return Worded(text, tuple(facts), "chat" if written else "template")


def _known(language: str) -> None:
    if language not in LANGUAGES:
        raise ConfigError(f"language: there are no phrases in {language!r}", fix=f"use {' or '.join(LANGUAGES)}")
