"""Work in the background that takes little from the cell that runs."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# While a cell runs, such work gets 1 part of the time in so many.
RESTRAINT = 25
_LONGEST_REST_S = 0.5


class Pace:
    """Called between two steps of some work, it rests while a cell runs: Python runs one thread.

    Args:
        is_busy: Whether a cell runs.
    """

    def __init__(self, is_busy: Callable[[], bool]) -> None:
        self._is_busy = is_busy
        self._woken, self._n_waiting = threading.Event(), 0
        self._rested_at = 0.0

    def __call__(self) -> None:
        """Rest in proportion to what this thread did since the last rest."""
        now = time.thread_time()
        spent, self._rested_at = now - self._rested_at, now
        if self._is_busy() and not self._n_waiting:
            self._woken.wait(min(_LONGEST_REST_S, spent * RESTRAINT))

    def wake(self) -> None:
        """End the rest of whoever rests."""
        self._woken.set()
        self._woken.clear()

    @contextmanager
    def hurried(self) -> Iterator[None]:
        """Rest no more, in any thread: somebody waits."""
        self._n_waiting += 1
        self.wake()
        try:
            yield
        finally:
            self._n_waiting -= 1
