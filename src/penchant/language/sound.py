"""Sound to vectors: WAV files read, brought to the rate a model was made for, and cut where it would not hear the rest.

Models of sound take one rate and a short time: CLAP draws ten seconds of a longer recording at random, Whisper drops
what is past thirty. So a recording is cut into equal parts that fit, and the mean of their vectors stands for it. Every
part goes through the model alone: padding to a longer neighbour would change a vector with the company it is in.
"""

from __future__ import annotations

import math
import threading
import wave
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from penchant.errors import EncoderFailed, MissingExtra
from penchant.language.encoder import Vectors, unit_rows
from penchant.language.sentence_model import failed, load
from penchant.language.sentence_transformer import fingerprint

Samples = npt.NDArray[np.float32]
SECONDS = 10.0  # of a part, where the model names no length
LEAST = 0.1  # seconds; what is shorter is filled with silence, as no model hears it otherwise
SPARE = ("masked_spec_embed", "pooler")  # weights that no vector of sound is made with


class SoundEncoder:
    """A model of sound: CLAP, Whisper, Wav2Vec2, HuBERT, WavLM, AST or the like (extra `st`).

    A folder that sentence-transformers saved is loaded by it. Any other is loaded by transformers: the projected vector
    where the model has one (CLAP), else the mean of the encoder's last states over what is not padding.

    Args:
        folder: of a saved model. A hub id is not taken: name a local folder.
        threads: torch threads on the processor.
        device: torch device; None: the accelerator where torch finds one.

    Raises:
        MissingExtra: sentence-transformers is not installed.
        EncoderFailed: there is no such folder, the model can't be loaded, or it doesn't read sound.
    """

    kind: Literal["audio"] = "audio"

    def __init__(self, folder: str | Path, *, threads: int = 1, device: str | None = None) -> None:
        home = Path(folder).expanduser()
        if not home.is_dir():
            raise EncoderFailed(f"audio encoder {folder}: there is no such folder", fix="give a saved model's folder")
        self._lock = threading.Lock()
        what, saved = f"audio encoder {folder}", (home / "modules.json").is_file()
        part, reader = (_sentence_model if saved else _plain_model)(home, what, threads, device)
        self._part: Callable[[Samples], Any] = part
        self._rate = int(reader.sampling_rate)
        self._seconds = float(_length(reader))
        self.id = f"{'st' if saved else 'tf'}-audio:{home.name}:{fingerprint(home)}"
        self.dim = len(self._vector(np.zeros(self._rate, np.float32), what))

    def encode(self, files: Sequence[Path]) -> Vectors:
        """Unit vectors float32 [n, dim], a row a file."""
        rows = np.empty((len(files), self.dim), np.float32)
        for row, file in zip(rows, files, strict=True):
            sound = read_sound(file)
            samples = resampled(sound["array"], sound["sampling_rate"], self._rate)
            row[:] = self._vector(samples, f"audio {file}")
        return unit_rows(rows, n=len(files), dim=self.dim, encoder=self.id)

    def _vector(self, samples: Samples, what: str) -> Samples:
        """Mean of the unit vectors of a recording's parts."""
        found = list[Any]()
        for part in parts(samples, self._rate, self._seconds):
            with self._lock:
                try:
                    found.append(np.asarray(self._part(part), np.float32).ravel())
                except (RuntimeError, TypeError, ValueError, LookupError, AttributeError) as error:
                    raise EncoderFailed(
                        f"{what}: the model gives no vector ({error})",
                        fix="check the file, or save a sentence-transformers model with a pooling module",
                    ) from error
        return unit_rows(np.stack(found), n=len(found), dim=len(found[0]), encoder=what).mean(0)


def _sentence_model(home: Path, what: str, threads: int, device: str | None) -> tuple[Callable[[Samples], Any], Any]:
    """A part's vector by a model that sentence-transformers saved, and what reads the sound for it."""
    fix = "give a saved model's folder"
    model = load(str(home), what=what, fix=fix, threads=threads, device=device, local_files_only=True)
    known = list(model.modalities)
    if "audio" not in known:
        raise EncoderFailed(f"{what}: it reads {', '.join(map(str, known))}", fix="give a model that reads audio")
    processor = model[0].processor
    reader = getattr(processor, "feature_extractor", processor)

    def part(samples: Samples) -> Any:
        sound = {"array": samples, "sampling_rate": int(reader.sampling_rate)}
        return model.encode([sound], convert_to_numpy=True, show_progress_bar=False)[0]

    return part, reader


