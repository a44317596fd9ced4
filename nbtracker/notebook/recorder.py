"""The flight recorder: one thread that writes what the hooks of a kernel hand to it.

The kernel's main thread never touches the disk for it. It waits a few milliseconds, so that
a cell is usually on disk before its first statement runs, and goes on if the disk is slow.
"""

import contextlib
import hashlib
import os
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from nbtracker.ids import new_id
from nbtracker.journal.cells import CellForgotten, CellStarted, SessionStarted
from nbtracker.journal.forks import OPEN
from nbtracker.journal.records import Ended, Heartbeat, Record
from nbtracker.journal.writer import JournalWriter
from nbtracker.notebook.breaker import Breaker
from nbtracker.notebook.pace import RESTRAINT
from nbtracker.redaction import Redactor
from nbtracker.store.blobs import digest_of, write_new
from nbtracker.store.caches import note_store
from nbtracker.store.layout import Store, make_private
from nbtracker.store.links import refuse_link
from nbtracker.store.sessions import SessionFolder, session_folder

# How long a hook waits for the disk. Units: seconds.
PATIENCE_S = 0.002
HEARTBEAT_S, SYNC_S, TICK_S = 10.0, 1.0, 0.25
MOST_JOBS, MOST_BYTES = 20_000, 64 * 1024 * 1024
Job = Callable[[], None]


