"""What stands in a cell: ids, numbers, texts, paths and lists. Guessed per column from a sample."""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from penchant.records import FieldValue

MISSING = frozenset({"", "nan", "NaN", "NaT", "null", "NULL", "None", "\\N", "<NA>", "#N/A"})


def missing(cell: Any) -> bool:
    """Whether a cell says that there is nothing.

    >>> missing("NaN"), missing(None), missing(float("nan")), missing("0")
    (True, True, True, False)
    """
    if isinstance(cell, str):
        return cell in MISSING
    return cell is None or cell != cell  # NaN is the only value unlike itself


def as_id(cell: Any) -> str | None:
    """An id as text; None if missing. A whole float, as frames with gaps have them, loses its ".0".

    >>> as_id(12.0), as_id(" x "), as_id(None)
    ('12', 'x', None)
    """
    if isinstance(cell, str):
        cell = cell.strip()
        return None if cell in MISSING else cell
    if missing(cell):
        return None
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        raise ValueError("give a text or a whole number")
    if isinstance(cell, float):
        if not cell.is_integer():
            raise ValueError("give a text or a whole number")
        cell = int(cell)
    return str(cell)


def as_number(cell: Any) -> float | None:
    """A finite number; None if the cell is empty.

    >>> as_number("3.5"), as_number("")
    (3.5, None)
    """
    if isinstance(cell, str):
        if not cell.strip():
            return None
        try:
            cell = float(cell)
        except ValueError:
            raise ValueError("give a number") from None
    if cell is None:
        return None
    if not isinstance(cell, int | float):  # True and False are 1 and 0
        raise ValueError("give a number")
    if not math.isfinite(cell):
        raise ValueError("give a finite number, or leave it out")
    return float(cell)


def as_text(cell: Any) -> str:
    """Text of any cell; lists are joined by lines."""
    if isinstance(cell, str):
        return cell.strip()
    if missing(cell):
        return ""
    if isinstance(cell, list):
        return "\n".join(as_text(one) for one in cast(list[Any], cell))
    return str(cell)


def structure(cell: Any) -> Any:
    """The list or mapping that a cell holds as JSON or as a Python literal; else the cell itself.

    >>> structure('["a", "b"]'), structure("['a', 'b']"), structure("[a")
    (['a', 'b'], ['a', 'b'], '[a')
    """
    if not isinstance(cell, str) or cell[:1] not in ("[", "{"):
        return cell
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        pass
    try:
        return ast.literal_eval(cell)  # Python's own notation, as frames write lists; literals only
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return cell


@dataclass(frozen=True, slots=True)
class PathsForm:
    """How a column writes paths: what parts paths, what parts levels ("" where neither happens).

    >>> PathsForm(paths="; ", levels=" > ").read("Beauty > Nails; Gifts")
    [['Beauty', 'Nails'], ['Gifts']]
    """

    paths: str = ""
    levels: str = ""
    lists_are_levels: bool = False

    def __str__(self) -> str:
        both = (("paths", self.paths), ("levels", self.levels))
        parts = [f"{what} parted by {by.strip()!r}" for what, by in both if by]
        return ", ".join(parts) or ("a list is one path" if self.lists_are_levels else "one level each")

    def read(self, cell: Any) -> list[list[str]]:
        """The paths in a cell; empty levels and "(no genres listed)" are dropped."""
        value = structure(cell.strip() if isinstance(cell, str) else cell)
        if isinstance(value, list):
            entries = cast(list[Any], value)
            if any(isinstance(entry, list) for entry in entries):
                return _kept([[as_text(level) for level in cast(list[Any], e)] for e in entries if isinstance(e, list)])
            texts = [as_text(entry) for entry in entries]
            if self.lists_are_levels:
                return _kept([texts])
            return _kept([self._path(text) for text in texts])
        text = as_text(value)
        return _kept([self._path(part) for part in (_split(text, self.paths) if self.paths else [text])])

    def _path(self, text: str) -> list[str]:
        return _split(text, self.levels) if self.levels else [text]


NO_PATH = MISSING | {"(no genres listed)", "unknown", "UNKNOWN"}


def _split(text: str, by: str) -> list[str]:
    return text.split(by.strip() or by)


def _kept(paths: list[list[str]]) -> list[list[str]]:
    cleaned = [[level.strip() for level in path if level.strip() not in NO_PATH] for path in paths]
    return [path for path in cleaned if path]


def paths_form(name: str, cells: Iterable[Any]) -> PathsForm:
    """How these cells of the column `name` write paths.

    >>> str(paths_form("category", ["Beauty > Nails; Gifts > Small", "Beauty > Hair"]))
    "paths parted by ';', levels parted by '>'"
    >>> str(paths_form("genres", ["Comedy|Drama", "Drama"]))
    "paths parted by '|'"
    """
    values = [structure(cell.strip() if isinstance(cell, str) else cell) for cell in cells if not missing(cell)]
    lists = [[as_text(one) for one in cast(list[Any], value)] for value in values if isinstance(value, list)]
    if len(lists) * 2 > len(values):
        inner = next((by for by in (" > ", "|") if _share(by, [text for texts in lists for text in texts]) > 0.3), "")
        return PathsForm(levels=inner, lists_are_levels=not inner and _are_levels(name, lists))
    texts = [as_text(value) for value in values]
    if _share(">", texts) > 0.05:
        return PathsForm(levels=">", paths="|" if _share("|", texts) > _share(";", texts) else ";")
    if _share("|", texts) > 0.05 or _share(";", texts) > 0.05:
        by = "|" if _share("|", texts) >= _share(";", texts) else ";"
        levels = _are_levels(name, [text.split(by) for text in texts])
        return PathsForm(levels=by) if levels else PathsForm(paths=by)
    starts = sum(text.startswith("/") for text in texts)
    if starts * 2 > len(texts) > 0 or _share(" / ", texts) > 0.3:
        return PathsForm(levels="/")
    if _LISTS.search(name.lower()) and _share(",", texts) > 0.1:
        return PathsForm(paths=",")
    return PathsForm()


