"""Progress of what takes over a second: on stderr, and only if somebody sees it."""

import sys
import threading
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import Self

SHOWN_AFTER_S = 1.0


class Progress:
    """A bar that appears when the work within takes long.

    Args:
        what: What is being done. Words of this package only: rich reads markup in them.
        total: How many steps there are; None if nobody knows.
    """

    def __init__(self, what: str, total: int | None = None) -> None:
        self._what = what
        self._total = total
        self._done = 0
        self._bar: Any = None
        self._task: Any = None
        self._timer: threading.Timer | None = None

    def __enter__(self) -> "Self":
        """Wait for the work to take long."""
        if sys.stderr.isatty():
            self._timer = threading.Timer(SHOWN_AFTER_S, self._show)
            self._timer.daemon = True
            self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Take the bar away again."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer.join()
        if self._bar is not None:
            self._bar.stop()

    def advance(self, n: int = 1) -> None:
        """Say that some more steps are done."""
        self._done += n
        if self._bar is not None:
            self._bar.update(self._task, completed=self._done)

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import Progress as Bar

        bar = Bar(console=Console(stderr=True), transient=True)
        self._task = bar.add_task(self._what, total=self._total, completed=self._done)
        bar.start()
        self._bar = bar
