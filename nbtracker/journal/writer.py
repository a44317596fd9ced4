"""Append to a journal: the only place where bytes are ever added to one.

A finished `append` survives the end of this process, however it ends. It survives the end
of the machine after `sync`.
"""

import itertools
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from pathlib import Path
from types import FrameType
from typing import Any, SupportsIndex
from weakref import WeakSet
from zlib import crc32

from nbtracker.errors import JournalError
from nbtracker.journal.forks import OPEN
from nbtracker.journal.frames import (
    CHECKSUM,
    COMMIT,
    MASK,
    RECORD,
    SEED,
    head,
)
from nbtracker.journal.holding import ASTRAY, CLOSED, HeldJournal
from nbtracker.journal.records import Gap, Record, Row, encode
from nbtracker.journal.rows import Schema
from nbtracker.journal.steps import MOST, Steps
from nbtracker.journal.waiting import Frame, Waiting
from nbtracker.store.layout import make_private

# A schema is said twice at this distance, so that damage to it costs few rows, and then now
# and then, for who reads on behind a large damage. Units: bytes.
SCHEMA_SOON, SCHEMA_EVERY = 64 * 1024, 1024 * 1024
RETRY_EVERY_S = 0.25
_pack_checksum = CHECKSUM.pack
_write = os.write


