"""The verb keys: who may use the service, and for what."""

from __future__ import annotations

import re
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from penchant.cli.place import file_of
from penchant.cli.state import JsonOption, State, state_of
from penchant.errors import InvalidRecord, MissingExtra, StoreError

if TYPE_CHECKING:
    from penchant.serve.audit import Audit
    from penchant.serve.keys import Key, KeyBook

FOLDER = Path("catalogues")
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
FolderOption = Annotated[
    Path | None,
    typer.Option(help="Folder of the catalogues, where keys.db is.", show_default="catalogues, or where --db is"),
]


def register(app: typer.Typer) -> None:
    """Add this verb."""
    keys = typer.Typer(no_args_is_help=True, help="Keys of the service: create, list, rotate, revoke (extra: serve).")
    keys.command()(create)
    keys.command("list")(list_)
    keys.command()(rotate)
    keys.command()(revoke)
    keys.command()(audit)
    app.add_typer(keys, name="keys")


def create(
    ctx: typer.Context,
    tenant: Annotated[str, typer.Argument(help="Whose catalogue it opens: the name of its file without .db.")],
    role: Annotated[list[str], typer.Option(help="ingest, read or admin; may be given several times.")],
    name: Annotated[str, typer.Option(help="For people: who uses it.")] = "",
    expires: Annotated[str, typer.Option(help="From now, as 12h, 90d or 52w.", show_default="never")] = "",
    rate: Annotated[str | None, typer.Option(help="Of its own, as 100/second;5000/minute.")] = None,
    folder: FolderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a key and print it. It is shown this once: only its hash is kept.

    Examples: penchant keys create shop --role read --role ingest --name web --expires 90d
    """
    state = state_of(ctx, as_json)
    until = time.time() + seconds("key.expires", expires) if expires else None
    with _book(state, folder) as (keys, log):
        key, token = keys.create(tenant, role, name=name, expires=until, rate=rate)
        log.note("operator", tenant, "keys create", about=key.id)
    state.show({**_facts(key), "key": token}, token)
    state.remark(f"key {key.id} of {tenant} ({', '.join(key.roles)}); keep it, it is not shown again")


def list_(
    ctx: typer.Context,
    tenant: Annotated[str | None, typer.Argument(help="Only this tenant's.")] = None,
    folder: FolderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the keys, without their secrets.

    Examples: penchant keys list, penchant keys list shop --json
    """
    state = state_of(ctx, as_json)
    with _book(state, folder) as (keys, _):
        found = keys.all(tenant)
    rows = [
        (k.id, k.tenant, k.name or "-", ", ".join(k.roles), k.state(), day(k.created), day(k.expires), day(k.used))
        for k in found
    ]
    state.table([_facts(k) for k in found], ("id", "tenant", "name", "roles", "state", "made", "expires", "used"), rows)


def rotate(
    ctx: typer.Context,
    id: Annotated[str, typer.Argument(help="Id of the key, as penchant keys list shows it.")],
    grace: Annotated[str, typer.Option(help="The old one holds so long yet, as 1h or 7d.")] = "",
    folder: FolderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a key anew and print it; the old one ends now, or after a time of grace.

    Examples: penchant keys rotate 3vX0aZpQ81Lm --grace 24h
    """
    state = state_of(ctx, as_json)
    with _book(state, folder) as (keys, log):
        key, token = keys.rotate(id, grace=seconds("key.grace", grace) if grace else 0.0)
        log.note("operator", key.tenant, "keys rotate", about=f"{id} {key.id}")
    state.show({**_facts(key), "key": token}, token)
    state.remark(f"key {key.id} takes the place of {id}, which holds {f'for {grace} yet' if grace else 'no more'}")


def revoke(
    ctx: typer.Context,
    id: Annotated[str, typer.Argument(help="Id of the key, as penchant keys list shows it.")],
    folder: FolderOption = None,
    as_json: JsonOption = False,
) -> None:
    """End a key: running services refuse it within a second.

    Examples: penchant keys revoke 3vX0aZpQ81Lm
    """
    state = state_of(ctx, as_json)
    with _book(state, folder) as (keys, log):
        key = keys.revoke(id)
        log.note("operator", key.tenant, "keys revoke", about=id)
    state.show(_facts(key), f"key {id} of {key.tenant} is revoked")


def audit(
    ctx: typer.Context,
    tenant: Annotated[str | None, typer.Argument(help="Only this tenant's.")] = None,
    after: Annotated[int, typer.Option(help="Acts after this number.")] = 0,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1)] = 100,
    folder: FolderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show who did which admin act when.

    Examples: penchant keys audit shop
    """
    state = state_of(ctx, as_json)
    with _book(state, folder) as (_, log):
        acts = log.read(tenant, after=after, limit=limit)
    rows = [(a.seq, day(a.time, exact=True), a.who, a.tenant, a.act, a.outcome, a.about or "-") for a in acts]
    state.table([asdict(a) for a in acts], ("no", "time", "who", "tenant", "act", "outcome", "about"), rows)


def seconds(field: str, text: str) -> float:
    """A span of time.

    >>> seconds("key.expires", "90d")
    7776000.0
    """
    match = re.fullmatch(r"(\d{1,6})([smhdw])", text.strip())
    if match is None or not int(match[1]):
        raise InvalidRecord(field, text, "give a number and s, m, h, d or w, as 12h or 90d")
    return float(int(match[1]) * UNITS[match[2]])


def day(time: float | None, *, exact: bool = False) -> str:
    """A moment for people.

    >>> day(0.0), day(None)
    ('1970-01-01 00:00', '-')
    """
    if time is None:
        return "-"
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d %H:%M:%S" if exact else "%Y-%m-%d %H:%M")


@contextmanager
def _book(state: State, folder: Path | None) -> Generator[tuple[KeyBook, Audit]]:
    try:
        from penchant.serve.audit import Audit
        from penchant.serve.keys import KeyBook
    except ImportError as error:
        raise MissingExtra(error.name or "argon2-cffi", extra="serve") from None
    beside = FOLDER if state.db is None else file_of(state.db, instead="give --folder, where the keys are").parent
    place = folder or beside
    if not place.is_dir():
        raise StoreError(
            f"{place}: there is no such folder", fix="give the one that penchant serve serves with --folder"
        )
    keys = KeyBook.open(place / "keys.db")
    try:
        yield keys, Audit(keys.engine)
    finally:
        keys.close()


def _facts(key: Key) -> dict[str, Any]:
    return {**asdict(key), "state": key.state()}
