"""LightGCN (He et al. 2020): RecBole's model.

It knows only the users that it was trained with. Others, and what came since, are folded in by its own propagation: a
user's layers are made from the items of their up-to-date history, layer by layer, with the items' layers as trained.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from recbole.data.interaction import Interaction
from recbole.model.general_recommender import LightGCN
from recbole_data import Counts, configuration
from scipy import sparse
from task import Floats, Log, Rows, matrix_of

NAME, LIBRARY = "LightGCN", "RecBole"
GRID = {
    "embedding_size": [64],
    "n_layers": [2, 1, 3],
    "reg_weight": [1e-5, 1e-3],
    "learning_rate": [0.005, 0.001],
    "batch_size": [2048],
    "last": [0, 20, 50],
}
VARIANTS = {"LightGCN": {}}
RETRAINED = False


class Graph(LightGCN):
    """LightGCN with its matrix made by what the present scipy has."""

    def get_norm_adj_mat(self) -> torch.Tensor:
        taken = self.interaction_matrix.tocsr()
        both = sparse.bmat([[None, taken], [taken.T, None]], format="csr")
        scale = sparse.diags((np.asarray(both.sum(1)).ravel() + 1e-7) ** -0.5)
        normal = (scale @ both @ scale).tocoo()
        where = torch.from_numpy(np.stack([normal.row, normal.col]).astype(np.int64))
        weight = torch.from_numpy(normal.data.astype(np.float32))
        return torch.sparse_coo_tensor(where, weight, normal.shape, check_invariants=False).coalesce()


@dataclass
class Model:
    layers: list[Floats]  # of the items
    final: Floats
    degree: Floats
    known: Rows
    user: Floats  # layer 0 of the users that were trained, zeros for others


def train(log: Log, settings: Mapping[str, Any]) -> Iterator[Model]:
    torch.manual_seed(1)
    rng = np.random.default_rng(1)
    net = Graph(configuration(**settings, require_pow=False), Counts(log, 0))
    optimizer = torch.optim.Adam(net.parameters(), settings["learning_rate"])
    counts, taken = log.counts(), log.matrix()
    user, item, size = log.user, log.item, settings["batch_size"]
    trained = np.bincount(user, minlength=log.users)[:, None] > 0
    while True:
        order = rng.permutation(len(log))
        for begin in range(0, len(log), size):
            part = order[begin : begin + size]
            others = rng.integers(0, log.items, len(part))
            for _ in range(5):
                again = np.asarray(taken[user[part], others]).ravel() > 0
                others[again] = rng.integers(0, log.items, int(again.sum()))
            batch = Interaction(
                {
                    "user": torch.from_numpy(user[part]),
                    "item": torch.from_numpy(item[part]),
                    "neg_item": torch.from_numpy(others),
                }
            )
            loss = net.calculate_loss(batch)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            layer = net.get_ego_embeddings()
            layers = [layer]
            for _ in range(net.n_layers):
                layer = torch.sparse.mm(net.norm_adj_matrix, layer)
                layers.append(layer)
            items = [each[log.users :].numpy() for each in layers]
            final = np.mean(items, 0)
            own = np.where(trained, layers[0][: log.users].numpy(), 0.0)
        yield Model(items, final, np.maximum(counts, 1.0), np.flatnonzero(counts > 0), own)


def scores(model: Model, histories: Sequence[Rows], users: Rows) -> Floats:
    taken = matrix_of(histories, len(model.final))
    size = np.maximum(np.asarray(taken.sum(1)).ravel(), 1.0)
    normal = sparse.diags(size**-0.5) @ taken @ sparse.diags(model.degree**-0.5)
    layers = [model.user[users]] + [normal @ layer for layer in model.layers[:-1]]
    found = np.full((len(histories), len(model.final)), -np.inf)
    found[:, model.known] = np.mean(layers, 0) @ model.final[model.known].T
    return found
