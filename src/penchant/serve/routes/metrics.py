"""Metrics for Prometheus. A key sees its own tenant; where the settings make them public, everybody sees all."""

from __future__ import annotations

from anyio import to_thread
from fastapi import APIRouter, Request, Response

from penchant.serve.faults import Forbidden
from penchant.serve.keys import Key
from penchant.serve.metrics import MEDIA
from penchant.serve.service import Service

router = APIRouter(tags=["metrics"])
PATH = "/metrics"


@router.get(PATH, operation_id="metrics", summary="Metrics for Prometheus", include_in_schema=False)
async def metrics(request: Request) -> Response:
    """Text in Prometheus' format."""
    service = Service.of(request)
    key: Key | None = getattr(request.state, "key", None)
    if key is not None and not key.may("read"):
        raise Forbidden("the key has not the role read", fix="use a key with the role read")
    text = await to_thread.run_sync(service.metrics.text, None if key is None else key.tenant)
    return Response(text, media_type=MEDIA)
