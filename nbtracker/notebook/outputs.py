"""Keep what cells show: without secrets, as it happens, and not without end.

The beginning of each execution is kept in one journal. What goes beyond it goes through short
ones, of which the last two stay; offsets tell a reader how much is missing in between.
"""

import shutil
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from nbtracker.journal.cells import Output
from nbtracker.journal.writer import JournalWriter
from nbtracker.notebook.held import Held, Message
from nbtracker.notebook.lines import Lines
from nbtracker.notebook.mime import bounded_display, bounded_error, bounded_metadata, size_shown
from nbtracker.redaction import Redactor
from nbtracker.store.layout import JOURNAL_SUFFIX
from nbtracker.store.links import link_below, refuse_link
from nbtracker.store.sessions import SessionFolder
from nbtracker.views.outputs import BY, HEAD, TAIL, n_bytes

MIB = 1024 * 1024
HEAD_BYTES, TAIL_BYTES = 8 * MIB, MIB
MOST_WRITERS = 8
# How many displays are remembered that later executions may update, and for how many of them.
MOST_DISPLAYS, MOST_OWNERS = 1000, 8
# One record of a stream holds at most this much. Units: characters.
_PIECE = 128 * 1024
_KEPT_TAILS = 2
_STREAM, _WHAT = "stream", {
    "stream": "stream",
    "display_data": "display",
    "execute_result": "result",
    "update_display_data": "update",
    "error": "error",
    "clear_output": "clear",
}  # fmt: skip


@dataclass
class _Execution:
    """What is known of the outputs of one execution.

    Attributes:
        lines: The streams, and what of them waits.
        by: The execution that updates the displays of this one; 0 is itself.
        offset: What was shown so far. Units: bytes.
        n_told: What of it a reader knows of.
        n_head: What of it is in the head.
        n_tail: What is in the last tail.
        tails: The numbers of the tails that are there.
        held: What waits in memory until secrets are known; None if nothing has to.
        is_known: Says whether they are.
    """

    number: int
    lines: Lines
    by: int = 0
    offset: int = 0
    n_told: int = 0
    n_head: int = 0
    n_tail: int = 0
    tails: list[int] = field(default_factory=list)
    writer: JournalWriter | None = None
    held: Held | None = None
    is_known: Callable[[], bool] = bool


