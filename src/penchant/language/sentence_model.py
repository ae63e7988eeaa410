"""Loading a model of sentence-transformers, as the encoders of words and of pictures and sound do."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from penchant.errors import EncoderFailed, MissingExtra


def load(name: str, *, what: str, fix: str, threads: int, **options: Any) -> Any:
    """The model.

    Args:
        name: a folder or a hub id.
        what: how an error names it.
        fix: what an error tells to do.
        threads: of torch.
        options: of `SentenceTransformer`.

    Raises:
        MissingExtra: sentence-transformers is not installed.
        EncoderFailed: the model can't be loaded.
    """
    if find_spec("sentence_transformers") is None:
        raise MissingExtra("sentence-transformers", extra="st")
    torch: Any = import_module("torch")  # an extra: types are not there for everybody
    library: Any = import_module("sentence_transformers")
    torch.set_num_threads(threads)
    try:
        return library.SentenceTransformer(name, **options)
    except Exception as error:  # the library raises many kinds: hub, JSON, weights, torch
        raise failed(what, error, fix=fix) from error


def failed(what: str, error: Exception, *, fix: str) -> EncoderFailed:
    """Says that a model can't be loaded, in one line.

    >>> str(failed("encoder st:mine", OSError("no weights\\nin the folder"), fix="give another"))
    "encoder st:mine: can't be loaded (no weights); give another"
    """
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
    return EncoderFailed(f"{what}: can't be loaded ({reason})", fix=fix)
