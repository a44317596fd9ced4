"""In a forked process a journal belongs to the parent: its writer lets go of it there."""

import os
import threading
import weakref
from types import TracebackType
from typing import Protocol


class Forgetful(Protocol):
    """What holds a file that a forked child must not touch."""

    def forget(self) -> None:
        """Let go without a word."""


OPEN: "weakref.WeakSet[Forgetful]" = weakref.WeakSet()
"""All that must let go in a forked child."""


class ForkLock:
    """A re-entrant lock that a forked child finds free, whichever thread held it before."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        OPEN.add(self)

    def __enter__(self) -> None:
        self._lock.acquire()

    def take_if_free(self) -> bool:
        """Take it as `with` does, but never wait; say whether it was taken."""
        return self._lock.acquire(blocking=False)

    def release(self) -> None:
        """Give back what `take_if_free` took."""
        self._lock.release()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lock.release()

    def forget(self) -> None:
        """Leave the lock to who holds it, if that thread lives on in the child."""
        if self._lock.acquire(blocking=False):
            self._lock.release()
        else:
            self._lock = threading.RLock()


def _forget_all() -> None:
    for holder in list(OPEN):
        holder.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)
