"""What `deploy/` holds fits the program: settings load, options exist, queries name metrics and labels that exist."""

from __future__ import annotations

import configparser
import json
import re
import shlex
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry, generate_latest
from typer.testing import CliRunner

from penchant.cli import app
from penchant.serve.consume import Tally
from penchant.serve.metrics import Stream
from penchant.serve.reload import RELOADABLE
from penchant.serve.settings import ServeSettings
from serving import Serve, catalogue_of, serve  # noqa: F401 - fixtures

REPOSITORY = Path(__file__).resolve().parents[1]
DEPLOY = REPOSITORY / "deploy"
NAME = re.compile(r"\bpenchant_[a-z0-9_]+")
SELECTED = re.compile(r"(penchant_[a-z0-9_]+)\{([^}]*)\}")
SUFFIXES = {"histogram": ("_bucket", "_count", "_sum"), "counter": ("",), "gauge": ("",)}


@pytest.fixture
def told(serve: Serve) -> dict[str, set[str]]:  # noqa: F811
    """Every series that a service and a consumer show, with its labels."""
    served = serve(items=12, metrics="public")
    answer = served.ask("POST", "/recommendations", json={"user": "ann", "n": 2}).json()
    event = {"user": "ann", "item": answer["items"][0]["item"], "kind": "like", "request_id": answer["request_id"]}
    served.ask("POST", "/events", json=event)
    served.ask("GET", "/nothing")
    served.client.get("/metrics")
    served.host.catalogue("shop").engine._journal.flush()
    stream = CollectorRegistry()
    stream.register(Stream(Tally(lag=1, lags={0: 1}), "shop"))
    found: dict[str, set[str]] = {}
    for text in (served.client.get("/metrics").text, generate_latest(stream).decode()):
        for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE):
            if not name.endswith("_created"):
                found |= {name + suffix: set() for suffix in SUFFIXES[kind]}
        for name, labels in re.findall(r"^(\w+)\{([^}]*)\}", text, re.MULTILINE):
            found.setdefault(name, set()).update(re.findall(r"(\w+)=", labels))
    return {name: labels for name, labels in found.items() if not name.endswith("_created")}


def expressions(found: Any) -> Iterator[str]:
    """Everything below that is PromQL."""
    if isinstance(found, dict):
        for key, value in found.items():
            if key in ("expr", "query") and isinstance(value, str) and "penchant_" in value:
                yield value
            else:
                yield from expressions(value)
    elif isinstance(found, list):
        for value in found:
            yield from expressions(value)


@pytest.mark.parametrize("file", ["grafana.json", "penchant.rules.yml"])
def test_queries_name_what_exists(file: str, told: dict[str, set[str]]) -> None:
    text = (DEPLOY / file).read_text(encoding="utf-8")
    queries = list(expressions(json.loads(text) if file.endswith("json") else yaml.safe_load(text)))
    assert len(queries) >= 7
    for query in queries:
        names = NAME.findall(query)
        assert names
        for name in names:
            assert told.get(name), (query, name)  # with a series, so that its labels are known
        for name, selector in SELECTED.findall(query):
            assert set(re.findall(r"(\w+)=", selector)) <= told[name], query
        for grouped in re.findall(r"\bby \(([^)]*)\)", query):
            assert {label.strip() for label in grouped.split(",")} <= set().union(*(told[n] for n in names)), query
        assert query.count("(") == query.count(")")


def test_every_metric_is_documented_and_shown(told: dict[str, set[str]]) -> None:
    bases = {re.sub(r"_(bucket|count|sum)$", "", name) for name in told}
    page = (REPOSITORY / "docs" / "deploy.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`(penchant_[a-z0-9_]+)`", page)) == bases
    assert all("tenant" in labels for labels in told.values())


def test_panels_do_not_overlap() -> None:
    panels = json.loads((DEPLOY / "grafana.json").read_text())["panels"]
    cells = [
        (x, y)
        for panel in panels
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) == 23
    assert len({panel["id"] for panel in panels}) == len(panels)


