"""A backup made over HTTP while writing goes on, brought to a fresh folder, serves with the same keys and people."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

from fastapi.testclient import TestClient

from penchant.serve.app import create_app
from penchant.serve.host import Host
from penchant.serve.settings import ServeSettings
from penchant.store import open_store
from serving import Serve, light


def test_a_fresh_machine_goes_on_from_a_backup(serve: Serve, tmp_path: Path) -> None:
    served = serve(items=12)
    headers = served.key("admin")
    acknowledged: list[str] = []
    ended = threading.Event()

    def write() -> None:
        k = 0
        while not ended.is_set():
            event = {"user": f"u{k % 3}", "item": f"f{k % 12}", "id": f"e{k}"}
            assert served.client.post("/events", json=event, headers=headers).status_code == 200
            acknowledged.append(event["id"])
            k += 1

    writing = threading.Thread(target=write)
    writing.start()
    while len(acknowledged) < 30:
        assert writing.is_alive()
    before = len(acknowledged)
    answer = served.ask("POST", "/catalogue/backups", json={})
    after = len(acknowledged)
    ended.set()
    writing.join()
    assert answer.status_code == 201

    fresh = tmp_path / "fresh"
    fresh.mkdir()
    with closing(open_store(answer.json()["path"])) as store:
        assert store.check() == []
        store.backup(fresh / "shop.db")
    with closing(sqlite3.connect(served.host.keys)) as keys, closing(sqlite3.connect(fresh / "keys.db")) as copy:
        keys.backup(copy)
    served.host.close()

    host = Host.open(fresh, ServeSettings(rate="", eager=False), opener=light)
    with TestClient(create_app(host)) as client:
        assert client.get("/catalogue", headers={"X-API-Key": "penchant_shop_x"}).status_code == 401
        engine = host.catalogue("shop").engine
        held = [event.id for event in engine.events()]
        assert held == [f"e{k}" for k in range(len(held))]
        assert before <= len(held) <= after + 1
        assert engine.verify()
        again = {"user": "u0", "item": "f0", "id": "e0"}
        assert client.post("/events", json=again, headers=headers).json()["duplicates"] == 1
        new = {"user": "u0", "item": "f1", "id": "new"}
        wrote = client.post("/events", json=new, headers=headers).json()
        listed = client.post("/recommendations", json={"user": "u0", "n": 3}, headers=headers).json()
        assert listed["version"] >= wrote["version"]
        assert len(listed["items"]) == 3
