from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from penchant.data import read_events, read_items
from penchant.errors import InvalidRecord


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


EVENTS = "userId,movieId,rating,timestamp\nann,m1,4.5,881250949\nbob,m2,3,881250950\n"


def test_csv_is_guessed_and_shown(tmp_path: Path) -> None:
    reading = read_events(write(tmp_path / "r.csv", EVENTS))
    first, second = reading
    assert (first.user, first.item, first.kind, first.value, first.time) == ("ann", "m1", "rating", 4.5, 881250949)
    assert second.user == "bob"
    assert reading.columns.rows()[3] == ("timestamp", "time", "name is known", "s")
    assert (reading.counts.read, reading.counts.bad, reading.total, reading.place) == (2, 0, 2, ("r.csv", 3))


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|", "::"])
def test_any_delimiter(tmp_path: Path, delimiter: str) -> None:
    events = list(read_events(write(tmp_path / "r.txt", EVENTS.replace(",", delimiter))))
    assert [(e.user, e.item, e.value) for e in events] == [("ann", "m1", 4.5), ("bob", "m2", 3)]


def test_the_same_events_from_every_format(tmp_path: Path) -> None:
    rows = [
        {"uid": 7, "sku": "a", "event_type": "purchase", "ts": 1_600_000_000_000, "device": "tv"},
        {"uid": 8, "sku": "b", "event_type": "view", "ts": 1_600_000_001_500, "device": "phone"},
    ]
    frame = pl.DataFrame(rows)
    frame.write_csv(tmp_path / "e.csv")
    frame.write_parquet(tmp_path / "e.parquet")
    frame.write_ndjson(tmp_path / "e.jsonl")
    write(tmp_path / "e.json", json.dumps(rows))
    write(tmp_path / "e.csv.gz", gzip.compress((tmp_path / "e.csv").read_bytes()))
    names = ("e.csv", "e.parquet", "e.jsonl", "e.json", "e.csv.gz")
    read = [list(read_events(tmp_path / name)) for name in names]
    assert all(events == read[0] for events in read)
    event = read[0][1]
    assert (event.user, event.item, event.kind, event.time) == ("8", "b", "view", 1_600_000_001.5)
    assert event.context == {"device": "phone"}


def test_parquet_datetimes_lists_and_gaps(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "user_id": [1.0, float("nan"), 3.0],
            "item_id": ["a", "b", None],
            "time": [datetime(2020, 1, 1, tzinfo=UTC)] * 3,
        }
    )
    frame.write_parquet(tmp_path / "e.parquet")
    reading = read_events(tmp_path / "e.parquet")
    (event,) = reading
    assert (event.user, event.time) == ("1", datetime(2020, 1, 1, tzinfo=UTC).timestamp())
    assert [(p.line, p.field) for p in reading.problems] == [(2, "user"), (3, "item")]
    pl.DataFrame({"id": [1], "genres": [["Comedy", "Drama"]], "title": ["x"]}).write_parquet(tmp_path / "i.parquet")
    (item,) = read_items(tmp_path / "i.parquet")
    assert item.paths == (("Comedy",), ("Drama",))


BAD = """user,item,value,time
,a,1,100
ann,,1,100
ann,NaN,1,100
ann,a,five,100
ann,a,nan,100
ann,a,inf,100
ann,a,1,yesterday
ann,a,1,1e30
ann,a
ann,a,1,100,more
ann,a,1,100,
"ann",good,2,200
"""


def test_every_bad_row_is_reported_with_line_field_and_value(tmp_path: Path) -> None:
    reading = read_events(write(tmp_path / "bad.csv", BAD))
    events = list(reading)
    assert [e.item for e in events] == ["a", "good"]  # a delimiter at the end of the line is no harm
    assert [(p.line, p.field, p.value) for p in reading.problems] == [
        (2, "user", ""),
        (3, "item", ""),
        (4, "item", "NaN"),
        (5, "value", "five"),
        (6, "value", "nan"),
        (7, "value", "inf"),
        (8, "time", "yesterday"),
        (9, "time", "1e30"),
        (10, "row", "ann a"),
        (11, "row", "ann a 1 100 more"),
    ]
    assert (reading.counts.read, reading.counts.bad) == (12, 10)
    assert str(reading.problems[3]) == "bad.csv, line 5, value: 'five' can't be used; give a number"
    assert list(reading) == events  # a second pass starts anew
    assert reading.counts.read == 12


def test_strict_stops_at_the_first_with_file_and_line(tmp_path: Path) -> None:
    path = write(tmp_path / "bad.csv", "user,item\nann,a\nann,\nann,b\n")
    stream = iter(read_events(path, strict=True))
    assert next(stream).item == "a"
    with pytest.raises(InvalidRecord, match=r"^bad.csv, line 3, item: '' can't be used; give an id$"):
        next(stream)


