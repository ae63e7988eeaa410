"""People: what they say, their profiles and what changed them, guests who become users."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query

from penchant.engine import Learned
from penchant.serve.access import Ingest, Read
from penchant.serve.answering import IdempotencyKey, Raw, aside, both, durable_id, reach, stamp
from penchant.serve.problems import responses
from penchant.serve.wire.stamp import USER, Written, cursor_of, place_of
from penchant.serve.wire.users import (
    ChangeOut,
    EditIn,
    EditsIn,
    Language,
    Merge,
    ProfileAnswer,
    Statement,
    Tell,
    Told,
    Undo,
    VersionsPage,
)

router = APIRouter(tags=["people"])


@router.post(
    "/utterances", operation_id="tell", summary="Tell what somebody said about themselves", responses=responses(409)
)
async def tell(session: Ingest, body: Tell, idempotency_key: IdempotencyKey = None) -> Told:
    """A wish, a like, a dislike, a limit, in words. It acts on the next answer, and stands until it fades, ends or is
    undone. `understood` is what it was read as.
    """
    id = body.id or durable_id("tell", idempotency_key) or f"said:{uuid.uuid4().hex}"

    def told() -> tuple[Learned, list[Statement]]:
        engine = session.catalogue.engine
        learned = engine.tell(body.user, body.text, time=body.time, id=id)
        read = [one for one in engine.profile(body.user).statements if one.id == id]
        return learned, [Statement.model_validate(asdict(one)) for one in read]

    learned, read = await aside(told)
    return Told(**_written(session, [learned]).model_dump(), understood=read)


@both(router, "GET", "/users", "get_profile", "/profile", what=USER, statuses=(404, 409), tags=["profiles"],
      summary="What somebody wants", response_model=ProfileAnswer)  # fmt: skip
async def get_profile(
    session: Read,
    id: str,
    of_version: Annotated[
        int | None, Query(ge=0, le=2**62, description="As it was at this version; null: as it now is.")
    ] = None,
    min_version: Annotated[
        int | None, Query(ge=0, le=2**62, description="Wait until the model has learned this version.")
    ] = None,
    text: Annotated[Language | None, Query(description="The tree as plain text too, in this language.")] = None,
) -> Raw:
    """The tree of categories and dimensions with share, intensity, certainty and trend, and what stands of their words.

    An older version is their records up to it, read by today's tree. Of somebody not known, the nodes are the
    population's and `is_new` is true.
    """

    def get() -> dict[str, Any]:
        engine = session.catalogue.engine
        reach(session, min_version)
        profile = engine.profile(id) if of_version is None else engine.profile_then(id, of_version)
        told = profile.to_dict()
        told["of_version"] = told.pop("version")
        told["is_new"] = profile.is_new
        told["text"] = None if text is None else profile.text(language=text)
        return told

    told = await aside(get)
    return Raw(told | stamp(session, max(told["of_version"], 0) if of_version is None else None))


@both(router, "PATCH", "/users", "edit_profile", "/profile", what=USER, tags=["profiles"],
      summary="Change what somebody wants")  # fmt: skip
async def edit_profile(session: Ingest, id: str, body: EditsIn, idempotency_key: IdempotencyKey = None) -> Written:
    """more and less shift a node, never and always are rules, undo takes back. They act on the next answer."""

    def edit() -> list[Learned]:
        return [
            _edit(session, id, one, durable_id("edit", idempotency_key, place)) for place, one in enumerate(body.edits)
        ]

    return _written(session, await aside(edit))


@both(router, "POST", "/users", "undo", "/profile/undo", what=USER, tags=["profiles"],
      summary="Take back what somebody stated")  # fmt: skip
async def undo(session: Ingest, id: str, body: Undo, idempotency_key: IdempotencyKey = None) -> Written:
    """The latest edit or utterance that stands, of a node if one is named, or the one of that id."""
    one = EditIn(path=body.path, op="undo", id=body.id, undoes=body.undoes)
    learned = await aside(_edit, session, id, one, durable_id("undo", idempotency_key))
    return _written(session, [learned])


@both(router, "GET", "/users", "profile_versions", "/profile/versions", what=USER, statuses=(409,), tags=["profiles"],
      summary="How a profile came to be")  # fmt: skip
async def profile_versions(
    session: Read,
    id: str,
    limit: Annotated[int, Query(ge=1, le=1000, description="How many at most.")] = 50,
    cursor: Annotated[str | None, Query(description="`next` of the part before.")] = None,
) -> VersionsPage:
    """Every event, utterance, edit, merge and reset that changed it, newest first.

    Each is a version that can be looked at.
    """
    before = None if cursor is None else place_of(cursor)
    found = await aside(session.catalogue.engine.changes, id, limit, before=before)
    changes = [
        ChangeOut(
            version=c.version, time=c.time, type=c.type, what=c.what, item=c.item, path=list(c.path), id=c.id,
            request_id=c.request_id,
        )
        for c in found
    ]  # fmt: skip
    following = cursor_of(found[-1].version) if len(found) == limit else None
    return VersionsPage(**stamp(session), user=id, changes=changes, next=following)


@router.post(
    "/users/merge", operation_id="merge_users", summary="A guest becomes a user", responses=responses(404, 409)
)
async def merge_users(session: Ingest, body: Merge) -> Written:
    """The guest's history becomes the user's; later events of the guest count as the user's. Again does nothing."""

    def merge() -> Learned:
        engine = session.catalogue.engine
        if engine.is_merged(body.guest, body.into):
            return Learned(engine.version, 0, 1)
        return engine.merge(body.guest, body.into)

    return _written(session, [await aside(merge)])


def _edit(session: Ingest, user: str, one: EditIn, id: str | None) -> Learned:
    return session.catalogue.engine.edit(user, one.path, one.op, id=one.id or id, undoes=one.undoes, time=one.time)


def _written(session: Ingest, learned: list[Learned]) -> Written:
    return Written(
        **stamp(session, max(one.version for one in learned)), accepted=sum(one.accepted for one in learned),
        duplicates=sum(one.duplicates for one in learned),
    )  # fmt: skip
