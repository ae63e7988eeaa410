"""Keys: hashed, shown once, with roles and spans of their own; changes are seen by everybody soon."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import stat
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from typer.testing import CliRunner

from penchant.cli import app
from penchant.errors import InvalidRecord, StoreError, UnknownId
from penchant.serve.audit import Audit
from penchant.serve.faults import Unauthenticated
from penchant.serve.keys import ID, KeyBook
from penchant.serve.ledger import open_ledger
from serving import CHEAP


@pytest.fixture
def book(tmp_path: Path) -> Iterator[KeyBook]:
    keys = KeyBook(tmp_path / "keys.db", hasher=CHEAP)
    yield keys
    keys.close()


def test_only_a_hash_is_kept_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    keys = KeyBook.open(tmp_path / "keys.db")
    key, token = keys.create("shop", ["read"], name="web")
    keys.close()
    [row] = sqlite3.connect(tmp_path / "keys.db").execute("SELECT hash FROM keys").fetchall()
    assert row[0].startswith("$argon2id$")
    secret = token.removeprefix(f"penchant_shop_{key.id}")
    for file in tmp_path.iterdir():
        assert secret.encode() not in file.read_bytes()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again = KeyBook.open(tmp_path / "keys.db")
    assert again.verify(token).id == key.id
    again.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeyBook]:
    keys = KeyBook(tmp_path_factory.mktemp("keys") / "keys.db", hasher=CHEAP)
    yield keys
    keys.close()


@given(st.text(max_size=80))
def test_no_text_but_a_key_is_one(shared: KeyBook, text: str) -> None:
    with pytest.raises(Unauthenticated):
        shared.verify(text)


@given(st.integers(0, 200), st.characters(categories=["L", "N", "P"]))
def test_a_key_with_one_character_changed_is_none(shared: KeyBook, place: int, char: str) -> None:
    _, token = shared.create("my_shop", ["read"])
    place %= len(token)
    changed = token[:place] + char + token[place + 1 :]
    if changed != token:
        with pytest.raises(Unauthenticated):
            shared.verify(changed)
    assert shared.verify(token).tenant == "my_shop"


def test_roles_are_as_given_and_admin_may_all(book: KeyBook) -> None:
    key, _ = book.create("shop", ["read", "ingest", "read"])
    assert (key.roles, key.may("ingest"), key.may("read"), key.may("admin")) == (("ingest", "read"), True, True, False)
    admin, _ = book.create("shop", {"admin"})
    assert admin.may("ingest")
    assert admin.may("read")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"tenant": "Shop"}, "tenant"),
        ({"tenant": "../x"}, "tenant"),
        ({"tenant": "keys"}, "tenant"),
        ({"roles": []}, "key.roles"),
        ({"roles": ["root"]}, "key.roles"),
        ({"expires": 5.0}, "key.expires"),
        ({"rate": "fast"}, "key.rate"),
        ({"name": "x" * 101}, "key.name"),
    ],
)
def test_what_no_key_can_be_is_refused(book: KeyBook, change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRecord) as caught:
        book.create(**{"tenant": "shop", "roles": ["read"]} | change)
    assert caught.value.field == field
    assert book.all() == []


def test_a_rotated_key_is_a_new_one_and_the_old_holds_for_its_grace(book: KeyBook) -> None:
    old, old_token = book.create("shop", ["ingest"], name="web", rate="5/second", expires=time.time() + 1000)
    new, new_token = book.rotate(old.id, grace=100)
    assert (new.tenant, new.roles, new.name, new.rate, new.replaces) == ("shop", ("ingest",), "web", "5/second", old.id)
    assert new.expires is not None
    assert new.expires - new.created == pytest.approx(1000, abs=5)
    assert book.verify(old_token).id == old.id
    assert book.verify(new_token).id == new.id
    assert book.get(old.id).expires == pytest.approx(time.time() + 100, abs=30)
    newest, _ = book.rotate(new.id)
    with pytest.raises(Unauthenticated, match="revoked"):
        book.verify(new_token)
    assert [k.state() for k in book.all("shop")] == ["active", "revoked", "active"]
    with pytest.raises(InvalidRecord):
        book.rotate(new.id)
    with pytest.raises(InvalidRecord):
        book.rotate(newest.id, grace=-1)


def test_an_unknown_id_is_named(book: KeyBook) -> None:
    for act in (book.get, book.revoke, book.rotate):
        with pytest.raises(UnknownId):
            act("nobody")


def test_last_use_is_kept(tmp_path: Path) -> None:
    keys = KeyBook(tmp_path / "keys.db", hasher=CHEAP)
    key, token = keys.create("shop", ["read"])
    assert keys.get(key.id).used is None
    before = time.time()
    keys.verify(token)
    keys.close()
    again = KeyBook(tmp_path / "keys.db", hasher=CHEAP)
    assert (again.all()[0].used or 0) >= before
    again.close()


def test_two_books_see_each_others_keys(tmp_path: Path) -> None:
    one, other = (KeyBook(tmp_path / "keys.db", hasher=CHEAP) for _ in range(2))
    key, token = one.create("shop", ["read"])
    deadline = time.monotonic() + 30
    while True:
        with contextlib.suppress(Unauthenticated):
            assert other.verify(token).id == key.id
            break
        assert time.monotonic() < deadline
        time.sleep(0.05)
    other.revoke(key.id)
    while True:
        try:
            one.verify(token)
        except Unauthenticated:
            break
        assert time.monotonic() < deadline
        time.sleep(0.05)
    one.close()
    other.close()


def test_a_key_that_another_process_has_just_made_holds_at_once(tmp_path: Path) -> None:
    path = tmp_path / "keys.db"
    one, two = KeyBook.open(path), KeyBook.open(path)
    for k in range(5):
        one.all()  # its rows are as fresh as can be
        key, token = two.create("shop", ["read"], name=f"key {k}")
        assert one.verify(token).id == key.id
    one.close()
    two.close()


def test_many_threads_verify_and_change_at_once(book: KeyBook) -> None:
    made = [book.create("shop", ["read"]) for _ in range(4)]
    wrong: list[BaseException] = []

    def work(k: int) -> None:
        try:
            for _ in range(20):
                assert book.verify(made[k][1]).id == made[k][0].id
                book.create("shop", ["read"])
                book.flush()
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len(book.all()) == 84


def test_the_audit_log_only_grows(tmp_path: Path) -> None:
    engine = open_ledger(tmp_path / "keys.db")
    audit = Audit(engine)
    for k in range(3):
        audit.note("k1", "shop" if k else "news", "DELETE /users/{id}", 200, about=str(k))
    assert [a.about for a in audit.read()] == ["0", "1", "2"]
    assert [a.about for a in audit.read("shop", after=2)] == ["2"]
    for change in ("DELETE FROM audit", "UPDATE audit SET who = 'x'"):
        with pytest.raises(IntegrityError, match="append-only"), engine.begin() as connection:
            connection.execute(text(change))
    assert len(audit.read()) == 3
    engine.dispose()


def test_a_file_that_is_no_ledger_is_told(tmp_path: Path) -> None:
    (tmp_path / "keys.db").write_bytes(b"this is not a database at all" * 100)
    with pytest.raises(StoreError, match=r"keys\.db"):
        KeyBook.open(tmp_path / "keys.db")


def test_the_command_line_makes_lists_rotates_and_revokes(tmp_path: Path) -> None:
    def run(*words: str, status: int = 0) -> Any:
        result = CliRunner().invoke(app, ["keys", *words, "--folder", str(tmp_path), "--json"])
        assert result.exit_code == status, result.output
        return json.loads(result.stdout) if status == 0 else result.stderr

    made = run("create", "shop", "--role", "read", "--role", "ingest", "--name", "web", "--expires", "90d")
    assert made["roles"] == ["ingest", "read"]
    assert made["expires"] - made["created"] == pytest.approx(90 * 86_400, abs=60)
    keys = KeyBook.open(tmp_path / "keys.db")
    assert keys.verify(made["key"]).id == made["id"] == made["key"].removeprefix("penchant_shop_")[:ID]
    keys.close()
    assert "key" not in run("list", "shop")[0]
    rotated = run("rotate", made["id"], "--grace", "1h")
    assert rotated["replaces"] == made["id"]
    assert run("revoke", rotated["id"])["state"] == "revoked"
    assert [k["state"] for k in run("list")] == ["active", "revoked"]
    assert run("list", "news") == []
    assert [a["act"] for a in run("audit")] == ["keys create", "keys rotate", "keys revoke"]
    assert "at least one of ingest, read, admin" in run("create", "shop", "--role", "x", status=2)
    assert "90d" in run("create", "shop", "--role", "read", "--expires", "soon", status=2)
    assert "no key of that id" in run("revoke", "nobody", status=4)