def _plain_model(home: Path, what: str, threads: int, device: str | None) -> tuple[Callable[[Samples], Any], Any]:
    """The same by a model that transformers saved.

    Sentence-transformers can't load those without a tokenizer (many of HuBERT and Wav2Vec2), and draws the weights of
    Whisper at random: it looks for them under other names.
    """
    if find_spec("transformers") is None or find_spec("torch") is None:
        raise MissingExtra("sentence-transformers", extra="st")
    torch: Any = import_module("torch")  # an extra: types are not there for everybody
    library: Any = import_module("transformers")
    torch.set_num_threads(threads)
    try:
        reader = library.AutoFeatureExtractor.from_pretrained(home, local_files_only=True)
        model, found = library.AutoModel.from_pretrained(home, local_files_only=True, output_loading_info=True)
    except Exception as error:  # the library raises many kinds: JSON, weights, torch
        raise failed(what, error, fix="give a saved model's folder, with its preprocessor_config.json") from error
    if not hasattr(reader, "sampling_rate"):
        raise EncoderFailed(f"{what}: it doesn't read sound", fix="give a model that reads audio")
    if missing := sorted(key for key in found["missing_keys"] if not any(spare in key for spare in SPARE)):
        raise EncoderFailed(
            f"{what}: {len(missing)} of its weights are missing, {missing[0]} among them", fix="save the whole model"
        )
    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    model = model.eval().to(device)
    projected = hasattr(model, "get_audio_features")
    takes_mask = bool(getattr(reader, "return_attention_mask", False))
    hears: Any = model.get_encoder() if getattr(model.config, "is_encoder_decoder", False) else model

    def part(samples: Samples) -> Any:
        read = reader(samples, sampling_rate=reader.sampling_rate, return_tensors="pt", return_attention_mask=True)
        read = read.to(device)
        mask = read.get("attention_mask") if takes_mask else read.pop("attention_mask", None)
        with torch.inference_mode():
            if projected:
                out = model.get_audio_features(**read)
                return getattr(out, "pooler_output", out)[0].float().cpu()
            states = hears(**read).last_hidden_state[0]
        heard = len(states) if mask is None else round(len(states) * float(mask.float().mean()))
        return states[: max(1, heard)].mean(0).float().cpu()

    return part, reader


def _length(reader: Any) -> float:
    """Seconds that a model hears at once: CLAP and Whisper name theirs."""
    return getattr(reader, "max_length_s", None) or getattr(reader, "chunk_length", None) or SECONDS


def parts(samples: Samples, rate: int, seconds: float) -> list[Samples]:
    """Equal parts of a recording, no longer than `seconds`; one that is nearly nothing ends in silence.

    >>> [len(part) for part in parts(np.zeros(2100, np.float32), rate=100, seconds=10)]
    [700, 700, 700]
    >>> [len(part) for part in parts(np.ones(1, np.float32), rate=100, seconds=10)]
    [10]
    """
    least = math.ceil(LEAST * rate)
    if len(samples) < least:
        samples = np.pad(samples, (0, least - len(samples)))
    return np.array_split(samples, math.ceil(len(samples) / (seconds * rate)))


def resampled(samples: Samples, rate: int, wanted: int) -> Samples:
    """The recording at another rate, with what the lower rate can't hold filtered out.

    >>> len(resampled(np.zeros(44_100, np.float32), 44_100, 16_000))
    16000
    """
    if rate == wanted:
        return samples
    common = math.gcd(rate, wanted)
    signal: Any = import_module("scipy.signal")  # comes with sentence-transformers
    return np.asarray(signal.resample_poly(samples, wanted // common, rate // common), np.float32)


def read_sound(file: Path) -> dict[str, Any]:
    """A WAV file as {array: float32 [samples], mono, in [-1, 1]; sampling_rate: in Hz}.

    Raises:
        EncoderFailed: it is not a WAV file of 8, 16 or 32 bits, or nothing is in it.
    """
    try:
        with wave.open(str(file), "rb") as opened:
            rate, channels, width = opened.getframerate(), opened.getnchannels(), opened.getsampwidth()
            raw = opened.readframes(opened.getnframes())
        kind, middle, scale = {1: ("u1", 128.0, 128.0), 2: ("<i2", 0.0, 2.0**15), 4: ("<i4", 0.0, 2.0**31)}[width]
        samples = ((np.frombuffer(raw, kind).astype(np.float32) - middle) / scale).reshape(-1, channels).mean(1)
    except (OSError, EOFError, KeyError, ValueError, wave.Error) as error:
        raise EncoderFailed(
            f"audio {file}: can't be read ({error})", fix="give a WAV file of 8, 16 or 32 bits"
        ) from error
    if not len(samples) or rate < 1:
        raise EncoderFailed(f"audio {file}: nothing is in it", fix="give a WAV file of 8, 16 or 32 bits")
    return {"array": samples, "sampling_rate": rate}
