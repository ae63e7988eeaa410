"""Lines and rows of text files of any size: gzip, encodings and stray quotes are dealt with here."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, cast

from penchant.data.reading import Notes
from penchant.errors import InvalidRecord

SAMPLE_LINES = 1000
SAMPLE_BYTES = 1 << 20
COUNTED_BYTES = 64 << 20
MAX_LINE = 4 << 20
DELIMITERS = (",", "\t", ";", "|", "::")
_ESCAPED = re.compile("[\udc80-\udcff]")
_RECODED = "lines with bytes that aren't UTF-8, read as Latin-1 (give encoding= if that is wrong)"


def _latin(match: re.Match[str]) -> str:
    byte = bytes([ord(match[0]) - 0xDC00])
    try:
        return byte.decode("cp1252")  # Windows' Latin-1, what such files mostly are
    except UnicodeDecodeError:
        return byte.decode("latin-1")


def existing(path: str | Path) -> Path:
    """The path of a file that is there.

    Raises:
        InvalidRecord: there is no such file.
    """
    found = Path(path)
    if not found.is_file():
        raise InvalidRecord("file", str(path), "give a file" if found.exists() else "there is no such file")
    return found


def head(path: Path, size: int = SAMPLE_BYTES) -> bytes:
    """The first bytes of a file, decompressed."""
    try:
        with _binary(path) as file:
            return file.read(size)
    except (OSError, EOFError) as error:
        raise InvalidRecord("file", str(path), f"it can't be read: {error}") from None


def encoding_of(path: Path, said: str | None = None) -> str:
    """The encoding that was said, or that the first bytes tell of; what they don't tell is read as UTF-8.

    Raises:
        InvalidRecord: it isn't text, or there is no such encoding.
    """
    if said is not None:
        try:
            return codecs.lookup(said).name
        except LookupError:
            raise InvalidRecord("encoding", said, "give a name such as 'latin-1' or 'gb18030'") from None
    start = head(path, 1 << 16)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if start.startswith(b"PK\x03\x04"):
        raise InvalidRecord("file", str(path), "it is a ZIP archive or a workbook; unpack it, or save it as CSV")
    if b"\x00" in start:
        raise InvalidRecord("file", str(path), "it is binary; give CSV, TSV, JSONL or Parquet")
    return "utf-8-sig"


def _open(path: Path, encoding: str) -> IO[str]:
    return io.TextIOWrapper(_binary(path), encoding=encoding, errors="surrogateescape", newline="")


def _binary(path: Path) -> IO[bytes]:
    with open(path, "rb") as raw:
        zipped = raw.read(2) == b"\x1f\x8b"
    return cast(IO[bytes], gzip.open(path, "rb")) if zipped else open(path, "rb")


def lines(path: Path, notes: Notes, encoding: str | None = None) -> Iterator[str]:
    """Lines with their ends; bytes that aren't valid in the encoding are read as Latin-1 and counted in the notes.

    A line of more than 4 Mi characters comes in pieces.
    """
    with _open(path, encoding_of(path, encoding)) as file:
        try:
            while line := file.readline(MAX_LINE):
                if not line.isascii() and _ESCAPED.search(line):
                    notes.count(_RECODED)
                    line = _ESCAPED.sub(_latin, line)
                yield line
        except (OSError, EOFError, UnicodeError) as error:  # a torn gzip, an odd UTF-16
            raise InvalidRecord("file", str(path), f"it is damaged: {error}") from None


def sample(path: Path, encoding: str | None = None) -> list[str]:
    """The first thousand lines at most."""
    result: list[str] = []
    size = 0
    for line in lines(path, Notes(), encoding):
        result.append(line)
        size += len(line)
        if len(result) >= SAMPLE_LINES or size > SAMPLE_BYTES:
            break
    return result


def estimate_lines(path: Path, sampled: Sequence[str]) -> int:
    """How many lines the file has: counted up to 64 MiB (gzip: 16), else told from its size and its first lines."""
    size = sum(len(line.encode("utf-8", "replace")) for line in sampled)
    if len(sampled) < SAMPLE_LINES and size <= SAMPLE_BYTES:
        return len(sampled)
    on_disk = path.stat().st_size
    if on_disk <= COUNTED_BYTES:
        try:
            with _binary(path) as file:
                if on_disk * (4 if isinstance(file, gzip.GzipFile) else 1) <= COUNTED_BYTES:
                    return sum(block.count(b"\n") for block in iter(lambda: file.read(SAMPLE_BYTES), b""))
        except (OSError, EOFError):
            pass  # a torn gzip: reading it will say so
    with open(path, "rb") as raw:
        if raw.read(2) == b"\x1f\x8b":
            raw.seek(max(0, on_disk - 4))  # the trailer holds the unpacked size, modulo 4 GiB
            on_disk = max(on_disk, int.from_bytes(raw.read(4), "little"))
    return max(len(sampled), round(on_disk * len(sampled) / max(1, size)))


class Dialect:
    """How rows are written: the text between cells, and whether quotes mean anything.

    >>> [cells for _, cells in Dialect(",", quotes=True).rows(["a,b\\n", '"x, y",2\\n'])]
    [['a', 'b'], ['x, y', '2']]
    """

    def __init__(self, delimiter: str, *, quotes: bool) -> None:
        self.delimiter, self.quotes = delimiter, quotes

    def __str__(self) -> str:
        name = {"\t": "tab"}.get(self.delimiter, repr(self.delimiter))
        return f"cells separated by {name}{'' if self.quotes else ', quotes are plain text'}"

    def rows(self, source: Iterator[str] | Sequence[str]) -> Iterator[tuple[int, list[str] | InvalidRecord]]:
        """(line on which it starts, cells or what is wrong); blank lines are passed over.

        A quote that never closes costs one row: the lines after it are read again.
        """
        if len(self.delimiter) > 1 or not self.quotes:
            yield from self._plain(source)
        else:
            yield from self._quoted(source)

    def _plain(self, source: Iterator[str] | Sequence[str]) -> Iterator[tuple[int, list[str] | InvalidRecord]]:
        for number, line in enumerate(source, start=1):
            line = line.rstrip("\r\n")
            if line.strip():
                yield number, line.split(self.delimiter)

    def _quoted(self, source: Iterator[str] | Sequence[str]) -> Iterator[tuple[int, list[str] | InvalidRecord]]:
        feed = _Feed(iter(source))
        width = 0
        while True:
            reader = csv.reader(feed, delimiter=self.delimiter)
            for row in _until_error(reader):
                taken = feed.take()
                start = feed.number - len(taken) + 1
                if isinstance(row, list):
                    width = width or len(row)
                    if len(taken) == 1 or (len(row) == width and not _unclosed(taken)):
                        if row and (len(row) > 1 or row[0].strip()):
                            yield start, row
                        continue
                    row = "close the quote, or double a quote that is part of the text"
                yield start, InvalidRecord("row", taken[0].strip() if taken else "", row)
                feed.push_back(taken[1:])
                break  # the reader holds no lines, but a fresh one is sure
            else:
                return


def _unclosed(taken: Sequence[str]) -> bool:
    return sum(line.count('"') for line in taken) % 2 == 1


def _until_error(reader: Iterator[list[str]]) -> Iterator[list[str] | str]:
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield str(error)


class _Feed:
    """Lines for a csv reader that can be given back."""

    def __init__(self, source: Iterator[str]) -> None:
        self._source = source
        self._waiting: list[str] = []  # last is next
        self._taken: list[str] = []
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._waiting.pop() if self._waiting else next(self._source)
        self._taken.append(line)
        self.number += 1
        return line

    def take(self) -> list[str]:
        """Lines handed out since the last call."""
        taken, self._taken = self._taken, []
        return taken

    def push_back(self, lines: Sequence[str]) -> None:
        """They come again."""
        self._waiting.extend(reversed(lines))
        self.number -= len(lines)


def dialect_of(sampled: Sequence[str]) -> Dialect:
    """Which delimiter these lines use, and whether they quote.

    >>> str(dialect_of(["a;b;c\\n", "1,5;2;3\\n"])), str(dialect_of(["1::2::3\\n"]))
    ("cells separated by ';'", "cells separated by '::', quotes are plain text")
    """

    def score(delimiter: str) -> tuple[float, int]:
        dialect = _with_quotes(delimiter, sampled)
        widths = [len(row) for _, row in dialect.rows(sampled[:100]) if isinstance(row, list)]
        if not widths or widths[0] < 2:
            return (0.0, 0)
        return (widths.count(widths[0]) / len(widths), widths[0] * len(delimiter))

    best: Callable[[str], tuple[float, int]] = score
    scores = {delimiter: best(delimiter) for delimiter in DELIMITERS}
    top = max(scores.values())
    # a delimiter that nearly always gives the header's width wins by giving more cells
    good = {d: s for d, s in scores.items() if s[0] >= 0.8 * top[0] and s[1]}
    chosen = max(good, key=lambda d: good[d][1]) if good else ","
    return _with_quotes(chosen, sampled)


def _with_quotes(delimiter: str, sampled: Sequence[str]) -> Dialect:
    """Tab-separated files seldom quote: there quotes count only if each one that opens a cell also closes one."""
    if len(delimiter) > 1:
        return Dialect(delimiter, quotes=False)
    if delimiter != "\t":
        return Dialect(delimiter, quotes=True)
    cells = [cell.strip("\r\n ") for line in sampled for cell in line.split("\t")]
    quoted = [cell for cell in cells if cell.startswith('"')]
    return Dialect("\t", quotes=bool(quoted) and all(len(c) > 1 and c.endswith('"') for c in quoted))
