"""Sound: WAV files through tiny models of three kinds, as both libraries save them, and into an engine."""

from __future__ import annotations

import shutil
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from penchant import Engine, Event, Item, Settings
from penchant.errors import EncoderFailed
from penchant.interest.evidence.modality import of_modality
from penchant.language.modalities import ModalityEncoder, ModalityVectors, open_modality
from penchant.language.sound import read_sound

SMALL = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}


def sound(file: Path, hertz: float, rate: int = 16_000, seconds: float = 0.5, noise: int | None = None) -> Path:
    """A WAV file of 16 bits: a tone, or noise of a seed."""
    samples = np.sin(np.arange(int(rate * seconds)) * 2 * np.pi * hertz / rate)
    if noise is not None:
        samples = np.random.default_rng(noise).uniform(-1, 1, len(samples))
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes((samples * 30_000).astype("<i2").tobytes())
    return file


def wav2vec2(folder: Path) -> None:
    """As those of speech alone are saved: no tokenizer, which sentence-transformers can't do without."""
    import transformers

    ears: dict[str, Any] = {"conv_dim": [16, 16], "conv_kernel": [10, 3], "conv_stride": [80, 4]}
    config = transformers.Wav2Vec2Config(
        **SMALL, **ears, num_feat_extract_layers=2, num_conv_pos_embeddings=16, num_conv_pos_embedding_groups=2
    )
    transformers.Wav2Vec2Model(config).save_pretrained(folder)
    transformers.Wav2Vec2FeatureExtractor(return_attention_mask=True).save_pretrained(folder)


def whisper(folder: Path) -> None:
    """As Whisper is published: encoder and decoder, for generation."""
    import transformers

    config = transformers.WhisperConfig(
        vocab_size=8, d_model=32, encoder_layers=2, decoder_layers=2, encoder_attention_heads=2, encoder_ffn_dim=32,
        decoder_attention_heads=2, decoder_ffn_dim=32, pad_token_id=2, bos_token_id=1, eos_token_id=2,
        decoder_start_token_id=1,
    )  # fmt: skip
    transformers.WhisperForConditionalGeneration(config).save_pretrained(folder)
    transformers.WhisperFeatureExtractor().save_pretrained(folder)


def clap(folder: Path) -> None:
    """Hears two seconds, and of a longer recording two seconds drawn at random."""
    import transformers
    from tokenizers import Tokenizer, models

    config = transformers.ClapConfig(
        text_config={**SMALL, "vocab_size": 4, "max_position_embeddings": 20},
        audio_config={
            "hidden_size": 32, "patch_embeds_hidden_size": 16, "depths": [1, 1], "num_attention_heads": [2, 2],
            "num_hidden_layers": 2, "spec_size": 64, "window_size": 4, "num_mel_bins": 16, "num_classes": 4,
        },
        projection_dim=16,
    )  # fmt: skip
    transformers.ClapModel(config).save_pretrained(folder)
    words = Tokenizer(models.WordLevel({"<unk>": 0, "<s>": 1, "</s>": 2}, unk_token="<unk>"))
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=words, unk_token="<unk>", pad_token="</s>")
    reader = transformers.ClapFeatureExtractor(feature_size=16, max_length_s=2, truncation="rand_trunc")
    transformers.ClapProcessor(feature_extractor=reader, tokenizer=tokenizer).save_pretrained(folder)


def by_sentence_transformers(make: Callable[[Path], None]) -> Callable[[Path], None]:
    """The same model, saved by sentence-transformers."""

    def saved(folder: Path) -> None:
        from sentence_transformers import SentenceTransformer

        plain = folder.parent / f"{folder.name}-plain"
        make(plain)
        SentenceTransformer(str(plain)).save(str(folder))

    return saved


