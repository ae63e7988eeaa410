"""Verbs about the catalogue: init, observe, items, similar, retire, backup, restore."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer

from penchant.cli.importing import strange_kind
from penchant.cli.place import file_of, is_there, shown
from penchant.cli.state import JsonOption, state_of
from penchant.errors import StoreError


def register(app: typer.Typer) -> None:
    """Add these verbs, but init, which stands first."""
    for verb in (observe, items, similar, retire, backup, restore):
        app.command()(verb)


def init(
    ctx: typer.Context,
    base: Annotated[
        str, typer.Argument(help="The domain: movies, news, shop, support, music, education, finance, games.")
    ],
    settings: Annotated[Path | None, typer.Option(help="A TOML file of settings that differ.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Make a new catalogue for a domain.

    Example: penchant --db shop.db init shop
    """
    state = state_of(ctx, as_json)
    path = state.own
    if is_there(path):
        raise StoreError(f"{shown(path)}: it exists already", fix="choose another with --db")
    with state.engine(path=path, base=base, settings=settings) as engine:
        made = {"path": shown(path), "domain": engine.settings.domain, "kinds": list(engine.settings.kinds)}
    state.show(made, f"{shown(path)}: a new catalogue for {base}; kinds of events: {', '.join(made['kinds'])}")


def observe(
    ctx: typer.Context,
    user: Annotated[str, typer.Argument(help="Who.")],
    item: Annotated[str, typer.Argument(help="What with.")],
    kind: Annotated[str, typer.Option(help="What they did: view, like, purchase, rating, skip, dislike, ...")] = "view",
    value: Annotated[float | None, typer.Option(help="Rating, dwell, ...")] = None,
    time: Annotated[
        str | None, typer.Option(help="When: ISO 8601 or seconds since 1970, UTC; now if not given.")
    ] = None,
    id: Annotated[str | None, typer.Option(help="Makes a retry harmless.")] = None,
    request_id: Annotated[str | None, typer.Option(help="The answer this is feedback on.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Write one event and learn it.

    Example: penchant observe ann dune --kind rating --value 5
    """
    state = state_of(ctx, as_json)
    given = {"user": user, "item": item, "kind": kind, "value": value, "time": time, "id": id, "request_id": request_id}
    with state.engine() as engine:
        learned = engine.observe({name: v for name, v in given.items() if v is not None})
        if kind not in engine.settings.kinds:
            state.remark(strange_kind(engine.settings, kind))
    data = {"version": learned.version, "duplicate": bool(learned.duplicates)}
    state.show(data, f"{'known already' if learned.duplicates else 'learned'} (version {learned.version})")


def items(
    ctx: typer.Context,
    words: Annotated[str, typer.Argument(help="Words of the title; all items without.")] = "",
    n: Annotated[int, typer.Option("-n", help="How many.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """List items whose title holds some words, to find an id.

    Example: penchant items matrix
    """
    from penchant.interest.catalogue import DELETED, LIVE

    state = state_of(ctx, as_json)
    found: list[dict[str, Any]] = []
    with state.engine(reads=True) as engine:
        catalogue = engine.model.world.catalogue
        for row, (id, card) in enumerate(zip(catalogue.rows.ids, catalogue.cards, strict=True)):
            if len(found) >= n:
                break
            if catalogue.state[row] == DELETED or not (words.casefold() in card.title.casefold() or words == id):
                continue
            about = {"item": id, "title": card.title, "paths": card.paths, "version": card.version}
            found.append({**about, "retired": bool(catalogue.state[row] != LIVE)})
    rows = [
        (f["item"], f["title"] + (" (retired)" if f["retired"] else ""), ", ".join(" › ".join(p) for p in f["paths"]))
        for f in found
    ]
    state.table(found, ("item", "title", "paths"), rows)


def similar(
    ctx: typer.Context,
    item: Annotated[str, typer.Argument(help="An item's id.")],
    n: Annotated[int, typer.Option("-n", help="How many.")] = 10,
    as_json: JsonOption = False,
) -> None:
    """The items most like one.

    Example: penchant similar 2571
    """
    state = state_of(ctx, as_json)
    with state.engine(reads=True) as engine:
        found = [{"item": id, "title": engine.item(id).title, "score": score} for id, score in engine.similar(item, n)]
    state.table(found, ("score", "item", "title"), [(f"{f['score']:.3f}", f["item"], f["title"]) for f in found])


def retire(
    ctx: typer.Context,
    item: Annotated[str, typer.Argument(help="An item's id.")],
    delete: Annotated[bool, typer.Option("--delete", help="For good: its id is refused from now on.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Stop recommending an item. Importing it again brings it back, unless it was deleted.

    Example: penchant retire 2571
    """
    state = state_of(ctx, as_json)
    with state.engine() as engine:
        learned = engine.delete(item) if delete else engine.retire(item)
    state.show({"version": learned.version}, f"{item}: {'deleted' if delete else 'retired'}")


def backup(
    ctx: typer.Context, target: Annotated[Path, typer.Argument(help="The copy's file.")], as_json: JsonOption = False
) -> None:
    """Copy the catalogue, consistently; one that is being served is copied by POST /catalogue/backups or the console.

    Example: penchant backup shop-2026-11-24.db
    """
    state = state_of(ctx, as_json)
    with state.engine() as engine:
        engine.backup(target)
    state.show({"backup": str(target)}, f"{target}: {target.stat().st_size / 1e6:.1f} MB")


def restore(
    ctx: typer.Context, source: Annotated[Path, typer.Argument(help="A backup.")], as_json: JsonOption = False
) -> None:
    """Check a backup and put it in the catalogue's place, which must not exist.

    Example: penchant --db shop.db restore shop-2026-11-24.db
    """
    from penchant.store import open_store

    state = state_of(ctx, as_json)
    target = file_of(state.own, instead="penchant migrate-store BACKUP URL puts a backup into PostgreSQL")
    if target.exists():
        raise StoreError(f"{target}: it exists already", fix="move it away first")
    if not source.exists():
        raise StoreError(f"{source}: there is no such file", fix="give the path of a backup")
    with closing(open_store(source)) as store:
        if problems := store.check():
            raise StoreError(f"{source}: {problems[0]}", fix="take another backup")
        store.backup(target)
    with state.engine(path=target) as engine:
        version = engine.version
    state.show({"restored": str(target), "version": version}, f"{target}: restored, version {version:,}")
