"""What is particular to PostgreSQL: the lock and its loss, tenants side by side, erased bytes, its errors."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import numpy as np
import pytest

from penchant.errors import InvalidRecord, MissingExtra, StoreBusy, StoreError
from penchant.records import Draft
from penchant.store import Snapshot, open_store, postgres_address
from penchant.store.postgres import PostgresStore
from penchant.store.postgres_address import Address
from postgres import Server


def event(user: str, item: str = "dune", id: str | None = None) -> Draft:
    return Draft("event", 0.0, {"kind": "view"}, id=id, user=user, item=item)


@pytest.fixture
def url(postgres_server: Server) -> str:
    return postgres_server.url()


def end(server: Server, store: PostgresStore) -> None:
    """Have the server end the writer's session, as an administrator would, or a broken network."""
    with server.connect() as other:
        pid = store._connections.raw.info.backend_pid
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))


# one writer, many readers


def test_one_writer(url: str) -> None:
    with PostgresStore(url) as store:
        with pytest.raises(StoreBusy, match=rf"is being written to by process {os.getpid()} on .*; close it there"):
            PostgresStore(url)
        store.append([event("ann")])
    with PostgresStore(url) as store:
        assert store.last_seq() == 1


def test_a_writer_elsewhere_is_named_and_followed(url: str) -> None:
    code = """
        import os, sys
        from penchant.records import Draft
        from penchant.store import open_store
        store = open_store(sys.argv[1])
        for line in sys.stdin:
            store.append([Draft("event", 0.0, user=line.strip())])
            print(os.getpid(), flush=True)
    """
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", textwrap.dedent(code), url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as other:
        assert other.stdin is not None
        assert other.stdout is not None

        def tell(user: str) -> int:
            assert other.stdin is not None
            assert other.stdout is not None
            other.stdin.write(f"{user}\n")
            other.stdin.flush()
            return int(other.stdout.readline())

        pid = tell("ann")
        with pytest.raises(StoreBusy, match=f"process {pid} on"):
            open_store(url)
        with PostgresStore(url, read_only=True) as reader, PostgresStore(url, read_only=True) as second:
            assert [entry.user for entry in reader.entries()] == ["ann"]
            tell("bob")
            assert reader.last_seq() == second.last_seq() == 2
            assert [entry.user for entry in reader.entries(after=1)] == ["bob"]
            other.kill()
            other.wait()
        with PostgresStore(url) as store:  # a killed writer leaves no lock behind
            assert store.last_seq() == 2


def test_a_reader_only_reads(url: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="holds no catalogue yet; open it once for writing"):
        PostgresStore(url, read_only=True)
    with PostgresStore(url) as store, PostgresStore(url, read_only=True) as reader:
        store.append([event("ann")])
        assert not reader.is_blocked("ann")
        store.block("ann")
        assert reader.is_blocked("ann")
        for call in (
            lambda: reader.append([event("bob")]),
            lambda: reader.block("bob"),
            lambda: reader.set_meta("a", 1),
            lambda: reader.save_snapshot(Snapshot(0, {}, {})),
            lambda: reader.erase("ann", vectors={}),
        ):
            with pytest.raises(StoreError, match="open for reading only"):
                call()
        assert reader.check() == []
        reader.backup(tmp_path / "copy.db")
        copy = open_store(tmp_path / "copy.db")
        assert copy.last_seq() == 1
        copy.close()


def test_tenants_share_a_database(postgres_server: Server) -> None:
    names = ["shop", "Shop", "shop.eu", "a-b_c", "x" * 52]
    stores = [open_store(postgres_server.url(name)) for name in names]
    try:
        for name, store in zip(names, stores, strict=True):
            store.append([event(name, id="same")])
            store.block(name)
        for name, store in zip(names, stores, strict=True):
            assert [entry.user for entry in store.entries()] == [name]
            assert [store.is_blocked(other) for other in names] == [other == name for other in names]
            store.erase(name, vectors={})
        assert all(store.check() == [] for store in stores)
    finally:
        for store in stores:
            store.close()


