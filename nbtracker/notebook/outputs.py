"""Keep what cells show: without secrets, as it happens, and not without end.

The beginning of each execution is kept in one journal. What goes beyond it goes through short
ones, of which the last two stay; offsets tell a reader how much is missing in between.
"""

import shutil
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from nbtracker.journal.cells import Output
from nbtracker.journal.writer import JournalWriter
from nbtracker.notebook.lines import Lines
from nbtracker.redaction import Redactor
from nbtracker.store.layout import JOURNAL_SUFFIX
from nbtracker.store.links import refuse_link
from nbtracker.store.sessions import SessionFolder
from nbtracker.views.outputs import HEAD, TAIL, n_bytes

MIB = 1024 * 1024
HEAD_BYTES, TAIL_BYTES = 8 * MIB, MIB
MOST_DISPLAY_BYTES, MOST_HELD_BYTES = 4 * MIB, 8 * MIB
MOST_WRITERS = 8
# One record of a stream holds at most this much. Units: characters.
_PIECE = 128 * 1024
_KEPT_TAILS = 2
# Of a traceback that is too long, its beginning and its end.
_FRAMES = 50
_STREAM, _WHAT = "stream", {
    "stream": "stream",
    "display_data": "display",
    "execute_result": "result",
    "update_display_data": "update",
    "error": "error",
    "clear_output": "clear",
}  # fmt: skip
# Base64: nothing in it can be read as a secret, and a change would break it.
_OPAQUE = ("image/png", "image/jpeg", "image/gif", "image/webp", "audio/", "video/")


