"""CLINC150, 10 labels an intent: accuracy on the test part as it is, and with typing errors, capitals and the like.

    python benchmarks/robustness.py

Beside the model, the same with edited copies of the examples (`augment`), and with meaning alone. Every third text.
"""

from __future__ import annotations

from typing import Any

from bench import keep
from texts import Clinc, KeptEncoder, accuracy

from penchant.interest.arrays import key_of
from penchant.interest.labels import LabelModel, LabelSettings
from penchant.interest.labels.edits import EDITS, augment


def main() -> None:
    data, encoder = Clinc(), KeptEncoder("default")
    some = [data.parts["train"][row] for row in data.few(0, 10)]
    test = data.parts["test"][::3]
    edited = {"as it is": [e.text for e in test]}
    edited |= {name: [edit(e.text, key_of(1, e.text)) for e in test] for name, edit in EDITS.items()}
    told: dict[str, Any] = {"texts": len(test)}
    for way, examples, settings in (
        ("meaning and spelling", some, LabelSettings()),
        ("meaning alone", some, LabelSettings(spelling=0)),
        ("with edited copies", augment(some), LabelSettings(steps=30_000)),
    ):
        model = LabelModel(encoder, data.nodes, settings)
        model.learn(examples)
        node = {name: accuracy(model, test, texts)["node"] for name, texts in edited.items()}
        told[way] = node | {"drop": {name: round(node["as it is"] - node[name], 4) for name in EDITS}}
        print(way, told[way], flush=True)
    keep("robustness", told)


if __name__ == "__main__":
    main()
