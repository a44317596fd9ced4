"""Everything nbtracker raises or warns of on purpose.

Error:
├── UsageError            you called it wrong; the message says how to mend it
│   ├── ConfigError       a config value may not be changed, or a config file is wrong
│   ├── DataError         what was logged cannot be recorded (a TypeError, too)
│   └── RunFinishedError  the run has ended
├── NotInitializedError   there is no current run
├── NotFoundError         no such run, project or file
├── JournalError          the bytes on disk are not what we wrote
│   ├── JournalBusyError
│   └── JournalDamagedError
└── MissingExtraError     an optional package is needed (an ImportError, too)
"""

import contextlib
import sys
import warnings
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

# Whose frames are not the line that a warning is about.
_OURS = (__file__.removesuffix("errors.py"), contextlib.__file__)


class Error(Exception):
    """Base of every error here; catch it to catch them all."""


class UsageError(Error, ValueError):
    """A call that could never work."""


class ConfigError(UsageError):
    """A config value that may not change, or a config file that cannot be read."""


class DataError(UsageError, TypeError):
    """Values that cannot be recorded as a row."""


class RunFinishedError(UsageError):
    """A call that needs an open run, on a run that has ended."""


class NotInitializedError(Error, AttributeError):
    """A call that needs a current run, before `nbtracker.init()`.

    An AttributeError as well, so that `hasattr(nbtracker.config, "x")` answers.
    """


class NotFoundError(Error, LookupError):
    """No run, project or file of that name."""

    def __str__(self) -> str:
        """Give the message as it is, without the quotes a LookupError may add."""
        return " ".join(str(part) for part in self.args)


class JournalError(Error):
    """A journal that cannot be written or read."""


class JournalBusyError(JournalError):
    """A journal that another writer holds."""


class JournalDamagedError(JournalError):
    """A journal whose bytes are not what was written."""


class MissingExtraError(Error, ImportError):
    """An optional package that this call needs is not installed."""


class RunStopped(KeyboardInterrupt):
    """The run was asked to stop from outside, and has ended.

    Frameworks take it for Ctrl-C and end as they do then.
    """

    def _render_traceback_(self) -> list[str]:
        """One line in a notebook: nothing is wrong, and nobody has to look for where it was."""
        return [f"nbtracker: {self}"]


CommError = NotFoundError
"""The reference's name for what `Api` raises when it cannot find a run."""


class TrackingWarning(UserWarning):
    """Something could not be recorded; training goes on."""


def attempt(make: Callable[[], T], otherwise: Callable[[], T]) -> T:
    """Return what `make` makes; what `otherwise` makes if it cannot."""
    try:
        return make()
    except Exception:
        return otherwise()


def _is_between(filename: str) -> bool:
    """Whether a frame is ours, or IPython's that runs a magic: not the line a warning is about."""
    return filename.startswith(_OURS) or ("IPython" in filename and "core" in filename)


def warn(message: str) -> None:
    """Warn at the line of the user's code that led here; never raise."""
    level, frame = 2, sys._getframe(1)
    while frame.f_back is not None and _is_between(frame.f_code.co_filename):
        frame = frame.f_back
        level += 1
    # What a file or a run says must not command the terminal.
    shown = "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in message)
    try:
        warnings.warn(shown, TrackingWarning, stacklevel=level)
    except TrackingWarning:
        # Warnings are errors in this process; the training is still more important.
        with contextlib.suppress(Exception):
            sys.stderr.write(f"nbtracker: {shown}\n")
    except Exception:
        # There is nowhere to say it: stderr is closed, or the program's own hook failed.
        return