@dataclass
class _Execution:
    """What is known of the outputs of one execution.

    Attributes:
        lines: The streams, and what of them waits.
        offset: What was shown so far. Units: bytes.
        n_head: What of it is in the head.
        n_tail: What is in the last tail.
        tails: The numbers of the tails that are there.
        is_held: Whether everything waits in memory until secrets are known.
        held: What waits; `n_held` is its size.
    """

    number: int
    lines: Lines
    offset: int = 0
    n_head: int = 0
    n_tail: int = 0
    tails: list[int] = field(default_factory=list)
    writer: JournalWriter | None = None
    is_held: bool = False
    held: deque[tuple[str, dict[str, Any], float, int]] = field(default_factory=deque)
    n_held: int = 0


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
        self._open: dict[int, _Execution] = {}  # the one that was written to last is last
        self._waiting: set[int] = set()
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
        if execution.is_held:
            self._hold(execution, message, dict(content), at)
        elif message == _STREAM:
            name, text = str(content.get("name", "stdout")), str(content.get("text", ""))
            for part in self._parts(execution, text):
                self._write_all(execution, execution.lines.add(name, part, at), at)
        else:
            self._write_all(execution, execution.lines.rest(), at)
            self._write(execution, self._shown(execution, message, content, at))
        if execution.lines.is_waiting:
            self._waiting.add(number)

    def tick(self, now: float | None = None) -> None:
        """Write the beginnings of lines that waited long enough."""
        now = time.time() if now is None else now
        for number in list(self._waiting):
            execution = self._executions[number]
            self._write_all(execution, execution.lines.overdue(now), now)
            if not execution.lines.is_waiting:
                self._waiting.discard(number)

    def hold(self, number: int) -> None:
        """Keep what an execution shows in memory: it asks for a secret that is not known yet."""
        self._execution(number).is_held = True

    def release(self, number: int) -> None:
        """Write what was held: what is secret in it was learned meanwhile."""
        execution = self._execution(number)
        execution.is_held = False
        held, execution.held, execution.n_held = execution.held, deque(), 0
        for message, content, at, _ in held:
            self.take(number, message, content, at=at)

    def flush(self, number: int) -> None:
        """Write what waits of an execution: its kernel is idle, nothing follows soon."""
        execution = self._executions.get(number)
        if execution is not None and not execution.is_held:
            self._waiting.discard(number)
            self._write_all(execution, execution.lines.rest(), time.time())

    def close(self, number: int) -> None:
        """Write everything of an execution and let go of its files; a thread may go on later."""
        execution = self._executions.get(number)
        if execution is not None:
            if execution.is_held:
                self.release(number)
            self.flush(number)
            self._let_go(execution)

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
        execution = self._executions.pop(number, None)
        if execution is not None:
            self._let_go(execution)
        refuse_link(self._folder.store.path, self._folder.outputs(number))
        shutil.rmtree(self._folder.outputs(number), ignore_errors=True)

    def _execution(self, number: int) -> _Execution:
        if number not in self._executions:
            self._executions[number] = _Execution(number, Lines(self._redactor))
        return self._executions[number]

    def _hold(
        self, execution: _Execution, message: str, content: dict[str, Any], at: float
    ) -> None:
        size = len(str(content))
        execution.held.append((message, content, at, size))
        execution.n_held += size
        while execution.n_held > MOST_HELD_BYTES and len(execution.held) > 1:
            *_, size = execution.held.popleft()
            execution.n_held -= size
            execution.offset += size

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
            said = {name: content.get(name) for name in ("ename", "evalue", "traceback")}
            return self._record(execution, what, at, data=self._bounded_error(said))
        transient, metadata = content.get("transient"), content.get("metadata")
        display_id = transient.get("display_id") if isinstance(transient, dict) else None
        count, data = content.get("execution_count"), content.get("data")
        return self._record(
            execution,
            what,
            at,
            data=self._bounded(data if isinstance(data, dict) else {}),
            metadata=self._redactor.redact_value(metadata if isinstance(metadata, dict) else {}),
            display_id=display_id if isinstance(display_id, str) else None,
            count=count if isinstance(count, int) else None,
        )

    def _bounded(self, data: dict[str, Any]) -> dict[str, Any]:
        """Redact a display; of one that is too large, only its text stays, which names it."""
        sizes = {mime: _size(item) for mime, item in data.items()}
        if sum(sizes.values()) > MOST_DISPLAY_BYTES:
            text = str(data.get("text/plain", ""))[:_PIECE]
            named = ", ".join(f"{mime}: {size:,} bytes" for mime, size in sizes.items())
            data = {"text/plain": f"{text}\n[not kept, as it is too large: {named}]".lstrip()}
        return {
            mime: item if mime.startswith(_OPAQUE) else self._redactor.redact_value(item)
            for mime, item in data.items()
        }

    def _bounded_error(self, said: dict[str, Any]) -> dict[str, Any]:
        trace = said["traceback"] if isinstance(said["traceback"], list) else []
        if len(trace) > 2 * _FRAMES:
            cut = f"... {len(trace) - 2 * _FRAMES} more ..."
            trace = [*trace[:_FRAMES], cut, *trace[-_FRAMES:]]
        kept = [str(line)[:_PIECE] for line in trace]
        return {
            "ename": self._redactor.redact(str(said["ename"])[:_PIECE]),
            "evalue": self._redactor.redact(str(said["evalue"])[:_PIECE]),
            # A secret may go over several of them.
            "traceback": self._redactor.redact("\0".join(kept)).split("\0"),
        }

    def _write(self, execution: _Execution, record: Output) -> None:
        size = n_bytes(record)
        execution.offset += size
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
            name = f"{TAIL}{execution.tails.pop(0)}{JOURNAL_SUFFIX}"
            (self._folder.outputs(execution.number) / name).unlink(missing_ok=True)

    def _writer(self, execution: _Execution) -> JournalWriter:
        if execution.writer is None:
            place = self._folder.outputs(execution.number)
            refuse_link(self._folder.store.path, place)
            name = f"{TAIL}{execution.tails[-1]}" if execution.tails else HEAD
            execution.writer = JournalWriter(
                place / f"{name}{JOURNAL_SUFFIX}", on_trouble=self._on_trouble
            )
        self._open.pop(execution.number, None)
        self._open[execution.number] = execution
        while len(self._open) > MOST_WRITERS:
            self._let_go(next(iter(self._open.values())))
        return execution.writer

    def _let_go(self, execution: _Execution) -> None:
        writer, execution.writer = execution.writer, None
        self._open.pop(execution.number, None)
        if writer is not None:
            writer.close()


def _pieces(text: str) -> Iterator[str]:
    for begin in range(0, len(text), _PIECE):
        yield text[begin : begin + _PIECE]


def _size(item: Any) -> int:
    """About how much a piece of a display takes. Units: bytes."""
    if isinstance(item, str):
        return len(item)
    if isinstance(item, dict):
        return 2 + sum(_size(key) + _size(value) + 2 for key, value in item.items())
    if isinstance(item, list | tuple):
        return 2 + sum(_size(value) + 1 for value in item)
    return 8
