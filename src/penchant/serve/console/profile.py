"""The panel of one person's interests: sunburst and tree, and the controls that change them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, cast

from nicegui import ui

from penchant.interest.profile import Profile, ProfileNode
from penchant.interest.profile_text import arrow, dots, percent
from penchant.records import Op
from penchant.serve.console.charts import Colour, sunburst
from penchant.serve.console.desk import Here
from penchant.serve.console.frame import card, empty
from penchant.serve.console.said import say

SHOWN = 9  # categories before the rest is folded
OPS: tuple[tuple[Op, str], ...] = (
    ("more", "add"), ("less", "remove"), ("never", "block"), ("always", "push_pin"), ("undo", "undo"),
)  # fmt: skip


class ProfilePanel:
    """Draws a profile and sends edits.

    Args:
        changed: called after an edit.
    """

    def __init__(self, here: Here, user: str, changed: Callable[[], Awaitable[None]]) -> None:
        self.here, self.user, self._changed = here, user, changed
        self.colour: Colour = "trend"
        self.selected: tuple[str, ...] = ()
        self._open = False
        self._profile: Profile | None = None
        self._place = ui.element("div").classes("stack")

    async def refresh(self) -> None:
        """Read it anew."""
        self._profile = await self.here.attempt(self.here.catalogue.engine.profile, self.user)
        self.draw()

    def draw(self) -> None:
        """Draw what was read."""
        profile, t = self._profile, self.here.t
        self._place.clear()
        if profile is None:
            return
        with self._place:
            with card(t("people.interests"), part="profile"):
                if profile.is_new:
                    empty(t("people.new"), t("people.new_what"))
                if not profile.nodes:
                    return
                self._burst(profile)
                self._controls(profile)
                self._tree(profile)
            if profile.statements:
                self._statements(profile)

    def _burst(self, profile: Profile) -> None:
        t = self.here.t
        ui.echart(sunburst(profile, self.colour, self.selected), on_point_click=lambda e: self._pick(e.data)).classes(
            "chart burst"
        ).props(f'role="img" aria-label="{t("people.burst")}"')
        with ui.element("div").classes("line faint"):
            ui.label(t("people.angle"))
            ui.toggle(
                {"trend": t("people.trend"), "intensity": t("people.intensity")}, value=self.colour,
                on_change=lambda e: self._recolour(e.value),
            ).props("dense no-caps unelevated size=12px")  # fmt: skip

    def _recolour(self, colour: Colour) -> None:
        self.colour = colour
        self.draw()

    def _pick(self, data: Any) -> None:
        path = cast("dict[str, Any]", data).get("path") if isinstance(data, dict) else None
        if isinstance(path, list):
            self._select(tuple(map(str, cast("list[Any]", path))))

    def _select(self, path: tuple[str, ...]) -> None:
        self.selected = path
        self.draw()
        self._focus('button.node[aria-pressed="true"]')

    def _focus(self, selector: str) -> None:
        """Give the focus back to what was drawn anew, for those who use the keyboard."""
        found = f"document.querySelector('[data-part=profile] {selector}')"
        with self._place:  # what was clicked is gone
            ui.run_javascript(f"setTimeout(() => {found}?.focus({{preventScroll: true}}), 60)")

    def _tree(self, profile: Profile) -> None:
        nodes = sorted(profile.nodes, key=lambda node: (not node.edits, -node.share))
        kept = nodes if self._open else nodes[:SHOWN]
        most = max((node.share for node in nodes), default=0.0)
        with ui.element("div").classes("tree").props(f'role="group" aria-label="{self.here.t("people.tree")}"'):
            for node in kept:
                self._row(node, most)
                if self.selected[:1] == node.path:
                    for child in sorted(node.children, key=lambda child: -child.share)[:SHOWN]:
                        self._row(child, most)
        if len(nodes) > SHOWN:
            text = self.here.t("people.fewer") if self._open else self.here.t("people.others", n=len(nodes) - SHOWN)
            ui.button(text, on_click=self._unfold).props("flat dense no-caps size=12px")

    def _unfold(self) -> None:
        self._open = not self._open
        self.draw()

    def _row(self, node: ProfileNode, most: float) -> None:
        t = self.here.t
        chosen = "true" if node.path == self.selected else "false"
        row = ui.element("button").props(f'type=button aria-pressed="{chosen}"').classes("node")
        row.on("click", partial(self._select, node.path))
        if len(node.path) > 1:
            row.classes("below")
        with row:
            with ui.element("span").classes("clip"):
                ui.label(node.name + "".join(f" · {t('op.' + op)}" for op in node.edits)).classes("clip")
            with ui.element("span").classes("bar"):
                ui.element("div").style(f"width: {100 * node.share / most if most else 0:.1f}%")
            ui.label(percent(node.share)).classes("num")
            mark = arrow(node.trend, node.share).strip()
            ui.label(mark).classes("up" if mark == "↑" else "down" if mark == "↓" else "faint")
            ui.label(t("word." + node.word)).classes("faint")
            ui.label(dots(node.certainty)).classes("dots").props(f'aria-label="{t("people.certainty")}"')

    def _controls(self, profile: Profile) -> None:
        t = self.here.t
        node = next((node for node in profile.walk() if node.path == self.selected), None)
        if node is None:
            ui.label(t("people.pick")).classes("faint")
            return
        with ui.element("div").classes("stack small").style("gap: 6px"):
            ui.label(" › ".join(node.path)).classes("strong wrap")
            with ui.element("div").classes("line tight"):
                for op, icon in OPS:
                    ui.button(t("op." + op), icon=icon, on_click=partial(self._edit, op)).props(
                        "outline dense no-caps size=12px"
                    ).classes("op").props(f'data-op="{op}"')
            if node.last_seen is not None:
                ui.label(t("people.last_seen", day=self.here.day(node.last_seen))).classes("faint")
            for note in node.events[:3]:
                ui.label(f"{self.here.day(note.time)}  {note.kind}  {note.title}").classes("faint clip")

    async def _edit(self, op: Op) -> None:
        engine, route = self.here.catalogue.engine, "PATCH /users/{id}/profile"
        learned = await self.here.act(route, engine.edit, self.user, self.selected, op)
        if learned is not None:
            self.here.done("people.edited", op=self.here.t("op." + op), node=" › ".join(self.selected))
            await self._changed()
            self._focus(f'[data-op="{op}"]')

    def _statements(self, profile: Profile) -> None:
        t = self.here.t
        with card(t("people.said"), part="statements"):
            for one in profile.statements:
                with ui.element("div").classes("line"):
                    sign = one.sign.replace("-", "−")
                    ui.label(sign).classes("up" if one.polarity >= 0 else "down")
                    with ui.element("div").classes("grow wrap"):
                        ui.label(one.text)
                        for limit in one.limits:
                            told = say(limit, t.language) if limit[:2] in ("! ", "~ ") else ""
                            ui.label(told or limit).classes("faint")  # a condition is the same in each language
                    if one.until is not None:
                        ui.label(t("people.until", day=self.here.day(one.until))).classes("faint")
                    if one.id is not None:
                        ui.button(t("op.undo"), icon="undo", on_click=partial(self._undo, one.id)).props(
                            "flat dense no-caps size=12px"
                        )

    async def _undo(self, id: str) -> None:
        engine = self.here.catalogue.engine
        learned = await self.here.act("POST /users/{id}/profile/undo", _undo, engine, self.user, id)
        if learned is not None:
            self.here.done("people.undone")
            await self._changed()


def _undo(engine: Any, user: str, id: str) -> Any:
    return engine.edit(user, (), "undo", undoes=id)
