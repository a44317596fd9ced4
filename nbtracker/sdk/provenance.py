"""Which cell execution is running: told by the notebook part, read by everything recorded."""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, Protocol

from nbtracker.errors import attempt

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

    def failure(self, execution: str | None) -> str | None:
        """What an execution failed with, in words; None if it did not."""

    def redacted(self, value: Any) -> Any:
        """A value without the secrets in its texts."""


class _Asked:
    """Asks a kernel, whose faults are none of those who record a row."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel

    @property
    def id(self) -> str | None:
        return attempt(lambda: self.kernel.id, lambda: None)

    def family(self) -> str | None:
        return attempt(self.kernel.family, lambda: None)

    def failure(self, execution: str | None) -> str | None:
        return attempt(lambda: self.kernel.failure(execution), lambda: None)

    def redacted(self, value: Any) -> Any:
        return attempt(lambda: self.kernel.redacted(value), lambda: value)

    def execution_of_thread(self) -> str | None:
        return attempt(self.kernel.execution_of_thread, lambda: None)


_kernels: list[_Asked] = []
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
    _kernels[:] = [_Asked(kernel)]


def leave(kernel: Kernel) -> None:
    """No longer."""
    _kernels[:] = [one for one in _kernels if one.kernel is not kernel]


def kernel() -> _Asked | None:
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


def redacted(value: Any) -> Any:
    """A value as it is written: in a notebook, without the secrets in its texts."""
    return _kernels[0].redacted(value) if _kernels else value
