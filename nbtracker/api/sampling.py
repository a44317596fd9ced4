"""Which rows of a history to give, and under which names."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from nbtracker.api.source import Source
from nbtracker.errors import NotFoundError, UsageError
from nbtracker.journal import names
from nbtracker.store.layout import RunFolder
from nbtracker.views.history import OWN_COLUMNS, RUNTIME, STEP, TIME, History

if TYPE_CHECKING:
    from nbtracker.views.catalogue.columns import Series

# Each bin may keep five rows of each metric; fewer bins than this would tell too little.
MIN_BINS = 16


def shown(name: str) -> str:
    """Spell a canonical name as the reference does: parts with dots between."""
    return ".".join(names.split(name))


def find(key: str, known: Sequence[str]) -> str:
    """Give the canonical name that a key means; the key itself if there is none."""
    if key in known:
        return key
    return next((name for name in known if shown(name) == key), key)


def resolve(
    source: Source, folder: RunFolder, keys: Sequence[str] | None, x_axis: str
) -> list[str] | None:
    """Give the canonical names to read for these keys; None for all."""
    if keys is None:
        return None
    if isinstance(keys, str):
        raise UsageError(f"keys is the text {keys!r}; it should be a list: [{keys!r}]")
    known = source.columns.names(folder)
    return [find(key, known) for key in dict.fromkeys([*keys, x_axis])]


def choose(read: "Series", keys: Sequence[str] | None, x_axis: str, samples: int) -> Any:
    """Choose the rows to give. Shape: (m,) sorted row numbers."""
    import numpy as np

    from nbtracker.views.bins import telling_rows

    if samples < 1:
        raise UsageError(f"samples is {samples}; it must be at least 1")
    n = len(read.step)
    here = np.ones(n, bool)
    required = [x_axis] if x_axis != STEP else []
    for key in [*(keys or []), *required]:
        if key in OWN_COLUMNS and find(key, list(read.of)) not in read.of:
            continue
        column = read.of.get(find(key, list(read.of)))
        if column is None:
            return np.empty(0, np.int64)
        if column.present is not None:
            here &= column.present
    if n <= samples or here.sum() <= samples:
        return np.flatnonzero(here)
    measured = [c for c in read.of.values() if c.values.dtype.kind != "O"]
    n_bins = max(MIN_BINS, samples // (5 * max(1, len(measured))))
    rows = np.flatnonzero(here)
    chosen = [np.array([0, len(rows) - 1])]
    for column in measured:
        present = None if column.present is None else column.present[rows]
        chosen.append(telling_rows(column.floats()[rows], n_bins, present))
    if not measured:
        chosen.append(np.linspace(0, len(rows) - 1, samples).astype(np.int64))
    return rows[np.unique(np.concatenate(chosen))]


def columns(
    read: "Series", rows: Any, keys: Sequence[str] | None, x_axis: str, started_at: float
) -> dict[str, Any]:
    """Give the values of the chosen rows: arrays, or lists with None where a row lacks one."""
    own = {STEP: read.step, RUNTIME: read.at - started_at, TIME: read.at}
    found = {shown(name): _column(column, rows) for name, column in read.of.items()}
    every = {name: values[rows] for name, values in own.items() if name not in found} | found
    if keys is None:
        return every
    wanted = dict.fromkeys([x_axis, *keys])
    return {key: every[key] for key in wanted if key in every}


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
    history = History(folder, started_at)
    try:
        history.refresh()
    except FileNotFoundError as error:
        raise gone() from error
    if not folder.exists:  # it may have gone before it was read: no rows is not what it says
        raise gone()
    if keys is None:
        rows = history.rows(min_step=min_step, max_step=max_step)
        return ({shown(name): value for name, value in row.items()} for row in rows)
    known = history.names
    canonical = {find(key, known): key for key in keys}
    found = history.rows(list(canonical), min_step=min_step, max_step=max_step)
    return ({canonical[name]: value for name, value in row.items()} for row in found)
