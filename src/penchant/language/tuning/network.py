"""The network while it trains: an encoder, what makes a vector of its tokens, and three heads.

    x       = 20 · unit(pool(h_1 … h_n))
    s_l     = (W_D x + b_D)_l + (W_C x + b_C)_c(l)            of each leaf l in category c(l)
    p(l)    = softmax over all leaves; p(c) = Σ_l in c p(l)
    M_I(x)  = tanh(w_I · x + b_I)

So p(l) = p(c) p(l | c): the cross-entropy of a dimension is that of its category and that within it (hierarchical
softmax, Morin and Bengio 2005), and a text whose dimension is unknown teaches its category alone.
"""

# PyTorch's own signatures are typed in part only
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from penchant.language.tuning.saying import SCALE
from penchant.language.tuning.settings import TuningSettings


class Heads(nn.Module):
    """Category, dimension, intensity on one vector.

    Args:
        width: of the vector. parents: [leaves] row of each leaf's category.
    """

    parents: Tensor

    def __init__(self, width: int, parents: Tensor) -> None:
        super().__init__()
        self.register_buffer("parents", parents, persistent=False)
        self.category = nn.Linear(width, int(parents.max()) + 1)
        self.dimension = nn.Linear(width, len(parents))
        self.intensity = nn.Linear(width, 1)
        for head in (self.category, self.dimension, self.intensity):
            nn.init.normal_(head.weight, std=0.02)
            nn.init.zeros_(head.bias)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(logits of categories [b, C], logits of leaves [b, L], intensities [b]) of vectors [b, width]."""
        scaled = SCALE * x
        leaf = self.dimension(scaled) + self.category(scaled)[:, self.parents]
        parents = self.parents.expand_as(leaf)
        top = leaf.detach().new_full((len(x), self.category.out_features), -1e9)
        top = top.scatter_reduce(1, parents, leaf.detach(), "amax")
        sums = torch.zeros_like(top).scatter_add(1, parents, (leaf - top.gather(1, parents)).exp())
        return top + sums.log(), leaf, self.intensity(scaled).squeeze(-1).tanh()


def pool(tokens: Tensor, mask: Tensor, how: str) -> Tensor:
    """[b, d] unit vectors of tokens [b, n, d] under mask [b, m]; n - m vectors of a prompt in front are left out."""
    tokens = tokens[:, tokens.shape[1] - mask.shape[1] :]
    if how == "mean":
        weights = mask.unsqueeze(-1).to(tokens.dtype)
        pooled = (tokens * weights).sum(1) / weights.sum(1).clamp(min=1e-9)
    elif how == "cls":
        pooled = tokens[:, 0]
    else:
        pooled = tokens[torch.arange(len(tokens), device=tokens.device), mask.sum(1) - 1]
    return F.normalize(pooled.float(), dim=-1)


class Pooled(nn.Module):
    """An encoder and what makes a vector of its tokens."""

    def __init__(self, encoder: Any, pooling: str) -> None:
        super().__init__()
        self.encoder, self.pooling = encoder, pooling

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """[b, d] unit vectors of token ids [b, n]."""
        return pool(self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state, mask, self.pooling)


class Network(nn.Module):
    """Encoder and heads; the forward pass gives the loss of a part of a batch, so that processes can share it."""

    def __init__(self, encoder: Any, heads: Heads, pooling: str, settings: TuningSettings) -> None:
        super().__init__()
        self.encoder, self.heads, self.pooling, self.settings = encoder, heads, pooling, settings

    def vectors(self, ids: Tensor, mask: Tensor) -> Tensor:
        """[b, d] unit vectors of token ids [b, n]."""
        return pool(self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state, mask, self.pooling)

    def forward(self, batch: dict[str, Tensor]) -> Tensor:
        """The loss summed over the batch: ids and mask [b, n] (or vectors [b, d]), category, leaf, intensity, weight
        [b]."""
        x = batch["vectors"] if "vectors" in batch else self.vectors(batch["ids"], batch["mask"])
        return self.losses(x, batch).sum()

    def losses(self, x: Tensor, batch: dict[str, Tensor]) -> Tensor:
        """[b] loss of each."""
        chosen, smooth = self.settings, self.settings.smoothing
        category, leaf, intensity = self.heads(x)
        total = chosen.category_weight * F.cross_entropy(
            category, batch["category"], reduction="none", label_smoothing=smooth if category.shape[1] > 1 else 0.0
        )
        known = batch["leaf"] >= 0
        fine = F.cross_entropy(leaf, batch["leaf"].clamp(min=0), reduction="none", label_smoothing=smooth)
        coarse = F.cross_entropy(category, batch["category"], reduction="none")
        total = total + chosen.dimension_weight * torch.where(known, fine, coarse)
        felt = torch.isfinite(batch["intensity"])
        error = (intensity - batch["intensity"].nan_to_num()) ** 2
        return (total + chosen.intensity_weight * torch.where(felt, error, 0 * error)) * batch["weight"]
