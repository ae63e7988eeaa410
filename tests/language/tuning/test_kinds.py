"""Every method with every kind of transformer: it works, or says in one line what can't be done."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from penchant.errors import EncoderFailed
from penchant.language import open_encoder
from penchant.language.tuning import Example, TuningSettings, tune_encoder

SHAPE = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
T5: dict[str, Any] = {"d_model": 32, "d_kv": 16, "d_ff": 64, "num_layers": 2, "num_heads": 2}
DISTIL = {"dim": 32, "n_layers": 2, "n_heads": 2, "hidden_dim": 64}
BART = {f"{side}_{what}": 2 for side in ("encoder", "decoder") for what in ("layers", "attention_heads")}
BART |= {"d_model": 32, "encoder_ffn_dim": 64, "decoder_ffn_dim": 64}
PLACES = {"max_position_embeddings": 48}
KINDS: dict[str, tuple[str, str, dict[str, Any]]] = {  # model, configuration and its values
    "bert": ("BertModel", "BertConfig", {**SHAPE, **PLACES}),
    "roberta": ("RobertaModel", "RobertaConfig", {**SHAPE, **PLACES}),
    "distilbert": ("DistilBertModel", "DistilBertConfig", {**DISTIL, **PLACES}),
    "gpt2": ("GPT2LMHeadModel", "GPT2Config", {"n_embd": 32, "n_layer": 2, "n_head": 2, "n_positions": 48}),
    "llama": ("LlamaForCausalLM", "LlamaConfig", {**SHAPE, **PLACES, "num_key_value_heads": 1}),
    "t5": ("T5ForConditionalGeneration", "T5Config", T5),
    "bart": ("BartModel", "BartConfig", {**BART, **PLACES}),
}
KEYS, VECTORS = (rf"method {method}: {{}} takes no {what} in front; choose lora or full"
                 for method, what in (("prefix", "keys"), ("prompt", "vectors")))  # fmt: skip
REFUSED = {
    ("distilbert", "prefix"): KEYS.format("DistilBertModel"),
    ("t5", "prefix"): KEYS.format("T5EncoderModel"),
    ("bart", "prefix"): KEYS.format("BartModel"),
    ("bart", "prompt"): VECTORS.format("BartModel"),
}
QUICK: dict[str, Any] = {"epochs": 2, "batch": 24, "tokens": 24, "rate": 0.02, "dev": 0, "test": 0}


@pytest.fixture(scope="module")
def kinds(tiny: Path, decoder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders of two layers each, with weights as they are drawn."""
    import torch
    import transformers

    home = tmp_path_factory.mktemp("kinds")
    for name, (model, config, values) in KINDS.items():
        shutil.copytree(decoder if name in ("gpt2", "llama") else tiny, home / name)
        made = getattr(transformers, config)(
            vocab_size=64, pad_token_id=0, bos_token_id=2, eos_token_id=3, decoder_start_token_id=2, **values
        )
        with torch.random.fork_rng():
            torch.manual_seed(3)
            getattr(transformers, model)(made).save_pretrained(str(home / name))
    return {name: home / name for name in KINDS}


@pytest.mark.parametrize("method", ["full", "lora", "prompt", "prefix", "head"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_method_of_a_kind(
    kind: str, method: str, kinds: dict[str, Path], said: list[Example], tmp_path: Path
) -> None:
    settings, out = TuningSettings.read(QUICK, {"method": method}), tmp_path / "out"
    if (kind, method) in REFUSED:
        with pytest.raises(EncoderFailed, match=REFUSED[kind, method]):
            tune_encoder(kinds[kind], said, out, settings, device="cpu")
        assert not out.exists(), "nothing was begun"
        return
    found = tune_encoder(kinds[kind], said, out, settings, device="cpu")
    losses = [row["loss"] for row in found.history]
    assert losses[1] < losses[0]
    encoder = open_encoder(found.encoder)
    texts = ["send money", "i want to order a pizza please now", "", "bake"]
    rows = encoder.encode(texts)
    assert rows.shape == (4, encoder.dim)
    alone = np.concatenate([encoder.encode([text]) for text in texts])
    np.testing.assert_allclose(rows, alone, atol=1e-4, err_msg="a vector doesn't depend on the padding")
    if method in ("full", "lora"):  # a plain folder, which sentence-transformers reads to the same vectors
        pytest.importorskip("sentence_transformers", reason="the extra st is not installed")
        plain = open_encoder(f"st:{out}").encode(texts)
        some = [0, 1, 3] if kind in ("gpt2", "llama") else [0, 1, 2, 3]  # theirs have no token for the empty text
        np.testing.assert_allclose(plain[some], rows[some], atol=1e-4)
        np.testing.assert_allclose(np.linalg.norm(plain, axis=1), 1, atol=1e-5)


def test_what_t5_learned_is_in_its_folder(kinds: dict[str, Path], said: list[Example], tmp_path: Path) -> None:
    settings = TuningSettings.read(QUICK, {"epochs": 25, "patience": 25, "rate": 0.01, "dev": 0.2})
    found = tune_encoder(kinds["t5"], said, tmp_path / "out", settings, device="cpu")
    assert found.dev is not None
    assert found.dev.category[1].accuracy >= 0.8
    from penchant.language.tuning.encoder import TunedEncoder

    told = TunedEncoder(tmp_path / "out").say([e.text for e in said])
    assert np.mean([t.category == e.category for t, e in zip(told, said, strict=True)]) >= 0.8


def test_attention_alone_where_its_names_are_not_known(
    kinds: dict[str, Path], said: list[Example], tmp_path: Path
) -> None:
    settings = TuningSettings.read(QUICK, {"method": "lora", "lora": {"layers": "attention"}})
    with pytest.raises(
        EncoderFailed, match=r"lora\.layers: 'attention' can't be used of DistilBertModel; choose 'all'"
    ):
        tune_encoder(kinds["distilbert"], said, tmp_path / "out", settings, device="cpu")
    found = tune_encoder(kinds["t5"], said, tmp_path / "out", settings, device="cpu")
    assert 0 < found.trained < 0.3 * found.weights
