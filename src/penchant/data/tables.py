"""Tables of anybody's: CSV, TSV, JSONL and Parquet, streamed into items and events; columns guessed and shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from penchant.data import cells
from penchant.data.columns import EVENT_NAMES, ITEM_NAMES, RATINGS, Column, Columns, Noun, Override, guess, plain
from penchant.data.files import Cells, Table, open_table
from penchant.data.reading import Notes, Reading
from penchant.data.times import TimeUnit, time_unit
from penchant.errors import InvalidRecord
from penchant.records import MAX_PATHS, MAX_TEXT, Event, Item

MAX_VALUE = 256  # characters of a context value


def read_items(
    path: str | Path,
    *,
    columns: Override | None = None,
    encoding: str | None = None,
    path_separator: str | None = None,
    level_separator: str | None = None,
    strict: bool = False,
) -> Reading[Item]:
    """Items of a CSV, TSV, JSONL or Parquet file (gzip too).

    Args:
        path: the file.
        columns: what the guess gets wrong: field (id, text, paths, images, available, time, fields) → column or
            columns; None for a field: no column. Every other column becomes one of the item's `fields`.
        encoding: of a text file, if it isn't UTF-8.
        path_separator, level_separator: what parts paths, and levels within a path; None: guessed.
        strict: raise at the first bad row.

    Raises:
        InvalidRecord: no such file, not a table, no column for the id; with `strict` at the first bad row.
    """
    table = open_table(path, encoding, known=ITEM_NAMES, override=columns)
    mapping, build = _item_builder(table, guess(table.names, "item", columns), path_separator, level_separator)
    return Reading(table.file, table.rows, build, columns=mapping, total=table.total, strict=strict, notes=table.notes)


def read_events(
    path: str | Path,
    *,
    columns: Override | None = None,
    kind: str | None = None,
    encoding: str | None = None,
    strict: bool = False,
) -> Reading[Event]:
    """Events of a CSV, TSV, JSONL or Parquet file (gzip too), in file order.

    Args:
        path: the file.
        columns: what the guess gets wrong: field (user, item, kind, time, value, id, request_id, context) → column;
            None for a field: no column. The first 16 other columns become the event's `context`.
        kind: of events whose row doesn't say; None: "rating" if the value is one, else "view".
        encoding: of a text file, if it isn't UTF-8.
        strict: raise at the first bad row.

    Raises:
        InvalidRecord: no such file, not a table, no column for user or item; with `strict` at the first bad row.
    """
    table = open_table(path, encoding, known=EVENT_NAMES, override=columns)
    mapping, build = _event_builder(table, guess(table.names, "event", columns), kind)
    return Reading(table.file, table.rows, build, columns=mapping, total=table.total, strict=strict, notes=table.notes)


def _column(mapping: Columns, field: str, noun: Noun, table: Table) -> Column:
    found = mapping.of(field)
    if found or not table.names:  # an empty file has no columns, and no rows that would miss them
        return found[0] if found else Column("", 0, field, "")
    there = ", ".join(table.names)[:300]
    fix = f"say which column it is, e.g. columns={{'{field}': {table.names[0]!r}}}; there are {there}"
    raise InvalidRecord(f"{table.file}, {noun}.{field}", None, fix)


def _event_builder(table: Table, mapping: Columns, kind: str | None) -> tuple[Columns, Callable[[Cells], Event]]:
    user, item = (_column(mapping, field, "event", table).index for field in ("user", "item"))
    values = mapping.of("value")
    default = kind or ("rating" if values and plain(values[0].name) in RATINGS else "view")
    readers: list[tuple[int, str, Callable[[Any], Any]]] = []
    shown: dict[int, str] = {}
    for field in ("kind", "value", "id", "request_id"):
        reader = cells.as_number if field == "value" else cells.as_id
        readers += [(column.index, field, reader) for column in mapping.of(field)]
    for column in mapping.of("time"):
        unit = time_unit(row[column.index] for row in table.sampled)
        readers.append((column.index, "time", unit.seconds))
        shown[column.index] = unit.name
    whole = [column.index for column in mapping.of("context")]
    context = [(c.index, c.field.removeprefix("context.")) for c in mapping if c.field.startswith("context.")]
    notes = table.notes
    if not mapping.of("kind"):
        notes.standing.append(f"no column says the kind: every event is a {default}")
    if not mapping.of("time"):
        notes.standing.append("no column says the time")
    late = f"{table.file}: events earlier than the one before"

    def build(row: Cells) -> Event:
        data: dict[str, Any] = {"user": _id(row[user], "user"), "item": _id(row[item], "item"), "kind": default}
        for index, field, reader in readers:
            try:
                value = reader(row[index])
            except (ValueError, TypeError, OverflowError) as error:
                raise InvalidRecord(field, row[index], str(error)) from None
            if value is not None:
                data[field] = value
        if whole or context:
            data["context"] = _context(row, whole, context, notes)
        event = Event(**data)
        if event.time is not None:
            notes.passes(event.time, late)
        return event

    return _told(mapping, shown), build


def _id(cell: Any, field: str) -> str:
    try:
        text = cells.as_id(cell)
    except ValueError as error:
        raise InvalidRecord(field, cell, str(error)) from None
    if text is None:
        raise InvalidRecord(field, cell, "give an id")
    return text


def _context(row: Cells, whole: Sequence[int], named: Sequence[tuple[int, str]], notes: Notes) -> dict[str, str]:
    values: dict[str, Any] = {}
    for index in whole:
        mapping = cells.structure(row[index])
        if isinstance(mapping, dict):
            values |= {str(k): v for k, v in cast(dict[Any, Any], mapping).items()}
    values |= {name: row[index] for index, name in named}
    result: dict[str, str] = {}
    for name, value in values.items():
        text = "" if cells.missing(value) else cells.as_text(value)
        if len(text) > MAX_VALUE:
            notes.count(f"values of context cut to {MAX_VALUE} characters")
            text = text[:MAX_VALUE]
        if text and text not in cells.MISSING:
            result[name] = text
    return result


def _item_builder(
    table: Table, mapping: Columns, path_separator: str | None, level_separator: str | None
) -> tuple[Columns, Callable[[Cells], Item]]:
    key = _column(mapping, "id", "item", table).index
    texts = [column.index for column in mapping.of("text")]
    shown: dict[int, str] = {}
    level_columns = mapping.of("paths") if len(mapping.of("paths")) > 1 else []
    forms: list[tuple[int, cells.PathsForm]] = []
    for column in () if level_columns else mapping.of("paths"):
        form = cells.paths_form(column.name, (row[column.index] for row in table.sampled))
        if path_separator is not None or level_separator is not None:
            form = cells.PathsForm(paths=path_separator or "", levels=level_separator or "")
        forms.append((column.index, form))
        shown[column.index] = str(form)
    shown |= {c.index: f"level {depth} of a path" for depth, c in enumerate(level_columns, start=1)}
    fields: list[tuple[int, str, cells.Reader]] = []
    for column in mapping:
        if column.field.startswith("fields."):
            how, reader = cells.field_reader(row[column.index] for row in table.sampled)
            fields.append((column.index, column.field.removeprefix("fields."), reader))
            shown[column.index] = how
    times: list[tuple[int, TimeUnit]] = []
    for column in mapping.of("time"):
        unit = time_unit(row[column.index] for row in table.sampled)
        times.append((column.index, unit))
        shown[column.index] = unit.name
    whole = [column.index for column in mapping.of("fields")]
    images = [column.index for column in mapping.of("images")]
    available = [column.index for column in mapping.of("available")]
    vectors = [column.index for column in mapping.of("vectors")]
    notes = table.notes

    def build(row: Cells) -> Item:
        text = "\n".join(dict.fromkeys(t for t in (cells.as_text(row[i]) for i in texts) if t not in cells.MISSING))
        if len(text) > MAX_TEXT:
            raise InvalidRecord("text", text[:200], f"give at most {MAX_TEXT} characters (it has {len(text)})")
        paths = [path for index, form in forms for path in form.read(row[index])]
        if level_columns:
            levels = [t for t in (cells.as_text(row[c.index]) for c in level_columns) if t not in cells.MISSING]
            paths = [levels] if levels else []
        if len(paths) > MAX_PATHS:
            notes.count(f"items with more than {MAX_PATHS} paths, the first {MAX_PATHS} of which are kept")
            paths = paths[:MAX_PATHS]
        data: dict[str, Any] = {"id": _id(row[key], "id"), "text": text, "paths": paths}
        named: dict[str, Any] = {}
        for index in whole:
            value = cells.structure(row[index])
            named |= cast(dict[str, Any], value) if isinstance(value, dict) else {}
        named |= {name: reader(row[index]) for index, name, reader in fields}
        data["fields"] = {name: value for name, value in named.items() if not cells.missing(value)}
        for index, unit in times:
            try:
                data["time"] = unit.seconds(row[index])
            except (ValueError, TypeError, OverflowError) as error:
                raise InvalidRecord("time", row[index], str(error)) from None
        for index in images:
            found = cells.structure(row[index])
            data["images"] = found if isinstance(found, list) else [t for t in [cells.as_text(found)] if t]
        for index in available:
            data["available"] = cells.as_truth(row[index])
        for index in vectors:
            data["vectors"] = cells.structure(row[index]) or {}
        return Item(**data)

    return _told(mapping, shown), build


def _told(mapping: Columns, shown: Mapping[int, str]) -> Columns:
    return Columns(tuple(replace(c, how=shown.get(c.index, c.how)) for c in mapping))
