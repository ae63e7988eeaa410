"""What a person wants, as a tree that they can read and change: categories, dimensions, intensities."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

from penchant.errors import InvalidRecord, PenchantError, UnknownId
from penchant.records import Op

HIGH, MEDIUM, DISLIKE = 0.5, 0.2, -0.1
Word = Literal["high", "medium", "low", "dislike"]
Editor = Callable[[tuple[str, ...], Op], None]


@dataclass(frozen=True, slots=True)
class EventNote:
    """An event behind a node: the item, its title, what was done and when (UTC seconds)."""

    item: str
    title: str
    kind: str
    time: float


@dataclass(frozen=True, slots=True)
class StatementNote:
    """Something the user said that still stands: polarity in [-1, 1], until when (UTC seconds; None: for good), id.

    `limits` are its limits on items' fields, each with the condition that it is kept to, or why it can't be.
    """

    text: str
    polarity: float
    until: float | None = None
    id: str | None = None
    limits: tuple[str, ...] = ()

    @property
    def sign(self) -> str:
        """How to mark it: = a limit, + for, - against.

        >>> StatementNote("no more horror", -1.0).sign, StatementNote("under $20", 1.0, limits=("= under $20",)).sign
        ('-', '=')
        """
        return "=" if self.limits else "+" if self.polarity > 0 else "-"


@dataclass(frozen=True, slots=True)
class ProfileNode:
    """One category or dimension as this user holds it.

    Attributes:
        path: category, or category and dimension.
        name: how to show it.
        share: of the user's whole interest, in [0, 1]; children add up to their category at most.
        intensity: how strongly, in [-1, 1].
        certainty: of share and intensity, in [0, 1].
        trend: share in the recent past minus share in the long term, in [-1, 1].
        last_seen: time of the latest event, UTC seconds; None: never seen.
        weight: decayed count of events for it; 0: all that is known is the population's.
        edits: ops that stand: more, less, never, always.
        events: some of the events behind it, newest first.
        children: dimensions of a category.
    """

    path: tuple[str, ...]
    name: str
    share: float
    intensity: float
    certainty: float = 0.0
    trend: float = 0.0
    last_seen: float | None = None
    weight: float = 0.0
    edits: tuple[str, ...] = ()
    events: tuple[EventNote, ...] = ()
    children: tuple[ProfileNode, ...] = ()

    @property
    def word(self) -> Word:
        """The intensity in a word: high from 0.5, medium from 0.2, low from -0.1, dislike below.

        >>> [ProfileNode(("war",), "war", 0.1, i).word for i in (0.8, 0.3, 0.0, -0.4)]
        ['high', 'medium', 'low', 'dislike']
        """
        for word, least in (("high", HIGH), ("medium", MEDIUM), ("low", DISLIKE)):
            if self.intensity >= least:
                return cast(Word, word)
        return "dislike"

    def walk(self) -> Iterator[ProfileNode]:
        """This node and all below it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ProfileNode:
        """The node that `Profile.to_dict` wrote."""
        plain = {key: value for key, value in data.items() if key != "word"}
        plain["path"] = tuple(plain["path"])
        plain["edits"] = tuple(plain["edits"])
        plain["events"] = tuple(EventNote(**event) for event in plain["events"])
        plain["children"] = tuple(cls.from_dict(child) for child in plain["children"])
        return cls(**plain)


def _no_editor(path: tuple[str, ...], op: Op) -> None:
    what = f"this profile is a copy: {op} of {list(path)} reaches no engine"
    raise PenchantError(what, fix="edit engine.profile(user)")


