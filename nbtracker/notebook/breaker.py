"""The one place where faults of hooks end: a cell never fails, and never waits, for being recorded.

A fault is told once. After a few of them recording stops for the rest of the session: what
is broken stays broken, and must not be paid for by each cell.
"""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from nbtracker.errors import warn

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

        @functools.wraps(function)
        def safely(*args: P.args, **kwargs: P.kwargs) -> T | None:
            if self.is_open:
                return None
            try:
                return function(*args, **kwargs)
            except Exception as error:
                self.trip(f"{type(error).__name__} in {function.__name__}: {error!s:.200}")
                return None

        return safely

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
