"""Names of induced groups: the model chooses among the telling terms that were counted, and nothing else.

What an item says never reaches the model here, only terms that several items share and that tell their group from the
others. So no single item can put a word into a name, and no name holds a word that the group's items don't.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from penchant.language.chat.model import ChatModel
from penchant.language.chat.quoting import plain

MOST_TERMS = 3  # in a name
SHOWN = 8  # terms of a group that the model chooses from

TASK = (
    "The data holds terms that tell one group of {noun}s from other groups, the most telling first. Choose one to "
    "three terms that together name the group best for people. Copy them exactly. "
    'Answer in the form {{"terms": ["..."]}}'
)


@dataclass(frozen=True, slots=True)
class Group:
    """A group that is to be named.

    Attributes:
        name: what it is called without a chat model.
        terms: its most telling terms, best first.
    """

    name: str
    terms: tuple[str, ...]


class _Chosen(BaseModel):
    model_config = ConfigDict(extra="forbid")
    terms: list[str] = Field(min_length=1, max_length=MOST_TERMS)


def wrong_with(terms: Sequence[str], given: Sequence[str]) -> str | None:
    """What is wrong with a choice of terms; None if nothing is.

    >>> wrong_with(["war", "navy"], ["war", "navy", "sea"])
    >>> wrong_with(["war", "best of 2024"], ["war", "navy"])
    "the term 'best of 2024' was not given"
    >>> wrong_with(["war", "war"], ["war"])
    'a term comes twice'
    """
    for term in terms:
        if term not in given:
            return f"the term {term[:40]!r} was not given"
    return "a term comes twice" if len({plain(term) for term in terms}) < len(terms) else None


def name_groups(
    chat: ChatModel | None, groups: Sequence[Group], *, noun: str = "item", taken: Collection[str] = ()
) -> list[str]:
    """A name for each group; its own one where the model gives none that holds.

    Args:
        chat: None: every group keeps its name.
        groups: in their order.
        noun: what the catalogue's things are called.
        taken: names that are in use already.

    >>> name_groups(None, [Group("war & navy", ("war", "navy"))])
    ['war & navy']
    """
    names: list[str] = []
    reserved = {*taken, *(group.name for group in groups)}
    for group in groups:
        chosen = _name(chat, group, noun) if chat is not None and len(group.terms) > 1 else None
        if chosen is not None and chosen != group.name and chosen in {*reserved, *names}:
            assert chat is not None
            chat.refuse()  # two groups of one name
            chosen = None
        names.append(chosen or group.name)
    return names


def _name(chat: ChatModel, group: Group, noun: str) -> str | None:
    given = list(group.terms[:SHOWN])
    answer = chat.ask(
        TASK.format(noun=noun), {"terms": given}, _Chosen,
        check=lambda chosen: wrong_with(chosen.terms, given), most_tokens=60,
    )  # fmt: skip
    return None if answer is None else " & ".join(answer.terms)
