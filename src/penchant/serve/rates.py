"""How many requests a key may make: windows counted by the `limits` library."""

from __future__ import annotations

import math
import time as clock

from limits import RateLimitItem, parse_many
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.storage import storage_from_string

from penchant.serve.faults import RateLimited


def parse_rate(rate: str) -> tuple[RateLimitItem, ...]:
    """Windows of a rate, "" for none.

    Raises:
        ValueError: it can't be read.

    >>> [(item.amount, item.get_expiry()) for item in parse_rate("5/second;100/minute")]
    [(5, 1), (100, 60)]
    """
    try:
        return tuple(parse_many(rate)) if rate.strip() else ()
    except ValueError:
        raise ValueError(f"{rate!r} is not a rate, give one as '1000/second' or '5/second;100/minute'") from None


class Rates:
    """Counts requests a key.

    Args:
        default: rate of keys that have none of their own.
        storage: memory:// or an address that `limits` knows.
    """

    def __init__(self, default: str = "", storage: str = "memory://") -> None:
        self._default = parse_rate(default)
        self._own: dict[str, tuple[RateLimitItem, ...]] = {}
        scheme = storage if storage.startswith("async+") else f"async+{storage}"
        self._limiter = SlidingWindowCounterRateLimiter(storage_from_string(scheme))  # pyright: ignore[reportArgumentType]

    def change(self, default: str) -> None:
        """Another rate for keys that have none of their own.

        Raises:
            ValueError: it can't be read.
        """
        self._default = parse_rate(default)

    async def take(self, key: str, rate: str | None = None) -> None:
        """Count one request.

        Raises:
            RateLimited: there were as many as may be; it says when to come again.
        """
        for item in self._default if rate is None else self._items(rate):
            if not await self._limiter.hit(item, key):
                reset, _ = await self._limiter.get_window_stats(item, key)
                wait = max(1, math.ceil(reset - clock.time()))
                raise RateLimited(f"the key may make {item}", fix=f"come again in {wait} s", retry_after=wait)

    def _items(self, rate: str) -> tuple[RateLimitItem, ...]:
        items = self._own.get(rate)
        if items is None:
            if len(self._own) >= 1000:
                self._own.clear()
            items = self._own[rate] = parse_rate(rate)
        return items
