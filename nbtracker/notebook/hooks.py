"""What IPython calls before and after each cell, and what is made of it."""

import re
import sys
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from nbtracker.journal.cells import ERROR, INTERRUPTED, OK, CellEnded, CellStarted
from nbtracker.notebook.breaker import Breaker
from nbtracker.notebook.names_bound import Bound, Changes, bound, changes
from nbtracker.notebook.recorder import PATIENCE_S, FlightRecorder, family_of
from nbtracker.sdk.provenance import EXECUTION

_SKIP = re.compile(r"#\s*nbtracker:\s*skip\b|^\s*%%tracker\s+skip\b", re.MULTILINE)

# How many cells are remembered to have failed, for the runs that end later.
MOST_FAILURES = 1000


@dataclass
class Cell:
    """The cell that is running.

    Attributes:
        number: Of its execution.
        id: Of its execution, as rows carry it.
        message: Id of the request that asked for it; None in a terminal.
        info: What IPython handed over at its beginning.
        source: What is executed.
        cell_id: As the notebook file names the cell; None where nobody tells.
        before: Names of the user's namespace, and what they were bound to; None if that is not
            known.
        counted: The shell's counter at its beginning.
        learn: Has the redactor learn what was typed by now; None if it asks for no secret.
        thread: Which runs it: a kernel's subshells have their own.
        at: When it began. Units: seconds since 1970.
        began: The same, by a clock that nobody sets. Units: seconds.
    """

    number: int
    id: str
    message: str | None
    info: Any
    source: str
    cell_id: str | None = None
    before: Bound | None = None
    counted: int = 0
    learn: Callable[[], object] | None = None
    thread: int = field(default_factory=threading.get_ident)
    at: float = 0.0
    began: float = field(default_factory=time.monotonic)


