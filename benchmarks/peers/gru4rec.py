"""GRU4Rec (Hidasi et al. 2016; Tan et al. 2016): RecBole's model, cross-entropy over all items.

RecBole trains on every beginning of a history as an example of its own; here one pass over a piece of a history trains
all its positions at once, which is the same sum for a fraction of the time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from recbole.model.sequential_recommender import GRU4Rec
from recbole_data import Counts, configuration
from task import Floats, Log, Rows

NAME, LIBRARY = "GRU4Rec", "RecBole"
GRID = {
    "embedding_size": [64],
    "hidden_size": [128],
    "dropout_prob": [0.3, 0.5],
    "num_layers": [1],
    "loss_type": ["CE"],
    "learning_rate": [0.005, 0.002],
    "length": [50],
    "batch_size": [32],
}
VARIANTS = {"GRU4Rec": {}}
RETRAINED = False


@dataclass
class Model:
    net: GRU4Rec
    known: torch.Tensor
    length: int


def train(log: Log, settings: Mapping[str, Any]) -> Iterator[Model]:
    torch.manual_seed(1)
    rng = np.random.default_rng(1)
    net = GRU4Rec(configuration(**settings), Counts(log, 1))
    optimizer = torch.optim.Adam(net.parameters(), settings["learning_rate"])
    length, size = settings["length"], settings["batch_size"]
    known = torch.from_numpy(log.counts() > 0)
    while True:
        for piece in _batches(log, length + 1, size, rng):
            batch = torch.from_numpy(piece)
            states = net.emb_dropout(net.item_embedding(batch[:, :-1]))
            states = net.dense(net.gru_layers(states)[0])
            wanted = batch[:, 1:]
            logits = states[wanted > 0] @ net.item_embedding.weight.T
            loss = net.loss_fct(logits, wanted[wanted > 0])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        yield Model(net, known, length)


def scores(model: Model, histories: Sequence[Rows], users: Rows) -> Floats:
    lengths = torch.tensor([min(len(history), model.length) for history in histories])
    batch = torch.zeros((len(histories), int(lengths.max())), dtype=torch.int64)
    for row, history in zip(batch, histories, strict=True):
        recent = torch.from_numpy(history[-model.length :]) + 1
        row[: len(recent)] = recent
    model.net.eval()
    with torch.inference_mode():
        states = model.net.forward(batch, lengths)
        found = (states @ model.net.item_embedding.weight[1:].T).masked_fill(~model.known, -torch.inf).numpy()
    model.net.train()
    return found


def _batches(log: Log, length: int, size: int, rng: np.random.Generator) -> Iterator[Rows]:
    """[size, length] items plus one, 0 where there is none: pieces of about a length, cut elsewhere every time."""
    pieces, step = list[Rows](), length - 1
    for sequence in log.sequences().values():
        first = int(rng.integers(2, length + 1)) if len(sequence) > length else length
        pieces += [sequence[max(end - length, 0) : end] + 1 for end in range(first, len(sequence) + length - 1, step)]
    pieces = sorted((piece for piece in pieces if len(piece) > 1), key=lambda piece: (len(piece), rng.random()))
    begins = np.arange(0, len(pieces), size)
    for begin in rng.permutation(begins):
        part = pieces[begin : begin + size]
        batch = np.zeros((len(part), max(map(len, part))), np.int64)
        for row, piece in zip(batch, part, strict=True):
            row[: len(piece)] = piece
        yield batch
