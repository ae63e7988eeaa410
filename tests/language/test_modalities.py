"""Pictures and sound: encoders with a tiny model made here, given vectors, fusion, and what lacking one does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from penchant import Engine, Event, Item, Settings
from penchant.errors import EncoderFailed, EncoderMismatch, InvalidRecord, StoreError
from penchant.interest.evidence.modality import SHARED, of_modality
from penchant.language.modalities import (
    ModalityEncoder,
    ModalityVectors,
    SentenceTransformerModality,
    open_modality,
)

COLOURS = {"red": (220, 20, 20), "blue": (20, 20, 220), "green": (20, 200, 20)}


def picture(file: Path, colour: str, size: int = 32) -> Path:
    image: Any = pytest.importorskip("PIL.Image", reason="pillow is not installed (extra st)")
    image.new("RGB", (size, size), COLOURS[colour]).save(file)
    return file


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a CLIP of two layers, with weights as they are drawn."""
    pytest.importorskip("sentence_transformers", reason="the extra st is not installed")
    import torch
    import transformers
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Transformer
    from tokenizers import Tokenizer, models, pre_tokenizers

    folder = tmp_path_factory.mktemp("clip")
    words = {word: k for k, word in enumerate(["<unk>", "<s>", "</s>", "red", "blue", "green", "a", "square"])}
    tokenizer: Any = Tokenizer(models.WordLevel(words, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="<unk>", bos_token="<s>", eos_token="</s>", pad_token="</s>",
        model_max_length=16,
    )  # fmt: skip
    sizes = {"hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    with torch.random.fork_rng():
        torch.manual_seed(3)
        model = transformers.CLIPModel(
            transformers.CLIPConfig(
                text_config={**sizes, "vocab_size": 8, "max_position_embeddings": 16, "eos_token_id": 2},
                vision_config={**sizes, "image_size": 32, "patch_size": 8}, projection_dim=16,
            )
        )  # fmt: skip
    model.save_pretrained(folder)
    square = {"height": 32, "width": 32}
    reader = transformers.CLIPImageProcessor(size=square, crop_size=square)
    transformers.CLIPProcessor(image_processor=reader, tokenizer=fast).save_pretrained(folder)
    saved = tmp_path_factory.mktemp("model") / "tiny-clip"
    SentenceTransformer(modules=[Transformer(str(folder))]).save(str(saved))
    return saved


def test_a_clip_reads_pictures(clip: Path, tmp_path: Path) -> None:
    encoder = open_modality(f"image:{clip}")
    assert isinstance(encoder, ModalityEncoder)
    files = [picture(tmp_path / f"{k}.png", colour) for k, colour in enumerate(("red", "blue", "red"))]
    rows = encoder.encode(files)
    assert rows.shape == (3, encoder.dim)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(rows[0], rows[2], atol=1e-5)
    assert float(rows[0] @ rows[1]) < 0.9999
    assert encoder.encode([]).shape == (0, encoder.dim)
    assert open_modality(f"image:{clip}").id == encoder.id


def test_what_a_model_can_not_read(clip: Path, tmp_path: Path) -> None:
    with pytest.raises(EncoderFailed, match="it reads"):
        open_modality(f"audio:{clip}")
    with pytest.raises(EncoderFailed, match="there is no such folder"):
        SentenceTransformerModality(tmp_path / "nowhere")
    (tmp_path / "text.png").write_text("not a picture")
    with pytest.raises(EncoderFailed, match="can't be read"):
        open_modality(f"image:{clip}").encode([tmp_path / "text.png"])


class MeanColour:
    """A user's own encoder: the mean colour."""

    id, dim, kind = "mean-colour:1", 3, "image"

    def encode(self, files: Any) -> Any:
        from PIL import Image

        rows = np.array([np.asarray(Image.open(f), np.float32).mean((0, 1)) for f in files]).reshape(len(files), 3)
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_vectors_of_items_given_or_encoded(tmp_path: Path) -> None:
    red, blue = picture(tmp_path / "red.png", "red"), picture(tmp_path / "blue.png", "blue")
    items = [
        Item(id="both", images=[str(red), str(blue)]),
        Item(id="red", images=[str(red)]),
        Item(id="given", images=[str(blue)], vectors={"mean-colour:1": (1.0, 0.0, 0.0)}),
        Item(id="none", text="no picture"),
    ]
    vectors = ModalityVectors.of(items, MeanColour())
    assert [item.id in vectors for item in items] == [True, True, True, False]
    assert vectors["given"].tolist() == [1.0, 0.0, 0.0], "its file was not read"
    assert vectors["red"] @ vectors["both"] < vectors["red"] @ vectors["red"]
    assert vectors.read(items, MeanColour()) == 0, "nothing is encoded twice"
    vectors.save(tmp_path / "look.npz")
    again = ModalityVectors.load(tmp_path / "look.npz")
    assert (again.encoder, again.kind, len(again)) == ("mean-colour:1", "image", 3)
    np.testing.assert_array_equal(again["both"], vectors["both"])
    (tmp_path / "bad.npz").write_text("no")
    with pytest.raises(StoreError, match="not vectors of a modality"):
        ModalityVectors.load(tmp_path / "bad.npz")


@pytest.mark.parametrize(
    "file", ["http://example.org/a.png", "file:///etc/hostname", "data:image/png;base64,AA", "no.png"]
)
def test_only_local_files_are_read(file: str) -> None:
    with pytest.raises(InvalidRecord, match=r"item\.images"):
        ModalityVectors.of([Item(id="a", images=[file])], MeanColour())


def test_vectors_of_two_encoders_do_not_mix() -> None:
    vectors = ModalityVectors("other:1", "image", 3)
    with pytest.raises(EncoderMismatch, match="not of mean-colour"):
        vectors.read([], MeanColour())
    with pytest.raises(EncoderMismatch, match="4 dimensions"):
        vectors.put({"a": [1, 2, 3, 4]})


def look(n: int = 60, without: int = 0) -> tuple[list[Item], ModalityVectors]:
    """Items in two styles that their text doesn't tell; the first `without` of them have no picture."""
    rng = np.random.Generator(np.random.Philox(5))
    centres = rng.standard_normal((2, 8))
    items = [Item(id=f"i{k}", text=f"thing number {k * 7919 % 997}", paths=[["things"]]) for k in range(n)]
    vectors = ModalityVectors("made:1", "image", 8)
    vectors.put({f"i{k}": centres[k % 2] + 0.3 * rng.standard_normal(8) for k in range(without, n)})
    return items, vectors


def opened(items: list[Item], vectors: ModalityVectors, path: str | Path = ":memory:") -> Engine:
    settings = {"evidence": [*Settings().evidence, "look"], "diversity": {"method": "none"}}
    engine = Engine.open(path, "shop", settings, evidence={"look": of_modality(vectors)})
    engine.add_items(items)
    return engine


def test_the_weight_is_learned_and_the_reason_names_the_nearest(tmp_path: Path) -> None:
    items, vectors = look()
    with opened(items, vectors, tmp_path / "a.db") as engine:
        for k in range(150):  # everybody keeps to one style
            user = k % 10
            item = f"i{(2 * ((k * 13) // 10 + user) + user % 2) % 60}"
            engine.observe(Event(user=f"u{user}", item=item, kind="purchase", time=1e9 + 60 * k))
        answer = engine.recommend("u1", n=10, repeats=True)
        assert np.mean([int(r.item[1:]) % 2 for r in answer]) >= 0.8
        part = next(p for p in answer[0].explanation.parts if p.name == "look")
        assert part.value > 0
        assert part.phrase().startswith("it looks like thing number")
        alone = engine.explain(user="u1", item=answer[0].item)[0]
        same = next(p for p in alone.parts if p.name == "look")
        assert same.value == pytest.approx(part.value, abs=1e-9), "a value doesn't depend on what else is asked"
        told = [(r.item, r.score) for r in answer]
    with opened(items, vectors, tmp_path / "a.db") as engine:
        assert [(r.item, r.score) for r in engine.recommend("u1", n=10, repeats=True)] == told


def test_an_item_without_a_picture_has_the_mean_of_those_with_and_its_share_of_their_spread() -> None:
    items, vectors = look(n=400, without=200)
    with opened(items, vectors) as engine:
        for k, item in enumerate((201, 203, 207, 211)):
            engine.observe(Event(user="ann", item=f"i{item}", kind="like", time=1e9 + k))
        model = engine.model
        evidence = next(e for e in model.evidences if e.name == "look")
        asker = model.asker(model.user("ann"), 1e9 + 9)
        rows = np.arange(400, dtype=np.int32)
        values = evidence.values(asker, rows)
        np.testing.assert_allclose(evidence.values(asker, rows[:7]), values[:7], atol=1e-9)
        assert values[:200].mean() == pytest.approx(values[200:].mean(), abs=0.25 * values[200:].std())
        assert values[:200].std() == pytest.approx(SHARED * values[200:].std(), rel=0.25)
        assert evidence.reason(asker, 0).key == "lacks_look"
        assert evidence.silent(model.asker(None, 1e9 + 9))
