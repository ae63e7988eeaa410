"""The store contract on every implementation."""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path

import pytest

from penchant.store import SqliteStore, open_store
from postgres import Server

pytest.register_assert_rewrite("store_contract")
sys.path.insert(0, str(Path(__file__).parent))
from store_contract import Factory, StoreContract  # noqa: E402


class TestSqliteFile(StoreContract):
    @pytest.fixture
    def store_factory(self, tmp_path: Path) -> Factory:
        numbers = count()
        return lambda: SqliteStore(tmp_path / f"catalogue {next(numbers)}.db")


class TestSqliteMemory(StoreContract):
    @pytest.fixture
    def store_factory(self) -> Factory:
        return lambda: open_store(":memory:")


class TestPostgres(StoreContract):
    @pytest.fixture
    def store_factory(self, postgres_server: Server) -> Factory:
        return lambda: open_store(postgres_server.url())
