"""What the console is made of, without a browser: texts in both languages, logins, samples, charts."""

from __future__ import annotations

import ast
import asyncio
import re
import time
import tomllib
from pathlib import Path
from string import Formatter
from types import SimpleNamespace
from typing import Any

import pytest
from nicegui import Client, ui
from nicegui.page import page

from penchant import Event
from penchant.config import Settings
from penchant.errors import Closing
from penchant.recommend.answer import Answer
from penchant.recommend.phrases import Language
from penchant.serve import console
from penchant.serve.console import data, sessions
from penchant.serve.console.answers import kept_out
from penchant.serve.console.live import alarms, shares_of
from penchant.serve.console.pulse import Meter, Pulse, Sample
from penchant.serve.console.sessions import Logins
from penchant.serve.console.texts import LANGUAGES, Texts, texts
from penchant.serve.console.trying import as_toml, attempt_settings, changed, differences
from penchant.serve.keys import KeyBook
from serving import CHEAP, Serve

FOLDER = Path(console.__file__).parent
# names made of a beginning and what stands in a value: t("op." + op)
MADE = (
    "page.", "op.", "word.", "level.", "family.", "change.", "theme.", "live.n_", "login.", "error.", "place.", "life.",
    "settings.", "version.", "rule.", "people.kept_", "data.phase_", "outcome.",
)  # fmt: skip


