"""Verbs about people: recommend, tell, profile, edit, explain, merge, export, forget."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from penchant.cli.state import JsonOption, State, state_of
from penchant.errors import InvalidRecord

if TYPE_CHECKING:
    from penchant.recommend.answer import Answer

UserArgument = Annotated[str, typer.Argument(help="Who.")]
ChineseOption = Annotated[bool, typer.Option("--zh", help="In Chinese.")]


def register(app: typer.Typer) -> None:
    """Add these verbs."""
    for verb in (recommend, tell, profile, edit, explain, merge, export, forget):
        app.command()(verb)


def recommend(
    ctx: typer.Context,
    user: Annotated[str, typer.Argument(help='Who; "" for nobody in particular.')] = "",
    n: Annotated[int, typer.Option("-n", help="How many.")] = 10,
    request: Annotated[str | None, typer.Option(help="What they look for, in words.")] = None,
    filter: Annotated[list[str] | None, typer.Option(help='A condition on fields, e.g. "price <= 20".')] = None,
    at: Annotated[str | None, typer.Option(help="As of when, UTC; the latest event's time if not given.")] = None,
    diversity: Annotated[str | None, typer.Option(help="none, mmr or calibrated.")] = None,
    why: Annotated[bool, typer.Option("--explain", help="With the parts of each score.")] = False,
    zh: ChineseOption = False,
    as_json: JsonOption = False,
) -> None:
    """The best items for a user now.

    Examples:

      penchant recommend ann --request "a dark crime story, not too old" --explain
      penchant recommend ann --request 我想看一部轻松的科幻片 --zh
      penchant recommend ann --filter "year >= 2000" -n 5
    """
    state = state_of(ctx, as_json)
    with state.engine(reads=True) as engine:
        answer = engine.recommend(user, n, request, filters=filter or None, at=at, diversity=diversity)
        show_answer(state, answer, why=why, zh=zh)


def show_answer(state: State, answer: Answer, *, why: bool, zh: bool) -> None:
    """Print an answer."""
    language: Literal["en", "zh"] = "zh" if zh else "en"
    if state.as_json:
        state.show(answer.to_dict(), "")
        return
    for line in answer.read:
        typer.echo(f"  {line}")
    if not answer.items:
        state.show({}, "nothing to recommend: " + ("; ".join(f"{k} kept out {v}" for k, v in answer.blocked.items()) or
                   "there are no items left that they have not had"))  # fmt: skip
        return
    rows = [(r.position, f"{r.score:+.2f}", r.item, r.title) for r in answer]
    state.table({}, ("", "score", "item", "title"), rows)
    for r in answer if why else ():
        typer.echo(f"\n{r.position}. {r.title}\n{r.explanation.table(language)}")
    if not why:
        typer.echo(f"\n1. {answer[0].explanation.text(language)}")
    state.remark(f"request id {answer.request_id}, version {answer.version}, {answer.took_ms:.1f} ms")


def tell(
    ctx: typer.Context,
    user: UserArgument,
    text: Annotated[str, typer.Argument(help="What they say, in English, Chinese or another language.")],
    as_json: JsonOption = False,
) -> None:
    """What a user says about themselves.

    Examples: penchant tell ann "no more horror", penchant tell ann "nothing over 20 dollars",
    penchant tell ann 我特别喜欢科幻片
    """
    state = state_of(ctx, as_json)
    with state.engine() as engine:
        learned = engine.tell(user, text)
        said = list(engine.profile(user).statements)
    lines = [f"{s.sign} {s.text}" + "".join(f"\n    {one}" for one in s.limits) for s in said]
    state.show({"version": learned.version, "statements": [s.text for s in said]}, "\n".join(["stands now:", *lines]))


def profile(
    ctx: typer.Context,
    user: UserArgument,
    events: Annotated[int, typer.Option(help="How many events to show below each node.")] = 0,
    plot: Annotated[Path | None, typer.Option(help="Draw it: .png, .svg or .html.")] = None,
    zh: ChineseOption = False,
    as_json: JsonOption = False,
) -> None:
    """The tree of a user's interests.

    Examples: penchant profile ann, penchant profile ann --plot ann.png
    """
    state = state_of(ctx, as_json)
    with state.engine(reads=True) as engine:
        found = engine.profile(user)
    state.show(found.to_dict(), lambda: found.text(language="zh" if zh else "en", events=events))
    if plot is not None:
        found.plot(plot, language="zh" if zh else "en")
        state.remark(f"drawn: {plot}")


def edit(
    ctx: typer.Context,
    user: UserArgument,
    path: Annotated[list[str] | None, typer.Argument(help="The node: a category, or category and dimension.")] = None,
    more: Annotated[bool, typer.Option("--more", help="More of it.")] = False,
    less: Annotated[bool, typer.Option("--less", help="Less of it.")] = False,
    never: Annotated[bool, typer.Option("--never", help="Never show it.")] = False,
    always: Annotated[bool, typer.Option("--always", help="Raise it always.")] = False,
    undo: Annotated[
        bool, typer.Option("--undo", help="Take back the latest statement (on the node, if given).")
    ] = False,
    reset: Annotated[
        bool, typer.Option("--reset", help="Let all interests start over; nothing is erased, nothing can take it back.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Change a user's profile; it acts on the next request.

    Examples: penchant edit ann Horror --never, penchant edit ann --undo
    """
    state = state_of(ctx, as_json)
    flags = {"more": more, "less": less, "never": never, "always": always, "undo": undo, "reset": reset}
    chosen = [name for name, given in flags.items() if given]
    if len(chosen) != 1:
        raise InvalidRecord("edit", chosen, "give exactly one of --more, --less, --never, --always, --undo, --reset")
    if reset:
        if path:
            raise InvalidRecord("edit.path", path, "leave it out: --reset is about the whole profile")
        with state.engine() as engine:
            learned = engine.reset_profile(user)
        state.show({"version": learned.version}, f"{user}: interests start over")
        return
    op = cast('Literal["more", "less", "never", "always", "undo"]', chosen[0])
    with state.engine() as engine:
        learned = engine.edit(user, path or (), op)
    state.show({"version": learned.version}, f"{op}: {' › '.join(path or ['the latest statement'])}")


