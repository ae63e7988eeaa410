"""How the client asks: a call as data, tried again where that helps, its answer typed, its problem an error."""

from __future__ import annotations

import functools
import json
import math
import uuid
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, Self, TypeVar, cast, overload

from pydantic import BaseModel

from penchant import errors
from penchant.errors import MissingExtra, PenchantError
from penchant.serve import faults

try:
    import httpx2
    import tenacity
except ImportError as error:  # pragma: no cover - the extra is there where this is tested
    raise MissingExtra(error.name or "httpx2", extra="client") from None

if TYPE_CHECKING:
    from penchant.serve.client import AsyncClient, Client

P = ParamSpec("P")
T = TypeVar("T", bound=BaseModel)
_FAULTS: tuple[type[faults.Fault], ...] = (
    faults.Unauthenticated, faults.Forbidden, faults.Unprocessable, faults.TooLarge, faults.TooSlow,
    faults.RateLimited, faults.NotReady,
)  # fmt: skip
_CLASSES: dict[str, type[PenchantError]] = {
    "invalid-setting": errors.ConfigError, "unknown-id": errors.UnknownId, "refused": errors.Refused,
    "store-busy": errors.StoreBusy, "store-failed": errors.StoreError, "encoder-mismatch": errors.EncoderMismatch,
    "encoder-failed": errors.EncoderFailed,
}  # fmt: skip
AGAIN = frozenset({429, 502, 503, 504})


class Unreachable(PenchantError):
    """The service could not be reached, or broke off before it answered."""

    status = 12


class _Again(Exception):
    """Worth another try, after `wait` seconds if that was said; `error` is what it was."""

    def __init__(self, error: PenchantError, wait: float | None = None) -> None:
        self.error, self.wait = error, wait


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One request, and what its answer is.

    Attributes:
        answer: class of the answer.
        method, path: of the request.
        params: of the query; those that are None are left out.
        body: JSON-able; None: there is none.
        lines: body of lines instead.
        once: whether an `Idempotency-Key` goes with it, so that a retry writes nothing twice.
        read: makes the answer of the response's bytes; None: it is JSON.
    """

    answer: type[T]
    method: str
    path: str
    params: Mapping[str, Any] = field(default_factory=dict[str, Any])
    body: Any = None
    lines: bytes | None = None
    once: bool = False
    read: Callable[[bytes], T] | None = None

    def request(self) -> dict[str, Any]:
        """Arguments of httpx's `request`; the same for every try."""
        headers = {"Idempotency-Key": uuid.uuid4().hex} if self.once else {}
        content = self.lines
        if self.body is not None:
            try:
                content = json.dumps(self.body, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
            except (ValueError, TypeError) as error:  # NaN, half a character, an object of your own
                raise errors.InvalidRecord.told("body", f"the body is no JSON: {error}") from None
        if content is not None:
            headers["Content-Type"] = "application/json" if self.lines is None else "application/x-ndjson"
        params = {name: value for name, value in self.params.items() if value is not None}
        return {"method": self.method, "url": self.path, "params": params, "content": content, "headers": headers}

    def result(self, response: httpx2.Response) -> T:
        """The answer.

        Raises:
            PenchantError: it was a problem.
        """
        if response.is_success:
            return self.read(response.content) if self.read else self.answer.model_validate_json(response.content)
        error = error_of(response)
        if response.status_code in AGAIN:
            given = response.headers.get("Retry-After", "")
            raise _Again(error, float(given) if given.isdecimal() else None)
        raise error


def error_of(response: httpx2.Response) -> PenchantError:
    """The error that a problem stands for, of the class that the engine would have raised."""
    told: dict[str, Any] = {}
    try:
        given: Any = response.json()
        if isinstance(given, dict):
            told = cast("dict[str, Any]", given)
    except ValueError:
        pass
    slug = str(told.get("type", "")).rpartition(":")[2]
    detail = str(told.get("detail") or f"the service answered {response.status_code}")
    fix = str(told.get("fix") or "")
    retry = response.headers.get("Retry-After", "")
    if slug in ("invalid-record", "invalid-request"):
        return errors.InvalidRecord.told(str(told.get("field") or "request"), detail, fix)
    if slug in ("busy", "closing"):
        kind = errors.Busy if slug == "busy" else errors.Closing
        return kind(detail, fix=fix, retry_after=float(retry) if retry.isdecimal() else 1)
    for fault in _FAULTS:
        if fault.slug == slug:
            return fault(detail, fix=fix, retry_after=float(retry) if retry.isdecimal() else None)
    return _CLASSES.get(slug, PenchantError)(detail, fix=fix)


def unreachable(error: httpx2.TransportError, base: str) -> _Again:
    """What a failed connection is, for another try."""
    return _Again(Unreachable(f"{base}: {error or type(error).__name__}", fix="check that the service runs there"))


def patience(retries: int, longest: float) -> dict[str, Any]:
    """Arguments of tenacity's `Retrying`, and of `AsyncRetrying`.

    Args:
        retries: tries after the first.
        longest: seconds between two, at most.
    """
    spread = tenacity.wait_random_exponential(multiplier=0.1, max=longest)

    def wait(state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome is not None else None
        asked = error.wait if isinstance(error, _Again) and error.wait is not None else 0.0
        return min(longest, math.fsum((asked, spread(state))))

    def give_up(state: tenacity.RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome is not None else None
        if isinstance(error, _Again):
            raise error.error from None

    return {
        "stop": tenacity.stop_after_attempt(retries + 1), "wait": wait,
        "retry": tenacity.retry_if_exception_type(_Again), "retry_error_callback": give_up,
    }  # fmt: skip


class described(Generic[P, T]):
    """A method described once, as the call that it makes: a client sends it, an asynchronous one awaits it."""

    def __init__(self, describe: Callable[Concatenate[Any, P], Call[T]]) -> None:
        self._describe = describe
        self.__doc__ = describe.__doc__

    @overload
    def __get__(self, client: None, owner: type) -> Self: ...
    @overload
    def __get__(self, client: Client, owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, client: AsyncClient, owner: type) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, client: Any, owner: type) -> Any:
        if client is None:
            return self

        @functools.wraps(self._describe)
        def method(*args: P.args, **kwargs: P.kwargs) -> Any:
            return client.send(self._describe(client, *args, **kwargs))

        return method
