"""Items over HTTP."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Discriminator, Field, JsonValue, Tag

from penchant.records import FieldValue, Item
from penchant.serve.wire.stamp import Flag, Given, Id, Int, Number, Page, Stamped, Time

DUNE: dict[str, JsonValue] = {
    "id": "dune", "text": "Dune, a novel by Frank Herbert", "paths": [["books", "science fiction"]],
    "fields": {"price": 9.5, "language": "en"},
}  # fmt: skip
Text = Annotated[str, Field(max_length=100_000)]
_PICTURE = r"^([hH][tT][tT][pP][sS]?://[^\s/?#]\S*|[dD][aA][tT][aA]:image/\S+)$"


def addressed(image: str) -> str:
    """The address of a picture, if it is one that means the same everywhere: never a file of this machine.

    Raises:
        ValueError: it isn't.
    """
    if not re.fullmatch(_PICTURE[1:-1], image):
        raise ValueError("give http(s) addresses or data:image/... URLs of pictures, no paths")
    return image


Picture = Annotated[str, AfterValidator(addressed), Field(json_schema_extra={"pattern": _PICTURE})]


class ItemIn(Given):
    """A thing that can be recommended. The same id again updates it."""

    model_config = ConfigDict(json_schema_extra={"examples": [DUNE]})

    id: Id = Field(description="Any text.", examples=["dune"])
    text: Text = Field(
        default="", description="What it is, in words, in any of the encoder's languages; its first line is the title."
    )
    paths: list[list[str]] = Field(
        default=[], max_length=8, description="Places in the tree, each from general to particular, at most 12 levels."
    )
    fields: dict[str, FieldValue] = Field(
        default={}, description="Named values that filters, rules and requests may use (price, year, ...); "
        "a name has at most 1,024 bytes.",
    )  # fmt: skip
    images: list[Picture] = Field(
        default=[], max_length=64,
        description="Pictures: http(s) addresses, or `data:image/…` URLs. A path is refused: it would be the server's.",
        examples=[["https://shop.example/dune.jpg"]],
    )  # fmt: skip
    vectors: dict[str, list[Number]] = Field(
        default={}, description="Vectors made elsewhere, by encoder id; the encoder isn't asked if its id is here."
    )
    available: Flag = Field(default=True, description="False hides it from recommendations.")
    time: Time = Field(default=None, description="When it appeared; null: when it was added.")

    def to_record(self) -> Item:
        """The record."""
        return Item(**{name: getattr(self, name) for name in ItemIn.model_fields})


def one_or_many(value: Any) -> Literal["one", "many"]:
    """Which of the two a body is."""
    return "many" if isinstance(value, list) else "one"


ItemsIn = Annotated[
    Annotated[ItemIn, Tag("one")] | Annotated[list[ItemIn], Field(max_length=1000), Tag("many")],
    Discriminator(one_or_many),
]


class ItemOut(ItemIn):
    """An item as it now is."""

    images: list[str] = Field(  # pyright: ignore[reportIncompatibleVariableOverride]
        default=[], description="Pictures: addresses, and paths where items were imported from files."
    )
    audio: list[str] = Field(default=[], description="Paths of sound files, where items were imported from files.")
    title: str = Field(description="First line of the text, or the id.", examples=["Dune, a novel by Frank Herbert"])
    retired: bool = Field(default=False, description="Whether it was retired: kept, but not recommended.")


class ItemAnswer(Stamped):
    """One item."""

    item: ItemOut


class ItemPage(Page):
    """Items, in the order in which they were first added."""

    items: list[ItemOut]
    total: int = Field(description="Items in the catalogue, retired ones too.", examples=[9742])


class Retire(Given):
    """Items to retire."""

    items: list[Id] = Field(min_length=1, max_length=1000, description="Their ids.", examples=[["dune"]])


class ProposedNode(Given):
    """A node for an item."""

    path: list[str] = Field(
        description="(category,) or (category, dimension).", examples=[["books", "science fiction"]]
    )
    share: float = Field(description="How probable the heads hold it to be, 0 to 1.", examples=[0.83])


class UnplacedItem(Given):
    """An item that stands in no category."""

    item: ItemOut
    proposals: list[ProposedNode] = Field(description="The most probable first, one a category.")


class UnplacedPage(Page):
    """Items that wait to be placed, in the order in which they were first added."""

    items: list[UnplacedItem]
    total: int = Field(description="How many wait in all.", examples=[12])


class Place(Given):
    """Where an item is to stand."""

    item: Id = Field(description="Its id.", examples=["dune"])
    path: list[str] = Field(
        min_length=1, max_length=12, description="A category, or a category and its dimension, that there is.",
        examples=[["books", "science fiction"]],
    )  # fmt: skip


class Search(Given):
    """What to look for."""

    text: str = Field(
        min_length=1, max_length=4000, description="Words in any of the encoder's languages, or an id.",
        examples=["a desert planet"],
    )  # fmt: skip
    n: Int = Field(default=10, ge=1, le=1000, description="How many.")
    filters: list[str | dict[str, object]] | str | None = Field(
        default=None, description="Conditions on the items' fields, or rules that allow or block.",
        examples=["price <= 20"],
    )  # fmt: skip
    retired: Flag = Field(default=False, description="Whether items that are not recommended are found too.")


class FoundItem(Given):
    """An item that was found."""

    item: str = Field(description="Its id.", examples=["dune"])
    title: str = Field(examples=["Dune, a novel by Frank Herbert"])
    score: float = Field(description="words + meaning.", examples=[1.31])
    words: float = Field(
        description="Share of the words that stand in its id, title, nodes or text fields, 0 to 1.", examples=[1.0]
    )
    meaning: float = Field(description="Cosine of its text and the words, -1 to 1.", examples=[0.31])
    available: bool = Field(description="Whether it may be recommended.")


class FoundItems(Stamped):
    """What was found, best first."""

    items: list[FoundItem]


class SimilarItem(Given):
    """An item that is like another."""

    item: str = Field(description="Its id.", examples=["dune-messiah"])
    title: str = Field(examples=["Dune Messiah"])
    score: float = Field(description="Mean of the cosine of meaning and of co-engagement.", examples=[0.74])


class SimilarItems(Stamped):
    """The items most like one, best first."""

    items: list[SimilarItem]
