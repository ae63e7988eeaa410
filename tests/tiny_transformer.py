"""A tiny transformer that is made here, and texts that it can learn: what tests of tuning share."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from penchant.language.tuning.examples import Example

WORDS = {
    ("bank", "transfer"): "send move transfer money abroad",
    ("bank", "balance"): "how much left account balance",
    ("food", "recipe"): "cook bake recipe dinner oven",
    ("food", "order"): "order pizza deliver hungry takeaway",
}
FILLER = ["please", "can", "you", "i", "want", "to", "the", "a", "my", "now"]


def texts(n: int = 96, seed: int = 1) -> list[Example]:
    """Balanced examples; the intensity is high where the text says `now`."""
    rng = random.Random(seed)
    found: list[Example] = []
    for k in range(n):
        label = list(WORDS)[k % len(WORDS)]
        words = rng.sample(WORDS[label].split(), 2) + rng.sample(FILLER, rng.randint(1, 5))
        rng.shuffle(words)
        found.append(Example(" ".join(words), *label, 0.8 if "now" in words else -0.2))
    return found


def make(folder: Path, *, dropout: float = 0.0, decoder: bool = False, mask: bool = False) -> Path:
    """A transformer of 2 layers with a tokenizer of these words."""
    transformers = pytest.importorskip("transformers", reason="transformers is not installed (extra train)")
    pytest.importorskip("peft", reason="peft is not installed (extra train)")
    pytest.importorskip("accelerate", reason="accelerate is not installed (extra train)")
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    words = sorted({word for of in WORDS.values() for word in of.split()} | set(FILLER))
    vocabulary = {word: k for k, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *words])}
    if mask:
        vocabulary["[MASK]"] = len(vocabulary)
    tokenizer: Any = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    kinds: dict[str, str] = {"unk_token": "[UNK]", "pad_token": "[PAD]"}
    if mask:
        kinds["mask_token"] = "[MASK]"
    if not decoder:
        tokenizer.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
        )
        kinds |= {"cls_token": "[CLS]", "sep_token": "[SEP]"}
    transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, **kinds).save_pretrained(str(folder))
    with torch.random.fork_rng():
        torch.manual_seed(3)
        if decoder:
            config = transformers.GPT2Config(
                vocab_size=len(vocabulary), n_positions=48, n_embd=32, n_layer=2, n_head=2, bos_token_id=1,
                eos_token_id=1, resid_pdrop=dropout, embd_pdrop=dropout, attn_pdrop=dropout,
            )  # fmt: skip
            transformers.GPT2LMHeadModel(config).save_pretrained(str(folder))
        else:
            config = transformers.BertConfig(
                vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
                intermediate_size=64, max_position_embeddings=48, hidden_dropout_prob=dropout,
                attention_probs_dropout_prob=dropout,
            )  # fmt: skip
            transformers.BertModel(config).save_pretrained(str(folder))
    return folder
