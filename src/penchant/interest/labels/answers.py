"""Answers as they are given: a CSV file that only grows, each answer on disk before the next is asked for."""

from __future__ import annotations

import csv
import io
import os
from dataclasses import dataclass
from pathlib import Path

from penchant.errors import InvalidRecord
from penchant.language.tuning.examples import Example

COLUMNS = ("text", "category", "dimension", "guess_category", "guess_dimension")


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer.

    Attributes:
        text: what was asked about.
        example: its label; None: passed over.
        guess: (category, dimension) that the model told before it was answered; None: it was not asked.
    """

    text: str
    example: Example | None
    guess: tuple[str, str | None] | None = None

    @property
    def right(self) -> bool | None:
        """Whether the guess was right; None: there was no guess, or no label."""
        if self.example is None or self.guess is None:
            return None
        return self.guess == (self.example.category, self.example.dimension)


class Answers:
    """A file of answers, made if it isn't there; what it holds is read, so that the same command goes on.

    A last line that was torn off by a crash was never acknowledged: it is cut away. The last answer to a text counts.

    Raises:
        InvalidRecord: the file has other columns.

    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> answers = Answers(Path(folder.name) / "labels.csv")
    >>> answers.add(Answered("will it rain", Example("will it rain", "weather"), ("weather", None)))
    >>> [answered.right for answered in Answers(answers.path).all]
    [True]
    >>> folder.cleanup()
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._found: dict[str, Answered] = {}
        if not self.path.exists() or not self.path.stat().st_size:
            self._append(COLUMNS)
            return
        data = self.path.read_bytes()
        whole = self._whole(data)
        if len(whole) < len(data):
            with self.path.open("r+b") as file:
                file.truncate(len(whole))
                os.fsync(file.fileno())
        rows = list(csv.reader(io.StringIO(whole.decode("utf-8-sig"), newline="")))
        if not rows or tuple(rows[0]) != COLUMNS:
            raise InvalidRecord("labels", str(self.path), f"give a file with the columns {', '.join(COLUMNS)}")
        for row in rows[1:]:
            if len(row) == len(COLUMNS):
                self._take(row)

    @staticmethod
    def _whole(data: bytes) -> bytes:
        """The lines that were written to their end: up to the last line break outside of quotes."""
        end, quoted = 0, False
        for k, byte in enumerate(data):
            if byte == 0x22:
                quoted = not quoted
            elif byte == 0x0A and not quoted:
                end = k + 1
        return data[:end]

    @property
    def all(self) -> list[Answered]:
        """Every text's last answer, in the order of the first."""
        return list(self._found.values())

    @property
    def examples(self) -> list[Example]:
        """Those with a label."""
        return [answered.example for answered in self._found.values() if answered.example is not None]

    def __contains__(self, text: str) -> bool:
        return text in self._found

    def add(self, answered: Answered) -> None:
        """Keep an answer; it is on disk when this returns."""
        example, guess = answered.example, answered.guess or ("", None)
        label = ("", "") if example is None else (example.category, example.dimension or "")
        row = (answered.text, *label, guess[0], guess[1] or "")
        self._append(row)
        self._found[answered.text] = answered

    def _append(self, row: tuple[str, ...]) -> None:
        line = io.StringIO(newline="")
        # all in quotes: a lone carriage return would end a row
        csv.writer(line, lineterminator="\n", quoting=csv.QUOTE_ALL).writerow(row)
        with self.path.open("ab") as file:
            file.write(line.getvalue().encode("utf-8", "surrogatepass"))
            file.flush()
            os.fsync(file.fileno())

    def _take(self, row: list[str]) -> None:
        text, category, dimension, guess, inner = row
        example = Example(text, category, dimension or None) if category else None
        self._found[text] = Answered(text, example, (guess, inner or None) if guess else None)


def curve(answers: list[Answered], points: int = 10) -> list[tuple[int, float]]:
    """(answers, share of guesses right among those since the point before): how well it told what it was to learn.

    >>> told = [Answered("x", Example("x", "a"), (guess, None)) for guess in "bbba" + "aaaa"]
    >>> curve(told, 2)
    [(4, 0.25), (8, 1.0)]
    """
    known = [answered.right for answered in answers if answered.right is not None]
    if not known:
        return []
    ends = sorted({max(1, round(len(known) * (k + 1) / points)) for k in range(points)})
    starts = [0, *ends[:-1]]
    return [(end, sum(known[start:end]) / (end - start)) for start, end in zip(starts, ends, strict=True)]
