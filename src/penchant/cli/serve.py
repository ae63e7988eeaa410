"""The verb serve: catalogues over HTTP, one a tenant, until Ctrl-C or SIGTERM."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from penchant.cli.place import IN_SETTINGS, file_of
from penchant.cli.state import State, state_of
from penchant.errors import InvalidRecord, MissingExtra

if TYPE_CHECKING:
    from penchant.serve.demo import Demo
    from penchant.serve.host import Host
    from penchant.serve.settings import ServeSettings

DEMO_FOLDER = Path("penchant-demo")


def serve(
    ctx: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 for a free one.", show_default="8000")] = None,
    folder: Annotated[
        Path | None, typer.Option(help="Catalogues, <tenant>.db each, and keys.db.", show_default="catalogues")
    ] = None,
    settings: Annotated[Path | None, typer.Option(help="TOML of settings; PENCHANT_SERVE_* count for more.")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="MovieLens, with ratings coming in live; prints a key.")] = False,
    docs: Annotated[bool | None, typer.Option("--docs", help="Show the API's pages at /docs, to all.")] = None,
    live: Annotated[float, typer.Option(help="With --demo: ratings a second.")] = 20.0,
) -> None:
    """Serve catalogues over HTTP; the keys that open them are made with penchant keys.

    Examples: penchant serve --demo, penchant --db shop.db serve, penchant serve --folder catalogues --port 9000
    """
    state = state_of(ctx)
    try:
        from penchant.serve.server import Server  # noqa: F401  # pyright: ignore[reportUnusedImport]
    except ImportError as error:
        raise MissingExtra(error.name or "fastapi", extra="serve") from None
    from penchant.serve.logs import set_up
    from penchant.serve.settings import ServeSettings

    if folder is not None and state.db is not None:
        raise InvalidRecord("serve.folder", str(folder), "give --folder, or --db for one catalogue, not both")
    if not 0 < live <= 10_000:
        raise InvalidRecord("serve.live", live, "give more than 0 and at most 10,000 ratings a second")
    place = folder or (DEMO_FOLDER if demo and state.db is None else None)

    def load() -> ServeSettings:
        return ServeSettings.load(settings, host=host, port=port, folder=place, docs=demo or docs)

    chosen = load()
    set_up(chosen)
    run(state, chosen, live if demo else None, load, settings)


def run(
    state: State, settings: ServeSettings, live: float | None,
    load: Callable[[], ServeSettings] | None = None, file: Path | None = None,
) -> None:  # fmt: skip
    """Serve until told to stop.

    Args:
        load, file: reads the settings anew, when that file changes or SIGHUP comes.
        live: the demo's ratings a second; None: no demo.
    """
    from penchant.serve.host import Host
    from penchant.serve.reload import Reloader
    from penchant.serve.server import Server

    place = settings.folder if state.db is None else file_of(state.db, instead=IN_SETTINGS)
    host = Host.open(place, settings)
    demo: Demo | None = None
    token = ""
    try:
        if live is not None:
            demo, token = _prepare(state, host, live)
        elif not host.names():
            state.remark(f"{place} holds no catalogue yet; make one with penchant --db {place}/NAME.db init")
        server = Server(host, settings)
        if load is not None:
            server.service.reloader = Reloader(server.service, load, file)
        if live is None and not server.service.keys.all():
            state.remark("there are no keys yet; make one with penchant keys create")
        user = "" if demo is None else demo.latest
        server.announce = lambda address: _say(state, address, token, place, user)
        server.run()
    finally:
        if demo is not None:
            demo.stop()
        host.close()


def _prepare(state: State, host: Host, live: float) -> tuple[Demo, str]:
    """The demo's catalogue, its stream begun; and a key."""
    from penchant.serve.demo import BASE, TENANT, Demo
    from penchant.serve.keys import KeyBook

    begun = time.perf_counter()
    demo = Demo()
    name = host.names()[0] if host.folder is None else TENANT
    with state.unhurried(), state.bar("learning films and ratings") as step:
        known = name in host.names()
        catalogue = host.catalogue(name) if known else host.create(name, BASE)
        done = demo.prepare(catalogue.engine, step)
        catalogue.engine.prepare()  # it was empty when it was opened
    state.remark(f"{len(demo.films):,} films, {done:,} ratings learned in {time.perf_counter() - begun:.0f} s")
    demo.go_live(catalogue, live)
    keys = KeyBook.open(host.keys)
    try:
        for key in keys.all(name):
            if key.name == "demo" and key.state() == "active":  # its text is not kept anywhere
                keys.revoke(key.id)
        _, token = keys.create(name, ["admin"], name="demo")
    finally:
        keys.close()
    return demo, token


def _say(state: State, address: str, token: str, place: Path, user: str) -> None:
    if not token:
        state.remark(f"penchant serves {place} at {address}")
        return
    typer.echo(f"penchant serves the demo at {address}, its API documented at {address}/docs")
    typer.echo(f"console: {address}/console, log in with this admin key:")
    typer.echo(f"admin key: {token}")
    call = f'curl -H "X-API-Key: {token}" -H "Content-Type: application/json"'
    typer.echo(f'try: {call} -d \'{{"user": "{user}", "n": 5}}\' {address}/recommendations')
