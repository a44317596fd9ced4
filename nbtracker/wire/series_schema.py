"""The types of what stands before the arrays of a series; see `nbtracker.wire.series`."""

from typing import TypedDict

from nbtracker.wire.schema import State


class SeriesStretch(TypedDict):
    """From `row` to where the next begins, rows are of one segment and one execution."""

    row: int
    segment: int
    execution: str | None


class SeriesArrays(TypedDict):
    """Where the arrays of a metric begin, each of `n_bins` numbers. Units: float64s.

    `first`, `last`, `min` and `max` are of the finite numbers of a bin, NaN if there is none;
    `count` is how many rows have the metric; `n_nan`, `n_pos_inf` and `n_neg_inf` count apart.
    """

    first: int
    last: int
    min: int
    max: int
    count: int
    n_nan: int
    n_pos_inf: int
    n_neg_inf: int
    ema: int | None


class SeriesMetric(TypedDict):
    """A metric of a series; the counts are of the bins that are given."""

    name: str
    n_values: int
    n_nan: int
    n_inf: int
    arrays: SeriesArrays


class XArrays(TypedDict):
    """Where x at the first and the last row of each bin begins. Units: float64s."""

    x_first: int
    x_last: int


class SeriesHeader(TypedDict):
    """What stands before the arrays of a series.

    Bin `i` holds rows `(first_bin + i) * rows_per_bin` and following; the last may hold fewer.
    `stretches` cover the bins that are given: of those that begin in one bin, the last, and that
    at which its segment begins. `missing` are metrics that the run lacks.
    """

    run: str
    n_rows: int
    rows_per_bin: int
    first_bin: int
    n_bins: int
    state: State
    is_running: bool
    x: str
    stretches: list[SeriesStretch]
    metrics: list[SeriesMetric]
    missing: list[str]
    arrays: XArrays
