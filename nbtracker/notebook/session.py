"""The session of this kernel: what is recorded of it, and what can be asked of it."""

import atexit
import contextlib
import os
import sys
import time
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from nbtracker._version import __version__
from nbtracker.errors import UsageError, attempt
from nbtracker.journal.cells import SessionStarted
from nbtracker.journal.forks import ForkLock
from nbtracker.journal.records import CodeKept
from nbtracker.notebook import display
from nbtracker.notebook.breaker import Breaker, Undo
from nbtracker.notebook.capture import Capture
from nbtracker.notebook.forgetting import Forgotten, also_meant, forget_copies, quotes_of
from nbtracker.notebook.hooks import Cell, CellHooks
from nbtracker.notebook.quotes import Quotes
from nbtracker.notebook.reading import Reading
from nbtracker.notebook.recorder import FlightRecorder
from nbtracker.notebook.scrubbing import scrub_outputs
from nbtracker.notebook.watching import OutputWatch
from nbtracker.redaction import Redactor
from nbtracker.sdk import provenance
from nbtracker.sdk.current import ACTIVE, no_run
from nbtracker.sdk.init import init
from nbtracker.sdk.run import Run
from nbtracker.store.layout import Store
from nbtracker.store.locks import boot_id, host, process_started_at
from nbtracker.store.sessions import SessionFolder
from nbtracker.views.cells.naming import CellNames
from nbtracker.views.session import Execution, SessionView, read_session

# How long a command of the user waits for the recorder's thread. Units: seconds.
PATIENCE_S, FORGET_S, CODE_S = 10.0, 60.0, 3.0


