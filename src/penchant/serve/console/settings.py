"""The page Settings: the domain, half-lives, intensities and rules, what a change would do, and older versions."""

from __future__ import annotations

from functools import partial

from fastapi import Request
from nicegui import ui

from penchant.config import HalfLives, Settings
from penchant.engine.overview import TreeCount
from penchant.errors import ConfigError
from penchant.serve.console.desk import Desk, Here
from penchant.serve.console.frame import card, empty, page, table
from penchant.serve.console.rules import Rules, paths_of
from penchant.serve.console.trying import Change, as_toml, attempt_settings, changed, differences
from penchant.serve.console.versions import Lately

TITLES = 3  # titles of a list that a preview shows


def add(desk: Desk) -> None:
    """The page."""

    @page(desk, "/settings", "settings")
    async def settings(here: Here, request: Request) -> None:  # pyright: ignore[reportUnusedFunction]
        engine = here.catalogue.engine
        _Settings(here, await here.attempt(engine.tree) or [])
        if versions := await here.attempt(engine.versions):
            Lately(here, versions)


class _Settings:
    """The page's form and what is shown below it."""

    def __init__(self, here: Here, nodes: list[TreeCount]) -> None:
        self.here = here
        self.old = here.catalogue.engine.settings
        t = here.t
        self._lives: dict[str, ui.number] = {}
        self._kinds: dict[str, ui.number] = {}
        with ui.element("h1"):
            ui.label(t("page.settings"))
        with ui.element("div").classes("grid"):
            with ui.element("div").classes("stack"):
                self._domain()
                with card(t("settings.kinds"), part="kinds"):
                    ui.label(t("settings.kinds_what")).classes("faint")
                    with ui.element("div").classes("fields"):
                        for name, kind in self.old.kinds.items():
                            self._kinds[name] = _number(name, kind.intensity, -1, 1, 0.1)
            with card(t("settings.lives"), part="lives"):
                ui.label(t("settings.lives_what")).classes("faint")
                with ui.element("div").classes("fields"):
                    for name in HalfLives.model_fields:
                        label = t("life." + name)
                        self._lives[name] = _number(label, getattr(self.old.half_life, name), 0.01, None, 1)
        self._rules = Rules(here, paths_of(nodes), self.old.policy.rules)
        with ui.element("div").classes("line"):
            self._button = ui.button(t("settings.try"), icon="science", on_click=self._try).props("unelevated no-caps")
            ui.button(t("settings.reset"), on_click=self._reset).props("flat no-caps")
            ui.label(t("settings.try_what")).classes("faint")
        self._place = ui.element("div").classes("stack").props('aria-live="polite"')

    def _domain(self) -> None:
        t, old = self.here.t, self.old
        with card(t("settings.domain"), part="domain"):
            table(
                (),
                [
                    (t("settings.domain"), old.domain),
                    (t("settings.noun"), old.noun_zh if t.language == "zh" else old.noun),
                    (t("settings.objective"), t("settings." + old.objective)),
                    (t("settings.encoder"), self.here.catalogue.engine.encoder.id),
                    (t("settings.repeats"), t("settings.yes") if old.policy.repeats else t("settings.no")),
                ],
            )

    def _reset(self) -> None:
        for name, field in self._lives.items():
            field.value = getattr(self.old.half_life, name)
        for name, field in self._kinds.items():
            field.value = self.old.kinds[name].intensity
        self._rules.reset()
        self._place.clear()

    def _wanted(self) -> Settings:
        lives = {name: _value(name, field) for name, field in self._lives.items()}
        kinds = {name: _value(name, field) for name, field in self._kinds.items()}
        return changed(self.old, lives, kinds, self._rules.read())

    async def _try(self) -> None:
        t, engine = self.here.t, self.here.catalogue.engine
        try:
            wanted = self._wanted()
        except ConfigError as error:
            self.here.tell(error)
            return
        self._place.clear()
        if wanted == self.old:
            with self._place:
                empty(t("settings.same"), t("settings.same_what"))
            return
        far = [0, 1]

        def step(done: int, total: int) -> None:
            far[:] = [done, max(total, 1)]

        with self._place:
            bar = ui.linear_progress(0, show_value=False, size="10px").props(f'aria-label="{t("settings.progress")}"')
            timer = ui.timer(0.2, lambda: bar.set_value(far[0] / far[1]))
        self._button.disable()
        found = await self.here.attempt(attempt_settings, engine, wanted, step)
        self._button.enable()
        timer.cancel()
        self._place.clear()
        if found is not None:
            with self._place:
                self._show(found, wanted)

    def _show(self, found: list[Change], wanted: Settings) -> None:
        t, toml = self.here.t, as_toml(differences(self.old, wanted))
        with card(t("settings.would"), part="tried"):
            if not found:
                empty(t("people.nobody"), t("people.nobody_what"))
            rows = [(one.user, f"{one.stay} / {len(one.now)}", _some(one.now), _some(one.then)) for one in found]
            table((t("settings.who"), t("settings.stay"), t("settings.now"), t("settings.then")), rows, part="tried")
        with card(t("settings.apply"), part="apply"):
            learned = wanted.model_copy(update={"policy": self.old.policy}) != self.old
            ui.label(t("settings.apply_what" if learned else "settings.apply_rules")).classes("wrap")
            ui.label(toml).classes("code")
            with ui.element("div").classes("line"):
                button = ui.button(t("settings.apply_now"), icon="check", on_click=lambda: self._apply(wanted, button))
                button.props("unelevated no-caps")
                save = partial(ui.download.content, toml, f"{self.here.catalogue.name}.toml", "application/toml")
                ui.button(t("data.download"), icon="download", on_click=save).props("outline no-caps")

    async def _apply(self, wanted: Settings, button: ui.button) -> None:
        host, t = self.here.desk.service.host, self.here.t
        button.disable()
        with self._place:
            bar = ui.linear_progress(0, show_value=False, size="10px").props(f'aria-label="{t("settings.progress")}"')

        def step() -> None:
            health = host.health(probe=False)
            bar.value = health.done / max(health.total, 1)

        timer = ui.timer(0.2, step)
        done = await self.here.act("settings", host.reopen, self.here.catalogue.name, wanted)
        timer.cancel()
        if done is not None:
            ui.navigate.reload()
        else:
            button.enable()


def _number(label: str, value: float, least: float | None, most: float | None, step: float) -> ui.number:
    field = ui.number(label, value=value, min=least, max=most, step=step)
    return field.props("dense outlined")


def _value(name: str, field: ui.number) -> float:
    if field.value is None:
        raise ConfigError(f"settings.{name}: nothing stands there", fix="give a number")
    return float(field.value)


def _some(titles: tuple[str, ...]) -> str:
    return "; ".join(titles[:TITLES])
