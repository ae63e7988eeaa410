"""The page Catalogue: search, the tree with counts, items to place; and the page of one item with its neighbours."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import Request
from nicegui import ui

from penchant.engine.likeness import Found
from penchant.engine.overview import TreeCount
from penchant.records import Item
from penchant.serve.console.desk import Desk, Here, item_address
from penchant.serve.console.frame import card, empty, page, table
from penchant.serve.console.placing import ToPlace

FOUND, FIRST, NEIGHBOURS = 25, 15, 12


def add(desk: Desk) -> None:
    """The pages."""

    @page(desk, "/catalogue", "catalogue")
    async def catalogue(here: Here, request: Request) -> None:  # pyright: ignore[reportUnusedFunction]
        t, engine = here.t, here.catalogue.engine
        seen = await here.attempt(engine.overview)
        with ui.element("div").classes("line"):
            with ui.element("h1"):
                ui.label(t("page.catalogue"))
            if seen is not None:
                ui.label(t("catalogue.count", items=f"{seen.items:,}", live=f"{seen.live:,}")).classes("faint")
            ui.element("span").classes("grow")
            ui.link(t("catalogue.import"), "/import").classes("chip")
        if seen is not None and not seen.items:
            empty(t("live.no_items"), t("live.no_items_what"))
            return
        to_place = ToPlace(here, lambda: draw())
        with ui.element("div").classes("grid"):
            await _search(here, request.query_params.get("q", ""))
            with card(t("catalogue.tree"), part="tree"):
                place = ui.element("div")

        async def draw() -> None:
            place.clear()
            with place:
                await _tree(here)

        await to_place.refresh()
        await draw()

    @page(desk, "/item", "item")
    async def item(here: Here, request: Request) -> None:  # pyright: ignore[reportUnusedFunction]
        await _item(here, request.query_params.get("id", ""))


async def _search(here: Here, asked: str) -> None:
    t, engine = here.t, here.catalogue.engine
    with card(t("catalogue.items"), part="search"):
        with ui.element("form").classes("line").on("submit.prevent", lambda: look()):
            box = ui.input(placeholder=t("catalogue.search"), value=asked).props(
                f'dense outlined clearable aria-label="{t("catalogue.search")}" maxlength=4000'
            ).classes("grow")  # fmt: skip
            ui.button(t("catalogue.find"), icon="search").props("type=submit unelevated no-caps")
        place = ui.element("div").classes("stack").style("gap: 2px").props('aria-live="polite"')

    async def look() -> None:
        wanted = (box.value or "").strip()
        if wanted:
            found = await here.attempt(engine.search, wanted, FOUND, retired=True)
        else:
            found = [
                Found(one.item.id, one.item.title, 0.0, 0.0, 0.0, not one.retired)
                for one in await here.attempt(engine.listed, FIRST) or []
            ]
        if found is None:
            return
        place.clear()
        with place:
            if not found:
                empty(t("catalogue.none"), t("catalogue.none_what"))
            elif not wanted:
                ui.label(t("catalogue.first", n=len(found))).classes("faint")
            for one in found:
                with ui.element("div").classes("line tight found"):
                    ui.link(one.title, item_address(one.item)).classes("clip grow")
                    if not one.available:
                        ui.label(t("catalogue.retired")).classes("faint")
                    ui.label(one.item).classes("faint clip").style("max-width: 30%")

    await look()


async def _tree(here: Here) -> None:
    t = here.t
    nodes = await here.attempt(here.catalogue.engine.tree) or []
    if not nodes:
        empty(t("catalogue.no_tree"), t("catalogue.no_tree_what"))
        return
    with ui.element("div").classes("line faint"):
        ui.label(t("catalogue.tree_what"))
    ui.tree(_branches(nodes, t("catalogue.node")), label_key="label").props("dense no-transition")


def _branches(nodes: Sequence[TreeCount], text: str) -> list[dict[str, object]]:
    return [
        {
            "id": " / ".join(node.path), "label": text.format(
                name=node.path[-1], items=f"{node.items:,}", share=f"{100 * node.share:.1f}"
            ), "children": _branches(node.children, text),
        }
        for node in nodes
    ]  # fmt: skip


async def _item(here: Here, id: str) -> None:
    t, engine = here.t, here.catalogue.engine
    found = await here.attempt(engine.item, id)
    if found is None:
        empty(t("catalogue.no_item"), t("catalogue.no_item_what"))
        ui.link(t("page.catalogue"), "/catalogue")
        return
    retired = bool(await here.attempt(engine.is_retired, id))
    with ui.element("div").classes("line"):
        with ui.element("h1").classes("wrap"):
            ui.label(found.title)
        if retired:
            ui.label(t("catalogue.retired")).classes("chip bad")
        ui.element("span").classes("grow")
        if retired:
            ui.button(t("catalogue.bring_back"), icon="undo", on_click=lambda: back()).props("outline no-caps")
        else:
            ui.button(t("catalogue.retire"), icon="visibility_off", on_click=lambda: retire()).props("outline no-caps")

    async def retire() -> None:
        if await here.act("POST /items/retire", engine.retire, id) is not None:
            ui.navigate.reload()

    async def back() -> None:
        if await here.act("POST /items", engine.bring_back, id) is not None:
            ui.navigate.reload()

    with ui.element("div").classes("grid"):
        with card(t("catalogue.what"), part="item"):
            _facts(here, found)
        with card(t("catalogue.neighbours"), part="neighbours"):
            near = await here.attempt(engine.similar, id, NEIGHBOURS) or []
            if not near:
                empty(t("catalogue.alone"), t("catalogue.alone_what"))
            for other, score in near:
                with ui.element("div").classes("line tight"):
                    ui.link(engine.title(other), item_address(other)).classes("clip grow")
                    with ui.element("span").classes("bar").style("width: 90px"):
                        ui.element("div").style(f"width: {max(0.0, min(1.0, score)) * 100:.0f}%")
                    ui.label(f"{score:.2f}").classes("faint").style("width: 36px; text-align: right")


def _facts(here: Here, item: Item) -> None:
    t = here.t
    ui.label(item.text[:4000]).classes("wrap").style("white-space: pre-line")
    rows: list[tuple[str, str]] = [(t("catalogue.id"), item.id)]
    rows += [(t("catalogue.path"), " › ".join(path)) for path in item.paths]
    rows += [(name, str(value)) for name, value in item.fields.items()]
    if item.time is not None:
        rows.append((t("catalogue.since"), here.day(item.time)))
    table((), rows)
