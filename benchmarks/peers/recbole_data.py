"""What RecBole's models ask of their surroundings: a configuration, and a data set that says how many there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from scipy import sparse
from task import Log

FIELDS = {
    "USER_ID_FIELD": "user", "ITEM_ID_FIELD": "item", "NEG_PREFIX": "neg_", "LIST_SUFFIX": "_list",
    "ITEM_LIST_LENGTH_FIELD": "item_length", "MAX_ITEM_LIST_LENGTH": 0, "device": torch.device("cpu"),
}  # fmt: skip


def configuration(**settings: Any) -> dict[str, Any]:
    return {**FIELDS, **settings}


@dataclass(frozen=True)
class Counts:
    """The part of RecBole's data set that its models read."""

    log: Log
    offset: int  # 1 where row 0 of the items stands for no item

    def num(self, field: str) -> int:
        return self.log.users if field == "user" else self.log.items + self.offset

    def inter_matrix(self, form: str) -> sparse.spmatrix:
        return self.log.matrix().asformat(form)
