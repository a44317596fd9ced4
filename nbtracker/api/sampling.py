"""Which rows of a history to give, and under which names."""

import operator
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from nbtracker.api.segments import SEGMENT, SegmentedHistory, segments_of
from nbtracker.api.source import Source
from nbtracker.errors import NotFoundError, UsageError
from nbtracker.journal import names
from nbtracker.store.layout import RunFolder
from nbtracker.views.history import OWN_COLUMNS, RUNTIME, STEP, TIME, Column, Columns

if TYPE_CHECKING:
    from nbtracker.views.catalogue.columns import Series


def shown(known: Iterable[str]) -> dict[str, str]:
    r"""Spell canonical names as the reference does: parts with dots between.

    A literal "a.b" looks like the "b" in "a" then. Where both are known, or anything else
    looks alike, it keeps its canonical name, `a\.b`.
    """
    dotted = {name: ".".join(names.split(name)) for name in known}
    times = Counter(dotted.values())
    return {
        name: name if times[said] > 1 or said in dotted else said for name, said in dotted.items()
    }


def find(key: str, known: Iterable[str]) -> str:
    """Give the canonical name that a key means, spelled either way; the key if there is none."""
    known = list(known)
    if key in known:
        return key
    return next((name for name in known if ".".join(names.split(name)) == key), key)


def resolve(
    source: Source, folder: RunFolder, keys: Sequence[str] | None, x_axis: str
) -> dict[str, str] | None:
    """Give the canonical name of each of these keys, and of the axis before; None for all."""
    if keys is None:
        return None
    if isinstance(keys, str):
        raise UsageError(f"keys is the text {keys!r}; it should be a list: [{keys!r}]")
    known = source.columns.names(folder)
    return {key: find(key, known) for key in [x_axis, *keys]}


def check_samples(samples: Any) -> int:
    """Return how many rows to give at most.

    Raises:
        UsageError: It is no whole number of at least 1.
    """
    try:
        number = operator.index(samples)
    except TypeError:
        number = 0
    if number < 1:
        raise UsageError(
            f"samples is {samples!r}; it must be a whole number of at least 1, such as 500. "
            "For all rows, there is scan_history()."
        )
    return number


def candidates(read: "Series", wanted: Iterable[str]) -> Any:
    """Find the rows that have all of these metrics. Shape: (m,) sorted row numbers."""
    import numpy as np

    here = np.ones(len(read.step), bool)
    for name in wanted:
        if name in OWN_COLUMNS or name == SEGMENT:  # every row has them
            continue
        column = read.of.get(name)
        if column is None:
            return np.empty(0, np.int64)
        if column.present is not None:
            here &= column.present
    return np.flatnonzero(here)


def choose(read: "Series", rows: Any, samples: int) -> Any:
    """Choose at most `samples` of these rows, as `thinned` does. Shape: (m,) sorted."""
    if len(rows) <= samples:
        return rows
    from nbtracker.api.thinning import thinned

    measured = [
        Column(column.values[rows], None if column.present is None else column.present[rows])
        for column in read.of.values()
    ]
    return rows[thinned(len(rows), measured, samples)]


def columns_of(
    read: "Series | Columns", rows: Any, started_at: float, *, with_segments: bool | None = None
) -> dict[str, Any]:
    """Give rows by canonical names: arrays, or lists with None where a row lacks one.

    Args:
        read: All rows.
        rows: Which of them to give.
        started_at: What `_runtime` counts from.
        with_segments: Give `_segment`, too. Default: if there are several.
    """
    own = {STEP: read.step, RUNTIME: read.at - started_at, TIME: read.at}
    if with_segments is None:
        with_segments = any(one.segment for one in read.stretches)
    if with_segments:
        own[SEGMENT] = segments_of(read.stretches, len(read.step))
    every: dict[str, Any] = {name: values[rows] for name, values in own.items()}
    for name, column in read.of.items():
        values = _column(column, rows)
        if name in own and isinstance(values, list):
            # A user may log these names, too; what a row lacks is what was recorded.
            here = [True] * len(values) if column.present is None else column.present[rows].tolist()
            both = zip(here, values, every[name].tolist(), strict=True)
            values = [logged if has else recorded for has, logged, recorded in both]
        every[name] = values
    return every


def _column(column: Any, rows: Any) -> Any:
    values = column.values[rows]
    here = None if column.present is None else column.present[rows]
    if values.dtype.kind != "O" and (here is None or here.all()):
        return values
    listed = values.tolist()
    if here is None:
        return listed
    return [value if has else None for value, has in zip(listed, here.tolist(), strict=True)]


def scan(
    folder: RunFolder,
    started_at: float,
    keys: Sequence[str] | None,
    min_step: int | None,
    max_step: int | None,
    gone: Callable[[], NotFoundError],
) -> Iterator[dict[str, Any]]:
    """Read the journals now, and give an iterator over the rows that are asked for."""
    if isinstance(keys, str):
        raise UsageError(f"keys is the text {keys!r}; it should be a list: [{keys!r}]")
    history = SegmentedHistory(folder, started_at, always=SEGMENT in (keys or ()))
    try:
        history.refresh()
    except FileNotFoundError as error:
        raise gone() from error
    if not folder.exists:  # it may have gone before it was read: no rows is not what it says
        raise gone()
    known = history.names
    if keys is None:
        spelled = shown(known)
        rows = history.rows(min_step=min_step, max_step=max_step)
        return ({spelled.get(name, name): value for name, value in row.items()} for row in rows)
    wanted = {key: find(key, known) for key in keys}
    found = history.rows(dict.fromkeys(wanted.values()), min_step=min_step, max_step=max_step)
    return ({key: row[name] for key, name in wanted.items()} for row in found)
