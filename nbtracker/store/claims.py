"""Who may begin, replace or remove a run: one at a time.

The lock on a journal tells whether it is being written. It cannot tell that somebody is about to
make one, or has opened it and not locked it yet; that is what a claim is for.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from nbtracker.errors import JournalBusyError
from nbtracker.store.layout import PRIVATE_FILE, RunFolder, make_private
from nbtracker.store.locks import Lock, lock

# How long another process may take to begin, replace or remove a run.
PATIENCE_S = 2.0
_OPEN = (
    os.O_RDWR | os.O_CREAT
    | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
)  # fmt: skip


@contextmanager
def claimed(folder: RunFolder) -> Iterator[None]:
    """Keep all others from beginning, replacing or removing a run meanwhile.

    Raises:
        JournalBusyError: Another process keeps doing so.
        UsageError: The project's folder is a link.
        OSError: The claim cannot be written.
    """
    make_private(folder.path.parent, below=folder.store)
    fd = _take(folder)
    try:
        yield
    finally:
        # While it is held: whoever has waited for this file finds that it is gone, and makes
        # one anew. Windows does not remove a file that somebody waits for.
        with suppress(OSError):
            folder.claim.unlink()
        with suppress(OSError):
            os.close(fd)


def _take(folder: RunFolder) -> int:
    until = time.monotonic() + PATIENCE_S
    while True:
        fd = os.open(folder.claim, _OPEN, PRIVATE_FILE)
        try:
            found = lock(fd, patience_s=until - time.monotonic())
            if found is not Lock.HELD and is_at(fd, folder.claim):
                return fd
        except BaseException:
            os.close(fd)
            raise
        os.close(fd)
        if time.monotonic() >= until:
            raise JournalBusyError(
                f"run {folder.project}/{folder.id} is being begun or removed by another process; "
                "try again, or begin one with another id"
            )


def is_at(fd: int, path: Path) -> bool:
    """Whether an open file is still what `path` names."""
    try:
        return os.path.samestat(os.fstat(fd), path.lstat())
    except FileNotFoundError:
        return False
