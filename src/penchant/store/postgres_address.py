"""Where a catalogue in PostgreSQL is: `postgresql://user@host/database?catalogue=shop`."""

from __future__ import annotations

import os
import re
import socket
from dataclasses import dataclass, field
from hashlib import blake2b
from importlib.util import find_spec
from typing import Any

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from penchant.errors import MissingExtra, StoreError

SCHEMES = ("postgresql", "postgres", "postgresql+psycopg")
DEFAULT = "main"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,51}")
EMPTY = re.compile(r"[?&]catalogue=(&|$)")
CONNECT_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Address:
    """A database, and the catalogue in it.

    Attributes:
        catalogue: its name, of up to 52 letters, digits and `_.-`, a letter or digit first.
        name: what messages call it; holds no password.
        arguments: the driver's, a password among them.
    """

    catalogue: str
    name: str
    arguments: dict[str, Any] = field(repr=False)

    @classmethod
    def of(cls, url: str) -> Address:
        """The address that a URL gives; options of PostgreSQL's own (`sslmode`, `host`) go to its driver.

        Raises:
            StoreError: not such a URL, or a name that can't be used.
            MissingExtra: the driver isn't installed.

        >>> Address.of("postgresql://ann:secret@db.example.org/shops?catalogue=shoes")
        Address(catalogue='shoes', name='postgresql://ann@db.example.org/shops?catalogue=shoes')
        """
        try:
            parsed = make_url(url)
        except (ArgumentError, ValueError):  # whose words may show the password
            raise StoreError(
                "the PostgreSQL URL can't be read", fix="write postgresql://user@host:port/database?catalogue=name"
            ) from None
        # one that is empty is not taken for one that wasn't given
        catalogue = "" if EMPTY.search(url) else parsed.query.get("catalogue", DEFAULT)
        if not isinstance(catalogue, str) or not NAME.fullmatch(catalogue):
            raise StoreError(
                f"?catalogue={catalogue!r} can't be used",
                fix="give up to 52 letters, digits and _.- of ASCII, a letter or digit first",
            )
        return cls(catalogue, _name(parsed, catalogue), _arguments(parsed))

    @property
    def schema(self) -> str:
        """The database schema that holds its tables."""
        return f"penchant_{self.catalogue}"

    @property
    def key(self) -> int:
        """The advisory lock's number, in PostgreSQL's range."""
        digest = blake2b(f"penchant writer {self.schema}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big", signed=True)


def _name(url: URL, catalogue: str) -> str:
    shown = URL.create("postgresql", url.username, None, url.host, url.port, url.database).render_as_string()
    socket = url.query.get("host")
    return f"{shown}?catalogue={catalogue}" + (f"&host={socket}" if isinstance(socket, str) else "")


def _arguments(url: URL) -> dict[str, Any]:
    if find_spec("psycopg") is None:
        raise MissingExtra("psycopg", extra="postgres")
    arguments: dict[str, Any] = url.translate_connect_args(username="user", database="dbname")
    arguments |= {key: value for key, value in url.query.items() if key != "catalogue"}
    arguments.setdefault("connect_timeout", CONNECT_SECONDS)
    # by which the one writer is named to another that would be
    who = f"penchant: process {os.getpid()} on {socket.gethostname()}".encode("ascii", "replace").decode()[:63]
    arguments.setdefault("application_name", who)
    return arguments
