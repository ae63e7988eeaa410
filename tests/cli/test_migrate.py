"""penchant migrate-store, as a person and as a program use it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lives import BagOfWords, films, stream
from penchant import Engine
from penchant.cli import app
from penchant.errors import StoreBusy, StoreError
from postgres import Server


@pytest.fixture
def source(tmp_path: Path) -> Path:
    with Engine.open(tmp_path / "shop.db", "movies", encoder=BagOfWords()) as engine:
        engine.add_items(films())
        engine.observe_many(stream(60))
    return tmp_path / "shop.db"


def run(*words: str, status: int = 0) -> tuple[str, str]:
    done = CliRunner().invoke(app, words)
    assert done.exit_code == status, f"{done.output}\n{done.exception!r}"
    return done.stdout, done.stderr


def test_it_tells_what_it_did(source: Path, postgres_server: Server, tmp_path: Path) -> None:
    url = postgres_server.url().replace("postgres@", "postgres:s3cret@")
    told, _ = run("migrate-store", str(source), url)
    assert "entries, the same log (" in told
    assert "bit for bit" in told
    assert "s3cret" not in told
    back = json.loads(run("migrate-store", url, str(tmp_path / "back.db"), "--json")[0])
    assert back["version"] == back["last_seq"] >= 60 + len(films())
    assert len(back["digest"]) == 64
    assert "s3cret" not in str(back)
    third = json.loads(run("--json", "migrate-store", str(source), postgres_server.url(), "--no-replay")[0])
    assert (third["digest"], third["version"]) == (back["digest"], None)


def test_errors_are_one_line_with_a_status(source: Path, postgres_server: Server) -> None:
    url = postgres_server.url().replace("postgres@", "postgres:s3cret@")
    run("migrate-store", str(source), url, "--no-replay")
    _, error = run("migrate-store", str(source), url, status=StoreError.status)
    assert error.startswith("error: ")
    assert error.endswith("is not empty; give a catalogue that isn't there yet\n")
    assert error.count("\n") == 1
    assert "s3cret" not in error
    with Engine.open(source, encoder=BagOfWords()):
        run("migrate-store", str(source), postgres_server.url(), status=StoreBusy.status)


def test_a_url_where_a_file_is_meant_shows_no_password() -> None:
    _, error = run("--db", "postgresql://ann:s3cret@localhost/a", "recommend", "ann", status=StoreError.status)
    assert error.startswith("error: --db takes a file, not a PostgreSQL URL; ")
    assert "s3cret" not in error
