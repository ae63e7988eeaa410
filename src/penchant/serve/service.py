"""What one service holds, and what every answer starts from."""

from __future__ import annotations

import time as clock
from dataclasses import dataclass, field
from typing import cast

from starlette.requests import HTTPConnection

from penchant.serve.audit import Audit
from penchant.serve.host import Catalogue, Host
from penchant.serve.keys import Key, KeyBook
from penchant.serve.metrics import Metrics
from penchant.serve.rates import Rates
from penchant.serve.reload import Reloader
from penchant.serve.settings import ServeSettings
from penchant.serve.traces import Traces


@dataclass(slots=True)
class Service:
    """One process that serves: its catalogues, keys, rates and settings.

    Attributes:
        traces: where its requests are traced, if they are.
        reloader: gives it new settings while it runs, if it may have any.
        warming: it loads or compiles its code, and opens the catalogues after that; readiness says so.
        stopping: it takes no new work; readiness says so.
    """

    host: Host
    settings: ServeSettings
    keys: KeyBook
    audit: Audit
    rates: Rates
    metrics: Metrics
    traces: Traces | None = None
    reloader: Reloader | None = None
    stopping: bool = False
    warming: bool = False

    @classmethod
    def of(cls, request: HTTPConnection) -> Service:
        """The service that a request came to."""
        return cast(Service, request.app.state.service)


@dataclass(frozen=True, slots=True)
class Session:
    """A request whose key was found good.

    Attributes:
        catalogue: the tenant's, open.
        key: who asks.
        request_id: of this request, as in the header X-Request-Id.
        started: `time.perf_counter` when it came.
        service: that it came to.
    """

    catalogue: Catalogue
    key: Key
    request_id: str
    service: Service
    started: float = field(default_factory=clock.perf_counter)

    @property
    def took_ms(self) -> float:
        """Milliseconds since the request came."""
        return round((clock.perf_counter() - self.started) * 1000, 3)
