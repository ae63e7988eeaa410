"""The panel of one person's recommendations: a request in words, the answer, its parts, why, and less of this."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from nicegui import ui

from penchant.engine import Engine
from penchant.engine.each import Outcome
from penchant.errors import PenchantError
from penchant.recommend.answer import Answer, Recommendation
from penchant.recommend.explanation import Explanation
from penchant.records import Event
from penchant.serve.console.desk import Here, item_address
from penchant.serve.console.frame import card, empty
from penchant.serve.console.lookup import kind_against
from penchant.serve.console.parts import bar, extent, legend
from penchant.serve.console.texts import Texts
from penchant.serve.host import Catalogue

N = 10
WHY = 10  # parts that a why shows


class AnswerPanel:
    """Asks for recommendations and shows them.

    Args:
        changed: called after something was said or disliked.
    """

    def __init__(self, here: Here, user: str, changed: Callable[[], Awaitable[None]]) -> None:
        self.here, self.user, self._changed = here, user, changed
        self.request = ""
        t = here.t
        with card(t("people.recommended"), part="answers"):
            with ui.element("form").classes("line").on("submit.prevent", self.ask):
                self._box = ui.input(placeholder=t("people.request")).props(
                    f'dense outlined clearable aria-label="{t("people.request_label")}" maxlength=4000'
                ).classes("grow")  # fmt: skip
                ui.button(t("people.ask"), icon="search").props("type=submit unelevated no-caps")
                ui.button(t("people.remember"), icon="bookmark_add", on_click=self._tell).props(
                    "outline no-caps"
                ).tooltip(t("people.remember_what"))  # fmt: skip
            self._place = ui.element("div").classes("stack").style("gap: 8px").props('aria-live="polite"')

    async def ask(self) -> None:
        """Ask with what stands in the box."""
        self.request = (self._box.value or "").strip()
        await self.refresh()

    async def refresh(self) -> None:
        """Ask again."""
        engine = self.here.catalogue.engine
        answer = await self.here.attempt(engine.recommend, self.user, N, self.request or None)
        if answer is not None:
            self._draw(answer)

    def _draw(self, answer: Answer) -> None:
        t = self.here.t
        self._place.clear()
        with self._place:
            for line in read_lines(answer, t):
                ui.label(t("people.read", what=line)).classes("faint wrap")
            if answer.blocked:
                ui.label(kept_out(answer, t)).classes("faint wrap").props("data-part=kept-out")
            if not len(answer):
                empty(t("people.nothing"), t("people.nothing_what"))
                return
            explanations = [one.explanation for one in answer]
            legend(explanations, t)
            room = extent(explanations)
            for one in answer:
                self._item(answer, one, room)
            ui.label(t("people.took", ms=f"{answer.took_ms:.1f}", version=answer.version)).classes("faint")

    def _item(self, answer: Answer, one: Recommendation, room: float) -> None:
        t = self.here.t
        with ui.element("article").classes("rec").props("data-rec"):
            with ui.element("div").classes("line tight"):
                ui.label(str(one.position)).classes("place")
                ui.link(one.title, item_address(one.item)).classes("grow clip strong title")
                ui.label(f"{one.score:+.2f}").classes("faint")
                why = ui.button(t("people.why")).props("flat dense no-caps size=12px aria-expanded=false")
                ui.button(t("people.less"), icon="thumb_down", on_click=partial(self._less, answer, one)).props(
                    "flat dense no-caps size=12px"
                ).classes("less")  # fmt: skip
            bar(one.explanation, room, t)
            place = ui.element("div").classes("why")
            place.visible = False

            def unfold() -> None:
                place.visible = not place.visible
                why.props(f"aria-expanded={'true' if place.visible else 'false'}")
                if place.visible and not place.default_slot.children:
                    with place:
                        self._why(one.explanation)

            why.on_click(unfold)

    def _why(self, explanation: Explanation) -> None:
        t, language = self.here.t, self.here.language
        ui.label(explanation.text(language)).classes("wrap")
        for part in explanation.strongest(WHY):
            with ui.element("div").classes("part"):
                ui.label(f"{part.value:+.3f}").classes("num")
                ui.label(t("level." + part.level)).classes("faint")
                ui.label(part.phrase(language)).classes("wrap")
        ui.label(t("people.sum", score=f"{explanation.score:+.3f}", n=len(explanation.parts))).classes("faint")

    async def _less(self, answer: Answer, one: Recommendation) -> None:
        here = self.here
        done = await here.act("POST /events", less_of, here.catalogue, self.user, one.item, answer.request_id)
        if done is not None:
            here.done("people.lessened", title=one.title)
            await self._changed()

    async def _tell(self) -> None:
        said = (self._box.value or "").strip()
        if not said:
            ui.notify(self.here.t("people.say_first"), type="warning")
            return
        if await self.here.act("POST /utterances", self.here.catalogue.engine.tell, self.user, said) is not None:
            self._box.value, self.request = "", ""
            self.here.done("people.remembered")
            await self._changed()


def read_lines(answer: Answer, t: Texts) -> list[str]:
    """How the request was understood, a line for each thing, as `Understood.lines` in English."""
    told = answer.understood
    if told is None:
        return []
    much = {0.5: t("read.little"), 1.5: t("read.very")}
    found = [
        f"{sign} {one.text}: {', '.join(one.nodes) or t('read.meaning')} {much.get(one.strength, '')}".rstrip()
        for sign, meant in (("+", told.wishes), ("−", told.dislikes))
        for one in meant
    ]
    if told.like:
        found.append(t("read.like", title=told.like))
    if told.age:
        found.append(t("read.newer" if told.age > 0 else "read.older"))
    found += [one.line(t.language) for one in told.constraints]
    if told.span == "until":
        found.append(t("read.hours", n=f"{told.hours:g}"))
    elif told.span == "standing":
        found.append(t("read.standing"))
    return [*found, *([f"? {told.question}"] if told.question else [])]


def kept_out(answer: Answer, t: Texts) -> str:
    """Which rules kept how many items out of an answer, and who said so."""
    told: list[str] = []
    for name, n in answer.blocked.items():
        source, _, said = name.partition(": ")
        if said and source in ("stated", "request"):
            told.append(t("people.kept_" + source, said=said, n=n))
        else:
            told.append(t("people.kept_rule", said=name, n=n))
    return t("people.kept_out", what="; ".join(told) if t.language == "en" else "；".join(told))


def less_of(catalogue: Catalogue, user: str, item: str, request_id: str) -> bool:
    """Feedback on an answer: not this. By the domain's clearest kind of event against, else by an edit of its category.

    Raises:
        PenchantError: the event was not taken.
    """
    engine = catalogue.engine
    kind = kind_against(engine.settings)
    if kind is None:
        engine.edit(user, _category(engine, item), "less")
        return True
    [outcome] = catalogue.writer.submit([Event(user=user, item=item, kind=kind, request_id=request_id)]).result()
    _good(outcome)
    return True


def _good(outcome: Outcome) -> None:
    if isinstance(outcome, PenchantError):
        raise outcome


def _category(engine: Engine, item: str) -> str:
    paths = engine.item(item).paths
    if not paths:
        raise PenchantError("the item stands in no category", fix="edit the profile instead")
    return paths[0][0]