class JournalWriter(HeldJournal):
    """One journal, one writer, nothing ever rewritten.

    While the disk takes nothing, frames wait in bounded memory and are written when there
    is room again. A process that was forked from the writer's cannot write. A signal handler
    or a finalizer may append in the middle of an append: what it adds stands behind it.

    Args:
        path: The journal; made if it is missing. A torn tail is dropped, all else is kept.
        on_trouble: Told, in words, when the disk refuses, and when it takes again.

    Attributes:
        reader: What stood in the journal before, already read to its end.
        n_waiting: Frames that wait for the disk.
        n_lost: Rows that could not wait any more; `n_lost_records`: other records.

    Raises:
        JournalBusyError: Another writer holds the journal.
        JournalDamagedError: The file is no journal, or nothing of it can be read.
        OSError: The file cannot be opened.
    """

    def __init__(self, path: Path, *, on_trouble: Callable[[str], None] | None = None) -> None:
        self._on_trouble = on_trouble or (lambda _: None)
        self._lock = threading.Lock()
        self._queue = Waiting()
        self._waiting = self._queue.frames  # whether it is empty is asked for each row
        self._first: tuple[Frame | None, int] = None, 0
        self._retry_at = 0.0
        self._announced: WeakSet[Schema] = WeakSet()
        self._trouble: tuple[Any, ...] = ()  # what the disk refuses with, as an OSError has it
        make_private(path.parent)
        super().__init__(path)
        self._schema_ids = itertools.count(max(self.reader.schemas, default=0) + 1)
        OPEN.add(self)

    @property
    def n_waiting(self) -> int:
        """How many frames wait for the disk."""
        return len(self._waiting)

    @property
    def n_lost(self) -> int:
        """How many rows could not wait any more."""
        return self._queue.n_lost

    @property
    def n_lost_records(self) -> int:
        """How many records, rows aside, could not wait any more."""
        return self._queue.n_lost_records

    def schema(self, names: tuple[str, ...], types: str, execution: str | None) -> Schema:
        """Make a schema for rows of this journal; keep it, each call makes a new one."""
        return Schema(next(self._schema_ids), names, types, execution)

    def append(self, record: Record) -> None:
        """Add one record.

        Raises:
            ValueError: The record is too long for a frame, or is not JSON.
            JournalError: The journal is closed.
        """
        frame = Frame(head(RECORD, encode(record)), is_row=isinstance(record, Row))
        if self._lock.locked() and self._is_nested():
            self._wait(frame)
            return
        with self._lock:
            self._wait(frame)
            self._drain()

    def append_row(
        self,
        schema: Schema,
        steps: Steps,
        step: SupportsIndex | None,
        commit: bool | None,
        at: float,
        values: Iterable[Any],
    ) -> int:
        """Add one row of numbers; return its flags.

        The step is decided under the writer's lock, so that each of two calls at once gets one
        of its own.

        Raises:
            struct.error: A value does not fit its type; nothing is added.
            TypeError: The step is no integer; nothing is added.
            JournalError: The journal is closed.
        """
        if self._lock.locked() and self._is_nested():
            number, flags = steps.place(step, commit, schema.execution)
            body = schema.pack(schema.heads[flags], at, number, *values)
            self._wait(Frame(body, schema, is_row=True))
            return flags
        with self._lock:
            # The two usual cases of `Steps.place`, which decides all others: a call costs too much.
            number = steps.next
            if step is None and commit is None and number < MOST:
                flags = COMMIT
                body = schema.pack(schema.heads[flags], at, number, *values)
                steps.execution, steps.next = schema.execution, number + 1
            elif commit is None and type(step) is int and number < step < MOST:
                flags = 0
                body = schema.pack(schema.heads[flags], at, step, *values)
                steps.execution, steps.next = schema.execution, step
            else:
                values = tuple(values)
                schema.pack(schema.heads[0], at, 0, *values)  # fails before the step is counted
                number, flags = steps.place(step, commit, schema.execution)
                body = schema.pack(schema.heads[flags], at, number, *values)
            end = self._end
            if self._waiting or end > schema.valid_until:
                self._wait(Frame(body, schema, is_row=True))
                self._drain()
                return flags
            try:
                self._end = end + _write(
                    self._fd, body + _pack_checksum(crc32(body, SEED) ^ (end & MASK))
                )
            except OSError as error:
                self._look_after()
                if self._fd != ASTRAY:
                    self._refused(error)
            finally:
                if self._end != end + schema.size or self._waiting:
                    self._mend(end, body, schema)
        return flags

    def append_call(
        self, steps: Steps, step: SupportsIndex | None, commit: bool | None, row: Row
    ) -> int:
        """Add one row that holds more than numbers; return its flags.

        Args:
            steps: What decides the step.
            step: As `log` was given it.
            commit: As `log` was given it.
            row: The row; its step and flags are filled in.

        Raises:
            TypeError: The step is no integer; nothing is added.
            ValueError: The row is too long for a frame.
            JournalError: The journal is closed.
        """
        # Before the step is counted: what cannot be spelled must not use one up.
        head(RECORD, encode(row))
        nested = self._lock.locked() and self._is_nested()
        with nullcontext() if nested else self._lock:
            row, flags = steps.placed(row, step, commit)
            self._wait(Frame(head(RECORD, encode(row)), is_row=True))
            if not nested:
                self._drain()
        return flags

    def sync(self) -> None:
        """Wait until the disk has everything; first try again what waits.

        Raises:
            OSError: The disk refuses, so that frames still wait, or are not safe from a crash
                of the machine.
        """
        if self._lock.locked() and self._is_nested():
            return
        with self._lock:
            self._retry_at = 0.0
            self._look_after()
            self._drain()
            if self._waiting and self._trouble:
                raise OSError(*self._trouble)
            fd = self._fd
        if fd == CLOSED:
            return
        try:
            os.fsync(fd)
        except OSError:
            # Another thread may have closed the journal meanwhile, for that waits for no disk.
            if self._fd == fd:
                raise

    def close(self) -> None:
        """Let go of the journal; another writer may continue it. A second call does nothing."""
        if self._lock.locked() and self._is_nested():
            # A signal handler ends the run in the middle of an append, which must end first.
            threading.Thread(target=self.close, name="nbtracker-close").start()
            return
        with self._lock:
            if self._fd == CLOSED:
                return
            self._retry_at = 0.0
            self._look_after()
            self._drain()
            self._queue.give_up()
            fd = self._let_go()
            OPEN.discard(self)
        if fd != CLOSED:
            os.close(fd)

    def _is_nested(self) -> bool:
        """Whether this thread is in the middle of an append: a signal handler that logs."""
        frame: FrameType | None = sys._getframe(2)
        while frame is not None:
            if frame.f_code in _LOCKING and frame.f_locals.get("self") is self:
                return True
            frame = frame.f_back
        return False

    def _wait(self, frame: Frame) -> None:
        """Put a frame at the end of the line."""
        if self._fd == CLOSED:
            raise self._closed_error()
        self._queue.add(frame, bounded=bool(self._trouble))

    def _drain(self) -> None:
        """Write what waits, in order, for as long as the disk takes it."""
        if self._trouble and time.monotonic() < self._retry_at:
            return
        try:
            try:
                self._write_waiting()
            except OSError:
                if self._fd != ASTRAY:
                    raise
                self._write_waiting()
        except OSError as error:
            self._refused(error)

    def _reopen(self) -> None:
        lacking = self._take_back()
        self._first = None, 0
        for schema in self._announced if lacking else ():
            schema.valid_until = -1
        said = "nothing was lost"
        if lacking > 0:
            said = f"{lacking} bytes of rows are lost, which went into a file that got its number"
            self._put(head(RECORD, encode(Gap(at=time.time(), n_rows=0, reason=said))))
        self._on_trouble(
            f"other code of this process closed {self.path}, which is open again; {said}"
        )

    def _write_waiting(self) -> None:
        if self._fd == ASTRAY:
            self._reopen()
        while self._waiting:
            frame = self._waiting[0]
            if frame.schema is not None:
                self._announce(frame.schema)
            # An interrupt may come when a frame is written and still stands in line.
            if self._first[0] is not frame:
                self._first = frame, self._end
            if self._end == self._first[1]:
                self._put(frame.body)
            self._queue.pop()
        if self._trouble:
            self._recovered()

    def _refused(self, error: OSError) -> None:
        if self._fd == CLOSED:
            raise self._closed_error() from error
        self._retry_at = time.monotonic() + RETRY_EVERY_S
        known = self._trouble
        self._trouble = error.errno, error.strerror or str(error), str(self.path)
        if not known:
            self._on_trouble(
                f"the disk refuses what is logged ({error.strerror or error}, {self.path}); "
                "rows wait in memory and are written when it takes them again"
            )

    def _closed_error(self) -> JournalError:
        return JournalError(f"{self.path} is closed; begin a run to log into")

    def _announce(self, schema: Schema) -> None:
        if self._end > schema.valid_until:
            self._put(schema.encode())
            self._announced.add(schema)
            is_new = schema.valid_until < 0
            schema.valid_until = self._end + (SCHEMA_SOON if is_new else SCHEMA_EVERY)

    def _recovered(self) -> None:
        rows, records = self._queue.n_lost, self._queue.n_lost_records
        lost = f"{rows} rows" + (f" and {records} other records" if records else "")
        if rows or records:
            gap = Gap(at=time.time(), n_rows=rows, reason=f"disk full: {lost} lost")
            self._put(head(RECORD, encode(gap)))
        self._queue.n_lost -= rows
        self._queue.n_lost_records -= records
        self._trouble = ()
        self._on_trouble(
            f"the disk takes what is logged again; {lost} were lost in between"
            if rows or records
            else "the disk takes what is logged again; nothing was lost"
        )

    def _mend(self, start: int, body: bytes, schema: Schema) -> None:
        """After a fast write that was short, refused or interrupted, or was logged into."""
        size = schema.size
        if self._end != start + size and not self._settle(start, size):
            self._queue.add_first(Frame(body, schema, is_row=True))
        self._drain()

    def forget(self) -> None:
        """Let go without a word, in a forked child: the journal belongs to the parent."""
        # Another thread may have held the lock when the process was forked.
        self._lock = threading.Lock()
        self._waiting.clear()
        if (fd := self._let_go()) != CLOSED:
            os.close(fd)


# Where a writer's lock is held.
_LOCKING = {
    method.__code__
    for method in (
        JournalWriter.append_row,
        JournalWriter.append_call,
        JournalWriter.append,
        JournalWriter.sync,
        JournalWriter.close,
    )
}
