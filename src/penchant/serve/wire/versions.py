"""What the model was, over HTTP."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from penchant.serve.wire.stamp import Given, Int, Page, Stamped


class ChangedField(BaseModel):
    """One field, before and after."""

    name: str = Field(description="Dotted, as in the settings.", examples=["half_life.long"])
    before: Any = Field(description="null: there was none.", examples=[365.0])
    after: Any = Field(description="null: there is none.", examples=[30.0])


class VersionOut(BaseModel):
    """One change of the model that no event made."""

    version: int = Field(description="Number of its record in the log; the model has had it since.", examples=[4711])
    time: float = Field(description="UTC seconds.", examples=[1795862400.0])
    what: Literal["settings", "encoder", "fit", "training", "rollback", "restore"] = Field(
        description="settings; encoder: another one, all texts embedded anew; fit: the tree and the space found anew; "
        "training; rollback; restore."
    )
    summary: str = Field(description="In a line.", examples=["half_life.long: 365 → 30"])
    fields: list[ChangedField] = Field(description="What changed, where it has names.")


class CatalogueVersions(Page):
    """What changed the model other than events, newest first."""

    versions: list[VersionOut]


class VersionsDiff(Stamped):
    """What differs between the model at two versions."""

    before: int
    after: int
    settings: list[ChangedField] = Field(description="Fields that differ.")
    encoder: ChangedField | None = Field(description="Ids of the encoders; null: the same.")
    trainings: list[ChangedField] = Field(description="By evidence, the version of the training in use, if it differs.")
    counts: list[ChangedField] = Field(description="Events, items and users that the log held.")


class RollBack(Given):
    """Where to go back to."""

    version: Int = Field(ge=1, le=2**62, description="From 1 to the model's own, listed or not.", examples=[4711])
