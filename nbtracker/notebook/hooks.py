"""What IPython calls before and after each cell, and what is made of it."""

import threading
import time
import weakref
from dataclasses import dataclass, field
from typing import Any

from nbtracker.journal.cells import ERROR, INTERRUPTED, OK, CellEnded, CellStarted
from nbtracker.notebook.breaker import Breaker
from nbtracker.notebook.recorder import FlightRecorder, family_of
from nbtracker.sdk.provenance import EXECUTION

SKIP_MAGIC, SKIP_COMMENT = "%%tracker skip", "# nbtracker: skip"
_HISTORY_NAMES = frozenset({"In", "Out", "exit", "quit", "get_ipython", "open"})


@dataclass
class Cell:
    """The cell that is running.

    Attributes:
        number: Of its execution.
        id: Of its execution, as rows carry it.
        message: Id of the request that asked for it; None in a terminal.
        info: What IPython handed over at its beginning.
        before: Names of the user's namespace, and what they were bound to.
        counted: The shell's counter at its beginning.
        asked: Names that its source binds to what the user types in secret.
        family: Of the runs that it begins.
    """

    number: int
    id: str
    message: str | None
    info: Any
    family: str
    before: dict[str, int] = field(default_factory=dict)
    counted: int = 0
    asked: tuple[str, ...] = ()


class CellHooks:
    """Begins and ends an execution for each cell that the shell runs.

    Attributes:
        cell: The cell that is running; None between two.
        number: How many executions there were.
        paused: Whether sources and outputs are not kept for now.
        on_begin: Called with each cell that begins, its source and whether that is kept.
        on_end: Called with each cell that ended, and the error it raised, if any.
    """

    def __init__(self, shell: Any, recorder: FlightRecorder, breaker: Breaker) -> None:
        self.shell = shell
        self.recorder = recorder
        self.cell: Cell | None = None
        self.number = 0
        self.paused = False
        self.on_begin: list[Any] = []
        self.on_end: list[Any] = []
        self._breaker = breaker
        self._ahead: int | None = None
        self._begin_safely, self._end_safely = breaker(self._begin), breaker(self._end)
        self._threads: weakref.WeakKeyDictionary[threading.Thread, str] = (
            weakref.WeakKeyDictionary()
        )
        self._old_threads: weakref.WeakSet[threading.Thread] = weakref.WeakSet()

    @property
    def id(self) -> str:
        """The session."""
        return self.recorder.id

    def register(self) -> None:
        """Begin to listen; the cell that asks for it has begun already."""
        self.shell.events.register("pre_run_cell", self.pre_run_cell)
        self.shell.events.register("post_run_cell", self.post_run_cell)
        request = self._request()
        code = request.get("content", {}).get("code")
        if code is not None:
            self._begin_safely(None, source=code)

    def unregister(self) -> None:
        """Listen no more; the cell that asks for it counts as ended well."""
        for event in ("pre_run_cell", "post_run_cell"):
            listeners = self.shell.events.callbacks[event]
            if getattr(self, event) in listeners:
                self.shell.events.unregister(event, getattr(self, event))
        if self.cell is not None:
            self._end_safely(None)

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
        return self.cell.family if self.cell is not None else None

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
        if self.cell is not None:
            if self.cell.info is info or (message is not None and self.cell.message == message):
                return  # a cell that runs another one, as some magics do
            self._finish(self.cell, INTERRUPTED)
        raw = source if source is not None else getattr(info, "raw_cell", None) or ""
        self.number += 1
        number, id_ = self.number, f"{self.recorder.id}-{self.number}"
        cell_id = getattr(info, "cell_id", None) or _cell_id(request)
        skipped = self.paused or is_skipped(raw)
        family = family_of(self._notebook(), cell_id or raw)
        self.cell = Cell(number, id_, message, info, family, self._bound())
        self.cell.counted = self.shell.execution_count
        EXECUTION.set(id_)
        self._old_threads.update(threading.enumerate())
        begun = CellStarted(
            at=time.time(),
            execution=id_,
            number=number,
            count=None if self._ahead is None else self.shell.execution_count - self._ahead,
            cell_id=cell_id,
            tags=_tags(info),
            skipped=skipped,
        )
        self.recorder.put_cell(begun, None if skipped else raw)
        for listener in self.on_begin:
            listener(self.cell, raw, not skipped)

    def _end(self, result: Any) -> None:
        cell = self.cell
        if cell is None:
            return
        info = getattr(result, "info", None)
        if cell.info is not None and info is not None and info is not cell.info:
            return  # the end of a cell within this one
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
        self.cell = None
        EXECUTION.set(None)
        for thread in threading.enumerate():
            if thread not in self._old_threads:
                self._threads.setdefault(thread, cell.id)
        for listener in self.on_end:
            listener(cell, error)
        after = self._bound()
        wrote = tuple(name for name, bound in after.items() if cell.before.get(name) != bound)
        deleted = tuple(name for name in cell.before if name not in after)
        ended = CellEnded(
            at=time.time(),
            execution=cell.id,
            number=cell.number,
            status=status,
            count=count,
            error_name=None if error is None else type(error).__name__,
            wrote=wrote,
            deleted=deleted,
        )
        self.recorder.put(ended, patience_s=0)

    def _bound(self) -> dict[str, int]:
        """What the user's names are bound to; a name that is bound anew differs."""
        hidden = getattr(self.shell, "user_ns_hidden", {})
        return {
            name: id(value)
            for name, value in self.shell.user_ns.items()
            if not name.startswith("_") and name not in hidden and name not in _HISTORY_NAMES
        }

    def _request(self) -> dict[str, Any]:
        """The request that is being executed; empty in a terminal."""
        parent = getattr(self.shell, "get_parent", None)
        found = parent() if parent is not None else None
        return found if isinstance(found, dict) else {}

    def _notebook(self) -> str:
        from nbtracker.notebook.where import quick_path

        path, _ = quick_path(self.shell.user_ns)
        return path or self.recorder.id


def is_skipped(source: str) -> bool:
    """Whether a cell asks not to be kept."""
    lines = (line.strip() for line in source.splitlines())
    first = next((line for line in lines if line), "")
    return first.startswith(SKIP_COMMENT) or " ".join(first.split()).startswith(SKIP_MAGIC)


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
