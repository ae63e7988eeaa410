"""Items: add and update, retire, delete, get, list, search, what is similar, what waits for a place in the tree."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query

from penchant.engine.overview import Listed
from penchant.engine.placing import Proposal
from penchant.errors import Refused
from penchant.records import Item
from penchant.serve.access import Admin, Ingest, Read
from penchant.serve.answering import aside, both, stamp
from penchant.serve.problems import responses
from penchant.serve.wire.items import (
    FoundItem,
    FoundItems,
    ItemAnswer,
    ItemOut,
    ItemPage,
    ItemsIn,
    Place,
    ProposedNode,
    Retire,
    Search,
    SimilarItem,
    SimilarItems,
    UnplacedItem,
    UnplacedPage,
)
from penchant.serve.wire.stamp import Written, cursor_of, place_of

router = APIRouter(tags=["items"])
ITEM = "Id of the item."


@router.post("/items", operation_id="add_items", summary="Add or update items", responses=responses(409))
async def add_items(session: Ingest, body: Annotated[ItemsIn, Body()]) -> Written:
    """One item or a list of up to 1,000: all are written, or none. An item that is there just so is a duplicate."""
    items = [one.to_record() for one in (body if isinstance(body, list) else [body])]
    learned = await aside(session.catalogue.engine.add_items, items)
    return Written(**stamp(session, learned.version), accepted=learned.accepted, duplicates=learned.duplicates)


@router.get("/items", operation_id="list_items", summary="List items")
async def list_items(
    session: Read,
    limit: Annotated[int, Query(ge=1, le=1000, description="How many at most.")] = 100,
    cursor: Annotated[str | None, Query(description="`next` of the part before.")] = None,
) -> ItemPage:
    """Items in the order in which they were first added, part by part. One that is added meanwhile comes at the end."""
    engine = session.catalogue.engine
    found = await aside(engine.listed, limit, after=place_of(cursor))
    following = cursor_of(found[-1].place) if len(found) == limit else None
    total = (await aside(engine.overview)).items
    return ItemPage(**stamp(session), items=[_listed(one) for one in found], next=following, total=total)


@router.post("/items/search", operation_id="search_items", summary="Find items by words and meaning")
async def search_items(session: Read, body: Search) -> FoundItems:
    """Words are looked for in id, title, nodes and text fields; meaning in the whole text. For nobody in particular."""
    found = await aside(session.catalogue.engine.search, body.text, body.n, filters=body.filters, retired=body.retired)
    items = [
        FoundItem(item=f.item, title=f.title, score=f.score, words=f.words, meaning=f.meaning, available=f.available)
        for f in found
    ]
    return FoundItems(**stamp(session), items=items)


@router.post(
    "/items/retire", operation_id="retire_items", summary="Stop recommending items", responses=responses(404, 409)
)
async def retire_items(session: Ingest, body: Retire) -> Written:
    """They are not recommended any more; what was learned from them stays. Adding one again brings it back."""

    def retire() -> tuple[int, int]:
        engine = session.catalogue.engine
        due = [id for id in dict.fromkeys(body.items) if not engine.is_retired(id)]
        for id in due:
            engine.retire(id)
        return engine.version, len(due)

    version, count = await aside(retire)
    return Written(**stamp(session, version), accepted=count, duplicates=len(body.items) - count)


@router.get("/items/unplaced", operation_id="unplaced_items", summary="Items that stand in no category")
async def unplaced_items(
    session: Read,
    limit: Annotated[int, Query(ge=1, le=1000, description="How many at most.")] = 100,
    cursor: Annotated[str | None, Query(description="`next` of the part before.")] = None,
    proposals: Annotated[int, Query(ge=0, le=100, description="How many nodes to propose for each.")] = 5,
) -> UnplacedPage:
    """Those whose paths name no node, each with the nodes that its text speaks for, as the heads read it."""

    def look() -> tuple[list[tuple[Listed, list[Proposal]]], int]:
        engine = session.catalogue.engine
        found = engine.unplaced(limit, after=place_of(cursor))
        return [(one, engine.proposals(one.item.id, proposals)) for one in found], engine.count_unplaced()

    found, total = await aside(look)
    following = cursor_of(found[-1][0].place) if len(found) == limit else None
    items = [
        UnplacedItem(item=_listed(one), proposals=[ProposedNode(path=list(p.path), share=p.share) for p in nodes])
        for one, nodes in found
    ]
    return UnplacedPage(**stamp(session), items=items, total=total, next=following)


@router.post("/items/place", operation_id="place_item", summary="Put an item to a node", responses=responses(404, 409))
async def place_item(session: Ingest, body: Place) -> Written:
    """It stands at this node from now on, whatever its paths were; all else of it stays. Again does nothing."""
    learned = await aside(session.catalogue.engine.place, body.item, body.path)
    return Written(**stamp(session, learned.version), accepted=learned.accepted, duplicates=learned.duplicates)


@both(router, "GET", "/items", "similar_items", "/similar", what=ITEM, summary="Items most like one")
async def similar_items(
    session: Read, id: str, n: Annotated[int, Query(ge=1, le=1000, description="How many.")] = 10
) -> SimilarItems:
    """By meaning and by what people engage with together. For nobody in particular; see `similar_to` otherwise."""

    def similar() -> list[SimilarItem]:
        engine = session.catalogue.engine
        return [SimilarItem(item=i, title=engine.title(i), score=score) for i, score in engine.similar(id, n)]

    return SimilarItems(items=await aside(similar), **stamp(session))


@both(router, "GET", "/items", "get_item", what=ITEM, summary="One item")
async def get_item(session: Read, id: str) -> ItemAnswer:
    """The item as it now is."""

    def get() -> ItemOut:
        engine = session.catalogue.engine
        item = engine.item(id)
        return _out(item, engine.is_retired(id))

    return ItemAnswer(item=await aside(get), **stamp(session))


@both(router, "DELETE", "/items", "delete_item", what=ITEM, summary="Delete an item for good")
async def delete_item(session: Admin, id: str) -> Written:
    """Never shown again; its id, and events for it, are refused from now on. Deleting it again does nothing."""

    def delete() -> tuple[int, int]:
        engine = session.catalogue.engine
        try:
            return engine.delete(id).version, 1
        except Refused:
            return engine.version, 0  # it was deleted before

    version, count = await aside(delete)
    return Written(**stamp(session, version), accepted=count, duplicates=1 - count)


def _listed(one: Listed) -> ItemOut:
    return _out(one.item, one.retired)


def _out(item: Item, retired: bool) -> ItemOut:
    return ItemOut(**item.model_dump(), title=item.title, retired=retired)
