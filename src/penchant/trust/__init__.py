"""What makes the model trustworthy: erasure and its receipts."""

from penchant.trust.erase import Place, Receipt

__all__ = ["Place", "Receipt"]
