"""What the model was: the changes that no event made, what differs between two versions, and going back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Query

from penchant.engine import Learned
from penchant.engine.differences import Changed
from penchant.engine.versions import Version
from penchant.errors import EncoderMismatch, Refused
from penchant.serve.access import Admin, Read
from penchant.serve.answering import aside, stamp
from penchant.serve.problems import responses
from penchant.serve.wire.stamp import Written, cursor_of, place_of
from penchant.serve.wire.versions import CatalogueVersions, ChangedField, RollBack, VersionOut, VersionsDiff

router = APIRouter(prefix="/catalogue/versions", tags=["catalogue"])
_ANY = "A version from 1 to the model's own, listed or not"


@router.get("", operation_id="catalogue_versions", summary="What changed the model other than events")
async def catalogue_versions(
    session: Read,
    limit: Annotated[int, Query(ge=1, le=1000, description="How many at most.")] = 50,
    cursor: Annotated[str | None, Query(description="`next` of the part before.")] = None,
) -> CatalogueVersions:
    """Settings, encoder, fits of the tree, trainings, roll backs and restores, newest first, each with what it changed.

    Each is a version to compare or to roll back to. What changed one person's profile is among that profile's versions.
    """
    before = place_of(cursor)
    found = [one for one in await aside(session.catalogue.engine.versions) if not before or one.version < before]
    newest = found[::-1][:limit]
    following = cursor_of(newest[-1].version) if len(found) > limit else None
    return CatalogueVersions(**stamp(session), versions=[_version(one) for one in newest], next=following)


@router.get("/diff", operation_id="diff_versions", summary="What differs between two versions")
async def diff_versions(
    session: Read,
    before: Annotated[int, Query(ge=1, le=2**62, description=f"{_ANY}.", examples=[1])],
    after: Annotated[int | None, Query(ge=1, le=2**62, description=f"{_ANY}; null: as it now is.")] = None,
) -> VersionsDiff:
    """Settings field by field, encoder, trainings in use, and counts. α and weights are in `GET /catalogue`."""
    found = await aside(session.catalogue.engine.diff, before, after)
    return VersionsDiff(
        **stamp(session), before=found.before, after=found.after, settings=_fields(found.settings),
        encoder=next(iter(_fields([found.encoder] if found.encoder else [])), None),
        trainings=_fields(found.trainings), counts=_fields(found.counts),
    )  # fmt: skip


@router.post("/rollback", operation_id="roll_back", summary="Go back to a version", responses=responses(409))
async def roll_back(session: Admin, body: RollBack) -> Written:
    """Settings, encoder and trainings become those of the version, by new records; events since then stay.

    The catalogue answers and learns meanwhile. This is answered when it is done, which takes as long as replaying the
    log: give the client a timeout that fits. Where all is as it was, nothing happens and `duplicates` is 1.
    """

    def go() -> Learned:
        try:
            return session.catalogue.engine.roll_back(body.version)
        except EncoderMismatch:
            raise Refused(
                f"version {body.version} had an encoder that its settings can't open any more",
                fix="give a version of the encoder in use, or roll back in Python with that encoder",
            ) from None

    learned = await aside(go)
    return Written(**stamp(session, learned.version), accepted=learned.accepted, duplicates=learned.duplicates)


def _version(one: Version) -> VersionOut:
    return VersionOut(
        version=one.version, time=one.time, what=one.what, summary=one.summary, fields=_fields(one.fields)
    )  # fmt: skip


def _fields(changed: Iterable[Changed]) -> list[ChangedField]:
    return [ChangedField(name=one.name, before=one.before, after=one.after) for one in changed]
