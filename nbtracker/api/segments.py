"""Which segment the rows of a history are of: steps that began again begin a new one."""

from collections.abc import Iterator, Sequence
from typing import Any

from nbtracker.store.layout import RunFolder
from nbtracker.views.history import History, Stretch
from nbtracker.views.merging import MergedRow

SEGMENT = "_segment"
"""The column that says it; a metric of this name is the user's, and goes before it."""


class SegmentedHistory(History):
    """A history whose rows say in `_segment` which segment they are of, if there are several.

    Args:
        folder: The run.
        started_at: What `_runtime` counts from. Units: seconds since 1970.
        always: Say it also if there is only one.
    """

    def __init__(self, folder: RunFolder, started_at: float = 0.0, *, always: bool = False) -> None:
        super().__init__(folder, started_at)
        self._always = always

    @property
    def tells_segments(self) -> bool:
        """Whether rows have the column."""
        return self._always or any(part.merger.segment for part in self._parts.values())

    def _rows(self) -> Iterator[MergedRow]:
        rows = super()._rows()
        if not self.tells_segments:
            return rows
        return (
            MergedRow(one.step, one.at, {SEGMENT: one.segment, **one.values}, one.segment)
            for one in rows
        )


def segments_of(stretches: Sequence[Stretch], n: int) -> Any:
    """Give the segment of each of `n` rows. Shape: (n,)."""
    import numpy as np

    edges = [*(one.row for one in stretches), n]
    return np.repeat(np.array([one.segment for one in stretches], np.int64), np.diff(edges))
