"""The search over settings of a language model's training: kept, gone on with, and told by held-out texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from penchant.errors import ConfigError, EncoderFailed, Refused
from penchant.evaluate.tuning.language import TunedLanguage, language_knobs, tune_language
from penchant.evaluate.tuning.plot import plot
from penchant.language.tuning import TuningSettings
from tiny_transformer import make, texts

pytest.importorskip("optuna", reason="the extra tune is not installed")

START = TuningSettings.read({"method": "lora", "epochs": 2, "batch": 32, "dev": 0.25, "rate": 1e-5, "head_rate": 1e-4})
KNOBS = language_knobs(START, ["rate", "head_rate", "batch", "lora.rank"])


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("search")
    make(place / "tiny")
    return place


@pytest.fixture(scope="module")
def whole(place: Path) -> TunedLanguage:
    """Four trials, two at a time."""
    for trials in (2, 4):
        found = tune_language(place / "tiny", texts(), START, KNOBS, place / "study.db", trials=trials, device="cpu")
    return found


def test_it_goes_on_and_finds_what_is_better(whole: TunedLanguage) -> None:
    assert [trial.number for trial in whole.trials] == [0, 1, 2, 3]
    assert whole.start.values == {}
    assert whole.measured == 24
    assert whole.best.score >= whole.start.score
    for trial in whole.ranked:
        assert trial.interval is not None
        assert trial.gain is not None
        assert trial.gain.mean == pytest.approx(trial.score - whole.start.score)
    assert whole.settings.epochs == START.epochs
    for path, value in whole.best.values.items():
        table, _, name = path.rpartition(".")
        assert getattr(getattr(whole.settings, table) if table else whole.settings, name) == value


def test_its_file_gives_the_same_settings_and_its_picture_is_drawn(whole: TunedLanguage, tmp_path: Path) -> None:
    (tmp_path / "best.toml").write_text(whole.toml(), encoding="utf-8")
    assert TuningSettings.read(tmp_path / "best.toml") == whole.settings
    assert "accuracy" in plot(whole, tmp_path / "course.svg").read_text(encoding="utf-8")


def test_a_study_is_of_one_encoder_and_one_set_of_texts(whole: TunedLanguage, place: Path) -> None:
    with pytest.raises(ConfigError, match="other texts"):
        tune_language(place / "tiny", texts(80), START, KNOBS, place / "study.db", device="cpu")
    other = make(place / "other", dropout=0.1)
    with pytest.raises(ConfigError, match="other encoder"):
        tune_language(other, texts(), START, KNOBS, place / "study.db", device="cpu")


def test_what_can_not_be_searched_is_said_before_the_work(place: Path, tmp_path: Path) -> None:
    with pytest.raises(EncoderFailed, match="no transformer"):
        tune_language(tmp_path, texts(), START, KNOBS, tmp_path / "study.db")
    with pytest.raises(Refused, match="held out"):
        tune_language(place / "tiny", texts(), START, KNOBS, tmp_path / "study.db", dev=[])
    with pytest.raises(ConfigError, match=r"lora\.ranks"):
        language_knobs(START, ["lora.ranks"])
    assert "rate" not in [knob.path for knob in language_knobs(TuningSettings(method="head"))]
