"""From `log` calls to rows: the calls of one step form one row.

A call is on disk when it returns, whether its step is complete or not; so the journal holds
calls, and rows are put together here. A row is complete when a call committed it, or when
the next call names another step.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from nbtracker.journal.frames import COMMIT, LATE, SEGMENT
from nbtracker.journal.records import Row
from nbtracker.journal.rows import Rows, Schema

if TYPE_CHECKING:
    import numpy as np

# Below this many rows, numpy costs more than it saves.
_FEW = 32


@dataclass(slots=True)
class MergedRow:
    """One row: all that was logged for a step.

    Attributes:
        step: The step it fills.
        at: When its last value was logged. Units: seconds since 1970.
        values: Canonical metric name to value.
        segment: How many times before it the steps of the run had started again.
        execution: The cell execution that logged its last value.
    """

    step: int
    at: float
    values: dict[str, Any] = field(default_factory=dict)
    segment: int = 0
    execution: str | None = None


@dataclass(slots=True)
class Block:
    """Many complete rows of one schema, as they stand in the journal.

    Attributes:
        schema: Names and types of the values.
        frames: The rows. Shape: (n,), fields as `Rows.columns` gives them.
        segment: The segment of all of them.
        constants: Metrics that all of them have beside those of the schema.
    """

    schema: Schema
    frames: "np.ndarray[Any, np.dtype[np.void]]"
    segment: int
    constants: dict[str, Any] = field(default_factory=dict)

    def columns(self) -> dict[str, "np.ndarray[Any, Any]"]:
        """Give the values of each metric. Shape of each: (n,)."""
        return {name: self.frames[f"v{i}"] for i, name in enumerate(self.schema.names)}


Merged: TypeAlias = MergedRow | Block


class RowMerger:
    """Takes the calls of one journal in order, gives complete rows.

    Attributes:
        open: The row that the next call may still add to.
        late: Calls for steps that were complete already: kept, not part of the series.
        last_step: The step of the newest row; -1 before the first.
        segment: The current segment.
    """

    def __init__(self) -> None:
        self.open: MergedRow | None = None
        self.late: list[MergedRow] = []
        self.last_step = -1
        self.segment = 0

    def feed(self, item: Rows | Row) -> Iterator[Merged]:
        """Take calls in; yield the rows that are now complete."""
        if isinstance(item, Row):
            flags = item.commit * COMMIT | item.late * LATE | item.segment * SEGMENT
            yield from self._call(flags, item.at, item.step, item.values, item.execution)
        elif item.n < _FEW or (block := self._block(item)) is None:
            yield from self._calls(item)
        else:
            yield from block

    def _calls(self, rows: Rows) -> Iterator[MergedRow]:
        names, execution = rows.schema.names, rows.schema.execution
        for flags, at, step, values in rows.tuples():
            named = dict(zip(names, values, strict=True))
            yield from self._call(flags, at, step, named, execution)

    def _call(
        self, flags: int, at: float, step: int, values: dict[str, Any], execution: str | None
    ) -> Iterator[MergedRow]:
        if flags & LATE:
            self.late.append(MergedRow(step, at, dict(values), self.segment, execution))
            return
        if self.open is not None and (self.open.step != step or flags & SEGMENT):
            yield self.open
            self.open = None
        if flags & SEGMENT:
            self.segment += 1
        if self.open is None:
            self.open = MergedRow(step, at, {}, self.segment)
        row = self.open
        row.values |= values
        row.at, row.execution = at, execution
        self.last_step = step
        if flags & COMMIT:
            self.open = None
            yield row

    def _block(self, rows: Rows) -> Iterator[Merged] | None:
        """Take many calls at once, if each is a row of its own."""
        try:
            import numpy as np
        except ImportError:
            return None
        frames = rows.columns()
        flags, steps = frames["flags"], frames["step"]
        closed = (flags[:-1] & COMMIT != 0) | (steps[1:] != steps[:-1])
        if np.any(flags & (LATE | SEGMENT)) or not closed.all():
            return None
        if self.open is not None and self.open.step == steps[0]:
            return None
        return self._take(rows.schema, frames)

    def _take(self, schema: Schema, frames: Any) -> Iterator[Merged]:
        if self.open is not None:
            yield self.open
            self.open = None
        whole = len(frames) if frames[-1]["flags"] & COMMIT else len(frames) - 1
        yield Block(schema, frames[:whole], self.segment)
        self.last_step = int(frames[-1]["step"])
        if whole < len(frames):
            last = frames[-1].item()[7:-1]
            self.open = MergedRow(
                self.last_step,
                float(frames[-1]["at"]),
                dict(zip(schema.names, last, strict=True)),
                self.segment,
                schema.execution,
            )
