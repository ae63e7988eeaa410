"""How well the heads tell texts: precision, recall and F1 of every label, at every level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from penchant.language.tuning.examples import F32, Example, Labels
from penchant.metrics import ClassFigures, Classification, classification, rmse


@dataclass(frozen=True, slots=True)
class Report:
    """Figures on one part of the examples.

    Attributes:
        examples: how many. category, dimension: by level, classes by name ("category › dimension"); dimension None:
            none is known. intensity: RMSE, None: none is known.
    """

    examples: int
    category: tuple[list[str], Classification]
    dimension: tuple[list[str], Classification] | None
    intensity: float | None

    @property
    def goal(self) -> float:
        """What training stops early by: accuracy at the deepest level, less the intensity's RMSE where it is known."""
        return (self.dimension or self.category)[1].accuracy - (self.intensity or 0.0)

    def to_dict(self) -> dict[str, Any]:
        """JSON-able."""
        told: dict[str, Any] = {"examples": self.examples, "category": _level(*self.category)}
        if self.dimension is not None:
            told["dimension"] = _level(*self.dimension)
        if self.intensity is not None:
            told["intensity"] = {"rmse": round(self.intensity, 4)}
        return told

    @classmethod
    def from_dict(cls, told: dict[str, Any]) -> Report:
        """What `to_dict` gave."""
        deeper, felt = told.get("dimension"), told.get("intensity")
        return cls(
            told["examples"],
            _figures(told["category"]),
            None if deeper is None else _figures(deeper),
            None if felt is None else float(felt["rmse"]),
        )

    def rows(self) -> list[tuple[str, str, str, str, str, str]]:
        """A table: level, label, precision, recall, F1, support; each level's macro mean first."""
        found: list[tuple[str, str, str, str, str, str]] = []
        levels = [("category", self.category), *([("dimension", self.dimension)] if self.dimension else [])]
        for level, (names, figures) in levels:
            every = [("(macro mean)", figures.macro), *((names[k], row) for k, row in figures.classes.items())]
            found += [
                (level, name, f"{row.precision:.3f}", f"{row.recall:.3f}", f"{row.f1:.3f}", f"{row.support:.0f}")
                for name, row in every
            ]
        return found


def report_of(labels: Labels, examples: Sequence[Example], said: tuple[F32, F32, F32]) -> Report:
    """What the heads said (logits of categories [n, C], of leaves [n, L], intensities [n]) against the examples."""
    true = labels.rows(examples)
    category, leaf, intensity = said
    names = [name if inner is None else f"{name} › {inner}" for name, inner in labels.dimensions]
    known, felt = true.leaf >= 0, np.isfinite(true.intensity)
    deep = bool(known.any()) and any(inner is not None for _, inner in labels.dimensions)
    return Report(
        examples=len(examples),
        category=(labels.categories, classification(category.argmax(1), true.category)),
        dimension=(names, classification(leaf.argmax(1)[known], true.leaf[known])) if deep else None,
        intensity=rmse(intensity[felt], true.intensity[felt]) if felt.any() else None,
    )


def _level(names: list[str], figures: Classification) -> dict[str, Any]:
    return {
        "accuracy": figures.accuracy,
        "macro": asdict(figures.macro),
        "weighted": asdict(figures.weighted),
        "classes": {names[row]: asdict(told) for row, told in figures.classes.items()},
    }


def _figures(told: dict[str, Any]) -> tuple[list[str], Classification]:
    macro, weighted = ClassFigures(**told["macro"]), ClassFigures(**told["weighted"])
    classes = {row: ClassFigures(**figures) for row, figures in enumerate(told["classes"].values())}
    return list(told["classes"]), Classification(told["accuracy"], macro, weighted, classes)
