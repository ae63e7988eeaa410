"""Every error penchant raises on purpose: one line that names what was wrong and what to do.

Each class carries the exit status that the command line uses for it, so scripts can tell them apart.
"""

from __future__ import annotations


class PenchantError(Exception):
    """Base of all of penchant's own errors.

    Attributes:
        status: exit status of the command line, 1 to 125.

    >>> str(PenchantError("the log is locked", fix="close the other process"))
    'the log is locked; close the other process'
    """

    status = 1

    def __init__(self, what: str, *, fix: str = "") -> None:
        self.what, self.fix = what, fix
        super().__init__(f"{what}; {fix}" if fix else what)


class InvalidRecord(PenchantError, ValueError):
    """A record (item, event, utterance, edit) has a field that can't be used.

    >>> str(InvalidRecord("event.kind", "", "give a name such as 'view'"))
    "event.kind: '' can't be used; give a name such as 'view'"
    """

    status = 2

    def __init__(self, field: str, value: object, fix: str) -> None:
        self.field, self.value = field, value
        shown = repr(value)
        shown = shown if len(shown) <= 80 else shown[:77] + "..."
        super().__init__(f"{field}: {shown} can't be used", fix=fix)

    @classmethod
    def told(cls, field: str, what: str, fix: str = "") -> InvalidRecord:
        """As somebody else told it, in their words; the value is not known here.

        >>> str(InvalidRecord.told("body.n", "body.n: give 1 or more"))
        'body.n: give 1 or more'
        """
        error = cls(field, None, fix)
        PenchantError.__init__(error, what, fix=fix)
        return error


class ConfigError(PenchantError, ValueError):
    """A setting is unknown or out of range; the message names file, line and key where known."""

    status = 3


class UnknownId(PenchantError, KeyError):
    """An id that is not in the catalogue or the log."""

    status = 4

    def __str__(self) -> str:  # KeyError would show the repr of its first argument
        return str(self.args[0])


class Refused(PenchantError):
    """The record is well formed but must not enter: a forgotten user, a deleted item, a time in the future."""

    status = 5


class StoreError(PenchantError):
    """The store can't do what was asked: full disk, torn file, wrong schema."""

    status = 6


class StoreBusy(StoreError):
    """Another process writes to this catalogue (one writer each)."""

    status = 7


class EncoderMismatch(PenchantError):
    """Vectors of two encoders would be mixed."""

    status = 8


class MissingExtra(PenchantError, ImportError):
    """A feature needs an optional dependency that is not installed.

    >>> str(MissingExtra("sentence-transformers", extra="st"))
    "sentence-transformers is not installed; pip install 'penchant[st]'"
    """

    status = 9

    def __init__(self, package: str, *, extra: str) -> None:
        super().__init__(f"{package} is not installed", fix=f"pip install 'penchant[{extra}]'")


class EncoderFailed(PenchantError):
    """The encoder gave an error or vectors that can't be used (wrong size, NaN, service down)."""

    status = 10


class ChatFailed(PenchantError):
    """The chat model gave no answer: it can't be reached, took too long, or doesn't speak the protocol."""

    status = 13


class Busy(PenchantError):
    """More waits to be written than the queue holds; `retry_after` says in how many seconds to try again."""

    status = 11

    def __init__(self, what: str, *, fix: str = "", retry_after: float = 1) -> None:
        self.retry_after = retry_after
        super().__init__(what, fix=fix)


class Closing(Busy):
    """The service is shutting down and takes nothing more."""
