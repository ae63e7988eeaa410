"""The verb label: asks for the labels that help most, in the terminal or by CSV."""

from __future__ import annotations

import csv
import importlib.util
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from penchant.cli.state import JsonOption, state_of

if TYPE_CHECKING:
    from penchant.interest.labels import LabelModel, Node
    from penchant.interest.labels.answers import Answers
    from penchant.interest.labels.pool import Pool, Question


def register(app: typer.Typer) -> None:
    """Add this verb."""
    app.command()(label)


def label(
    ctx: typer.Context,
    texts: Annotated[Path, typer.Argument(help="CSV or JSONL with a column text: what may be asked about.")],
    nodes: Annotated[Path, typer.Option(help="CSV or JSONL: category, and dimension and description if any.")],
    out: Annotated[Path, typer.Option(help="The answers; the same command goes on from it.")] = Path("labels.csv"),
    answers: Annotated[
        Path | None, typer.Option(help="Take in answers: text, category, dimension, as --ask wrote, filled in.")
    ] = None,
    ask: Annotated[Path | None, typer.Option(help="Write the questions here instead of asking them.")] = None,
    n: Annotated[int, typer.Option("-n", min=1, help="How many questions.")] = 20,
    every: Annotated[int, typer.Option(min=1, help="Learn anew after so many answers.")] = 10,
    held: Annotated[Path | None, typer.Option(help="Labelled texts to tell the accuracy on.")] = None,
    model: Annotated[Path | None, typer.Option(help="Folder to keep the learned model in.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw the learning curve: .png or .svg.")] = None,
    encoder: Annotated[str, typer.Option(help="As in settings.")] = "default",
    as_json: JsonOption = False,
) -> None:
    """Label texts, the most useful first; every answer is on disk before the next question.

    Examples:

      penchant label said.csv --nodes nodes.csv
      penchant label said.csv --nodes nodes.csv --ask ask.csv -n 50
      penchant label said.csv --nodes nodes.csv --answers ask.csv --plot curve.png
    """
    from penchant.errors import InvalidRecord
    from penchant.interest.labels import LabelModel
    from penchant.interest.labels.answers import Answers, curve
    from penchant.interest.labels.pool import Pool
    from penchant.language import open_encoder

    state = state_of(ctx, as_json)
    if plot is not None:
        _check_target(plot)
    tree = read_nodes(nodes)
    given = [text for row in _table(texts, ("text",)) if (text := str(row.get("text") or "").strip())]
    if not given:
        raise InvalidRecord("texts", str(texts), "give at least one text")
    learner, kept = LabelModel(open_encoder(encoder), tree), Answers(out)
    learner.rows_of(kept.examples)  # a label that isn't among the nodes is said before any work
    if answers is not None:
        state.remark(f"{take_in(learner, kept, answers)} answers taken in")
    pool = Pool(learner, given)
    pool.learn(kept.examples)
    questions: list[Question] = []
    if ask is not None:
        questions = pool.questions(kept, n)
        _write(ask, learner, questions)
    elif answers is None and not state.as_json:
        _converse(pool, kept, n, every)
    if model is not None:
        learner.save(model)
    course = curve(kept.all)
    told: dict[str, Any] = {
        "labels": len(kept.examples), "passed over": len(kept.all) - len(kept.examples),
        "left": len(pool.left(kept)),
        "curve": [{"labels": at, "guessed right": round(share, 4)} for at, share in course],
        "asked": [text for text, _ in questions],
    }  # fmt: skip
    if held is not None:
        told["accuracy"] = round(_accuracy(learner, held), 4)
    if plot is not None:
        _draw(course, plot)
    lines = [f"{told['labels']} labels in {out}, {told['left']} texts left"]
    lines += [f"{at:>6} {'█' * round(30 * share):<30} {share:.0%} guessed right" for at, share in course]
    lines += [f"accuracy on {held}: {told['accuracy']:.1%}"] if held is not None else []
    lines += [f"{len(questions)} questions in {ask}: fill in category and dimension"] if ask is not None else []
    state.show(told, "\n".join(lines))


def read_nodes(path: Path) -> list[Node]:
    """The nodes of a file with the columns category, dimension and description; the last two may be absent."""
    from penchant.interest.labels import Node

    return [
        Node(str(row.get("category") or ""), str(row.get("dimension") or "") or None, str(row.get("description") or ""))
        for row in _table(path, ("category",))
    ]


