"""The client of any OpenAI-compatible server, as the served encoder and the served chat model use it."""

from __future__ import annotations

import os
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from penchant.errors import MissingExtra


def connect(base_url: str | None, timeout: float, retries: int, *, extra: str) -> tuple[Any, Any]:
    """(the openai package, a client of it); the key is OPENAI_API_KEY, and servers that ask for none work without.

    Args:
        base_url: address up to and including /v1; None: the client's default (OPENAI_BASE_URL or OpenAI's own).
        timeout: seconds a try may take.
        retries: how often the client tries again, with back-off.
        extra: what to install where the package is missing.

    Raises:
        MissingExtra: the openai package is not installed.
    """
    if find_spec("openai") is None:
        raise MissingExtra("openai", extra=extra)
    openai: Any = import_module("openai")  # an extra: types are not there for everybody
    key = os.environ.get("OPENAI_API_KEY") or "none"
    return openai, openai.OpenAI(api_key=key, base_url=base_url, timeout=timeout, max_retries=retries)
