"""A full disk: one clear error, nothing half-learned, and it goes on when there is room again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lives import BagOfWords, films, stream
from penchant import Engine
from penchant.errors import StoreError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a small file system is mounted by Linux's mount")


@pytest.fixture
def small_disk(tmp_path: Path):
    """A file system of 2 MiB."""
    place = tmp_path / "small"
    place.mkdir()
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip(f"no small file system can be mounted here: {done.stderr.decode().strip()}")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_is_told_and_recovered_from(small_disk: Path) -> None:
    engine = Engine.open(small_disk / "c.db", "movies", encoder=BagOfWords())
    engine.add_items(films())
    events = stream(20_000, users=30)
    filler = small_disk / "filler"
    filler.write_bytes(b"x" * (os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_bsize - 400_000))
    with pytest.raises(StoreError, match="disk") as caught:
        engine.observe_many(events)
    assert "\n" not in str(caught.value)
    learned = engine.model.learned
    assert learned == sum(1 for _ in engine.events()), "the model is what the log is"
    assert engine.recommend("u1", 3)
    filler.unlink()
    engine.observe_many(events[: learned + 500])
    assert engine.model.learned == learned + 500
    assert engine.verify()
    engine._journal.flush()
    engine.store.close()
    with Engine.open(small_disk / "c.db", encoder=BagOfWords()) as again:
        assert again.model.learned == learned + 500
