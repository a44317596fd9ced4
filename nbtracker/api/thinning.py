"""Few rows of a long history that hide as little of it as they can."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from nbtracker.views.bins import TELLING, telling_rows
from nbtracker.views.history import Column


def thinned(n: int, columns: Sequence[Column], samples: int) -> Any:
    """Choose `samples` of `n` rows, or all if there are no more.

    The first and the last row are among them. Then come the rows that tell of each metric
    what `telling_rows` finds, in as many bins as there is room for; the others are evenly
    spread, and where rows stand next to each other, the one with the rarest metric is taken.

    Shape:
        columns of (n,) -> (min(samples, n),) sorted row numbers
    """
    if n <= samples:
        return np.arange(n, dtype=np.int64)
    chosen = np.zeros(n, bool)
    chosen[_telling(n, columns, samples)] = True
    chosen[_spread(np.flatnonzero(~chosen), _rarity(n, columns), samples - chosen.sum())] = True
    return np.flatnonzero(chosen)


def _telling(n: int, columns: Sequence[Column], samples: int) -> Any:
    """At most `samples` rows, the most telling ones if there is no room for all."""
    series = [found for found in map(_numbers, columns) if found is not None]
    ends = np.array([0, n - 1])
    n_bins = max(0, samples - len(ends)) // (TELLING * max(1, len(series)))
    if n_bins:
        kept = [telling_rows(values, n_bins, present) for values, present in series]
        return np.concatenate([ends, *kept])
    extremes, gaps, others = [ends], [ends[:0]], [ends[:0]]
    for values, present in series:
        rows = telling_rows(values, 1, present)
        some = values[rows]
        known = ~np.isnan(some)
        if known.any():
            extremes.append(rows[[np.nanargmin(some), np.nanargmax(some)]])
        gaps.append(rows[~known])
        others.append(rows[known])
    ranked = np.concatenate([*extremes, *gaps, *others])
    _, first = np.unique(ranked, return_index=True)
    return ranked[np.sort(first)[:samples]]


def _spread(rows: Any, rarity: Any, n: int) -> Any:
    """Choose `n` of these rows, one of each of `n` neighbourhoods."""
    if not n:
        return rows[:0]
    neighbourhood = np.arange(len(rows)) * n // len(rows)
    start = np.searchsorted(neighbourhood, np.arange(n))
    rarest = np.maximum.reduceat(rarity[rows], start)
    fits = rarity[rows] == rarest[neighbourhood]
    n_fitting = np.add.reduceat(fits, start, dtype=np.int64)
    # Of rows that are alike the middle one; of rare ones another each time, for they may
    # have different metrics, and none of these is to be left out for good.
    place = np.where(rarest == 0, n_fitting // 2, np.arange(n) % n_fitting)
    rank = np.cumsum(fits) - 1
    before = np.concatenate([[0], np.cumsum(n_fitting)[:-1]])
    return rows[fits & (rank == (before + place)[neighbourhood])]


def _rarity(n: int, columns: Sequence[Column]) -> Any:
    """How rare the rarest metric of each row is: 0 if most rows have it, 1 if half of them."""
    found = np.zeros(n, np.int64)
    for column in columns:
        if column.present is not None and column.present.any():
            rarity = int(math.log2(n / column.present.sum()))
            np.maximum(found, rarity, out=found, where=column.present)
    return found


def _numbers(column: Column) -> tuple[Any, Any] | None:
    """A column's numbers, and where they are; None if it has none."""
    if column.values.dtype.kind != "O":
        return column.floats(), column.present
    present = np.fromiter((isinstance(v, int | float) for v in column.values), bool)
    if not present.any():
        return None
    pairs = zip(column.values, present.tolist(), strict=True)
    values = np.fromiter((_float(v) if has else math.nan for v, has in pairs), np.float64)
    return values, present


def _float(number: float) -> float:
    try:
        return float(number)
    except OverflowError:  # an integer beyond what a float holds
        return math.inf if number > 0 else -math.inf
