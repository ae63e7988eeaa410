"""Recommendations: for a user, for a session without one, for many users at once."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from penchant.errors import Refused
from penchant.recommend.answer import Answer, Recommendation
from penchant.recommend.explanation import Explanation
from penchant.recommend.phrases import Language
from penchant.serve.access import Read
from penchant.serve.answering import Raw, aside, reach
from penchant.serve.problems import responses
from penchant.serve.service import Session
from penchant.serve.wire.recommendations import (
    Explain,
    ManyRecommendations,
    Question,
    Recommendations,
    RecommendIn,
    RecommendManyIn,
)

router = APIRouter(prefix="/recommendations", tags=["recommendations"])


@router.post(
    "", operation_id="recommend", summary="What to show", response_model=Recommendations,
    responses=responses(404, 409),
)  # fmt: skip
async def recommend(session: Read, body: RecommendIn) -> Raw:
    """The best items for a user now, or for a session of nobody in particular (`history`), each with its reasons.

    The answer has seen every event of the user that was acknowledged before. Asking changes nothing; events that name
    this answer's `request_id` are feedback on it.
    """

    def ask() -> dict[str, Any]:
        reach(session, body.min_version)
        history = [event.to_record() for event in body.history]
        answer = _ask(session, body, body.user, history)
        return _told(session, answer, body.explain, body.language)

    return Raw(await aside(ask))


@router.post(
    "/many", operation_id="recommend_many", summary="What to show many users", response_model=ManyRecommendations,
    responses=responses(404, 409),
)  # fmt: skip
async def recommend_many(session: Read, body: RecommendManyIn) -> Raw:
    """The same question for up to 1,000 users; each gets an answer of its own, or a reason why not."""
    answers: list[dict[str, Any]] = []
    refused: dict[str, str] = {}

    def ask(user: str) -> None:
        try:
            answers.append(_told(session, _ask(session, body, user, []), body.explain, body.language))
        except Refused as error:
            refused[user] = error.what

    for user in dict.fromkeys(body.users):  # one hop each, so that a long list keeps nobody from their turn
        await aside(ask, user)
    version = max((answer["version"] for answer in answers), default=session.catalogue.engine.version)
    stamp = {"request_id": session.request_id, "version": version, "took_ms": session.took_ms}
    return Raw({**stamp, "answers": answers, "refused": refused})


def _ask(session: Session, body: Question, user: str, history: list[Any]) -> Answer:
    return session.catalogue.engine.recommend(
        user, body.n, body.request, filters=body.filters, similar_to=body.similar_to, history=history or None,
        at=body.at, context=body.context or None, repeats=body.repeats, diversity=body.diversity,
        exploration=body.exploration,
    )  # fmt: skip


def _told(session: Session, answer: Answer, explain: Explain, language: Language) -> dict[str, Any]:
    return {
        "request_id": answer.request_id, "version": answer.version, "took_ms": session.took_ms, "user": answer.user,
        "items": [_item(one, explain, language) for one in answer], "read": answer.read, "blocked": answer.blocked,
        "understood": None if answer.understood is None else answer.understood.to_dict(),
    }  # fmt: skip


def _item(one: Recommendation, explain: Explain, language: Language) -> dict[str, Any]:
    return {
        "item": one.item, "title": one.title, "score": one.score, "position": one.position,
        "probability": one.probability, "why": None if explain == "none" else one.explanation.text(language),
        "parts": parts_of(one.explanation, language) if explain == "parts" else None,
    }  # fmt: skip


def parts_of(explanation: Explanation, language: Language) -> list[dict[str, Any]]:
    """All parts of a score, in words."""
    return [
        {"level": part.level, "name": part.name, "value": part.value, "reason": part.phrase(language)}
        for part in explanation.parts
    ]
