"""Every public format from small files made here in its published form."""

from __future__ import annotations

from pathlib import Path

import pytest

from penchant.data import Dataset, open_dataset
from penchant.data.leave_one_out import HOUR, START, held_out, read_leave_one_out
from penchant.data.mind import read_mind
from penchant.data.movielens import natural_title, read_movielens
from penchant.errors import InvalidRecord


def write(root: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        (root / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def told(dataset: Dataset) -> list[tuple[str, str, float | None, float | None]]:
    return [(e.user, e.item, e.value, e.time) for e in dataset.events]


ML_1M: dict[str, str | bytes] = {
    "movies.dat": (
        "1::Matrix, The (1999)::Action|Sci-Fi\n"
        "2::City of Lost Children, The (Cité des enfants perdus, La) (1995)::Adventure\n"
        "3::Alien :: Escape from (1995)::Horror|Children's\n"
    ).encode("latin-1"),
    "ratings.dat": "9::1::5::100\n10::1::4::100\n9::2::3::50\n9::2::five::60\n9::2::5\n9::::5::7\n9::3::5::never\n",
}


def test_movielens_dat(tmp_path: Path) -> None:
    dataset = open_dataset(write(tmp_path, ML_1M))
    assert dataset.name == "MovieLens 100k (.dat)"
    items = list(dataset.items)
    assert [item.text for item in items] == [
        "The Matrix (1999)",
        "The City of Lost Children (La Cité des enfants perdus) (1995)",
        "Alien :: Escape from (1995)",
    ]
    assert items[0].paths == (("Action",), ("Sci-Fi",))
    assert items[2].paths == (("Horror",), ("Children's",))
    assert items[0].fields == {"year": 1999}
    # by time, then user as text: "10" stands before "9"
    assert told(dataset) == [("9", "2", 3, 50), ("10", "1", 4, 100), ("9", "1", 5, 100)]
    assert [(p.file, p.line, p.field, p.value) for p in dataset.problems] == [
        ("ratings.dat", 4, "value", "five"),
        ("ratings.dat", 5, "row", "9 2 5"),
        ("ratings.dat", 6, "item", ""),
        ("ratings.dat", 7, "time", "never"),
    ]
    assert dataset.events.place == ("ratings.dat", 1)
    assert {e.kind for e in dataset.events} == {"rating"}
    with pytest.raises(InvalidRecord, match=r"^ratings.dat, line 4, value: 'five'"):
        list(read_movielens(tmp_path, strict=True).events)


def test_movielens_plots_and_rebuilt_order(tmp_path: Path) -> None:
    header = (
        "user_id,movie_id,pos,loo_split,pos_stable,loo_split_stable,rating,timestamp,ts_filled,ts_source,orig_row,t"
    )
    rows = [
        "5,3,1,train,1,train,4,70,70,exact,1,F",
        "5,1,0,train,0,train,,,70,interpolated,2,F",
        "5,2,2,train,2,train,,,,unknown,3,F",
    ]
    plot = "1::The Matrix::1999::R::x::Action::d::w::a::A hacker learns.::USA\r\n"
    files: dict[str, str | bytes] = {
        "movies.dat": ML_1M["movies.dat"],
        "movies_extrainfos.dat": plot,
        "interactions_chronological.csv": "\n".join([header, *rows]) + "\n",
    }
    dataset = open_dataset(write(tmp_path, files))
    assert [item.text for item in dataset.items][0::2] == [
        "The Matrix (1999)\nA hacker learns.",
        "Alien :: Escape from (1995)",
    ]
    assert told(dataset) == [("5", "1", None, 70), ("5", "3", 4, 70)]
    assert (dataset.events.counts.read, dataset.events.counts.left_out, dataset.events.counts.bad) == (3, 1, 0)
    assert "ratings left out because their time isn't known: 1" in dataset.notes


def test_movielens_csv(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "movies.csv": 'movieId,title,genres\n11,"American President, The (1995)",Comedy|Drama\n'
        "12,Solo,(no genres listed)\n",
        "ratings.csv": "userId,movieId,rating,timestamp\n1,11,3.5,1256677221\n1,12,4.0,1256677220\n",
    }
    dataset = open_dataset(write(tmp_path, files))
    first, second = dataset.items
    assert (first.text, first.paths) == ("The American President (1995)", (("Comedy",), ("Drama",)))
    assert (second.text, second.paths, second.fields) == ("Solo", (), {})
    assert told(dataset) == [("1", "12", 4.0, 1256677220), ("1", "11", 3.5, 1256677221)]


def test_movielens_100k_as_first_published(tmp_path: Path) -> None:
    flags = "|".join("1" if at in (3, 5) else "0" for at in range(19))
    files: dict[str, str | bytes] = {
        "u.item": f"1|Toy Story (1995)|01-Jan-1995||http://x|{flags}\n",
        "u.data": "196\t1\t3\t881250949\n",
    }
    dataset = open_dataset(write(tmp_path, files))
    (item,) = dataset.items
    assert item.paths == (("Animation",), ("Comedy",))
    assert told(dataset) == [("196", "1", 3, 881250949)]


def test_recbole(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "x.inter": "user_id:token\titem_id:token\trating:float\ttimestamp:float\n1\t7\t3\t9\n",
        "x.item": "item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n"
        "7\tUsual Suspects, The\t1995\tCrime Thriller\n8\tunkonwn\tunkonwn\tunknown\n",
    }
    dataset = open_dataset(write(tmp_path, files))
    first, second = dataset.items
    assert (first.text, first.paths, first.fields) == (
        "The Usual Suspects (1995)",
        (("Crime",), ("Thriller",)),
        {"year": 1995},
    )
    assert (second.text, second.paths, second.fields) == ("unkonwn", (), {})
    assert told(dataset) == [("1", "7", 3, 9)]
    (tmp_path / "x.inter").write_text("user_id:token\titem_id:token\n1\t7\n")
    assert told(open_dataset(tmp_path)) == [("1", "7", None, None)]


@pytest.mark.parametrize(
    ("given", "natural"),
    [
        ("Monster, Die (1965)", "Monster, Die (1965)"),
        ("Ennui, L' (1998)", "L'Ennui (1998)"),
        ("Kiss Me, Stupid (1964)", "Kiss Me, Stupid (1964)"),
        ("2001: A Space Odyssey (1968)", "2001: A Space Odyssey (1968)"),
        ("Doctor Who (2005–)", "Doctor Who (2005)"),
        ("", ""),
    ],
)
def test_titles(given: str, natural: str) -> None:
    assert natural_title(given)[0] == natural


def test_leave_one_out(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "items.tsv": "item_id\tasin\ttitle\tcategory_paths\n1\tB1\tPolish\tBeauty > Nails; Gifts\n2\tB2\t\t\n",
        "sequences_loo.txt": "10 1 2 3 4\n9 2 1\nlonely\n",
    }
    root = write(tmp_path, files)
    dataset = open_dataset(root)
    first, second = dataset.items
    assert (first.text, first.paths, first.fields["asin"]) == ("Polish", (("Beauty", "Nails"), ("Gifts",)), "B1")
    assert (second.title, second.paths) == ("2", ())
    hours = [(e.user, e.item, ((e.time or 0) - START) / HOUR) for e in dataset.events]
    assert hours == [("10", "1", 0), ("10", "2", 1), ("10", "3", 2), ("9", "2", 2), ("10", "4", 3), ("9", "1", 3)]
    assert [(p.line, p.value) for p in dataset.problems] == [(3, "lonely")]
    assert dataset.events.total == 6
    train = read_leave_one_out(root, hold_out=2)
    assert [(e.user, e.item) for e in train.events] == [("10", "1"), ("10", "2")]
    assert held_out(root / "sequences_loo.txt") == {"10": ("3", "4")}


MIND: dict[str, str | bytes] = {
    "news.tsv": (
        'N1\tlifestyle\tlifestyleroyals\tThe "Brands" Royals Swear By\tShop the notebooks.\thttps://x\t[]\t[]\n'
        "N2\thealth\t\tCalories\t\t\t\t\nN3\tbroken\n"
    ),
    "behaviors.tsv": (
        "1\tU2\t11/15/2019 8:55:22 PM\tN1 N2\tN1-0 N2-1\n"
        "2\tU1\t11/11/2019 5:03:52 AM\t\tN1-1\n"
        "3\tU1\tsome day\t\tN1-1\n"
        "4\tU1\t11/11/2019 5:03:52 AM\t\tN1 N2\n"
        "5\tU1\n"
    ),
}


def test_mind(tmp_path: Path) -> None:
    dataset = open_dataset(write(tmp_path, MIND))
    first, second = dataset.items
    assert first.text == 'The "Brands" Royals Swear By\nShop the notebooks.'
    assert (first.paths, second.paths) == ((("lifestyle", "lifestyleroyals"),), (("health",),))
    assert [(e.user, e.item, e.kind, e.time) for e in dataset.events] == [
        ("U1", "N1", "click", 1573448632),
        ("U2", "N2", "click", 1573851322),
    ]
    assert [(p.file, p.line, p.field) for p in dataset.problems] == [
        ("news.tsv", 3, "row"),
        ("behaviors.tsv", 3, "time"),
        ("behaviors.tsv", 5, "row"),
    ]
    assert any("without a label" in note and note.endswith(": 2") for note in dataset.notes)
    skips = read_mind(tmp_path, skips=True).events
    assert [(e.user, e.item, e.kind) for e in skips] == [
        ("U1", "N1", "click"),
        ("U2", "N1", "skip"),
        ("U2", "N2", "click"),
    ]


LASTFM: dict[str, str | bytes] = {
    "artists.dat": "id\tname\turl\tpictureURL\n1\tSigur Rós\thttp://x\thttp://p\n2\tNobody\t\t\n",
    "tags.dat": "tagID\ttagValue\r\n5\trock\r\n6\tislandés é\r\n7\tice\r\n8\tpost\r\n".encode("latin-1"),
    "user_artists.dat": "userID\tartistID\tweight\r\n3\t1\t130\r\n4\t2\t7\r\n4\t1\tmany\r\n",
    "user_taggedartists.dat": (
        "userID\tartistID\ttagID\tday\tmonth\tyear\r\n3\t1\t5\t2\t4\t2009\r\n3\t1\t6\t2\t4\t2009\r\n"
        "5\t1\t5\t1\t4\t2009\r\n5\t1\t7\t1\t4\t1956\r\n5\t9\t7\t1\t4\t2009\r\n5\t1\t8\t31\t2\t2009\r\n"
    ),
}


def test_lastfm(tmp_path: Path) -> None:
    dataset = open_dataset(write(tmp_path, LASTFM))
    first, second = dataset.items
    assert first.title == "Sigur Rós"
    assert first.paths[0] == ("rock",)
    assert len(first.paths) == 3
    assert "islandés é" in first.text
    assert (second.text, second.paths) == ("Nobody", ())
    day = 1238544000.0  # 2009-04-01
    assert [(e.user, e.item, e.kind, e.value, e.time) for e in dataset.events] == [
        ("4", "2", "listen", 7, day),
        ("5", "1", "tag", 1, day),
        ("3", "1", "listen", 130, day + 86400),
        ("3", "1", "tag", 2, day + 86400),
    ]
    assert [(p.file, p.line, p.value) for p in dataset.problems] == [
        ("user_taggedartists.dat", 5, "1-4-1956"),
        ("user_taggedartists.dat", 7, "31-2-2009"),
        ("user_artists.dat", 4, "many"),
    ]
    assert any("lacks their artist: 1" in note for note in dataset.notes)


def test_folders_and_files_of_tables(tmp_path: Path) -> None:
    write(tmp_path, {"items.csv": "id,title\na,A\n", "events.jsonl": '{"user": "u", "item": "a"}\n'})
    dataset = open_dataset(tmp_path)
    assert ([i.id for i in dataset.items], told(dataset)) == (["a"], [("u", "a", None, None)])
    only_items, only_events = open_dataset(tmp_path / "items.csv"), open_dataset(tmp_path / "events.jsonl")
    assert ([i.id for i in only_items.items], list(only_items.events)) == (["a"], [])
    assert ([i.id for i in only_events.items], len(list(only_events.events))) == ([], 1)


def test_somebody_elses_ratings_csv_is_a_table(tmp_path: Path) -> None:
    write(tmp_path, {"movies.csv": "id,title\n1,A\n", "ratings.csv": "rating,user,item\n4,u,1\n"})
    dataset = open_dataset(tmp_path)
    assert told(dataset) == [("u", "1", 4, None)]
    assert [i.text for i in dataset.items] == ["A"]


def test_what_is_not_recognised(tmp_path: Path) -> None:
    write(tmp_path, {"notes.md": "hello"})
    with pytest.raises(InvalidRecord, match=r"looked for artists\.dat \+ tags\.dat.*ratings\.dat.*items\.\*"):
        open_dataset(tmp_path)
    with pytest.raises(InvalidRecord, match="give a folder or file that exists, or 'demo'"):
        open_dataset(tmp_path / "nowhere")
    with pytest.raises(InvalidRecord, match="no MovieLens here"):
        read_movielens(tmp_path)
