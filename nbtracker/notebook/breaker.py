"""The one place where faults of hooks end: a cell never fails, and never waits, for being recorded.

A fault is told once. After a few of them recording stops for the rest of the session: what
is broken stays broken, and must not be paid for by each cell.
"""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from nbtracker.errors import attempt, warn

P = ParamSpec("P")
T = TypeVar("T")
MOST_FAULTS = 3


class Breaker:
    """Lets calls through until too many of them failed.

    Attributes:
        fault: The last failure, in words; None while all is well.
        is_open: Whether nothing is let through any more.
    """

    def __init__(self) -> None:
        self.fault: str | None = None
        self.is_open = False
        self._n_faults = 0
        self._told = False

    def __call__(self, function: Callable[P, T]) -> Callable[P, T | None]:
        """Make a function that never raises; None is its answer when it cannot give one."""
        always = self.always(function)

        @functools.wraps(function)
        def safely(*args: P.args, **kwargs: P.kwargs) -> T | None:
            return None if self.is_open else always(*args, **kwargs)

        return safely

    def always(self, function: Callable[P, T]) -> Callable[P, T | None]:
        """The same for what must also be called when nothing else is any more."""
        return _quiet(function, self._failed)

    def apart(self, function: Callable[P, T]) -> Callable[P, T | None]:
        """The same for what others do not depend on: its faults are told, and stop nothing."""
        return _quiet(function, self._noted)

    def _failed(self, function: Callable[..., object], error: Exception) -> None:
        if isinstance(error, OSError):  # a disk that is full now may not be so later
            self._noted(function, error)
        else:
            self.trip(_words(function, error))

    def _noted(self, function: Callable[..., object], error: Exception) -> None:
        self.fault = _words(function, error)

    def trip(self, fault: str) -> None:
        """Count a fault."""
        self.fault = fault
        self._n_faults += 1
        self.is_open = self.is_open or self._n_faults >= MOST_FAULTS

    def tell(self) -> None:
        """Say what went wrong, once; in the thread whose output the user sees."""
        if self.fault is not None and not self._told:
            self._told = True
            warn(
                f"cells are not recorded completely ({self.fault}); they run as always. "
                "%tracker status tells more."
            )


def _words(function: Callable[..., object], error: Exception) -> str:
    name = getattr(function, "__qualname__", type(function).__name__)
    # What an error says may fail, too.
    said = attempt(lambda: f"{error!s:.200}", lambda: "(it cannot be shown)")
    return f"{type(error).__name__} in {name}: {said}"


def _quiet(
    function: Callable[P, T], failed: Callable[[Callable[..., object], Exception], None]
) -> Callable[P, T | None]:
    @functools.wraps(function)
    def safely(*args: P.args, **kwargs: P.kwargs) -> T | None:
        try:
            return function(*args, **kwargs)
        except Exception as error:
            failed(function, error)
            return None

    return safely


class Undo:
    """Steps that take back what was done: the last first, and each whatever fails of the others."""

    def __init__(self) -> None:
        self._steps: list[Callable[[], object]] = []

    def add(self, step: Callable[[], object]) -> None:
        """Have a step taken, before those that are there."""
        self._steps.append(step)

    def close(self) -> None:
        """Take all steps. A second call does nothing."""
        while self._steps:
            attempt(self._steps.pop(), lambda: None)

    @contextmanager
    def if_it_fails(self) -> Iterator[None]:
        """Take all steps if what follows raises."""
        try:
            yield
        except BaseException:
            self.close()
            raise