class FlightRecorder:
    """Writes one session's journal, in a thread of its own.

    Args:
        store: Where the session's folder goes.
        started: What is known of the kernel; its id is filled in.
        redactor: Takes secrets out of what is written.
        breaker: Told of faults.

    Attributes:
        id: The session.
        folder: Where it lies.
        on_tick: Called in the thread, about four times a second.
        is_busy: Whether a cell runs, from which time is taken.
    """

    def __init__(
        self, store: Store, started: SessionStarted, *, redactor: Redactor, breaker: Breaker
    ) -> None:
        self.store = store
        self.id = new_id()
        self.folder: SessionFolder = session_folder(store, self.id)
        self.redactor = redactor
        self.breaker = breaker
        self.on_tick: list[Job] = []
        self.is_busy: Callable[[], bool] = lambda: False
        self._started = replace(
            started, id=self.id, heartbeat_s=HEARTBEAT_S, cwd=redactor.redact(started.cwd)
        )
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._sources: set[str] = set()
        self._writer: JournalWriter | None = None
        self._later: deque[tuple[Job, int]] = deque()
        self._later_bytes = 0
        self._unwritten: dict[str, bytes] = {}
        self._opening = threading.Lock()
        self._later_at = self._tick_at = self._beat_at = self._sync_at = 0.0
        self._is_woken = False
        self._pid = os.getpid()
        self._thread = threading.Thread(
            target=breaker.always(self._work), name="nbtracker-cells", daemon=True
        )
        self._thread.start()
        OPEN.add(self)

    @property
    def is_alive(self) -> bool:
        """Whether what is handed over is written."""
        return os.getpid() == self._pid and self._thread.is_alive() and not self.breaker.is_open

    def hand_over(self, job: Job, *, patience_s: float = PATIENCE_S) -> bool:
        """Have something done in the thread; wait a little for it, and say whether it is done."""
        done = self.start(job)
        return done is not None and bool(patience_s) and done.wait(patience_s)

    def start(self, job: Job) -> threading.Event | None:
        """Have something done in the thread; what is given tells when it is done. None: never."""
        if not self.is_alive or self._jobs.qsize() > MOST_JOBS:
            return None
        done = threading.Event()

        def work() -> None:
            try:
                job()
            finally:
                done.set()

        self._jobs.put(work)
        return done

    def put(self, record: Record, *, patience_s: float = PATIENCE_S) -> bool:
        """Have a record written."""
        return self.hand_over(lambda: self.write(record), patience_s=patience_s)

    def put_cell(self, begun: CellStarted, source: str | None) -> threading.Event | None:
        """Have the beginning of an execution written, its source first; see `start`."""

        def work() -> None:
            digest = "" if source is None else self._keep_source(source)
            tags = tuple(map(self.redactor.redact, begun.tags))
            self.write(replace(begun, source=digest, tags=tags))

        return self.start(work)

    def write(self, record: Record) -> None:
        """Write a record; in any thread that may wait for the disk."""
        with self._opening:
            journal = self._journal()
        journal.append(record)

    def unwritten(self) -> dict[str, str]:
        """The sources, by digest, that the disk did not take so far."""
        kept = self._unwritten.copy()  # at once: the thread may change it
        return {digest: data.decode("utf-8", "replace") for digest, data in kept.items()}

    def delete(self, numbers: list[int], digests: set[str]) -> None:
        """Delete the sources of executions; in the thread only."""
        self._sources -= digests
        for digest in digests:
            if (data := self._unwritten.pop(digest, None)) is not None:
                self.redactor.forget(data.decode("utf-8", "replace"))
            self.folder.source(digest).unlink(missing_ok=True)
        for number in numbers:
            self.write(CellForgotten(at=time.time(), number=number))

    def close(self, *, patience_s: float = 2.0) -> None:
        """Write what was handed over, and end the session. A second call does nothing."""
        if os.getpid() == self._pid and self._thread.is_alive():
            self._jobs.put(None)
            self._thread.join(patience_s)
        OPEN.discard(self)

    def give_up(self) -> None:
        """Have the thread end, also if it could not be closed."""
        self._jobs.put(None)

    def _journal(self) -> JournalWriter:
        if self._writer is None:
            refuse_link(self.store.path, self.folder.path)
            self._writer = JournalWriter(self.folder.journal)
            self._writer.append(self._started)
            self.later(lambda: note_store(self.store))
        return self._writer

    def _keep_source(self, source: str) -> str:
        data = self.redactor.redact_source(source).encode("utf-8", "surrogatepass")
        digest = digest_of(data)
        if digest not in self._sources:
            self._unwritten[digest] = data
            self.breaker.apart(self._keep_unwritten)()
        return digest

    def _keep_unwritten(self) -> None:
        """Write sources that the disk did not take before; a few of them can wait."""
        for digest, data in list(self._unwritten.items()):
            if sum(map(len, self._unwritten.values())) > MOST_BYTES:
                del self._unwritten[digest]
                continue
            try:
                write_new(self.folder.source(digest), data)
            except FileNotFoundError:  # the first, or somebody deleted the folder
                make_private(self.folder.source(digest).parent, below=self.store.path)
                write_new(self.folder.source(digest), data)
            self._sources.add(digest)
            del self._unwritten[digest]

    def _look_for_journal(self) -> None:
        """Begin another journal if somebody deleted the folder."""
        if self._writer is not None and not os.path.lexists(self.folder.journal):
            self._writer.close()
            self._writer = None
            self._sources.clear()
            self.breaker.fault = f"{self.folder.path} was deleted; it goes on in a new one"

    def later(self, job: Job, n_bytes: int = 0) -> bool:
        """Have something done when there is time: a running cell gives a small share of its own.

        Args:
            job: What is to be done.
            n_bytes: What it keeps in memory until then.

        Returns:
            Whether it will be done: False if too much waits already.
        """
        if not self.is_alive or (n_bytes and self._later_bytes + n_bytes > MOST_BYTES):
            return False
        self._later.append((job, n_bytes))
        self._later_bytes += n_bytes
        if not self._is_woken:
            self._is_woken = True
            self._jobs.put(_nothing)
        return True

    def catch_up(self) -> None:
        """Do all that was to be done later; in the thread only."""
        while self._later:
            self._do_later()

    def _work(self) -> None:
        run = self.breaker(self._do)
        while True:
            self._is_woken = False
            try:
                job = self._jobs.get(timeout=self._pause())
            except queue.Empty:
                job = _nothing
            if job is None:
                break
            run(job)
            if self._later and time.monotonic() >= self._later_at:
                begun = time.monotonic()
                self._do_later()
                ended = time.monotonic()
                self._later_at = ended + (ended - begun) * RESTRAINT * self.is_busy()
            if time.monotonic() >= self._tick_at:
                self._tick_at = time.monotonic() + TICK_S
                run(self._tick)
        self.catch_up()
        run(self._end)

    def _do_later(self) -> None:
        job, n_bytes = self._later.popleft()
        self._later_bytes -= n_bytes
        self.breaker.apart(job)()

    def _pause(self) -> float:
        """How long to wait for the next job. Units: seconds."""
        if self._later:
            return min(TICK_S, max(0.0, self._later_at - time.monotonic()))
        return TICK_S

    def _do(self, job: Job) -> None:
        job()

    def _tick(self) -> None:
        now = time.monotonic()
        for task in list(self.on_tick):
            self.breaker.apart(task)()
        self.breaker.apart(self._keep_unwritten)()
        self.breaker.apart(self._look_for_journal)()
        if self._writer is not None and now >= self._beat_at:
            self._beat_at = now + HEARTBEAT_S
            self._writer.append(Heartbeat(at=time.time()))
        if self._writer is not None and now >= self._sync_at:
            self._sync_at = now + SYNC_S
            self._writer.sync()

    def _end(self) -> None:
        if self._writer is not None:
            self._writer.append(Ended(at=time.time()))
            with contextlib.suppress(OSError):
                self._writer.sync()
            self._writer.close()

    def forget(self) -> None:
        """In a forked child there is no thread, and nothing is to be written."""
        self._jobs = queue.SimpleQueue()
        self._later = deque()


def _nothing() -> None:
    """What wakes the thread."""


def family_of(*parts: str | None) -> str:
    """Name what the attempts of one cell have in common."""
    return hashlib.sha256("\0".join(part or "" for part in parts).encode()).hexdigest()[:16]
