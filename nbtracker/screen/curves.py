"""One metric of a run as it is drawn: few bins that hide no spike, no NaN and no infinity."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from nbtracker.views import bins as binning
from nbtracker.views.catalogue.chunks import ROWS, ChunkReader
from nbtracker.views.history import OWN_COLUMNS, RUNTIME, STEP, Stretch

N_BINS = 1_024
MOST_READ = 2**17
"""Of a segment of more rows, bins are read and not values."""


@dataclass(frozen=True, slots=True)
class Segment:
    """What was logged of a metric until its steps started again, in bins.

    All arrays have one entry for each bin that holds a value. Shape: (n,).

    Attributes:
        x_first, x_last: Where the bin begins and ends; both are finite.
        first, last, min, max: Of the finite numbers; NaN if there is none.
        n: How many values there are.
        n_nan, n_pos_inf, n_neg_inf: How many of them are none of these.
    """

    x_first: Any
    x_last: Any
    first: Any
    last: Any
    min: Any
    max: Any
    n: Any
    n_nan: Any
    n_pos_inf: Any
    n_neg_inf: Any


@dataclass(frozen=True, slots=True)
class Curve:
    """A metric of a run.

    Attributes:
        name: As it is shown.
        x: The name of the axis, as it is shown.
        segments: The newest last; none if there is no number.
        n: How many values there are.
        n_nan, n_inf: How many of them are NaN, or infinite.
        last: The newest value; None if there is none.
        low, high: The smallest and the largest finite number; None if there is none.
        best: Where the best value is, and what; None if nobody said what is good.
        goal: "minimize" or "maximize", if anybody said.
    """

    name: str
    x: str
    segments: tuple[Segment, ...] = ()
    n: int = 0
    n_nan: int = 0
    n_inf: int = 0
    last: float | None = None
    low: float | None = None
    high: float | None = None
    best: tuple[float, float] | None = None
    goal: str | None = None


def curve_of(
    reader: ChunkReader,
    name: str,
    label: str,
    *,
    x: str = STEP,
    x_label: str = "step",
    started_at: float = 0.0,
    goal: str | None = None,
) -> Curve:
    """Put a metric into bins, each segment for itself.

    Args:
        reader: What is known of the run's history.
        name: Canonical name of the metric.
        label: What it is called.
        x: Canonical name of the axis.
        x_label: What the axis is called.
        started_at: What `_runtime` counts from. Units: seconds since 1970.
        goal: "minimize" or "maximize".
    """
    found: list[Segment] = []
    for start, stop in segment_rows(reader.stretches(), reader.n_rows):
        drawn = _segment(reader, name, x, start, stop)
        if x == RUNTIME:
            drawn = replace(
                drawn, x_first=drawn.x_first - started_at, x_last=drawn.x_last - started_at
            )
        found += _apart(drawn) if x in OWN_COLUMNS else [drawn] if len(drawn.n) else []
    if not found:
        return Curve(label, x_label, goal=goal)
    n_nan = sum(int(one.n_nan.sum()) for one in found)
    n_inf = sum(int(one.n_pos_inf.sum() + one.n_neg_inf.sum()) for one in found)
    lows = np.concatenate([one.min for one in found])
    highs = np.concatenate([one.max for one in found])
    finite = np.isfinite(lows)
    best = None
    if goal is not None and finite.any():
        values = highs if goal == "maximize" else lows
        place = int(np.nanargmax(values) if goal == "maximize" else np.nanargmin(values))
        best = float(np.concatenate([one.x_first for one in found])[place]), float(values[place])
    return Curve(
        label,
        x_label,
        tuple(found),
        n=sum(int(one.n.sum()) for one in found),
        n_nan=n_nan,
        n_inf=n_inf,
        last=_newest(reader, name),
        low=float(lows[finite].min()) if finite.any() else None,
        high=float(highs[finite].max()) if finite.any() else None,
        best=best,
        goal=goal,
    )


def segment_rows(stretches: Sequence[Stretch], n_rows: int) -> Iterator[tuple[int, int]]:
    """Give the first row of each segment, and the first behind it."""
    begins = [
        one.row
        for before, one in zip([None, *stretches], stretches, strict=False)
        if before is None or before.segment != one.segment
    ]
    yield from pairwise([*begins, n_rows])


def _newest(reader: ChunkReader, name: str) -> float | None:
    """The last value that counts; None if there is none."""
    stop = reader.n_rows
    while stop > 0:
        start = max(0, stop - ROWS)
        numbers, counted = reader.numbers(name, start, stop)
        if counted.any():
            return float(numbers[np.flatnonzero(counted)[-1]])
        stop = start
    return None


def _segment(reader: ChunkReader, name: str, x: str, start: int, stop: int) -> Segment:
    """Put rows into bins; of many, only the ends of what the catalogue has in bins are read."""
    if stop - start <= MOST_READ:
        return _exactly(reader, name, x, start, stop)
    width = binning.width(stop - start, N_BINS)
    first, last = -(-start // width), stop // width
    found = reader.bins(name, width, first, last)
    if found is None:
        return _exactly(reader, name, x, start, start)
    if x in OWN_COLUMNS:
        x_first, x_last = reader.ends("step" if x == STEP else "at", width, first, last)
    else:
        along = reader.bins(x, width, first, last)
        nothing = np.full(last - first, np.nan)
        x_first, x_last = (nothing, nothing) if along is None else (along.first, along.last)
    inside = _made(found, x_first, x_last)
    return _joined([
        _exactly(reader, name, x, start, first * width),
        inside,
        _exactly(reader, name, x, last * width, stop),
    ])  # fmt: skip


def _exactly(reader: ChunkReader, name: str, x: str, start: int, stop: int) -> Segment:
    """Put rows into bins; those that lack the metric take no room."""
    values, here = reader.numbers(name, start, stop)
    if x in OWN_COLUMNS:
        xs = reader.rows(start, stop)[0 if x == STEP else 1].astype(np.float64)
    else:
        xs, known = reader.numbers(x, start, stop)
        here = here & known
    here = here & np.isfinite(xs)
    values, xs = values[here], xs[here]
    width = binning.width(len(values), N_BINS)
    place = binning.bins(xs, width)
    return _made(binning.bins(values, width), place.first, place.last)


def _made(found: binning.Bins, x_first: Any, x_last: Any) -> Segment:
    """Leave out bins of which there is nothing to draw."""
    kept = (found.count > 0) & np.isfinite(x_first) & np.isfinite(x_last)
    names = ("first", "last", "min", "max", "n_nan", "n_pos_inf", "n_neg_inf")
    arrays = {name: getattr(found, name)[kept] for name in names}
    return Segment(x_first=x_first[kept], x_last=x_last[kept], n=found.count[kept], **arrays)


def _joined(parts: Sequence[Segment]) -> Segment:
    names = Segment.__dataclass_fields__
    return Segment(**{n: np.concatenate([getattr(one, n) for one in parts]) for n in names})


def _apart(segment: Segment) -> Iterator[Segment]:
    """Part what goes back on the axis: several writers of one run count for themselves."""
    back = np.flatnonzero(np.diff(segment.x_first) < 0) + 1
    for start, stop in pairwise([0, *back.tolist(), len(segment.n)]):
        if stop > start:
            names = Segment.__dataclass_fields__
            yield Segment(**{name: getattr(segment, name)[start:stop] for name in names})
