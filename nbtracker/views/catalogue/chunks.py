"""Read columns of one run from the catalogue: the chunks of the asked rows, and no others."""

import math
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from nbtracker.journal.records import loads
from nbtracker.views import bins as binning
from nbtracker.views.bins import COUNTS, NUMBERS, Bins, Floats, Mask
from nbtracker.views.catalogue.schema import DamagedPageError
from nbtracker.views.history import Column, Stretch

ROWS = 1_024
"""Rows of a chunk. A power of two: bins of this many rows or more need no values."""

KINDS = {"f": "<f8", "i": "<i8", "b": "?"}
_ALL = 2**62
_WORDS = ", ".join((*NUMBERS, *COUNTS))


@dataclass(frozen=True, slots=True)
class Series:
    """Some columns of a run's history.

    Attributes:
        step: int64. Shape: (n,).
        at: Seconds since 1970. Shape: (n,).
        of: Canonical metric name to its column; a name the run lacks is missing.
        stretches: Which segment and which execution the rows are of; at least one, if there are
            rows.
    """

    step: Any
    at: Any
    of: dict[str, Column]
    stretches: list[Stretch] = field(default_factory=list)


class ChunkReader:
    """What the catalogue holds of one run, while one transaction lasts."""

    def __init__(self, connection: sqlite3.Connection, run: int) -> None:
        self._connection, self._run = connection, run

    @cached_property
    def n_rows(self) -> int:
        """How many rows there are.

        Raises:
            DamagedPageError: Some are missing.
        """
        sql = "SELECT count(*), total(n), coalesce(max(part), -1) FROM row_groups WHERE run = ?"
        ((n_groups, n, last),) = self._rows(sql, self._run)
        sql = "SELECT n FROM row_groups WHERE run = ? AND part = ?"
        ends = [n_last for (n_last,) in self._rows(sql, self._run, last)]
        complete = [n for (n,) in self._rows("SELECT n FROM histories WHERE run = ?", self._run)]
        n_full = ROWS * (n_groups - 1) if n_groups else 0
        if n_groups != last + 1 or n != n_full + sum(ends) or n < sum(complete):
            raise DamagedPageError
        return int(n)

    @cached_property
    def _series(self) -> dict[str, int]:
        sql = "SELECT name, series FROM series WHERE run = ? ORDER BY series"
        return dict(self._rows(sql, self._run))

    @property
    def names(self) -> list[str]:
        """Canonical names of all metrics, in the order they came."""
        return list(self._series)

    def stretches(self) -> list[Stretch]:
        """Say which segment and which execution the rows are of."""
        sql = "SELECT row, segment, execution FROM stretches WHERE run = ? ORDER BY row"
        return [Stretch(*row) for row in self._rows(sql, self._run)]

    def rows_by_execution(self) -> dict[str | None, int]:
        """Count the rows that each execution made."""
        found: dict[str | None, int] = {}
        stretches = self.stretches()
        ends = [*(one.row for one in stretches[1:]), self.n_rows]
        for one, end in zip(stretches, ends, strict=False):
            found[one.execution] = found.get(one.execution, 0) + end - one.row
        return found

    def read(self, names: Sequence[str] | None = None, start: int = 0, stop: int = _ALL) -> Series:
        """Give rows `start` to `stop` of some columns; all of them by default."""
        wanted = self.names if names is None else [one for one in names if one in self._series]
        columns = {name: self.column(name, start, stop) for name in wanted}
        found = {name: column for name, column in columns.items() if column is not None}
        return Series(*self.rows(start, stop), found, self.stretches())

    def rows(self, start: int = 0, stop: int = _ALL) -> tuple[Any, Any]:
        """Give step and time of rows.

        Shape:
            (n,), (n,)
        """
        return self._own("step", start, stop), self._own("at", start, stop)

    def _own(self, what: str, start: int, stop: int) -> Any:
        """Give the "step" or the "at" of rows."""
        start, stop = self._within(start, stop)
        parts = start // ROWS, -(-stop // ROWS)
        sql = (
            f"SELECT {what} FROM row_values WHERE run = ? AND part >= ? AND part < ? ORDER BY part"
        )
        data = b"".join(values for (values,) in self._rows(sql, self._run, *parts))
        found = np.frombuffer(data, KINDS["i" if what == "step" else "f"])
        first = parts[0] * ROWS
        if len(found) != max(0, min(parts[1] * ROWS, self.n_rows) - first):
            raise DamagedPageError
        return found[start - first : stop - first]

    def column(self, name: str, start: int = 0, stop: int = _ALL) -> Column | None:
        """Give a metric's values in rows `start` to `stop`; None if it has none in any row."""
        start, stop = self._within(start, stop)
        parts = start // ROWS, -(-stop // ROWS)
        sql = (
            "SELECT part, kind, present, data FROM chunks WHERE series = ? AND part >= ?"
            " AND part < ? ORDER BY part"
        )
        found = self._rows(sql, self._series.get(name, -1), *parts)
        first = parts[0] * ROWS
        n = max(0, min(parts[1] * ROWS, self.n_rows) - first)
        column = _joined(found, parts[0], n) if found else None
        if column is None or (start, stop) == (first, first + n):
            return column
        where = slice(start - first, stop - first)
        present = None if column.present is None else column.present[where]
        return Column(column.values[where], present)

    def numbers(self, name: str, start: int = 0, stop: int = _ALL) -> tuple[Floats, Mask]:
        """Give the numbers of rows, NaN elsewhere, and which count as one or as NaN.

        Shape:
            (n,), (n,)
        """
        start, stop = self._within(start, stop)
        column = self.column(name, start, stop)
        if column is None:
            return np.full(stop - start, np.nan), np.zeros(stop - start, bool)
        numbers, counted = numbers_in(column)
        return numbers, np.ones(len(numbers), bool) if counted is None else counted

    def bins(self, name: str, rows_per_bin: int, first: int = 0, stop: int = _ALL) -> Bins | None:
        """Put a metric into bins, and give bins `first` to `stop`; None if the run lacks it."""
        if name not in self._series:
            return None
        start, end = self._within(first * rows_per_bin, min(stop * rows_per_bin, _ALL))
        if rows_per_bin < ROWS:
            numbers, counted = self.numbers(name, start, end)
            return binning.bins(numbers, rows_per_bin, counted)
        return binning.merged(self._chunk_bins(name, start, end), rows_per_bin // ROWS)

    def ends(self, what: str, rows_per_bin: int, first: int, stop: int) -> tuple[Floats, Floats]:
        """Give "step" or "at", as `what` says, at the first and the last row of bins.

        Shape:
            (n,), (n,)
        """
        start, end = self._within(first * rows_per_bin, stop * rows_per_bin)
        if rows_per_bin < ROWS:
            values = self._own(what, start, end).astype(np.float64)
            begins = np.arange(0, len(values), rows_per_bin)
            return values[begins], values[np.minimum(begins + rows_per_bin, len(values)) - 1]
        sql = (
            f"SELECT {what}_first, {what}_last FROM row_groups WHERE run = ? AND part >= ?"
            " AND part < ? ORDER BY part"
        )
        found = self._rows(sql, self._run, start // ROWS, -(-end // ROWS))
        table = np.array(found, dtype=np.float64).reshape(-1, 2)
        begins = np.arange(0, len(table), rows_per_bin // ROWS)
        stops = np.minimum(begins + rows_per_bin // ROWS, len(table)) - 1
        return table[begins, 0], table[stops, 1]

    def chunk_bins(self, name: str, start: int = 0, stop: int = _ALL) -> Bins:
        """Give the statistics of the chunks that rows `start` to `stop` lie in."""
        start, stop = self._within(start, stop)
        return self._chunk_bins(name, start, stop)

    def _chunk_bins(self, name: str, start: int, stop: int) -> Bins:
        parts = start // ROWS, -(-stop // ROWS)
        sql = (
            f"SELECT part, {_WORDS} FROM chunk_bins WHERE series = ? AND part >= ? AND part < ?"
            " ORDER BY part"
        )
        found = self._rows(sql, self._series.get(name, -1), *parts)
        # SQLite has no NaN: it is kept as NULL.
        table = np.array(found, dtype=np.float64).reshape(-1, 1 + len(NUMBERS) + len(COUNTS))
        whole = np.full((max(0, parts[1] - parts[0]), table.shape[1] - 1), np.nan)
        whole[:, len(NUMBERS) :] = 0
        whole[table[:, 0].astype(int) - parts[0]] = table[:, 1:]
        numbers = [np.ascontiguousarray(whole[:, i]) for i in range(len(NUMBERS))]
        counts = [whole[:, len(NUMBERS) + i].astype(np.int64) for i in range(len(COUNTS))]
        return Bins(ROWS, *numbers, *counts)

    def _within(self, start: int, stop: int) -> tuple[int, int]:
        """Cut a range of rows to what there is."""
        start = min(max(start, 0), self.n_rows)
        return start, max(start, min(stop, self.n_rows))

    def _rows(self, sql: str, *bound: Any) -> list[Any]:
        return self._connection.execute(sql, bound).fetchall()


def numbers_in(column: Column) -> tuple[Floats, Mask | None]:
    """Give a column's numbers, NaN elsewhere, and which rows count: None for all.

    A text or a list is no number and no NaN.
    """
    if column.values.dtype.kind != "O":
        return column.floats(), column.present
    numbers = np.full(len(column.values), np.nan)
    counted = np.zeros(len(column.values), bool)
    there = column.present
    for i, value in enumerate(column.values):
        if not isinstance(value, int | float) or isinstance(value, bool):
            continue
        counted[i] = there is None or bool(there[i])
        try:
            numbers[i] = value
        except OverflowError:
            numbers[i] = math.inf if value > 0 else -math.inf
    return numbers, counted


def _joined(rows: list[tuple[int, str, bytes | None, bytes]], first: int, n: int) -> Column:
    """Put chunks together; `first` is the number of the first one that could be there."""
    kinds = {kind for _, kind, _, _ in rows}
    if len(rows) == -(-n // ROWS) and len(kinds) == 1 and "O" not in kinds:
        (kind,) = kinds
        values = np.frombuffer(b"".join(data for _, _, _, data in rows), KINDS[kind])
        if all(present is None for _, _, present, _ in rows):
            if len(values) != n:
                raise DamagedPageError
            return Column(values)
    return _patchwork(rows, first, n, kinds)


def _patchwork(
    rows: list[tuple[int, str, bytes | None, bytes]], first: int, n: int, kinds: set[str]
) -> Column:
    """A column with gaps, or of several kinds: as `History.columns` gives it."""
    present = np.zeros(n, bool)
    exact = kinds <= {"f", "i"} and all(
        kind == "f" or int(np.abs(np.frombuffer(data, "<i8")).max(initial=0)) <= 2**53
        for _, kind, _, data in rows
    )
    kind = next(iter(kinds)) if len(kinds) == 1 else "f" if exact else "O"
    dtype: Any = {"f": np.float64, "i": np.int64, "b": np.bool_, "O": object}[kind]
    blank = {"f": np.nan, "i": 0, "b": False, "O": None}[kind]
    values = np.full(n, blank, dtype)
    for part, chunk_kind, mask, data in rows:
        start = (part - first) * ROWS
        where = slice(start, min(start + ROWS, n))
        size = where.stop - where.start
        here = np.ones(size, bool)
        if mask is not None:
            here = np.unpackbits(np.frombuffer(mask, np.uint8), count=size).astype(bool)
        present[where] = here
        if chunk_kind == "O":
            piece = np.empty(size, object)
            piece[:] = loads(data)
        else:
            piece = np.frombuffer(data, KINDS[chunk_kind]).astype(dtype)
        if len(piece) != size:
            raise DamagedPageError
        values[where][here] = piece[here]
    return Column(values, None if present.all() else present)
