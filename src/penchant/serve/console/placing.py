"""The card of items that stand in no category: each with the nodes that its text speaks for, to be placed by hand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import cast

from nicegui import ui

from penchant.engine import Engine
from penchant.engine.placing import Proposal
from penchant.records import Item
from penchant.serve.console.desk import Here, item_address
from penchant.serve.console.frame import card
from penchant.serve.console.rules import Path, paths_of

SHOWN = 8  # items in the card
MOST = 500  # nodes that a list offers; of a larger tree only the categories
SEPARATOR = " › "


class ToPlace:
    """The card; nothing of it is there while every item stands somewhere.

    Args:
        changed: called after an item was placed.
    """

    def __init__(self, here: Here, changed: Callable[[], Awaitable[None]]) -> None:
        self.here, self._changed = here, changed
        self._place = ui.element("div").classes("stack").props('aria-live="polite"')

    async def refresh(self) -> None:
        """Look anew."""
        t, engine = self.here.t, self.here.catalogue.engine
        n = await self.here.attempt(engine.count_unplaced)
        found = await self.here.attempt(_look, engine) if n else None
        self._place.clear()
        if not n or not found:
            return
        nodes, items = found
        with self._place, card(t("placing.title", n=f"{n:,}"), part="unplaced"):
            ui.label(t("placing.what")).classes("faint wrap")
            for item, proposed in items:
                self._row(item, proposed, nodes)

    def _row(self, item: Item, proposed: Sequence[Proposal], nodes: Sequence[Path]) -> None:
        t = self.here.t
        likely = {one.path: f"{SEPARATOR.join(one.path)} ({100 * one.share:.0f} %)" for one in proposed}
        choice = likely | {path: SEPARATOR.join(path) for path in nodes if path not in likely}
        with ui.element("div").classes("to-place").props("data-unplaced"):
            ui.link(item.title, item_address(item.id)).classes("wrap")
            node = ui.select(
                choice, value=next(iter(choice), None), label=t("placing.node"), with_input=True
            ).props("dense outlined")  # fmt: skip
            ui.button(t("placing.place"), icon="check", on_click=partial(self._put, item.id, node)).props(
                "outline no-caps"
            )

    async def _put(self, id: str, node: ui.select) -> None:
        path = cast("Path | None", node.value)
        engine = self.here.catalogue.engine
        if path and await self.here.act("POST /items", engine.place, id, path) is not None:
            self.here.done("placing.placed", node=SEPARATOR.join(path))
            await self.refresh()
            await self._changed()


def _look(engine: Engine) -> tuple[list[Path], list[tuple[Item, list[Proposal]]]]:
    """Paths of the nodes, and the first items with what is proposed for them."""
    tree = engine.tree()
    paths = paths_of(tree)
    nodes = paths if len(paths) <= MOST else [node.path for node in tree][:MOST]
    return nodes, [(one.item, engine.proposals(one.item.id)) for one in engine.unplaced(SHOWN)]
