"""Verbs about the catalogue: init, import, observe, items, similar, retire, backup, restore."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from penchant.cli.state import JsonOption, State, state_of
from penchant.errors import InvalidRecord, Refused, StoreError, UnknownId
from penchant.records import Event, Item

if TYPE_CHECKING:
    from penchant.data import Reading
    from penchant.engine import Engine

GROUP = 500
SHOWN = 5


def register(app: typer.Typer) -> None:
    """Add these verbs."""
    app.command()(init)
    app.command("import")(import_)
    app.command()(observe)
    app.command()(items)
    app.command()(similar)
    app.command()(retire)
    app.command()(backup)
    app.command()(restore)


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
    path = state.path if state.db else Path("penchant.db")
    if path.exists():
        raise StoreError(f"{path}: it exists already", fix="choose another file with --db")
    state.db = path
    with state.engine(must_exist=False, base=base, settings=settings) as engine:
        made = {"path": str(path), "domain": engine.settings.domain, "kinds": list(engine.settings.kinds)}
    state.show(made, f"{path}: a new catalogue for {base}; kinds of events: {', '.join(made['kinds'])}")


def import_(
    ctx: typer.Context,
    source: Annotated[
        str | None,
        typer.Argument(help="A known data set: MovieLens, S3-Rec, MIND, Last.fm (a folder or file), or demo."),
    ] = None,
    item_file: Annotated[Path | None, typer.Option("--items", help="Items: CSV, JSONL or Parquet.")] = None,
    event_file: Annotated[Path | None, typer.Option("--events", help="Events: CSV, JSONL or Parquet.")] = None,
    item_columns: Annotated[
        str | None, typer.Option(help="Items' columns, where not guessed: id=sku,text=name")
    ] = None,
    event_columns: Annotated[str | None, typer.Option(help="Events' columns: user=uid,item=sku,time=when")] = None,
    base: Annotated[str | None, typer.Option(help="The domain, if the catalogue is to be made.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be read; write nothing.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Stop at the first bad row.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Read items and events. Interrupted? The same command goes on where it was, and nothing counts twice.

    Examples:

      penchant import --items items.csv --events events.parquet --event-columns user=uid,item=sku
      penchant import ml-1m/ --base movies
      penchant import --events events.csv --dry-run
    """
    from penchant.data import open_dataset, read_events, read_items

    state = state_of(ctx, as_json)
    things: Reading[Item] | None = None
    happenings: Reading[Event] | None = None
    if source is not None:
        dataset = open_dataset(source, strict=strict)
        things, happenings = dataset.items, dataset.events
        state.remark(f"this looks like {dataset.name}")
    if item_file is not None:
        things = read_items(item_file, columns=_columns("--item-columns", item_columns, Item), strict=strict)
    if event_file is not None:
        happenings = read_events(event_file, columns=_columns("--event-columns", event_columns, Event), strict=strict)
    if things is None and happenings is None:
        raise InvalidRecord("import", None, "give a data set, --items or --events")
    if dry_run:
        _preview(state, things, happenings)
        return
    with state.engine(must_exist=False, base=base) as engine:
        report = {
            "items": _load_items(state, engine, things),
            "events": _load_events(state, engine, happenings, strict),
        }
    _tell(state, report)


def _columns(option: str, text: str | None, record: type[Item] | type[Event]) -> dict[str, str] | None:
    """{field: column} of an option such as user=uid,item=sku; None if it was not given."""
    if not text:
        return None
    chosen: dict[str, str] = {}
    for pair in text.split(","):
        field, _, column = (part.strip() for part in pair.partition("="))
        if field not in record.model_fields or not column:
            known = ", ".join(record.model_fields)
            raise InvalidRecord(option, pair, f"give field=column pairs; the fields are {known}")
        chosen[field] = column
    return chosen


def _preview(state: State, things: Reading[Item] | None, happenings: Reading[Event] | None) -> None:
    data: dict[str, Any] = {}
    for name, reading in (("items", things), ("events", happenings)):
        if reading is None:
            continue
        first: list[dict[str, Any]] = []
        for record in reading:
            first.append(record.model_dump(mode="json", exclude_defaults=True))
            if len(first) >= SHOWN:
                break
        data[name] = {"columns": str(reading.columns), "first": first, "problems": [str(p) for p in reading.problems]}
    lines: list[str] = []
    for name, found in data.items():
        lines += [f"{name}", found["columns"], *(f"  {record}" for record in found["first"]), *found["problems"], ""]
    state.show(data, "\n".join([*lines, "nothing was written (--dry-run)"]))


