"""What answers: any object with an id and `complete`. penchant brings two, a served model and an embedded one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypedDict, runtime_checkable


class Message(TypedDict):
    """One message of the chat protocol."""

    role: Literal["system", "user"]
    content: str


@dataclass(frozen=True, slots=True)
class Completion:
    """What a chat model said.

    Attributes:
        text: as it came, unchecked.
        prompt_tokens, completion_tokens: as the model counts them; 0 where it doesn't say.
    """

    text: str
    prompt_tokens: int = 0
    completion_tokens: int = 0


@runtime_checkable
class Backend(Protocol):
    """A chat model that can be asked one question at a time.

    Attributes:
        id: names the model and where it runs; answers are cached under it.
    """

    @property
    def id(self) -> str: ...

    def complete(self, messages: Sequence[Message], *, schema: Mapping[str, Any], most_tokens: int) -> Completion:
        """The model's answer.

        Args:
            messages: what it is told, then what it is asked.
            schema: JSON schema that the answer should follow; the caller checks, whatever the model does.
            most_tokens: the longest answer, in tokens.

        Raises:
            ChatFailed: no answer: the model can't be reached, took too long, or doesn't speak the protocol.
        """
        ...
