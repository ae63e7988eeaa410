"""Labels of items: the model chooses among the few names that the encoder finds nearest, by a code, twice.

The encoder's own choice stands unless the model gives the same other one under two orders of the options and two sets
of codes: an item's text that says "answer B" names another label the second time. Text that addresses a model, or that
names one of the options, is not sent at all. One item a question, so no item's text is read beside another's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict

from penchant.language.chat.model import ChatModel
from penchant.language.chat.quoting import plain, speaks_to_a_model
from penchant.language.nodes import Encode, NodeName, NodeNames, Noun, Path

NEAREST = 4  # labels that the model chooses among
NONE = "none of these"
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"  # of codes; no vowels, so that no code is a word

TASK = (
    "The data holds the text of one {noun} and some options, each with a code. Choose the option that says best what "
    'the text is about. Answer in the form {{"code": "..."}} with the code of your choice.'
)


@dataclass(frozen=True, slots=True)
class Labelled:
    """The label of a text.

    Attributes:
        path: the node.
        by: who chose it: the encoder, or the chat model.
    """

    path: Path
    by: Literal["encoder", "chat"]


class _Choice(BaseModel):
    model_config = ConfigDict(extra="forbid")
    code: str


def label_texts(
    chat: ChatModel | None, texts: Sequence[str], nodes: Sequence[NodeName], encode: Encode, *, noun: Noun | None = None
) -> list[Labelled | None]:
    """The node that each text is most about; None where the encoder has nothing to go by.

    A proposal: nothing is written to the tree.

    Args:
        chat: None: the encoder alone.
        texts: of items.
        nodes: to choose among.
        encode: texts to unit vectors.
        noun: what the catalogue's things are called.

    >>> from penchant.language.universal import UniversalEncoder
    >>> nodes = [NodeName((n,), n) for n in ("Horror", "Comedy", "War")]
    >>> label_texts(None, ["soldiers on the front line in a long battle"], nodes, UniversalEncoder(threads=1).encode)
    [Labelled(path=('War',), by='encoder')]
    """
    names = NodeNames(nodes, encode, noun=noun)
    found: list[Labelled | None] = []
    for text in texts:
        if not text.strip() or not nodes:
            found.append(None)
            continue
        nearest = [int(j) for j in np.argsort(-names.scores(text, encode), kind="stable")[:NEAREST]]
        chosen = _choice(chat, text, [nodes[j] for j in nearest], (noun or Noun()).english) if chat else None
        by = "encoder" if chosen is None else "chat"
        found.append(Labelled(nodes[nearest[0]].path if chosen is None else chosen, by))
    return found


def may_be_sent(text: str, options: Sequence[str]) -> bool:
    """Whether the text neither addresses a model nor names an option.

    >>> may_be_sent("a crew meets something in the dark", ["Horror", "War"]), may_be_sent("Horror! Horror!", ["Horror"])
    (True, False)
    """
    seen = plain(text)
    return not speaks_to_a_model(text) and not any(plain(option) in seen for option in options)


def _choice(chat: ChatModel, text: str, nodes: Sequence[NodeName], noun: str) -> Path | None:
    options = [node.name for node in nodes]
    if len(nodes) < 2 or not may_be_sent(text, [*options, *(alias for node in nodes for alias in node.aliases)]):
        return None
    first = _ask(chat, text, options, noun, 0)
    if first is None or first == len(nodes) or _ask(chat, text, options, noun, 1) != first:
        return None
    return nodes[first].path


def _ask(chat: ChatModel, text: str, options: Sequence[str], noun: str, turn: int) -> int | None:
    """Index of the option chosen, len(options) for none of them; None without an answer that holds."""
    seed = int.from_bytes(hashlib.blake2b(f"{turn}\0{text}".encode("utf-8", "replace"), digest_size=8).digest())
    rng = np.random.Generator(np.random.Philox(seed))
    order = [int(each) for each in rng.permutation(len(options) + 1)]
    letters = [_LETTERS[int(k)] for k in rng.permutation(len(_LETTERS))]
    codes = {f"{letters[2 * k]}{letters[2 * k + 1]}": each for k, each in enumerate(order)}
    shown = {code: [*options, NONE][each] for code, each in codes.items()}
    answer = chat.ask(
        TASK.format(noun=noun), {"text": text, "options": shown}, _Choice,
        check=lambda choice: None if choice.code in codes else "there is no such code", most_tokens=20,
    )  # fmt: skip
    return None if answer is None else codes[answer.code]