class OutputStore:
    """The outputs of one session's executions; for one thread.

    What it is given is redacted, then written. Text of a line that is not whole waits for a
    moment: call `tick` a few times a second.

    Args:
        folder: The session's.
        redactor: Takes secrets out.
        on_trouble: Told, in words, when the disk refuses, and when it takes again.
    """

    def __init__(
        self,
        folder: SessionFolder,
        redactor: Redactor,
        *,
        on_trouble: Callable[[str], None] | None = None,
        head_bytes: int = HEAD_BYTES,
        tail_bytes: int = TAIL_BYTES,
    ) -> None:
        self._folder = folder
        self._redactor = redactor
        self._on_trouble = on_trouble
        self._head_bytes, self._tail_bytes = head_bytes, tail_bytes
        self._executions: dict[int, _Execution] = {}
        # What one execution makes of the displays of another one.
        self._updates: dict[tuple[int, int], _Execution] = {}
        self._owners: OrderedDict[str, dict[int, None]] = OrderedDict()
        # The one that was written to last is last.
        self._open: dict[tuple[int, int], _Execution] = {}
        self._waiting: set[int] = set()
        self._holding: set[int] = set()
        self._forgotten: set[int] = set()

    def take(
        self, number: int, message: str, content: Mapping[str, Any], *, at: float | None = None
    ) -> None:
        """Take in what an execution showed.

        Args:
            number: The execution.
            message: The type of Jupyter's message; those that show nothing are left out.
            content: What the message says.
            at: When it was shown.

        Raises:
            OSError: The journal cannot be opened.
            JournalError: It is not ours, or held by another process.
        """
        if message not in _WHAT or number in self._forgotten:
            return
        at = time.time() if at is None else at
        execution = self._execution(number)
        if execution.held is not None:
            execution.held.add(Message(message, dict(content), at, size_shown(content)))
            return
        self._redactor.learn_environment()
        if message == _STREAM:
            name, text = str(content.get("name", "stdout")), str(content.get("text", ""))
            for part in self._parts(execution, text):
                self._write_all(execution, execution.lines.add(name, part, at), at)
        else:
            self._write_all(execution, execution.lines.rest(), at)
            shown = self._shown(execution, message, content, at)
            self._write(execution, shown)
            if shown.display_id is not None:
                self._show_elsewhere(execution, shown)
        if execution.lines.is_waiting:
            self._waiting.add(number)

    def tick(self, now: float | None = None) -> None:
        """Write the beginnings of lines that waited long enough."""
        now = time.time() if now is None else now
        for number in list(self._holding):
            if self._executions[number].is_known():
                self.release(number)
        for number in list(self._waiting):
            execution = self._executions[number]
            self._write_all(execution, execution.lines.overdue(now), now)
            if not execution.lines.is_waiting:
                self._waiting.discard(number)

    def hold(self, number: int, ready: Callable[[], bool] | None = None) -> None:
        """Keep what an execution shows in memory: it asks for a secret that is not known yet.

        Args:
            number: The execution.
            ready: Asked at each `tick` whether it was learned, to write what is held then.
        """
        execution = self._execution(number)
        execution.held, execution.is_known = execution.held or Held(), ready or bool
        self._holding.add(number)

    def release(self, number: int) -> None:
        """Write what was held: what is secret in it was learned meanwhile."""
        self._holding.discard(number)
        execution = self._execution(number)
        held, execution.held = execution.held, None
        for one in held.messages() if held is not None else ():
            if one.kind:
                self.take(number, one.kind, one.content, at=one.at)
            else:
                self.lost(number, one.n_bytes)

    def lost(self, number: int, n_bytes: int) -> None:
        """Take note that something an execution showed was not handed over, so readers are told."""
        if number in self._forgotten:
            return
        execution = self._execution(number)
        if execution.held is not None:
            execution.held.add(Message("", {}, time.time(), n_bytes))
            return
        self._write_all(execution, execution.lines.rest(), time.time())
        execution.offset += n_bytes

    def flush(self, number: int) -> None:
        """Write what waits of an execution: its kernel is idle, nothing follows soon."""
        execution = self._executions.get(number)
        if execution is not None and execution.held is None:
            self._waiting.discard(number)
            self._write_all(execution, execution.lines.rest(), time.time())

    def close(self, number: int) -> None:
        """Write everything of an execution and let go of its files; a thread may go on later."""
        execution = self._executions.get(number)
        if execution is not None:
            if execution.held is not None:
                self.release(number)
            self.flush(number)
            if execution.n_told < execution.offset:  # nothing follows what was cut
                said = self._record(execution, _STREAM, time.time(), name="stdout")
                self._write(execution, said)
            self._let_go(execution)
            for (_, by), other in self._updates.items():
                if by == number:
                    self._let_go(other)

    def close_all(self) -> None:
        """Write everything and let go of all files."""
        for number in list(self._executions):
            self.close(number)

    def forget(self, number: int) -> None:
        """Delete what an execution showed, and take nothing of it any more.

        Raises:
            UsageError: Its folder is a link, which is not followed.
        """
        self._forgotten.add(number)
        self._waiting.discard(number)
        self._holding.discard(number)
        execution = self._executions.pop(number, None)
        if execution is not None:
            self._let_go(execution)
        for key in [key for key in self._updates if number in key]:
            self._let_go(self._updates.pop(key))
        refuse_link(self._folder.store.path, self._folder.outputs(number))
        shutil.rmtree(self._folder.outputs(number), ignore_errors=True)
        for path in self._folder.outputs(number).parent.glob(f"*/{BY}{number}-*{JOURNAL_SUFFIX}"):
            if not link_below(self._folder.store.path, path):
                path.unlink(missing_ok=True)

    def _execution(self, number: int) -> _Execution:
        if number not in self._executions:
            self._executions[number] = _Execution(number, Lines(self._redactor))
        return self._executions[number]

    def _show_elsewhere(self, execution: _Execution, shown: Output) -> None:
        """Have an update reach the display that it names, where an earlier execution shows it."""
        name, number = str(shown.display_id), execution.number
        if shown.what == "display":
            owners = self._owners.setdefault(name, {})
            owners[number] = None
            self._owners.move_to_end(name)
            if len(owners) > MOST_OWNERS:
                del owners[next(iter(owners))]
            if len(self._owners) > MOST_DISPLAYS:
                self._owners.popitem(last=False)
        elif shown.what == "update":
            for owner in self._owners.get(name, ()):
                if owner != number and owner not in self._forgotten:
                    other = self._updating(owner, number)
                    self._write(other, replace(shown, number=owner, offset=other.offset))

    def _updating(self, owner: int, by: int) -> _Execution:
        if (owner, by) not in self._updates:
            self._updates[owner, by] = _Execution(owner, Lines(self._redactor), by=by)
        return self._updates[owner, by]

    def _parts(self, execution: _Execution, text: str) -> Iterator[str]:
        """Leave out what would be deleted again at once: a cell may print without end."""
        tails = (_KEPT_TAILS + 1) * self._tail_bytes
        room = max(0, self._head_bytes - execution.n_head)
        if len(text) <= room + 2 * tails:
            yield text
            return
        first = text.rfind("\n", 0, room) + 1
        last = text.rfind("\n", first, len(text) - tails) + 1 or len(text) - tails
        yield text[:first]
        execution.n_head = self._head_bytes
        execution.offset += len(text[first:last].encode("utf-8", "surrogatepass"))
        yield text[last:]

    def _write_all(
        self, execution: _Execution, lines: Iterator[tuple[str, str]], at: float
    ) -> None:
        for name, text in lines:
            for piece in _pieces(text):
                self._write(execution, self._record(execution, _STREAM, at, name=name, text=piece))

    def _record(self, execution: _Execution, what: str, at: float, **said: Any) -> Output:
        return Output(
            at=at,
            execution=f"{self._folder.id}-{execution.number}",
            number=execution.number,
            what=what,
            offset=execution.offset,
            **said,
        )

    def _shown(
        self, execution: _Execution, message: str, content: Mapping[str, Any], at: float
    ) -> Output:
        what = _WHAT[message]
        if what == "clear":
            return self._record(execution, what, at, wait=bool(content.get("wait")))
        if what == "error":
            return self._record(execution, what, at, data=bounded_error(self._redactor, content))
        transient, metadata = content.get("transient"), content.get("metadata")
        display_id = transient.get("display_id") if isinstance(transient, dict) else None
        count, data = content.get("execution_count"), content.get("data")
        return self._record(
            execution,
            what,
            at,
            data=bounded_display(self._redactor, data if isinstance(data, dict) else {}),
            metadata=bounded_metadata(
                self._redactor, metadata if isinstance(metadata, dict) else {}
            ),
            display_id=self._redactor.redact(display_id) if isinstance(display_id, str) else None,
            count=count if isinstance(count, int) else None,
        )

    def _write(self, execution: _Execution, record: Output) -> None:
        size = n_bytes(record)
        execution.offset += size
        execution.n_told = execution.offset
        in_head = not execution.tails and execution.n_head + size <= self._head_bytes
        if in_head:
            execution.n_head += size
        elif not execution.tails or execution.n_tail + size > self._tail_bytes:
            self._next_tail(execution)
        if not in_head:
            execution.n_tail += size
        self._writer(execution).append(record)

    def _next_tail(self, execution: _Execution) -> None:
        self._let_go(execution)
        execution.n_tail = 0
        execution.tails.append(execution.tails[-1] + 1 if execution.tails else 1)
        while len(execution.tails) > _KEPT_TAILS:
            name = f"{_prefix(execution)}{TAIL}{execution.tails.pop(0)}{JOURNAL_SUFFIX}"
            (self._folder.outputs(execution.number) / name).unlink(missing_ok=True)

    def _writer(self, execution: _Execution) -> JournalWriter:
        if execution.writer is None:
            place = self._folder.outputs(execution.number)
            refuse_link(self._folder.store.path, place)
            name = f"{TAIL}{execution.tails[-1]}" if execution.tails else HEAD
            name = f"{_prefix(execution)}{name}{JOURNAL_SUFFIX}"
            execution.writer = JournalWriter(place / name, on_trouble=self._on_trouble)
        key = execution.number, execution.by
        self._open.pop(key, None)
        self._open[key] = execution
        while len(self._open) > MOST_WRITERS:
            self._let_go(next(iter(self._open.values())))
        return execution.writer

    def _let_go(self, execution: _Execution) -> None:
        writer, execution.writer = execution.writer, None
        self._open.pop((execution.number, execution.by), None)
        if writer is not None:
            writer.close()


def _pieces(text: str) -> Iterator[str]:
    for begin in range(0, len(text), _PIECE):
        yield text[begin : begin + _PIECE]


def _prefix(execution: _Execution) -> str:
    return f"{BY}{execution.by}-" if execution.by else ""
