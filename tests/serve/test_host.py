"""A host: catalogues of a folder, each opened once, apart from each other, and truthful about how they are."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lives import films, stream
from penchant import Engine
from penchant.errors import Closing, InvalidRecord, Refused, StoreError, UnknownId
from penchant.serve.faults import NotReady
from penchant.serve.host import Host
from penchant.serve.settings import ServeSettings
from serving import Serve, light


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("news", "shop"):
        with light(tmp_path / f"{name}.db", "movies") as engine:
            engine.add_items(films(6))
    return tmp_path


@pytest.fixture
def hosts() -> Iterator[Any]:
    made: list[Host] = []

    def open_(where: Path, opener: Any = light, **settings: Any) -> Host:
        made.append(Host.open(where, ServeSettings(**settings), opener=opener))
        return made[-1]

    yield open_
    for host in made:
        host.close()


def test_catalogues_of_a_folder_are_opened_when_asked_for(folder: Path, hosts: Any) -> None:
    host = hosts(folder)
    assert host.names() == ["news", "shop"]
    assert host.ready("shop") is None
    assert host.health(probe=False).ready == 0
    shop = host.catalogue("shop")
    assert (shop.name, len(shop.engine.model.world.catalogue)) == ("shop", 6)
    assert host.catalogue("shop") is shop is host.ready("shop")
    assert host.catalogue("news").engine is not shop.engine


def test_one_file_is_one_tenant(folder: Path, hosts: Any) -> None:
    host = hosts(folder / "shop.db")
    assert host.names() == ["shop"]
    assert host.keys == folder / "keys.db"
    with pytest.raises(UnknownId):
        host.catalogue("news")


def test_many_at_once_get_the_same_catalogue(folder: Path, hosts: Any) -> None:
    opened: list[Path] = []

    def opener(place: Path, *args: Any, **more: Any) -> Engine:
        opened.append(place)
        return light(place, *args, **more)

    host = hosts(folder, opener)
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(host.catalogue("shop"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(map(id, found))) == len(opened) == 1


def test_a_new_tenant_and_a_file_that_came_later_are_found(folder: Path, hosts: Any) -> None:
    host = hosts(folder)
    assert host.create("music", "music").name == "music"
    for bad in ("music", "Music", "../music", "keys", ""):
        with pytest.raises(InvalidRecord):
            host.create(bad)
    light(folder / "games.db", "games").close()
    assert host.catalogue("games").name == "games"
    assert host.names() == ["games", "music", "news", "shop"]


def test_a_request_does_not_wait_for_a_long_replay(folder: Path, hosts: Any) -> None:
    go, begun = threading.Event(), threading.Event()

    def slow(place: Path, *args: Any, progress: Any, **more: Any) -> Engine:
        progress(3, 10)
        begun.set()
        go.wait()
        return light(place, *args, **more)

    host = hosts(folder, slow)
    with pytest.raises(NotReady) as caught:
        host.catalogue("shop", wait=0.01)
    assert caught.value.retry_after
    begun.wait()
    health = host.health(probe=False)
    assert (health.opening, health.ready, health.done, health.total) == (1, 0, 3, 10)
    go.set()
    assert host.catalogue("shop").name == "shop"
    assert host.health(probe=False).ready == 1


def test_a_catalogue_that_cannot_be_opened_is_tried_again(folder: Path, hosts: Any) -> None:
    fails = [True]

    def opener(place: Path, *args: Any, **more: Any) -> Engine:
        if fails[0]:
            raise StoreError(f"{place}: torn")
        return light(place, *args, **more)

    host = hosts(folder, opener)
    with pytest.raises(NotReady) as caught:
        host.catalogue("shop")
    assert str(folder) not in str(caught.value)
    assert host.health(probe=False).failing == 1
    fails[0] = False
    host._slots["shop"].again = 0.0  # the time to wait has passed
    assert host.catalogue("shop").name == "shop"
    assert host.health(probe=False).failing == 0


def test_closing_stops_a_replay_and_keeps_what_was_sent(folder: Path, hosts: Any) -> None:
    begun = threading.Event()

    def endless(place: Path, *args: Any, progress: Any, **more: Any) -> Engine:
        if place.stem == "shop":
            return light(place, *args, **more)
        while True:
            progress(1, 2)
            begun.set()

    host = hosts(folder, endless)
    shop = host.catalogue("shop")
    futures = [shop.writer.submit([event]) for event in stream(30, items=6)]
    with pytest.raises(NotReady):
        host.catalogue("news", wait=0.01)
    begun.wait()
    host.close()
    assert all(future.done() for future in futures)
    with light(folder / "shop.db") as engine:
        assert len(list(engine.events())) == 30
    with pytest.raises(NotReady):
        host.catalogue("shop")
    with pytest.raises(Closing):
        shop.writer.submit(stream(1, items=6))


def test_closing_while_all_are_being_opened_does_not_hang(folder: Path, hosts: Any) -> None:
    begun = threading.Event()

    def endless(place: Path, *args: Any, progress: Any, **more: Any) -> Engine:
        while True:
            begun.set()
            progress(1, 2)

    host = hosts(folder, endless)
    host.open_all()
    begun.wait()
    host.close()
    with pytest.raises(NotReady, match="stopping"):
        host.catalogue("shop")
    with pytest.raises(NotReady, match="stopping"):
        host.catalogue("news")


def test_a_reading_host_follows_the_one_that_writes(folder: Path, hosts: Any) -> None:
    shop = hosts(folder).catalogue("shop")
    reader = hosts(folder, read_only=True, refresh_seconds=0.02).catalogue("shop")
    [learned] = shop.writer.submit(stream(1, items=6)).result()
    until = time.monotonic() + 30
    while reader.engine.version < learned.version:
        assert time.monotonic() < until
        time.sleep(0.01)
    assert reader.works()
    with pytest.raises(Refused, match="only reads"):
        reader.writer.submit(stream(1, items=6)).result()


def test_only_a_new_catalogue_takes_the_services_domain(folder: Path, hosts: Any) -> None:
    host = hosts(folder, base="news", catalogues={"music": str(folder / "elsewhere.sqlite")})
    half_lives = {name: host.catalogue(name).engine.settings.half_life for name in host.names()}
    with light(folder / "x.db", "news") as news, light(folder / "y.db", "movies") as movies:
        assert half_lives == {
            "music": news.settings.half_life, "news": movies.settings.half_life, "shop": movies.settings.half_life
        }  # fmt: skip
        assert news.settings.half_life != movies.settings.half_life


def test_readiness_tells_the_truth(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    served = serve("shop", "news")
    ready = served.client.get("/health/ready")
    assert (ready.status_code, ready.json()["status"], ready.json()["catalogues"]) == (200, "ready", 2)
    assert "shop" not in ready.text
    shop = served.host.catalogue("shop")

    def full(*_: object) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(shop.engine.store, "set_meta", full)
    shop._probed = 0.0
    failing = served.client.get("/health/ready")
    assert (failing.status_code, failing.json()["status"], failing.json()["failing"]) == (503, "failing", 1)
    assert int(failing.headers["retry-after"]) > 0
    monkeypatch.undo()
    shop._probed = 0.0
    assert served.client.get("/health/ready").status_code == 200
    served.service.stopping = True
    assert served.client.get("/health/ready").json()["status"] == "stopping"
    assert served.client.get("/health/live").status_code == 200


def test_readiness_fails_with_the_keys(serve: Serve) -> None:
    served = serve()
    served.service.keys._watch.close()
    answer = served.client.get("/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (503, "failing")
    served.service.keys._watch = served.service.keys.engine.raw_connection()
