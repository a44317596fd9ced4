"""What a run writes into, and reads its own summary from: the disk, or nothing at all."""

import os
import threading
import time
from collections.abc import Callable
from typing import SupportsIndex

from nbtracker.errors import JournalError
from nbtracker.journal.records import Heartbeat, Record, Row
from nbtracker.journal.rows import Schema
from nbtracker.journal.steps import Steps
from nbtracker.journal.writer import JournalWriter
from nbtracker.sdk.guard import Guard
from nbtracker.store.layout import MAIN_WRITER, RunFolder, Store
from nbtracker.views.run import RunView


class DiskRecorder:
    """Writes the run's main journal; a thread waits for the disk and says that we live.

    Args:
        folder: The run.
        guard: Told of trouble.
        fsync_s: How often to wait for the disk. Units: seconds.
        heartbeat_s: How often to say that the run lives. Units: seconds.

    Attributes:
        on_clock_set_back: Told when the time is earlier than it was.

    Raises:
        JournalBusyError: Another process writes the run.
        OSError: The journal cannot be opened.
    """

    def __init__(
        self, folder: RunFolder, guard: Guard, *, fsync_s: float, heartbeat_s: float
    ) -> None:
        self._guard = guard
        self._writer = JournalWriter(folder.journal(MAIN_WRITER), on_trouble=self._tell)
        self.view = RunView(folder)
        self._fsync_s, self._heartbeat_s = fsync_s, heartbeat_s
        self.on_clock_set_back: Callable[[], None] = lambda: None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._tend, name="nbtracker", daemon=True)
        self._thread.start()
        self.append = self._writer.append
        self.append_call = self._writer.append_call
        self.append_row = self._writer.append_row
        self.schema: Callable[[tuple[str, ...], str, str | None], Schema] = self._writer.schema

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be added any more, as in a forked child."""
        return self._writer.is_closed

    @property
    def n_lost(self) -> int:
        """How many rows found no room, on disk or in memory."""
        return self._writer.n_lost

    def close(self) -> None:
        """Wait for the disk, and let go of the journal."""
        self._stop.set()
        # Before the journal is closed, of which the thread would complain; a disk that hangs
        # must not keep the run from ending.
        if self._thread is not threading.current_thread():
            self._thread.join(timeout=1.0)
        try:
            self._sync()
        finally:
            self._writer.close()
            if lost := self._writer.n_lost_records:
                self._tell(
                    f"the end of run {self.view.id}, and what else waited for the disk ({lost} "
                    "records), could not be written: it will read as crashed"
                )

    def _tell(self, message: str) -> None:
        self._guard.warn_once(message, message)

    def _tend(self) -> None:
        from nbtracker.store.caches import note_store

        note_store(Store(self.view.folder.store))
        now, synced, told = time.monotonic(), 0, time.time()
        sync_at, beat_at = now + self._fsync_s, now + self._heartbeat_s
        while not self._stop.wait(max(0.0, min(sync_at, beat_at) - now)):
            now = time.monotonic()
            if now >= sync_at:
                sync_at = now + self._fsync_s
                before, told = told, time.time()
                if told < before:
                    self.on_clock_set_back()
                end = self._writer.end
                if end != synced or self._writer.n_waiting:
                    synced = end
                    with self._guard("wait for the disk"):
                        self._sync()
                if not os.path.lexists(self._writer.path):
                    self._guard.warn_once("gone", f"{self._writer.path} was removed or renamed")
            if now >= beat_at:
                beat_at = now + self._heartbeat_s
                with self._guard("say that the run lives"):
                    self._beat()
            now = time.monotonic()

    def _sync(self) -> None:
        try:
            self._writer.sync()
        except OSError:
            # That the disk takes nothing was told when it began.
            if not self._writer.n_waiting:
                raise

    def _beat(self) -> None:
        """Write a heartbeat; one that would have to wait is none."""
        try:
            if not self._writer.n_waiting:
                self._writer.append(Heartbeat(at=time.time()))
        except JournalError:
            # `close` waits for this thread a while only.
            if not self._stop.is_set():
                raise


class NoRecorder:
    """Writes nothing: what `mode="disabled"` uses. The summary works, from memory."""

    def __init__(self, folder: RunFolder) -> None:
        self.view = RunView(folder)
        self.n_lost = 0
        self.is_closed = False
        self._lock = threading.RLock()

    def append(self, record: Record) -> None:
        """Take in one record."""
        with self._lock:
            self.view.take(self.view.folder.journal(MAIN_WRITER), [record])

    def append_call(
        self, steps: Steps, step: SupportsIndex | None, commit: bool | None, row: Row
    ) -> int:
        """Take in what one call of `log` said."""
        with self._lock:
            placed, flags = steps.placed(row, step, commit)
            self.append(placed)
        return flags

    def close(self) -> None:
        """Nothing is open."""
