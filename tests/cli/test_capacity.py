"""penchant capacity, as a person and a program use it."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from penchant.cli import app

SIZE = ("capacity", "--users", "1000", "--items", "2000", "--events", "50000", "--base", "shop")


def test_table_and_json_say_the_same() -> None:
    told = json.loads(CliRunner().invoke(app, [*SIZE, "--json"]).stdout)
    assert told["user"]["bytes"] <= told["user"]["cap"] == 1536
    assert told["item"]["bytes"] <= told["item"]["cap"] == 3072
    for part in ("memory", "disk"):
        assert told[part]["bytes"] == sum(line["bytes"] for line in told[part]["lines"])
    text = CliRunner().invoke(app, SIZE).stdout
    for line in (*told["memory"]["lines"], *told["disk"]["lines"]):
        (row,) = (row for row in text.splitlines() if row.startswith(f"{line['name']}  "))
        assert f"{line['count']:,}" in row
        if line["name"] != "answers given last":  # one is made and measured; what is explored there is drawn anew
            assert f"{line['each']:,.0f}" in row or line["each"] % 1 == 0.5
    assert f"a user takes {told['user']['bytes']:,} of at most 1,536 bytes" in text


def test_what_can_not_be() -> None:
    for words, status in (((*SIZE[:5], "--events", "-1"), 2), ((*SIZE, "--base", "planets"), 3)):
        done = CliRunner().invoke(app, words)
        assert done.exit_code == status, done.output
        assert done.stderr.count("\n") == 1
