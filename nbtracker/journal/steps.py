"""Which step a call of `log` belongs to. Holds no file and no clock."""

import operator
from dataclasses import replace
from typing import Any, SupportsIndex

from nbtracker.errors import DataError
from nbtracker.journal.frames import COMMIT, LATE, SEGMENT
from nbtracker.journal.records import Row

MOST = 2**63 - 1


class Steps:
    """The step counter of a run.

    Attributes:
        next: The step that a call without one belongs to; the last there is, once it is reached.
        execution: The cell execution that logged last.
    """

    __slots__ = ("execution", "next")

    def __init__(self, first: int = 0) -> None:
        self.next = min(first, MOST)
        self.execution: str | None = None

    def place(
        self, step: SupportsIndex | None, commit: bool | None, execution: str | None
    ) -> tuple[int, int]:
        """Decide the step and the flags of a call, and count on.

        `JournalWriter.append_row` decides the two usual cases in the same way, in its own lines.

        Args:
            step: The step the caller named. A later one than `next` moves on to it. An earlier
                one is late; from another cell execution it begins a new segment instead.
            commit: Whether the step is complete. Default: only if `step` is not given.
            execution: The cell execution that calls.

        Returns:
            The step, and the flags as `frames` spells them.

        Raises:
            DataError: `step` is no integer.
        """
        if step is None:
            number = self.next
            flags = COMMIT if commit is None or commit else 0
        else:
            number = as_step(step)
            flags = COMMIT if commit else 0
            if number < self.next:
                if execution is None or execution == self.execution:
                    return number, flags | LATE
                flags |= SEGMENT
        self.execution = execution
        self.next = min(number + 1, MOST) if flags & COMMIT else number
        return number, flags

    def placed(self, row: Row, step: SupportsIndex | None, commit: bool | None) -> tuple[Row, int]:
        """Give a row its step and its flags, as `place` decides; return the flags, too."""
        number, flags = self.place(step, commit, row.execution)
        row = replace(
            row,
            step=number,
            commit=bool(flags & COMMIT),
            late=bool(flags & LATE),
            segment=bool(flags & SEGMENT),
        )
        return row, flags


def as_step(step: Any) -> int:
    """Return a step as an integer of 64 bits.

    Raises:
        DataError: It is none.
    """
    if isinstance(step, bool):
        raise DataError(f"step is {step!r}; it must be an integer")
    try:
        number = operator.index(step)
    except TypeError:
        raise DataError(f"step is {step!r}; it must be an integer") from None
    if not -MOST <= number < MOST:
        raise DataError(f"step is an integer of {number.bit_length()} bits; the most is 64")
    return number
