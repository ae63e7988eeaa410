"""One person's whole data: exported, their profile reset, or all of it forgotten with a receipt."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from penchant.errors import UnknownId
from penchant.serve.access import Admin, Ingest
from penchant.serve.answering import IdempotencyKey, Raw, aside, both, durable_id, stamp
from penchant.serve.problems import responses
from penchant.serve.wire.stamp import USER, Written, cursor_of, place_of
from penchant.serve.wire.users import Export, ReceiptAnswer, ReceiptOut, ReceiptsPage
from penchant.trust.erase import Receipt

router = APIRouter(tags=["erasure"])
FORGOTTEN = "forgotten by key"  # name in the store of receipts by hashed Idempotency-Key
KEPT = 1000


@both(router, "GET", "/users", "export_user", "/export", what=USER, summary="Everything there is about somebody",
      response_model=Export)  # fmt: skip
async def export_user(session: Admin, id: str) -> Raw:
    """All that the log holds of them and of guests merged into them, answers included, and the profile."""
    found = await aside(session.catalogue.engine.export, id)
    version: int = found.pop("version")
    return Raw(found | stamp(session, version))


# stands before `DELETE /users/{id}`, which would take `/users/profile` for the user called "profile"
@both(router, "DELETE", "/users", "reset_profile", "/profile", what=USER, tags=["profiles"],
      summary="Let somebody's interests start over")  # fmt: skip
async def reset_profile(session: Ingest, id: str, idempotency_key: IdempotencyKey = None) -> Written:
    """What was learned of their interests, their edits and what they said count no more: the profile is a new one's.

    Nothing is erased (`DELETE /users/{id}` does that): export and older versions of the profile still show their
    records, what they have had is still not shown again, and what all have learned from them stays. It can't be
    undone. Where nothing came since the last one, it is a duplicate and changes nothing.
    """
    learned = await aside(session.catalogue.engine.reset_profile, id, id=durable_id("reset", idempotency_key))
    return Written(**stamp(session, learned.version), accepted=learned.accepted, duplicates=learned.duplicates)


@both(router, "DELETE", "/users", "forget_user", what=USER, summary="Forget somebody", status_code=202)
async def forget_user(session: Admin, id: str, idempotency_key: IdempotencyKey = None) -> ReceiptAnswer:
    """Blocked at once, rows and memory removed; what they taught is unlearned in the background: see the receipt.

    Their id is refused from now on. With `Idempotency-Key` a retry gets the receipt again, else it is refused (409).
    """

    def forget() -> Receipt:
        engine = session.catalogue.engine
        hashed = None if idempotency_key is None else hashlib.sha256(idempotency_key.encode()).hexdigest()
        known: dict[str, str] = engine.store.get_meta(FORGOTTEN) or {}
        if hashed is not None and hashed in known:
            return _receipt(session, known[hashed])
        receipt = engine.forget(id)
        if hashed is not None:
            engine.store.set_meta(FORGOTTEN, dict([*known.items(), (hashed, receipt.id)][-KEPT:]))
        return receipt

    receipt = await aside(forget)
    return ReceiptAnswer(**stamp(session), receipt=_out(receipt))


@router.get("/receipts", operation_id="list_receipts", summary="Who was forgotten, in receipts that name nobody")
async def list_receipts(
    session: Admin,
    limit: Annotated[int, Query(ge=1, le=1000, description="How many at most.")] = 50,
    cursor: Annotated[str | None, Query(description="`next` of the part before.")] = None,
) -> ReceiptsPage:
    """Newest first; the newest 1,000 are kept."""
    known = await aside(session.catalogue.engine.receipts)
    until = len(known) if cursor is None else min(place_of(cursor), len(known))
    first = max(0, until - limit)
    found = [_out(receipt) for receipt in reversed(known[first:until])]
    return ReceiptsPage(**stamp(session), receipts=found, next=cursor_of(first) if first else None)


@router.get("/receipts/{id}", operation_id="get_receipt", summary="How far a forgetting is", responses=responses(404))
async def get_receipt(
    session: Admin, id: Annotated[str, Path(max_length=1024, description="Of the receipt.")]
) -> ReceiptAnswer:
    """Each place that held their data, and since when it is clean."""
    receipt = await aside(_receipt, session, id)
    return ReceiptAnswer(**stamp(session), receipt=_out(receipt))


def _receipt(session: Admin, id: str) -> Receipt:
    for receipt in reversed(session.catalogue.engine.receipts()):
        if receipt.id == id:
            return receipt
    raise UnknownId(f"there is no receipt {id!r}", fix="list them with GET /receipts")


def _out(receipt: Receipt) -> ReceiptOut:
    told: dict[str, Any] = receipt.to_dict()
    return ReceiptOut.model_validate(told)
