"""Every sentence that the engine can say to somebody at the console is in the table of what it is in Chinese."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Callable, Iterator
from importlib import resources
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import penchant
from penchant import Edit, Engine, Event, Item, Utterance
from penchant.config import Settings
from penchant.errors import ConfigError, InvalidRecord, PenchantError
from penchant.recommend.condition import compile_condition
from penchant.recommend.policy import Rule
from penchant.serve.console.said import say, say_error

ROOT = Path(penchant.__file__).parent
# where errors come from that the console shows with what they say; a store's are told without
ERRORS = (
    "records.py", "engine/core.py", "engine/writing.py", "engine/asking.py", "engine/likeness.py", "engine/lives.py",
    "engine/placing.py", "engine/overview.py", "engine/history.py", "engine/restoring.py", "engine/following.py",
    "engine/versions.py", "engine/rolling_back.py", "interest/intake.py", "recommend/condition.py",
    "recommend/policy.py", "data/cells.py", "data/files.py", "data/lines.py", "data/columns.py", "data/tables.py",
    "data/times.py", "serve/host.py", "serve/restore.py", "serve/console/answers.py", "serve/console/settings.py",
    "store/restoring.py",
)  # fmt: skip
NOTES = ("data/files.py", "data/lines.py", "data/tables.py", "data/reading.py")
RECEIPTS = ("engine/lives.py", "engine/restoring.py", "trust/erase.py")
NAMED = {  # classes of errors: which arguments are sentences
    "InvalidRecord": (2,), "UnknownId": (0,), "Refused": (0,), "ConfigError": (0,), "PenchantError": (0,),
    "ValueError": (0,), "EncoderMismatch": (0,), "NotReady": (0,), "_refuse": (1, 2), "_error": (0, 1),
    "unexpected": (0,),
}  # fmt: skip
HAN = re.compile("[\u4e00-\u9fff]")


def shapes(node: ast.expr | None) -> Iterator[str]:
    """Texts that an expression of literals can give, its places filled with 17; none where it is no literal."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from shapes(node.body)
        yield from shapes(node.orelse)
    elif isinstance(node, ast.BinOp):
        yield from ("".join(both) for both in product(shapes(node.left), shapes(node.right)))
    elif isinstance(node, ast.JoinedStr):
        yield "".join(next(shapes(part), "17") if isinstance(part, ast.Constant) else "17" for part in node.values)


def calls(files: tuple[str, ...], named: Callable[[str], tuple[int, ...]]) -> Iterator[tuple[str, str]]:
    """(place, sentence) of the arguments that are sentences, of all calls of these names."""
    for file in files:
        for node in ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                wanted = [node.args[k] for k in named(called) if k < len(node.args)]
                wanted += [word.value for word in node.keywords if word.arg == "fix" and named(called)]
                for text in (text for one in wanted for text in shapes(one)):
                    yield f"{file}:{node.lineno}", text


def missing(found: Iterator[tuple[str, str]]) -> list[tuple[str, str]]:
    told = list(found)
    assert told
    return [(place, text) for place, text in told if re.search("[A-Za-z]{2}", text) and not HAN.search(say(text, "zh"))]


def test_every_error_that_can_come_is_in_the_table() -> None:
    assert missing(calls(ERRORS, lambda name: NAMED.get(name, ()))) == []


def test_every_note_on_a_file_is_in_the_table() -> None:
    notes = list(calls(NOTES, lambda name: {"append": (0,), "Notes": (0,)}.get(name, ())))
    # what is counted has its number behind it; of one character in a text, it is not a note
    counted = [(p, f"{t}: 17") for p, t in calls(NOTES, lambda name: {"count": (0,)}.get(name, ()))]
    assert missing(iter([*notes, *[one for one in counted if len(one[1]) > 8]])) == []


def test_everything_that_a_receipt_says_is_in_the_table() -> None:
    assert missing(calls(RECEIPTS, lambda name: {"clean": (1,), "pending": (1,)}.get(name, ()))) == []


def test_the_table_has_a_chinese_text_for_each_and_no_place_that_its_english_lacks() -> None:
    source = (resources.files("penchant.serve.console.texts") / "said.toml").read_text(encoding="utf-8")
    for section in tomllib.loads(source).values():
        for english, chinese in section.items():
            assert HAN.search(chinese), english
            places = {int(k) for k in re.findall(r"\{(\d+)(?::t)?\}", chinese)}
            assert places <= set(range(english.count("{}"))), english


@pytest.mark.parametrize(
    "act",
    [
        lambda: Item(id=3), lambda: Item(id="a", fields={"x": float("inf")}), lambda: Item(id="a", paths=[[]]),
        lambda: Item(id="a", paths="b"), lambda: Item(id="a", available="perhaps"), lambda: Item(id="a", texts="b"),
        lambda: Item(id="a", fields=3), lambda: Item(id="a", vectors={"e": ["x"]}), lambda: Item(text="b"),
        lambda: Event(user="a", item="b", value="much"), lambda: Event(user="a", item="b", time="soon"),
        lambda: Event(user="a", item="b", context=[]), lambda: Utterance(user="a", text=" "),
        lambda: Edit(user="a", path=["b"], op="most"), lambda: Edit(user="a", path=[], op="more"),
        lambda: Settings.load("movies", {"half_life": {"long": -1}}),
        lambda: Settings.load("movies", {"half_life": {"long": float("nan")}}),
        lambda: Settings.load("movies", {"kinds": {"like": {"intensity": 2}}}),
        lambda: Settings.load("movies", {"policy": {"rule": []}}),
        lambda: Rule(action="cap", path=["War"], limit=1.5), lambda: Rule(action="hide", path=["War"]),
        lambda: Rule(action="boost", path=["War"]), lambda: Rule(action="block"),
        lambda: Rule(action="block", when="a ="),
        lambda: Rule(action="block", when="(a > 2"), lambda: Rule(action="block", when="a > 'b"),
        lambda: Rule(action="block", when="a > 1 2"), lambda: Rule(action="block", when="[b] > 2 +"),
        lambda: compile_condition("(a < 2) < 3"), lambda: compile_condition("a in [b]"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_what_was_given_is_told_in_chinese(act: Callable[[], Any]) -> None:
    with pytest.raises((InvalidRecord, ConfigError)) as caught:
        act()
    told = say_error(caught.value, "zh")
    assert HAN.search(told)
    what, fix = say(caught.value.what, "zh"), say(caught.value.fix, "zh")
    assert what, caught.value.what
    assert fix or not caught.value.fix, caught.value.fix
    assert not re.search(r"[A-Za-z']+ [A-Za-z']+ [A-Za-z']+ [A-Za-z']+", re.sub(r"'.*?'|可写.*", "", told)), told


def test_what_the_table_lacks_is_left_out() -> None:
    assert say_error(PenchantError("an odd thing came", fix="check the id"), "zh") == "请检查标识"
    assert say_error(PenchantError("an odd thing came"), "en") == "an odd thing came"


def test_a_limit_that_can_not_be_kept_to_is_told_in_chinese() -> None:
    with Engine.open(base="shop") as engine:
        engine.add_items([Item(id="tea", text="tea", paths=(("tea",),), fields={"colour": "red"})])
        for text in ("nothing over 20 dollars", "only films from the nineties", "nothing longer than two hours"):
            engine.tell("ann", text)
        lines = [line for said in engine.profile("ann").statements for line in said.limits]
    assert len(lines) == 3
    for line, noun in zip(lines, ("价格", "年份", "时长"), strict=True):
        assert say(line, "zh").endswith(f"：未应用，没有商品带有{noun}")
        assert say(line, "en") == line
