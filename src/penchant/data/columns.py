"""Which column of a table is what: guessed from its name, shown, overridable."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from penchant.errors import InvalidRecord

Noun = Literal["item", "event"]
Override = Mapping[str, str | int | Sequence[str] | None]

# Names as real exports have them, best first, written as `plain` writes them.
EVENT_NAMES = {
    "user": "user userid uid customerid customer userkey visitorid visitor memberid accountid clientid profileid msno"
    " username useridx reviewerid personid person buyerid readerid listenerid studentid learnerid playerid investorid"
    " sessionid session",
    "item": "item itemid iid movieid movie productid product sku parentasin asin articleid article newsid songid"
    " trackid artistid bookid isbn gameid appid courseid videoid contentid docid documentid recipeid businessid "
    "listingid postid objectid entityid fundid stockid ticker intentid itemidx goodsid adid",
    "kind": "kind event eventtype eventname action actiontype behaviortype behavior interaction interactiontype",
    "time": "time timestamp ts tsms timems timestampms unixtime unixtimestamp datetime eventtime createdat creationtime"
    " date unixreviewtime reviewtime occurredat eventtimestamp orderdate invoicedate purchasedate ratedat visitedat"
    " playedat watchedat updatedat timecreated",
    "value": "value rating ratings score stars overall weight plays playcount count listens quantity qty amount dwell"
    " dwelltime duration durationseconds watchtime playtime hours watchratio strength intensity",
    "id": "id eventid eventuuid interactionid transactionid reviewid",
    "request_id": "requestid recommendationid recid",
    "context": "context",
}
ITEM_NAMES = {
    "id": "id " + EVENT_NAMES["item"],
    "text": "text title name itemname movietitle producttitle productname articletitle headline trackname songname"
    " artistname booktitle coursetitle gametitle itemtitle description abstract summary overview synopsis plot caption"
    " body content",
    "paths": "paths path categorypaths categorypath breadcrumbs breadcrumb taxonomy hierarchy categories genres genre"
    " topics tags class listedin",
    "fields": "fields",
    "images": "images image imageurl imageurls poster posterurl cover thumbnail picture pictureurl imurl",
    "available": "available availability instock active isactive isavailable",
    "time": "time releasedate publishedat published publicationdate createdat timestamp datepublished addedat"
    " dateadded",
    "vectors": "vectors",
}
# Columns that are one level each of a single path, from general to particular.
LEVELS = (
    "department maincategory firstlevelcategoryname category categoryname cat level1 category1 categoryl1 l1 cat1"
    " section",
    "subcategory subcat secondlevelcategoryname secondcategory level2 category2 categoryl2 l2 cat2 subsection",
    "subsubcategory thirdlevelcategoryname thirdcategory level3 category3 categoryl3 l3 cat3",
    "level4 category4 categoryl4 l4 cat4",
)
ROW_NUMBERS = {"", "unnamed0", "index", "rownames", "rownumber", "rowid"}
RATINGS = {"rating", "ratings", "score", "stars", "overall"}
MAX_CONTEXT = 16


def plain(name: str) -> str:
    """A column's name as it is compared: lower case, letters and digits only, without RecBole's type.

    >>> plain("movieId"), plain("user_id:token"), plain("Customer ID")
    ('movieid', 'userid', 'customerid')
    """
    return re.sub(r"[\W_]+", "", bare(name).lower())


def bare(name: str) -> str:
    """A column's name without RecBole's type.

    >>> bare("release_year:token")
    'release_year'
    """
    return re.sub(r":(token|float|token_seq|float_seq)$", "", name.strip())


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        name: as in the header.
        index: where it stands, from 0.
        field: what it becomes, "" if it isn't used.
        why: reason of the guess.
        how: how its cells are read, e.g. the unit of a time.
        rank: place among columns of the same field.
    """

    name: str
    index: int
    field: str
    why: str
    how: str = ""
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Columns:
    """All columns of a table, in file order.

    >>> print(guess(["userId", "movieId", "rating", "device"], "event"))
    userId → user (name is known)
    movieId → item (name is known)
    rating → value (name is known)
    device → context.device (no other use)
    """

    columns: tuple[Column, ...]

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)

    def of(self, field: str) -> list[Column]:
        """Those that become this field, in the order in which they are joined."""
        return sorted((column for column in self.columns if column.field == field), key=lambda c: c.rank)

    def rows(self) -> list[tuple[str, str, str, str]]:
        """(column, field, why, how), for a table on screen."""
        return [(c.name, c.field or "-", c.why, c.how) for c in self.columns]

    def __str__(self) -> str:
        return "\n".join(
            f"{c.name} → {c.field or 'not used'} ({c.why}{'; ' + c.how if c.how else ''})" for c in self.columns
        )