def explain(
    ctx: typer.Context,
    request_id: Annotated[str | None, typer.Argument(help="An answer's request id.")] = None,
    user: Annotated[str, typer.Option(help="Instead: who ...")] = "",
    item: Annotated[str, typer.Option(help="... and which item, shown or not.")] = "",
    zh: ChineseOption = False,
    as_json: JsonOption = False,
) -> None:
    """Why items were recommended; or why an item has its score.

    Examples: penchant explain 3f2a..., penchant explain --user ann --item 2571
    """
    state = state_of(ctx, as_json)
    with state.engine(reads=True) as engine:
        found = engine.explain(request_id, user=user, item=item)
        titles = {e.item: engine.item(e.item).title for e in found}
    texts = [f"{titles[e.item]}\n{e.table('zh' if zh else 'en')}" for e in found]
    state.show([e.to_dict() for e in found], "\n\n".join(texts))


def merge(
    ctx: typer.Context,
    guest: Annotated[str, typer.Argument(help="The guest's id.")],
    into: Annotated[str, typer.Argument(help="The user's id.")],
    as_json: JsonOption = False,
) -> None:
    """A guest turned out to be a user: the history becomes theirs.

    Example: penchant merge guest-7 ann
    """
    state = state_of(ctx, as_json)
    with state.engine() as engine:
        learned = engine.merge(guest, into)
    state.show({"version": learned.version}, f"{guest} is {into} from now on")


def export(
    ctx: typer.Context,
    user: UserArgument,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="A file; standard output if not given.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Everything there is about one user, as JSON.

    Example: penchant export ann -o ann.json
    """
    state = state_of(ctx, as_json)
    with state.engine(reads=True) as engine:
        data = engine.export(user)
    text = json.dumps(data, ensure_ascii=False, indent=2)
    if out is None:
        typer.echo(text)
    else:
        out.write_text(text + "\n", encoding="utf-8")
        state.remark(f"{out}: {len(data['records'])} records")


def forget(
    ctx: typer.Context,
    user: UserArgument,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Forget a user: rows, memory, and what the shared parameters learned from them. It can't be undone.

    Example: penchant forget ann --yes
    """
    state = state_of(ctx, as_json)
    if not yes:
        typer.confirm(f"forget {user!r} for good?", abort=True, err=True)
    with state.engine() as engine:
        receipt = engine.forget(user)
        state.remark("replaying the log without them ...")
        receipt.wait()
    state.show(receipt.to_dict(), str(receipt))