def test_problems_are_capped_but_all_are_counted(tmp_path: Path) -> None:
    reading = read_events(write(tmp_path / "bad.csv", "user,item\n" + "ann,\n" * 1500))
    assert list(reading) == []
    assert (len(reading.problems), reading.counts.bad) == (1000, 1500)


@pytest.mark.parametrize("content", ["", "\n\n", "user,item,time\n", "user,item"])
def test_empty_and_header_only(tmp_path: Path, content: str) -> None:
    reading = read_events(write(tmp_path / "e.csv", content))
    assert (list(reading), reading.counts.read, reading.problems) == ([], 0, [])
    assert bool(content) or "is empty" in reading.notes[0]


def test_an_unclosed_quote_costs_one_row(tmp_path: Path) -> None:
    rows = "".join(f"{i},title {i}\n" for i in range(20_000))
    reading = read_items(write(tmp_path / "i.csv", 'id,title\nx,"open\n' + rows))
    assert len(list(reading)) == 20_000
    assert [(p.line, p.field) for p in reading.problems] == [(2, "row")]


def test_quoted_line_breaks_keep_line_numbers_right(tmp_path: Path) -> None:
    reading = read_items(write(tmp_path / "i.csv", 'id,title\na,"two\nlines, one cell"\n,lost\n'))
    (item,) = reading
    assert item.text == "two\nlines, one cell"
    assert [(p.line, p.field) for p in reading.problems] == [(4, "id")]


def test_quotes_in_tab_separated_titles_are_text(tmp_path: Path) -> None:
    content = 'id\tname\n1\t"Weird Al" Yankovic\n2\tRoyce da 5\'9"\n3\t"open\n'
    items = list(read_items(write(tmp_path / "a.tsv", content)))
    assert [i.text for i in items] == ['"Weird Al" Yankovic', "Royce da 5'9\"", '"open']


def test_huge_fields_and_lines(tmp_path: Path) -> None:
    content = "id,title\na," + "x" * 200_000 + "\nb," + "y" * 120_000 + "\nc," + "z" * (5 << 20) + "\nd,fine\n"
    reading = read_items(write(tmp_path / "i.csv", content))
    assert [i.id for i in reading] == ["d"]
    assert {p.line for p in reading.problems} >= {2, 3, 4}
    assert all(len(p.value) <= 200 for p in reading.problems)


def test_encodings(tmp_path: Path) -> None:
    text = "id,title\n1,Amélie\n2,Zoë\n"
    for name, encoding in (("bom.csv", "utf-8-sig"), ("wide.csv", "utf-16"), ("plain.csv", "utf-8")):
        reading = read_items(write(tmp_path / name, text.encode(encoding)))
        assert [i.text for i in reading] == ["Amélie", "Zoë"]
        assert not any("Latin-1" in note for note in reading.notes)
    reading = read_items(write(tmp_path / "latin.csv", text.encode("latin-1")))
    assert [i.text for i in reading] == ["Amélie", "Zoë"]
    assert any(note.endswith("Latin-1 (give encoding= if that is wrong): 2") for note in reading.notes)
    chinese = write(tmp_path / "gb.csv", "id,title\n1,科幻小说\n".encode("gb18030"))
    assert [i.text for i in read_items(chinese, encoding="gb18030")] == ["科幻小说"]
    with pytest.raises(InvalidRecord, match="encoding: 'klingon'"):
        list(read_items(chinese, encoding="klingon"))


def test_files_that_are_no_tables(tmp_path: Path) -> None:
    with pytest.raises(InvalidRecord, match="there is no such file"):
        read_items(tmp_path / "none.csv")
    with pytest.raises(InvalidRecord, match="binary"):
        read_items(write(tmp_path / "b.csv", bytes(range(256)) * 20))
    with pytest.raises(InvalidRecord, match="workbook"):
        read_items(write(tmp_path / "b.xlsx", b"PK\x03\x04rest"))
    with pytest.raises(InvalidRecord, match="damaged"):
        read_items(write(tmp_path / "b.parquet", b"PAR1" + b"junk" * 50))
    torn = gzip.compress(EVENTS.encode() * 5000)[:-200]
    with pytest.raises(InvalidRecord, match="damaged"):
        list(read_events(write(tmp_path / "t.csv.gz", torn)))


def test_json_lines_with_bad_ones(tmp_path: Path) -> None:
    content = '{"user": "a", "item": 1}\n{"user": "b"\n[1]\n\n{"user": true, "item": 2}\n{"user": "c", "item": {}}\n'
    reading = read_events(write(tmp_path / "e.jsonl", content))
    assert [e.item for e in reading] == ["1"]
    assert [(p.line, p.field) for p in reading.problems] == [(2, "row"), (3, "row"), (5, "user"), (6, "item")]


