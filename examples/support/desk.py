"""A help desk that learns from every confirmation: a stream of questions, and one conversation turn by turn.

python examples/support/desk.py [questions]

Reads CLINC150 (data_full.json and domains.json) from $PENCHANT_DATA/clinc150 where it is there, else the small sample
beside this file, which was written for it. Takes about half a minute.
"""

from __future__ import annotations

import csv
import json
import os
import random
import sys
from pathlib import Path

from penchant import Engine, Item
from penchant.engine.desk import Desk

Question = tuple[str, str, str]


def questions() -> tuple[str, dict[tuple[str, str], str], list[Question], list[str]]:
    """(where from, the answer of each intent, questions with domain and intent, questions about something else)."""
    folder = Path(os.environ.get("PENCHANT_DATA", "")) / "clinc150"
    if os.environ.get("PENCHANT_DATA") and (folder / "data_full.json").is_file():
        data = json.loads((folder / "data_full.json").read_text(encoding="utf-8"))
        domains = json.loads((folder / "domains.json").read_text(encoding="utf-8"))
        domain_of = {intent: domain for domain, intents in domains.items() for intent in intents}
        answers = {(d, i): i.replace("_", " ") for i, d in domain_of.items()}
        asked = [(text, domain_of[intent], intent) for text, intent in data["train"]]
        return "CLINC150", answers, asked, [text for text, _ in data["oos_test"]]
    with (Path(__file__).parent / "questions.tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    answers = {(row["domain"], row["intent"]): row["answer"] for row in rows}
    asked = [(row["question"], row["domain"], row["intent"]) for row in rows]
    return (
        "the sample",
        answers,
        asked,
        ["who won the cup in 1998", "a recipe for pumpkin soup", "how tall is a giraffe"],
    )


def main(most: int = 400) -> None:
    """Learn from a stream, tell how often the first answer was right, then talk."""
    source, answers, asked, others = questions()
    random.Random(7).shuffle(asked)
    with Engine.open(":memory:", base="support") as engine:
        # an answer is found by its intent's name until confirmations tell how people ask
        engine.add_items(
            Item(id=intent, text=f"{intent.replace('_', ' ')}\n{answer}", paths=[[domain, intent]])
            for (domain, intent), answer in answers.items()
        )
        desk, first = Desk(engine), list[bool]()
        for number, (text, domain, intent) in enumerate(asked[:most]):
            talk = desk.talk(f"caller {number}")
            turn = talk.say(text)
            first.append(turn.path == (domain, intent))
            for _ in range(6):  # the caller chooses what is right, and refuses what is not
                if turn.kind == "answer" and turn.path == (domain, intent):
                    talk.confirm()
                    break
                right = [k for k, o in enumerate(turn.options, 1) if o in ((domain,), (domain, intent))]
                turn = talk.choose(right[0]) if right else talk.reject()
        half = len(first) // 2
        print(f"{source}: {len(answers)} answers, {len(first)} questions, each confirmed answer learned at once")
        print(
            f"right at the first turn: first half {sum(first[:half]) / half:.0%}, second {sum(first[half:]) / half:.0%}"
        )
        outside = [desk.talk("caller").say(text).kind == "outside" for text in others[:100]]
        print(f"questions about something else that are told as such: {sum(outside)} of {len(outside)}")
        talk = desk.talk("ann")
        for words in (asked[0][0], "no"):
            turn = talk.reject() if words == "no" else talk.say(words)
            print(f"> {words}\n{turn.kind}: {turn.text}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
