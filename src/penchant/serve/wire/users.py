"""People over HTTP: what they say, their profiles, their whole data."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from penchant.records import EntryType
from penchant.serve.wire.stamp import USER, Given, Id, Page, Path, Stamped, Time, Written

Language = Literal["en", "zh"]


class Tell(Given):
    """What a user says about themselves: a wish, a like, a dislike."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"user": "ann", "text": "我想找本科幻小说"}]})

    user: Id = Field(description=USER, examples=["ann"])
    text: str = Field(
        min_length=1, max_length=4000, description="Their words, in any of the encoder's languages.",
        examples=["no more horror, please"],
    )  # fmt: skip
    time: Time = Field(default=None, description="When; null: now, in stream time.")
    id: Id | None = Field(default=None, description="Makes a retry harmless; undo may name it.")


class EditIn(Given):
    """One change: more or less of a node, never or always; or undo."""

    path: Path = Field(
        default=[], description="The node: [category], or [category, dimension]. For undo: of which node; empty: any.",
        examples=[["books", "horror"]],
    )  # fmt: skip
    op: Literal["more", "less", "never", "always", "undo"] = Field(description="What to do.", examples=["never"])
    id: Id | None = Field(default=None, description="Makes a retry harmless; undo may name it.")
    undoes: Id | None = Field(default=None, description="For undo: id of the edit or utterance; null: the latest.")
    time: Time = Field(default=None, description="When; null: now, in stream time.")


class EditsIn(Given):
    """Changes to a profile, made in order; those before one that can't be made stand."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"edits": [{"path": ["books", "horror"], "op": "never"}]}]}
    )

    edits: list[EditIn] = Field(min_length=1, max_length=100)


class Undo(Given):
    """Which statement to take back."""

    path: Path = Field(default=[], description="The latest of this node; empty: of any.", examples=[["books"]])
    undoes: Id | None = Field(default=None, description="Id of the edit or utterance; null: the latest.")
    id: Id | None = Field(default=None, description="Makes a retry harmless.")


class NodeEvent(BaseModel):
    """An event behind a node."""

    item: str
    title: str
    kind: str = Field(examples=["like"])
    time: float = Field(description="UTC seconds.")


class Node(BaseModel):
    """One category or dimension as this user holds it."""

    path: list[str] = Field(description="Category, or category and dimension.", examples=[["books", "horror"]])
    name: str = Field(description="How to show it.", examples=["horror"])
    share: float = Field(description="Of the user's whole interest, 0 to 1.", examples=[0.31])
    intensity: float = Field(description="How strongly, -1 to 1.", examples=[0.62])
    word: Literal["high", "medium", "low", "dislike"] = Field(description="The intensity in a word.")
    certainty: float = Field(description="Of share and intensity, 0 to 1.", examples=[0.8])
    trend: float = Field(description="Share lately minus share in the long term, -1 to 1.", examples=[0.05])
    last_seen: float | None = Field(description="Time of the latest event, UTC seconds; null: never.")
    weight: float = Field(description="Decayed count of events for it.", examples=[12.5])
    edits: list[str] = Field(description="Edits that stand: more, less, never, always.")
    events: list[NodeEvent] = Field(description="Some of the events behind it, newest first.")
    children: list[Node] = Field(description="Dimensions of a category.")


class Statement(BaseModel):
    """What the user said that still stands."""

    text: str
    polarity: float = Field(description="-1 to 1: against or for.", examples=[-1.0])
    until: float | None = Field(description="UTC seconds; null: for good.")
    id: str | None = Field(description="Of the record; undo names it.")
    limits: list[str] = Field(
        default=[], description="Its limits on fields, each with the condition kept to, or why it is not.",
        examples=[["= nothing over 20 dollars: price <= 20"]],
    )  # fmt: skip


class Told(Written):
    """What was written, and what the words were read as."""

    understood: list[Statement] = Field(
        description="Statements that stand because of it: for or against, or limits on fields."
    )


class ProfileAnswer(Stamped):
    """The readable, editable tree of a user's interests."""

    user: str = Field(examples=["ann"])
    at: float | None = Field(description="Stream time that it was read at, UTC seconds.")
    of_version: int = Field(description="The version of the profile: an older one where history was asked for.")
    is_new: bool = Field(description="Nothing is known of the user yet: the nodes are the population's.")
    nodes: list[Node] = Field(description="Categories, the largest share first.")
    statements: list[Statement]
    text: str | None = Field(default=None, description="The tree as plain text, where it was asked for.")


class ChangeOut(BaseModel):
    """One record that changed a profile: a version of it."""

    version: int = Field(description="`of_version` of the profile that has it; ask for it with `?of_version=`.")
    time: float = Field(description="Event time, UTC seconds.")
    type: EntryType = Field(description="event, utterance, edit, merge or reset.", examples=["event"])
    what: str = Field(
        description="Kind of event, op of edit, words, id of the guest; empty of a reset.", examples=["like"]
    )
    item: str | None = Field(default=None, description="Of an event.")
    path: list[str] = Field(default=[], description="Node of an edit.")
    id: str | None = Field(default=None, description="Of the record; undo names it.")
    request_id: str | None = Field(default=None, description="The answer that an event is feedback on.")


class VersionsPage(Page):
    """Versions of a profile, newest first."""

    user: str = Field(examples=["ann"])
    changes: list[ChangeOut]


class Merge(Given):
    """A guest becomes a user."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"guest": "guest-7", "into": "ann"}]})

    guest: Id = Field(description="Whose history becomes the user's; later events of the guest count as the user's.")
    into: Id = Field(description=USER)


class ExportedRecord(BaseModel):
    """One entry of the log."""

    seq: int
    type: str
    time: float
    id: str | None
    user: str | None
    item: str | None
    body: dict[str, object]


class Export(Stamped):
    """Everything there is about one user."""

    user: str = Field(examples=["ann"])
    ids: list[str] = Field(description="The user's id, and those of guests merged into them.")
    records: list[ExportedRecord] = Field(description="All that the log holds of them, in order, answers included.")
    profile: dict[str, object] = Field(description="The profile as it now is.")


class PlaceOut(BaseModel):
    """One place that held the user's data."""

    name: str = Field(examples=["log"])
    what: str = Field(description="What was done.", examples=["12 rows removed, and their bytes overwritten"])
    clean_at: float | None = Field(description="UTC seconds; null: not yet.")


class ReceiptOut(BaseModel):
    """What became of a forgotten user's data. It names no user."""

    id: str = Field(description="Of the receipt.")
    at: float = Field(description="When the user was blocked, UTC seconds.")
    clean: bool = Field(description="Whether every place is clean.")
    places: list[PlaceOut]


class ReceiptAnswer(Stamped):
    """A receipt as it now is."""

    receipt: ReceiptOut


class ReceiptsPage(Page):
    """Receipts, newest first."""

    receipts: list[ReceiptOut]
