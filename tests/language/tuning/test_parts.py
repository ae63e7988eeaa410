"""Examples, labels, settings, the heads' arithmetic, the report, and a catalogue's own pairs."""

from __future__ import annotations

import math
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant import Engine, Event, Item
from penchant.errors import ConfigError, EncoderFailed, InvalidRecord, Refused
from penchant.language.tuning import Example, Report, TuningSettings, read_examples
from penchant.language.tuning.examples import Labels, split
from penchant.language.tuning.methods import method_named
from penchant.language.tuning.methods.prefix.options import PrefixOptions
from penchant.language.tuning.methods.prompt.options import PromptOptions
from penchant.language.tuning.pairs import examples_of
from penchant.language.tuning.report import report_of


@pytest.mark.parametrize("name", ["said.csv", "said.jsonl"])
def test_examples_are_read(name: str, tmp_path: Path) -> None:
    rows = {
        "said.csv": "text,category,dimension,intensity\nsend it,bank,transfer,0.5\nhello,chat,,\n",
        "said.jsonl": '{"text": "send it", "category": "bank", "dimension": "transfer", "intensity": 0.5}\n'
        '{"text": "hello", "category": "chat"}\n',
    }
    (tmp_path / name).write_text(rows[name])
    assert read_examples(tmp_path / name) == [Example("send it", "bank", "transfer", 0.5), Example("hello", "chat")]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("text,category,intensity\na,x,3\n", r"said.csv, line 2, example.intensity: 3\.0"),
        ("text,category,intensity\na,x,\nb,x,high\n", "line 3, example.intensity: 'high'"),
        ("text,category\n,x\n", "line 2, example.text"),
        ("text,dimension\na,x\n", "column category"),
    ],
)
def test_a_bad_row_is_named(rows: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "said.csv").write_text(rows)
    with pytest.raises(InvalidRecord, match=message):
        read_examples(tmp_path / "said.csv")


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xy")), min_size=1, max_size=60),
    st.floats(0, 0.4), st.floats(0, 0.4), st.integers(0, 9),
)  # fmt: skip
def test_parts_are_disjoint_and_each_label_stays(
    pairs: list[tuple[str, str]], dev: float, test: float, seed: int
) -> None:
    examples = [Example(f"text {k}", *pair) for k, pair in enumerate(pairs)]
    parts = split(examples, [dev, test], seed)
    assert sorted(e.text for part in parts for e in part) == sorted(e.text for e in examples)
    assert {(e.category, e.dimension) for e in parts[0]} == {(e.category, e.dimension) for e in examples}
    assert parts == split(examples, [dev, test], seed)


def test_settings_name_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "tune.toml").write_text('method = "lora"\n[lora]\nrank = 4\n')
    settings = TuningSettings.read(tmp_path / "tune.toml", {"epochs": None, "lora": {"alpha": 8}})
    assert (settings.lora.rank, settings.lora.alpha, settings.epochs) == (4, 8.0, 8)
    with pytest.raises(ConfigError, match=r"tuning\.method: 'bitfit' can't be used.*'lora'"):
        TuningSettings.read({"method": "bitfit"})
    with pytest.raises(ConfigError, match=r"tuning\.lora\.size: there is no such setting.*rank"):
        TuningSettings.read({"lora": {"size": 4}})
    with pytest.raises(ConfigError, match="give the path of a TOML file"):
        TuningSettings.read(tmp_path / "none.toml")
    (tmp_path / "tune.toml").write_text("method =")
    with pytest.raises(ConfigError, match="toml"):
        TuningSettings.read(tmp_path / "tune.toml")


