"""Any table file as rows of cells under named columns: CSV and TSV, JSON lines, a JSON list, Parquet."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from penchant.data import cells
from penchant.data.columns import ITEM_NAMES, Override, plain, unique_names
from penchant.data.lines import dialect_of, encoding_of, estimate_lines, existing, head, lines, sample
from penchant.data.reading import Notes, Rows
from penchant.data.times import TimeUnit
from penchant.errors import InvalidRecord

Cells = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Table:
    """A file as rows of cells under named columns.

    Attributes:
        file: its name.
        names: columns, unique.
        rows: gives (line, cells or what is wrong with the row), from the start at each call.
        sampled: some of the first rows, for guesses.
        total: rows, exact or estimated.
        notes: what was understood of the file as a whole.
    """

    file: str
    names: list[str]
    rows: Callable[[], Rows]
    sampled: list[Cells]
    total: int
    notes: Notes


def open_table(
    path: str | Path,
    encoding: str | None = None,
    *,
    known: Mapping[str, str] = ITEM_NAMES,
    override: Override | None = None,
) -> Table:
    """A file as a table: Parquet by its first bytes, JSONL by its first character, else text with a delimiter.

    Args:
        known: names that a header may have, to tell a header from a first row.
        override: names given by the user count as known.
    """
    file = existing(path)
    start = head(file, 4096)
    if start.startswith(b"PAR1"):
        return _parquet(file)
    encoding = encoding_of(file, encoding)
    text = start.decode(encoding, "replace").lstrip()
    if text.startswith("{"):
        return _json_lines(file, encoding)
    if text.startswith("["):
        return _json_list(file, encoding)
    return _delimited(file, encoding, known, override or {})


def _delimited(file: Path, encoding: str, known: Mapping[str, str], override: Override) -> Table:
    sampled = sample(file, encoding)
    dialect = dialect_of(sampled)
    notes = Notes() if sampled else Notes(f"{file.name} is empty")
    found = [(line, row) for line, row in dialect.rows(sampled) if isinstance(row, list)]
    first = found[0][1] if found else []
    synonyms = {word for words in known.values() for word in words.split()}
    synonyms |= {plain(name) for value in override.values() for name in _sequence(value) if not name.isdecimal()}
    header = not first or any(plain(name) in synonyms for name in first) or not any(_is_datum(name) for name in first)
    names = unique_names([n.strip() for n in first]) if header else [str(i + 1) for i in range(len(first))]
    if not header:
        notes.standing.append("there is no header: columns are called 1, 2, ...")
    if sampled and str(dialect) != "cells separated by ','":  # the usual needs no word
        notes.standing.append(str(dialect))
    skip = found[0][0] if header and found else 0

    def rows() -> Rows:
        width = len(names)
        for line, row in dialect.rows(lines(file, notes, encoding)):
            if line <= skip:
                continue
            if isinstance(row, list) and len(row) != width:
                row = _fitted(row, width)
            yield line, row

    body = [_fitted(row, len(names)) for _, row in found[1 if header else 0 :]]
    total = max(0, estimate_lines(file, sampled) - (1 if header else 0))
    return Table(file.name, names, rows, [row for row in body if isinstance(row, list)], total, notes)


def _sequence(value: object) -> list[str]:
    if isinstance(value, list | tuple):
        return [str(one) for one in cast(Sequence[object], value)]
    return [value] if isinstance(value, str) else []


def _is_datum(cell: str) -> bool:
    """Whether a cell can only be data: a number or a time."""
    try:
        return TimeUnit("s").seconds(cell.strip()) is not None
    except ValueError:
        return False


def _fitted(row: list[str], width: int) -> list[str] | InvalidRecord:
    while len(row) > width and not row[-1].strip():
        row = row[:-1]  # a delimiter at the end of the line
    if len(row) == width:
        return row
    return InvalidRecord("row", " ".join(row), f"give {width} cells, as the header has (it has {len(row)})")


def _json_lines(file: Path, encoding: str) -> Table:
    sampled = sample(file, encoding)
    notes = Notes()
    found = [row for row in (_object(line) for line in sampled) if isinstance(row, dict)]
    names = list(dict.fromkeys(name for row in found for name in row))
    known = set(names)

    def rows() -> Rows:
        for number, line in enumerate(lines(file, notes, encoding), start=1):
            if line.strip():
                row = _object(line)
                if isinstance(row, dict) and not known.issuperset(row):
                    notes.count("rows with keys that the first thousand rows lack, which are not used")
                yield number, row if isinstance(row, InvalidRecord) else [row.get(name) for name in names]

    taken = [[row.get(name) for name in names] for row in found]
    return Table(file.name, names, rows, cast(list[Cells], taken), estimate_lines(file, sampled), notes)


def _object(line: str) -> dict[str, Any] | InvalidRecord:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        literal = cells.structure(line.strip())  # some published "JSON" files are Python literals
        if isinstance(literal, dict):
            return cast(dict[str, Any], literal)
        return InvalidRecord("row", line.strip(), f"give one JSON object a line ({str(error)[:80]})")
    if isinstance(value, dict):
        return cast(dict[str, Any], value)
    return InvalidRecord("row", line.strip(), "give one JSON object a line")


def _json_list(file: Path, encoding: str) -> Table:
    try:
        loaded: Any = json.loads("".join(lines(file, Notes(), encoding)))
    except (ValueError, RecursionError) as error:
        why = f"it starts like a JSON list but isn't one ({str(error)[:80]})"
        raise InvalidRecord("file", str(file), why) from None
    records = [cast(dict[str, Any], row) if isinstance(row, dict) else None for row in loaded]
    names = list(dict.fromkeys(name for row in records if row for name in row))

    def rows() -> Rows:
        for number, row in enumerate(records, start=1):
            bad = InvalidRecord("row", loaded[number - 1], "give an object")
            yield number, bad if row is None else [row.get(name) for name in names]

    taken = [[row.get(name) for name in names] for row in records[:1000] if row]
    notes = Notes("a JSON list: line numbers are numbers of the entry")
    return Table(file.name, names, rows, cast(list[Cells], taken), len(records), notes)


def _parquet(file: Path) -> Table:
    arrow: Any = importlib.import_module("pyarrow.parquet")  # without type stubs; loaded only for Parquet

    def opened() -> Any:
        try:
            return arrow.ParquetFile(file)
        except (ValueError, OSError) as error:
            raise InvalidRecord("file", str(file), f"it is damaged: {str(error)[:120]}") from None

    parquet = opened()
    columns = list(cast(Iterator[str], parquet.schema_arrow.names))

    def batches(size: int) -> Iterator[Iterator[Cells]]:
        try:
            for batch in opened().iter_batches(batch_size=size):
                yield zip(*(column.to_pylist() for column in batch.columns), strict=True)
        except (ValueError, OSError) as error:
            raise InvalidRecord("file", str(file), f"it is damaged: {str(error)[:120]}") from None

    def rows() -> Rows:
        yield from enumerate((row for batch in batches(16384) for row in batch), start=1)

    sampled = list(next(batches(1000), iter(())))
    notes = Notes("Parquet: line numbers are numbers of the row")
    return Table(file.name, unique_names(columns), rows, sampled, int(parquet.metadata.num_rows), notes)
