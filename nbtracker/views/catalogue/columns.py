"""History columns in the catalogue: blobs of 1,024 rows, each with its statistics.

They are made when somebody asks for a run's history, and afterwards only what was added is
written: full row groups never change, the last one is written again.
"""

import math
import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple, TypeVar

import numpy as np

from nbtracker.errors import NotFoundError
from nbtracker.journal.records import dumps, loads
from nbtracker.store.layout import RunFolder
from nbtracker.views import bins as binning
from nbtracker.views.bins import Bins
from nbtracker.views.catalogue.cells import text
from nbtracker.views.catalogue.entries import DamagedPageError
from nbtracker.views.catalogue.facts import key_of
from nbtracker.views.catalogue.index import Catalogue
from nbtracker.views.catalogue.signatures import Seen, goes_on, identity_of, signature_of
from nbtracker.views.history import Column, Columns, History, Stretch

ROWS = 1_024
"""Rows of a row group. A power of two: bins of this many rows or more need no values."""

MAX_HISTORIES = 2
Answer = TypeVar("Answer")
_KINDS = {"f": "<f8", "i": "<i8", "b": "?"}


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


class _State(NamedTuple):
    """Which journals the columns of a run were made of, and how many rows are complete."""

    seen: Seen = Seen()
    n: int = 0