class CellHooks:
    """Begins and ends an execution for each cell that the shell runs.

    Attributes:
        number: How many executions there were.
        paused: Whether sources and outputs are not kept for now.
        on_begin: Called with each cell that begins, its source and whether that is kept.
        on_end: Called with each cell that ended, and the error it raised, if any.
    """

    def __init__(
        self,
        shell: Any,
        recorder: FlightRecorder,
        breaker: Breaker,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.shell = shell
        self.recorder = recorder
        self._open: list[Cell] = []
        self.number = 0
        self.paused = False
        self.on_begin: list[Any] = []
        self.on_end: list[Any] = []
        self._breaker = breaker
        self._clock = clock
        self._ahead: int | None = None
        self._failures: dict[str, str] = {}
        self._begin_safely, self._end_safely = breaker(self._begin), breaker(self._end)
        self._listeners = {
            "pre_run_cell": breaker.always(self.pre_run_cell),
            "post_run_cell": breaker.always(self.post_run_cell),
        }
        self._threads: weakref.WeakKeyDictionary[threading.Thread, str] = (
            weakref.WeakKeyDictionary()
        )
        self._old_threads: weakref.WeakSet[threading.Thread] = weakref.WeakSet()

    @property
    def cell(self) -> Cell | None:
        """The cell that is running; None between two, the newest of several at once."""
        return self._open[-1] if self._open else None

    @property
    def id(self) -> str:
        """The session."""
        return self.recorder.id

    def register(self) -> None:
        """Begin to listen; the cell that asks for it has begun already."""
        for event, listener in self._listeners.items():
            self.shell.events.register(event, listener)
        code = self._asking()
        if code is not None:
            self._begin_safely(None, source=code)

    def unregister(self) -> None:
        """Listen no more; the cell that asks for it counts as ended well."""
        for event, listener in self._listeners.items():
            if listener in self.shell.events.callbacks[event]:
                self.shell.events.unregister(event, listener)
        for cell in list(self._open):
            self._breaker.always(self._finish)(cell, OK)

    # IPython has changed what it hands over before: it is taken as it comes.
    def pre_run_cell(self, *given: Any) -> None:
        """Note that a cell begins."""
        self._begin_safely(given[0] if given else None)

    def post_run_cell(self, *given: Any) -> None:
        """Note how a cell ended."""
        self._end_safely(given[0] if given else None)
        self._breaker.tell()

    def family(self) -> str | None:
        """The same for all runs that the cell which is running ever began."""
        cell = self.cell
        return None if cell is None else family_of(self._notebook(), cell.cell_id or cell.source)

    def failure(self, execution: str | None) -> str | None:
        """What an execution failed with, in words; None if it did not."""
        return self._failures.get(execution or "")

    def redacted(self, value: Any) -> Any:
        """A value without the secrets in its texts, those included that were typed a moment ago."""
        for cell in list(self._open):
            if cell.learn is not None:
                cell.learn()
        return self.recorder.redactor.redact_value(value)

    def execution_of_thread(self) -> str | None:
        """The execution that began this thread: the one during which it was first seen."""
        thread = threading.current_thread()
        known = self._threads.get(thread)
        if known is None and self.cell is not None and thread not in self._old_threads:
            known = self._threads[thread] = self.cell.id
        return known

    def _begin(self, info: Any, source: str | None = None) -> None:
        request = self._request()
        message = (request.get("header") or {}).get("msg_id") if request else None
        for cell in [one for one in self._open if one.thread == threading.get_ident()]:
            if cell.message == message and (message is not None or _is_nested()):
                return  # a cell that runs another one, as some magics do
            self._finish(cell, INTERRUPTED)  # its end was never told
        raw = source if source is not None else getattr(info, "raw_cell", None) or ""
        self.number += 1
        number, id_ = self.number, f"{self.recorder.id}-{self.number}"
        cell_id = getattr(info, "cell_id", None) or _cell_id(request)
        skipped = self.paused or is_skipped(raw)
        cell = Cell(number, id_, message, info, raw, cell_id)
        cell.counted, cell.at = self.shell.execution_count, self._clock()
        self._open.append(cell)
        EXECUTION.set(id_)
        begun = CellStarted(
            at=cell.at,
            execution=id_,
            number=number,
            count=None if self._ahead is None else self.shell.execution_count - self._ahead,
            cell_id=cell_id,
            tags=_tags(info),
            skipped=skipped,
        )
        if skipped:
            self.recorder.hand_over(lambda: self.recorder.redactor.forget(raw), patience_s=0)
        written = self.recorder.put_cell(begun, None if skipped else raw)
        # What else there is to do is done while the disk is busy.
        for listener in self.on_begin:
            self._breaker.apart(listener)(cell, raw, not skipped)
        self._old_threads.update(threading.enumerate())
        # Not what the last cell left: threads and callbacks bind names between two cells.
        cell.before = self._bound(raw)
        if written is not None:
            written.wait(PATIENCE_S)

    def _end(self, result: Any) -> None:
        cell = self._ended(getattr(result, "info", None))
        if cell is None:
            return  # a cell within another one, or one that began before it was listened to
        error = getattr(result, "error_before_exec", None) or getattr(result, "error_in_exec", None)
        count = getattr(result, "execution_count", None)
        if count is not None and cell.info is not None:
            # Whether the counter is ahead of the prompt differs between versions of IPython.
            self._ahead = cell.counted - count
        self._finish(cell, _status(error), error, count)

    def _finish(
        self,
        cell: Cell,
        status: str,
        error: BaseException | None = None,
        count: int | None = None,
    ) -> None:
        # The clock may be set while a cell runs; how long it took is what it took.
        at = cell.at + time.monotonic() - cell.began
        if cell not in self._open:
            return
        if cell.learn is not None:  # a thread of it may log what was typed
            cell.learn()
        self._open.remove(cell)
        for thread in threading.enumerate():
            if thread not in self._old_threads:
                self._threads.setdefault(thread, cell.id)
        changed = self._changed(cell)
        ended = CellEnded(
            at=at,
            execution=cell.id,
            number=cell.number,
            status=status,
            count=count,
            error_name=None if error is None else type(error).__name__,
            wrote=changed.wrote,
            deleted=changed.deleted,
        )
        self.recorder.put(ended, patience_s=0)
        if status != OK:
            name = f"#{cell.number}" if count is None else f"[{count}] (#{cell.number})"
            self._failures[cell.id] = f"{ended.error_name or status} in cell {name}"
            if len(self._failures) > MOST_FAILURES:
                del self._failures[next(iter(self._failures))]
        for listener in self.on_end:
            self._breaker.apart(listener)(cell, error)
        EXECUTION.set(None)

    def _ended(self, info: Any) -> Cell | None:
        """Which of the cells that are open has ended."""
        here = [one for one in self._open if one.thread == threading.get_ident()]
        exact = [one for one in here if one.info is not None and one.info is info]
        # Of the cell that loaded nbtracker the beginning was not told.
        loading = [one for one in here if one.info is None]
        return next(iter(exact or (loading if info is None or len(here) == 1 else [])), None)

    def _bound(self, source: str) -> Bound | None:
        try:
            return bound(self.shell.user_ns, source)
        except (RuntimeError, ValueError):  # a thread binds names at this moment
            return None

    def _changed(self, cell: Cell) -> Changes:
        if cell.before is None:
            return Changes()
        hidden = getattr(self.shell, "user_ns_hidden", ())
        try:
            return changes(cell.before, self.shell.user_ns, cell.source, hidden)
        except (RuntimeError, ValueError, TypeError):  # a thread again, or names of other kinds
            return Changes()

    def _request(self) -> dict[str, Any]:
        """The request that is being executed; empty in a terminal."""
        parent = getattr(self.shell, "get_parent", None)
        found = parent() if parent is not None else None
        return found if isinstance(found, dict) else {}

    def _asking(self) -> str | None:
        """Source of the cell that goes on; None if there is none."""
        code = self._request().get("content", {}).get("code")
        if code is None and not hasattr(self.shell, "get_parent"):
            typed = getattr(self.shell.history_manager, "input_hist_raw", None) or [""]
            code = typed[-1] or None
        return code if isinstance(code, str) else None

    def _notebook(self) -> str:
        from nbtracker.notebook.where import quick_path

        path, _ = quick_path(self.shell.user_ns)
        return path or self.recorder.id


def _is_nested() -> bool:
    """Whether the shell runs a cell within a cell: in a terminal nothing else tells."""
    frame: FrameType | None = sys._getframe()
    n_shells = 0
    while frame is not None:
        code = frame.f_code
        n_shells += code.co_name == "run_cell" and "IPython" in code.co_filename
        frame = frame.f_back
    return n_shells > 1


def is_skipped(source: str) -> bool:
    """Whether a cell asks not to be kept, on whichever of its lines."""
    return _SKIP.search(source) is not None


def _status(error: BaseException | None) -> str:
    if error is None:
        return OK
    return INTERRUPTED if isinstance(error, KeyboardInterrupt) else ERROR


def _tags(info: Any) -> tuple[str, ...]:
    said = getattr(info, "cell_meta", None)
    tags = said.get("tags") if isinstance(said, dict) else None
    return tuple(str(tag) for tag in tags) if isinstance(tags, list | tuple) else ()


def _cell_id(request: dict[str, Any]) -> str | None:
    metadata = request.get("metadata")
    found = metadata.get("cellId") if isinstance(metadata, dict) else None
    return found if isinstance(found, str) else None