class Session:
    """The recording of one shell.

    Args:
        shell: IPython's.
        store: Where the session is kept.

    Attributes:
        shell: The shell.
        breaker: Stops what fails.
        hooks: Begin and end executions.
        auto: Whether a cell that logs without a run gets one of its own.
    """

    def __init__(self, shell: Any, store: Store) -> None:
        self.shell = shell
        self.breaker = Breaker()
        self.redactor = Redactor(os.environ)
        self.writer = FlightRecorder(
            store, started(shell), redactor=self.redactor, breaker=self.breaker
        )
        # What is to be undone, the last first, whatever fails of it.
        self.undo = Undo()
        self.undo.add(self.writer.give_up)
        self.undo.add(self.writer.close)
        with self.undo.if_it_fails():
            self.hooks = CellHooks(shell, self.writer, self.breaker)
            self.outputs = OutputWatch(self.hooks, self.writer)
            self.capture = Capture(self.writer, shell.user_ns)
            self.reading = Reading(self.hooks, self.writer, self.breaker)
            self.keeps_code = self.breaker.always(self.keep_code)
        self.auto = False
        self._making = ForkLock()
        self._made: Run | None = None

    @property
    def id(self) -> str:
        """Names the session."""
        return self.writer.id

    @property
    def store(self) -> Store:
        """Where it is kept."""
        return self.writer.store

    @property
    def folder(self) -> SessionFolder:
        """The folder in the store."""
        return self.writer.folder

    @property
    def number(self) -> int:
        """How many executions there were, the running one included."""
        return self.hooks.number

    @property
    def current(self) -> str | None:
        """Id of the execution that goes on."""
        return None if self.hooks.cell is None else self.hooks.cell.id

    @property
    def paused(self) -> bool:
        """Whether sources and outputs are not kept for now."""
        return self.hooks.paused

    def begin(self) -> None:
        """Record from now on, the cell that asks for it included."""
        _sessions[:] = [self]
        self.undo.add(_sessions.clear)
        atexit.register(self.undo.close)
        self.undo.add(lambda: atexit.unregister(self.undo.close))
        self.undo.add(self.outputs.end)
        self.outputs.begin()
        self.undo.add(self.reading.end)
        self.reading.begin()
        self.undo.add(self._forget_runs)
        ACTIVE.before_end.append(self.keeps_code)
        ACTIVE.make = self.make_run
        self.undo.add(lambda: provenance.leave(self.hooks))
        provenance.enter(self.hooks)
        self.undo.add(self.hooks.unregister)
        self.hooks.on_end.append(self._cell_ended)
        self.hooks.on_end.append(display.cell_ended)
        self.hooks.register()
        self.writer.is_busy = lambda: self.hooks.cell is not None
        self.writer.hand_over(self._sample, patience_s=0)
        self.undo.add(self.capture.end)
        self.capture.begin()

    def end(self) -> None:
        """Record no more; the shell is as it was. A second call does nothing."""
        self.undo.close()

    def _forget_runs(self) -> None:
        if self.keeps_code in ACTIVE.before_end:
            ACTIVE.before_end.remove(self.keeps_code)
            ACTIVE.make = no_run

    def _sample(self) -> None:
        """Measure while cells run; psutil comes with every kernel, and takes its time to load."""
        with contextlib.suppress(ImportError):
            from nbtracker.notebook.sampling import Sampler

            self.writer.on_tick.append(Sampler(self._running, self.writer.write).tick)

    def _running(self) -> int | None:
        cell = self.hooks.cell
        return None if cell is None else cell.number

    def pause(self) -> None:
        """Keep no sources and no outputs, from the next cell on."""
        self.hooks.paused = True

    def resume(self) -> None:
        """Keep them again, from the next cell on."""
        self.hooks.paused = False

    def make_run(self) -> Run | None:
        """Give a cell that logs without a run one of its own, if that is switched on."""
        with self._making:
            if ACTIVE.current is not None:  # another thread of the cell was first
                return ACTIVE.current
            if not self.auto or self.hooks.cell is None:
                return None
            self._made = init(group=self.id, settings={"quiet": True})
            return self._made

    def _cell_ended(self, cell: Cell, error: BaseException | None) -> None:
        self.capture.note(cell.number)
        made, self._made = self._made, None
        if made is not None and error is not None:
            made.fail(error)
        elif made is not None:
            made.finish()

    def keep_code(self, run: Run) -> None:
        """Write the code of a run that is about to end."""
        if run.disabled or run.settings.save_code is False:
            return
        kept: list[CodeKept] = []
        number = self.number

        def keep() -> None:
            self.writer.catch_up()
            kept.append(self.capture.code(number, run._folder if run.resumed else None))

        self.writer.hand_over(keep, patience_s=CODE_S)
        for code in kept:
            run.keep_code(code)

    def view(self) -> SessionView:
        """What is on disk of it by now.

        Raises:
            OSError: It cannot be read.
        """
        self.writer.hand_over(self.writer.catch_up, patience_s=PATIENCE_S)
        return read_session(self.folder)

    def forget(self, numbers: Iterable[int]) -> list[int]:
        """Forget executions; give all that are forgotten now. See `forget_cells`."""
        return self.forget_cells(numbers).numbers

    def meant_to_go(self, numbers: Iterable[int]) -> list[Execution]:
        """The executions of these numbers, and all others with the same source."""
        return also_meant(self.view().executions, numbers)

    def forget_cells(self, numbers: Iterable[int]) -> Forgotten:
        """Delete source and outputs of executions, and of all others with the same source.

        Copies that were made of them go, too; what is read of them later is not kept.

        Raises:
            UsageError: The recorder's thread does not answer.
            OSError: Something may not be deleted.
        """
        unwritten = self.writer.unwritten()
        view = self.view()
        meant = also_meant(view.executions, numbers)
        others = [one for one in view.executions if one not in meant]
        gone = [replace(one, source=one.source or unwritten.get(one.digest)) for one in meant]
        quotes, done = quotes_of(view, gone), Forgotten(self.id, gone, CellNames(view.executions))
        if not gone:
            return done
        failed: list[BaseException | None] = []

        def delete() -> None:
            quoted = self._delete(gone, others, quotes)
            done.quoted_by = [one for one in others if one.number in quoted]

        def told() -> None:  # who asked for it, and no other, is told
            attempt(delete, lambda: failed.append(sys.exc_info()[1]))

        if not self.writer.hand_over(told, patience_s=FORGET_S):
            raise UsageError("nothing was deleted: the recorder is off; see %tracker status")
        for error in filter(None, failed):
            raise error
        forget_copies(self.folder, done, quotes)
        return done

    def _delete(self, gone: list[Execution], others: list[Execution], quotes: Quotes) -> list[int]:
        """Delete executions; give the others that quoted them. In the recorder's thread."""
        self.writer.catch_up()
        for source in quotes.sources:
            self.redactor.forget(source)
        for one in gone:
            self.outputs.store.forget(one.number)
        self.writer.delete([one.number for one in gone], {one.digest for one in gone if one.digest})
        running = {one.number for one in others if one.ended_at is None}
        for one in others:
            if one.number not in running:
                self.outputs.store.close(one.number)
        return scrub_outputs(self.folder, quotes, leave=running)

    def hush(self) -> None:
        """Keep nothing of what the cell that goes on shows: it names what is forgotten."""
        number = self.number
        self.writer.hand_over(lambda: self.outputs.store.forget(number), patience_s=PATIENCE_S)

    def status(self) -> dict[str, Any]:
        """What is recorded, where, and what went wrong."""
        return {
            "session": self.id,
            "folder": str(self.folder.path),
            "executions": self.number,
            "recording": self.writer.is_alive and not self.paused,
            "paused": self.paused,
            "auto": self.auto,
            "fault": self.breaker.fault or self.outputs.fault,
        }


_sessions: list[Session] = []


def recorder() -> Session | None:
    """The session that is recorded; None if none is."""
    return _sessions[0] if _sessions else None


def started(shell: Any) -> SessionStarted:
    """What is known of a kernel when recording begins; its id is still missing."""
    is_kernel = hasattr(shell, "kernel")
    return SessionStarted(
        at=time.time(),
        id="",
        host=host(),
        boot_id=boot_id(),
        pid=os.getpid(),
        process_started_at=process_started_at(os.getpid()),
        python=sys.version.split()[0],
        version=__version__,
        shell="kernel" if is_kernel else "terminal",
        ipython=_version("IPython"),
        ipykernel=_version("ipykernel") if is_kernel else "",
        cwd=os.path.realpath(""),
    )


def _version(module: str) -> str:
    return str(getattr(sys.modules.get(module), "__version__", ""))