# a lost connection is a lost lock


def test_a_lost_connection_is_made_and_locked_anew(postgres_server: Server, url: str) -> None:
    with PostgresStore(url) as store:
        store.append([event("ann", id="a")])
        for call in (
            lambda: store.append([event("bob", id="b")]),
            lambda: store.append([event("cid", id="c"), event("dan", id="d")]),
            lambda: store.append([event("cid", id="c"), event("eve", id="e")]),
            lambda: store.set_meta("k", 1),
            lambda: store.put_vectors("one", {"h": np.ones(2, np.float32)}),
            lambda: store.save_snapshot(Snapshot(3, {}, {"a": np.ones(3)})),
            lambda: store.block("bob"),
            lambda: store.drop_entries([2]),
        ):
            end(postgres_server, store)
            call()
        with pytest.raises(StoreBusy):
            PostgresStore(url)
        assert [entry.id for entry in store.entries()] == ["a", "c", "d", "e"]
        assert store.get_meta("k") == 1
        assert store.is_blocked("bob")
        assert store.check() == []


def test_whoever_lost_the_lock_to_another_writes_nothing_more(postgres_server: Server, url: str) -> None:
    with PostgresStore(url) as store:
        store.append([event("ann")])
        end(postgres_server, store)
        with PostgresStore(url) as other:
            other.append([event("bob")])
            with pytest.raises(StoreBusy, match=r"may or may not be on disk; .*send the records again with the same"):
                store.append([event("cid")])
            with pytest.raises(StoreBusy):
                store.set_meta("a", 1)
        for call in (
            lambda: store.append([event("cid")]),
            lambda: store.append([event("cid")] * 2),
            lambda: store.set_meta("a", 1),
            lambda: store.erase("ann", vectors={}),
        ):
            with pytest.raises(StoreError, match=r"another process has written to it meanwhile.*; open it anew"):
                call()
    with PostgresStore(url) as store:
        assert [entry.user for entry in store.entries()] == ["ann", "bob"]
        assert store.get_meta("a") is None


def test_a_commit_whose_answer_was_lost_is_looked_up(postgres_server: Server, url: str) -> None:
    with PostgresStore(url) as store:
        store.append([event("ann")])
        connections = store._connections
        insert, cut = connections.insert_rows, [True]

        def written_but_not_answered(rows: object) -> None:
            insert(rows)  # type: ignore[arg-type]
            if cut.pop():
                end(postgres_server, store)
                connections.raw.execute("SELECT 1")

        connections.insert_rows = written_but_not_answered  # type: ignore[method-assign]
        (ack,) = store.append([event("bob")])
        assert (ack.seq, ack.duplicate) == (2, False)
        cut.append(True)
        acks = store.append([event("cid", id="c"), event("dan", id="d")])
        assert [(ack.seq, ack.duplicate) for ack in acks] == [(3, False), (4, False)]
        cut.append(True)
        acks = store.append([event("eve", id="e"), event("dan", id="d")])
        assert [(ack.seq, ack.duplicate) for ack in acks] == [(5, False), (4, True)]
        cut.append(False)
        assert store.append([event("fay")])[0].seq == 6
        assert [entry.user for entry in store.entries()] == ["ann", "bob", "cid", "dan", "eve", "fay"]


def test_an_interrupted_commit_leaves_the_numbers_right(url: str) -> None:
    with PostgresStore(url) as store:
        insert = store._connections.insert_rows

        def interrupted(rows: object) -> None:
            insert(rows)  # type: ignore[arg-type]
            raise KeyboardInterrupt

        store._connections.insert_rows = interrupted  # type: ignore[method-assign]
        with pytest.raises(KeyboardInterrupt):
            store.append([event("ann")])
        store._connections.insert_rows = insert  # type: ignore[method-assign]
        assert store.append([event("bob")])[0].seq == 2
        assert [entry.user for entry in store.entries()] == ["ann", "bob"]


