"""Which files the cells read: name, size and digest, so that a replay can say what changed.

Python tells of each file that it opens. Of these, the ones count that lie below the working
directory or the home folder and are data: no code, nothing hidden, nothing installed. Files that
a library opens without Python, as those of Parquet and HDF5 do, are not seen.
"""

import contextlib
import hashlib
import os
import stat
import sys
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbtracker.journal.cells import DataRead
from nbtracker.notebook.breaker import Breaker
from nbtracker.notebook.hooks import Cell, CellHooks
from nbtracker.notebook.modules import below, installed_folders, is_installed
from nbtracker.notebook.recorder import FlightRecorder
from nbtracker.sdk import provenance
from nbtracker.views.session import session_of

MAX_BYTES = 64 << 20
"""Larger files are named without a digest."""
MOST_FILES, MOST_NAMES = 1_000, 10_000
"""Of one cell: how many files are kept, and how many names are looked at."""
MOST_REMEMBERED = 10_000
"""How many digests are not made again; how many cells that are not kept may read in threads."""
# Of each quarter of a second, how much goes into digests; and into the last ones. Units: seconds.
BUSY_S, IDLE_S, LAST_S = 0.01, 0.1, 1.0
_CHUNK = 1 << 20
_CODE = (".py", ".pyc", ".pyi", ".pyx", ".so", ".pyd", ".ipynb", ".pth")
_NO_READING = os.O_WRONLY | os.O_RDWR
Opened = Callable[[Any, Any, Any], None]

_watching: list[Opened] = []
_hooked: list[bool] = []
_ENDED = object()


@dataclass(frozen=True)
class _File:
    number: int
    execution: str
    path: str
    size: int
    changed: int
    at: float


class Reading:
    """Notes the files that cells of a session read.

    Args:
        hooks: Say which cells begin.
        writer: Its thread makes the digests.
        breaker: Keeps faults from whoever opens a file.
    """

    def __init__(self, hooks: CellHooks, writer: FlightRecorder, breaker: Breaker) -> None:
        self._hooks, self._writer = hooks, writer
        self._opened_safely: Opened = breaker(self._opened)
        self._names: set[tuple[str, str]] = set()
        self._n_kept = 0
        self._silent: dict[int, None] = {}
        self._queue: deque[_File] = deque()
        self._digests: dict[tuple[str, int, int], str | None] = {}
        self._noting: _File | None = None
        self._steps: Iterator[None] = iter(())
        self._home = below(os.path.realpath(os.path.expanduser("~")))  # noqa: PTH111 - never raises
        self._store = below(os.path.realpath(writer.store.path))

    def begin(self) -> None:
        """Note from now on."""
        self._hooks.on_begin.append(self._cell_begins)
        self._writer.on_tick.append(self._tick)
        _watching[:] = [self._opened_safely]
        if not _hooked:
            # It cannot be taken away again, and does nothing while nobody watches.
            sys.addaudithook(_audit)
            _hooked.append(True)

    def end(self) -> None:
        """Note no more; what was noted is written."""
        if self._opened_safely in _watching:
            _watching.remove(self._opened_safely)
        self._writer.hand_over(self._finish, patience_s=2 * LAST_S)

    def _cell_begins(self, cell: Cell, _source: str, kept: bool) -> None:
        self._names.clear()
        self._n_kept = 0
        if not kept:
            self._silent[cell.number] = None
            _bound(self._silent)

    def _opened(self, name: Any, mode: Any, flags: Any) -> None:
        """A file is about to be opened, in whatever thread."""
        execution = provenance.execution()
        if execution is None or not isinstance(name, str | bytes) or not _reads(mode, flags):
            return
        path = os.fsdecode(name)
        key = (execution, path)
        if key in self._names or len(self._names) >= MOST_NAMES or self._n_kept >= MOST_FILES:
            return
        self._names.add(key)
        session, number = session_of(execution) or ("", 0)
        if session != self._writer.id or number in self._silent:
            return
        found = self._data_file(path, number, execution)
        if found is not None:
            self._n_kept += 1
            self._queue.append(found)

    def _data_file(self, path: str, number: int, execution: str) -> _File | None:
        """The file, if it is there and counts."""
        if path.endswith(_CODE):
            return None
        try:
            real = os.path.realpath(path)
            here = below(os.path.realpath(""))
            status = Path(real).stat()
        except (OSError, ValueError):
            return None
        root = next((one for one in (here, self._home) if real.startswith(one)), None)
        if root is None or not stat.S_ISREG(status.st_mode) or real.startswith(self._store):
            return None
        if any(part.startswith(".") for part in Path(real[len(root) :]).parts):
            return None
        if is_installed(real) or real.startswith(installed_folders()):
            return None
        return _File(number, execution, real, status.st_size, status.st_mtime_ns, time.time())

    def _tick(self) -> None:
        self._go_on(BUSY_S if self._writer.is_busy() else IDLE_S)

    def _go_on(self, seconds: float) -> None:
        """Make digests for a while."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if next(self._steps, _ENDED) is _ENDED:
                self._noting = self._queue.popleft() if self._queue else None
                if self._noting is None:
                    return
                self._steps = self._note(self._noting)

    def _finish(self) -> None:
        self._go_on(LAST_S)
        left = [self._noting] if self._noting is not None else []
        for file in (*left, *self._queue):
            self._write(file, None)

    def _note(self, file: _File) -> Iterator[None]:
        """Make the digest of a file in small steps, and write it down."""
        mark = (file.path, file.size, file.changed)
        if mark not in self._digests:
            self._digests[mark] = None
            _bound(self._digests)
            if file.size <= MAX_BYTES:
                with contextlib.suppress(OSError, ValueError):
                    self._digests[mark] = yield from _digest(file)
        self._write(file, self._digests[mark])

    def _write(self, file: _File, digest: str | None) -> None:
        self._writer.write(
            DataRead(
                at=file.at,
                execution=file.execution,
                number=file.number,
                path=self._writer.redactor.redact(file.path),
                size=file.size,
                digest=digest,
            )
        )


def _bound(known: dict[Any, Any]) -> None:
    """Forget what was noted first of too much."""
    if len(known) > MOST_REMEMBERED:
        del known[next(iter(known))]


def _audit(event: str, given: tuple[Any, ...]) -> None:
    """What Python calls before it does something that may matter to somebody."""
    if event == "open" and _watching and len(given) == 3:
        _watching[0](*given)


def _reads(mode: Any, flags: Any) -> bool:
    if isinstance(mode, str):
        return "r" in mode and "+" not in mode
    return isinstance(flags, int) and not flags & _NO_READING


def _digest(file: _File) -> Generator[None, None, str | None]:
    """Digest what a file holds; None if that is no longer what was read."""
    found = hashlib.sha256()
    fd = os.open(file.path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(fd, "rb", buffering=0) as data:
        while chunk := data.read(_CHUNK):
            found.update(chunk)
            yield
        status = os.fstat(data.fileno())
    same = (status.st_size, status.st_mtime_ns) == (file.size, file.changed)
    return found.hexdigest() if same else None
