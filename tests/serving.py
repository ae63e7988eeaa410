"""A service in this process, on small catalogues with the light encoder, and keys of every role."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.testclient import TestClient

from lives import BagOfWords, films
from penchant import Engine
from penchant.serve.app import create_app
from penchant.serve.host import Host
from penchant.serve.service import Service
from penchant.serve.settings import ServeSettings

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
light = partial(Engine.open, encoder=BagOfWords())


@dataclass
class Served:
    """An application that runs, and a client of it.

    Attributes:
        tokens: keys by (tenant, role).
    """

    app: FastAPI
    client: TestClient
    host: Host
    tokens: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def service(self) -> Service:
        return self.app.state.service

    def key(self, role: str = "admin", tenant: str = "shop") -> dict[str, str]:
        """Headers with a key of that role."""
        if (tenant, role) not in self.tokens:
            _, self.tokens[tenant, role] = self.service.keys.create(tenant, [role])
        return {"X-API-Key": self.tokens[tenant, role]}

    def ask(self, method: str, path: str, role: str = "admin", tenant: str = "shop", **more: Any) -> Any:
        """An answer to a request with a key of that role."""
        headers = self.key(role, tenant) | more.pop("headers", {})
        return self.client.request(method, path, headers=headers, **more)


Serve = Callable[..., Served]


@pytest.fixture(scope="session")
def catalogue_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """A catalogue's file with so many films, made once for all tests, which copy it."""
    folder = tmp_path_factory.mktemp("catalogues")

    @cache
    def made(items: int) -> Path:
        path = folder / f"{items}.db"
        with light(path, "movies") as engine:
            engine.add_items(films(items))
        return path

    return made


@pytest.fixture
def serve(tmp_path: Path, catalogue_of: Callable[[int], Path]) -> Iterator[Serve]:
    """Starts services, each on a folder of its own, and closes them all at the end."""
    with ExitStack() as stack:

        def start(*tenants: str, items: int = 12, change: Callable[[FastAPI], None] | None = None, **settings: Any):
            settings.setdefault("rate", "")
            folder = tmp_path / f"service-{len(list(tmp_path.glob('service-*')))}"
            folder.mkdir()
            for tenant in tenants or ("shop",):
                copyfile(catalogue_of(items), folder / f"{tenant}.db")
            host = Host.open(folder, ServeSettings(**settings), opener=light)
            stack.callback(host.close)
            for tenant in tenants or ("shop",):
                host.catalogue(tenant)
            app = create_app(host)
            app.state.service.keys._hasher = CHEAP
            if change is not None:
                change(app)
            client = stack.enter_context(TestClient(app, raise_server_exceptions=True))
            return Served(app, client, host)

        yield start
