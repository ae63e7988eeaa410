"""The editor of the policy's rules, on the page Settings: what is allowed, blocked, boosted or capped for everybody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, cast

from nicegui import ui

from penchant.engine.overview import TreeCount
from penchant.errors import ConfigError
from penchant.recommend.policy import MAX_RULES, Rule
from penchant.serve.console.desk import Here
from penchant.serve.console.frame import card, empty

ACTIONS = ("allow", "block", "boost", "cap")
Given = dict[str, Any]
Path = tuple[str, ...]


def paths_of(nodes: Iterable[TreeCount]) -> list[Path]:
    """The paths of all nodes, each before those below it."""
    return [path for node in nodes for path in (node.path, *paths_of(node.children))]


def rule_of(
    given: Mapping[str, Any], *, action: str, path: Sequence[str] | None, when: str, number: float | None, name: str
) -> Given:
    """A rule as settings hold it: what was given, with these fields; a field that its action has not is left out.

    >>> rule_of({"action": "cap", "limit": 2}, action="block", path=["War"], when=" ", number=2, name="")
    {'action': 'block', 'path': ['War']}
    """
    rule = {key: value for key, value in given.items() if key not in ("when", "path", "amount", "limit", "name")}
    rule["action"] = action
    if when.strip():
        rule["when"] = when.strip()
    if path:
        rule["path"] = list(path)
    if number is not None and action in ("boost", "cap"):
        rule["amount" if action == "boost" else "limit"] = int(number) if number == int(number) else number
    if name.strip():
        rule["name"] = name.strip()
    return rule


class Rules:
    """The card with one form a rule.

    Args:
        nodes: paths that a rule can name.
        rules: as the settings have them.
    """

    def __init__(self, here: Here, nodes: Iterable[Path], rules: Iterable[Mapping[str, Any]]) -> None:
        self.here, self._given = here, [dict(rule) for rule in rules]
        known = dict.fromkeys([*nodes, *(tuple(rule["path"]) for rule in self._given if rule.get("path"))])
        self._nodes = {path: " › ".join(path) for path in known}
        self._forms: list[_Form] = []
        t = here.t
        with card(t("rule.rules"), part="rules"):
            ui.label(t("rule.what")).classes("faint wrap")
            self._place = ui.element("div").classes("stack").style("gap: 10px")
            ui.button(t("rule.add"), icon="add", on_click=self._add).props("outline no-caps")
        self.reset()

    def reset(self) -> None:
        """As the settings are."""
        self._forms = [_Form(self.here, self._nodes, rule) for rule in self._given]
        self._draw()

    def read(self) -> list[Given]:
        """The rules as they now stand there.

        Raises:
            ConfigError: one can't work; it is told beside that rule too.
        """
        failed: ConfigError | None = None
        for form in self._forms:
            try:
                Rule(**form.read())
            except ConfigError as error:
                form.tell(self.here.why(error))
                failed = failed or error
            else:
                form.tell("")
        if failed is not None:
            raise failed
        return [form.read() for form in self._forms]

    def _add(self) -> None:
        if len(self._forms) < MAX_RULES:
            self._keep()
            self._forms.append(_Form(self.here, self._nodes, {"action": "block"}))
            self._draw()

    def _remove(self, form: _Form) -> None:
        self._keep()
        self._forms.remove(form)
        self._draw()

    def _keep(self) -> None:
        for form in self._forms:
            form.given = form.read()

    def _draw(self) -> None:
        self._place.clear()
        with self._place:
            if not self._forms:
                empty(self.here.t("rule.none"), self.here.t("rule.none_what"))
            for form in self._forms:
                form.draw(partial(self._remove, form))


class _Form:
    """The fields of one rule."""

    def __init__(self, here: Here, nodes: Mapping[Path, str], given: Given) -> None:
        self.here, self.given, self._nodes = here, given, nodes

    def draw(self, remove: Any) -> None:
        """Draw them, filled with what was given."""
        t, given = self.here.t, self.given
        with ui.element("div").classes("rule").props("data-rule role=group"):
            self._action = ui.select(
                {action: t("rule." + action) for action in ACTIONS}, value=given["action"], label=t("rule.action"),
                on_change=self._fit,
            ).props("dense outlined")  # fmt: skip
            path = given.get("path")
            self._path = ui.select(
                dict(self._nodes), value=tuple(path) if path else None, label=t("rule.path"), with_input=True,
                clearable=True,
            ).props("dense outlined")  # fmt: skip
            self._when = ui.input(t("rule.when"), value=given.get("when") or "").props(
                f'dense outlined maxlength=2000 placeholder="{t("rule.when_like")}"'
            )
            number = given["amount"] if given.get("amount") is not None else given.get("limit")
            self._number = ui.number(value=number).props("dense outlined")
            self._name = (
                ui.input(t("rule.name"), value=given.get("name") or "")
                .props("dense outlined maxlength=200")
                .classes("named")
            )
            ui.button(icon="delete", color=None, on_click=remove).props(
                f'flat dense round aria-label="{t("rule.remove")}"'
            )
            self._said = ui.label("").classes("bad small wrap").props('role="alert"')
            self._said.visible = False
        self._fit()

    def _fit(self) -> None:
        """The number is of boosts and caps only."""
        action = str(self._action.value)
        self._number.visible = action in ("boost", "cap")
        if self._number.visible:
            self._number.props(f'label="{self.here.t("rule.amount" if action == "boost" else "rule.limit")}"')
            self._number.props("step=1 min=0" if action == "cap" else "step=0.1", remove="min")

    def read(self) -> Given:
        """The rule that stands there."""
        return rule_of(
            self.given, action=str(self._action.value), path=cast("Path | None", self._path.value),
            when=self._when.value or "", number=self._number.value if self._number.visible else None,
            name=self._name.value or "",
        )  # fmt: skip

    def tell(self, why: str) -> None:
        """Say what is wrong with it."""
        self._said.text, self._said.visible = why, bool(why)
