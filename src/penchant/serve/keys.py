"""API keys: `penchant_<tenant>_<id><secret>`. Only a hash of a key is kept (argon2id), so it is shown once.

The id finds the row and is public; the rest proves who has it. Argon2 is slow on purpose: a key that was verified once
is known again by an HMAC under a secret of this process. Other processes' changes are seen by SQLite's data version.
Source: RFC 9106 (argon2).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import string
import threading
import time as clock
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, Self, cast, get_args

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Column, Float, String, Table, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.exc import SQLAlchemyError

from penchant.errors import InvalidRecord, StoreError, UnknownId
from penchant.serve.faults import Unauthenticated
from penchant.serve.host import tenant_name
from penchant.serve.ledger import metadata, open_ledger
from penchant.serve.rates import parse_rate

Role = Literal["ingest", "read", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
ID, SECRET = 12, 32  # characters; the secret has 190 bits
LETTERS = string.ascii_letters + string.digits
FRESH = 0.25  # seconds for which the rows are taken to be as they were read

_keys = Table(
    "keys", metadata,
    Column("id", String, primary_key=True), Column("tenant", String, nullable=False),
    Column("name", String, nullable=False), Column("hash", String, nullable=False),
    Column("roles", String, nullable=False), Column("rate", String), Column("created", Float, nullable=False),
    Column("expires", Float), Column("revoked", Float), Column("replaces", String),
)  # fmt: skip
_used = Table("used", metadata, Column("id", String, primary_key=True), Column("time", Float, nullable=False))


@dataclass(frozen=True, slots=True)
class Key:
    """What is known of a key, without its secret.

    Attributes:
        id: public.
        tenant: whose catalogue it opens.
        name: for people.
        roles: ingest may write, read may ask, admin may all.
        rate: of its own; None: the service's.
        created, expires, revoked, used: UTC seconds; None: never.
        replaces: id of the key that it came from by rotation.
    """

    id: str
    tenant: str
    name: str
    roles: tuple[Role, ...]
    rate: str | None
    created: float
    expires: float | None = None
    revoked: float | None = None
    replaces: str | None = None
    used: float | None = None

    def may(self, role: Role) -> bool:
        """Whether it has the role, by itself or as an admin's."""
        return role in self.roles or "admin" in self.roles

    def state(self, now: float | None = None) -> Literal["active", "expired", "revoked"]:
        """Whether it opens anything."""
        now = clock.time() if now is None else now
        if self.revoked is not None and self.revoked <= now:
            return "revoked"
        return "expired" if self.expires is not None and self.expires <= now else "active"