def unique_names(names: Sequence[str]) -> list[str]:
    """Column names, made unique: the second `rating` is `rating (2)`.

    >>> unique_names(["a", "b", "a"])
    ['a', 'b', 'a (2)']
    """
    seen: dict[str, int] = {}
    result: list[str] = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return result


def guess(names: Sequence[str], noun: Noun, override: Override | None = None) -> Columns:
    """What each column of a table is, from its name.

    Args:
        names: as in the header, unique.
        noun: whether rows are items or events.
        override: field → column (or position from 1, or several columns for text and paths), None: no column.

    Raises:
        InvalidRecord: the override names a field or a column that doesn't exist.
    """
    known = ITEM_NAMES if noun == "item" else EVENT_NAMES
    taken: dict[int, tuple[str, str]] = {}
    closed: set[str] = set()
    for field, wanted in (override or {}).items():
        if field not in known:
            raise InvalidRecord(f"columns.{field}", wanted, f"the fields of an {noun} are {', '.join(known)}")
        closed.add(field)
        for index in _positions(field, wanted, names):
            taken[index] = (field, "you said so")
    by_plain: dict[str, int] = {}
    for index, name in enumerate(names):
        by_plain.setdefault(plain(name), index)
    for field, synonyms in known.items():
        if field in closed:
            continue
        for synonym in synonyms.split():
            index = by_plain.get(synonym)
            if index is not None and index not in taken:
                taken[index] = (field, "name is known")
                if field != "text":
                    break
    if noun == "item" and "paths" not in closed and not any(field == "paths" for field, _ in taken.values()):
        _levels(by_plain, taken)
    return Columns(tuple(_all(names, noun, taken)))


def _positions(field: str, wanted: str | int | Sequence[str] | None, names: Sequence[str]) -> list[int]:
    if wanted is None:
        return []
    result: list[int] = []
    for one in [wanted] if isinstance(wanted, str | int) else wanted:
        if isinstance(one, str) and one in names:
            result.append(names.index(one))
        elif str(one).isdecimal() and 1 <= int(one) <= len(names):
            result.append(int(one) - 1)
        else:
            raise InvalidRecord(f"columns.{field}", one, f"the columns are {', '.join(names)[:300]}")
    return result


def _levels(by_plain: Mapping[str, int], taken: dict[int, tuple[str, str]]) -> None:
    for depth, synonyms in enumerate(LEVELS, start=1):
        for synonym in synonyms.split():
            index = by_plain.get(synonym)
            if index is not None and index not in taken:
                taken[index] = ("paths", f"name is known, level {depth}")
                break


def _all(names: Sequence[str], noun: Noun, taken: Mapping[int, tuple[str, str]]) -> list[Column]:
    ranks = {index: rank for rank, index in enumerate(taken)}
    result: list[Column] = []
    context = 0
    for index, name in enumerate(names):
        if index in taken:
            result.append(Column(name, index, *taken[index], rank=ranks[index]))
        elif plain(name) in ROW_NUMBERS:
            result.append(Column(name, index, "", "number of the row"))
        elif noun == "item":
            result.append(Column(name, index, f"fields.{bare(name)}", "no other use"))
        elif context < MAX_CONTEXT and len(name) <= 64:
            context += 1
            result.append(Column(name, index, f"context.{bare(name)}", "no other use"))
        else:
            result.append(Column(name, index, "", f"context holds {MAX_CONTEXT} names of 64 characters"))
    return result