def _load_items(state: State, engine: Engine, reading: Reading[Item] | None) -> dict[str, Any]:
    if reading is None:
        return {}
    with state.bar("reading items") as step:
        batch: list[Item] = []
        for item in reading:
            batch.append(item)
            step(len(batch), reading.total or len(batch))
    with state.bar("embedding items") as step:
        learned = engine.add_items(batch, progress=step)
    return {
        "read": reading.counts.read, "added": learned.accepted, "unchanged": learned.duplicates,
        "bad": reading.counts.bad, "problems": [str(p) for p in reading.problems],
    }  # fmt: skip


def _load_events(state: State, engine: Engine, reading: Reading[Event] | None, strict: bool) -> dict[str, Any]:
    if reading is None:
        return {}
    accepted = duplicates = done = 0
    problems: list[str] = []
    with state.bar("learning events") as step:
        group: list[Event] = []

        def flush() -> None:
            nonlocal accepted, duplicates
            learned = engine.observe_many(group)
            accepted, duplicates = accepted + learned.accepted, duplicates + learned.duplicates
            group.clear()

        for event in reading:
            done += 1
            file, line = reading.place
            try:
                engine.check(event)
            except (UnknownId, Refused) as error:
                problem = f"{file}:{line}: {error}"
                if strict:
                    flush()
                    raise InvalidRecord(f"{file}, line {line}: event.item", event.item, "add the item first") from error
                problems.append(problem)
                continue
            group.append(event if event.id else event.model_copy(update={"id": _retry_id(file, line, event)}))
            if len(group) >= GROUP:
                flush()
                step(done, reading.total or done)
        flush()
    return {
        "read": reading.counts.read, "learned": accepted, "known already": duplicates,
        "bad": reading.counts.bad + len(problems), "problems": [*map(str, reading.problems), *problems],
    }  # fmt: skip


def _retry_id(file: str, line: int, event: Event) -> str:
    """The same row of the same file has the same id whenever it is read."""
    told = (
        f"{Path(file).name}\x1f{line}\x1f{event.user}\x1f{event.item}\x1f{event.kind}\x1f{event.time}\x1f{event.value}"
    )
    return f"import:{hashlib.blake2b(told.encode('utf-8', 'replace'), digest_size=12).hexdigest()}"


def _tell(state: State, report: dict[str, dict[str, Any]]) -> None:
    lines: list[str] = []
    for name, counts in report.items():
        if counts:
            lines.append(f"{name}: " + ", ".join(f"{v:,} {k}" for k, v in counts.items() if k != "problems"))
            problems = counts["problems"]
            lines += [f"  {problem}" for problem in problems[:10]]
            lines += [f"  and {len(problems) - 10:,} more (--json lists them)"] if len(problems) > 10 else []
    state.show(report, "\n".join(lines))


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
    state = state_of(ctx, as_json)
    with state.engine() as engine:
        found: list[dict[str, Any]] = []
        catalogue = engine.model.world.catalogue
        for id, card in zip(catalogue.rows.ids, catalogue.cards, strict=True):
            if words.casefold() in card.title.casefold() or words == id:
                found.append({"item": id, "title": card.title, "paths": card.paths, "version": card.version})
            if len(found) >= n:
                break
    rows = [(f["item"], f["title"], ", ".join(" › ".join(p) for p in f["paths"])) for f in found]
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
    with state.engine() as engine:
        found = [{"item": id, "title": engine.item(id).title, "score": score} for id, score in engine.similar(item, n)]
    state.table(found, ("score", "item", "title"), [(f"{f['score']:.3f}", f["item"], f["title"]) for f in found])


def retire(
    ctx: typer.Context,
    item: Annotated[str, typer.Argument(help="An item's id.")],
    delete: Annotated[bool, typer.Option("--delete", help="For good: its id is refused from now on.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Stop recommending an item. Importing it again brings it back, unless it was deleted."""
    state = state_of(ctx, as_json)
    with state.engine() as engine:
        learned = engine.delete(item) if delete else engine.retire(item)
    state.show({"version": learned.version}, f"{item}: {'deleted' if delete else 'retired'}")


def backup(
    ctx: typer.Context, target: Annotated[Path, typer.Argument(help="The copy's file.")], as_json: JsonOption = False
) -> None:
    """Copy the catalogue, consistently, while others may read it.

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
    target = state.path if state.db else Path("penchant.db")
    if target.exists():
        raise StoreError(f"{target}: it exists already", fix="move it away first")
    if not source.exists():
        raise StoreError(f"{source}: there is no such file", fix="give the path of a backup")
    store = open_store(source)
    try:
        problems = store.check()
        if problems:
            raise StoreError(f"{source}: {problems[0]}", fix="take another backup")
        store.backup(target)
    finally:
        store.close()
    state.db = target
    with state.engine() as engine:
        version = engine.version
    state.show({"restored": str(target), "version": version}, f"{target}: restored, version {version}")