def test_json_lines_with_a_late_key(tmp_path: Path) -> None:
    content = '{"user": "a", "item": "b"}\n' * 1000 + '{"user": "a", "item": "c", "mood": "good"}\n'
    reading = read_events(write(tmp_path / "e.jsonl", content))
    assert list(reading)[-1].item == "c"
    assert reading.notes[-1].endswith("lack, which are not used: 1")


def test_json_lines_of_our_own_shape(tmp_path: Path) -> None:
    row = {
        "id": "d",
        "text": "Dune",
        "paths": [["books", "sf"], ["gifts"]],
        "fields": {"price": 9.5},
        "available": False,
    }
    (item,) = read_items(write(tmp_path / "i.jsonl", json.dumps(row) + "\n"))
    assert item.paths == (("books", "sf"), ("gifts",))
    assert (item.fields, item.available) == ({"price": 9.5}, False)


def test_duplicate_column_names(tmp_path: Path) -> None:
    reading = read_events(write(tmp_path / "e.csv", "user,item,rating,rating\na,b,1,2\n"))
    (event,) = reading
    assert (event.value, event.context) == (1, {"rating (2)": "2"})


def test_override_columns(tmp_path: Path) -> None:
    path = write(tmp_path / "e.csv", "who,what,user\nann,dune,bob\n")
    with pytest.raises(InvalidRecord, match=r"event.item: .*columns=\{'item': 'who'\}; there are who, what, user"):
        read_events(path)
    (event,) = read_events(path, columns={"user": "who", "item": "what"}, kind="like")
    assert (event.user, event.item, event.kind, event.context) == ("ann", "dune", "like", {"user": "bob"})
    with pytest.raises(InvalidRecord, match=r"columns\.item: 'sku'"):
        read_events(path, columns={"item": "sku"})
    with pytest.raises(InvalidRecord, match=r"columns\.size"):
        read_events(path, columns={"size": "who"})


def test_no_header(tmp_path: Path) -> None:
    path = write(tmp_path / "u.data", "196\t242\t3\t881250949\n186\t302\t3\t891717742\n")
    reading = read_events(path, columns={"user": "1", "item": 2, "value": "3", "time": "4"}, kind="rating")
    assert [(e.user, e.item, e.value, e.time) for e in reading] == [
        ("196", "242", 3, 881250949),
        ("186", "302", 3, 891717742),
    ]
    assert reading.total == 2


def test_item_text_paths_and_fields(tmp_path: Path) -> None:
    content = (
        "sku,title,description,category,sub_category,price,year,zip,instock,image\n"
        "1,Pen,Writes well,Office,Writing,2.50,1999,02460,true,a.png\n"
        "2,Ink,,Office,,3,2001,10000,false,\n"
    )
    reading = read_items(write(tmp_path / "i.csv", content))
    pen, ink = reading
    assert (pen.text, pen.paths, pen.images) == ("Pen\nWrites well", (("Office", "Writing"),), ("a.png",))
    assert pen.fields == {"price": 2.5, "year": 1999, "zip": "02460"}
    assert (ink.text, ink.paths, ink.available) == ("Ink", (("Office",),), False)


@pytest.mark.parametrize(
    ("name", "cell", "paths"),
    [
        ("genres", "Comedy|Romance", (("Comedy",), ("Romance",))),
        ("genres", "(no genres listed)", ()),
        (
            "category_paths",
            "Beauty > Nails; Beauty > Gifts > Small",
            (("Beauty", "Nails"), ("Beauty", "Gifts", "Small")),
        ),
        ("paths", '[["a","b"],["c"]]', (("a", "b"), ("c",))),
        ("genres", "['Comedy', 'Romance']", (("Comedy",), ("Romance",))),
        ("genres", "Comedy, Romance", (("Comedy",), ("Romance",))),
        ("path", "/Arts/Film", (("Arts", "Film"),)),
        ("breadcrumbs", "Arts|Film", (("Arts", "Film"),)),
        ("category", "Creams, Lotions", (("Creams, Lotions",),)),
    ],
)
def test_how_paths_are_written(tmp_path: Path, name: str, cell: str, paths: tuple[tuple[str, ...], ...]) -> None:
    doubled = cell.replace('"', '""')
    (item,) = read_items(write(tmp_path / "i.csv", f'id,{name}\n1,"{doubled}"\n'))
    assert item.paths == paths


def test_separators_can_be_said(tmp_path: Path) -> None:
    path = write(tmp_path / "i.csv", "id,category\n1,a-b+c\n")
    (item,) = read_items(path, path_separator="+", level_separator="-")
    assert item.paths == (("a", "b"), ("c",))


