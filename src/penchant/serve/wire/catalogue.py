"""The catalogue as a whole over HTTP: state of the model, the tree, backups."""

from __future__ import annotations

from pydantic import BaseModel, Field

from penchant.serve.wire.stamp import Given, Stamped


class Alpha(BaseModel):
    """How the three levels are weighed; they sum to 1."""

    category: float = Field(examples=[0.2])
    dimension: float = Field(examples=[0.1])
    intensity: float = Field(examples=[0.7])


class EvidenceWeight(BaseModel):
    """One evidence and its weight w_I."""

    name: str = Field(examples=["recent"])
    weight: float = Field(description="In the middle of a sitting, of a user with some history.", examples=[0.42])


class Trained(BaseModel):
    """One training of an evidence that is trained apart."""

    version: int = Field(description="Answers of this version or later use it.")
    evidence: str = Field(examples=["sequence"])
    at: float = Field(description="When its training began, UTC seconds.")
    seen_until: int = Field(description="Number of the last log entry it was trained on.")


class Drift(BaseModel):
    """A category whose next events came to be foreseen worse, or better, than before."""

    category: str = Field(examples=["horror"])
    learned: int = Field(description="Events learned when it was noticed.", examples=[81_234])
    time: float = Field(description="Of the event, UTC seconds.")
    before: float = Field(description="Share of its events of which another category was foreseen.", examples=[0.41])
    after: float = Field(description="The same since it changed.", examples=[0.83])
    left: int = Field(description="For how many more of its events it learns in larger steps.", examples=[0])


class CatalogueState(Stamped):
    """What the model is like now."""

    catalogue: str = Field(description="Name of the tenant.", examples=["shop"])
    domain: str = Field(examples=["movies"])
    items: int = Field(description="Items, retired ones too.")
    live_items: int = Field(description="Items that may be recommended.")
    users: int = Field(description="Users of whom something is known.")
    learned: int = Field(description="Events learned.")
    waiting: int = Field(description="Events that wait to be written.")
    now: float = Field(description="Stream time: the latest accepted event time, UTC seconds.")
    encoder: str
    objective: str = Field(examples=["next"])
    kinds: list[str] = Field(description="Kinds of events that the domain knows.")
    alpha: Alpha
    evidence: list[EvidenceWeight] = Field(description="The largest magnitude first.")
    trained: list[Trained] = Field(description="Trainings, oldest first.")
    drifts: list[Drift] | None = Field(
        default=None,
        description="The last 1,000 that were noticed, oldest first; null where `learn.drift` is off.",
    )


class TreeNode(BaseModel):
    """A node of the taxonomy."""

    name: str = Field(examples=["horror"])
    items: int = Field(description="Items that stand there.", examples=[178])
    share: float = Field(description="Of the population's engagements, 0 to 1, decayed.", examples=[0.07])
    children: list[TreeNode] = Field(default=[], description="Dimensions of a category.")


class Tree(Stamped):
    """The taxonomy: categories with their dimensions."""

    nodes: list[TreeNode]


class BackupIn(Given):
    """Where to put a backup."""

    name: str | None = Field(
        default=None, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$", examples=["before-import"],
        description="Name of the file, in the folder `backups` beside the catalogue; null: the time. "
        "An older one of the same name is replaced.",
    )  # fmt: skip


class BackupOut(Stamped):
    """A consistent copy, on disk."""

    path: str = Field(description="Of the file, on the service's machine.")
    bytes: int
