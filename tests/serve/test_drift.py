"""A category that learns faster is told wherever the model's state is: by HTTP, on the page Live, by the doctor."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from lives import GENRES, T0, BagOfWords
from penchant import Engine, Event, Item
from penchant.cli.doctor import _drift
from penchant.serve.app import create_app
from penchant.serve.console.live import alarms
from penchant.serve.console.texts import texts
from penchant.serve.host import Host
from penchant.serve.settings import ServeSettings
from serving import CHEAP, Serve, Served, light

pytest.importorskip("river", reason="the extra drift is not installed")


def changed(path: Path) -> None:
    """A catalogue of which a category has just drifted: everybody stayed with a genre, then took any film."""
    learn = {"drift": True, "drift_delta": 0.002, "boost_for": 1000}
    with Engine.open(path, "movies", {"learn": learn, "evidence": ["popular"]}, encoder=BagOfWords()) as engine:
        engine.add_items(
            [Item(id=f"f{k}", text=f"{GENRES[k % 6]} film {k}", paths=[[GENRES[k % 6]]], time=T0) for k in range(60)]
        )
        genres = [k % 12 % 3 if k < 1200 else (k + k // 12) % 6 for k in range(1600)]
        engine.observe_many(
            Event(user=f"u{k % 12}", item=f"f{genre + 6 * (k // 12 % 10)}", kind="like", time=T0 + 60.0 * k)
            for k, genre in enumerate(genres)
        )


def test_a_category_that_learns_faster_is_told(tmp_path: Path) -> None:
    changed(tmp_path / "shop.db")
    with closing(Host.open(tmp_path, ServeSettings(rate=""), opener=light)) as host:
        catalogue = host.catalogue("shop")
        app = create_app(host)
        app.state.service.keys._hasher = CHEAP
        with TestClient(app) as client:
            told = Served(app, client, host).ask("GET", "/catalogue").json()["drifts"]
            now = [one for one in told if one["left"]]
            assert now
            assert all(one["category"] in GENRES and one["before"] < one["after"] for one in now)
            assert alarms(catalogue) == ["live.a_drift"]
            assert "live.a_drift" in texts("en")
            ((check, verdict, about),) = _drift(catalogue.engine)
            assert (check, verdict) == ("drift", "warn")
            assert all(one["category"] in about for one in now)


def test_where_none_is_watched_nothing_is_told(serve: Serve) -> None:
    served = serve("shop")
    assert served.ask("GET", "/catalogue").json()["drifts"] is None
    assert alarms(served.host.catalogue("shop")) == []
    assert _drift(served.host.catalogue("shop").engine) == []
