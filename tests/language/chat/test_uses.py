"""What an engine does with a chat model: names, readings and texts, each checked; rankings, never."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chat_server import ChatHandler, serving
from penchant import Engine, Event, Item
from penchant.errors import ConfigError
from penchant.language.chat import ChatModel, open_chat
from penchant.language.universal import UniversalEncoder
from penchant.recommend.worded import word_explanation, word_profile

ENCODER = UniversalEncoder(threads=1)  # one for all: loading it takes longer than the tests
FILMS = [
    ("alien", "Alien: a crew meets something in the dark", "Horror"),
    ("airplane", "Airplane: jokes on board", "Comedy"),
    ("kramer", "Kramer vs. Kramer: a divorce and a child", "Drama"),
    ("manchester", "Manchester by the Sea: grief", "Drama"),
    ("dunkirk", "Dunkirk: soldiers on a beach", "War"),
    ("unforgiven", "Unforgiven: an old gunman rides again", "Western"),
]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    pytest.importorskip("openai", reason="the extra chat is not installed")
    with serving() as address:
        yield address


def chat(model: str, address: str) -> ChatModel:
    return open_chat(f"openai:{model}@{address}", timeout=20.0, retries=0)


def opened(model: ChatModel | None) -> Engine:
    engine = Engine.open(":memory:", base="movies", encoder=ENCODER, chat=model)
    engine.add_items(Item(id=id, text=text, paths=[[genre]]) for id, text, genre in FILMS)
    for k, item in enumerate(("alien", "dunkirk", "dunkirk")):
        engine.observe(Event(user="ann", item=item, kind="like", time=1e9 + k))
    return engine


def test_a_proposed_reading_is_used_where_it_holds(address: str) -> None:
    request = "something that makes me cry, but no war"
    with opened(None) as alone, opened(chat("good", address)) as helped:
        rules = alone.recommend("ann", n=6, request=request)
        answer = helped.recommend("ann", n=6, request=request)
        assert not any("Drama" in line for line in rules.read if line.startswith("+"))
        assert any("Drama" in line for line in answer.read if line.startswith("+"))
        assert any("War" in line for line in answer.read if line.startswith("-")), "what the rules read stands"
        assert {answer[0].item, answer[1].item} == {"kramer", "manchester"}
        assert [r.score for r in helped.recommend("ann", n=6)] == [r.score for r in alone.recommend("ann", n=6)]
        assert not list(helped.records(types=["utterance", "edit"])), "a request leaves nothing behind"


@pytest.mark.parametrize("model", ["lying", "unknown-node", "backwards", "malformed"])
def test_a_proposed_reading_that_fails_is_dropped(address: str, model: str) -> None:
    helper = chat(model, address)
    with opened(None) as alone, opened(helper) as helped:
        request = "something that makes me cry"
        told = [(r.item, r.score) for r in alone.recommend("ann", n=6, request=request)]
        assert [(r.item, r.score) for r in helped.recommend("ann", n=6, request=request)] == told
        assert helper.spent.refused == 1


def test_statements_are_read_by_the_rules_alone(address: str) -> None:
    with opened(chat("good", address)) as engine:
        asked = len(ChatHandler.asked)
        engine.tell("ann", "I like what makes me cry")
        engine.profile("ann")
        engine.recommend("ann", n=3)
        assert len(ChatHandler.asked) == asked


@pytest.mark.parametrize("language", ["en", "zh"])
def test_profile_and_explanation_say_only_their_facts(address: str, language: str) -> None:
    with opened(None) as engine:
        engine.edit("ann", "Horror", "never")
        profile, explanation = engine.profile("ann"), engine.recommend("ann", n=1)[0].explanation
    for make in (lambda model: word_profile(profile, model, language=language),
                 lambda model: word_explanation(explanation, model, language=language)):  # fmt: skip
        template, lied = make(None), make(chat("lying", address))
        assert (template.by, lied.by) == ("template", "template")
        assert str(lied) == str(template)
        for fact in template.facts:
            assert fact.rstrip(".。").casefold() in template.text.casefold()
    told = word_profile(profile, chat("good", address))
    assert told.by == "chat"
    assert told.text.startswith("You like War")
    assert "you never want Horror" in told.text
    with pytest.raises(ConfigError, match="no phrases"):
        word_profile(profile, language="fr")  # type: ignore[arg-type]


def test_induced_names_are_in_the_log_and_survive_without_the_model(address: str) -> None:
    plots = ["a war at sea with a navy crew", "a love story of first love", "a ghost in a dark house", "a wild comedy"]
    items = [Item(id=f"f{k}", text=f"film {k}: {plots[k % 4]}") for k in range(100)]
    with Engine.open(":memory:", base="movies", encoder=ENCODER) as engine:
        engine.add_items(items)
        plain = list(engine.model.world.taxonomy.categories.ids)
    with Engine.open(":memory:", base="movies", encoder=ENCODER, chat=chat("good", address)) as engine:
        engine.add_items(items)
        named = list(engine.model.world.taxonomy.categories.ids)
        fit = next(engine.records(types=["fit"])).body["induced"][""]["names"]
    assert named != plain
    assert sorted(fit) == sorted(named), "replay reads the names from the log"
    words = {word for plot in plots for word in plot.split()}
    assert all(set(name.replace(" & ", " ").split()) <= words for name in named)
