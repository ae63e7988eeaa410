"""Recommendations over HTTP, and explanations."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from penchant.serve.wire.events import EventIn
from penchant.serve.wire.stamp import USER, Context, Count, Flag, Given, Id, Int, Number, Stamped, Time

Explain = Literal["none", "text", "parts"]
Language = Literal["en", "zh"]
Filters = list[str | dict[str, object]] | str | None


class PastEvent(EventIn):
    """An event of this session, told with the question; nothing is learned from it."""

    user: Id = Field(default="?", description="Not needed here.")


class Question(Given):
    """What is asked for, whoever asks."""

    n: Int = Field(default=10, ge=1, le=1000, description="How many.")
    request: str | None = Field(
        default=None, max_length=4000, description="What they look for, in words, in any of the encoder's languages.",
        examples=["something like it, but funny"],
    )  # fmt: skip
    filters: Filters = Field(
        default=None, description="Conditions on the items' fields, or rules {action, when, path, amount, limit}.",
        examples=[["price <= 20"]],
    )  # fmt: skip
    similar_to: Id | None = Field(default=None, description="An item: what is like it comes first.", examples=["dune"])
    at: Time = Field(default=None, description="As of when; null: stream time, the time of the latest event.")
    context: Context = Field(default={}, max_length=16, description="Where and how they ask.")
    repeats: Flag | None = Field(default=None, description="Whether what they had may come again; null: as set.")
    diversity: Literal["none", "mmr", "calibrated"] | None = Field(default=None, description="Null: as set.")
    exploration: Number | None = Field(
        default=None, ge=0, lt=1e6, description="Temperature in standard deviations of the scores; null: as set."
    )
    explain: Explain = Field(
        default="text", description="How much is said of why: nothing, sentences, or all parts of the score too."
    )
    language: Language = Field(default="en", description="Of the sentences.")


class RecommendIn(Question):
    """What one user, or an anonymous session, is to be shown."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"user": "ann", "n": 10},
                {"user": "ann", "n": 5, "request": "something like it, but funny", "filters": ["price <= 20"]},
                {"n": 5, "history": [{"item": "dune", "kind": "view"}], "context": {"device": "tv"}},
            ]
        }
    )

    user: str = Field(default="", max_length=1024, description=f"{USER} Empty: nobody in particular.", examples=["ann"])
    history: list[PastEvent] = Field(
        default=[], max_length=1000, description="Events of this session; they count for this answer alone."
    )
    min_version: Count | None = Field(
        default=None, description="Wait until the model has learned this version, as a write's answer had it."
    )


class RecommendManyIn(Question):
    """What many users are to be shown."""

    users: list[Id] = Field(min_length=1, max_length=1000, description="Who.", examples=[["ann", "bob"]])


class Why(BaseModel):
    """One named part of a score."""

    level: str = Field(description="category, dimension, intensity, request, policy or base.", examples=["intensity"])
    name: str = Field(description="Of the evidence, lift or rule.", examples=["recent"])
    value: float = Field(description="What it adds to the score.", examples=[0.83])
    reason: str = Field(description="In words.", examples=["it is close to what you liked lately: Alien"])


class Recommended(BaseModel):
    """One item of an answer."""

    item: str = Field(description="Its id.", examples=["dune"])
    title: str = Field(examples=["Dune, a novel by Frank Herbert"])
    score: float = Field(description="Sum of the parts.", examples=[2.17])
    position: int = Field(description="From 1.", examples=[1])
    probability: float = Field(
        description="Of being shown at this position given those above; 1 without exploration.", examples=[1.0]
    )
    why: str | None = Field(default=None, description="The strongest reasons, in sentences.")
    parts: list[Why] | None = Field(default=None, description="All parts; they sum to the score.")


class MeantOut(BaseModel):
    """A wish or a dislike."""

    text: str = Field(examples=["funny crime story"])
    nodes: list[str] = Field(description="Of the tree; none: by meaning alone.", examples=[["Crime", "Comedy"]])
    strength: float = Field(description="0.5 weak, 1, 1.5 strong.", examples=[1.0])


class ConstraintOut(BaseModel):
    """A constraint on a field, as it was said and as it was applied."""

    text: str = Field(examples=["under 20 dollars"])
    about: str = Field(description="The field, or what it is about where no item has one.", examples=["price"])
    applied: bool
    condition: str = Field(description="As filters have it; empty if not applied.", examples=["price < 20"])
    why: str = Field(description="Why it is not applied: missing (no such field) or nothing (to compare with).")


class UnderstoodOut(BaseModel):
    """A request as it was understood."""

    language: Language
    wishes: list[MeantOut]
    dislikes: list[MeantOut]
    constraints: list[ConstraintOut]
    age: int = Field(description="1 newer ones first, -1 older ones first, 0 not said.")
    span: Literal["request", "until", "standing"] = Field(description="How long it was said to hold.")
    hours: float | None = Field(description="How long, for until.")
    reference: str = Field(description="Id of the item that the answer is to be like; empty for none.")
    like: str = Field(description="Its title.")
    out_of_scope: bool = Field(description="It seems to ask for something that this catalogue does not have.")
    question: str = Field(description="What to ask back, in the request's language; empty for nothing.")


class Recommendations(Stamped):
    """What to show, best first. `request_id` names this answer: events that carry it are feedback on it."""

    user: str = Field(description="Who was asked for; empty for nobody in particular.", examples=["ann"])
    items: list[Recommended]
    read: list[str] = Field(default=[], description="How the request was understood, a line for each thing.")
    blocked: dict[str, int] = Field(default={}, description="How many candidates each rule kept out, by its name.")
    understood: UnderstoodOut | None = Field(default=None, description="The same as `read`, in parts.")


class ManyRecommendations(Stamped):
    """Answers for many users, in the order asked; each has a `request_id` of its own."""

    answers: list[Recommendations]
    refused: dict[str, str] = Field(
        default={}, description="Users who get no answer, and why (they were forgotten, say)."
    )


class ExplainIn(Given):
    """Why an item has the score that it has for a user now, shown or not."""

    user: str = Field(default="", max_length=1024, description=f"{USER} Empty: nobody in particular.", examples=["ann"])
    item: Id = Field(description="The item.", examples=["dune"])
    language: Language = Field(default="en", description="Of the sentences.")


class ExplainedItem(BaseModel):
    """Why an item has its score."""

    item: str = Field(description="Its id.", examples=["dune"])
    score: float = Field(description="Sum of the parts.", examples=[2.17])
    why: str = Field(description="The strongest reasons, and why it was moved if it was, in sentences.")
    parts: list[Why] = Field(description="All parts; they sum to the score.")


class Explanations(Stamped):
    """Why items were shown, or have their score."""

    explained: str | None = Field(default=None, description="The answer that is explained, by its request id.")
    items: list[ExplainedItem]