def test_heads_are_one_tree() -> None:
    """Leaves' probabilities sum to their category's; a category without dimensions is its own leaf."""
    torch: Any = pytest.importorskip("torch", reason="PyTorch is not installed (extra train)")
    from penchant.language.tuning.network import Heads

    labels = Labels.of([Example("t", "a", "x"), Example("t", "a", "y"), Example("t", "b"), Example("t", "c", "x")])
    assert labels.dimensions == [("a", "x"), ("a", "y"), ("b", None), ("c", "x")]
    torch.manual_seed(1)
    heads = Heads(6, torch.from_numpy(labels.parents))
    for head in (heads.category, heads.dimension):
        torch.nn.init.normal_(head.weight)
    x = torch.randn(5, 6)
    category, leaf, intensity = heads(x)
    p_c, p_d = category.softmax(1), leaf.softmax(1)
    torch.testing.assert_close(p_c[:, 0], p_d[:, 0] + p_d[:, 1])
    torch.testing.assert_close(p_c[:, 1:], p_d[:, 2:])
    assert bool((intensity.abs() <= 1).all())
    grad = torch.autograd.grad(category[0].softmax(0)[0], heads.dimension.weight)[0]
    assert bool(torch.isfinite(grad).all())
    assert float(grad.abs().sum()) > 0


def test_report_goes_to_json_and_back() -> None:
    examples = [Example("1", "a", "x", 0.5), Example("2", "a", "y"), Example("3", "b", "x")]
    labels = Labels.of(examples)
    leaf = np.array([[2, 0, 0], [2, 0, 0], [0, 0, 2]], np.float32)
    category = np.array([[1, 0], [1, 0], [0, 1]], np.float32)
    report = report_of(labels, examples, (category, leaf, np.array([0.25, 0, 0], np.float32)))
    assert report.category[1].accuracy == 1.0
    assert report.dimension is not None
    assert report.dimension[1].accuracy == pytest.approx(2 / 3)
    assert report.intensity == pytest.approx(0.25)
    assert report.to_dict()["dimension"]["classes"]["a › x"]["precision"] == 0.5
    assert Report.from_dict(report.to_dict()).to_dict() == report.to_dict()
    assert ("dimension", "b › x", "1.000", "1.000", "1.000", "1") in report.rows()


def test_pairs_of_a_catalogue() -> None:
    with Engine.open(":memory:", "movies") as engine:
        with pytest.raises(Refused, match="no item"):
            examples_of(engine.store.entries(), engine.settings)
        engine.add_items(
            [
                Item(id="1", text="a war film", paths=[["film", "drama", "war"], ["film", "history"]]),
                Item(id="2", text="a fond look", paths=[["film", "comedy"]]),
            ]
        )
        engine.observe_many([Event(user="u", item="1", kind="rating", value=v, time=1e9 + v) for v in (5, 3)])
        found = examples_of(engine.store.entries(types=["item", "event"]), engine.settings)
        strength = [engine.settings.kind("rating").strength(v) for v in (5, 3)]
    assert found == [
        Example("a war film", "drama", "war", sum(strength) / 2),
        Example("a war film", "history", None, sum(strength) / 2),
        Example("a fond look", "comedy", None, None),
    ]
    assert math.isfinite(sum(strength))


def test_prompt_on_any_and_prefix_where_keys_can_stand_in_front() -> None:
    transformers = pytest.importorskip("transformers", reason="transformers is not installed (extra train)")
    pytest.importorskip("peft", reason="peft is not installed (extra train)")
    torch = pytest.importorskip("torch")
    shape = {"vocab_size": 300, "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    other = {"vocab_size": 300, "dim": 16, "n_layers": 1, "n_heads": 2, "hidden_dim": 32}
    for config in (transformers.MPNetConfig(**shape), transformers.DistilBertConfig(**other)):
        encoder = transformers.AutoModel.from_config(config)
        with pytest.raises(EncoderFailed, match=r"method prefix: .* takes no keys in front; choose lora or full"):
            method_named("prefix").attach(encoder, PrefixOptions())
        with warnings.catch_warnings(action="ignore"):  # of peft about transformers
            made = method_named("prompt").attach(encoder, PromptOptions(vectors=3))
        ids = torch.ones(2, 5, dtype=torch.long)
        made(input_ids=ids, attention_mask=ids).last_hidden_state[:, -1, 0].sum().backward()
        assert float(made.prompt_encoder["default"].embedding.weight.grad.abs().sum()) > 0