def test_every_text_is_in_every_language_with_the_same_places_and_none_is_empty() -> None:
    def places(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    first = texts(LANGUAGES[0])
    for language in LANGUAGES[1:]:
        other = texts(language)
        assert first.keys() == other.keys()
        assert {name for name in first if places(first[name]) != places(other[name])} == set()
        same = {name for name in first if first[name] == other[name] and len(first[name]) > 3}
        assert same == set(), "not translated"
    assert all(text.strip() for language in LANGUAGES for text in texts(language).values())
    assert all(re.search("[\u4e00-\u9fff]", text) for text in texts("zh").values())


def test_every_text_that_is_asked_for_exists_and_every_one_that_exists_is_asked_for() -> None:
    said = {
        node.value
        for path in FOLDER.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    known = texts("en")
    sections = {name.partition(".")[0] for name in known}
    asked = {text for text in said if re.fullmatch(r"[a-z]+\.[a-z_0-9]+", text) and text.partition(".")[0] in sections}
    assert {name for name in asked if name not in known and not name.startswith(MADE)} == set()
    assert {name for name in known if name not in asked and not name.startswith(MADE)} == set()


@pytest.fixture
def book(tmp_path: Path) -> Any:
    keys = KeyBook(tmp_path / "keys.db", hasher=CHEAP)
    yield keys
    keys.close()


def test_a_login_ends_with_its_key_by_leaving_and_by_time(book: KeyBook, monkeypatch: pytest.MonkeyPatch) -> None:
    key, _ = book.create("shop", ["admin"])
    logins = Logins(book)
    token = logins.begin(key, "en")
    login = logins.find(token)
    assert login is not None
    assert (login.tenant, logins.tenants()) == ("shop", {"shop"})
    assert logins.find(token[:-1]) is None
    assert logins.find(None) is None
    book.revoke(key.id)
    assert logins.find(token) is None
    assert not logins.holds(login)

    key, _ = book.create("shop", ["admin"])
    token = logins.begin(key, "en")
    login = logins.find(token)
    assert login is not None
    logins.end(login)
    assert logins.find(token) is None

    token = logins.begin(key, "en")
    now = time.monotonic()
    monkeypatch.setattr(sessions.clock, "monotonic", lambda: now + sessions.IDLE + 1)
    assert logins.find(token) is None
    assert logins.tenants() == set()


def test_a_key_that_is_no_admin_s_has_no_login(book: KeyBook) -> None:
    key, _ = book.create("shop", ["read", "ingest"])
    logins = Logins(book)
    assert logins.find(logins.begin(key, "en")) is None


def test_the_pulse_counts_events_and_the_categories_of_the_last(serve: Serve) -> None:
    served = serve("shop", "other")
    pulse = Pulse(served.host, lambda: {"shop"}, Meter())
    shop = served.host.catalogue("shop")
    pulse.look(shop)
    shop.writer.submit([Event(user="ann", item=f"f{k}") for k in (0, 6, 2)]).result()
    pulse.look(shop)
    first, second = pulse.samples("shop")
    assert first.rate == 0
    assert first.shares == {}
    assert second.rate > 0
    assert second.shares == pytest.approx({"Comedy": 2 / 3, "Horror": 1 / 3})
    assert sum(second.alpha.values()) == pytest.approx(1)
    assert pulse.samples("other") == []


def test_bands_of_categories_keep_their_order_and_fill_the_whole() -> None:
    def sample(time: float, **shares: float) -> Sample:
        return Sample(time, 0, 0, {}, shares, None, None, (None, None), (None, None))

    many = {f"c{k}": 0.05 for k in range(8)}
    told = [sample(1, war=0.5, love=0.1, **many), sample(2, war=0.2, love=0.3, **many | {"c0": 0.15}), sample(3)]
    bands = shares_of(told, "others")
    assert list(bands)[:2] == ["war", "love"]
    assert list(bands)[-1] == "others"
    for k in range(2):
        assert sum(points[k][1] or 0 for points in bands.values()) == pytest.approx(1)
    assert shares_of([sample(1)], "others") == {}


def test_what_is_wrong_is_told(serve: Serve) -> None:
    shop = serve("shop").host.catalogue("shop")
    assert alarms(shop) == []
    shop.writer.capacity = -1
    shop.lost = True
    assert alarms(shop) == ["live.a_store", "live.a_queue"]
    assert all(name in texts("en") for name in ("live.a_store", "live.a_queue", "live.a_answers"))


def test_a_catalogue_is_opened_anew_under_other_settings_and_keeps_its_log(serve: Serve) -> None:
    served = serve("shop")
    before = served.host.catalogue("shop")
    before.writer.submit([Event(user="ann", item="f1", kind="like")]).result()
    wanted = changed(before.engine.settings, {"long": 3.0}, {"like": 0.5})
    after = served.host.reopen("shop", wanted)
    assert after is served.host.ready("shop")
    assert after is not before
    assert (after.engine.settings.half_life.long, after.engine.settings.kinds["like"].intensity) == (3.0, 0.5)
    assert [event.item for event in after.engine.events()] == ["f1"]
    assert after.engine.verify()
    answer = served.ask("POST", "/events", json={"user": "ann", "item": "f2"})
    assert answer.status_code == 200
    with pytest.raises(Closing):
        before.writer.submit([Event(user="ann", item="f1")])


def test_the_toml_of_a_change_is_read_back_as_the_change() -> None:
    old = Settings.load("movies")
    rules = [
        {"action": "block", "when": 'title == "a \\ b\x7f" or tags in ["新"]', "name": 'odd "name"\n'},
        {"action": "cap", "path": ["Horror", "Gothic"], "limit": 2},
        {"action": "boost", "path": ["War"], "amount": -0.5},
    ]
    new = changed(old, {"long": 3.0}, {"skip": -0.5}, rules)
    told = tomllib.loads(as_toml(differences(old, new)))
    assert Settings.load("movies", told) == new
    assert tomllib.loads(as_toml(differences(new, changed(new, {}, {}, [])))) == {"policy": {"rules": []}}
    assert differences(old, changed(old, {}, {})) == {}


def test_what_settings_would_change_is_seen_on_a_copy(serve: Serve) -> None:
    engine = serve("shop").host.catalogue("shop").engine
    engine.observe_many(Event(user=f"u{k % 12}", item=f"f{k % 5}", kind="like") for k in range(24))
    version = engine.version
    tried = attempt_settings(engine, changed(engine.settings, {"long": 3.0}, {}))
    assert [one.user for one in tried] == [f"u{k}" for k in range(11, 1, -1)]
    assert all(0 < one.stay <= len(one.now) == len(one.then) for one in tried)
    assert (engine.version, engine.settings.half_life.long) == (version, 730)
    assert list(engine.store.entries(types=["settings"], after=1)) == []


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            "Kept out: 7 by “under $5: or less”, which they said; 2 by “今年”, in this request; 1 by the rule “no {x}”",
        ),
        ("zh", "未显示：因用户说过的“under $5: or less”，7 个；因本次请求中的“今年”，2 个；因规则“no {x}”，1 个"),
    ],
)
def test_it_is_said_what_kept_items_out_of_an_answer(language: Language, said: str) -> None:
    blocked = {"stated: under $5: or less": 7, "request: 今年": 2, "no {x}": 1}
    assert kept_out(Answer("r", "ann", 1, 0.1, (), blocked=blocked), Texts(language)) == said


def test_an_id_to_export_or_to_forget_is_taken_as_typed() -> None:
    exported: list[str] = []

    async def act(name: str, function: Any, user: str) -> None:
        exported.append(user)

    async def attempt(function: Any) -> list[Any]:
        return []

    engine = SimpleNamespace(export=None, forget=None, receipts=None)
    here: Any = SimpleNamespace(t=Texts("en"), catalogue=SimpleNamespace(engine=engine), act=act, attempt=attempt)

    async def submit(client: Client, text: str | None) -> None:
        [box] = [one for one in client.elements.values() if isinstance(one, ui.input)]
        [form] = [one for one in client.elements.values() if one.tag == "form"]
        [listener] = form._event_listeners.values()
        box.value = text
        handler: Any = listener.handler
        with client:
            await handler()

    async def look() -> None:
        with Client(page("/")) as client:
            data._export(here)
            for text in (" ann", "ann ", "", None, " "):
                await submit(client, text)
        with Client(page("/")) as client:
            await data._forget(here)
            asking = asyncio.ensure_future(submit(client, " ann "))
            await asyncio.sleep(0)
            assert [one for one in client.elements.values() if getattr(one, "text", "") == "Forget “ ann ” for good?"]
            asking.cancel()

    asyncio.run(look())
    assert exported == [" ann", "ann ", " "]
