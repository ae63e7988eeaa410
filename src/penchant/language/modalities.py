"""Pictures and sound to vectors: encoders beside the one of text, and the vectors of a catalogue's items by modality.

Fusion is late: every modality keeps a space of its own and becomes an evidence of its own, whose weight w_I learns (see
`penchant.interest.evidence.modality`). An item that lacks a modality has no vector here, never a made-up one.

Files are read from this machine only: an address of the web is refused, so that a catalogue can't make it fetch.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, Protocol, Self, runtime_checkable

import numpy as np
import numpy.typing as npt

from penchant.errors import ConfigError, EncoderFailed, EncoderMismatch, InvalidRecord, MissingExtra, StoreError
from penchant.language.encoder import Vectors, unit_rows
from penchant.language.sentence_model import load
from penchant.language.sentence_transformer import fingerprint
from penchant.language.sound import SoundEncoder
from penchant.records import Item

Kind = Literal["image", "audio"]
BATCH = 32
SCHEMA = 1


@runtime_checkable
class ModalityEncoder(Protocol):
    """Files of one modality to unit vectors in one space of `dim` dimensions.

    Attributes:
        id: names the model, its version and all else that changes the vectors.
        dim: length of a vector.
        kind: image or audio.
    """

    @property
    def id(self) -> str: ...

    @property
    def dim(self) -> int: ...

    @property
    def kind(self) -> Kind: ...

    def encode(self, files: Sequence[Path]) -> Vectors:
        """Unit vectors float32 [n, dim], a row a file.

        Raises:
            EncoderFailed: a file can't be read, or the model gave no vectors that can be used.
        """
        ...


class SentenceTransformerModality:
    """Pictures by a CLIP-class model of the sentence-transformers library (extra `st`).

    Args:
        folder: of a saved model. A hub id is not taken: name a local folder.
        threads: torch threads on the processor.
        device: torch device; None lets the library choose.

    Raises:
        MissingExtra: sentence-transformers is not installed.
        EncoderFailed: there is no such folder, the model can't be loaded, or it doesn't read pictures.
    """

    kind: Literal["image"] = "image"

    def __init__(self, folder: str | Path, *, threads: int = 1, device: str | None = None) -> None:
        home = Path(folder).expanduser()
        if not home.is_dir():
            raise EncoderFailed(f"image encoder {folder}: there is no such folder", fix="give a saved model's folder")
        self._lock = threading.Lock()
        self._model = load(
            str(home), what=f"image encoder {folder}", fix="give a saved model's folder", threads=threads,
            device=device, local_files_only=True,
        )  # fmt: skip
        known = list(self._model.modalities)
        if "image" not in known:
            raise EncoderFailed(
                f"image encoder {folder}: it reads {', '.join(map(str, known))}", fix="give a model that reads image"
            )
        self.id = f"st-image:{home.name}:{fingerprint(home)}"
        self.dim = int(self._model.get_embedding_dimension())

    def encode(self, files: Sequence[Path]) -> Vectors:
        """Unit vectors float32 [n, dim], in groups of 32 files."""
        rows: list[Any] = []
        for start in range(0, len(files), BATCH):
            group = [read_image(file) for file in files[start : start + BATCH]]
            with self._lock:
                try:
                    rows.extend(self._model.encode(group, convert_to_numpy=True, show_progress_bar=False))
                except (RuntimeError, TypeError, ValueError) as error:
                    raise EncoderFailed(f"encoder {self.id}: {error}", fix="check the files and the model") from error
        return unit_rows(rows or np.empty((0, self.dim)), n=len(files), dim=self.dim, encoder=self.id)


def read_image(file: Path) -> Any:
    """A picture as the library wants it (PIL, RGB).

    Raises:
        EncoderFailed: it is not a picture, or larger than PIL holds safe. MissingExtra: pillow is not installed.
    """
    if find_spec("PIL") is None:
        raise MissingExtra("pillow", extra="st")
    image: Any = import_module("PIL.Image")
    try:
        with image.open(file) as opened:
            return opened.convert("RGB")
    except (OSError, ValueError, SyntaxError, image.DecompressionBombError, image.DecompressionBombWarning) as error:
        raise EncoderFailed(f"image {file}: can't be read ({error})", fix="give a picture file") from error


class ModalityVectors:
    """The vectors of items in one modality; items may lack one.

    Args:
        encoder: id of what made them.
        kind: image or audio.
        dim: length of a vector.

    >>> pictures = ModalityVectors("mine:1", "image", 2)
    >>> pictures.put({"alien": [3, 4]})
    >>> "alien" in pictures, "heat" in pictures, pictures["alien"].tolist()
    (True, False, [0.6000000238418579, 0.800000011920929])
    """

    def __init__(self, encoder: str, kind: Kind, dim: int) -> None:
        self.encoder, self.kind, self.dim = encoder, kind, dim
        self._rows: dict[str, Vectors] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, item: str) -> bool:
        return item in self._rows

    def __getitem__(self, item: str) -> Vectors:
        return self._rows[item]

    def put(self, vectors: Mapping[str, npt.ArrayLike]) -> None:
        """Vectors made elsewhere, by item id, scaled to length 1.

        Raises:
            EncoderMismatch: a vector has another size. EncoderFailed: one is not of finite numbers.
        """
        for item, vector in vectors.items():
            row = np.asarray(vector, np.float32).reshape(1, -1)
            if row.shape[1] != self.dim:
                raise EncoderMismatch(
                    f"{self.kind} vector of item {item!r} has {row.shape[1]} dimensions", fix=f"give {self.dim}"
                )
            self._rows[item] = unit_rows(row, n=1, dim=self.dim, encoder=self.encoder)[0]

    def read(self, items: Iterable[Item], encoder: ModalityEncoder | None = None) -> int:
        """Vectors of the items that carry this modality; returns how many got one now.

        A vector that an item carries under the encoder's id (`Item.vectors`) is taken as it is; else its files are
        encoded, the mean of several standing for the item; one that has a vector already is passed over.

        Raises:
            InvalidRecord: a file's address is not a local path, or there is no such file.
            EncoderMismatch: the encoder is not the one whose vectors these are.
        """
        if encoder is not None and (encoder.id, encoder.dim) != (self.encoder, self.dim):
            raise EncoderMismatch(
                f"these are vectors of {self.encoder}, not of {encoder.id}", fix="make others: ModalityVectors.of"
            )
        todo: list[tuple[str, Path]] = []
        before = len(self)
        for item in items:
            if item.id in self:
                continue
            if (given := item.vectors.get(self.encoder)) is not None:
                self.put({item.id: given})
            elif encoder is not None:
                field = "images" if self.kind == "image" else "audio"
                todo += [(item.id, _local(f"item.{field}", file)) for file in getattr(item, field)]
        if todo and encoder is not None:
            rows = encoder.encode([file for _, file in todo])
            sums: dict[str, Vectors] = {}
            for (item, _), row in zip(todo, rows, strict=True):
                sums[item] = sums[item] + row if item in sums else row
            self.put(sums)
        return len(self) - before

    @classmethod
    def of(cls, items: Iterable[Item], encoder: ModalityEncoder) -> Self:
        """The vectors of these items, as `read` makes them."""
        made = cls(encoder.id, encoder.kind, encoder.dim)
        made.read(items, encoder)
        return made

    def save(self, path: str | Path) -> None:
        """Keep them in one npz file."""
        meta = {"schema": SCHEMA, "encoder": self.encoder, "kind": self.kind, "items": list(self._rows)}
        vectors = np.stack(list(self._rows.values())) if self._rows else np.zeros((0, self.dim), np.float32)
        with Path(path).open("wb") as file:
            np.savez(file, vectors=vectors, meta=np.frombuffer(json.dumps(meta).encode(), np.uint8))

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """What `save` kept.

        Raises:
            StoreError: the file can't be read.
        """
        try:
            with np.load(path, allow_pickle=False) as data:
                meta: dict[str, Any] = json.loads(data["meta"].tobytes())
                vectors: Vectors = data["vectors"]
            if meta["schema"] != SCHEMA:
                raise ValueError(f"schema {meta['schema']}")
            made = cls(meta["encoder"], meta["kind"], vectors.shape[1])
            made._rows = {item: row.copy() for item, row in zip(meta["items"], vectors, strict=True)}
        except (OSError, KeyError, ValueError, EOFError) as error:
            raise StoreError(f"{path}: not vectors of a modality ({error})", fix="make them anew") from error
        return made


def open_modality(spec: str, *, threads: int = 1) -> ModalityEncoder:
    """The encoder that a setting names: "image:<folder>" or "audio:<folder>" of a saved model.

    Raises:
        ConfigError: the spec can't be understood. MissingExtra, EncoderFailed: as `SentenceTransformerModality` and
            `SoundEncoder`.

    >>> open_modality("smell:roses")
    Traceback (most recent call last):
    ...
    penchant.errors.ConfigError: modality: 'smell:roses' can't be used; give 'image:<folder>' or 'audio:<folder>'
    """
    kind, _, folder = spec.partition(":")
    if kind == "image" and folder:
        return SentenceTransformerModality(folder, threads=threads)
    if kind == "audio" and folder:
        return SoundEncoder(folder, threads=threads)
    raise ConfigError(f"modality: {spec!r} can't be used", fix="give 'image:<folder>' or 'audio:<folder>'")


def _local(field: str, file: str) -> Path:
    if "://" in file or file.startswith(("data:", "\\\\", "//")):
        raise InvalidRecord(field, file, "give the path of a local file; nothing is fetched")
    path = Path(file).expanduser()
    if not path.is_file():
        raise InvalidRecord(field, file, "give the path of a file that is there")
    return path
