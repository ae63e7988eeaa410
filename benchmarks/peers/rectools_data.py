"""A log as the data set of rectools."""

from __future__ import annotations

import numpy as np
import pandas as pd
from rectools import Columns
from rectools.dataset import Dataset
from task import Rows


def dataset_of(users: Rows, items: Rows) -> Dataset:
    """Events in order; the time is their number, in seconds."""
    return Dataset.construct(
        pd.DataFrame(
            {
                Columns.User: users,
                Columns.Item: items,
                Columns.Weight: 1.0,
                Columns.Datetime: pd.to_datetime(np.arange(len(users)), unit="s"),
            }
        )
    )


def place(dataset: Dataset) -> Rows:
    """Rows of the items, in the data set's own order."""
    return dataset.item_id_map.external_ids.astype(np.int64)
