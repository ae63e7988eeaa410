"""Readers: files into validated items and events.

`open_dataset` recognises what a folder or file is; `read_items` and `read_events` read anybody's tables.
"""

from penchant.data.columns import Column, Columns
from penchant.data.formats import open_dataset
from penchant.data.movielens import demo_movielens
from penchant.data.reading import Dataset, Problem, Reading
from penchant.data.tables import read_events, read_items

__all__ = [
    "Column",
    "Columns",
    "Dataset",
    "Problem",
    "Reading",
    "demo_movielens",
    "open_dataset",
    "read_events",
    "read_items",
]
