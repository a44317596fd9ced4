"""One thread for all widgets: it looks at the journals of their runs, and says what changed."""

import contextlib
import os
import sys
import threading
import time
from functools import partial
from typing import Protocol

from nbtracker.errors import attempt, warn
from nbtracker.screen.portrait import Subject
from nbtracker.views.run import RunView
from nbtracker.views.state import RUNNING, state_of

EVERY_S = 0.1
# A widget that is not heard from may be waiting for a busy kernel: it is sent what it needs.
_SENT_AFTER_S = (0.5, 2.0, 5.0, 10.0, 20.0, 40.0)
_STATE_EVERY_S = 1.0
# A kernel that is told of a change to be asked, and is not, executes a cell: it is answered ahead.
_BUSY_AFTER_S, _AHEAD_EVERY_S, _WHOLE_EVERY_S = 0.3, 0.5, 2.0
# A file that cannot be opened now may be opened in a second; in a row, so many times.
_MOST_FAILURES = 10


class Widget(Protocol):
    """What is told of changes.

    Attributes:
        subject: Its run.
        heard_at: When a browser last asked for anything, by the monotonic clock.
    """

    subject: Subject
    heard_at: float | None

    @property
    def is_closed(self) -> bool:
        """Whether no browser can be reached any more."""

    def tell_changed(self) -> None:
        """Say that there is something new."""

    def send_code(self) -> None:
        """Send the script that draws."""

    def answer_ahead(self, *, whole: bool) -> None:
        """Send what was asked for before as it is now."""


class Followed:
    """A widget, and what of its run was seen last."""

    def __init__(self, widget: Widget) -> None:
        self.widget = widget
        self.folder = widget.subject.folder
        self.since = time.monotonic()
        self.n_sent = 0
        self.is_over = False
        self._sizes = self._look()
        self._unanswered_since: float | None = None
        self._is_new = False
        self._ahead_at = self._whole_at = self._again_at = 0.0
        self._n_failed = 0
        self._view = RunView(self.folder)
        self._state = ""
        self._state_at = 0.0

    def tick_safely(self, now: float) -> None:
        """Look once; what cannot be looked at again and again is followed no more."""
        if now < self._again_at:
            return
        self._n_failed = attempt(partial(self._looked, now), partial(self._failed, now))
        self.is_over = self.is_over or self._n_failed == _MOST_FAILURES

    def _looked(self, now: float) -> int:
        self.tick(now)
        return 0

    def _failed(self, now: float) -> int:
        self._again_at = now + _STATE_EVERY_S
        if self._n_failed + 1 == _MOST_FAILURES:
            run, error = f"{self.folder.project}/{self.folder.id}", sys.exc_info()[1]
            said = f"{type(error).__name__}: {error}"
            warn(f"the display of run {run} moves no more ({said}); display it again")
        return self._n_failed + 1

    def tick(self, now: float) -> None:
        """Look once."""
        if self.widget.is_closed:
            self.is_over = True
            return
        waits = _SENT_AFTER_S[self.n_sent :]
        if self.widget.heard_at is None and waits and now - self.since >= waits[0]:
            self.n_sent += 1
            self.widget.send_code()
        sizes = self._look()
        self._is_new = self._is_new or sizes != self._sizes
        self._sizes = sizes
        if self._is_new:
            self._tell(now)
        if now - self._state_at >= _STATE_EVERY_S:
            self._state_at = now
            self._note_state()

    def _tell(self, now: float) -> None:
        heard_at, since = self.widget.heard_at, self._unanswered_since
        if since is not None and heard_at is not None and heard_at >= since:
            self._unanswered_since = since = None
        if since is None or now - since < _BUSY_AFTER_S:
            self._unanswered_since = now if since is None else since
            self.widget.tell_changed()
            self._is_new = False
        elif now - self._ahead_at >= _AHEAD_EVERY_S:
            whole = now - self._whole_at >= _WHOLE_EVERY_S
            self._ahead_at, self._is_new = now, False
            self._whole_at = now if whole else self._whole_at
            self.widget.answer_ahead(whole=whole)

    def _note_state(self) -> None:
        """Look whether the run has ended, or its writer is gone: nobody follows it then."""
        self._view.refresh()
        state = state_of(self._view)
        if state != self._state and self._state:
            self.widget.tell_changed()
        self._state = state
        heard = self.widget.heard_at is not None or self.n_sent == len(_SENT_AFTER_S)
        self.is_over = state != RUNNING and heard

    def _look(self) -> tuple[tuple[str, int], ...]:
        with contextlib.suppress(OSError):
            return tuple((path.name, path.stat().st_size) for path in self.folder.journals)
        return ()


_followed: list[Followed] = []
_lock = threading.Lock()
_thread: list[tuple[int, threading.Thread]] = []


def follow(widget: Widget) -> None:
    """Tell a widget whenever its run has changed, until that has ended."""
    with _lock:
        _followed.append(Followed(widget))
        if not (_thread and _thread[0][0] == os.getpid() and _thread[0][1].is_alive()):
            thread = threading.Thread(target=_beat, name="nbtracker-widgets", daemon=True)
            _thread[:] = [(os.getpid(), thread)]
            thread.start()


def _beat() -> None:
    while True:
        time.sleep(EVERY_S)
        now = time.monotonic()
        for one in _followed.copy():
            one.tick_safely(now)
        with _lock:
            _followed[:] = [one for one in _followed if not one.is_over]
            if not _followed:
                _thread.clear()
                return
