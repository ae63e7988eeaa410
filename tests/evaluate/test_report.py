"""Figures that are read off the ranks; the table, the JSON and the page that show them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from lives import Open, films, stream
from penchant.evaluate import Popularity, Ranks, Report, measure, plan
from penchant.evaluate.page import page, write_page
from penchant.evaluate.plots import VARIABLES
from penchant.metrics import ndcg

HOSTILE = "<script>alert('$x_1$')</script> & \"co\""


@pytest.fixture
def measured(opened: Open) -> Report:
    engine = opened(items=films())
    asked = plan(engine, stream(), cut=0.4, name="toy & co")
    count = len(asked.task.predicted)
    other = Ranks(asked.task.id, HOSTILE, np.full(count, 20.0), None, {"d": [1, 2]}, 1.0, 2.0, "ran <elsewhere>")
    return measure(engine, asked, [Popularity(60)], beside=[other])


def test_another_method_stands_beside_in_everything(measured: Report) -> None:
    assert list(measured.ranks) == ["penchant", "popularity", HOSTILE]
    assert measured.row(HOSTILE) == {
        "events": measured.measured,
        "hr@10": 0,
        "ndcg@10": 0,
        "mrr": pytest.approx(1 / 21),
    }
    assert measured.shown(HOSTILE) is None
    data = json.loads(json.dumps(measured.to_dict(), allow_nan=False))
    told = data["methods"][HOSTILE]
    assert (told["train seconds"], told["settings"], told["note"]) == (1.0, {"d": [1, 2]}, "ran <elsewhere>")
    assert told["penchant's lead"]["ndcg"] == pytest.approx(measured.row("penchant")["ndcg@10"], abs=1e-6)
    for bands in (data["by age"], data["by popularity"]):
        assert {method for band in bands for method in band["ndcg"]} == set(measured.ranks)
    assert HOSTILE in str(measured)


def test_our_own_ranks_can_be_shown_beside_another_run(measured: Report, opened: Open, tmp_path: Path) -> None:
    engine = opened(items=films())
    asked = plan(engine, stream(), cut=0.4)
    measured.answer(asked.task).write(tmp_path / "ours.npz")
    again = measure(engine, asked, beside=[Ranks.read(tmp_path / "ours.npz", asked.task)])
    assert list(again.ranks) == ["penchant", "penchant (2)"]
    assert again.ranks["penchant"] == again.ranks["penchant (2)"]
    assert again.shown("penchant") == again.shown("penchant (2)")
    assert all((found.mean, found.low, found.high) == (0, 0, 0) for found in again.leads().values())


def test_bands_hold_every_prediction_once(measured: Report) -> None:
    for bands in (measured.by_age(), measured.by_popularity(), [band for _, band in measured.over_time(5)]):
        assert sum(band.count for band in bands) == measured.measured
        for method in measured.ranks:
            whole = sum(band.ndcg[method].mean * band.count for band in bands) / measured.measured
            assert whole == pytest.approx(measured.row(method)["ndcg@10"])
            for band in bands:
                assert band.ndcg[method].low <= band.ndcg[method].mean + 1e-12
                assert band.ndcg[method].mean <= band.ndcg[method].high + 1e-12
    ages = {band.name: band.count for band in measured.by_age()}
    assert ages["21–30"] == sum(21 <= age <= 30 for age in measured.ages)
    assert sum(band.ndcg["penchant"].mean > 0 for band in measured.by_popularity()) > 1


def test_measures_at_another_k(opened: Open) -> None:
    engine = opened(items=films())
    report = measure(engine, plan(engine, stream(), cut=0.8), [Popularity(60)], k=3)
    assert report.row("popularity")["ndcg@3"] == ndcg(report.ranks["popularity"], 3)
    assert "NDCG@3" in str(report)
    shown = report.shown("popularity")
    assert shown is not None
    assert 3 / 60 <= shown["coverage"] < 0.5


def test_novelty_is_what_the_trained_users_had_not(measured: Report) -> None:
    events = stream()[:80]
    users = {event.user for event in events}
    for row, share in enumerate(measured.share):
        had = len({event.user for event in events if event.item == f"f{row}"})
        assert share == pytest.approx((had + 1) / (len(users) + 1))


class Page(HTMLParser):
    """Checks that tags close, gathers ids and what is fetched."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.fetched: list[str] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "br"):
            self.open.append(tag)
        self.note(tag, dict(attrs))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.note(tag, dict(attrs))

    def note(self, tag: str, attrs: dict[str, str | None]) -> None:
        self.ids += [name for name in (attrs.get("id"),) if name]
        link = attrs.get("src") or attrs.get("href") or attrs.get("xlink:href") or ""
        if link and not link.startswith("#"):
            self.fetched.append(link)
        if tag == "script":
            self.fetched.append("script")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def test_the_page_stands_alone(measured: Report) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    text = page(measured)
    found = Page()
    found.feed(text)
    assert found.open == []
    assert found.fetched == []
    assert len(found.ids) == len(set(found.ids))
    assert text.count("<svg") >= 8
    assert HOSTILE in found.words  # as text, never as markup
    assert "<script" not in text
    for title in ("All methods", "A user's 1st", "Rare and popular", "Over time", "certainty is worth", "How strongly"):
        assert title in found.words
    for row in measured.levels.names["dimension"]:
        assert row in found.words
    # every colour is the page's own, so that it follows light and dark
    assert not re.search(r"#0000[0-9a-f]{2}\b", text)
    assert not re.search(r"(fill|stroke): #", text)
    for variable in VARIABLES.values():
        assert text.count(f"--{variable[6:-1]}:") == 2
    assert page(measured) == text  # the same report is the same page


def test_the_page_says_where_another_is_ahead(measured: Report, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    measured.ranks["popularity"] = [0.0] * measured.measured
    write_page(measured, tmp_path / "r.html")
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "behind the best other method, popularity, by -" in text
    assert "Another method stands higher beyond chance at" in text
    measured.ranks["popularity"] = [50.0] * measured.measured
    text = page(replace(measured, protocol="leave-one-out"))
    assert "ahead of the best other method" in text
    assert "No method stands higher than penchant." in text
    assert "Over time" not in text  # what is held out has no course of time


def test_a_report_of_nothing(opened: Open) -> None:
    engine = opened(items=films())
    report = measure(engine, plan(engine, []))
    assert report.to_dict()["methods"]["penchant"]["ndcg@10"] == 0
    assert "penchant" in str(report)
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    assert "Nothing was predicted" in page(report)