@dataclass(frozen=True, slots=True)
class Profile:
    """The readable, editable tree of one user's interests, as it stood at one version.

    Attributes:
        user: who.
        version: number of the last log entry that it has seen.
        at: stream time it was read at, UTC seconds; None: no event yet.
        nodes: categories, each with its dimensions.
        statements: what the user said that still stands.
        editor: called with path and op by `edit`.

    >>> drama = ProfileNode(("drama",), "drama", 1.0, 0.7, certainty=0.8, weight=12.0, last_seen=0.0)
    >>> print(Profile("ann", 7, 86400.0, (drama,)).text(key=False))
    ann  ·  1970-01-02  ·  version 7
    └─ drama  ██████████  100 %  →  high  ●●●●○  1970-01-01
    """

    user: str
    version: int
    at: float | None
    nodes: tuple[ProfileNode, ...]
    statements: tuple[StatementNote, ...] = ()
    editor: Editor = field(default=_no_editor, compare=False, repr=False)

    def __str__(self) -> str:
        return self.text()

    @property
    def is_new(self) -> bool:
        """Whether nothing is known of the user yet, so that the nodes are the population's."""
        return not self.statements and not any(node.weight > 0 or node.edits for node in self.walk())

    def text(self, *, language: Literal["en", "zh"] = "en", events: int = 0, key: bool = True) -> str:
        """The tree as plain text: bar and percentage of share, arrow of trend, intensity's word, dots of certainty.

        Args:
            language: of the words around the names, en or zh.
            events: how many events to show below each node.
            key: whether the last line says how to read it.

        Raises:
            InvalidRecord: another language.
        """
        from penchant.interest.profile_text import profile_text

        return profile_text(self, language=language, events=events, key=key)

    def walk(self) -> Iterator[ProfileNode]:
        """All nodes, parents first."""
        for node in self.nodes:
            yield from node.walk()

    def node(self, path: str | Sequence[str]) -> ProfileNode:
        """The node at a path; a text is the path of a category.

        Raises:
            UnknownId: there is none; the message names the nearest.

        >>> Profile("ann", 1, None, (ProfileNode(("horror",), "horror", 1.0, 0.2),)).node("horor")
        Traceback (most recent call last):
        ...
        penchant.errors.UnknownId: profile of 'ann' has no node ['horor']; did you mean ['horror']?
        """
        wanted = _path(path)
        known = {node.path: node for node in self.walk()}
        if wanted in known:
            return known[wanted]
        spelled = {" > ".join(p).casefold(): p for p in known} | {p[-1].casefold(): p for p in reversed(known) if p}
        near = difflib.get_close_matches(" > ".join(wanted).casefold(), spelled, n=6, cutoff=0.5)
        near += difflib.get_close_matches(wanted[-1].casefold() if wanted else "", spelled, n=3, cutoff=0.6)
        places = list(dict.fromkeys(spelled[name] for name in near))[:3]
        hint = " or ".join(str(list(place)) for place in places)
        fix = f"did you mean {hint}?" if hint else "print(profile) shows all nodes"
        raise UnknownId(f"profile of {self.user!r} has no node {list(wanted)}", fix=fix)

    def edit(
        self,
        path: str | Sequence[str],
        *,
        more: bool = False,
        less: bool = False,
        never: bool = False,
        always: bool = False,
        undo: bool = False,
    ) -> None:
        """Change what the user wants of a node; it acts on the next request. This object stays as it was read.

        Args:
            path: a category, or [category, dimension].
            more, less: shift the node's counts.
            never, always: rules that hold until they are taken back.
            undo: takes back the latest edit of the node that stands.

        Raises:
            InvalidRecord: not exactly one of the five is True.
            PenchantError: the profile is a copy that belongs to no engine.
        """
        flags: dict[Op, bool] = {"more": more, "less": less, "never": never, "always": always, "undo": undo}
        chosen: list[Op] = [op for op, given in flags.items() if given]
        if len(chosen) != 1:
            raise InvalidRecord("profile.edit", chosen, "give exactly one of more, less, never, always, undo as True")
        self.editor(_path(path), chosen[0])

    def plot(
        self,
        target: str | Path | None = None,
        *,
        colour: Literal["intensity", "trend"] = "intensity",
        language: Literal["en", "zh"] = "en",
    ) -> Any:
        """A sunburst of the tree: angle is share, colour is intensity or trend.

        Args:
            target: file to write, by its ending .png, .svg or .html; None: nothing is written.
            colour: what the colour shows.
            language: of title and legend.

        Returns:
            The path written, or a matplotlib figure when target is None.

        Raises:
            MissingExtra: matplotlib (.png, .svg, None) or plotly (.html) is not installed.
            InvalidRecord: another ending.
        """
        from penchant.interest.sunburst import draw

        return draw(self, target, colour=colour, language=language)

    def to_dict(self) -> dict[str, Any]:
        """Everything but the editor, JSON-able; nodes carry their `word` too."""
        return {
            "user": self.user,
            "version": self.version,
            "at": self.at,
            "nodes": [_node_dict(node) for node in self.nodes],
            "statements": [asdict(statement) for statement in self.statements],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, editor: Editor = _no_editor) -> Profile:
        """The profile that `to_dict` wrote; without an editor it can be read, not edited.

        >>> profile = Profile("ann", 1, None, (ProfileNode(("war",), "war", 1.0, 0.2),))
        >>> Profile.from_dict(profile.to_dict()) == profile
        True
        """
        return cls(
            user=data["user"],
            version=data["version"],
            at=data["at"],
            nodes=tuple(ProfileNode.from_dict(node) for node in data["nodes"]),
            statements=tuple(
                StatementNote(**(one | {"limits": tuple(one.get("limits", ()))})) for one in data["statements"]
            ),
            editor=editor,
        )


def _path(path: str | Sequence[str]) -> tuple[str, ...]:
    return (path,) if isinstance(path, str) else tuple(path)


def _node_dict(node: ProfileNode) -> dict[str, Any]:
    return {
        "path": list(node.path),
        "name": node.name,
        "share": node.share,
        "intensity": node.intensity,
        "word": node.word,
        "certainty": node.certainty,
        "trend": node.trend,
        "last_seen": node.last_seen,
        "weight": node.weight,
        "edits": list(node.edits),
        "events": [asdict(event) for event in node.events],
        "children": [_node_dict(child) for child in node.children],
    }
