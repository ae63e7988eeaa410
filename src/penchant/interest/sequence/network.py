"""The network while it trains, in PyTorch; `penchant.interest.evidence.sequence` computes the same with numpy.

    e_i = id_i + v_i · W_v                                                      v_i: the item's projected vector
    a_k = softmax_k(q · K_k / √d_h + bias[n − 1 − k]),  q = LN₁(e_n) W_q,  K_k, V_k = LN₁(e_k) W_k, LN₁(e_k) W_z
    z   = e_n + (Σ_k a_k V_k) W_o
    h   = LN₃(z + max(0, LN₂(z) W_1 + b_1) W_2 + b_2)
    s_i = h · e_i

One block of causal self-attention (SASRec, Kang and McAuley 2018) on ids and vectors. Order enters as a learned bias
on distance (Shaw et al. 2018; Raffel et al. 2020), so K and V of an item are the same wherever it stands: serving keeps
them by item and a prediction costs one query.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from penchant.interest.sequence.settings import WINDOW, SequenceSettings

NEVER = -1e9  # a logit that no softmax notices; -inf would make NaN of rows that are all padding


class Network(nn.Module):
    """Parameters by the names of `penchant.interest.sequence.weights`.

    Args:
        vectors: [items, D] projected vectors of the items; fixed.
        settings: shape and dropout.
    """

    vectors: Tensor

    def __init__(self, vectors: Tensor, settings: SequenceSettings) -> None:
        super().__init__()
        n, width = vectors.shape
        d, f = settings.dim, settings.inner
        self.heads, self.dropout, self.forget_ids = settings.heads, settings.dropout, settings.forget_ids
        self.register_buffer("vectors", vectors, persistent=False)
        self.ids = nn.Parameter(torch.randn(n, d) * 0.05)
        self.W_v = nn.Parameter(torch.randn(width, d) * 0.05)
        for name, rows, columns in (("W_q", d, d), ("W_k", d, d), ("W_z", d, d), ("W_o", d, d), ("W_1", d, f),
                                    ("W_2", f, d)):  # fmt: skip
            self.register_parameter(name, nn.Parameter(torch.randn(rows, columns) * math.sqrt(1 / rows)))
        self.b_1, self.b_2 = nn.Parameter(torch.zeros(f)), nn.Parameter(torch.zeros(d))
        self.bias = nn.Parameter(torch.zeros(settings.heads, WINDOW))
        for k in (1, 2, 3):
            self.register_parameter(f"g_{k}", nn.Parameter(torch.ones(d)))
            self.register_parameter(f"c_{k}", nn.Parameter(torch.zeros(d)))
        apart = torch.arange(WINDOW)[:, None] - torch.arange(WINDOW)[None, :]
        self.register_buffer("apart", apart.clamp(min=0), persistent=False)
        self.register_buffer("future", apart < 0, persistent=False)

    def embed(self, items: Tensor, hidden: Tensor | None = None) -> Tensor:
        """[..., d] e_i of item numbers; `hidden` [items] marks items whose id is left out."""
        ids = F.embedding(items, self.ids)
        if hidden is not None:
            ids = ids.masked_fill(hidden[items].unsqueeze(-1), 0.0)
        return ids + F.embedding(items, self.vectors) @ self.W_v

    def hide(self) -> Tensor | None:
        """[items] a new draw of the items whose id is left out in this step."""
        if not self.training or not self.forget_ids:
            return None
        return torch.rand(len(self.ids), device=self.ids.device) < self.forget_ids

    def forward(self, inputs: Tensor, hidden: Tensor | None = None) -> Tensor:
        """[b, 32, d] the state h after each of the inputs [b, 32], padded with -1 on the left."""
        P = dict(self.named_parameters())
        padded = inputs < 0
        e = self._drop(self.embed(inputs.clamp(min=0), hidden))
        d = e.shape[-1]
        y = F.layer_norm(e, (d,), P["g_1"], P["c_1"])
        q, K, V = (self._split(y @ P[name]) for name in ("W_q", "W_k", "W_z"))
        logits = q @ K.transpose(-1, -2) / math.sqrt(d // self.heads) + self.bias[:, self.apart]  # pyright: ignore
        logits = logits.masked_fill(self.future | padded[:, None, None, :], NEVER)  # pyright: ignore
        mixed = self._drop(logits.float().softmax(-1)).to(V.dtype) @ V
        z = e + self._drop(mixed.transpose(1, 2).flatten(2) @ P["W_o"])
        inner = F.relu(F.layer_norm(z, (d,), P["g_2"], P["c_2"]) @ P["W_1"] + P["b_1"])
        z = z + self._drop(inner @ P["W_2"] + P["b_2"])
        return F.layer_norm(z, (d,), P["g_3"], P["c_3"])

    def loss(self, inputs: Tensor, targets: Tensor, sampled: Tensor, log_q: Tensor) -> Tensor:
        """Mean −log of the target's share in a softmax over it and the sampled items.

        Args:
            inputs, targets: [b, 32].
            sampled: [m] item numbers shared by all.
            log_q: [m] log of how often each is expected in the sample; so corrected, the mean over samples of the
                denominator is that of the whole softmax (Bengio and Senécal 2008).
        """
        hidden = self.hide()
        at = targets >= 0
        h, wanted = self(inputs, hidden)[at], targets[at]
        positive = (h * self.embed(wanted, hidden)).sum(-1, keepdim=True)
        others = h @ self.embed(sampled, hidden).T - log_q
        others = others.masked_fill(sampled[None, :] == wanted[:, None], NEVER)
        return -F.log_softmax(torch.cat([positive, others.to(positive.dtype)], -1).float(), -1)[:, 0].mean()

    def _split(self, x: Tensor) -> Tensor:
        b, n, d = x.shape
        return x.view(b, n, self.heads, d // self.heads).transpose(1, 2)

    def _drop(self, x: Tensor) -> Tensor:
        return F.dropout(x, self.dropout, self.training)
