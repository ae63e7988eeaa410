"""Where a catalogue is: a file, or a URL, of a catalogue in PostgreSQL say."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from penchant.errors import StoreError

Place = Path | str  # a text is a URL
IN_SETTINGS = "name it under [catalogues] in a TOML file, and give that as --settings"
POSTGRES = ("postgresql:", "postgres:", "postgresql+psycopg:")


def place_of(given: str) -> Place:
    """What `--db` names.

    Raises:
        StoreError: half a PostgreSQL URL, which is no file: it may hold a password.

    >>> str(place_of("shop.db")), place_of("postgresql://ann@host/shops")
    ('shop.db', 'postgresql://ann@host/shops')
    """
    if given.startswith(POSTGRES) and "://" not in given:
        raise StoreError(
            "the PostgreSQL URL can't be read", fix="write postgresql://user@host:port/database?catalogue=name"
        )
    return given if "://" in given else Path(given)


def shown(place: Place) -> str:
    """Its name for people; never with a password."""
    if isinstance(place, Path):
        return str(place)
    if not place.startswith(POSTGRES):
        return place
    from penchant.store.postgres_address import Address

    return Address.of(place).name


def must_be_there(place: Place) -> None:
    """Nothing, if there is a catalogue to open.

    Raises:
        StoreError: there is none, or its server can't be reached.
    """
    if isinstance(place, Path):
        if not place.exists():
            raise StoreError(
                f"{place}: there is no such catalogue", fix="make one with penchant init, or run penchant demo"
            )
        return
    from penchant.store import open_store

    open_store(place, read_only=True).close()  # reading makes none


def is_there(place: Place) -> bool:
    """Whether there is a catalogue; one that can't be reached is not there, and opening it says why."""
    with suppress(StoreError):
        must_be_there(place)
        return True
    return False


def file_of(place: Place, *, instead: str) -> Path:
    """The place, of a verb that works on files only.

    Raises:
        StoreError: it is a URL; `instead` says what to do.
    """
    if isinstance(place, Path):
        return place
    raise StoreError("--db takes a file here, not a URL", fix=instead)
