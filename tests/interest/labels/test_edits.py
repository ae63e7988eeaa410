"""Edits of texts: the same for the same key, near the text, and with the label they had."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from penchant.interest.labels import EDITS, Example, augment
from penchant.interest.labels.edits import dropped, full_width, typo

sentences = st.lists(st.text("abcdefgh", min_size=1, max_size=9), min_size=1, max_size=8).map(" ".join)


@given(sentences, st.integers(0, 2**64 - 1))
def test_an_edit_is_drawn_by_its_key_and_small(text: str, key: int) -> None:
    for edit in EDITS.values():
        assert edit(text, key) == edit(text, key)
    words, slipped = text.split(" "), typo(text, key).split(" ")
    assert len(slipped) == len(words)
    assert sum(a != b for a, b in zip(words, slipped, strict=True)) <= 1
    assert all(abs(len(a) - len(b)) <= 1 for a, b in zip(words, slipped, strict=True))
    left = dropped(text, key).split(" ")
    assert len(left) == len(words) - (len(words) >= 3)
    rest = iter(words)
    assert all(word in rest for word in left), "in the same order"
    assert unicodedata.normalize("NFKC", full_width(text, key)) == text
    assert all(text in edit(text, key) for name, edit in EDITS.items() if name == "mixed languages")


@given(st.lists(st.tuples(sentences, st.sampled_from("ab")), min_size=1, max_size=6), st.integers(0, 99))
def test_copies_keep_the_label_and_none_is_there_twice(given: list[tuple[str, str]], seed: int) -> None:
    examples = [Example(text, category) for text, category in given]
    found = augment(examples, seed=seed, paraphrase=lambda text: [f"so: {text}", " "])
    assert found == augment(examples, seed=seed, paraphrase=lambda text: [f"so: {text}", " "])
    assert len({(e.text, e.category) for e in found}) == len(found)
    assert set(examples) <= set(found)
    for example in examples:
        assert Example(f"so: {example.text}", example.category) in found
    assert {e.category for e in found} == {e.category for e in examples}
