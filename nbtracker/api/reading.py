"""Runs read whole, with one error for whatever their journals may hold."""

from collections.abc import Iterator
from contextlib import contextmanager

from nbtracker.api.paths import run_name
from nbtracker.errors import JournalDamagedError, NotFoundError, UsageError
from nbtracker.store.layout import RunFolder
from nbtracker.views.run import RunView, read_run
from nbtracker.views.unreadable import UNREADABLE


def view_run(folder: RunFolder) -> RunView:
    """Read a run.

    Raises:
        JournalDamagedError: It cannot be read.
    """
    with reading(folder):
        return read_run(folder)


@contextmanager
def reading(folder: RunFolder) -> Iterator[None]:
    """Turn whatever a crafted or broken journal makes its reader raise into one error.

    Raises:
        JournalDamagedError: The run cannot be read.
    """
    try:
        yield
    except (BrokenPipeError, UsageError, NotFoundError):  # of the call, not of the journal
        raise
    except UNREADABLE as error:
        raise JournalDamagedError(
            f"run {run_name(folder)} cannot be read: {type(error).__name__}: {error}; "
            "`nbtracker doctor` says which journal it is"
        ) from error
