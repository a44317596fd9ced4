"""How the process ends: noted, never changed."""

import builtins
import functools
import importlib
import sys
from collections.abc import Callable
from typing import Any, NoReturn


class ExitWatch:
    """Notes the code that the process is told to end with.

    Attributes:
        code: What is known of it so far; an exit that was caught does not count.
        leaving: Which exit said so.
    """

    def __init__(self) -> None:
        self.code = 0
        self.leaving: int | None = None

    def begin(self) -> None:
        """Listen to `sys.exit`, and to `exit` and `quit`, which do not call it."""
        # To import it when Ctrl-C has ended the program would change the exit code.
        importlib.import_module("traceback")
        sys.exit = self._noting(sys.exit)
        quitter: Any = type(getattr(builtins, "exit", None))
        if quitter.__name__ == "Quitter":
            quitter.__call__ = self._noting(quitter.__call__)

    def _noting(self, leave: Callable[..., NoReturn]) -> Callable[..., NoReturn]:
        @functools.wraps(leave)
        def noting(*args: Any, **kwargs: Any) -> NoReturn:
            try:
                leave(*args, **kwargs)
            except SystemExit as error:
                error.__dict__["_nbtracker"] = _Leaving(self, exit_code_of(error))
                raise

        return noting


class _Leaving:
    """Hangs on a SystemExit, and goes with it: its end tells whether that was caught."""

    def __init__(self, watch: ExitWatch, code: int) -> None:
        self._watch = watch
        watch.code, watch.leaving = code, id(self)

    def __del__(self) -> None:
        # Python drops an exit that nobody caught when no frame is left.
        goes_on = sys._getframe().f_back is not None
        if goes_on and self._watch.leaving == id(self):
            self._watch.code, self._watch.leaving = 0, None


def exit_code_of(error: SystemExit) -> int:
    """Tell which code a process ends with that nobody keeps from leaving."""
    if error.code is None:
        return 0
    return int(error.code) if isinstance(error.code, int) else 1


def uncaught() -> BaseException | None:
    """Find the exception that ended the program; Python keeps it when it has shown it."""
    if hasattr(sys, "ps1"):  # at a prompt, an error ends nothing
        return None
    error = getattr(sys, "last_exc", None) or getattr(sys, "last_value", None)
    return error if isinstance(error, BaseException) else None