def test_settings_load() -> None:
    chosen = ServeSettings.load(DEPLOY / "serve.toml", {})
    assert (chosen.host, chosen.port) == ("127.0.0.1", 8000)
    text = (DEPLOY / "serve.toml").read_text(encoding="utf-8")
    below = text[text.index("# these change") : text.index("# catalogues elsewhere")]
    assert set(tomllib.loads(below)) <= RELOADABLE
    above = set(tomllib.loads(text)) - set(tomllib.loads(below))
    assert above & RELOADABLE == {"linger_seconds"}


def test_proxies_let_through_what_the_service_takes() -> None:
    nginx = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    chosen = ServeSettings.load(DEPLOY / "serve.toml", {})
    sizes = {"m": 2**20, "g": 2**30}
    bounds = {
        said: int(number) * sizes[unit]
        for number, unit, said in re.findall(r"client_max_body_size (\d+)([mg]);  # (\w+)", nginx)
    }
    assert bounds == {"body_bytes": chosen.body_bytes, "stream_bytes": chosen.stream_bytes}
    for text in (nginx, (DEPLOY / "Caddyfile").read_text(encoding="utf-8")):
        [kept] = re.findall(r"keepalive(?:_timeout)? (\d+)s", text)
        assert int(kept) < chosen.idle_seconds  # else a write may go to a connection that is just being closed


@pytest.mark.parametrize("unit", sorted(path.name for path in DEPLOY.glob("*.service")))
def test_units_start_what_there_is(unit: str) -> None:
    parser = configparser.RawConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(DEPLOY / unit, encoding="utf-8")
    program, verb, *rest = shlex.split(parser["Service"]["ExecStart"])
    assert program == "/opt/penchant/bin/penchant"
    shown = CliRunner().invoke(app, [verb, "--help"], env={"COLUMNS": "200"}).stdout
    assert [word for word in rest if word.startswith("--") and word not in shown] == []
    assert {"Unit", "Service", "Install"} <= set(parser.sections())


@pytest.mark.parametrize("unit", sorted(path.name for path in DEPLOY.glob("*.service")))
def test_systemd_takes_the_units_and_finds_them_closed(unit: str, tmp_path: Path) -> None:
    systemd = shutil.which("systemd-analyze")
    if systemd is None:
        pytest.skip("there is no systemd-analyze (apt-get install systemd)")
    text = (DEPLOY / unit).read_text(encoding="utf-8")
    assert "StateDirectoryMode=0700" in text or "StateDirectory=" not in text  # each start gives the folder its mode
    copy = tmp_path / unit
    copy.write_text(text.replace("/opt/penchant/bin/penchant", "/bin/true"), encoding="utf-8")
    for asked in (["verify"], ["security", "--offline=true", "--threshold=15"]):  # of 100; the service's own was 56
        done = subprocess.run([systemd, *asked, str(copy)], capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout[-200:]


def test_the_container_installs_extras_that_exist() -> None:
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    known = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    [extras] = re.findall(r"'\.\[([a-z,]+)\]'", text)
    assert set(extras.split(",")) <= set(known["optional-dependencies"])
    names = re.findall(r"PENCHANT_SERVE_([A-Z_]+)=", text)
    assert {name.lower() for name in names} <= set(ServeSettings.model_fields)


def test_the_page_names_files_and_settings_that_exist() -> None:
    page = (REPOSITORY / "docs" / "deploy.md").read_text(encoding="utf-8")
    files = set(re.findall(r"\bdeploy/([\w@.-]+[\w])", page)) - {"md"}
    assert files
    assert [file for file in files if not (DEPLOY / file).exists()] == []
    [paragraph] = re.findall(r"These change at once: (.*?)\. Others", page, re.DOTALL)
    assert set(re.findall(r"`(\w+)`", paragraph)) == RELOADABLE
