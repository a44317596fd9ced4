"""Keep what cells show: without secrets, as it happens, and not without end.

The beginning of each execution is kept in one journal. What goes beyond it goes through short
ones, of which the last two stay; offsets tell a reader how much is missing in between.
"""

import contextlib
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from nbtracker.journal.cells import Output
from nbtracker.journal.writer import JournalWriter
from nbtracker.notebook.held import Held, Message
from nbtracker.notebook.lines import Lines
from nbtracker.notebook.mime import bounded_display, bounded_error, bounded_metadata, size_shown
from nbtracker.notebook.showing import Displays, Showing, Showings
from nbtracker.redaction import Redactor
from nbtracker.store.layout import JOURNAL_SUFFIX
from nbtracker.store.links import link_below, refuse_link
from nbtracker.store.sessions import SessionFolder
from nbtracker.views.outputs import BY, HEAD, TAIL, n_bytes

MIB = 1024 * 1024
HEAD_BYTES, TAIL_BYTES = 8 * MIB, MIB
MOST_WRITERS = 8
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
        self._showings = Showings(lambda: Lines(redactor))
        self._displays = Displays()
        # The one that was written to last is last.
        self._open: dict[tuple[int, int], Showing] = {}
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
        execution = self._showings.of(number)
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
            if self._showings.of(number).is_known():
                self.release(number)
        for number in list(self._waiting):
            execution = self._showings.of(number)
            self._write_all(execution, execution.lines.overdue(now), now)
            if not execution.lines.is_waiting:
                self._waiting.discard(number)

    def hold(self, number: int, ready: Callable[[], bool] | None = None) -> None:
        """Keep what an execution shows in memory: it asks for a secret that is not known yet.

        Args:
            number: The execution.
            ready: Asked at each `tick` whether it was learned, to write what is held then.
        """
        execution = self._showings.of(number)
        execution.held, execution.is_known = execution.held or Held(), ready or bool
        self._holding.add(number)

    def release(self, number: int) -> None:
        """Write what was held: what is secret in it was learned meanwhile."""
        self._holding.discard(number)
        execution = self._showings.of(number)
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
        execution = self._showings.of(number)
        if execution.held is not None:
            execution.held.add(Message("", {}, time.time(), n_bytes))
            return
        self._write_all(execution, execution.lines.rest(), time.time())
        execution.offset += n_bytes

    def flush(self, number: int) -> None:
        """Write what waits of an execution: its kernel is idle, nothing follows soon."""
        execution = self._showings.known(number)
        if execution is not None and execution.held is None:
            self._waiting.discard(number)
            self._write_all(execution, execution.lines.rest(), time.time())

    def close(self, number: int) -> None:
        """Write everything of an execution and let go of its files; a thread may go on later."""
        execution = self._showings.known(number)
        if execution is not None:
            if execution.held is not None:
                self.release(number)
            self.flush(number)
            if execution.n_told < execution.offset:  # nothing follows what was cut
                said = self._record(execution, _STREAM, time.time(), name="stdout")
                self._write(execution, said)
            self._let_go(execution)
        self._put_away(number)

    def close_all(self) -> None:
        """Write everything and let go of all files."""
        for number in self._showings:
            self.close(number)

    def forget(self, number: int) -> None:
        """Delete what an execution showed, and take nothing of it any more.

        Raises:
            UsageError: Its folder is a link, which is not followed.
            OSError: Something cannot be deleted.
        """
        self._forgotten.add(number)
        self._waiting.discard(number)
        self._holding.discard(number)
        for one in self._showings.forget(number):
            self._let_go(one)
        self._displays.forget(number)
        refuse_link(self._folder.store.path, self._folder.outputs(number))
        _delete(self._folder.outputs(number))
        self._delete_updates("*", number)

    def _delete_updates(self, owner: int | str, by: int) -> None:
        """Delete what an execution made of the displays of others."""
        place = self._folder.outputs(0).parent
        for path in place.glob(f"{owner}/{BY}{by}-*{JOURNAL_SUFFIX}"):
            if not link_below(self._folder.store.path, path):
                path.unlink(missing_ok=True)

    def _show_elsewhere(self, execution: Showing, shown: Output) -> None:
        """Have an update reach the display that it names, where an earlier execution shows it."""
        name, number = str(shown.display_id), execution.number
        if shown.what == "display":
            self._displays.shown(name, number)
        elif shown.what == "update":
            for owner in self._displays.owners(name):
                if owner != number and owner not in self._forgotten:
                    self._update(owner, number, shown)

    def _update(self, owner: int, by: int, shown: Output) -> None:
        other = self._showings.of(owner, by)
        self._write(other, replace(shown, number=owner, offset=other.offset))
        spare = self._displays.updated(str(shown.display_id), owner, by)
        if spare is not None:
            for one in self._showings.forget(owner, spare):
                self._let_go(one)
            self._delete_updates(owner, spare)

    def _parts(self, execution: Showing, text: str) -> Iterator[str]:
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

    def _write_all(self, execution: Showing, lines: Iterator[tuple[str, str]], at: float) -> None:
        for name, text in lines:
            for piece in _pieces(text):
                self._write(execution, self._record(execution, _STREAM, at, name=name, text=piece))

    def _record(self, execution: Showing, what: str, at: float, **said: Any) -> Output:
        return Output(
            at=at,
            execution=f"{self._folder.id}-{execution.number}",
            number=execution.number,
            what=what,
            offset=execution.offset,
            **said,
        )

    def _shown(
        self, execution: Showing, message: str, content: Mapping[str, Any], at: float
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

    def _write(self, execution: Showing, record: Output) -> None:
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

    def _next_tail(self, execution: Showing) -> None:
        self._let_go(execution)
        execution.n_tail = 0
        execution.tails.append(execution.tails[-1] + 1 if execution.tails else 1)
        while len(execution.tails) > _KEPT_TAILS:
            name = f"{_prefix(execution)}{TAIL}{execution.tails.pop(0)}{JOURNAL_SUFFIX}"
            (self._folder.outputs(execution.number) / name).unlink(missing_ok=True)

    def _writer(self, execution: Showing) -> JournalWriter:
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
            oldest = next(iter(self._open.values()))
            self._let_go(oldest)
            is_idle = oldest.actor not in self._waiting | self._holding
            if oldest.goes_on and is_idle and oldest.actor != execution.actor:
                self._put_away(oldest.actor)
        return execution.writer

    def _put_away(self, number: int) -> None:
        for one in self._showings.elsewhere(number):
            self._let_go(one)
        self._showings.close(number)

    def _let_go(self, execution: Showing) -> None:
        writer, execution.writer = execution.writer, None
        self._open.pop((execution.number, execution.by), None)
        if writer is not None:
            writer.close()


def _delete(folder: Path) -> None:
    """Delete a folder with all that is in it; what another process deletes first is gone, too."""
    while os.path.lexists(folder):
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(folder)


def _pieces(text: str) -> Iterator[str]:
    for begin in range(0, len(text), _PIECE):
        yield text[begin : begin + _PIECE]


def _prefix(execution: Showing) -> str:
    return f"{BY}{execution.by}-" if execution.by else ""
