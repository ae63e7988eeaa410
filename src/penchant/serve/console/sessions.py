"""Who is logged in: a random token in an http-only cookie stands for a key; the key itself is not kept."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time as clock
from dataclasses import dataclass
from typing import Literal

from penchant.errors import PenchantError
from penchant.recommend.phrases import Language
from penchant.serve.keys import Key, KeyBook

COOKIE = "penchant_console"
IDLE = 8 * 3600.0  # seconds without a look, after which a session ends
LONGEST = 7 * 86_400.0  # seconds a session lives at most
MOST = 10_000  # sessions at a time
Theme = Literal["auto", "light", "dark"]


@dataclass(slots=True, eq=False)
class Login:
    """One browser that is logged in.

    Attributes:
        key: id of the key, which opens its tenant's catalogue and no other.
        tenant: whose catalogue.
        language, theme: as chosen.
        began, seen: monotonic seconds.
    """

    key: str
    tenant: str
    language: Language
    theme: Theme = "auto"
    began: float = 0.0
    seen: float = 0.0


class Logins:
    """All that are logged in. They live in this process: after a restart people log in again.

    Args:
        keys: a login ends with its key.
    """

    def __init__(self, keys: KeyBook) -> None:
        self._keys = keys
        self._known: dict[str, Login] = {}
        self._lock = threading.Lock()

    def begin(self, key: Key, language: Language) -> str:
        """A new login; returns the token for its cookie."""
        token = secrets.token_urlsafe(32)
        now = clock.monotonic()
        with self._lock:
            for old in [name for name, login in self._known.items() if not _lasts(login, now)]:
                del self._known[old]
            while len(self._known) >= MOST:
                del self._known[next(iter(self._known))]
            self._known[_hashed(token)] = Login(key.id, key.tenant, language, began=now, seen=now)
        return token

    def find(self, token: str | None) -> Login | None:
        """The login of a cookie, if it still holds."""
        login = self._known.get(_hashed(token or ""))
        return login if login is not None and self.holds(login) else None

    def holds(self, login: Login, *, looks: bool = True) -> bool:
        """Whether it has not ended: by leaving, by time, or with its key; who looks keeps it alive."""
        now = clock.monotonic()
        with self._lock:
            if not any(login is one for one in self._known.values()):
                return False
        if not _lasts(login, now) or not self._may(login):
            self.end(login)
            return False
        if looks:
            login.seen = now
        return True

    def end(self, login: Login) -> None:
        """Log out."""
        with self._lock:
            self._known = {name: one for name, one in self._known.items() if one is not login}

    def tenants(self) -> set[str]:
        """Tenants that somebody is logged in to."""
        now = clock.monotonic()
        with self._lock:
            return {login.tenant for login in self._known.values() if _lasts(login, now)}

    def _may(self, login: Login) -> bool:
        try:
            key = self._keys.get(login.key)
        except PenchantError:
            return False
        return key.state() == "active" and key.may("admin") and key.tenant == login.tenant


def _lasts(login: Login, now: float) -> bool:
    return now - login.seen < IDLE and now - login.began < LONGEST


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
