"""A real Prometheus reads a real service and a consumer, and every expression of `deploy/` is asked of it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from local_server import LocalServer, free_port
from mixed_load import Process
from nats_server import Broker
from penchant.serve.keys import KeyBook
from proxies import DEPLOY, changed
from serving import CHEAP

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
RULES_TEST = Path(__file__).with_name("penchant.rules.test.yml")
FOR_KAFKA_ONLY = "penchant_stream_partition_lag_messages"
LIMIT = re.compile(r" (?:==|>) [\d.]+$")


def promtool(*asked: str) -> str:
    found = shutil.which("promtool")
    if found is None:
        pytest.skip("there is no promtool (apt-get install prometheus)")
    done = subprocess.run([found, *asked], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_each_alarm_sounds_where_it_must_and_only_there() -> None:
    known = {rule["alert"] for group in rules()["groups"] for rule in group["rules"]}
    tried = {
        one["alertname"] for test in yaml.safe_load(RULES_TEST.read_text())["tests"] for one in test["alert_rule_test"]
    }
    assert known == tried
    promtool("test", "rules", str(RULES_TEST))


def rules() -> Any:
    return yaml.safe_load((DEPLOY / "penchant.rules.yml").read_text(encoding="utf-8"))


class Prometheus(LocalServer):
    """A Prometheus with the settings of `deploy/`, but for addresses, keys and how often it looks.

    Args:
        service, consumer: host and port of what it reads.
        tokens: keys by job; the first is the job of the file.
    """

    scheme = "prometheus"

    def __init__(self, service: str, consumer: str, tokens: dict[str, str]) -> None:
        self._service, self._consumer, self._tokens = service, consumer, tokens
        super().__init__()

    def command(self) -> list[str]:
        text = changed((DEPLOY / "prometheus.yml").read_text(encoding="utf-8"), **{
            "127.0.0.1:8000": self._service, "127.0.0.1:9109": self._consumer, "15s": "1s",
            "/etc/prometheus/penchant.key": str(self.folder / "penchant"),
            "penchant.rules.yml": str(DEPLOY / "penchant.rules.yml"),
        })  # fmt: skip
        settings = yaml.safe_load(text) | {"global": {"evaluation_interval": "1s"}}
        first = settings["scrape_configs"][0]
        for job, token in self._tokens.items():
            (self.folder / job).write_text(token + "\n")
            if job != first["job_name"]:
                key = {"credentials_file": str(self.folder / job)}
                settings["scrape_configs"].append(first | {"job_name": job, "authorization": key})
        (self.folder / "prometheus.yml").write_text(yaml.safe_dump(settings))
        promtool("check", "config", str(self.folder / "prometheus.yml"))
        return [
            "prometheus", f"--config.file={self.folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={self.folder / 'data'}", f"--web.listen-address=127.0.0.1:{self.port}",
            "--log.level=warn",
        ]  # fmt: skip

    def answers(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/-/ready").status_code == 200
        except httpx.TransportError:
            return False

    def ask(self, path: str, **params: str) -> Any:
        """The data of an answer of its API."""
        answer = httpx.get(f"http://127.0.0.1:{self.port}/api/v1/{path}", params=params, timeout=30).json()
        assert answer["status"] == "success", (params, answer)
        return answer["data"]

    def values(self, query: str) -> list[float]:
        """What an expression is now."""
        return [float(one["value"][1]) for one in self.ask("query", query=query)["result"]]

    def found(self, query: str) -> list[float]:
        """The same, asked again for a while if there is nothing: a machine that is busy makes a look come late."""
        until = time.monotonic() + 20
        while not (values := self.values(query)) and time.monotonic() < until:
            time.sleep(0.5)
        return values


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """It has read a service with a tenant that works and one whose file is broken, and a consumer, all in use."""
    if shutil.which("prometheus") is None:
        pytest.skip("there is no prometheus (apt-get install prometheus)")
    folder = tmp_path_factory.mktemp("watched")
    (folder / "broken.db").write_bytes(b"this is no catalogue" * 1000)
    with ExitStack() as stack:
        broker = Broker()
        stack.callback(broker.close)
        service = Process(folder, log="critical")
        stack.callback(service.close)
        book = KeyBook(folder / "keys.db", hasher=CHEAP)
        _, broken = book.create("broken", ["read"])
        _, reader = book.create("shop", ["read"])
        book.close()
        metrics = f"127.0.0.1:{free_port()}"
        consumer = subprocess.Popen(
            [sys.executable, "-c", "from penchant.cli import main; main()", "consume", broker.url,
             "--tenant", "shop", "--service", service.address, "--metrics", metrics],
            env=os.environ | {"PENCHANT_KEY": service.key, "PENCHANT_SERVE_LOG": "critical"}, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        stack.callback(consumer.wait)
        stack.callback(consumer.terminate)
        seen = Prometheus(
            service.address.removeprefix("http://"), metrics, {"penchant": reader, "penchant-broken": broken}
        )
        stack.callback(seen.close)
        client = stack.enter_context(
            httpx.Client(base_url=service.address, headers={"X-API-Key": service.key}, timeout=60)
        )
        published, until = 0, time.monotonic() + 80
        while not seen.values('rate(penchant_stream_messages_total{outcome="accepted"}[10s]) > 0'):
            assert time.monotonic() < until, (folder / "log").read_text()[-2000:]
            broker.publish("events", [{"user": "sam", "item": "f1", "id": f"m{published}"}])
            published += 1
            for k in range(12):
                user = f"u{published}-{k}"
                answer = client.post("/recommendations", json={"user": user, "n": 5}).json()
                event = {"user": user, "item": answer["items"][k % 5]["item"], "kind": "like"}
                client.post("/events", json=event | {"request_id": answer["request_id"]})
            client.get("/nothing")
            assert client.get("/catalogue", headers={"X-API-Key": broken}).status_code == 503
            time.sleep(0.5)
        yield seen


@pytest.mark.parametrize("tenant", [".*", "shop"])
def test_every_panel_of_the_dashboard_has_data(prometheus: Prometheus, tenant: str) -> None:
    board = json.loads((DEPLOY / "grafana.json").read_text(encoding="utf-8"))
    queries = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    assert len(queries) >= 20
    for query in queries:
        asked = query.replace("$tenant", tenant).replace("$__rate_interval", "10s")
        assert "$" not in asked
        if FOR_KAFKA_ONLY in asked:
            assert prometheus.values(asked) == []
        else:
            values = prometheus.found(asked)
            assert values, asked
            assert all(value >= 0 for value in values), asked  # NaN isn't
    [listed] = [one["query"]["query"] for one in board["templating"]["list"] if one["name"] == "tenant"]
    metric, label = re.fullmatch(r"label_values\((\w+), (\w+)\)", listed).groups()  # type: ignore[union-attr]
    assert prometheus.ask(f"label/{label}/values", **{"match[]": metric}) == ["broken", "shop"]


def test_every_alarm_looks_at_something(prometheus: Prometheus) -> None:
    sides = [
        (rule["alert"], side)
        for group in rules()["groups"]
        for rule in group["rules"]
        for side in rule["expr"].split(" or ")
    ]
    for alert, side in sides:
        looked = LIMIT.sub("", side.strip())
        assert looked != side, alert
        assert prometheus.found(looked), (alert, looked)
    until = time.monotonic() + 20
    while (sounding := _sounding(prometheus)) != {"PenchantCatalogueNotReady": {"broken"}}:
        assert time.monotonic() < until, sounding
        time.sleep(0.5)
    told = [rule for group in prometheus.ask("rules")["groups"] for rule in group["rules"]]
    assert {rule["name"]: rule["health"] for rule in told} == {alert: "ok" for alert, _ in sides}


def _sounding(prometheus: Prometheus) -> dict[str, set[str | None]]:
    """Tenants by alarm that sounds or is about to, but for those that tell how fast the machine is."""
    alerts = prometheus.ask("alerts")["alerts"]
    by_speed = ("PenchantFaults", "PenchantSlow")
    names = {one["labels"]["alertname"] for one in alerts} - set(by_speed)
    return {
        name: {one["labels"].get("tenant") for one in alerts if one["labels"]["alertname"] == name} for name in names
    }
