"""What a client can ask, described once for both kinds: names and arguments as the routes have them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote

from pydantic import BaseModel

from penchant.records import Event, FieldValue, Item, Op
from penchant.serve.calling import Call, described
from penchant.serve.wire.catalogue import BackupOut, CatalogueState, Tree
from penchant.serve.wire.events import EventsWritten, LineOutcome, StreamEnd
from penchant.serve.wire.items import FoundItems, ItemAnswer, ItemPage, SimilarItems, UnplacedPage
from penchant.serve.wire.recommendations import (
    Explain,
    Explanations,
    Filters,
    Language,
    ManyRecommendations,
    Recommendations,
)
from penchant.serve.wire.stamp import Written
from penchant.serve.wire.users import Export, ProfileAnswer, ReceiptAnswer, ReceiptsPage, Told, VersionsPage
from penchant.serve.wire.versions import CatalogueVersions, VersionsDiff

Time = float | str | datetime | None
Record = Mapping[str, Any]


class StreamOutcome(BaseModel):
    """What became of a stream's lines, and all of them in numbers."""

    lines: list[LineOutcome]
    end: StreamEnd


class Calls:
    """The methods of both clients. Every answer has `request_id`, `version` and `took_ms`.

    All of them raise `penchant.errors` as the engine would: `InvalidRecord`, `UnknownId`, `Refused`, `Busy`, ...
    """

    # -- items -------------------------------------------------------------------------------------------------------

    @described
    def add_items(self, items: Item | Record | Sequence[Item | Record]) -> Call[Written]:
        """Add or update one item or a list of up to 1,000: all, or none."""
        return Call(Written, "POST", "/items", body=_listed(items))

    @described
    def add_item(
        self,
        id: str,
        text: str = "",
        *,
        paths: Sequence[Sequence[str]] = (),
        fields: Mapping[str, FieldValue] | None = None,
    ) -> Call[Written]:
        """Add or update one item."""
        body = {"id": id, "text": text, "paths": [list(path) for path in paths], "fields": dict(fields or {})}
        return Call(Written, "POST", "/items", body=body)

    @described
    def get_item(self, id: str) -> Call[ItemAnswer]:
        """One item as it now is."""
        return Call(ItemAnswer, "GET", "/items/one", {"id": id})

    @described
    def list_items(self, limit: int = 100, cursor: str | None = None) -> Call[ItemPage]:
        """Items part by part; `next` of an answer is the cursor of what follows."""
        return Call(ItemPage, "GET", "/items", {"limit": limit, "cursor": cursor})

    @described
    def search_items(
        self, text: str, n: int = 10, *, filters: Filters = None, retired: bool = False
    ) -> Call[FoundItems]:
        """Items by words and by meaning."""
        return Call(
            FoundItems, "POST", "/items/search", body={"text": text, "n": n, "filters": filters, "retired": retired}
        )

    @described
    def similar_items(self, id: str, n: int = 10) -> Call[SimilarItems]:
        """The items most like one."""
        return Call(SimilarItems, "GET", "/items/similar", {"id": id, "n": n})

    @described
    def retire_items(self, items: Sequence[str]) -> Call[Written]:
        """Stop recommending items; adding one again brings it back."""
        return Call(Written, "POST", "/items/retire", body={"items": list(items)})

    @described
    def unplaced_items(self, limit: int = 100, cursor: str | None = None, *, proposals: int = 5) -> Call[UnplacedPage]:
        """Items that stand in no category, each with the nodes that its text speaks for."""
        params = {"limit": limit, "cursor": cursor, "proposals": proposals}
        return Call(UnplacedPage, "GET", "/items/unplaced", params)

    @described
    def place_item(self, item: str, path: Sequence[str]) -> Call[Written]:
        """Put an item to a node of the tree; all else of it stays."""
        return Call(Written, "POST", "/items/place", body={"item": item, "path": list(path)})

    @described
    def delete_item(self, id: str) -> Call[Written]:
        """Delete an item for good."""
        return Call(Written, "DELETE", "/items/one", {"id": id})

    # -- events ------------------------------------------------------------------------------------------------------

    @described
    def add_events(self, events: Event | Record | Sequence[Event | Record]) -> Call[EventsWritten]:
        """One event or a list of up to 10,000: durable and learned when this returns."""
        return Call(EventsWritten, "POST", "/events", body=_listed(events), once=True)

    @described
    def observe(
        self,
        user: str, item: str, kind: str = "view", *, value: float | None = None, time: Time = None,
        id: str | None = None, request_id: str | None = None, context: Mapping[str, str] | None = None,
    ) -> Call[EventsWritten]:  # fmt: skip
        """One event; with `request_id`, feedback on that answer."""
        body = _given(
            user=user, item=item, kind=kind, value=value, time=_time(time), id=id, request_id=request_id,
            context=None if context is None else dict(context),
        )  # fmt: skip
        return Call(EventsWritten, "POST", "/events", body=body, once=True)

    @described
    def stream_events(self, events: Iterable[Event | Record]) -> Call[StreamOutcome]:
        """Any number of events in one request; each line has an outcome of its own."""
        lines = b"".join(json.dumps(_plain(one), ensure_ascii=False).encode() + b"\n" for one in events)
        return Call(StreamOutcome, "POST", "/events/stream", lines=lines, once=True, read=_outcomes)

    # -- asking ------------------------------------------------------------------------------------------------------

    @described
    def recommend(
        self,
        user: str = "", n: int = 10, request: str | None = None, *, filters: Filters = None,
        similar_to: str | None = None, history: Sequence[Event | Record] = (), at: Time = None,
        context: Mapping[str, str] | None = None, repeats: bool | None = None,
        diversity: Literal["none", "mmr", "calibrated"] | None = None, exploration: float | None = None,
        explain: Explain = "text", language: Language = "en", min_version: int | None = None,
    ) -> Call[Recommendations]:  # fmt: skip
        """What to show a user, or a session of nobody in particular (`history`)."""
        body = _given(
            user=user, n=n, request=request, filters=filters, similar_to=similar_to, at=_time(at),
            history=[_plain(one) for one in history], context=None if context is None else dict(context),
            repeats=repeats, diversity=diversity, exploration=exploration, explain=explain, language=language,
            min_version=min_version,
        )  # fmt: skip
        return Call(Recommendations, "POST", "/recommendations", body=body)

    @described
    def recommend_many(
        self,
        users: Sequence[str], n: int = 10, request: str | None = None, *, filters: Filters = None,
        similar_to: str | None = None, at: Time = None, context: Mapping[str, str] | None = None,
        explain: Explain = "none", language: Language = "en",
    ) -> Call[ManyRecommendations]:  # fmt: skip
        """The same question for up to 1,000 users."""
        body = _given(
            users=list(users), n=n, request=request, filters=filters, similar_to=similar_to, at=_time(at),
            context=None if context is None else dict(context), explain=explain, language=language,
        )  # fmt: skip
        return Call(ManyRecommendations, "POST", "/recommendations/many", body=body)

    @described
    def explain_answer(self, request_id: str, language: Language = "en") -> Call[Explanations]:
        """Why an answer's items were shown."""
        return Call(Explanations, "GET", f"/explanations/{_segment(request_id)}", {"language": language})

    @described
    def explain_item(self, item: str, user: str = "", *, language: Language = "en") -> Call[Explanations]:
        """Why an item has the score that it has for a user now."""
        return Call(Explanations, "POST", "/explanations", body={"user": user, "item": item, "language": language})

    # -- people ------------------------------------------------------------------------------------------------------

    @described
    def tell(self, user: str, text: str, *, time: Time = None, id: str | None = None) -> Call[Told]:
        """What a user says about themselves; the answer says how it was understood."""
        return Call(Told, "POST", "/utterances", body=_given(user=user, text=text, time=_time(time), id=id), once=True)

    @described
    def get_profile(
        self, user: str, *, of_version: int | None = None, min_version: int | None = None, text: Language | None = None
    ) -> Call[ProfileAnswer]:
        """The tree of a user's interests, as it now is or was at a version."""
        params = {"id": user, "of_version": of_version, "min_version": min_version, "text": text}
        return Call(ProfileAnswer, "GET", "/users/profile", params)

    @described
    def edit_profile(self, user: str, path: Sequence[str], op: Op, *, id: str | None = None) -> Call[Written]:
        """More or less of a node, never or always."""
        body = {"edits": [_given(path=list(path), op=op, id=id)]}
        return Call(Written, "PATCH", "/users/profile", {"id": user}, body=body, once=True)

    @described
    def undo(
        self, user: str, path: Sequence[str] = (), *, undoes: str | None = None, id: str | None = None
    ) -> Call[Written]:
        """Take back the latest statement, of a node if one is named."""
        body = _given(path=list(path), undoes=undoes, id=id)
        return Call(Written, "POST", "/users/profile/undo", {"id": user}, body=body, once=True)

    @described
    def reset_profile(self, user: str) -> Call[Written]:
        """Let a user's interests start over; nothing is erased, and it can't be undone."""
        return Call(Written, "DELETE", "/users/profile", {"id": user}, once=True)

    @described
    def profile_versions(self, user: str, limit: int = 50, cursor: str | None = None) -> Call[VersionsPage]:
        """What changed a profile, newest first."""
        params = {"id": user, "limit": limit, "cursor": cursor}
        return Call(VersionsPage, "GET", "/users/profile/versions", params)

    @described
    def merge_users(self, guest: str, into: str) -> Call[Written]:
        """A guest becomes a user."""
        return Call(Written, "POST", "/users/merge", body={"guest": guest, "into": into})

    @described
    def export_user(self, user: str) -> Call[Export]:
        """Everything there is about a user."""
        return Call(Export, "GET", "/users/export", {"id": user})

    @described
    def forget_user(self, user: str) -> Call[ReceiptAnswer]:
        """Forget a user; the receipt says how far it is."""
        return Call(ReceiptAnswer, "DELETE", "/users/one", {"id": user}, once=True)

    @described
    def get_receipt(self, id: str) -> Call[ReceiptAnswer]:
        """How far a forgetting is."""
        return Call(ReceiptAnswer, "GET", f"/receipts/{_segment(id)}")

    @described
    def list_receipts(self, limit: int = 50, cursor: str | None = None) -> Call[ReceiptsPage]:
        """Receipts, newest first."""
        return Call(ReceiptsPage, "GET", "/receipts", {"limit": limit, "cursor": cursor})

    # -- the catalogue -----------------------------------------------------------------------------------------------

    @described
    def catalogue_state(self) -> Call[CatalogueState]:
        """α, the evidences' weights, counts and the version."""
        return Call(CatalogueState, "GET", "/catalogue")

    @described
    def catalogue_tree(self) -> Call[Tree]:
        """The taxonomy with counts."""
        return Call(Tree, "GET", "/catalogue/tree")

    @described
    def catalogue_versions(self, limit: int = 50, cursor: str | None = None) -> Call[CatalogueVersions]:
        """What changed the model other than events, newest first."""
        return Call(CatalogueVersions, "GET", "/catalogue/versions", {"limit": limit, "cursor": cursor})

    @described
    def diff_versions(self, before: int, after: int | None = None) -> Call[VersionsDiff]:
        """What differs between the model at two versions; without the second, at the first and now."""
        return Call(VersionsDiff, "GET", "/catalogue/versions/diff", {"before": before, "after": after})

    @described
    def roll_back(self, version: int) -> Call[Written]:
        """Settings, encoder and trainings as they were at a version; give the client a timeout that fits."""
        return Call(Written, "POST", "/catalogue/versions/rollback", body={"version": version})

    @described
    def back_up(self, name: str | None = None) -> Call[BackupOut]:
        """A consistent copy on the service's machine."""
        return Call(BackupOut, "POST", "/catalogue/backups", body=_given(name=name))


def _plain(record: Item | Event | Record) -> dict[str, Any]:
    """JSON-able; what is not given is left out."""
    if isinstance(record, BaseModel):
        return record.model_dump(mode="json", exclude_unset=True)
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in record.items()}


def _listed(given: Item | Event | Record | Sequence[Item | Event | Record] | Sequence[Item | Record]) -> Any:
    if isinstance(given, BaseModel | Mapping):
        return _plain(given)
    return [_plain(one) for one in given]


def _given(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _time(time: Time) -> float | str | None:
    return time.isoformat() if isinstance(time, datetime) else time


def _segment(id: str) -> str:
    return quote(id, safe="")


def _outcomes(content: bytes) -> StreamOutcome:
    *lines, end = content.splitlines()
    read = [LineOutcome.model_validate_json(line) for line in lines]
    return StreamOutcome(lines=read, end=StreamEnd.model_validate_json(end))
