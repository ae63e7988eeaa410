"""A catalogue that grows: one more item costs one item's work, however many there are."""

from __future__ import annotations

import pytest

from lives import Open, films
from penchant import Item


def test_texts_are_read_only_where_a_fit_is_due(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = opened(items=films(300))
    fitted, read = engine.model.fitted, list[int]()
    texts = engine._texts  # pyright: ignore[reportPrivateUsage]
    monkeypatch.setattr(engine, "_texts", lambda: read.append(1) or texts())
    for k in range(20):
        engine.add_items([Item(id=f"one more {k}", text=f"one more film {k}", paths=(("Comedy",),))])
        engine.add_items([Item(id=f"one more {k}", text=f"one more film {k}", fields={"price": k})])
    assert (engine.model.fitted, read) == (fitted, [])
    engine.add_items(item.model_copy(update={"id": f"many {item.id}"}) for item in films(1000))
    assert engine.model.fitted > fitted
    assert read == [1]
