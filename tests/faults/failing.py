"""An operating system that fails on request: the one thing that tests replace."""

import os
import pathlib
from collections.abc import Callable
from typing import Any

from nbtracker.journal import holding, takeover, writer
from nbtracker.sdk import resume
from nbtracker.store import claims, layout, locks

ONCE, FOR_GOOD = "once", "for good"
SHORT = -1


class FailingOS:
    """The `os` module, in which the nth call of one function fails.

    Args:
        function: Its name.
        nth: Which call fails, from 1.
        fault: The errno, or `SHORT` for a write that takes half of its bytes.
        lasting: Whether all later calls fail, too.
    """

    def __init__(self, function: str, nth: int, fault: int, *, lasting: bool = False) -> None:
        self.function, self.nth, self.fault, self.lasting = function, nth, fault, lasting
        self.n_calls = 0

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        return self._failing(real) if name == self.function else real

    def _failing(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            self.n_calls += 1
            if self.n_calls != self.nth and not (self.lasting and self.n_calls > self.nth):
                return real(*arguments, **named)
            if self.fault == SHORT:
                fd, data = arguments
                return real(fd, data[: len(data) // 2])
            raise OSError(self.fault, os.strerror(self.fault))

        return call

    def install(self, monkeypatch: Any) -> None:
        """Let journals, and what a run writes beside them, be written through this."""
        for module in (writer, holding, takeover, resume, claims, layout, locks, pathlib):
            monkeypatch.setattr(module, "os", self)
        monkeypatch.setattr(writer, "_write", self.write)
