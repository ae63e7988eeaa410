"""The verb demo: a real stream learned live, measured, read, asked and changed, in under three minutes."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from penchant.cli.place import file_of
from penchant.cli.state import DEFAULT, DEMO, JsonOption, State, state_of
from penchant.errors import InvalidRecord, StoreError

if TYPE_CHECKING:
    from penchant.engine import Engine
    from penchant.evaluate import Report, Tick
    from penchant.recommend.answer import Answer, Recommendation
    from penchant.records import Event

REQUESTS = ("我想看一部轻松的科幻片", "a dark crime story, not too old")
MANY = 100  # events of somebody whose tree is worth a look
FEWEST = 100  # events of a stream that shows anything
OPEN = 3  # categories of the tree whose dimensions are shown
TITLE = 44  # columns of a title
LOOKED = 50  # recommendations among which a film's earlier position is sought
MARK = "demo"


def demo(
    ctx: typer.Context,
    events: Annotated[int, typer.Option(help="How many events of the stream; 0 for all 100,004.")] = 0,
    every: Annotated[int, typer.Option(help="Measure every so manieth of the last 20 %.")] = 8,
    as_json: JsonOption = False,
) -> None:
    """Learn 100,004 real ratings of 9,066 films, one by one, and see what comes of it. Keeps demo.db.

    Examples: penchant demo, penchant demo --events 5000
    """
    state = state_of(ctx, as_json)
    if every < 1 or (events and events < FEWEST):
        raise InvalidRecord("demo", (events, every), f"give --events {FEWEST} or more, 0 for all, and --every from 1")
    path = file_of(state.db or DEMO, instead="leave --db out, or give a file for the demo")
    _make_way(path)
    started = time.perf_counter()
    from penchant.data import open_dataset
    from penchant.evaluate import prequential, simple_peers

    show = _Show(state)
    dataset = open_dataset("demo")
    films, stream = list(dataset.items), list(dataset.events)
    stream = stream[:events] if events else stream
    people = len({e.user for e in stream})
    show.say(f"{dataset.name}: {len(films):,} films, {len(stream):,} ratings by {people:,} people")
    kept_back = stream.pop(_last_of_somebody(stream))
    with state.engine(path=path, base="movies") as engine:
        begun = time.perf_counter()
        with state.bar("embedding titles and genres") as step:
            engine.add_items(films, progress=step)
        show.say(f"films embedded, the tree induced, heads warmed: {time.perf_counter() - begun:.0f} s")
        peers = simple_peers(len(films))
        report = prequential(engine, stream, peers, every=every, name=dataset.name, progress=_live(state))
        show.measured(report)
        user = kept_back.user
        show.tree(engine, user, path)
        for request in REQUESTS:
            show.asked(engine.recommend(user, 10, request), request)
        show.moved(engine, kept_back, [e for e in stream if e.user == user])
    show.end(path, user, time.perf_counter() - started)


def _make_way(path: Path) -> None:
    """A new file, marked as the demo's; what an earlier demo left goes, but nobody's own catalogue."""
    from penchant.store import open_store

    if path.exists():
        with closing(open_store(path)) as store:  # held by nobody else meanwhile
            if not store.get_meta(MARK):
                fix = "remove it if it may go, or choose another file with --db"
                raise StoreError(f"{path}: it is there, and no demo made it", fix=fix)
            for old in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
                old.unlink(missing_ok=True)
    with closing(open_store(path)) as store:
        store.set_meta(MARK, True)


def _last_of_somebody(stream: Sequence[Event]) -> int:
    """The last event of somebody with many, else of who has the most: it is learned at the end, before our eyes."""
    count = Counter(event.user for event in stream)
    most = min(MANY, max(count.values()))
    return next(k for k in range(len(stream) - 1, -1, -1) if count[stream[k].user] >= most)


def _live(state: State) -> Callable[[Tick], None]:
    """One line that is written over and over: events done, events a second, rolling HR@10."""
    shown = 0.0

    def tick(now: Tick) -> None:
        nonlocal shown
        state.heed()
        if state.quiet or state.as_json or not sys.stderr.isatty():
            return
        if time.perf_counter() - shown < 0.2 and now.done < now.total:
            return
        shown = time.perf_counter()
        rolling = "from 80 % on" if now.hr10 is None else f"{now.hr10:.3f}"
        line = f"\r{now.done:>7,} of {now.total:,} events  {now.per_second:>6,.0f} events/s  rolling HR@10 {rolling}   "
        sys.stderr.write(line if now.done < now.total else "\r" + " " * len(line) + "\r")
        sys.stderr.flush()

    return tick


class _Show:
    """Prints as it goes, or gathers it all as JSON."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.data: dict[str, Any] = {}

    def say(self, text: str) -> None:
        if not self.state.as_json:
            typer.echo(text)

    def head(self, text: str) -> None:
        from rich.cells import cell_len

        self.say(f"\n{text}\n{'─' * min(cell_len(text), 100)}")

    def measured(self, report: Report) -> None:
        """The figures beside the peers', and how they went."""
        self.data["report"] = report.to_dict()
        per_second = report.events / max(report.learn_seconds, 1e-9)
        self.say(f"{report.events:,} events learned: {per_second:,.0f} a second, each on disk before it counts")
        self.head(f"First predict, then learn: {report.measured:,} predictions in the last 20 %, each over all films")
        width = max(map(len, report.ranks))
        self.say(f"{'':{width}}   HR@10  NDCG@10    MRR   rolling NDCG@10")
        courses = {method: report.course(method) for method in report.ranks}
        top = max(max(course) for course in courses.values())
        for method, course in courses.items():
            row = report.row(method)
            figures = f"{row['hr@10']:.3f}    {row['ndcg@10']:.3f}  {row['mrr']:.3f}"
            self.say(f"{method:{width}}   {figures}   {_sparks(course, top)}")
        self.say("every method has seen the same ratings before each prediction")

    def tree(self, engine: Engine, user: str, path: Path) -> None:
        """Somebody's interests, the first categories opened."""
        profile = engine.profile(user)
        self.data["profile"] = profile.to_dict()
        nodes = sorted(profile.nodes, key=lambda node: -node.share)
        folded = [node if k < OPEN else replace(node, children=()) for k, node in enumerate(nodes)]
        self.head(f"What user {user} wants")
        self.say(replace(profile, nodes=tuple(folded)).text())

    def asked(self, answer: Answer, request: str) -> None:
        """Ten films for a request, with the parts of each score."""
        from penchant.recommend.explanation import LEVELS, Level

        self.data.setdefault("answers", []).append({"request": request, **answer.to_dict()})
        self.head(f"“{request}”")
        self.say("understood: " + "; ".join(answer.read))
        parts = [r.explanation.by_level() for r in answer]
        levels: list[Level] = [level for level in LEVELS if any(abs(p.get(level, 0.0)) >= 0.005 for p in parts)]
        self.say(f"{'':{TITLE + 5}} score = " + " + ".join(f"{level:>5}" for level in levels))
        for r, values in zip(answer, parts, strict=True):
            cells = "   ".join(f"{values.get(level, 0.0):>+{max(len(level), 5)}.2f}" for level in levels)
            self.say(f"{_film(r)} {r.score:>+6.2f}   {cells}")
        if [r.score for r in answer] != sorted((r.score for r in answer), reverse=True):
            self.say("(by score, but films much like those above stand lower)")
        self.say(f"1: {answer[0].explanation.text('en' if request.isascii() else 'zh')}")

    def moved(self, engine: Engine, event: Event, earlier: Sequence[Event]) -> None:
        """The event that was kept back is learned; where its film stood, and what it changed."""
        from penchant.evaluate import position

        user, rows = event.user, engine.model.world.catalogue.rows
        had = [row for e in earlier if (row := rows.get(e.item)) is not None]
        stood, films = position(engine, event, had), len(rows) - len(set(had))
        old = {r.item: r.position for r in engine.recommend(user, LOOKED)}
        shares = {node.path: node.share for node in engine.profile(user).nodes}
        alpha = engine.model.blend.alpha()
        begun = time.perf_counter()
        engine.observe(event)
        took = (time.perf_counter() - begun) * 1000
        now = engine.recommend(user, 10)
        title = engine.item(event.item).title
        self.head(f"One more event, kept back until now: {user} gives {title} {event.value:g} of 5 stars")
        self.say(
            f"it stood at {stood + 1:,.0f} of {films:,} films; written and learned in {took:.1f} ms; the list now:"
        )
        for r in now:
            was = old.get(r.item)
            self.say(f"{_film(r)} {r.score:>+6.2f}   {_move(was, r.position)}".rstrip())
        nodes = engine.profile(user).nodes
        by = sorted(((n.share - shares.get(n.path, 0.0), n.name) for n in nodes), key=lambda m: -abs(m[0]))[:4]
        self.say("shares: " + ", ".join(f"{name} {100 * change:+.2f} points" for change, name in by))
        after = engine.model.blend.alpha()
        names = ("α_c", "α_d", "α_i")
        self.say("α: " + ", ".join(f"{n} {a:.5f} → {b:.5f}" for n, a, b in zip(names, alpha, after, strict=True)))
        self.data["moved"] = {
            "event": event.model_dump(mode="json"), "position": stood + 1, "of": films, "learned ms": round(took, 2),
            "before": old, "after": {r.item: r.position for r in now},
            "shares": {name: change for change, name in by}, "alpha": [list(map(float, a)) for a in (alpha, after)],
        }  # fmt: skip

    def end(self, path: Path, user: str, seconds: float) -> None:
        """What is left, and what to try."""
        self.data |= {"catalogue": str(path), "user": user, "seconds": round(seconds, 1)}
        if self.state.as_json:
            self.state.show(self.data, "")
            return
        found = path == DEMO and not DEFAULT.exists()
        call = "penchant" if found else f"penchant --db {path}"
        self.say(f"\n{path} is kept ({path.stat().st_size / 1e6:.0f} MB); all in {seconds:.0f} s. Try next:")
        self.say(f'  {call} recommend {user} --request "a feel-good animation for the family" --explain')
        self.say(f'  {call} tell {user} "no more horror"')
        self.say(f"  {call} profile {user} --plot {user}.html")


def _film(r: Recommendation) -> str:
    from rich.cells import cell_len, set_cell_size

    title = r.title if cell_len(r.title) <= TITLE else set_cell_size(r.title, TITLE - 1).rstrip() + "…"
    return f"{r.position:>3}  {set_cell_size(title, TITLE)}"


def _move(was: int | None, now: int) -> str:
    if was is None:
        return "new"
    return "" if was == now else f"{'↑' if was > now else '↓'} was {was}"


def _sparks(values: Sequence[float], top: float) -> str:
    """A small chart: from nothing to the top of all charts.

    >>> _sparks([0.0, 0.05, 0.1], 0.1)
    '▁▅█'
    """
    steps = "▁▂▃▄▅▆▇█"
    return "".join(steps[min(7, round(7 * value / top)) if top > 0 else 0] for value in values)
