"""Clients of the service: `Client`, and `AsyncClient` whose methods are awaited. Their methods are those of `Calls`."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self, TypeVar

from pydantic import BaseModel

from penchant.serve.calling import Call, Unreachable, httpx2, patience, tenacity, unreachable
from penchant.serve.calls import Calls, StreamOutcome

__all__ = ["AsyncClient", "Client", "StreamOutcome", "Unreachable"]

T = TypeVar("T", bound=BaseModel)


def _options(url: str, key: str, timeout: float) -> dict[str, Any]:
    import penchant

    headers = {"X-API-Key": key, "User-Agent": f"penchant/{penchant.__version__}"}
    return {"base_url": url, "headers": headers, "timeout": timeout}


class Client(Calls):
    """A client of the service; its methods return the answer.

    What can be tried again is: lost connections, a full queue (429), a service that is starting or stopping (503).
    Every write carries an id or an `Idempotency-Key`, so that a retry writes nothing twice.

    Args:
        url: where the service is.
        key: made with `penchant keys create`.
        timeout: seconds to wait for each part of an answer.
        retries: tries after the first.
        longest_wait: seconds between two tries, at most.
        transport: of httpx, for tests and proxies.

    Example:
        with Client("http://localhost:8000", key) as client:
            client.observe("ann", "dune", "like")
            print([one.item for one in client.recommend("ann", n=5).items])
    """

    def __init__(
        self, url: str = "http://localhost:8000", key: str = "", *, timeout: float = 10.0, retries: int = 4,
        longest_wait: float = 10.0, transport: httpx2.BaseTransport | None = None,
    ) -> None:  # fmt: skip
        self.url = url
        self._http = httpx2.Client(**_options(url, key, timeout), transport=transport)
        self._patience = patience(retries, longest_wait)

    def send(self, call: Call[T]) -> T:
        """Make a call that `Calls` describes.

        Raises:
            PenchantError: what the service said, or `Unreachable`.
        """
        request = call.request()

        def once() -> T:
            try:
                return call.result(self._http.request(**request))
            except httpx2.TransportError as error:
                raise unreachable(error, self.url) from error

        return tenacity.Retrying(**self._patience)(once)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncClient(Calls):
    """A client of the service for asyncio: as `Client`, but its methods are awaited.

    Example:
        async with AsyncClient("http://localhost:8000", key) as client:
            await client.observe("ann", "dune", "like")
            answer = await client.recommend("ann", n=5)
    """

    def __init__(
        self, url: str = "http://localhost:8000", key: str = "", *, timeout: float = 10.0, retries: int = 4,
        longest_wait: float = 10.0, transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:  # fmt: skip
        self.url = url
        self._http = httpx2.AsyncClient(**_options(url, key, timeout), transport=transport)
        self._patience = patience(retries, longest_wait)

    async def send(self, call: Call[T]) -> T:
        """Make a call that `Calls` describes.

        Raises:
            PenchantError: what the service said, or `Unreachable`.
        """
        request = call.request()

        async def once() -> T:
            try:
                return call.result(await self._http.request(**request))
            except httpx2.TransportError as error:
                raise unreachable(error, self.url) from error

        return await tenacity.AsyncRetrying(**self._patience)(once)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
