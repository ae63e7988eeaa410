"""Health: is the process alive, may it be sent requests. The only answers without a key, so they name nobody."""

from __future__ import annotations

from typing import Literal

from anyio import to_thread
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from penchant.errors import StoreError
from penchant.serve.service import Service

router = APIRouter(prefix="/health", tags=["health"])
Condition = Literal["ready", "opening", "failing", "stopping"]


class Live(BaseModel):
    """The process answers."""

    status: Literal["live"] = "live"


class Ready(BaseModel):
    """Whether requests may be sent here, and if not, why."""

    ready: bool = Field(description="True: send requests.")
    status: Condition = Field(
        description="opening: catalogues are opened, their state replayed from the log; failing: a store or the keys "
        "can't be used; stopping: the service is about to end."
    )
    catalogues: int = Field(description="How many there are.")
    opening: int = Field(description="How many are being opened.")
    failing: int = Field(description="How many can't be used.")
    replayed: int = Field(description="Entries replayed of those being opened.")
    to_replay: int = Field(description="Entries to replay in all, of those being opened.")


@router.get("/live", operation_id="live", summary="Is the process alive")
async def live() -> Live:
    """Always 200 while the process answers at all."""
    return Live()


@router.get(
    "/ready", operation_id="ready", summary="May requests be sent",
    responses={503: {"model": Ready, "description": "Not now."}},
)  # fmt: skip
async def ready(request: Request, response: Response) -> Ready:
    """200 if every catalogue is open and its store takes what is written, else 503 with the reason."""
    service = Service.of(request)
    warming = service.warming
    health = await to_thread.run_sync(lambda: service.host.health(probe=not warming))
    status: Condition = "ready"
    if service.stopping:
        status = "stopping"
    elif health.failing or not _keys_work(service):
        status = "failing"
    elif warming or health.opening:
        status = "opening"
    if status != "ready":
        response.status_code = 503
        response.headers["Retry-After"] = "2"
    return Ready(
        ready=status == "ready", status=status, catalogues=health.catalogues, opening=health.opening,
        failing=health.failing, replayed=health.done, to_replay=health.total,
    )  # fmt: skip


def _keys_work(service: Service) -> bool:
    try:
        service.keys.check()
    except StoreError:
        return False
    return True
