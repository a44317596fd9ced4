"""Which cell execution is running: told by the notebook part, read by everything recorded."""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Protocol

EXECUTION: ContextVar[str | None] = ContextVar("nbtracker_execution", default=None)
"""Id of the cell execution this thread or task belongs to; None where none is known."""


class Kernel(Protocol):
    """What the notebook part tells of the kernel that this process is."""

    @property
    def id(self) -> str:
        """The session that the kernel's cells are recorded in."""

    def family(self) -> str | None:
        """The same for all runs that the cell which is running ever began."""

    def execution_of_thread(self) -> str | None:
        """The execution that began this thread, which has not inherited it."""


_kernels: list[Kernel] = []
_preparations: list[Callable[[], None]] = []


def on_first_run(prepare: Callable[[], None]) -> None:
    """Have something called when `init` begins a run: the recording of cells starts there."""
    _preparations[:] = [prepare]


def prepare() -> None:
    """Call what `on_first_run` was told to."""
    for preparation in _preparations:
        preparation()


def enter(kernel: Kernel) -> None:
    """From now on cells are executed here."""
    _kernels[:] = [kernel]


def leave(kernel: Kernel) -> None:
    """No longer."""
    if kernel in _kernels:
        _kernels.remove(kernel)


def kernel() -> Kernel | None:
    """The kernel that this process is; None in a script."""
    return _kernels[0] if _kernels else None


def execution() -> str | None:
    """Id of the execution this thread or task belongs to; found out once for each thread."""
    known = EXECUTION.get()
    if known is None and _kernels:
        known = _kernels[0].execution_of_thread()
        if known is not None:
            EXECUTION.set(known)
    return known
