"""The code of a run: what it is made of, noticed after each cell and kept when the run ends.

A thread of its own looks: git may hang, and scanning packages takes its time; what the recorder's
thread has to write must not wait for that. What is noticed goes into the session's journal at once,
so that the code of a run whose kernel was killed can be put together as well.
"""

import os
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from nbtracker.journal.cells import DocumentKept, GitKept, ModuleKept, NotebookNamed, PackagesKept
from nbtracker.journal.records import CodeKept
from nbtracker.notebook.document import read_document
from nbtracker.notebook.git import git_root, git_state
from nbtracker.notebook.modules import ModuleWatch, autoreloads
from nbtracker.notebook.pace import Pace
from nbtracker.notebook.packages import Packages, platform_facts
from nbtracker.notebook.recorder import FlightRecorder
from nbtracker.notebook.where import current_path
from nbtracker.store.blobs import keep_blob
from nbtracker.store.layout import RunFolder
from nbtracker.views.code import code_digest, code_files
from nbtracker.views.ledger import Ledger
from nbtracker.views.outputs import outputs_of
from nbtracker.views.run import read_run
from nbtracker.views.session import SessionView

# Asking the Jupyter server where the notebook is takes some milliseconds.
ASK_EVERY_S = 30.0
# Between two looks; for git when a run ends; for the thread to end. Units: seconds.
REST_S, AT_END_S, STOPPED_AFTER_S = 0.2, 0.5, 2.0


class Capture:
    """Notices modules, packages, repository and document of one session.

    Args:
        writer: Writes the session.
        user_ns: The user's namespace, in which some hosts say where the notebook is.
    """

    def __init__(self, writer: FlightRecorder, user_ns: Mapping[str, Any]) -> None:
        self._writer, self._user_ns = writer, user_ns
        redact = writer.redactor.redact
        self._modules = ModuleWatch(self._roots, redact)
        self._pace = Pace(self._is_busy)
        self._packages = Packages(redact, pace=self._pace)
        self._versions: dict[str, str] = {}
        self._path: str | None = None
        self._document: str | None = None
        self._ended: int | None = None
        self._mark: tuple[int, int] | None = None
        self._git: GitKept | None = None
        self._asked_at = float("-inf")
        self._looking = threading.RLock()
        self._wake, self._is_stopped = threading.Event(), False
        self._thread = threading.Thread(target=self._work, name="nbtracker-code", daemon=True)

    def begin(self) -> None:
        """Look from now on."""
        self._thread.start()

    def end(self) -> None:
        """Look no more."""
        self._is_stopped = True
        self._wake.set()
        if self._thread.is_alive():
            with self._pace.hurried():
                self._thread.join(STOPPED_AFTER_S)

    def note(self, number: int) -> None:
        """An execution ended: there may be something new. For any thread."""
        self._ended = number
        self._wake.set()
        self._pace.wake()

    def _work(self) -> None:
        apart = self._writer.breaker.apart
        apart(self.look_at_repository)()
        while not self._is_stopped:
            self._wake.wait()
            self._wake.clear()
            number, self._ended = self._ended, None
            if number is not None and not self._is_stopped:
                apart(self.look)(number)
            time.sleep(REST_S)

    def look(self, number: int) -> None:
        """Notice what is new after an execution."""
        with self._looking:
            self._look(number)

    def _look(self, number: int) -> None:
        at, execution = time.time(), f"{self._writer.id}-{number}"
        self._notice_modules(at, execution)
        self._find_document(at, execution)
        # Comes last: the first time it takes a while.
        versions = self._packages.imported_versions()
        if versions != self._versions:
            new = dict(versions.items() - self._versions.items())
            self._versions = versions
            self._writer.write(PackagesKept(at=at, execution=execution, versions=new))

    def _notice_modules(self, at: float, execution: str) -> None:
        redact = self._writer.redactor.redact
        for one in self._modules.changed(reloading=autoreloads()):
            digest = keep_blob(self._writer.store, one.data)
            self._writer.write(
                ModuleKept(
                    at=at,
                    execution=execution,
                    name=redact(one.name),
                    path=redact(one.path),
                    digest=digest,
                    size=len(one.data),
                )
            )

    def look_at_repository(self, timeout_s: float = 2.0) -> None:
        """Notice the state of the git repository; wait for git so long at the most."""
        folder, redact = self._folder(), self._writer.redactor.redact
        told = git_state(folder, timeout=timeout_s, redact=redact) if folder else None
        if told is None:
            return
        patch = keep_blob(self._writer.store, told.patch) if told.patch else None
        kept = GitKept(
            at=0.0,
            commit=told.commit,
            branch=redact(told.branch),
            dirty=told.dirty,
            remote=told.remote,
            patch=patch,
        )
        if kept != self._git:
            self._git = kept
            self._writer.write(replace(kept, at=time.time()))

    def code(self, number: int, went_on: RunFolder | None = None) -> CodeKept:
        """Keep the code as it is when an execution has begun.

        Args:
            number: The execution.
            went_on: The run, if it went on, maybe from another kernel: the cells of that are a
                part of its code.
        """
        self.look_at_repository(AT_END_S)
        with self._pace.hurried():
            self.look(number)
        folder = self._writer.folder
        view = SessionView(folder)
        view.refresh()
        sessions = [] if went_on is None else Ledger(read_run(went_on), running=True).sessions
        earlier = [one for one in sessions if one[0].folder.id != folder.id]
        files = code_files(
            view,
            number,
            outputs=lambda n: outputs_of(folder, n),
            platform=platform_facts(),
            earlier=earlier,
        )
        store = self._writer.store
        return CodeKept(
            at=time.time(),
            digest=code_digest(view, number, earlier),
            files={path: keep_blob(store, data) for path, data in files.items()},
        )

    def _find_document(self, at: float, execution: str) -> None:
        redact = self._writer.redactor.redact
        if time.monotonic() - self._asked_at >= ASK_EVERY_S:
            self._asked_at = time.monotonic()
            place = current_path(self._user_ns)
            if place.path and place.path != self._path:
                self._path = place.path
                self._writer.write(
                    NotebookNamed(
                        at=at, execution=execution, path=redact(place.path), how=place.how
                    )
                )
        if self._path is None or self._mark == (mark := _mark(self._path)):
            return
        self._mark = mark
        data = read_document(self._path, redact=redact)
        digest = keep_blob(self._writer.store, data) if data is not None else None
        if data is not None and digest is not None and digest != self._document:
            self._document = digest
            self._writer.write(
                DocumentKept(
                    at=at,
                    execution=execution,
                    path=redact(self._path),
                    digest=digest,
                    size=len(data),
                )
            )

    def _is_busy(self) -> bool:
        return self._writer.is_busy()

    def _folder(self) -> str:
        return str(Path(self._path).parent) if self._path else _here()

    def _roots(self) -> Iterator[str]:
        folders = [folder for folder in dict.fromkeys([self._folder(), _here()]) if folder]
        yield from folders
        yield from filter(None, map(git_root, folders))


def _mark(path: str) -> tuple[int, int] | None:
    """What changes when a file does; None if it is not there."""
    try:
        status = Path(path).stat()
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size


def _here() -> str:
    """The working directory; nothing if it was removed."""
    try:
        return os.path.realpath("")
    except OSError:
        return ""