def test_many_threads_over_a_loss(postgres_server: Server, url: str) -> None:
    with PostgresStore(url) as store:
        acks: list[int] = []
        faults: list[BaseException] = []

        def work(worker: int) -> None:
            try:
                for n in range(60):
                    acks.extend(ack.seq for ack in store.append([event(f"u{worker}", id=f"{worker}-{n}")]))
            except BaseException as error:
                faults.append(error)

        threads = [threading.Thread(target=work, args=(worker,)) for worker in range(4)]
        for thread in threads:
            thread.start()
        for _ in range(5):
            end(postgres_server, store)
        for thread in threads:
            thread.join()
        assert not faults
        assert sorted(acks) == list(range(1, 241))
        assert {entry.id for entry in store.entries()} == {f"{worker}-{n}" for worker in range(4) for n in range(60)}


def test_a_fork_does_not_inherit_the_store(url: str) -> None:
    code = """
        import os, sys
        from penchant.errors import StoreError
        from penchant.store import open_store
        store = open_store(sys.argv[1])
        if os.fork() == 0:
            for call in (store.last_seq, lambda: list(store.entries()), lambda: store.set_meta("a", 1)):
                try:
                    call()
                except StoreError as error:
                    print(error, flush=True)
            store.close()
            os._exit(0)
        os.wait()
        store.set_meta("a", 2)
        print(store.get_meta("a"))
    """
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-W", "ignore", "-c", textwrap.dedent(code), url]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60)
    told = "the store was opened by another process before a fork; open it anew in this one"
    assert done.stdout.splitlines() == [told] * 3 + ["2"]


# where it is, and errors that show no password


@pytest.mark.parametrize("name", ["", "-a", "a b", "a/b", "x" * 53, 'a";DROP SCHEMA public;--', "é"])
def test_names_that_cannot_be(name: str) -> None:
    with pytest.raises(StoreError, match=r"catalogue=.* can't be used; give up to 52"):
        Address.of(f"postgresql://localhost/a?catalogue={name}")


def test_no_error_shows_the_password(postgres_server: Server) -> None:
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = postgres_server.data
    urls = {
        f"postgresql://ann:s3cret@127.0.0.1:{port}/a": r"ann@127\.0\.0\.1.* can't be reached .*refused",
        "postgresql://ann:s3cret@127.0.0.1:port/a": "the PostgreSQL URL can't be read; write postgresql://",
        f"postgresql://postgres:s3cret@/nothing?host={data}": 'database "nothing" does not exist.*createdb',
        f"postgresql://nobody:s3cret@/postgres?host={data}": 'role "nobody" does not exist.*CREATE ROLE',
        f"postgresql://postgres:s3cret@/postgres?host={data}&nonsense=s3cret": "invalid connection option",
        "postgresql://ann:s3cret@127.0.0.1/a?catalogue=a/b": "can't be used",
        "mysql://ann:s3cret@localhost/a": "mysql:// is not a kind of store",
    }
    for url, told in urls.items():
        with pytest.raises(StoreError, match=told) as caught:
            open_store(url)
        assert "s3cret" not in str(caught.value)
        assert "\n" not in str(caught.value)
    assert "s3cret" not in repr(Address.of(next(iter(urls))))


def test_rights_that_lack_are_told(postgres_server: Server) -> None:
    with postgres_server.connect() as admin:
        admin.execute("CREATE ROLE narrow LOGIN")
        url = postgres_server.url("narrow").replace("postgres@", "narrow@")
        with pytest.raises(StoreError, match="permission denied for database postgres; GRANT CREATE ON DATABASE"):
            open_store(url)
        admin.execute("CREATE SCHEMA penchant_narrow")
        admin.execute("GRANT ALL ON SCHEMA penchant_narrow TO narrow")
        store = open_store(url)
        store.append([event("ann")])
        store.erase("ann", vectors={})
        store.close()


