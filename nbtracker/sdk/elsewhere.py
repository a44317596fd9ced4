"""Calls of the reference that are about an account, a server or a service: there is none here.

Scripts make them before `init`; they work, and do nothing.
"""

import sys
from typing import Any

from nbtracker.errors import warn


def login(*_: Any, **__: Any) -> bool:
    """Do nothing, and say that it worked: there is no account to log into."""
    return True


def setup(settings: Any = None) -> None:
    """Do nothing: there is no service to be started.

    Args:
        settings: Has no effect here; a warning says so.
    """
    if settings is not None:
        warn("setup(settings=) has no effect; give the settings to nbtracker.init(settings=...)")


def require(*_: Any, **__: Any) -> None:
    """Do nothing: no part of nbtracker needs to be asked for."""


def termlog(string: str = "", newline: bool = True, repeat: bool = True) -> None:
    """Print a line to stderr.

    Args:
        string: What to say.
        newline: Whether to end the line.
        repeat: Accepted; every call prints.
    """
    del repeat
    sys.stderr.write(f"nbtracker: {string}" + "\n" * newline)


def termwarn(string: str, **options: Any) -> None:
    """Print a line to stderr that begins with WARNING; see `termlog`."""
    termlog(f"WARNING {string}", **options)


def termerror(string: str, **options: Any) -> None:
    """Print a line to stderr that begins with ERROR; see `termlog`."""
    termlog(f"ERROR {string}", **options)
