"""The log: a line of JSON a record for programs, or text for people; without personal text in either.

What penchant logs names no user and no text. What libraries log, and errors of any kind, may: of those the log holds
the kind and the place in the code. The setting `log_texts` lets everything through, for finding a fault.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import time as clock
from typing import IO, Any

from penchant.errors import InvalidRecord, PenchantError, Refused, UnknownId
from penchant.serve.settings import ServeSettings

OURS = "penchant"
PERSONAL = (InvalidRecord, UnknownId, Refused)  # whose texts name who or what they are about
FIELDS = ("request_id", "tenant", "method", "route", "status", "took_ms")
SECRETS = re.compile(r"penchant_[a-z0-9_-]*_[A-Za-z0-9_-]{16,}|(?<=//)[^/\s@]+(?=@)")
QUOTED = re.compile(r"(['\"]).*?\1")


def set_up(settings: ServeSettings, stream: IO[str] | None = None) -> logging.Handler:
    """Send the log to standard error in the settings' format and level, instead of where it went."""
    handler: logging.Handler = Standard() if stream is None else logging.StreamHandler(stream)
    terminal = (sys.stderr if stream is None else stream).isatty()
    as_json = settings.log_format == "json" or (settings.log_format == "auto" and not terminal)
    handler.setFormatter((Lines if as_json else Text)(texts=settings.log_texts))
    root = logging.getLogger()
    for other in list(root.handlers):
        if isinstance(other.formatter, Careful):
            root.removeHandler(other)
    root.addHandler(handler)
    set_level(settings)
    return handler


def set_level(settings: ServeSettings) -> None:
    """Log from the settings' level on, and texts if they say so."""
    level = logging.getLevelNamesMapping()[settings.log.upper()]
    logging.getLogger().setLevel(max(level, logging.WARNING))  # libraries tell of every request, some of them
    logging.getLogger("uvicorn").setLevel(max(level, logging.INFO))
    logging.getLogger(OURS).setLevel(level)
    # what it says of its start holds addresses to be put into a text, and the service says the same
    logging.getLogger("uvicorn.error").setLevel(max(level, logging.WARNING))
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, Careful):
            handler.formatter.texts = settings.log_texts


class Standard(logging.StreamHandler[Any]):
    """Standard error, as it is when something is logged."""

    def emit(self, record: logging.LogRecord) -> None:
        """One record."""
        self.stream = sys.stderr
        super().emit(record)


class Careful(logging.Formatter):
    """What of a record may be shown.

    Args:
        texts: everything may.
    """

    def __init__(self, *, texts: bool = False) -> None:
        super().__init__()
        self.texts = texts

    def said(self, record: logging.LogRecord) -> str:
        """The record's message, keys masked.

        >>> record = logging.LogRecord("penchant", 40, "", 0, "not logged: %s", (UnknownId("no user 'ann'"),), None)
        >>> Careful().said(record)
        'not logged: UnknownId'
        """
        if self.texts:
            return SECRETS.sub("…", record.getMessage())
        ours = record.name.partition(".")[0] == OURS
        try:
            if not record.args:
                said = str(record.msg) if ours else QUOTED.sub("…", str(_kind(record.msg)))
            elif not ours:
                said = str(record.msg)  # what would be put into it may be anything
            elif isinstance(record.args, tuple):
                said = str(record.msg) % tuple(_kind(arg) for arg in record.args)
            else:
                said = record.getMessage()
        except Exception:
            said = str(record.msg)
        return SECRETS.sub("…", said)

    def failed(self, record: logging.LogRecord) -> tuple[str, str] | None:
        """(kind of error, where it was raised) of a record that has one."""
        if not record.exc_info or record.exc_info[1] is None:
            return None
        error, trace = record.exc_info[1], record.exc_info[2]
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        place = "" if trace is None else f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
        return type(error).__name__, place

    def traced(self, record: logging.LogRecord) -> str:
        """The traceback, where texts may be shown."""
        return self.formatException(record.exc_info) if self.texts and record.exc_info else ""


class Lines(Careful):
    """A JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """As one line."""
        told: dict[str, Any] = {
            "time": clock.strftime("%Y-%m-%dT%H:%M:%S", clock.gmtime(record.created)) + f".{record.msecs:03.0f}Z",
            "level": record.levelname.lower(), "logger": record.name, "message": self.said(record),
        }  # fmt: skip
        told |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if (failed := self.failed(record)) is not None:
            told["error"], told["place"] = failed
        if trace := self.traced(record):
            told["trace"] = trace
        return json.dumps(told, ensure_ascii=False, default=_kind)


class Text(Careful):
    """A line for people."""

    def format(self, record: logging.LogRecord) -> str:
        """As one line, and the traceback below where it may be shown."""
        time = clock.strftime("%Y-%m-%d %H:%M:%S", clock.localtime(record.created))
        told = f"{time} {record.levelname} {record.name}: {self.said(record)}"
        if (failed := self.failed(record)) is not None:
            told += f" ({failed[0]} at {failed[1]})"
        return "\n".join(filter(None, (told, self.traced(record))))


def _kind(value: Any) -> Any:
    """The value; of an error that may name somebody, its kind, and what the system says of it."""
    if isinstance(value, OSError) and value.strerror:
        return f"{type(value).__name__}: {value.strerror}"
    if isinstance(value, BaseException) and (not isinstance(value, PenchantError) or isinstance(value, PERSONAL)):
        return type(value).__name__
    return value
