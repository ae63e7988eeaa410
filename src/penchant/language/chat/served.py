"""Chat models behind any OpenAI-compatible `POST /v1/chat/completions`, through the openai client (extra `chat`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from penchant.errors import ChatFailed
from penchant.language.chat.backend import Completion, Message
from penchant.language.openai_client import connect


class ServedChat:
    """A served chat model. The client retries (with back-off) and times out; what is left is `ChatFailed`.

    The schema travels as `response_format`; a server that refuses it (status 400 or 422) is asked without from then on.

    Args:
        model: the name that the server knows it by.
        base_url: address up to and including /v1; None: the client's default (OPENAI_BASE_URL or OpenAI's own).
        timeout: seconds a try may take.
        retries: how often the client tries again.

    The key is read from OPENAI_API_KEY; servers that ask for none work without. It never shows in `id` or errors.

    Raises:
        MissingExtra: the openai package is not installed.
    """

    def __init__(self, model: str, *, base_url: str | None = None, timeout: float = 30.0, retries: int = 2) -> None:
        openai, client = connect(base_url, timeout, retries, extra="chat")
        self._errors: type[Exception] = openai.OpenAIError
        self._refusals: tuple[type[Exception], ...] = (openai.BadRequestError, openai.UnprocessableEntityError)
        self._model = model
        self._client: Any = client
        self._structured = True

    @property
    def id(self) -> str:
        """The model and the server's address (two servers may run different weights under one name)."""
        address = str(self._client.base_url).rstrip("/").partition("://")[2].rpartition("@")[2]
        return f"openai:{self._model}@{address}"

    def complete(self, messages: Sequence[Message], *, schema: Mapping[str, Any], most_tokens: int) -> Completion:
        """The first choice's text; temperature 0 and a fixed seed, so that servers which can repeat themselves do."""
        asked: dict[str, Any] = {
            "model": self._model, "messages": list(messages), "temperature": 0, "seed": 7, "max_tokens": most_tokens,
        }  # fmt: skip
        if self._structured:
            form = {"name": "answer", "schema": dict(schema), "strict": True}
            try:
                return self._ask({**asked, "response_format": {"type": "json_schema", "json_schema": form}})
            except self._refusals:
                self._structured = False
        try:
            return self._ask(asked)
        except self._refusals as error:
            raise self._failed(error) from error

    def _ask(self, asked: Mapping[str, Any]) -> Completion:
        try:
            answer = self._client.chat.completions.create(**asked)
            text = answer.choices[0].message.content
            usage = answer.usage
            counts = (int(usage.prompt_tokens), int(usage.completion_tokens)) if usage is not None else (0, 0)
        except self._refusals:
            raise
        except self._errors as error:
            raise self._failed(error) from error
        except (AttributeError, IndexError, TypeError, ValueError) as error:
            raise ChatFailed(
                f"chat model {self.id}: the answer is not a chat completion", fix="check the address; it ends in /v1"
            ) from error
        if not isinstance(text, str):
            raise ChatFailed(f"chat model {self.id}: the answer holds no text", fix="check the model")
        return Completion(text, *counts)

    def _failed(self, error: Exception) -> ChatFailed:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        return ChatFailed(
            f"chat model {self.id}: no answer ({reason})",
            fix="check its address, the model's name and OPENAI_API_KEY",
        )
