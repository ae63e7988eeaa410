"""Files that come in by the console: what a path in them would name is a file of the server's own."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from penchant.serve.console.importing import Progress, bring_in, preview
from penchant.serve.console.said import say
from serving import Serve

GOOD = {"web": "https://shop.example/a.jpg", "data": "data:image/png;base64,AA==", "none": ""}
BAD = {
    "path": "/etc/passwd",
    "url": "file:///etc/passwd",
    "near": "a.png",
    "up": "../a.jpg",
    "page": "data:text/html,x",
}


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_pictures_by_paths_are_refused_before_anything_is_written(serve: Serve, tmp_path: Path, ending: str) -> None:
    served, path = serve(), tmp_path / f"items.{ending}"
    rows = [(id, f"thing {id}", image) for id, image in (GOOD | BAD).items()]
    with path.open("w", newline="", encoding="utf-8") as file:
        if ending == "csv":
            csv.writer(file).writerows([("id", "text", "image"), *rows])
        else:
            file.writelines(f'{{"id": "{i}", "text": "{t}", "images": {[m] if m else []}}}\n'.replace("'", '"')
                            for i, t, m in rows)  # fmt: skip
    found = preview("items", path)
    assert (found.good, found.bad_count) == (len(GOOD), len(BAD))
    assert [(bad.field, bad.value) for bad in found.bad] == [("images", image) for image in BAD.values()]
    assert all(bad.reason.endswith("no paths") and say(bad.reason, "zh") for bad in found.bad)
    catalogue = served.host.catalogue("shop")
    done = bring_in(catalogue, found, Progress())
    assert done.added == len(GOOD)
    for id, image in GOOD.items():
        assert catalogue.engine.item(id).images == ((image,) if image else ())
    known = catalogue.engine.model.world.catalogue.rows
    assert not any(known.get(id) is not None for id in BAD)
