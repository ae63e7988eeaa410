"""What can go wrong on the way to an engine: each has its HTTP status, and some say when to come again."""

from __future__ import annotations

from penchant.errors import PenchantError


class Fault(PenchantError):
    """Base of the service's own errors.

    Attributes:
        http: status of the answer.
        slug: end of the problem's type.
        retry_after: seconds until another try makes sense; None: it doesn't.
    """

    http = 500
    slug = "fault"

    def __init__(self, what: str, *, fix: str = "", retry_after: float | None = None) -> None:
        super().__init__(what, fix=fix)
        self.retry_after = retry_after


class Unauthenticated(Fault):
    """No key, or one that is unknown, expired or revoked."""

    http, slug = 401, "unauthenticated"


class Forbidden(Fault):
    """The key lacks the role, or the act is not for it."""

    http, slug = 403, "forbidden"


class Unprocessable(Fault):
    """The body can't be read: no JSON, invalid UTF-8, NaN, nested too deep."""

    http, slug = 400, "unreadable"


class TooLarge(Fault):
    """The body is larger than the limit."""

    http, slug = 413, "too-large"


class TooSlow(Fault):
    """The body did not come within the time for it."""

    http, slug = 408, "too-slow"


class RateLimited(Fault):
    """The key has made its requests of this window."""

    http, slug = 429, "rate-limited"


class NotReady(Fault):
    """The catalogue is being opened or replayed or is behind, its store fails, or the service is stopping."""

    http, slug = 503, "not-ready"
