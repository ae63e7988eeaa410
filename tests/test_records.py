"""What a record refuses, in words that name the field; the rest is tried where records are used."""

from __future__ import annotations

import pytest

from penchant import Item
from penchant.errors import InvalidRecord
from penchant.records import MAX_ID_BYTES


@pytest.mark.parametrize("letter", ["x", "é", "猫", "🙂", "\ud800"])
def test_a_field_s_name_has_at_most_so_many_bytes_as_an_id(letter: str) -> None:
    bytes_each = len(letter.encode("utf-8", "surrogatepass"))
    longest = letter * (MAX_ID_BYTES // bytes_each)
    assert Item(id="a", fields={"price": 1, longest: 2}).fields[longest] == 2
    with pytest.raises(InvalidRecord) as told:
        Item(id="a", fields={"price": 1, longest + letter: 2})
    assert told.value.field == "item.fields"
    size = (len(longest) + 1) * bytes_each
    assert told.value.fix == f"give {letter * 40 + '...'!r} a name of at most 1024 bytes (it has {size})"