def test_other_schemas_are_left_alone(postgres_server: Server) -> None:
    with postgres_server.connect() as admin:
        admin.execute("CREATE SCHEMA penchant_foreign")
        admin.execute("CREATE TABLE penchant_foreign.photo (id integer)")
        with pytest.raises(StoreError, match="a schema of another program"):
            open_store(postgres_server.url("foreign"))
        found = admin.execute("SELECT relname FROM pg_class WHERE relnamespace = 'penchant_foreign'::regnamespace")
        assert found.fetchall() == [("photo",)]


def test_the_driver_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_address, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"pip install 'penchant\[postgres\]'"):
        open_store("postgresql://localhost/a")


def test_an_id_too_long_for_the_index_is_its_callers_fault(url: str) -> None:
    import random

    long = "".join(random.Random(0).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=9000))
    with PostgresStore(url) as store:
        with pytest.raises(InvalidRecord, match="give ids of at most 1024 bytes"):
            store.append([event("ann", id=long)])
        assert store.append([event("ann")])[0].seq == store.last_seq()


# forgetting, down to the bytes

USER, WORDS = "anastasia-7f3a", "my-most-private-wish"


def traces(server: Server) -> list[str]:
    """Files of tables and indexes that hold a byte string of the user, once the server has written all it has."""
    with server.connect() as admin:
        admin.execute("CHECKPOINT")
    found: list[str] = []
    for file in (server.data / "base").rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            if any(needle.encode() in content for needle in (USER, WORDS)):
                found.append(file.name)
    return found


def live(store: PostgresStore) -> None:
    for round in range(20):
        batch = [event(f"u{round}-{n}", f"i{n}") for n in range(40)]
        text = f"{WORDS} {'y' * (5 if round % 2 else 9000)}"
        batch.insert(7, Draft("utterance", 0.0, {"text": text}, id=f"{USER}/{round}", user=USER))
        batch.insert(30, Draft("event", 0.0, {"by": USER}, user=USER, item="i"))
        store.append(batch)
    store.put_vectors("one", {USER: np.ones(4, np.float32), "kept": np.ones(4, np.float32)})
    store.save_snapshot(Snapshot(5, {"users": [USER]}, {"ids": np.frombuffer(USER.encode(), np.uint8)}))


def test_no_byte_is_left(postgres_server: Server, url: str) -> None:
    with PostgresStore(url) as store:
        live(store)
        assert traces(postgres_server)
        others = [entry for entry in store.entries() if entry.user != USER]
        store.block(USER)
        erased = store.erase(USER, vectors={"one": [USER]})
        assert (erased.log, erased.vectors, erased.snapshots) == (40, 1, 1)
        assert traces(postgres_server) == []
        assert list(store.entries()) == others
        assert store.check() == []