MODELS = {"wav2vec2": wav2vec2, "whisper": whisper, "clap": clap, "st-clap": by_sentence_transformers(clap)}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Models of two layers, with weights as they are drawn."""
    pytest.importorskip("sentence_transformers", reason="the extra st is not installed")
    import torch

    home = tmp_path_factory.mktemp("sound")
    with torch.random.fork_rng():
        torch.manual_seed(3)
        for name, make in MODELS.items():
            make(home / name)
    return {name: home / name for name in MODELS}


@pytest.mark.parametrize("name", MODELS)
def test_a_model_reads_sound_of_any_rate_and_length(folders: dict[str, Path], tmp_path: Path, name: str) -> None:
    encoder = open_modality(f"audio:{folders[name]}")
    assert isinstance(encoder, ModalityEncoder)
    assert encoder.kind == "audio"
    files = [
        sound(tmp_path / "a.wav", 440), sound(tmp_path / "b.wav", 440, rate=44_100),
        sound(tmp_path / "c.wav", 0, noise=1), sound(tmp_path / "d.wav", 440, rate=8_000, seconds=31),
        sound(tmp_path / "e.wav", 440, seconds=0.001),
    ]  # fmt: skip
    rows = encoder.encode(files)
    assert rows.shape == (5, encoder.dim)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert rows[0] @ rows[1] > rows[0] @ rows[2], "a tone is itself at another rate, and no noise"
    alone = np.concatenate([encoder.encode([file]) for file in files])
    np.testing.assert_array_equal(rows, alone, err_msg="a vector doesn't depend on what else is encoded, or on chance")
    assert encoder.encode([]).shape == (0, encoder.dim)
    assert open_modality(f"audio:{folders[name]}").id == encoder.id


@pytest.mark.parametrize("name", ["clap", "st-clap"])
def test_all_of_a_long_recording_is_heard(folders: dict[str, Path], tmp_path: Path, name: str) -> None:
    encoder = open_modality(f"audio:{folders[name]}")
    halves = [read_sound(sound(tmp_path / f"{k}.wav", 0, 48_000, 2, noise=k))["array"] for k in range(3)]
    files = list[Path]()
    for k in (1, 2):  # they begin alike
        files.append(tmp_path / f"long{k}.wav")
        with wave.open(str(files[-1]), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(48_000)
            out.writeframes((np.concatenate([halves[0], halves[k]]) * 2**15).astype("<i2").tobytes())
    first, other = encoder.encode(files)
    assert not np.array_equal(first, other)
    apart = encoder.encode([tmp_path / "0.wav", tmp_path / "1.wav"]).mean(0)
    np.testing.assert_allclose(first, apart / np.linalg.norm(apart), atol=1e-5, err_msg="the mean of its parts")


def test_the_weights_of_whisper_are_those_saved_and_silence_after_the_end_is_not_heard(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    import torch
    import transformers

    file = sound(tmp_path / "a.wav", 440, seconds=3)
    reader = transformers.WhisperFeatureExtractor.from_pretrained(folders["whisper"])
    model: Any = transformers.WhisperForConditionalGeneration.from_pretrained(folders["whisper"]).eval()
    read: Any = reader(read_sound(file)["array"], sampling_rate=16_000, return_tensors="pt")
    with torch.inference_mode():
        states = model.get_encoder()(read["input_features"]).last_hidden_state[0]
    right = states[: 3 * 50].mean(0).numpy()
    [row] = open_modality(f"audio:{folders['whisper']}").encode([file])
    np.testing.assert_allclose(row, right / np.linalg.norm(right), atol=1e-5)


def test_what_can_not_be_read(folders: dict[str, Path], tmp_path: Path) -> None:
    import transformers
    from safetensors.torch import load_file, save_file

    with pytest.raises(EncoderFailed, match="there is no such folder"):
        open_modality(f"audio:{tmp_path / 'nowhere'}")
    text = tmp_path / "text"
    transformers.BertModel(transformers.BertConfig(**SMALL, vocab_size=8)).save_pretrained(text)
    with pytest.raises(EncoderFailed, match=r"can't be loaded .*; give a saved model's folder, with its preprocessor"):
        open_modality(f"audio:{text}")
    square = {"height": 32, "width": 32}
    config = transformers.ViTConfig(**SMALL, image_size=32, patch_size=8)
    transformers.ViTModel(config).save_pretrained(tmp_path / "seeing")
    transformers.ViTImageProcessor(size=square).save_pretrained(tmp_path / "seeing")
    with pytest.raises(EncoderFailed, match=r"can't be loaded|doesn't read sound"):
        open_modality(f"audio:{tmp_path / 'seeing'}")
    torn = tmp_path / "torn"
    shutil.copytree(folders["wav2vec2"], torn)
    weights = load_file(torn / "model.safetensors")
    save_file({k: v for k, v in weights.items() if "layers.1" not in k}, torn / "model.safetensors", {"format": "pt"})
    with pytest.raises(EncoderFailed, match=r"of its weights are missing, encoder\.layers\.1"):
        open_modality(f"audio:{torn}")
    unpooled = tmp_path / "unpooled"
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Transformer

    module = Transformer(str(folders["whisper"]))
    SentenceTransformer(modules=[module]).save(str(unpooled))
    with pytest.raises(EncoderFailed, match="with a pooling module"):
        open_modality(f"audio:{unpooled}")


@pytest.mark.parametrize("width", [1, 2, 4])
def test_a_file_is_read(tmp_path: Path, width: int) -> None:
    with wave.open(str(tmp_path / "tone.wav"), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(width)
        out.setframerate(8000)
        samples = np.sin(np.arange(800) / 5) * (2 ** (8 * width - 1) - 1) + (128 if width == 1 else 0)
        out.writeframes(np.repeat(samples.astype({1: "u1", 2: "<i2", 4: "<i4"}[width]), 2).tobytes())
    read = read_sound(tmp_path / "tone.wav")
    assert read["sampling_rate"] == 8000
    assert read["array"].shape == (800,)
    assert 0.95 < float(np.abs(read["array"]).max()) <= 1.0
    assert abs(float(read["array"].mean())) < 0.05


def test_files_that_are_no_sound(tmp_path: Path) -> None:
    (tmp_path / "no.wav").write_bytes(b"RIFF")
    with pytest.raises(EncoderFailed, match="can't be read"):
        read_sound(tmp_path / "no.wav")
    with pytest.raises(EncoderFailed, match="nothing is in it"):
        read_sound(sound(tmp_path / "empty.wav", 440, seconds=0))
    whole = sound(tmp_path / "cut.wav", 440).read_bytes()
    (tmp_path / "cut.wav").write_bytes(whole[:-1])
    with pytest.raises(EncoderFailed, match="can't be read"):
        read_sound(tmp_path / "cut.wav")


def test_files_become_an_evidence(folders: dict[str, Path], tmp_path: Path) -> None:
    """Tones and noise, which their texts don't tell; she keeps to noise."""
    items = [
        Item(
            id=f"i{k}", text=f"thing number {k * 7919 % 997}", paths=[["things"]],
            audio=[str(sound(tmp_path / f"{k}.wav", 200 + 10 * k, 8_000, noise=k if k % 2 else None))],
        )
        for k in range(40)
    ]  # fmt: skip
    items.append(Item(id="mute", text="thing without a sound", paths=[["things"]]))
    vectors = ModalityVectors.of(items, open_modality(f"audio:{folders['wav2vec2']}"))
    assert len(vectors) == 40
    settings = {"evidence": [*Settings().evidence, "sound"], "diversity": {"method": "none"}}
    with Engine.open(":memory:", "shop", settings, evidence={"sound": of_modality(vectors)}) as engine:
        engine.add_items(items)
        for k in (1, 3, 5):
            engine.observe(Event(user="ann", item=f"i{k}", kind="listen", time=1e9 + k))
        model = engine.model
        evidence = next(one for one in model.evidences if one.name == "sound")
        values = evidence.values(model.asker(model.user("ann"), 1e9 + 9), np.arange(6, 40, dtype=np.int32))
        assert values[1::2].mean() > values[::2].mean() + values.std() / 2, "noises are nearer to noises than tones are"
        near, mute = engine.explain(user="ann", item="i7")[0], engine.explain(user="ann", item="mute")[0]
        part = next(p for p in near.parts if p.name == "sound")
        assert part.value > 0
        assert part.phrase().startswith("it sounds like thing number")
        assert "no sound" in next(p for p in mute.parts if p.name == "sound").phrase()