class HistoryColumns:
    """The history columns of all runs of a catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._histories: OrderedDict[int, tuple[History, Seen]] = OrderedDict()

    def read(self, folder: RunFolder, names: Sequence[str] | None = None) -> Series:
        """Give columns of a run; all of them by default.

        Raises:
            NotFoundError: The run is gone.
        """
        return self._filled(folder, lambda c, run: _read(c, run, names))

    def names(self, folder: RunFolder) -> list[str]:
        """Give the canonical names of all metrics of a run, in the order they came."""
        sql = "SELECT name FROM series WHERE run = ? ORDER BY series"
        rows = self._filled(folder, lambda c, run: c.execute(sql, (run,)).fetchall())
        return [name for (name,) in rows]

    def bins(self, folder: RunFolder, name: str, n_bins: int) -> Bins:
        """Put a metric into at most `n_bins` bins; see `nbtracker.views.bins`.

        Raises:
            NotFoundError: The run is gone, or has no such metric.
        """
        found = self._filled(folder, lambda c, run: _bins(c, run, name, n_bins))
        if found is None:
            raise NotFoundError(f"run {folder.project}/{folder.id} has no metric {name!r}")
        return found

    def _filled(
        self, folder: RunFolder, work: Callable[[sqlite3.Connection, int], Answer]
    ) -> Answer:
        """Ask for something of a run whose columns are there, at one moment."""
        run = key_of(folder.project, folder.id)
        sql = "SELECT n FROM histories WHERE run = ?"

        def asked(connection: sqlite3.Connection) -> tuple[Answer] | None:
            if not connection.execute(sql, (run,)).fetchall():
                return None
            return (work(connection, run),)

        while True:
            # Raises once the run is gone; until then, another process may drop its columns.
            self.fill(folder)
            found = self.catalogue.read(asked)
            if found is not None:
                return found[0]

    def fill(self, folder: RunFolder) -> None:
        """Write what the journals have and the columns lack."""
        run = key_of(folder.project, folder.id)
        is_done = False
        while not is_done:
            before = self.catalogue.ask(lambda c: _state(c, run))
            signature = signature_of(folder)
            if not signature:
                raise _gone(folder)
            if before.seen.signature == signature:
                return
            seen = Seen(signature, identity_of(folder))
            history = self._history(folder, run, seen)
            n = before.n if goes_on(before.seen, seen) else 0
            columns = history.columns(start=n // ROWS * ROWS)
            now = _State(seen, history.n_complete)
            is_done = self.catalogue.write(
                partial(_write, run=run, columns=columns, before=before, now=now)
            )

    def _history(self, folder: RunFolder, run: int, seen: Seen) -> History:
        """A history that is read to its end; the last few are kept, to read on from there."""
        history, before = self._histories.pop(run, (None, Seen()))
        if history is None or not goes_on(before, seen):
            history = History(folder)
        try:
            history.refresh()
        except FileNotFoundError as error:
            raise _gone(folder) from error
        if not folder.exists:  # it went before it was read: no rows is not what it says
            raise _gone(folder)
        self._histories[run] = (history, seen)
        if len(self._histories) > MAX_HISTORIES:
            self._histories.popitem(last=False)
        return history


def _gone(folder: RunFolder) -> NotFoundError:
    return NotFoundError(
        f"run {folder.project}/{folder.id} is gone from {folder.path.parent.parent}; "
        "look for it with `nbtracker trash`"
    )


def _state(connection: sqlite3.Connection, run: int) -> _State:
    sql = "SELECT signature, identity, n FROM histories WHERE run = ?"
    rows = connection.execute(sql, (run,)).fetchall()
    return _State(Seen(*rows[0][:2]), rows[0][2]) if rows else _State()


def _write(
    connection: sqlite3.Connection, run: int, columns: Columns, before: _State, now: _State
) -> bool:
    """Replace everything from row `columns.start` on; False if what was before it is gone.

    The file may have been replaced, or written by another process, since `before` was read.
    """
    if columns.start and _state(connection, run) != before:
        return False
    part = columns.start // ROWS
    sql = (
        "DELETE FROM chunks WHERE series IN (SELECT series FROM series WHERE run = ?) AND part >= ?"
    )
    connection.execute(sql, (run, part))
    connection.execute("DELETE FROM row_groups WHERE run = ? AND part >= ?", (run, part))
    groups = []
    for i, at in enumerate(range(0, len(columns.step), ROWS)):
        step = columns.step[at : at + ROWS].astype("<i8")
        times = columns.at[at : at + ROWS].astype("<f8")
        edges = int(step.min()), int(step.max())
        groups.append((run, part + i, len(step), *edges, step.tobytes(), times.tobytes()))
    connection.executemany("INSERT INTO row_groups VALUES (?, ?, ?, ?, ?, ?, ?)", groups)
    _write_stretches(connection, run, columns)
    for name, column in columns.of.items():
        series = _series(connection, run, name)
        connection.executemany(
            "INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            _chunks(series, part, column),
        )
    state = (run, *now.seen, now.n)
    connection.execute("INSERT OR REPLACE INTO histories VALUES (?, ?, ?, ?)", state)
    return True


def _write_stretches(connection: sqlite3.Connection, run: int, columns: Columns) -> None:
    """Replace those from row `columns.start` on; one that goes on from before stays one."""
    connection.execute("DELETE FROM stretches WHERE run = ? AND row >= ?", (run, columns.start))
    before = _stretches(connection, run)[-1:]
    added = columns.stretches
    if before and added and before[0][1:] == added[0][1:]:
        added = added[1:]
    rows = [
        (run, row, segment, None if execution is None else text(execution))
        for row, segment, execution in added
    ]
    connection.executemany("INSERT INTO stretches VALUES (?, ?, ?, ?)", rows)


def _stretches(connection: sqlite3.Connection, run: int) -> list[Stretch]:
    sql = "SELECT row, segment, execution FROM stretches WHERE run = ? ORDER BY row"
    return [Stretch(*row) for row in connection.execute(sql, (run,))]


def _series(connection: sqlite3.Connection, run: int, name: str) -> int:
    spelled = name.encode("utf-8", "surrogatepass")
    key = spelled.decode("utf-8", "replace")
    connection.execute("INSERT OR IGNORE INTO series (run, name) VALUES (?, ?)", (run, key))
    sql = "SELECT series FROM series WHERE run = ? AND name = ?"
    ((series,),) = connection.execute(sql, (run, key)).fetchall()
    return int(series)


def _chunks(series: int, part: int, column: Column) -> Iterable[tuple[Any, ...]]:
    """Cut a column into chunks; a chunk without any value is left out."""
    kind = column.values.dtype.kind
    numbers = column.floats() if kind != "O" else _numbers(column.values)
    there = column.present
    if kind == "O":
        # A text or a list counts, but is no number and no NaN.
        counted = np.ones(len(numbers), bool) if there is None else there
        is_nan = np.array([isinstance(v, float) and math.isnan(v) for v in column.values], bool)
        statistics = binning.bins(numbers, ROWS, counted & (~np.isnan(numbers) | is_nan))
    else:
        statistics = binning.bins(numbers, ROWS, there)
    for i, at in enumerate(range(0, len(numbers), ROWS)):
        values = column.values[at : at + ROWS]
        mask = None if there is None else there[at : at + ROWS]
        if mask is not None and not mask.any():
            continue
        said = [getattr(statistics, name)[i].item() for name in ("first", "last", "min", "max")]
        data = dumps(values.tolist()) if kind == "O" else values.astype(_KINDS[kind]).tobytes()
        present = None if mask is None or mask.all() else np.packbits(mask).tobytes()
        count, n_nan = int(statistics.count[i]), int(statistics.n_nan[i])
        yield (series, part + i, kind, count, n_nan, *said, present, data)


def _numbers(values: Any) -> Any:
    """The numbers among values of any kind, NaN elsewhere; booleans are no numbers here."""
    numbers = np.full(len(values), np.nan)
    for i, value in enumerate(values):
        if isinstance(value, int | float) and not isinstance(value, bool):
            try:
                numbers[i] = value
            except OverflowError:
                numbers[i] = np.inf if value > 0 else -np.inf
    return numbers


def _read(connection: sqlite3.Connection, run: int, names: Sequence[str] | None) -> Series:
    sizes = _sizes(connection, run)
    sql = "SELECT step, at FROM row_groups WHERE run = ? ORDER BY part"
    groups = connection.execute(sql, (run,)).fetchall()
    step = np.frombuffer(b"".join(step for step, _ in groups), "<i8")
    times = np.frombuffer(b"".join(at for _, at in groups), "<f8")
    if not len(step) == len(times) == sum(sizes):
        raise DamagedPageError
    sql = "SELECT name, series FROM series WHERE run = ? ORDER BY series"
    known = dict(connection.execute(sql, (run,)).fetchall())
    wanted = list(known) if names is None else [name for name in names if name in known]
    columns = {name: _column(connection, known[name], sizes) for name in wanted}
    found = {name: column for name, column in columns.items() if column}
    return Series(step, times, found, _stretches(connection, run))


def _sizes(connection: sqlite3.Connection, run: int) -> list[int]:
    """How many rows each row group has.

    Raises:
        DamagedPageError: Some are missing.
    """
    sql = "SELECT part, n FROM row_groups WHERE run = ? ORDER BY part"
    groups = connection.execute(sql, (run,)).fetchall()
    sizes = [n for _, n in groups]
    are_all = [part for part, _ in groups] == list(range(len(groups)))
    if not are_all or set(sizes[:-1]) - {ROWS} or sum(sizes) < _state(connection, run).n:
        raise DamagedPageError
    return sizes


def _column(connection: sqlite3.Connection, series: int, sizes: list[int]) -> Column | None:
    sql = "SELECT part, kind, present, data FROM chunks WHERE series = ? ORDER BY part"
    rows = connection.execute(sql, (series,)).fetchall()
    kinds = {kind for _, kind, _, _ in rows}
    if not rows:
        return None
    if len(rows) == len(sizes) and len(kinds) == 1 and "O" not in kinds:
        (kind,) = kinds
        values = np.frombuffer(b"".join(data for _, _, _, data in rows), _KINDS[kind])
        if all(present is None for _, _, present, _ in rows):
            return Column(values)
    return _patchwork(rows, sizes, kinds)


def _patchwork(
    rows: list[tuple[int, str, bytes | None, bytes]], sizes: list[int], kinds: set[str]
) -> Column:
    """A column with gaps, or of several kinds: as `History.columns` gives it."""
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(int)
    present = np.zeros(int(starts[-1]), bool)
    exact = kinds <= {"f", "i"} and all(
        kind == "f" or int(np.abs(np.frombuffer(data, "<i8")).max(initial=0)) <= 2**53
        for _, kind, _, data in rows
    )
    kind = next(iter(kinds)) if len(kinds) == 1 else "f" if exact else "O"
    dtype: Any = {"f": np.float64, "i": np.int64, "b": np.bool_, "O": object}[kind]
    blank = {"f": np.nan, "i": 0, "b": False, "O": None}[kind]
    values = np.full(len(present), blank, dtype)
    for part, chunk_kind, mask, data in rows:
        where = slice(starts[part], starts[part + 1])
        here = np.ones(sizes[part], bool)
        if mask is not None:
            here = np.unpackbits(np.frombuffer(mask, np.uint8), count=sizes[part]).astype(bool)
        present[where] = here
        if chunk_kind == "O":
            piece = np.empty(sizes[part], object)
            piece[:] = loads(data)
        else:
            piece = np.frombuffer(data, _KINDS[chunk_kind]).astype(dtype)
        values[where][here] = piece[here]
    return Column(values, None if present.all() else present)


def _bins(connection: sqlite3.Connection, run: int, name: str, n_bins: int) -> Bins | None:
    sql = "SELECT series FROM series WHERE run = ? AND name = ?"
    found = connection.execute(sql, (run, name)).fetchall()
    if not found:
        return None
    ((series,),) = found
    sizes = _sizes(connection, run)
    rows_per_bin = binning.width(sum(sizes), n_bins)
    if rows_per_bin < ROWS:
        column = _column(connection, series, sizes)
        if column is None:
            return None
        return _bins_of(column, rows_per_bin)
    sql = (
        "SELECT part, count, n_nan, first, last, min, max FROM chunks WHERE series = ?"
        " ORDER BY part"
    )
    rows = connection.execute(sql, (series,)).fetchall()
    table = np.array(rows, dtype=np.float64).reshape(-1, 7)
    whole = np.full((len(sizes), 6), np.nan)
    whole[:, :2] = 0
    whole[table[:, 0].astype(int)] = table[:, 1:]
    first, last, low, high = (np.ascontiguousarray(whole[:, i]) for i in range(2, 6))
    counts = whole[:, 0].astype(np.int64), whole[:, 1].astype(np.int64)
    return binning.merged(Bins(ROWS, first, last, low, high, *counts), rows_per_bin // ROWS)


def _bins_of(column: Column, rows_per_bin: int) -> Bins:
    """The definition: what the statistics of chunks must agree with."""
    if column.values.dtype.kind != "O":
        return binning.bins(column.floats(), rows_per_bin, column.present)
    numbers = _numbers(column.values)
    is_nan = np.array([isinstance(v, float) and math.isnan(v) for v in column.values], bool)
    there = np.ones(len(numbers), bool) if column.present is None else column.present
    return binning.bins(numbers, rows_per_bin, there & (~np.isnan(numbers) | is_nan))
