"""In a forked process a journal belongs to the parent: its writer lets go of it there."""

import os
import weakref
from typing import Protocol


class Forgetful(Protocol):
    """What holds a file that a forked child must not touch."""

    def forget(self) -> None:
        """Let go without a word."""


OPEN: "weakref.WeakSet[Forgetful]" = weakref.WeakSet()
"""All that must let go in a forked child."""


def _forget_all() -> None:
    for holder in list(OPEN):
        holder.forget()
    OPEN.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)
