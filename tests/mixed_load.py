"""A service in a process of its own, and people who use it in every way without pause, whatever is killed meanwhile."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from lives import GENRES

TESTS = Path(__file__).parent
SCRIPT = TESTS / "serve" / "serve_until_stopped.py"
ITEMS = 12


class Process:
    """`penchant serve` on a folder; killed and started again, each time at another port."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.folder, self._settings, self.key = folder, json.dumps(settings), ""
        self.address = ""
        self.start()

    def start(self) -> None:
        """Start it, and wait until it listens; its catalogue may still be opening."""
        path = os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])
        command = [sys.executable, "-W", "error", str(SCRIPT), str(self.folder), self._settings]
        with (self.folder / "log").open("a") as log:
            self.popen = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=log, text=True, env=os.environ | {"PYTHONPATH": path}
            )
        assert self.popen.stdout is not None
        line = self.popen.stdout.readline()
        assert line, (self.folder / "log").read_text()[-2000:]
        told = json.loads(line)
        self.key = self.key or told["key"]  # the first one is good for ever
        self.address = told["address"]

    def kill(self) -> None:
        """kill -9."""
        self.popen.kill()
        self.popen.communicate()

    def stop(self) -> None:
        """SIGTERM, and its end awaited."""
        self.popen.terminate()
        self.popen.communicate(timeout=60)
        assert self.popen.returncode == 0, (self.folder / "log").read_text()[-2000:]

    def close(self) -> None:
        """No process is left."""
        with suppress(ProcessLookupError):
            self.kill()


@dataclass
class Look:
    """One look at readiness: when it was asked for and answered, and what it said ("away": nobody answered)."""

    asked: float
    answered: float
    said: str


@dataclass
class Load:
    """People who write and ask, each write sent until it is acknowledged, and one who looks at readiness.

    Attributes:
        used: whether a question must be answered after "ready" was said; not so where its store is killed meanwhile.
        acknowledged: by user, ids of records in the order in which they were acknowledged.
        answers: how many recommendations and profiles were given.
        again: how many sends were not acknowledged, and sent again.
        odd: what should not have been.
        looks: at readiness.
    """

    server: Process
    people: int = 4
    used: bool = True
    acknowledged: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    answers: int = 0
    again: int = 0
    odd: list[str] = field(default_factory=list[str])
    looks: list[Look] = field(default_factory=list[Look])

    def start(self) -> None:
        self._ending = threading.Event()
        self.acknowledged = {f"u{k}": [] for k in range(self.people)}
        self._threads = [threading.Thread(target=self._live, args=(user,)) for user in self.acknowledged]
        self._threads.append(threading.Thread(target=self._look))
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Everybody finishes what they are at."""
        self._ending.set()
        for thread in self._threads:
            thread.join()

    @property
    def written(self) -> int:
        return sum(map(len, self.acknowledged.values()))

    # -- one person ---------------------------------------------------------------------------------------------------

    def _live(self, user: str) -> None:
        draw, step, seen = random.Random(user), 0, 0
        with httpx.Client(timeout=60) as client:
            while not self._ending.is_set() and not self.odd:
                step += 1
                id, what = f"{user}-{step}", draw.random()
                item = f"f{draw.randrange(ITEMS)}"
                event = {"user": user, "item": item, "kind": draw.choice(["view", "like", "skip"]), "id": id}
                if what < 0.5:
                    seen = self._write(client, user, [id], "POST", "/events", event) or seen
                elif what < 0.65:
                    many = [event | {"id": f"{id}.{k}"} for k in range(5)]
                    seen = self._write(client, user, [one["id"] for one in many], "POST", "/events", many) or seen
                elif what < 0.7:
                    said = {"user": user, "text": f"more {draw.choice(GENRES)}", "id": id}
                    seen = self._write(client, user, [id], "POST", "/utterances", said) or seen
                elif what < 0.8:
                    edit = {"path": [draw.choice(GENRES)], "op": draw.choice(["more", "less"]), "id": id}
                    body = {"edits": [edit]}
                    seen = self._write(client, user, [id], "PATCH", f"/users/{user}/profile", body) or seen
                elif what < 0.9:
                    self._ask(client, "POST", "/recommendations", {"user": user, "n": 3}, seen)
                else:
                    self._ask(client, "GET", f"/users/{user}/profile", None, seen)

    def _write(self, client: httpx.Client, user: str, ids: list[str], method: str, path: str, body: object) -> int:
        """Version at which it was learned."""
        told = self._sent(client, method, path, body)
        if told is None:
            return 0
        if told["accepted"] + told["duplicates"] != len(ids):
            self.odd.append(f"{ids}: {told}")
        self.acknowledged[user] += ids
        return int(told["version"])

    def _ask(self, client: httpx.Client, method: str, path: str, body: object, seen: int) -> None:
        told = self._sent(client, method, path, body)
        if told is not None:
            self.answers += 1
            if told["version"] < seen:  # also after a restart: what was acknowledged is there
                self.odd.append(f"{path}: version {told['version']} after {seen}")

    def _sent(self, client: httpx.Client, method: str, path: str, body: object) -> dict[str, Any] | None:
        """The answer, after as many tries as it takes."""
        until = time.monotonic() + 120
        while time.monotonic() < until:
            try:
                answer = client.request(
                    method, self.server.address + path, json=body, headers={"X-API-Key": self.server.key}
                )
            except httpx.TransportError:
                self.again += 1
                time.sleep(0.1)
                continue
            if answer.status_code == 200:
                return answer.json()
            if answer.status_code not in (429, 503):
                self.odd.append(f"{method} {path} {body}: {answer.status_code} {answer.text}")
                return None
            self.again += 1
            time.sleep(0.1)
        self.odd.append(f"{method} {path}: no answer for two minutes")
        return None

    # -- readiness ----------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        with httpx.Client(timeout=60) as client:
            while not self._ending.is_set():
                asked = time.monotonic()
                said = "away"
                with suppress(httpx.TransportError):
                    answer = client.get(f"{self.server.address}/health/ready")
                    told = answer.json()
                    said = str(told["status"])
                    if (answer.status_code == 200) != (said == "ready") or told["ready"] != (said == "ready"):
                        self.odd.append(f"readiness: {answer.status_code} {told}")
                self.looks.append(Look(asked, time.monotonic(), said))
                if said == "ready" and self.used:
                    self._use(client)
                time.sleep(0.05)

    def _use(self, client: httpx.Client) -> None:
        """Ready was said: a question is answered at once, unless the process is gone by now."""
        with suppress(httpx.TransportError):
            answer = client.get(f"{self.server.address}/catalogue", headers={"X-API-Key": self.server.key})
            if answer.status_code != 200:
                self.odd.append(f"ready, but {answer.status_code} {answer.text}")
