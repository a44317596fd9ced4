"""Series of a run as bytes: few bins that hide nothing, whatever rows are asked for.

A reply is an unsigned 32-bit length, a JSON header (`series_schema.SeriesHeader`) of so many bytes,
padded with blanks so that what follows begins at a multiple of 8, and arrays of float64. All
numbers are little endian. Equal arrays may lie at the same place.
"""

import json
import struct
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from nbtracker.errors import UsageError
from nbtracker.store.layout import RunFolder
from nbtracker.views.bins import COUNTS, NUMBERS, Bins, Floats
from nbtracker.views.catalogue.chunks import ROWS, ChunkReader
from nbtracker.views.catalogue.columns import HistoryColumns
from nbtracker.views.history import RUNTIME, STEP, TIME, Stretch
from nbtracker.views.state import RUNNING
from nbtracker.wire import series_schema
from nbtracker.wire.averaging import averages, reach_of

DEFAULT_BINS, MAX_BINS = 1_024, 65_536
MAX_METRICS = 256
MAX_NUMBERS = 1_000_000
"""Bins of all metrics of one reply together."""

MAX_WIDTH = 2**40
MANY = 2**52


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of a run's history.

    Attributes:
        metrics: Canonical names.
        x: What to draw them against: a metric, `_step`, `_timestamp` or `_runtime`.
        bins: The most bins that the rows may be put into.
        rows: From the first row to behind the last. Default: all.
        since: Give only bins from the one that holds this row on.
        width: Rows of a bin, a power of two; wins over `bins`.
        ema: How much of the moving average stays with each value; None for none.
    """

    metrics: tuple[str, ...]
    x: str = STEP
    bins: int = DEFAULT_BINS
    rows: tuple[int, int] | None = None
    since: int | None = None
    width: int | None = None
    ema: float | None = None

    def check(self) -> "Query":
        """Return the query if it can be answered.

        Raises:
            UsageError: It cannot; the message says why.
        """
        if not 1 <= self.bins <= MAX_BINS:
            raise UsageError(f"bins is {self.bins}; it must be from 1 to {MAX_BINS}")
        if len(self.metrics) > MAX_METRICS:
            raise UsageError(f"{len(self.metrics)} metrics are too many; ask for {MAX_METRICS}")
        if self.rows is not None and not 0 <= self.rows[0] <= self.rows[1]:
            raise UsageError("rows must be like 1000:2000, from the first to behind the last")
        if self.since is not None and self.since < 0:
            raise UsageError(f"since is {self.since}; rows are counted from 0")
        width = self.width
        if width is not None and (not 1 <= width <= MAX_WIDTH or width & (width - 1)):
            raise UsageError(f"width is {width}; it must be a power of two up to {MAX_WIDTH}")
        if self.ema is not None and not 0.0 <= self.ema < 1.0:
            raise UsageError(f"ema is {self.ema}; it must be at least 0 and less than 1")
        return self


def encoded_series(
    columns: HistoryColumns, folder: RunFolder, query: Query, *, state: str, started_at: float = 0.0
) -> bytes:
    """Answer a query.

    Args:
        columns: Where the history is read.
        folder: The run.
        query: What is asked for.
        state: The run's state.
        started_at: What `_runtime` counts from. Units: seconds since 1970.

    Raises:
        NotFoundError: The run is gone.
        UsageError: The query is wrong, or asks for too many bins.
    """
    query.check()
    reply = columns.ask(folder, lambda reader: _Reply(reader, query, started_at))
    said: dict[str, Any] = {"run": f"{folder.project}/{folder.id}", **reply.header}
    said |= {"state": state, "is_running": state == RUNNING, "x": query.x}
    return reply.encode(said)


class _Reply:
    """The arrays of one answer, and what the header says of them."""

    def __init__(self, reader: ChunkReader, query: Query, started_at: float) -> None:
        self._reader, self._query = reader, query
        self._arrays: list[Floats] = []
        self._n = 0
        self._zeros: int | None = None
        self._width, self._first, self._stop = _range(reader.n_rows, query)
        n_bins = self._stop - self._first
        if n_bins > MAX_BINS or n_bins * len(query.metrics) > MAX_NUMBERS:
            raise UsageError(
                f"{n_bins:,} bins of {len(query.metrics)} metrics are too much for one reply; ask "
                "for fewer rows or metrics, or a larger width"
            )
        stretches = reader.stretches()
        known = set(reader.names)
        names = [name for name in dict.fromkeys(query.metrics) if name in known]
        missing = [name for name in dict.fromkeys(query.metrics) if name not in known]
        x_first, x_last = map(self._put, self._x(started_at))
        self.header: dict[str, Any] = {
            "n_rows": reader.n_rows,
            "rows_per_bin": self._width,
            "first_bin": self._first,
            "n_bins": n_bins,
            "stretches": list(self._covering(stretches)),
            "arrays": {"x_first": x_first, "x_last": x_last},
            "metrics": [self._metric(name, stretches) for name in names],
            "missing": missing,
        }

    def encode(self, said: dict[str, Any]) -> bytes:
        """Spell the header and all arrays."""
        header = json.dumps(said, allow_nan=False, separators=(",", ":")).encode()
        header += b" " * (-(len(header) + 4) % 8)
        return b"".join(
            [struct.pack("<I", len(header)), header, *(a.tobytes() for a in self._arrays)]
        )

    def _put(self, array: Any) -> int:
        """Add an array; return where it begins."""
        array = np.ascontiguousarray(array, "<f8")
        if not array.any():
            if self._zeros is None:
                self._zeros = self._append(array)
            return self._zeros
        return self._append(array)

    def _append(self, array: Floats) -> int:
        start = self._n
        self._arrays.append(array)
        self._n += len(array)
        return start

    def _x(self, started_at: float) -> tuple[Floats, Floats]:
        where = self._width, self._first, self._stop
        if self._query.x in (STEP, TIME, RUNTIME):
            what = "step" if self._query.x == STEP else "at"
            first, last = self._reader.ends(what, *where)
            before = started_at if self._query.x == RUNTIME else 0.0
            return first - before, last - before
        found = self._reader.bins(self._query.x, *where)
        if found is None:
            nothing = np.full(self._stop - self._first, np.nan)
            return nothing, nothing
        return found.first, found.last

    def _metric(self, name: str, stretches: list[Stretch]) -> series_schema.SeriesMetric:
        found = self._reader.bins(name, self._width, self._first, self._stop)
        if found is None:
            raise UsageError(f"the run has no metric {name!r}")
        arrays: dict[str, Any] = {word: self._put(getattr(found, word)) for word in COUNTS}
        if self._width == 1:
            arrays |= dict.fromkeys(NUMBERS, self._put(found.first))
        else:
            arrays |= {word: self._put(getattr(found, word)) for word in NUMBERS}
        arrays["ema"] = None
        if self._query.ema is not None:
            arrays["ema"] = self._put(self._average(name, self._query.ema, stretches))
        said: Any = {"name": name, **_counted(found), "arrays": arrays}
        metric: series_schema.SeriesMetric = said
        return metric

    def _covering(self, stretches: list[Stretch]) -> Iterator[series_schema.SeriesStretch]:
        """The stretches that the asked rows lie in: of each bin the last that begins there.

        And that at which its segment begins. A bin counts as of its newest segment; those between
        are not drawn until bins are finer.
        """
        start, stop = self._first * self._width, self._stop * self._width
        rows = [one.row for one in stretches]
        # The one that the first row lies in began before, or with it.
        some = stretches[max(0, bisect_right(rows, start) - 1) : bisect_left(rows, stop)]
        begun: Stretch | None = None
        for before, one, after in zip([None, *some], some, [*some[1:], None], strict=False):
            if before is None or one.segment != before.segment:
                begun = one
            is_last = after is None or after.row // self._width > one.row // self._width
            if is_last or one.row < start:
                if begun is not None and begun is not one:
                    yield _told(begun)
                yield _told(one)
                begun = None

    def _average(self, name: str, beta: float, stretches: list[Stretch]) -> Floats:
        """The moving average at the last number of each bin, NaN where there is none.

        It runs over all numbers of a segment; those that weigh nothing any more are not read.
        """
        reader = self._reader
        start, stop = self._first * self._width, min(self._stop * self._width, reader.n_rows)
        pairs = zip(stretches, [None, *stretches], strict=False)
        begins = [one.row for one, before in pairs if not before or one.segment != before.segment]
        own = max((row for row in begins if row <= start), default=0)
        begin = _reach_back(reader, name, beta, own, start)
        numbers, _ = reader.numbers(name, begin, stop)
        at = np.flatnonzero(np.isfinite(numbers))
        values, rows = numbers[at], at + begin
        bins = np.arange(self._first, self._stop)
        behind = np.searchsorted(rows, (bins + 1) * self._width)
        cuts = np.unique(np.append(behind, np.searchsorted(rows, start)))
        averaged = np.full(len(rows) + 1, np.nan)
        edges = [begin, *(row for row in begins if begin < row < stop), stop]
        for i, (first, last) in enumerate(pairwise(np.searchsorted(rows, edges).tolist())):
            ends = cuts[(cuts > first) & (cuts <= last)] - first
            # What is not read weighs nothing, and neither does where the segment began.
            n_before = MANY if i == 0 and begin != own else 0
            averaged[first + ends - 1] = averages(values[first:last], ends, beta, n_before)
        is_there = np.append(rows, -1)[behind - 1] >= bins * self._width
        return np.where(is_there, averaged[behind - 1], np.nan)


def _range(n_rows: int, query: Query) -> tuple[int, int, int]:
    """Say how wide bins are, which is the first to give, and which the first not to give."""
    start, stop = query.rows or (0, n_rows)
    start, stop = min(start, n_rows), min(stop, n_rows)
    width = query.width or 1
    while query.width is None and -(-stop // width) - start // width > query.bins:
        width *= 2
    first, end = start // width, -(-stop // width)
    if query.since is not None:
        first = min(max(first, query.since // width), end)
    return width, first, max(first, end)


def _told(one: Stretch) -> series_schema.SeriesStretch:
    return {"row": one.row, "segment": one.segment, "execution": one.execution}


def _counted(found: Bins) -> dict[str, int]:
    n_inf = int(found.n_pos_inf.sum() + found.n_neg_inf.sum())
    return {"n_values": int(found.count.sum()), "n_nan": int(found.n_nan.sum()), "n_inf": n_inf}


def _reach_back(reader: ChunkReader, name: str, beta: float, own: int, start: int) -> int:
    """Say which row to begin with, so that what went before weighs nothing at `start`.

    Args:
        reader: Where the rows are.
        name: The metric.
        beta: How much of the average stays with each value.
        own: The first row of the segment that `start` lies in.
        start: The first row that is shown.
    """
    first = -(-own // ROWS)  # the first chunk that lies in the segment with all its rows
    last = start // ROWS
    if last <= first:
        return own
    before = reader.chunk_bins(name, own, last * ROWS)
    n_finite = before.count - before.n_nan - before.n_pos_inf - before.n_neg_inf
    sizes = np.nan_to_num(np.fmax(np.abs(before.min), np.abs(before.max)))
    reach = reach_of(beta, float(sizes.max(initial=0.0)))
    behind = np.cumsum(n_finite[first - last :][::-1])
    n_chunks = int(np.searchsorted(behind, reach)) + 1
    return own if n_chunks > len(behind) else (last - n_chunks) * ROWS
