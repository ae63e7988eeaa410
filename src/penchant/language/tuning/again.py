"""Tuning again on new texts without forgetting the old: replay, and heads that are kept.

What was tuned before is the encoder that is tuned now; its heads go on where labels are the same, its labels stay, and
some old texts are among the new ones (experience replay, Rolnick et al. 2019), as many of each label.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from penchant.errors import EncoderFailed
from penchant.language.tuning.examples import Example, Labels
from penchant.language.tuning.saved import HEADS, labels_of

Array = npt.NDArray[Any]


def replayed(new: Sequence[Example], old: Sequence[Example], share: float, seed: int) -> list[Example]:
    """The new examples with old ones, so many that they are this share of all; drawn by the seed, labels in turn.

    >>> old = [Example(str(k), "ab"[k % 2]) for k in range(100)]
    >>> found = replayed([Example("new", "c")] * 8, old, 0.2, 7)
    >>> len(found), sorted(e.category for e in found[8:])
    (10, ['a', 'b'])
    """
    by_label: dict[tuple[str, str | None], list[Example]] = defaultdict(list)
    for example in old:
        by_label[example.category, example.dimension].append(example)
    rng = np.random.default_rng(seed)
    kept = [_shuffled(by_label[label], rng) for label in sorted(by_label, key=str)]
    wanted = round(share * len(new) / (1 - share))
    drawn: list[Example] = []
    for turn in range(max((len(own) for own in kept), default=0)):
        drawn += [own[turn] for own in kept if turn < len(own)]
        if len(drawn) >= wanted:
            break
    return [*new, *drawn[:wanted]]


def _shuffled(examples: list[Example], rng: np.random.Generator) -> list[Example]:
    order: list[int] = rng.permutation(len(examples)).tolist()
    return [examples[k] for k in order]


def known(folder: str | Path) -> tuple[Labels, dict[str, Array]] | None:
    """Labels and heads of what was tuned before, None if the folder holds an encoder that never was."""
    path = Path(str(folder).removeprefix("tuned:").removeprefix("st:")).expanduser()
    try:
        return labels_of(path), import_module("safetensors.numpy").load_file(str(path / HEADS))
    except (EncoderFailed, OSError):
        return None


def together(labels: Labels, older: Labels) -> Labels:
    """The labels of both.

    >>> a, b = Labels.of([Example("t", "a", "x")]), Labels.of([Example("t", "a"), Example("t", "b")])
    >>> together(a, b).dimensions
    [('a', 'x'), ('b', None)]
    """
    both = [*labels.dimensions, *older.dimensions]
    return Labels.of([Example("-", category, dimension) for category, dimension in both])


def carried(labels: Labels, before: tuple[Labels, Mapping[str, Array]], fresh: Mapping[str, Array]) -> dict[str, Array]:
    """Fresh heads with the rows of labels that were there before; `fresh` by the names that `heads.safetensors` has."""
    older, kept = before
    found = {name: array.copy() for name, array in fresh.items()}
    rows: list[tuple[str, dict[Any, int], list[Any]]] = [
        ("category", {c: k for k, c in enumerate(older.categories)}, list(labels.categories)),
        ("dimension", {d: k for k, d in enumerate(older.dimensions)}, list(labels.dimensions)),
        ("intensity", {None: 0}, [None]),
    ]
    for head, was, now in rows:
        for part in ("weight", "bias"):
            name = f"{head}.{part}"
            if kept[name].shape[1:] != found[name].shape[1:]:
                continue
            for row, label in enumerate(now):
                if label in was:
                    found[name][row] = kept[name][was[label]]
    return found
