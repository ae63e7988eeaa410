"""What SASRec and BERT4Rec share: rectools' transformers, trained epoch by epoch, asked about any history."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from pytorch_lightning import seed_everything
from rectools.models.nn.transformers.base import TransformerModelBase
from rectools_data import dataset_of
from task import Floats, Log, Rows


@dataclass
class Model:
    """A model as trained so far, with the place of each of our items among its own (0: it was never trained)."""

    model: TransformerModelBase
    place: Rows
    masked: bool  # whether it predicts what a mask stands for


def pieces(log: Log, length: int) -> tuple[Rows, Rows]:
    """Long histories cut into pieces of this length, (piece, item) of each event.

    The library trains on the end of a history only, which would leave most of a heavy user's unused. A piece begins
    with the item that the one before it ends with, so that every item but the first is once a target.
    """
    whose: list[Rows] = []
    what: list[Rows] = []
    for sequence in log.sequences().values():
        end = len(sequence)
        while end > 1:
            piece = sequence[max(end - length, 0) : end]
            what.append(piece)
            whose.append(np.full(len(piece), len(whose)))
            end -= length - 1
    return np.concatenate(whose), np.concatenate(what)


def epochs(model: TransformerModelBase, log: Log, *, masked: bool) -> Iterator[Model]:
    """The model after each epoch, without end."""
    quiet()
    seed_everything(1, verbose=False)
    length = model.session_max_len + (0 if masked else 1)
    dataset = dataset_of(*pieces(log, length))
    while True:
        model.fit_partial(dataset, min_epochs=1, max_epochs=1)
        known = model.data_preparator.get_known_item_ids().astype(np.int64)
        place = np.zeros(log.items, np.int64)
        place[known] = model.data_preparator.get_known_items_sorted_internal_ids()
        yield Model(model, place, masked)


def encode(model: Model, histories: Sequence[Rows]) -> Floats:
    """[histories, items] scores; -inf for items that were never trained."""
    inner, longest = model.model, model.model.session_max_len
    batch = np.zeros((len(histories), longest), np.int64)
    for row, history in zip(batch, histories, strict=True):
        known = model.place[history[-2 * longest :]]
        known = known[known > 0].tolist()
        if model.masked:
            known.append(inner.data_preparator.extra_token_ids["MASK"])
        if known:
            row[-len(known[-longest:]) :] = known[-longest:]
    # no wider than the longest of them: places are counted from the end
    batch = batch[:, min(int((batch == 0).all(0).sum()), longest - 1) :]
    net = inner.torch_model.eval()
    with torch.inference_mode():
        items = net.item_model.get_all_embeddings()
        states = net.encode_sessions({"x": torch.from_numpy(batch)}, items)[:, -1]
        found = (states @ items.T).numpy()
    net.train()
    return np.where(model.place > 0, found[:, model.place], -np.inf)


def quiet() -> None:
    """Lightning tells a page with every epoch."""
    for name in ("pytorch_lightning", "lightning.pytorch", "rectools"):
        logging.getLogger(name).setLevel(logging.ERROR)
    warnings.filterwarnings("ignore")
