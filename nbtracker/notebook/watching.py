"""What executions show: from the observer's thread to the recorder's, under the right number."""

import os
import sys
from collections import OrderedDict
from typing import Any

from nbtracker.errors import attempt
from nbtracker.notebook.hooks import Cell, CellHooks
from nbtracker.notebook.mime import size_shown
from nbtracker.notebook.observer import Observer, Shown, own_connection
from nbtracker.notebook.outputs import OutputStore
from nbtracker.notebook.recorder import FlightRecorder
from nbtracker.notebook.typed import Typed

# How many requests are remembered: a thread may go on printing long after its cell.
MOST_REQUESTS = 10_000
PATIENCE_S = 5.0


class OutputWatch:
    """Keeps what the cells of a session show.

    Args:
        hooks: Say which cells begin and end.
        writer: Its thread does the writing.
    """

    def __init__(self, hooks: CellHooks, writer: FlightRecorder) -> None:
        self.store = OutputStore(writer.folder, writer.redactor)
        self._hooks, self._writer = hooks, writer
        self._numbers: OrderedDict[str, int] = OrderedDict()
        self._typed: dict[int, Typed] = {}
        self._observer: Observer | None = None

    @property
    def fault(self) -> str | None:
        """Why outputs are not seen; None while all is well."""
        return None if self._observer is None else self._observer.fault

    def begin(self) -> None:
        """Watch from now on."""
        self._hooks.on_begin.append(self._cell_begins)
        self._hooks.on_end.append(self._cell_ended)
        self._writer.on_tick.append(self.store.tick)
        connection = own_connection()
        if connection is not None:
            self._observer = Observer(connection, self._take)

    def end(self) -> None:
        """Watch no more; what was seen is written."""
        if self._observer is not None:
            for stream in (sys.stdout, sys.stderr):
                attempt(stream.flush, lambda: None)
            self._observer.stop()
        self._writer.later(self.store.close_all)
        self._writer.hand_over(self._writer.catch_up, patience_s=PATIENCE_S)

    def _cell_begins(self, cell: Cell, source: str, kept: bool) -> None:
        # A cell that is not kept may ask all the same, and a later one show it.
        asked = self._writer.redactor.asked(source)
        if asked.asks:
            typed = Typed(asked, self._hooks.shell.user_ns, self._writer.redactor)
            self._typed[cell.number] = typed
            cell.learn = self._writer.breaker.apart(typed.is_known)
        if not kept:
            return
        if asked.asks:
            self._writer.later(lambda: self.store.hold(cell.number, typed.is_known))
        if cell.message is not None:
            self._numbers[cell.message] = cell.number
            if len(self._numbers) > MOST_REQUESTS:
                self._numbers.popitem(last=False)

    def _cell_ended(self, cell: Cell, error: BaseException | None) -> None:
        self._writer.redactor.learn_environment(os.environ)
        typed = self._typed.pop(cell.number, None)
        is_known = typed is None or typed.is_known(ended=True)
        # Where nothing can be typed at all, the question itself fails.
        if not (is_known or type(error).__name__ == "StdinNotImplementedError"):
            # What was typed is not known, so it cannot be taken out of what was shown.
            self._writer.later(lambda: self.store.forget(cell.number))
        if self._observer is None and error is not None:  # a terminal: nobody sees what it shows
            said = {"ename": type(error).__name__, "evalue": _text(error), "traceback": []}
            self._hand(cell.number, "error", said, None)
        if self._observer is None:
            self._writer.later(lambda: self.store.close(cell.number))

    def _take(self, shown: Shown) -> None:
        number = self._numbers.get(shown.request)
        if number is None:
            return
        if shown.kind != "status":
            self._hand(number, shown.kind, shown.content, shown.at)
        elif shown.content.get("execution_state") == "idle":
            self._writer.later(lambda: self.store.close(number))

    def _hand(self, number: int, kind: str, content: dict[str, Any], at: float | None) -> None:
        size = _size(content)
        if not self._writer.later(lambda: self._keep(number, kind, content, at), size):
            self._writer.later(lambda: self.store.lost(number, size_shown(content)))

    def _keep(self, number: int, kind: str, content: dict[str, Any], at: float | None) -> None:
        self.store.take(number, kind, content, at=at)


def _size(content: dict[str, Any]) -> int:
    """About how much memory a message takes; 1 at least. Units: bytes."""
    data = content.get("data")
    shown = data.values() if isinstance(data, dict) else [content.get("text", "")]
    return 500 + sum(len(one) for one in shown if isinstance(one, str))


def _text(error: BaseException) -> str:
    return attempt(lambda: str(error)[:10_000], lambda: "(an error that cannot be shown)")
