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


def test_it_is_found_where_a_reader_looks_for_it(source: Path, tmp_path: Path) -> None:
    import penchant

    moved = penchant.migrate_store(source, tmp_path / "copy.db")
    assert isinstance(moved, penchant.Moved)
    assert moved.version == moved.last_seq


ITEMS = "id,text,genres\na,Alien: a space horror,Horror\nb,Big: a boy grows up,Comedy\nc,Cats: singing,Comedy\n"
EVENTS = "user,item,kind\nann,a,like\nbob,b,like\n"


def test_the_verbs_work_on_postgresql_as_on_a_file(postgres_server: Server, tmp_path: Path) -> None:
    url = postgres_server.url().replace("postgres@", "postgres:s3cret@")
    (tmp_path / "items.csv").write_text(ITEMS)
    (tmp_path / "events.csv").write_text(EVENTS)
    printed: list[str] = []

    def on(*words: str, status: int = 0) -> str:
        out, error = run("--db", url, *words, status=status)
        printed.extend((out, error))
        return out if status == 0 else error

    assert "holds no catalogue yet" in on("recommend", "ann", status=StoreError.status)
    assert "holds no catalogue yet" in on("doctor", status=1) or "holds no catalogue yet" in printed[-2]
    assert "a new catalogue for movies" in on("init", "movies")
    assert "exists already" in on("init", "movies", status=StoreError.status)
    on("import", "--items", str(tmp_path / "items.csv"), "--events", str(tmp_path / "events.csv"), "--base", "movies")
    assert "movies, not shop" in on("import", "--items", str(tmp_path / "items.csv"), "--base", "shop", status=3)
    on("observe", "ann", "b", "--kind", "like")
    assert "Cats" in on("recommend", "ann")
    on("edit", "ann", "Comedy", "--never")
    assert "Cats" not in on("recommend", "ann")
    on("edit", "ann", "--reset")
    assert "Comedy" in on("profile", "ann")
    assert len(json.loads(on("export", "ann"))["records"]) >= 4
    on("backup", str(tmp_path / "copy.db"))
    assert "Cats" in run("--db", str(tmp_path / "copy.db"), "recommend", "bob")[0]
    told = json.loads(on("doctor", "--deep", "--json"))
    assert {one["check"]: one["verdict"] for one in told if one["check"] in ("store", "replay")} == {
        "store": "ok", "replay": "ok"
    }  # fmt: skip
    on("forget", "ann", "--yes")
    for words in (["restore", str(tmp_path / "copy.db")], ["demo"], ["serve"], ["keys", "list"],
                  ["consume", "nats://localhost:4222"]):  # fmt: skip
        error = on(*words, status=StoreError.status)
        assert error.startswith("error: --db takes a file here, not a URL; "), words
        assert error.count("\n") == 1
    assert not any("s3cret" in text for text in printed)


def test_half_a_url_shows_no_password() -> None:
    for url in ("postgresql:ann:s3cret@localhost/a", "postgresql://ann:s3cret@127.0.0.1:9/a"):
        _, error = run("--db", url, "recommend", "ann", status=StoreError.status)
        assert "s3cret" not in error
        assert error.count("\n") == 1
