"""Settings: a file, the environment, what is given; errors name the field."""

from __future__ import annotations

from pathlib import Path

import pytest

from penchant.errors import ConfigError
from penchant.serve.settings import ServeSettings


def test_the_last_word_counts(tmp_path: Path) -> None:
    file = tmp_path / "serve.toml"
    file.write_text('port = 1\nhost = "a"\nrate = "5/second"\n[catalogues]\nshop = "postgresql://db/shop"\n')
    chosen = ServeSettings.load(file, {"PENCHANT_SERVE_PORT": "2", "PENCHANT_SERVE_HOST": "b", "OTHER": "x"}, port=3)
    assert (chosen.port, chosen.host, chosen.rate) == (3, "b", "5/second")
    assert chosen.catalogues == {"shop": "postgresql://db/shop"}


def test_the_environment_gives_lists_with_commas() -> None:
    chosen = ServeSettings.load(None, {"PENCHANT_SERVE_CORS": "https://a.example, https://b.example"})
    assert chosen.cors == ("https://a.example", "https://b.example")


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"PENCHANT_SERVE_PORT": "99999"}, "serve.port (PENCHANT_SERVE_PORT): input should be less"),
        ({"PENCHANT_SERVE_PROT": "1"}, "serve.prot (PENCHANT_SERVE_PROT): there is no such setting"),
        ({"PENCHANT_SERVE_RATE": "fast"}, "serve.rate (PENCHANT_SERVE_RATE): 'fast' is not a rate"),
        ({"PENCHANT_SERVE_IDLE_SECONDS": "nan"}, "serve.idle_seconds"),
    ],
)
def test_errors_name_the_setting_and_where_it_is_from(environment: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        ServeSettings.load(None, environment)
    assert message in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for content in (None, b"port = ", b"\xff"):
        file = tmp_path / "serve.toml"
        if content is not None:
            file.write_bytes(content)
        with pytest.raises(ConfigError, match=r"serve\.toml"):
            ServeSettings.load(file, {})
    file.write_text("depth = 3")
    with pytest.raises(ConfigError, match=r"serve\.depth .*serve\.toml.*no such setting"):
        ServeSettings.load(file, {})
