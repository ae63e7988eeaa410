"""What a training leaves in its folder: an encoder, heads, reports, a picture."""

# pyright: reportUnknownMemberType=false

from __future__ import annotations

import json
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penchant.errors import EncoderFailed
from penchant.language.tuning.examples import Labels
from penchant.language.tuning.methods import method_named
from penchant.language.tuning.source import POOLINGS, Source

if TYPE_CHECKING:
    from penchant.language.tuning.run import Run
    from penchant.language.tuning.training import Tuning

HEADS, TOLD, ADAPTER, BASE = "heads.safetensors", "tuning.json", "adapter", "base"


def save(folder: Path, run: Run, tuning: Tuning) -> None:
    """Write all of it."""
    safe: Any = import_module("safetensors.torch")
    heads = {name: t.detach().cpu().contiguous() for name, t in run.plain.heads.state_dict().items()}
    safe.save_file(heads, str(folder / HEADS))
    encoder = method_named(run.settings.method).detach(run.plain.encoder.cpu())
    write_encoder(folder, encoder, run.source)
    told = {
        "kind": "adapter" if hasattr(encoder, "peft_config") else "transformer",
        "settings": run.settings.model_dump(mode="json"),
        "categories": run.labels.categories,
        "dimensions": [list(leaf) for leaf in run.labels.dimensions],
    }
    write_kept(folder, told)
    _write(folder / "report.json", tuning.to_dict())
    if find_spec("matplotlib") is not None:
        curve(folder / "loss.png", tuning.history)


def write_encoder(folder: Path, encoder: Any, source: Source) -> None:
    """A folder that sentence-transformers opens too (not of an adapter): transformer, tokenizer and pooling."""
    if hasattr(encoder, "peft_config"):  # apart, so that nothing opens the transformer without its adapter
        encoder.save_pretrained(str(folder / ADAPTER))
        folder = folder / BASE
        encoder.get_base_model().save_pretrained(str(folder))
        source.tokenizer.save_pretrained(str(folder))
    else:
        encoder.save_pretrained(str(folder))
        source.tokenizer.save_pretrained(str(folder))
    modules = [
        {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
        {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
    ]
    _write(folder / "modules.json", modules)
    _write(folder / "sentence_bert_config.json", {"max_seq_length": source.tokens, "do_lower_case": False})
    (folder / "1_Pooling").mkdir(exist_ok=True)
    pooling = {key: name == source.pooling for name, key in POOLINGS.items()}
    _write(folder / "1_Pooling" / "config.json", {"word_embedding_dimension": source.width, **pooling})


def write_kept(folder: Path, told: dict[str, Any]) -> None:
    """What a folder's encoder is: its kind, settings and labels."""
    _write(folder / TOLD, told)


def kept_of(folder: Path) -> dict[str, Any]:
    """What `write_kept` wrote.

    Raises:
        EncoderFailed: there is no tuned encoder in that folder.
    """
    try:
        return json.loads((folder / TOLD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise EncoderFailed(
            f"encoder tuned:{folder}: there is no tuned encoder in that folder", fix="give that of a training"
        ) from None


def labels_of(folder: Path) -> Labels:
    """The labels that its heads tell apart."""
    told = kept_of(folder)
    return Labels(list(told["categories"]), [(leaf[0], leaf[1]) for leaf in told["dimensions"]])


def curve(path: Path, history: list[dict[str, Any]]) -> None:
    """Loss and dev accuracy by epoch, as a PNG."""
    figure: Any = import_module("matplotlib.figure").Figure(figsize=(6.4, 4), layout="constrained")
    loss: Any = figure.subplots()
    epochs = [row["number"] for row in history]
    loss.plot(epochs, [row["loss"] for row in history], color="tab:red", marker="o", label="training loss")
    loss.set(xlabel="epoch", ylabel="loss")
    right: Any = loss.twinx()
    for level, color in (("category", "tab:blue"), ("dimension", "tab:green")):
        if any(row[level] for row in history):
            right.plot(epochs, [row[level] for row in history], color=color, marker="s", label=f"dev accuracy, {level}")
    right.set_ylabel("accuracy")
    figure.legend(loc="outside lower center", ncols=3, frameon=False)
    figure.savefig(path, dpi=120)


def _write(path: Path, told: Any) -> None:
    path.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
