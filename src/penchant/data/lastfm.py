"""Last.fm as the HetRec 2011 workshop published it: artists, listening counts and dated tags."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from penchant.data import cells
from penchant.data.lines import Dialect, estimate_lines, existing, lines, sample
from penchant.data.order import Act, act_of, in_time_order, to_event
from penchant.data.reading import Dataset, LeftOut, Notes, Place, Reading, Rows
from penchant.errors import InvalidRecord
from penchant.records import Event, FieldValue, Item

TSV = Dialect("\t", quotes=False)
FOUNDED = 2002  # Last.fm's first year: an earlier tag is a mistake of the file
TOP_PATHS, TOP_TAGS = 3, 10


def read_lastfm(folder: str | Path, *, default_time: float | None = None, strict: bool = False) -> Dataset:
    """Artists, tags and listens of a HetRec Last.fm folder, events in stream order.

    An artist's text is the name and, on the second line, the ten tags that most people gave; the first three are its
    paths. Events: one of kind "tag" for a user, artist and day, its value the number of tags given; one of kind
    "listen" for each listening count, its value, at the time of the user's first tag.

    Args:
        folder: holds artists.dat, tags.dat, user_artists.dat and user_taggedartists.dat.
        default_time: of listens of users who never tagged, UTC seconds; None: the earliest tag of all.
        strict: raise at the first bad row.
    """
    root = Path(folder)
    artists, tags, listens, tagged = (
        existing(root / name) for name in ("artists.dat", "tags.dat", "user_artists.dat", "user_taggedartists.dat")
    )
    return Dataset(
        "Last.fm (HetRec 2011)",
        _artists(artists, tags, tagged, strict),
        _events(artists, listens, tagged, default_time, strict),
    )


def _rows(file: Path, notes: Notes, width: int) -> Iterator[tuple[int, list[str] | InvalidRecord]]:
    for number, (line, row) in enumerate(TSV.rows(lines(file, notes))):
        if number == 0:
            continue
        if isinstance(row, list) and len(row) < width:
            row = InvalidRecord("row", " ".join(row), f"give {width} cells (it has {len(row)})")
        yield line, row


def _good(file: Path, width: int) -> Iterator[list[str]]:
    return (row for _, row in _rows(file, Notes(), width) if isinstance(row, list))


def _artists(artists: Path, tags: Path, tagged: Path, strict: bool) -> Reading[Item]:
    notes = Notes()

    def rows() -> Rows:
        names = {row[0].strip(): row[1].strip() for row in _good(tags, 2)}
        top = _top_tags(tagged, names)
        for line, row in _rows(artists, notes, 2):
            yield line, row if isinstance(row, InvalidRecord) else (row, top.get(row[0].strip(), []))

    def build(told: tuple[list[str], list[str]]) -> Item:
        row, top = told
        fields: dict[str, FieldValue] = {}
        if len(row) > 2 and row[2].strip():
            fields["url"] = row[2].strip()
        if top:
            fields["tags"] = list(top)
        name = row[1].strip()
        return Item(
            id=row[0].strip(),
            text=f"{name}\n{', '.join(top)}".strip(),
            paths=tuple((tag,) for tag in top[:TOP_PATHS]),
            fields=fields,
            images=(row[3].strip(),) if len(row) > 3 and row[3].strip() else (),
        )

    total = max(0, estimate_lines(artists, sample(artists)) - 1)
    return Reading(artists.name, rows, build, total=total, strict=strict, notes=notes)


def _top_tags(tagged: Path, names: dict[str, str]) -> dict[str, list[str]]:
    """artist → names of its tags, most given first; ties go to the tag that is given more over all."""
    given: defaultdict[str, Counter[str]] = defaultdict(Counter)
    overall: Counter[str] = Counter()
    for _, artist, tag, *_ in _good(tagged, 3):
        name = names.get(tag.strip(), "")
        if not cells.missing(name) and len(name) <= 200:
            given[artist.strip()][name] += 1
            overall[name] += 1
    return {
        artist: sorted(counts, key=lambda name: (-counts[name], -overall[name], name))[:TOP_TAGS]
        for artist, counts in given.items()
    }


def _events(artists: Path, listens: Path, tagged: Path, default_time: float | None, strict: bool) -> Reading[Event]:
    notes = Notes("tags of a user for an artist on one day are one event")

    def acts() -> Iterator[tuple[Place, Act | InvalidRecord | LeftOut]]:
        known = {row[0].strip() for row in _good(artists, 1)}
        firsts: dict[str, float] = {}
        for place, act in chain(_tags(tagged, notes, firsts), _listens(listens, notes, firsts, default_time)):
            if isinstance(act, Act) and act.item not in known:
                notes.count(f"{act.kind} events left out because {artists.name} lacks their artist")
                yield place, LeftOut()
            else:
                yield place, act

    total = sum(max(0, estimate_lines(file, sample(file)) - 1) for file in (listens, tagged))
    return Reading(listens.name, in_time_order(acts), to_event, total=total, strict=strict, notes=notes)


def _tags(file: Path, notes: Notes, firsts: dict[str, float]) -> Iterator[tuple[Place, Act | InvalidRecord]]:
    """Tag events; the time of each user's first is left in `firsts`."""
    days: dict[tuple[str, str, float], tuple[int, int]] = {}
    for line, row in _rows(file, notes, 6):
        if isinstance(row, InvalidRecord):
            yield (file.name, line), row
            continue
        time = _day(row[3:6])
        if isinstance(time, InvalidRecord):
            yield (file.name, line), time
            continue
        user, artist = row[0].strip(), row[1].strip()
        firsts[user] = min(time, firsts.get(user, time))
        first, given = days.get((user, artist, time), (line, 0))
        days[user, artist, time] = (first, given + 1)
    for (user, artist, time), (line, given) in days.items():
        yield (file.name, line), act_of(user, artist, time, given, kind="tag", order=line)


def _listens(
    file: Path, notes: Notes, firsts: dict[str, float], default_time: float | None
) -> Iterator[tuple[Place, Act | InvalidRecord]]:
    otherwise = default_time if default_time is not None else min(firsts.values(), default=0.0)
    for line, row in _rows(file, notes, 3):
        if isinstance(row, InvalidRecord):
            yield (file.name, line), row
            continue
        user = row[0].strip()
        # a listen stands before the tags of the same moment: nobody tags what they never heard
        order, time = line - (1 << 40), firsts.get(user, otherwise)
        yield (file.name, line), act_of(user, row[1], time, row[2].strip(), kind="listen", order=order)


_DATE = f"give day, month and year, not before {FOUNDED}"


def _day(parts: list[str]) -> float | InvalidRecord:
    try:
        day, month, year = (int(part) for part in parts)
        if year < FOUNDED:
            raise ValueError
        return datetime(year, month, day, tzinfo=UTC).timestamp()
    except ValueError:
        return InvalidRecord("time", "-".join(parts), _DATE)
