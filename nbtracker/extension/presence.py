"""The file by which kernels learn that this server can draw our runs."""

import contextlib
import json
import os
from pathlib import Path

from nbtracker._version import __version__
from nbtracker.store.layout import PRIVATE_FILE, make_private
from nbtracker.store.locks import process_started_at
from nbtracker.store.presence import has_renderer, presence_file

__all__ = ["announce", "has_renderer", "withdraw"]


def announce() -> Path:
    """Write the file of this process; return where it is.

    Raises:
        OSError: It cannot be written; kernels then send widgets instead.
    """
    pid = os.getpid()
    file = presence_file(pid)
    make_private(file.parent)
    said = {"pid": pid, "process_started_at": process_started_at(pid), "version": __version__}
    # A file of that name is one of a dead process; whatever it is, it is not written through.
    file.unlink(missing_ok=True)
    fd = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    with os.fdopen(fd, "w", encoding="utf-8") as out:
        json.dump(said, out)
    return file


def withdraw(file: Path) -> None:
    """Remove the file; another process's is left alone."""
    with contextlib.suppress(OSError, ValueError):
        if json.loads(file.read_text(encoding="utf-8")).get("pid") == os.getpid():
            file.unlink()
