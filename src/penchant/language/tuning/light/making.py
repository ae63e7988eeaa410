"""Making a tuned encoder light, and what that costs and gives."""

# pyright: reportUnknownMemberType=false

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from shutil import copyfile
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from penchant.errors import InvalidRecord, MissingExtra, Refused
from penchant.language.encoder import open_encoder
from penchant.language.tuning.encoder import TunedEncoder
from penchant.language.tuning.examples import F32, Example
from penchant.language.tuning.light.encoder import MODEL, TABLE
from penchant.language.tuning.saved import HEADS, kept_of, write_kept

Kind = Literal["int8", "static"]
FEW = 20  # times that the static encoder sees the texts


def make_light(folder: str | Path, out: str | Path, kind: Kind, texts: Sequence[str] = (), *, seed: int = 7) -> Path:
    """Make the tuned encoder in `folder` light, in a folder of its own.

    int8: exported to ONNX, its matrices quantised to 8 bits, activations as they come (dynamic quantisation).
    static: a vector for each token, so that their sum points where the tuned encoder points: begun from each token
    encoded alone (Tulkens and van Dongen 2024, model2vec), then fitted to its vectors of `texts`; 8 bits each.

    Args:
        texts: of the kind that it will see, without labels; static needs some.

    Raises:
        MissingExtra: onnx or onnxruntime is absent (int8). Refused: static without texts.
        InvalidRecord: no such kind, or the same folder. EncoderFailed: there is no tuned encoder in the folder.
    """
    if kind not in ("int8", "static"):
        raise InvalidRecord("kind", kind, "give int8 or static")
    if Path(out).resolve() == Path(folder).resolve():
        raise InvalidRecord("out", str(out), "give a folder of its own")
    if kind == "static" and not texts:
        raise Refused("a static encoder is fitted to texts, and there are none", fix="give texts like those to come")
    source, place = TunedEncoder(folder), Path(out)
    place.mkdir(parents=True, exist_ok=True)
    if kind == "int8":
        _int8(source, place)
    else:
        _static(source, place, texts, seed)
    source.tokenizer.save_pretrained(str(place))
    copyfile(Path(folder) / HEADS, place / HEADS)
    told = kept_of(Path(folder))
    write_kept(
        place, told | {"kind": kind, "pad": source.pad, "tokens": source.tokens, "width": source.dim, "of": source.id}
    )
    return place


def _int8(source: TunedEncoder, place: Path) -> None:
    for package in ("onnx", "onnxruntime"):
        if find_spec(package) is None:
            raise MissingExtra(package, extra="train")
    torch: Any = import_module("torch")
    quantisation: Any = import_module("onnxruntime.quantization")
    network, padded = source.for_export(["two texts of two lengths", "text"])
    whole = place / "whole.onnx"
    with warnings.catch_warnings(action="ignore"), torch.inference_mode():
        torch.onnx.export(
            network, (padded["ids"], padded["mask"]), str(whole), input_names=["ids", "mask"],
            output_names=["vectors"], opset_version=17, dynamo=False,
            dynamic_axes={"ids": {0: "n", 1: "m"}, "mask": {0: "n", 1: "m"}, "vectors": {0: "n"}},
        )  # fmt: skip
        root, before = logging.getLogger(), logging.getLogger().level
        root.setLevel(logging.ERROR)  # it advises a step that is for pictures
        try:
            quantisation.quantize_dynamic(
                str(whole), str(place / MODEL), weight_type=quantisation.QuantType.QInt8, per_channel=True
            )
        finally:
            root.setLevel(before)
    whole.unlink()


def _static(source: TunedEncoder, place: Path, texts: Sequence[str], seed: int) -> None:
    torch: Any = import_module("torch")
    ids = source.ids(texts)
    target = torch.from_numpy(source.encode(texts))
    table = source.token_vectors()
    counts = np.bincount(np.concatenate([np.array(row) for row in ids]), minlength=len(table))
    weight = 1e-3 / (1e-3 + counts / counts.sum())  # smooth inverse frequency (Arora, Liang, Ma 2017)
    table = (table - table[counts > 0].mean(0)) * weight[:, None].astype(np.float32)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        bag: Any = torch.nn.EmbeddingBag.from_pretrained(torch.from_numpy(table), freeze=False, mode="sum", sparse=True)
        adam: Any = torch.optim.SparseAdam(list(bag.parameters()), lr=3e-3)
        for epoch in range(FEW):
            for group in adam.param_groups:
                group["lr"] = 3e-3 * (1 - epoch / FEW)
            for rows in torch.randperm(len(ids)).split(64):
                wanted: list[int] = rows.tolist()
                some = [ids[k] for k in wanted]
                starts = torch.tensor(np.cumsum([0, *(len(row) for row in some[:-1])]))
                flat = torch.tensor([token for row in some for token in row])
                loss = (1 - torch.nn.functional.cosine_similarity(bag(flat, starts), target[rows])).mean()
                adam.zero_grad()
                loss.backward()
                adam.step()
    found: F32 = bag.weight.detach().numpy()
    scale: F32 = np.maximum(np.abs(found).max(1), 1e-9).astype(np.float32) / 127
    packed: npt.NDArray[np.int8] = np.rint(found / scale[:, None]).astype(np.int8)
    import_module("safetensors.numpy").save_file({"table": packed, "scale": scale}, str(place / TABLE))


@dataclass(frozen=True, slots=True)
class Compared:
    """An encoder on some examples: share of right categories and dimensions, texts a second one by one and in batches
    of 64, MiB on disk."""

    encoder: str
    category: float
    dimension: float
    texts_a_second: float
    batched_texts_a_second: float
    mebibytes: float

    def to_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {name: round(value, 4) if isinstance(value, float) else value for name, value in asdict(self).items()}


def compare(folders: Sequence[str | Path], examples: Sequence[Example], *, threads: int = 1) -> list[Compared]:
    """Each folder's encoder on the same examples, one after the other."""
    found: list[Compared] = []
    texts = [example.text for example in examples]
    for folder in folders:
        encoder: Any = open_encoder(f"tuned:{folder}", threads=threads)
        encoder.encode(texts[:8])
        began = time.perf_counter()
        told = [*(encoder.say(texts[k : k + 64]) for k in range(0, len(texts), 64))]
        took = time.perf_counter() - began
        flat = [said for some in told for said in some]
        few = texts[:200]
        began = time.perf_counter()
        for text in few:
            encoder.encode([text])
        one = time.perf_counter() - began
        c = np.mean([s.category == e.category for s, e in zip(flat, examples, strict=True)])
        deep = [s.dimension == e.dimension for s, e in zip(flat, examples, strict=True) if e.dimension is not None]
        size = sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file()) / 2**20
        found.append(Compared(
            Path(folder).name, float(c), float(np.mean(deep)) if deep else 0.0, len(few) / one, len(texts) / took, size
        ))  # fmt: skip
    return found
