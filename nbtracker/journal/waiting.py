"""The frames that a writer could not write yet."""

from collections import deque
from typing import NamedTuple

from nbtracker.journal.rows import Schema

MAX_WAITING = 100_000
MAX_WAITING_BYTES = 16 * 1024 * 1024


class Frame(NamedTuple):
    """One frame that waits.

    Attributes:
        body: Its head and payload.
        schema: What has to stand before it, if it is a packed row.
        is_row: Whether it is what a call of `log` said.
    """

    body: bytes
    schema: Schema | None = None
    is_row: bool = False


class Waiting:
    """Frames in the order they were made.

    Attributes:
        frames: The first one is next. Only `add`, `add_first` and `pop` change it.
        n_lost: Rows that could not wait any more.
        n_lost_records: Other records that could not.
    """

    __slots__ = ("_n_bytes", "frames", "n_lost", "n_lost_records")

    def __init__(self) -> None:
        self.frames: deque[Frame] = deque()
        self._n_bytes = 0
        self.n_lost = self.n_lost_records = 0

    def add(self, frame: Frame, *, bounded: bool) -> None:
        """Put a frame at the end; if `bounded`, and memory for them is full, it is lost."""
        full = len(self.frames) >= MAX_WAITING or self._n_bytes >= MAX_WAITING_BYTES
        if full and bounded:
            self._lose(frame)
            return
        self.frames.append(frame)
        self._n_bytes += len(frame.body)

    def add_first(self, frame: Frame) -> None:
        """Put a frame before all others: the disk refused it when it was its turn."""
        self.frames.appendleft(frame)
        self._n_bytes += len(frame.body)

    def pop(self) -> None:
        """Let the first one go: it is written."""
        self._n_bytes -= len(self.frames.popleft().body)

    def give_up(self) -> None:
        """Count all that wait as lost."""
        while self.frames:
            self._lose(self.frames[0])
            self.pop()

    def _lose(self, frame: Frame) -> None:
        if frame.is_row:
            self.n_lost += 1
        else:
            self.n_lost_records += 1