def take_in(model: LabelModel, kept: Answers, path: Path) -> int:
    """Take answers from a file; rows without a category are no answers yet. All are checked before any is kept."""
    from penchant.interest.labels import Example
    from penchant.interest.labels.answers import Answered

    found: list[Answered] = []
    for row in _table(path, ("text", "category")):
        text, category = str(row["text"] or "").strip(), str(row["category"] or "").strip()
        if not text or not category:
            continue
        example = Example(text, category, str(row.get("dimension") or "").strip() or None)
        guess = str(row.get("guess_category") or "")
        inner = str(row.get("guess_dimension") or "") or None
        found.append(Answered(text, example, (guess, inner) if guess else None))
    model.rows_of([answered.example for answered in found if answered.example is not None])
    known = {answered.text: answered for answered in kept.all}
    new = [answered for answered in found if known.get(answered.text) != answered]
    for answered in new:
        kept.add(answered)
    return len(new)


def _table(path: Path, needed: tuple[str, ...]) -> list[dict[str, Any]]:
    from penchant.data.files import open_table
    from penchant.errors import InvalidRecord

    names = ("text", "category", "dimension", "description", "guess_category", "guess_dimension")
    table = open_table(path, known={name: name for name in names})
    columns = [str(name).strip().lower() for name in table.names]
    for name in needed:
        if name not in columns:
            raise InvalidRecord(f"{path.name}, column {name}", columns, f"give a column {name}")
    rows: list[dict[str, Any]] = []
    for place, row in table.rows():
        if isinstance(row, InvalidRecord):
            raise InvalidRecord(f"{path.name}, line {place}, {row.field}", row.value, row.fix)
        rows.append(dict(zip(columns, row, strict=False)))
    return rows


def _write(path: Path, model: LabelModel, questions: list[Question]) -> None:
    from penchant.interest.labels.answers import COLUMNS

    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for text, leaves in questions:
            category, dimension = model.leaves[leaves[0]]
            writer.writerow((text, "", "", category, dimension or ""))


def _converse(pool: Pool, kept: Answers, n: int, every: int) -> None:
    """Ask in the terminal until n are answered, nothing is left, or q is said."""
    asked = 0
    while asked < n:
        questions = pool.questions(kept, min(every, n - asked))
        if not questions:
            return
        for text, leaves in questions:
            if not _ask(pool.model, kept, text, leaves):
                pool.learn(kept.examples)
                return
            asked += 1
        pool.learn(kept.examples)


def _ask(model: LabelModel, kept: Answers, text: str, leaves: list[int]) -> bool:
    """One question; False: the person wants to stop."""
    from penchant.interest.labels import Example
    from penchant.interest.labels.answers import Answered

    names = [category if inner is None else f"{category} › {inner}" for category, inner in model.leaves]
    typer.echo(f"\n{text}")
    typer.echo("  ".join(f"{k} {names[leaf]}" for k, leaf in enumerate(leaves, 1)))
    while True:
        try:
            said = input("number, part of a name, s to pass over, q to stop: ").strip()
        except EOFError:
            return False
        if said == "q":
            return False
        guess = model.leaves[leaves[0]]
        if said == "s":
            kept.add(Answered(text, None, guess))
            return True
        if said.isdecimal():
            hits = [leaves[int(said) - 1]] if 0 < int(said) <= len(leaves) else []
        else:
            words = said.casefold().replace("_", " ")
            plain = [name.casefold().replace("_", " ") for name in names]
            whole = [k for k, name in enumerate(plain) if words and name.rpartition("› ")[2] == words]
            hits = whole or [k for k, name in enumerate(plain) if words and words in name]
        if len(hits) == 1:
            kept.add(Answered(text, Example(text, *model.leaves[hits[0]]), guess))
            return True
        typer.echo("; ".join(names[k] for k in hits[:12]) if hits else "there is no such node")


def _accuracy(model: LabelModel, held: Path) -> float:
    from penchant.interest.labels import read_examples

    examples = read_examples(held)
    right = model.rows_of(examples)
    return float((model.probabilities(model.read([e.text for e in examples])).argmax(1) == right).mean())


def _check_target(path: Path) -> None:
    from penchant.errors import InvalidRecord, MissingExtra

    if path.suffix.lower() not in (".png", ".svg"):
        raise InvalidRecord("label.plot", str(path), "end the file's name with .png or .svg")
    if importlib.util.find_spec("matplotlib") is None:
        raise MissingExtra("matplotlib", extra="plot")


def _draw(course: list[tuple[int, float]], path: Path) -> None:
    figure: Any = import_module("matplotlib.figure").Figure(figsize=(7, 4), dpi=120, layout="constrained")
    axis = figure.subplots()
    axis.plot([at for at, _ in course], [share for _, share in course], marker="o", color="#17626d")
    axis.set(xlabel="labels", ylabel="guessed right before learned", ylim=(0, 1))
    axis.grid(alpha=0.3)
    figure.savefig(path, format=path.suffix.lower()[1:])
