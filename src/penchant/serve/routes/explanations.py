"""Explanations: why an answer's items were shown, or why an item has its score."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from penchant.recommend.explanation import Explanation
from penchant.recommend.phrases import Language
from penchant.serve.access import Read
from penchant.serve.answering import Raw, aside, stamp
from penchant.serve.problems import responses
from penchant.serve.routes.recommendations import parts_of
from penchant.serve.service import Session
from penchant.serve.wire.recommendations import ExplainIn, Explanations

router = APIRouter(prefix="/explanations", tags=["explanations"])


@router.get(
    "/{request_id}", operation_id="explain_answer", summary="Why these items", response_model=Explanations,
    responses=responses(404),
)  # fmt: skip
async def explain_answer(
    session: Read,
    request_id: Annotated[str, Path(max_length=1024, description="`request_id` of the recommendations.")],
    language: Annotated[Language, Query(description="Of the sentences.")] = "en",
) -> Raw:
    """Exact, not a surrogate: the parts sum to the score. Answers are kept for a while, not for ever."""
    found = await aside(session.catalogue.engine.explain, request_id)
    return await aside(_told, session, found, language, request_id)


@router.post(
    "", operation_id="explain_item", summary="Why an item has its score", response_model=Explanations,
    responses=responses(404, 409),
)  # fmt: skip
async def explain_item(session: Read, body: ExplainIn) -> Raw:
    """For a user as they now are, whether the item was shown or not."""
    found = await aside(session.catalogue.engine.explain, user=body.user, item=body.item)
    return await aside(_told, session, found, body.language, None)


def _told(session: Session, found: list[Explanation], language: Language, explained: str | None) -> Raw:
    items: list[dict[str, Any]] = [
        {"item": one.item, "score": one.score, "why": one.text(language), "parts": parts_of(one, language)}
        for one in found
    ]
    return Raw({**stamp(session), "explained": explained, "items": items})
