"""One writer a catalogue: an operating system's lock, which a killed process can't leave behind."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

from penchant.errors import StoreBusy, StoreError

if sys.platform == "win32":
    import msvcrt

    def _take(handle: int) -> None:
        os.lseek(handle, 1 << 20, os.SEEK_SET)  # past the pid, which others must be able to read
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


class WriterLock:
    """Holds `<database>.lock` from construction to `release`; also against a second writer in this process.

    The file is removed when released; whoever finds that the one it locked is gone by then tries again.

    Raises:
        StoreBusy: held already; the message names the path and the process.
        StoreError: the file can't be made.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     lock = WriterLock(Path(folder, "shop.db"))
    ...     try:
    ...         WriterLock(Path(folder, "shop.db"))
    ...     except StoreBusy as error:
    ...         print("shop.db is being written to by process" in str(error))
    ...     lock.release()
    True
    """

    def __init__(self, database: Path) -> None:
        self.path = Path(f"{database.resolve()}.lock")
        self._handle: int | None = self._acquire(database)
        # the pid is for people only: a full disk must not keep a catalogue from opening
        with contextlib.suppress(OSError):
            os.ftruncate(self._handle, 0)
            os.write(self._handle, str(os.getpid()).encode())

    def _acquire(self, database: Path) -> int:
        while True:
            try:
                handle = os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o644)
            except OSError as error:
                fix = "check the folder's permissions" if self.path.parent.is_dir() else "create its folder"
                raise StoreError(f"{database} can't be opened for writing ({error.strerror})", fix=fix) from error
            try:
                _take(handle)
                if self._is_current(handle):
                    os.lseek(handle, 0, os.SEEK_SET)
                    return handle
            except OSError:
                os.lseek(handle, 0, os.SEEK_SET)
                holder = os.read(handle, 20).decode("ascii", "replace").strip()
                os.close(handle)
                raise StoreBusy(
                    f"{database} is being written to by process {holder or '(unknown)'}",
                    fix="close it there, or open it here with read_only=True",
                ) from None
            os.close(handle)

    def _is_current(self, handle: int) -> bool:
        """Whether the locked file is still the one of that name."""
        try:
            return os.path.samestat(os.fstat(handle), os.stat(self.path))
        except FileNotFoundError:
            return False

    def release(self) -> None:
        """Let the next writer in; a second call does nothing."""
        if self._handle is not None:
            with contextlib.suppress(OSError):  # Windows keeps an open file
                self.path.unlink()
            os.close(self._handle)
            self._handle = None
