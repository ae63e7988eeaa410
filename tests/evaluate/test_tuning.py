"""The search over settings: what it sees, what it keeps, that it goes on, and that its file gives what it measured."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from lives import BagOfWords, films, stream
from penchant import Event
from penchant.config import Settings, domains
from penchant.errors import ConfigError, InvalidRecord, MissingExtra, StoreBusy, StoreError
from penchant.evaluate.tuning import Tried, Tuned, TuningData, knobs_of, tune, with_values
from penchant.evaluate.tuning.gains import gains_of, pack_ranks
from penchant.evaluate.tuning.plot import plot
from penchant.metrics import Interval, ndcg
from penchant.store.lock import WriterLock

optuna = pytest.importorskip("optuna", reason="the extra tune is not installed")

MOVIES = Settings.load("movies")
FEW = knobs_of(MOVIES, ["learn.eta_i", "half_life.trending", "options.learned.replay", "model.dim"])


def data(n: int = 240) -> TuningData:
    return TuningData.of("small", films(), stream(n), every=2)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Tuned, Path]:
    """Thirteen trials in one go, and their study."""
    study = tmp_path_factory.mktemp("whole") / "study.db"
    return tune(data(), MOVIES, FEW, study, trials=13, encoder=BagOfWords()), study


def test_nothing_after_the_window_is_looked_at() -> None:
    events = stream(100)
    changed = [*events[:80], *(event.model_copy(update={"item": "f0", "value": 5.0}) for event in events[80:])]
    one, other = (TuningData.of("small", films(), some) for some in (events, changed))
    assert one.events == other.events == tuple(events[:80])
    assert one.digest == other.digest
    assert one.first == 60
    report = one.measure(MOVIES, BagOfWords())
    had: dict[str, set[str]] = {}
    predicted: list[str] = []
    for k, event in enumerate(events[:80]):
        if k >= 60 and (k - 60) % 4 == 0 and event.item not in had.get(event.user, ()):
            predicted.append(event.user)
        had.setdefault(event.user, set()).add(event.item)
    assert report.users == predicted
    assert report.events == 80


def test_what_is_measured_on_names_the_study() -> None:
    ours = TuningData.of("small", films(), stream(100))
    for theirs in (
        TuningData.of("small", films(), stream(110)),
        TuningData.of("small", films(61), stream(100)),
        TuningData.of("small", films(), stream(100), window=(0.5, 0.8)),
        TuningData.of("small", films(), stream(100), every=1),
    ):
        assert theirs.digest != ours.digest
    unknown = Event(user="u0", item="nothing", time=0.0)
    assert TuningData.of("small", films(), [unknown, *stream(100)]).digest == ours.digest
    for window in ((0.8, 0.6), (-0.1, 0.5), (0.5, 1.1), (0.5, 0.5)):
        with pytest.raises(InvalidRecord, match=r"tune\.window"):
            TuningData.of("small", films(), stream(100), window=window)
    with pytest.raises(InvalidRecord, match=r"tune\.every"):
        TuningData.of("small", films(), stream(100), every=0)
    with pytest.raises(InvalidRecord, match="widen it"):
        TuningData.of("small", films(), stream(1))


@given(st.sampled_from(domains()), st.integers(0, 2**32))
@examples(max_examples=60)
def test_every_domain_can_be_searched_and_its_file_gives_the_same_settings(
    tmp_path_factory: pytest.TempPathFactory, domain: str, seed: int
) -> None:
    start, rng = Settings.load(domain), np.random.Generator(np.random.Philox(seed))
    knobs = knobs_of(start)
    assert with_values(start, {knob.path: knob.value(knob.default) for knob in knobs}).model_dump() == (
        with_values(start, {k.path: k.default for k in knobs if k.path.startswith("options.")}).model_dump()
    )
    drawn = {knob.path: knob.value(knob.draw(rng)) for knob in knobs}
    near = {knob.path: knob.near(drawn[knob.path], rng) for knob in knobs}
    for knob in knobs:
        assert knob.low <= knob.default <= knob.high, knob
        assert knob.low <= near[knob.path] <= knob.high, knob
    chosen = with_values(start, drawn)
    trial = Tried(0, 0.1, False, drawn, 1.0)
    path = tmp_path_factory.mktemp("toml") / "best.toml"
    path.write_text(Tuned("small", 1, (trial,), {}, chosen).toml(), encoding="utf-8")
    assert Settings.load(None, path) == chosen


def test_only_the_named_knobs() -> None:
    assert [knob.path for knob in knobs_of(MOVIES, ["half_life.t*", "learn.eta_i"])] == [
        "learn.eta_i",
        "half_life.trending",
    ]
    with pytest.raises(ConfigError, match="half_lives"):
        knobs_of(MOVIES, ["half_lives.*"])
    without = MOVIES.model_copy(update={"evidence": ("next",)})
    assert not any(knob.path.startswith("options.learned") for knob in knobs_of(without))
    given = with_values(MOVIES, {"options.learned.replay": 7})
    (replay,) = knobs_of(given, ["options.learned.replay"])
    assert (replay.default, replay.high) == (7, 7)  # the range is widened to hold what it begins from


@given(st.lists(st.integers(0, 60).map(lambda half: half / 2)))
def test_a_letter_a_rank_is_enough_for_ndcg(ranks: list[float]) -> None:
    packed = pack_ranks(ranks)
    assert len(packed) == len(ranks)
    assert (gains_of(packed).mean() if ranks else 0.0) == pytest.approx(ndcg(ranks), abs=1e-12)


def test_trials_are_told_apart(whole: tuple[Tuned, Path]) -> None:
    found, _ = whole
    assert len(found.trials) == 13
    assert found.start.values == {}
    assert found.start.gain == Interval(0.0, 0.0, 0.0)
    assert found.best.score == max(trial.score for trial in found.trials if not trial.pruned) >= found.start.score
    assert any(trial.pruned for trial in found.trials)
    for trial in found.trials:
        assert (trial.interval is None) == (trial.gain is None) == trial.pruned
        if trial.interval is not None and trial.gain is not None:
            assert trial.interval.low <= trial.score <= trial.interval.high
            assert trial.gain.mean == pytest.approx(trial.score - found.start.score)
    assert found.importance.keys() == {knob.path for knob in FEW}
    assert sum(found.importance.values()) == pytest.approx(1)


def test_the_file_gives_what_was_measured(whole: tuple[Tuned, Path], tmp_path: Path) -> None:
    found, _ = whole
    path = tmp_path / "best.toml"
    path.write_text(found.toml(), encoding="utf-8")
    report = data().measure(Settings.load(None, path), BagOfWords())
    assert report.row("penchant")["ndcg@10"] == found.best.score


def test_in_parts_as_in_one_go(whole: tuple[Tuned, Path], tmp_path: Path) -> None:
    """Stopped in the midst of a trial, and at the end of another call: the first trials are the same."""
    study = tmp_path / "study.db"
    ticks = 0

    def stop(done: int, total: int) -> None:
        nonlocal ticks
        ticks += 1
        assert 0 < done <= total
        if done > 2.5 * len(data().events):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tune(data(), MOVIES, FEW, study, trials=6, encoder=BagOfWords(), progress=stop)
    assert ticks
    tune(data(), MOVIES, FEW, study, trials=4, encoder=BagOfWords())
    found = tune(data(), MOVIES, FEW, study, trials=6, encoder=BagOfWords())
    assert len(found.trials) == 6
    told = {(tuple(sorted(t.values.items())), t.score) for t in found.trials if not t.pruned}
    first = {(tuple(sorted(t.values.items())), t.score) for t in whole[0].trials[:8] if not t.pruned}
    assert told <= first
    assert found.start == whole[0].start or found.start.score == whole[0].start.score
    # enough trials are there: nothing is measured any more
    again = tune(data(), MOVIES, FEW, study, trials=3, encoder=BagOfWords(), progress=stop)
    assert [t.number for t in again.trials] == [t.number for t in found.trials]


def test_a_study_is_of_one_search_only(whole: tuple[Tuned, Path], tmp_path: Path) -> None:
    _, study = whole
    for other, what in (
        ((data(310), MOVIES, FEW), "data or window"),
        ((data(), MOVIES.model_copy(update={"seed": 8}), FEW), "settings"),
        ((data(), MOVIES, FEW[:2]), "knobs"),
    ):
        with pytest.raises(ConfigError, match=what):
            tune(*other, study, trials=20, encoder=BagOfWords())
    lock = WriterLock(study)
    with pytest.raises(StoreBusy, match="another process searches"):
        tune(data(), MOVIES, FEW, study, trials=20, encoder=BagOfWords())
    lock.release()
    broken = tmp_path / "broken.db"
    broken.write_text("no database at all " * 100)
    with pytest.raises(StoreError, match="can't be used as a study"):
        tune(data(), MOVIES, FEW, broken, encoder=BagOfWords())
    assert list(tmp_path.iterdir()) == [broken]


@pytest.mark.parametrize("wrong", [{"trials": 0}, {"timeout": -1.0}, {"timeout": float("nan")}])
def test_what_can_be_asked(tmp_path: Path, wrong: dict[str, float]) -> None:
    with pytest.raises(InvalidRecord, match=r"tune\."):
        tune(data(), MOVIES, FEW, tmp_path / "study.db", encoder=BagOfWords(), **wrong)
    with pytest.raises(InvalidRecord, match=r"tune\.timeout"):
        tune(data(), MOVIES, FEW, tmp_path / "study.db", encoder=BagOfWords(), timeout=0)


def test_what_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(MissingExtra, match=r"penchant\[tune\]"):
        tune(data(), MOVIES, FEW, tmp_path / "study.db", encoder=BagOfWords())
    assert not list(tmp_path.iterdir())


def test_the_picture(whole: tuple[Tuned, Path], tmp_path: Path) -> None:
    found, _ = whole
    assert plot(found, tmp_path / "search.png").read_bytes().startswith(b"\x89PNG")
    page = plot(found, tmp_path / "search.html").read_text(encoding="utf-8")
    assert "<svg" in page
    assert "<script" not in page
    few = Tuned("few", found.measured, found.trials[:1], {}, found.settings)
    assert plot(few, tmp_path / "few.svg").stat().st_size > 1000
    with pytest.raises(InvalidRecord, match=r"tune\.plot"):
        plot(found, tmp_path / "search.pdf")
