"""The page Live: what comes in, how long answers take, what people turn to, how the model weighs its parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from fastapi import Request
from nicegui import ui

from penchant.engine.overview import Overview
from penchant.serve.console.charts import lines
from penchant.serve.console.desk import Desk, Here
from penchant.serve.console.frame import card, empty, page
from penchant.serve.console.pulse import Sample
from penchant.serve.host import Catalogue

EVERY = 2.0  # seconds between two drawings
TOP = 8  # categories with a band of their own
Make = Callable[[Sequence[Sample]], dict[str, Any]]
Curves = dict[str, list[tuple[float, float | None]]]


def add(desk: Desk) -> None:
    """The page, which is also the console's first."""

    @page(desk, "/", "live")
    @page(desk, "/live", "live")
    async def live(here: Here, request: Request) -> None:  # pyright: ignore[reportUnusedFunction]
        t = here.t
        seen = await here.attempt(here.catalogue.engine.overview)
        if seen is not None and not seen.items:
            empty(t("live.no_items"), t("live.no_items_what"))
            ui.link(t("catalogue.import"), "/import")
            return
        wrong = ui.element("div").classes("stack").props("role=alert")
        numbers = _Numbers(here)
        with ui.element("div").classes("grid"):
            charts = [
                _chart(t("live.rate"), "rate", lambda got: _plain(got, {t("live.rate"): lambda s: s.rate})),
                _chart(t("live.latency"), "latency",
                       lambda got: lines(_latency(here, got), unit="ms", none=t("live.no_requests"))),
                _chart(t("live.shares"), "shares",
                       lambda got: lines(shares_of(got, t("live.rest")), stacked=True, percent=True)),
                _chart(t("live.alpha"), "alpha", lambda got: lines(_alpha(here, got), percent=True)),
            ]  # fmt: skip

        shown: list[str] = []

        async def draw() -> None:
            if not here.desk.logins.holds(here.login, looks=False):
                await here.alive(looks=False)
                return
            samples = here.desk.pulse.samples(here.catalogue.name)
            overview = await here.attempt_quietly(here.catalogue.engine.overview)
            numbers.show(overview, samples)
            names = await here.attempt_quietly(alarms, here.catalogue) or []
            if names != shown:
                shown[:] = names
                wrong.clear()
                with wrong:
                    for name in names:
                        ui.label(t(name)).classes("alarm")
            for chart, make in charts:
                chart.props["options"] = make(samples)
                chart.update()

        await draw()
        ui.timer(EVERY, draw, immediate=False)


class _Numbers:
    """The row of numbers at the top."""

    def __init__(self, here: Here) -> None:
        self._places: dict[str, ui.label] = {}
        with ui.element("div").classes("numbers"):
            for name in ("rate", "answer", "hits", "calibration", "learned", "users", "items", "waiting"):
                with ui.element("div").classes("number"):
                    self._places[name] = ui.label("–").classes("value").props(f'data-number="{name}"')
                    ui.label(here.t("live.n_" + name)).classes("faint")

    def show(self, seen: Overview | None, samples: Sequence[Sample]) -> None:
        """New values."""
        last = samples[-10:]
        if last:
            self._places["rate"].text = f"{sum(s.rate for s in last) / len(last):.1f}"
            took = last[-1].answer_ms[0]
            self._places["answer"].text = "–" if took is None else f"{took:.1f} ms"
            self._places["hits"].text = _percent(last[-1].hit_rate)
            self._places["calibration"].text = _percent(last[-1].calibration)
            self._places["waiting"].text = f"{last[-1].waiting:,}"
        if seen is not None:
            for name, value in (("learned", seen.learned), ("users", seen.users), ("items", seen.live)):
                self._places[name].text = f"{value:,}"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.0f} %"


def alarms(catalogue: Catalogue) -> list[str]:
    """Names of texts about what is wrong with a catalogue now."""
    wrong = {
        "live.a_store": not catalogue.works(),
        "live.a_queue": catalogue.writer.depth > catalogue.writer.capacity / 2,
        "live.a_answers": catalogue.engine.unlogged is not None,
        "live.a_drift": any(drift.left for drift in catalogue.engine.overview().drifts or ()),
    }
    return [name for name, holds in wrong.items() if holds]


def _chart(title: str, part: str, make: Make) -> tuple[ui.echart, Make]:
    with card(title, part=part):
        return ui.echart(make([])).classes("chart").props(f'role="img" aria-label="{title}"'), make


def _plain(samples: Sequence[Sample], wanted: dict[str, Callable[[Sample], float]]) -> dict[str, Any]:
    return lines({name: [(s.time, get(s)) for s in samples] for name, get in wanted.items()})


def _latency(here: Here, samples: Sequence[Sample]) -> Curves:
    t, found = here.t, Curves()
    for k, quantile in enumerate(("p50", "p99")):
        found[f"{t('live.answers')} {quantile}"] = [(s.time, s.answer_ms[k]) for s in samples]
        found[f"{t('live.events')} {quantile}"] = [(s.time, s.event_ms[k]) for s in samples]
    return found


def _alpha(here: Here, samples: Sequence[Sample]) -> Curves:
    levels = samples[-1].alpha if samples else {}
    return {f"α {here.t('level.' + level)}": [(s.time, s.alpha.get(level)) for s in samples] for level in levels}


def shares_of(samples: Sequence[Sample], rest: str) -> Curves:
    """Rolling shares of the largest categories, and of the rest together."""
    told = [sample for sample in samples if sample.shares]
    if not told:
        return {}
    whole: Counter[str] = Counter()  # over all samples, so that bands keep their places and colours
    for sample in told:
        whole.update(sample.shares)
    top = [name for name, _ in whole.most_common(TOP)]
    found: Curves = {name: [(s.time, s.shares.get(name, 0.0)) for s in told] for name in top}
    others: list[tuple[float, float | None]] = [
        (s.time, max(0.0, 1.0 - sum(s.shares.get(name, 0.0) for name in top))) for s in told
    ]
    return found | ({rest: others} if any(value and value > 1e-9 for _, value in others) else {})
