"""The verb demo: a real stream learned live, measured, read, asked and changed, in under three minutes."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from penchant.cli.state import DEMO, State, state_of
from penchant.errors import StoreError

if TYPE_CHECKING:
    from penchant.engine import Engine
    from penchant.evaluate import Report, Tick
    from penchant.recommend.answer import Answer

REQUESTS = ("我想看一部轻松的科幻片", "a dark crime story, not too old")


def demo(
    ctx: typer.Context,
    events: Annotated[int, typer.Option(help="How many events of the stream; 0 for all 100,004.")] = 0,
    every: Annotated[int, typer.Option(help="Measure every so manieth of the last 20 %.")] = 8,
) -> None:
    """Learn 100,004 real ratings of 9,066 films, one by one, and see what comes of it. Keeps demo.db."""
    state = state_of(ctx)
    path = state.db or DEMO
    for old in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        old.unlink(missing_ok=True)
    state.db = path
    started = time.perf_counter()
    from penchant.data import open_dataset
    from penchant.engine import Engine
    from penchant.evaluate import ItemKNN, Popularity, prequential

    dataset = open_dataset("demo")
    films, stream = list(dataset.items), list(dataset.events)
    stream = stream[:events] if events else stream
    if len(stream) < 100:
        raise StoreError("demo: too few events", fix="give at least 100, or 0 for all")
    _say(f"{dataset.name}: {len(films):,} films, {len(stream):,} ratings by {len({e.user for e in stream}):,} people\n")
    with Engine.open(path, "movies") as engine:
        begun = time.perf_counter()
        with state.bar("embedding titles and genres") as step:
            engine.add_items(films, progress=step)
        _say(f"films embedded, the tree induced, heads warmed: {time.perf_counter() - begun:.0f} s")
        peers = [Popularity(len(films)), ItemKNN(len(films)), ItemKNN(len(films), None)]
        report = prequential(engine, stream[:-1], peers, every=every, name=dataset.name, progress=_live(state))
        _measured(report)
        user = _reader(engine)
        _head(f"What user {user} wants (penchant --db {path} profile {user})")
        _say(engine.profile(user).text())
        for request in REQUESTS:
            _asked(engine.recommend(user, 10, request), request)
        _moved(engine, user)
    size = path.stat().st_size / 1e6
    _say(f"\n{path} is kept ({size:.0f} MB); all in {time.perf_counter() - started:.0f} s. Try next:")
    for line in (
        f'penchant recommend {user} --request "a feel-good animation for the family" --explain',
        f'penchant tell {user} "no more horror"    and then    penchant profile {user}',
        f"penchant profile {user} --plot {user}.png",
    ):
        _say(f"  {line}")


def _say(text: str) -> None:
    typer.echo(text)


def _head(text: str) -> None:
    typer.echo(f"\n{text}\n{'─' * min(len(text), 100)}")


def _live(state: State) -> Any:
    """One line that is written over and over: events done, events a second, rolling HR@10."""
    shown = [0.0]

    def tick(now: Tick) -> None:
        if state.quiet or not sys.stderr.isatty():
            return
        if time.perf_counter() - shown[0] < 0.2 and now.done < now.total:
            return
        shown[0] = time.perf_counter()
        rolling = "from 80 % on" if now.hr10 is None else f"{now.hr10:.3f}"
        line = f"\r{now.done:>7,} of {now.total:,} events  {now.per_second:>6,.0f} events/s  rolling HR@10 {rolling}   "
        sys.stderr.write(line if now.done < now.total else "\r" + " " * len(line) + "\r")
        sys.stderr.flush()

    return tick


def _measured(report: Report) -> None:
    per_second = report.events / max(report.learn_seconds, 1e-9)
    _say(f"{report.events:,} events learned one by one: {per_second:,.0f} a second, each on disk before it counts")
    _head(f"First predict, then learn: {report.measured:,} predictions over all films, in the last 20 %")
    width = max(map(len, report.ranks))
    _say(f"{'':{width}}   HR@10  NDCG@10    MRR")
    best = max(report.row(m)["ndcg@10"] for m in report.ranks)
    for method in report.ranks:
        row = report.row(method)
        bar = "█" * round(24 * row["ndcg@10"] / max(best, 1e-9))
        _say(f"{method:{width}}   {row['hr@10']:.3f}    {row['ndcg@10']:.3f}  {row['mrr']:.3f}  {bar}")


def _reader(engine: Engine) -> str:
    """Somebody interesting: of the people active lately, the one with about 150 events."""
    memory, users = engine.model.world.memory, engine.model.world.users.ids
    lately = sorted(range(len(users)), key=lambda row: -memory.time[row])[: max(len(users) // 6, 1)]
    return users[min(lately, key=lambda row: abs(int(memory.events[row]) - 150))]


def _asked(answer: Answer, request: str) -> None:
    _head(f"“{request}”")
    for line in answer.read:
        _say(f"  understood: {line}")
    for r in answer:
        levels = r.explanation.by_level()
        parts = "  ".join(f"{level} {value:+.2f}" for level, value in levels.items() if level != "base")
        _say(f"{r.position:>3}  {r.score:+.2f}  {r.title[:44]:<44}  {parts}")
    language = "zh" if not request.isascii() else "en"
    _say(f"  1 {answer[0].explanation.text(language)}")


def _moved(engine: Engine, user: str) -> None:
    """One more event, and what it changed."""
    before = engine.recommend(user, 10)
    chosen = next((r for r in before if r.position == 3), before[0])
    old = {r.item: r.position for r in before}
    shares = {node.path: node.share for node in engine.profile(user).nodes}
    alpha = engine.model.blend.alpha()
    engine.observe(
        {"user": user, "item": chosen.item, "kind": "rating", "value": 5, "time": engine.now + 60,
         "request_id": before.request_id}
    )  # fmt: skip
    _head(f"One more event: {user} gives {chosen.title} five stars")
    for r in engine.recommend(user, 10):
        was = old.get(r.item)
        move = "new" if was is None else ("" if was == r.position else f"was {was}")
        _say(f"{r.position:>3}  {r.score:+.2f}  {r.title[:44]:<44}  {move}")
    moved = sorted(
        ((node.share - shares.get(node.path, 0.0), node.name) for node in engine.profile(user).nodes),
        key=lambda m: -abs(m[0]),
    )
    _say("  shares: " + ", ".join(f"{name} {100 * by:+.1f} points" for by, name in moved[:4]))
    now = engine.model.blend.alpha()
    names = ("α_c", "α_d", "α_i")
    _say("  " + ", ".join(f"{name} {a:.6f} → {b:.6f}" for name, a, b in zip(names, alpha, now, strict=True)))