def test_more_paths_than_an_item_holds(tmp_path: Path) -> None:
    reading = read_items(write(tmp_path / "i.csv", "id,genres\n1," + "|".join("abcdefghijk") + "\n"))
    (item,) = reading
    assert len(item.paths) == 8
    assert "items with more than 8 paths, the first 8 of which are kept: 1" in reading.notes


@pytest.mark.parametrize(
    ("cell", "seconds", "unit"),
    [
        ("86400", 86400, "s"),
        ("1600000000000", 1.6e9, "ms"),
        ("1600000000000000", 1.6e9, "µs"),
        ("1600000000000000000", 1.6e9, "ns"),
        ("19700102", 86400, "yyyymmdd"),
        ("1970-01-02", 86400, "ISO 8601"),
        ("1970-01-02 00:00:00 UTC", 86400, "ISO 8601"),
        ("1970-01-02T01:00:00+01:00", 86400, "ISO 8601"),
        ("1/2/1970 12:00:00 AM", 86400, "%m/%d/%Y %I:%M:%S %p"),
        ("13/1/1970", 12 * 86400, "%d/%m/%Y"),
        ("02.01.1970", 86400, "%d.%m.%Y"),
    ],
)
def test_units_of_time(tmp_path: Path, cell: str, seconds: float, unit: str) -> None:
    reading = read_events(write(tmp_path / "e.csv", f"user,item,time\na,b,{cell}\n"))
    (event,) = reading
    assert event.time == pytest.approx(seconds)
    assert reading.columns.of("time")[0].how == unit


def test_context_is_kept_within_its_limits(tmp_path: Path) -> None:
    names = ",".join(f"c{i}" for i in range(20))
    reading = read_events(write(tmp_path / "e.csv", f"user,item,{names}\na,b,{'x' * 300}{',y' * 19}\n"))
    (event,) = reading
    assert [len(value) for value in event.context.values()] == [256] + [1] * 15
    assert any("cut to 256" in note for note in reading.notes)
    assert reading.columns.rows()[-1][1] == "-"


def test_events_out_of_order_are_told(tmp_path: Path) -> None:
    reading = read_events(write(tmp_path / "e.csv", "user,item,time\na,b,200\na,c,100\na,d,300\n"))
    list(reading)
    assert "e.csv: events earlier than the one before: 1" in reading.notes
    list(reading)  # counted anew, not on top
    assert "e.csv: events earlier than the one before: 1" in reading.notes


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(junk=st.binary(max_size=400))
def test_no_bytes_make_it_fall(tmp_path: Path, junk: bytes) -> None:
    path = write(tmp_path / "junk.csv", b"user,item,value,time\nann,dune,3,5\n" + junk)
    if b"\x00" in junk:
        with pytest.raises(InvalidRecord, match="binary"):
            read_events(path)
        return
    reading = read_events(path)
    events = list(reading)
    assert reading.counts.read == len(events) + reading.counts.bad
    assert reading.counts.bad == len(reading.problems)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(*[st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=20)] * 2),
        min_size=1,
        max_size=20,
    )
)
def test_what_polars_writes_is_read_back(tmp_path: Path, rows: list[tuple[str, str]]) -> None:
    kept = [(f"u{user}.", f"i{item}.") for user, item in rows]
    frame = pl.DataFrame(kept, schema=["user", "item"], orient="row")
    frame.write_csv(tmp_path / "e.csv")
    frame.write_ndjson(tmp_path / "e.jsonl")
    for name in ("e.csv", "e.jsonl"):
        assert [(e.user, e.item) for e in read_events(tmp_path / name)] == kept


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["$8.50", "$1,299.00", "12"], [8.5, 1299.0, 12.0]),
        (["12元", "9.9 元", "1,000"], [12.0, 9.9, 1000.0]),
        (["US$ 5", "us$7", "US$1,000,000"], [5.0, 7.0, 1e6]),
        ([*map(str, range(1, 20)), "free"], [*map(float, range(1, 20)), "free"]),
        (["$5", "€5", "7"], ["$5", "€5", "7"]),  # of two currencies nothing can be compared
        (["12,50 €", "8,00 €"], ["12,50 €", "8,00 €"]),
        ([*map(str, range(1, 20)), "02460"], [*map(str, range(1, 20)), "02460"]),
        (["10", "free", "20"], ["10", "free", "20"]),
    ],
)
def test_prices_as_shops_write_them_become_numbers(tmp_path: Path, cells: list[str], values: list[float | str]) -> None:
    rows = [f'{k},"{cell}"' for k, cell in enumerate(cells)]
    reading = read_items(write(tmp_path / "shop.csv", "\n".join(["sku,price", *rows]) + "\n"))
    assert [item.fields["price"] for item in reading] == values
