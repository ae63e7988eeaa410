"""How routes answer: stamped, engine calls off the event loop, every id by path or by query."""

from __future__ import annotations

import functools
import inspect
import time as clock
from collections.abc import Callable
from typing import Annotated, Any, ParamSpec, TypedDict, TypeVar

from anyio import to_thread
from fastapi import APIRouter, Header, Path, Query, Response
from pydantic_core import to_json

from penchant.engine.each import Outcome
from penchant.errors import PenchantError, Refused
from penchant.records import MAX_ID_BYTES, Event
from penchant.serve.faults import NotReady
from penchant.serve.problems import responses
from penchant.serve.service import Session
from penchant.serve.traces import span

P = ParamSpec("P")
T = TypeVar("T")
WAIT = 2.0  # seconds that an answer waits for a version that it is to have seen

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key", min_length=1, max_length=255,
        description="Makes a retry harmless where the body has no id: the same key writes once, durably.",
    ),
]  # fmt: skip


class Stamp(TypedDict):
    """What every answer holds."""

    request_id: str
    version: int
    took_ms: float


def stamp(session: Session, version: int | None = None) -> Stamp:
    """The stamp of an answer that is given now."""
    version = session.catalogue.engine.version if version is None else version
    return Stamp(request_id=session.request_id, version=version, took_ms=session.took_ms)


async def aside(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What a function of the engine returns, run by another thread than the event loop's."""
    with span(f"engine.{getattr(function, '__name__', 'call').strip('_')}"):
        return await to_thread.run_sync(functools.partial(function, *args, **kwargs))


async def written(session: Session, events: list[Event]) -> list[Outcome]:
    """What became of the events, once they are durable and learned.

    Raises:
        Busy: the queue is full. Closing: the service is stopping. StoreError: nothing could be written.
    """
    with span("engine.observe", events=len(events)):
        return await session.catalogue.writer.put(events)


class Raw(Response):
    """An answer that is JSON-able as it is; its schema is documented, not checked again."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """As bytes; what is no number in JSON is null."""
        return to_json(content, inf_nan_mode="null")


def reach(session: Session, version: int | None) -> None:
    """Wait until the model has learned a version; a process that follows the log of another may be behind.

    Raises:
        Refused: no write of this catalogue was answered with that version yet.
        NotReady: it did not come in time.
    """
    engine, ends = session.catalogue.engine, clock.monotonic() + WAIT
    while version is not None and engine.version < version:
        if not engine.read_only:
            raise Refused(f"the catalogue is at version {engine.version}", fix="give the version of a write's answer")
        if engine.refresh() < version:
            if clock.monotonic() > ends:
                raise NotReady(
                    f"version {version} has not come yet, this process is at {engine.version}",
                    fix="send it again in a second, or to the service that writes", retry_after=1,
                )  # fmt: skip
            clock.sleep(0.01)


def durable_id(use: str, key: str | None, place: int | None = None) -> str | None:
    """The log's id for a record that has none of its own, from the header Idempotency-Key.

    >>> durable_id("event", "k1"), durable_id("edit", "k1", 2), durable_id("event", None)
    ('idem:event:k1', 'idem:edit:k1:2', None)
    """
    if key is None:
        return None
    return f"idem:{use}:{key}" if place is None else f"idem:{use}:{key}:{place}"


def reasons(error: PenchantError) -> tuple[str, str, str]:
    """(type, detail, fix) of a refusal, as a problem has them."""
    from penchant.serve.problems import problem_of

    problem, _ = problem_of(error)
    return problem.type, problem.detail, problem.fix


def both(
    router: APIRouter, method: str, collection: str, name: str, below: str = "", *, what: str = "Id.",
    statuses: tuple[int, ...] = (404, 409), **more: Any,
) -> Callable[[Callable[P, T]], Callable[P, T]]:  # fmt: skip
    """A route about one thing by its id: `/users/{id}/profile`, and `/users/profile?id=…` for ids of any characters.

    The function has a parameter `id`. The query's operation is called `name`, the path's `<name>_by_path`.
    """
    by_path = Annotated[str, Path(description=f"{what} One with a slash, or that is `.` or `..`, goes by query.")]
    by_query = Annotated[str, Query(min_length=1, max_length=MAX_ID_BYTES, description=what)]

    def add(function: Callable[P, T]) -> Callable[P, T]:
        # the query's path stands first: `/users/profile` is not the user called "profile"
        for path, annotation, operation in (
            (f"{collection}{below or '/one'}", by_query, name),
            (f"{collection}/{{id}}{below}", by_path, f"{name}_by_path"),
        ):
            router.add_api_route(
                path, _with_id(function, annotation), methods=[method], operation_id=operation,
                responses=responses(*statuses), **more,
            )  # fmt: skip
        return function

    return add


def _with_id(function: Callable[P, T], annotation: Any) -> Callable[P, T]:
    """The same function whose parameter `id` is found by this annotation."""

    @functools.wraps(function)
    async def route(*args: P.args, **kwargs: P.kwargs) -> Any:
        result: Any = function(*args, **kwargs)
        return await result

    signature = inspect.signature(function, eval_str=True)
    parameters = [
        parameter.replace(annotation=annotation) if name == "id" else parameter
        for name, parameter in signature.parameters.items()
    ]
    route.__signature__ = signature.replace(parameters=parameters)  # pyright: ignore[reportAttributeAccessIssue]
    return route  # pyright: ignore[reportReturnType]
