"""A long series in few bins that hide nothing: no spike, no NaN, no gap.

Bins hold a power of two of rows each, so that appending rows never changes a full bin, and
bins of bins are bins.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

Floats: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]
Integers: TypeAlias = np.ndarray[Any, np.dtype[np.int64]]
Mask: TypeAlias = np.ndarray[Any, np.dtype[np.bool_]]


NUMBERS = ("first", "last", "min", "max")
COUNTS = ("count", "n_nan", "n_pos_inf", "n_neg_inf")

TELLING = 7
"""The most rows of one bin that `telling_rows` chooses."""


@dataclass(frozen=True, slots=True)
class Bins:
    """What stands in each bin. Rows `i * rows_per_bin` and following are bin `i`.

    Infinities are counted apart, so that none hides a spike.

    Attributes:
        rows_per_bin: A power of two; the last bin may hold fewer.
        first, last, min, max: Of the finite numbers of a bin; NaN if there is none.
            Shape: (n_bins,).
        count: How many rows of the bin have the metric, as a number or as NaN. Shape: (n_bins,).
        n_nan, n_pos_inf, n_neg_inf: How many of these are none, and infinite. Shape: (n_bins,).
    """

    rows_per_bin: int
    first: Floats
    last: Floats
    min: Floats
    max: Floats
    count: Integers
    n_nan: Integers
    n_pos_inf: Integers
    n_neg_inf: Integers

    @property
    def start(self) -> Integers:
        """The first row of each bin. Shape: (n_bins,)."""
        return np.arange(len(self.count), dtype=np.int64) * self.rows_per_bin


def width(n_rows: int, n_bins: int) -> int:
    """Give the smallest power of two that puts `n_rows` rows into at most `n_bins` bins."""
    if n_bins < 1:
        raise ValueError(f"n_bins is {n_bins}; it must be at least 1")
    rows_per_bin = 1
    while -(-n_rows // rows_per_bin) > n_bins:
        rows_per_bin *= 2
    return rows_per_bin


def bins(values: Floats, rows_per_bin: int, present: Mask | None = None) -> Bins:
    """Put a series into bins.

    Args:
        values: One for each row.
        rows_per_bin: A power of two, see `width`.
        present: Which rows have a value. Default: all.

    Shape:
        (n,), (n,) -> Bins of (ceil(n / rows_per_bin),)
    """
    n_bins, n = -(-len(values) // rows_per_bin), _filled(rows_per_bin, len(values))
    shape = (n_bins, n)
    padded = np.full(n_bins * n, np.nan)
    padded[: len(values)] = values
    here = np.zeros(n_bins * n, bool)
    here[: len(values)] = True if present is None else present
    if present is not None:
        padded[~here] = np.nan
    grid = padded.reshape(shape)
    count = here.reshape(shape).sum(axis=1, dtype=np.int64)
    n_numbers = (~np.isnan(grid)).sum(axis=1, dtype=np.int64)
    finite = np.isfinite(grid)
    infinite = [(grid == sign).sum(axis=1, dtype=np.int64) for sign in (np.inf, -np.inf)]
    if any(n.any() for n in infinite):
        grid[~finite] = np.nan
    rows = np.arange(n_bins)
    last = n - 1 - finite[:, ::-1].argmax(axis=1)
    return Bins(
        rows_per_bin,
        first=grid[rows, finite.argmax(axis=1)],
        last=grid[rows, last],
        min=np.fmin.reduce(grid, axis=1, initial=np.nan),
        max=np.fmax.reduce(grid, axis=1, initial=np.nan),
        count=count,
        n_nan=count - n_numbers,
        n_pos_inf=infinite[0],
        n_neg_inf=infinite[1],
    )


def _filled(n: int, most: int) -> int:
    """How much of a bin of `n` there can be in a series of `most`: a power of two as well.

    Whoever asks may say any width, which must not become memory.
    """
    return min(n, 1 << max(0, most - 1).bit_length())


def merged(fine: Bins, n: int) -> Bins:
    """Put each `n` neighbouring bins, a power of two, into one."""
    if n == 1:
        return fine
    rows_per_bin = fine.rows_per_bin * n
    n_bins, n = -(-len(fine.count) // n), _filled(n, len(fine.count))

    def grid(name: str, blank: float) -> Any:
        values = getattr(fine, name)
        padded = np.full(n_bins * n, blank, values.dtype)
        padded[: len(values)] = values
        return padded.reshape(n_bins, n)

    ends = {name: bins(grid(name, np.nan).reshape(-1), n) for name in ("first", "last")}
    return Bins(
        rows_per_bin,
        first=ends["first"].first,
        last=ends["last"].last,
        min=np.fmin.reduce(grid("min", np.nan), axis=1, initial=np.nan),
        max=np.fmax.reduce(grid("max", np.nan), axis=1, initial=np.nan),
        **{name: grid(name, 0).sum(axis=1) for name in COUNTS},
    )


def telling_rows(values: Floats, n_bins: int, present: Mask | None = None) -> Integers:
    """Choose rows that show all of a series: what `Bins` says of it.

    Of each bin the first, last, smallest and largest finite number, and the first NaN and the
    first infinity of each sign.

    Shape:
        (n,) -> (m,) sorted row numbers, m <= TELLING * n_bins
    """
    n = len(values)
    rows_per_bin = width(n, n_bins)
    if rows_per_bin == 1:
        everything = np.arange(n, dtype=np.int64)
        return everything if present is None else everything[present]
    size = -(-n // rows_per_bin) * rows_per_bin
    padded = np.full(size, np.nan)
    padded[:n] = values
    here = np.zeros(size, bool)
    here[:n] = True if present is None else present
    grid, given = padded.reshape(-1, rows_per_bin), here.reshape(-1, rows_per_bin)
    finite = np.isfinite(grid) & given
    offset = np.arange(len(grid), dtype=np.int64) * rows_per_bin
    some = finite.any(axis=1)
    last_at = rows_per_bin - 1 - finite[:, ::-1].argmax(axis=1)
    low_at = np.where(finite, grid, np.inf).argmin(axis=1)
    high_at = np.where(finite, grid, -np.inf).argmax(axis=1)
    chosen = [(offset + at)[some] for at in (finite.argmax(axis=1), last_at, low_at, high_at)]
    for marked in (np.isnan(grid), grid == np.inf, grid == -np.inf):
        odd = marked & given
        chosen.append((offset + odd.argmax(axis=1))[odd.any(axis=1)])
    return np.unique(np.concatenate(chosen))
