"""The two losses."""

# pyright: reportUnknownMemberType=false

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from penchant.language.tuning.network import pool
from penchant.language.tuning.source import Source


class Words(nn.Module):
    """Masked language modelling (Devlin et al. 2019; Gururangan et al. 2020 on a domain's own texts).

    Of the chosen tokens 80 % are masked, 10 % become others, 10 % stay.
    """

    def __init__(self, model: Any, source: Source, masked: float) -> None:
        super().__init__()
        self.model, self.source, self.masked = model, source, masked

    @property
    def encoder(self) -> Any:
        """What is kept of it."""
        return self.model.base_model

    def forward(self, texts: list[list[int]]) -> Tensor:
        """Mean cross-entropy of the chosen tokens of texts, as token ids."""
        padded = self.source.padded(texts)
        device = next(self.parameters()).device
        ids, mask = padded["ids"].to(device), padded["mask"].to(device)
        marks = torch.tensor(self.source.tokenizer.all_special_ids, device=device)
        free = (mask > 0) & ~torch.isin(ids, marks)
        chosen = free & (torch.rand(ids.shape, device=device) < self.masked)
        if not bool(chosen.any()):
            chosen = free & (torch.rand(ids.shape, device=device) >= 0)
        how = torch.rand(ids.shape, device=device)
        given = torch.where(chosen & (how < 0.8), torch.full_like(ids, self.source.tokenizer.mask_token_id), ids)
        given = torch.where(chosen & (how >= 0.9), torch.randint_like(ids, len(self.source.tokenizer)), given)
        logits = self.model(input_ids=given, attention_mask=mask).logits
        return F.cross_entropy(logits[chosen], ids[chosen]) if bool(chosen.any()) else logits.sum() * 0


class Behaviour(nn.Module):
    """Contrastive: of all second texts in the batch, which goes with the first, and the other way round (InfoNCE, van
    den Oord et al. 2018). A second text that is the same as another's is no negative of it."""

    def __init__(self, encoder: Any, source: Source, temperature: float) -> None:
        super().__init__()
        self.encoder, self.source, self.temperature = encoder, source, temperature

    def forward(self, texts: list[list[int]]) -> Tensor:
        """The loss of pairs, the first texts before all second ones, as token ids."""
        half = len(texts) // 2
        padded = self.source.padded(texts)
        device = next(self.parameters()).device
        ids, mask = padded["ids"].to(device), padded["mask"].to(device)
        x = pool(self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state, mask, self.source.pooling)
        logits = x[:half] @ x[half:].T / self.temperature
        diagonal = torch.eye(half, dtype=torch.bool, device=device)
        total = logits.sum() * 0
        for scores, side in ((logits, texts[half:]), (logits.T, texts[:half])):
            same = torch.tensor([[a == b for b in side] for a in side], device=device) & ~diagonal
            total = total + F.cross_entropy(scores.masked_fill(same, -1e9), torch.arange(half, device=device))
        return total / 2
