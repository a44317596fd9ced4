"""The one place where faults end: training never dies of tracking, nor of a bad `repr`."""

from collections.abc import Iterator
from contextlib import contextmanager

from nbtracker.errors import UsageError, attempt, warn


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
            said = _said(error)
            self.warn_once(doing, f"nbtracker could not {doing}: {said}; training goes on")


def _said(error: Exception) -> str:
    return attempt(lambda: repr(error), lambda: type(error).__name__)