class KeyBook:
    """All keys of a service.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     book = KeyBook.open(Path(folder, "keys.db"))
    ...     key, token = book.create("shop", ["read"], name="web")
    ...     print(book.verify(token).may("read"), book.verify(token).may("admin"), token.startswith("penchant_shop_"))
    ...     book.revoke(key.id).state()
    ...     book.close()
    True False True
    'revoked'
    """

    def __init__(self, path: Path, *, hasher: PasswordHasher | None = None) -> None:
        self.engine = open_ledger(path)
        self._hasher = hasher or PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)  # OWASP's least
        self._pepper = secrets.token_bytes(32)
        self._known: dict[str, bytes] = {}  # id: HMAC of the token that was verified
        self._rows: dict[str, tuple[Key, str]] = {}
        self._uses: dict[str, float] = {}
        self._lock = threading.RLock()
        self._watch: Any = self.engine.raw_connection()
        self._watch.detach()
        self._seen: int | None = None
        self._read = float("-inf")

    @classmethod
    def open(cls, path: Path) -> Self:
        """The keys in that file, made if it isn't there.

        Raises:
            StoreError: it can't be used.
        """
        return cls(path)

    def close(self) -> None:
        """Keep when keys were last used; release the file."""
        self.flush()
        self._watch.close()
        self.engine.dispose()

    # -- at every request --------------------------------------------------------------------------------------------

    def recall(self, token: str) -> Key | None:
        """The key of a token that was verified before and still holds; quick, for every request.

        Raises:
            Unauthenticated: it is no key, unknown, expired or revoked.
        """
        id = _id_of(token)
        found = self._row(id)
        known = self._known.get(id)
        if found is None:
            raise Unauthenticated("there is no such key", fix="check it, or make one with penchant keys create")
        if known is None or not hmac.compare_digest(known, self._digest(token)):
            return None
        return self._active(found[0])

    def verify(self, token: str) -> Key:
        """The key of a token, by argon2 the first time.

        Raises:
            Unauthenticated: it is no key, unknown, expired or revoked.
        """
        key = self.recall(token)
        if key is not None:
            return key
        id = _id_of(token)
        found = self._row(id)
        try:
            if found is None or found[0].tenant != _tenant_of(token):
                raise VerificationError
            self._hasher.verify(found[1], token)
        except (VerificationError, InvalidHashError):
            raise Unauthenticated(
                "there is no such key", fix="check it, or make one with penchant keys create"
            ) from None
        self._known[id] = self._digest(token)
        return self._active(found[0])

    def _active(self, key: Key) -> Key:
        now = clock.time()
        state = key.state(now)
        if state != "active":
            raise Unauthenticated(f"the key is {state}", fix="make a new one with penchant keys create or rotate")
        self._uses[key.id] = now
        return key

    def _digest(self, token: str) -> bytes:
        return hmac.digest(self._pepper, token.encode(), hashlib.sha256)

    def _row(self, id: str) -> tuple[Key, str] | None:
        # one that another process has just made holds at once: whether the file changed is quickly asked
        if id not in self._rows or clock.monotonic() - self._read >= FRESH:
            self._refresh()
        return self._rows.get(id)

    def _refresh(self, *, force: bool = False) -> None:
        """Read the rows again if somebody has changed them."""
        with self._lock:
            try:
                seen = self._watch.cursor().execute("PRAGMA data_version").fetchone()[0]
                if force or seen != self._seen:
                    with self.engine.connect() as connection:
                        rows = connection.execute(
                            select(_keys, _used.c.time).join(_used, _used.c.id == _keys.c.id, isouter=True)
                        ).all()
                    fresh = {row.id: (_key(row), str(row.hash)) for row in rows}
                    for id in [id for id in self._known if id not in fresh or fresh[id][1] != self._rows[id][1]]:
                        del self._known[id]
                    self._rows, self._seen = fresh, seen
            except Exception as error:
                raise StoreError("the keys can't be read", fix="check the file of keys and its disk") from error
            self._read = clock.monotonic()

    # -- keeping them ------------------------------------------------------------------------------------------------

    def create(
        self, tenant: str, roles: Iterable[str], *, name: str = "", expires: float | None = None,
        rate: str | None = None, replaces: str | None = None,
    ) -> tuple[Key, str]:  # fmt: skip
        """A new key, and its token, which is shown this once.

        Args:
            roles: of ingest, read, admin; at least one.
            expires: UTC seconds; None: never.
            rate: as "100/second"; None: the service's.

        Raises:
            InvalidRecord: an argument can't be used.
        """
        tenant_name(tenant)
        given = set(roles)
        chosen: tuple[Role, ...] = tuple(role for role in ROLES if role in given)
        if not chosen or set(chosen) != given:
            raise InvalidRecord("key.roles", sorted(given), f"give at least one of {', '.join(ROLES)}")
        if expires is not None and expires <= clock.time():
            raise InvalidRecord("key.expires", expires, "give a time in the future")
        if len(name) > 100:
            raise InvalidRecord("key.name", name, "give at most 100 characters")
        try:
            parse_rate(rate or "")
        except ValueError as error:
            raise InvalidRecord("key.rate", rate, str(error)) from None
        id = _random(ID)
        token = f"penchant_{tenant}_{id}{_random(SECRET)}"
        key = Key(id, tenant, name, chosen, rate, clock.time(), expires, None, replaces)
        row = {
            "id": id, "tenant": tenant, "name": name, "hash": self._hasher.hash(token), "roles": ",".join(chosen),
            "rate": rate, "created": key.created, "expires": expires, "revoked": None, "replaces": replaces,
        }  # fmt: skip
        self._change(insert(_keys).values(row))
        self._known[id] = self._digest(token)
        return key, token

    def all(self, tenant: str | None = None) -> list[Key]:
        """The keys, oldest first; of one tenant if named."""
        self._refresh(force=True)
        keys = [replace(key, used=self._uses.get(key.id, key.used)) for key, _ in self._rows.values()]
        return sorted((k for k in keys if tenant in (None, k.tenant)), key=lambda k: (k.created, k.id))

    def get(self, id: str) -> Key:
        """A key by its id.

        Raises:
            UnknownId: there is none.
        """
        self._refresh(force=True)
        if id not in self._rows:
            raise UnknownId("there is no key of that id", fix="penchant keys list shows them")
        return self._rows[id][0]

    def rotate(self, id: str, *, grace: float = 0.0) -> tuple[Key, str]:
        """A new key with the same tenant, name, roles, rate and span; the old one holds for `grace` seconds more.

        Raises:
            UnknownId: there is none of that id. InvalidRecord: it doesn't hold any more, or grace is negative.
        """
        old = self.get(id)
        now = clock.time()
        if old.state(now) != "active":
            raise InvalidRecord("key.id", id, f"it is {old.state(now)}; make a new one")
        if not 0 <= grace <= 366 * 86_400:
            raise InvalidRecord("key.grace", grace, "give 0 seconds to a year")
        expires = None if old.expires is None else now + (old.expires - old.created)
        key, token = self.create(old.tenant, old.roles, name=old.name, expires=expires, rate=old.rate, replaces=old.id)
        if grace:
            until = now + grace if old.expires is None else min(old.expires, now + grace)
            self._change(update(_keys).where(_keys.c.id == id).values(expires=until))
        else:
            self.revoke(id)
        return key, token

    def revoke(self, id: str) -> Key:
        """The key opens nothing any more: here at once, in other processes within a second.

        Raises:
            UnknownId: there is none of that id.
        """
        key = self.get(id)
        if key.revoked is None:
            self._change(update(_keys).where(_keys.c.id == id).values(revoked=clock.time()))
        return self.get(id)

    def check(self) -> None:
        """Whether the keys can be read.

        Raises:
            StoreError: they can't.
        """
        self._refresh()

    def flush(self) -> None:
        """Keep when keys were last used."""
        uses, self._uses = self._uses, {}
        try:
            with self.engine.begin() as connection:
                for id, time in uses.items():
                    row = upsert(_used).values(id=id, time=time)
                    connection.execute(row.on_conflict_do_update(index_elements=["id"], set_={"time": time}))
        except SQLAlchemyError:
            self._uses = uses | self._uses

    def _change(self, statement: Any) -> None:
        try:
            with self.engine.begin() as connection:
                connection.execute(statement)
        except SQLAlchemyError as error:
            raise StoreError("the keys can't be written", fix="check the file of keys and its disk") from error
        self._refresh(force=True)


def _random(n: int) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(n))


def _parts(token: str) -> Sequence[str]:
    """Tenant and random part.

    >>> _parts("penchant_my_shop_abc")
    ('my_shop', 'abc')
    """
    scheme, _, rest = token.partition("_")
    tenant, _, random = rest.rpartition("_")
    return (tenant, random) if scheme == "penchant" else ("", "")


def _id_of(token: str) -> str:
    random = _parts(token)[1]
    if len(random) != ID + SECRET or not random.isascii() or not random.isalnum():
        raise Unauthenticated("that is not a key", fix="give one as penchant keys create printed it")
    return random[:ID]


def _tenant_of(token: str) -> str:
    return _parts(token)[0]


def _key(row: Any) -> Key:
    roles = tuple(role for role in str(row.roles).split(",") if role in ROLES)
    return Key(
        row.id, row.tenant, row.name, cast("tuple[Role, ...]", roles), row.rate, row.created, row.expires, row.revoked,
        row.replaces, row.time,
    )  # fmt: skip
