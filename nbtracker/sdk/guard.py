"""The one place where faults end: training never dies of tracking, nor of a bad `repr`."""

import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from nbtracker.errors import TrackingWarning, UsageError

T = TypeVar("T")
_HERE = str(Path(__file__).resolve().parent.parent)


def warn(message: str) -> None:
    """Warn at the line of the user's code that led here; never raise."""
    depth, frame = 2, sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_HERE):
        frame = frame.f_back
        depth += 1
    try:
        warnings.warn(message, TrackingWarning, stacklevel=depth - 1)
    except TrackingWarning:
        # Warnings are errors in this process; the training is still more important.
        print(f"nbtracker: {message}", file=sys.stderr)


def attempt(make: Callable[[], T], otherwise: Callable[[], T]) -> T:
    """Return what `make` makes; what `otherwise` makes if it cannot."""
    try:
        return make()
    except Exception:
        return otherwise()


class Guard:
    """Warns once a kind of trouble for one run.

    Attributes:
        warned: The kinds that were warned of.
    """

    def __init__(self) -> None:
        self.warned: set[str] = set()

    def warn_once(self, kind: str, message: str) -> None:
        """Warn, unless this kind of trouble was warned of before."""
        if kind not in self.warned:
            self.warned.add(kind)
            warn(message)

    @contextmanager
    def __call__(self, doing: str) -> Iterator[None]:
        """Warn instead of raising while `doing` something for the user.

        A full disk must not end a training run. A wrong call must: it would be wrong at
        every step, and its author is right there.
        """
        try:
            yield
        except UsageError:
            raise
        except Exception as error:
            self.warn_once(doing, f"nbtracker could not {doing}: {error!r}; training goes on")