@pytest.mark.parametrize("reads", ["SELECT count(*) FROM log", "SELECT 1"])
def test_an_erasure_that_was_held_up_is_finished_later(
    postgres_server: Server, url: str, reads: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("penchant.store.postgres_connections.READING_SECONDS", 0.2)
    with postgres_server.connect() as other, PostgresStore(url) as store:
        live(store)
        other.execute(f'SET search_path TO "{Address.of(url).schema}"')
        other.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        other.execute(reads).fetchone()  # keeps the old rows alive
        with pytest.raises(StoreError, match="rows are gone, but their bytes are still in the file"):
            store.erase(USER, vectors={"one": [USER]})
        assert list(store.entries(user=USER)) == []
        assert traces(postgres_server)
        assert store.check() == ["1 erasures are not finished: open the catalogue for writing"]
        other.execute("ROLLBACK")
    with PostgresStore(url) as store:
        assert traces(postgres_server) == []
        assert store.check() == []


# backup


def test_a_dump_is_a_backup(postgres_server: Server) -> None:
    url = postgres_server.url("dumped")
    with PostgresStore(url) as store, postgres_server.connect() as admin:
        live(store)
        store.block("bob")
        admin.execute("CREATE DATABASE restored")
        socket = ["-h", str(postgres_server.data), "-U", "postgres"]
        dump = [postgres_server.command("pg_dump"), *socket, "-Fc", "-n", "penchant_dumped", "postgres"]
        saved = subprocess.run(dump, check=True, capture_output=True).stdout
        restore = [postgres_server.command("pg_restore"), *socket, "-d", "restored"]
        subprocess.run(restore, input=saved, check=True, capture_output=True)
        with PostgresStore(url.replace("/postgres?", "/restored?")) as copy:
            assert list(copy.entries()) == list(store.entries())
            assert copy.get_vectors("one", ["kept"]).keys() == {"kept"}
            assert [found.seq for found in copy.snapshots()] == [5]
            assert copy.is_blocked("bob")
            assert copy.check() == []
            assert copy.append([event("ann")])[0].seq == store.last_seq() + 1


# how it works inside


def test_look_ups_use_the_short_index(postgres_server: Server, url: str) -> None:
    with PostgresStore(url) as store:
        store.append([event(f"u{n % 50}", f"i{n % 70}", id=f"e{n}") for n in range(6000)])
        store.append([Draft("item", 0.0, item="dune")])
        with postgres_server.connect() as other:
            other.execute(f'SET search_path TO "{Address.of(url).schema}"')
            other.execute("ANALYZE log")
            plans = {
                "log_user_seq": "SELECT * FROM log WHERE \"user\" = 'u7' AND seq > 30 ORDER BY seq LIMIT 500",
                "log_item_seq": "SELECT * FROM log WHERE item = 'i7' AND type || '' = 'event' ORDER BY seq LIMIT 500",
                "log_type_seq": "SELECT * FROM log WHERE type = 'item' ORDER BY seq DESC LIMIT 1",
                "log_pkey": "SELECT * FROM log WHERE seq > 10 ORDER BY seq LIMIT 500",
                "log_id": "SELECT * FROM log WHERE id = 'e7'",
            }
            for index, query in plans.items():
                plan = "\n".join(row[0] for row in other.execute(f"EXPLAIN {query}"))
                assert index in plan, plan
                assert "Seq Scan" not in plan


def test_a_server_that_does_not_wait_for_its_disk_is_told(postgres_server: Server, url: str) -> None:
    with postgres_server.connect() as admin, PostgresStore(url) as store:
        assert store._connections.raw.execute("SHOW synchronous_commit").fetchone() == ("on",)
        admin.execute("ALTER SYSTEM SET fsync = off")
        admin.execute("ALTER DATABASE postgres SET synchronous_commit = off")
        try:
            admin.execute("SELECT pg_reload_conf()")
            with PostgresStore(postgres_server.url()) as other:
                assert other.check() == [
                    "the server runs with fsync = off: a power cut may damage it or lose what was acknowledged"
                ]
                assert other._connections.raw.execute("SHOW synchronous_commit").fetchone() == ("on",)
        finally:
            admin.execute("ALTER DATABASE postgres RESET synchronous_commit")
            admin.execute("ALTER SYSTEM RESET fsync")
            admin.execute("SELECT pg_reload_conf()")


def test_check_finds_what_the_log_rules_out(postgres_server: Server, url: str) -> None:
    with PostgresStore(url) as store, postgres_server.connect() as other:
        store.append([Draft("event", 0.0, {"lone": "\ud800", "nul": "a\x00b"}, user="\x00\x01", id="\x010")] * 2)
        assert store.check() == []
        assert next(store.entries()).user == "\x00\x01"
        other.execute(f'SET search_path TO "{Address.of(url).schema}"')
        other.execute("UPDATE log SET body = '{' WHERE seq = 1")
        other.execute("INSERT INTO vector VALUES ('one', 'h', '\\x010203')")
        store.save_snapshot(Snapshot(7, {}, {}))
        assert store.check() == [
            "1 entries have a body that is not JSON",
            "1 vectors are empty or not made of whole float32 numbers",
            "1 snapshots are newer than the log",
        ]
        with pytest.raises(StoreError, match="entry 1 of the log is damaged; restore a backup"):
            list(store.entries())