_LISTS = re.compile("genre|tag|topic|label|categories|keyword")
_PATHS = re.compile("path|breadcrumb|taxonom|hierarch")


def _share(by: str, texts: Sequence[str]) -> float:
    return sum(by in text for text in texts) / len(texts) if texts else 0.0


def _are_levels(name: str, lists: Sequence[Sequence[str]]) -> bool:
    """Whether entries are levels of one path: in a tree a label keeps its depth, a tag stands anywhere."""
    if _PATHS.search(name.lower()):
        return True
    if re.search("genre|tag|topic|label|keyword", name.lower()):
        return False
    depths: dict[str, set[int]] = {}
    times: dict[str, int] = {}
    for entries in lists:
        for depth, label in enumerate(entries):
            depths.setdefault(label, set()).add(depth)
            times[label] = times.get(label, 0) + 1
    often = [label for label, n in times.items() if n > 1]
    return bool(often) and sum(len(depths[label]) > 1 for label in often) <= 0.1 * len(often)


Reader = Callable[[Any], FieldValue]


def field_reader(cells: Iterable[Any]) -> tuple[str, Reader]:
    """(type, reader) of a column that becomes a named field; a cell that isn't of the type stays text.

    Amounts of one currency are numbers, and so is a column with a few words between its numbers. Digits behind a zero
    are a code, and then the whole column is text.

    >>> [field_reader(cells)[0] for cells in (["1", "2"], ["02460", "1"], ["1.5", ""], ["true"])]
    ['whole numbers', 'text', 'numbers', 'true or false']
    >>> how, read = field_reader(["$8.50", "$1,299.00", "12"])
    >>> how, read("$1,299.00"), read("on request")
    ("numbers without '$'", 1299.0, 'on request')
    """
    found = [cell for cell in cells if not missing(cell)]
    texts = [cell.strip() for cell in found if isinstance(cell, str)]
    if not found or len(texts) < len(found):
        return "as it is", _field
    if all(_WHOLE.fullmatch(text) for text in texts):
        return "whole numbers", _either(int)
    if all(_NUMBER.fullmatch(text) for text in texts):
        return "numbers", _either(float)
    if all(text.lower() in ("true", "false") for text in texts):
        return "true or false", _truth
    amounts = [match for text in texts if (match := _AMOUNT.fullmatch(text))]
    signs = {sign.lower() for match in amounts if (sign := match["before"] or match["behind"])}
    others = [text for text in texts if not _AMOUNT.fullmatch(text) and not _NUMBER.fullmatch(text)]
    if len(signs) > 1 or len(others) > WORDS_BETWEEN * len(texts) or any(_CODE.fullmatch(text) for text in others):
        return "text", _field
    how = "numbers" + "".join(f" without {sign!r}" for sign in signs)
    return how + (f"; what is none stays text: {others[0][:40]!r}" if others else ""), _amount


WORDS_BETWEEN = 0.1  # of a column of numbers, cells that may be words ("free", "on request")
_WHOLE = re.compile(r"-?(0|[1-9]\d{0,17})", re.ASCII)
_NUMBER = re.compile(r"(?=.*\d)-?(0|[1-9]\d*)?(\.\d*)?([eE][+-]?\d+)?", re.ASCII)
_CODE = re.compile(r"0\d+", re.ASCII)
_SIGN = r"US\$|\$|€|£|¥|￥|USD|EUR|GBP|CNY|RMB|JPY|元|块|円"
_AMOUNT = re.compile(
    rf"(?P<before>{_SIGN})?\s?(?P<number>-?(?:[1-9]\d{{0,2}}(?:,\d{{3}})+|0|[1-9]\d{{0,17}})(?:\.\d+)?)\s?(?P<behind>{_SIGN})?",
    re.ASCII | re.IGNORECASE,
)


def _amount(cell: Any) -> FieldValue:
    match = _AMOUNT.fullmatch(str(cell).strip())
    return float(match["number"].replace(",", "")) if match else _either(float)(cell)


def _field(cell: Any) -> FieldValue:
    if isinstance(cell, str):
        return structure_list(cell.strip())
    if missing(cell):
        return None
    if isinstance(cell, list):
        return [as_text(one) for one in cast(list[Any], cell)]
    if isinstance(cell, bool | int | float):
        return cell
    if isinstance(cell, Mapping):
        return json.dumps(cell, ensure_ascii=False, default=str)
    return str(cell)


def structure_list(text: str) -> FieldValue:
    """A list of texts where the text is one, as JSON or a Python literal; else the text; None if missing."""
    if text in MISSING:
        return None
    value = structure(text)
    return [as_text(one) for one in cast(list[Any], value)] if isinstance(value, list) else text


def _either(kind: type[int] | type[float]) -> Reader:
    def read(cell: Any) -> FieldValue:
        text = str(cell).strip()
        if text in MISSING:
            return None
        try:
            number = kind(text)
        except ValueError:
            return text
        return number if math.isfinite(number) else None

    return read


def _truth(cell: Any) -> FieldValue:
    text = str(cell).strip().lower()
    return True if text == "true" else False if text == "false" else _field(cell)


def as_truth(cell: Any) -> bool:
    """Availability: anything but a clear no counts as yes.

    >>> as_truth("0"), as_truth("in stock"), as_truth(None)
    (False, True, True)
    """
    return str(cell).strip().lower() not in NO


NO = frozenset({"0", "0.0", "false", "no", "n", "f", "out of stock", "outofstock", "unavailable"})
