"""History columns in the catalogue: blobs of 1,024 rows, each with its statistics.

They are made when somebody asks for a run's history, and afterwards only what was added is
written: full row groups never change, the last one is written again.
"""

import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple, TypeVar

import numpy as np

from nbtracker.errors import NotFoundError
from nbtracker.journal.records import dumps
from nbtracker.store.layout import RunFolder
from nbtracker.views import bins as binning
from nbtracker.views.bins import COUNTS, NUMBERS, Bins
from nbtracker.views.catalogue.cells import text
from nbtracker.views.catalogue.chunks import KINDS, ROWS, ChunkReader, Series, numbers_in
from nbtracker.views.catalogue.facts import key_of
from nbtracker.views.catalogue.index import Catalogue
from nbtracker.views.catalogue.signatures import Seen, goes_on, identity_of, signature_of
from nbtracker.views.history import Column, Columns, History

__all__ = ["ROWS", "HistoryColumns", "Series"]

MAX_HISTORIES = 8
Answer = TypeVar("Answer")


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
        return self.ask(folder, lambda reader: reader.read(names))

    def names(self, folder: RunFolder) -> list[str]:
        """Give the canonical names of all metrics of a run, in the order they came."""
        return self.ask(folder, lambda reader: reader.names)

    def bins(self, folder: RunFolder, name: str, n_bins: int) -> Bins:
        """Put a metric into at most `n_bins` bins; see `nbtracker.views.bins`.

        Raises:
            NotFoundError: The run is gone, or has no such metric.
        """
        found = self.ask(
            folder, lambda reader: reader.bins(name, binning.width(reader.n_rows, n_bins))
        )
        if found is None:
            raise NotFoundError(f"run {folder.project}/{folder.id} has no metric {name!r}")
        return found

    def ask(self, folder: RunFolder, work: Callable[[ChunkReader], Answer]) -> Answer:
        """Ask for several things of a run, as it is at one moment.

        Raises:
            NotFoundError: The run is gone.
        """
        run = key_of(folder.project, folder.id)
        sql = "SELECT n FROM histories WHERE run = ?"

        def asked(connection: sqlite3.Connection) -> tuple[Answer] | None:
            if not connection.execute(sql, (run,)).fetchall():
                return None
            return (work(ChunkReader(connection, run)),)

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
            n = before.n if goes_on(before.seen, seen) else 0
            with self._history(folder, run, seen) as history:
                columns = history.columns(start=n // ROWS * ROWS)
                now = _State(seen, history.n_complete)
            is_done = self.catalogue.write(
                partial(_write, run=run, columns=columns, before=before, now=now)
            )

    @contextmanager
    def _history(self, folder: RunFolder, run: int, seen: Seen) -> Iterator[History]:
        """A history that is read to its end; the last few are kept, to read on from there.

        Inside of the block it is nobody else's: another thread would read on in it.
        """
        history, before = self._histories.pop(run, (None, Seen()))
        if history is None or not goes_on(before, seen):
            history = History(folder)
        try:
            history.refresh()
        except FileNotFoundError as error:
            raise _gone(folder) from error
        if not folder.exists:  # it went before it was read: no rows is not what it says
            raise _gone(folder)
        yield history
        self._histories[run] = (history, seen)
        if len(self._histories) > MAX_HISTORIES:
            self._histories.popitem(last=False)


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
    for table in ("chunks", "chunk_bins"):
        of_run = "series IN (SELECT series FROM series WHERE run = ?)"
        connection.execute(f"DELETE FROM {table} WHERE {of_run} AND part >= ?", (run, part))
    for table in ("row_groups", "row_values"):
        connection.execute(f"DELETE FROM {table} WHERE run = ? AND part >= ?", (run, part))
    for i, at in enumerate(range(0, len(columns.step), ROWS)):
        step = columns.step[at : at + ROWS].astype("<i8")
        times = columns.at[at : at + ROWS].astype("<f8")
        ends = [values[end].item() for values in (step, times) for end in (0, -1)]
        group = (run, part + i, len(step), *ends)
        connection.execute("INSERT INTO row_groups VALUES (?, ?, ?, ?, ?, ?, ?)", group)
        values = (run, part + i, step.tobytes(), times.tobytes())
        connection.execute("INSERT INTO row_values VALUES (?, ?, ?, ?)", values)
    _write_stretches(connection, run, columns)
    for name, column in columns.of.items():
        series = _series(connection, run, name)
        for chunk, said in _chunks(series, part, column):
            connection.execute("INSERT INTO chunks VALUES (?, ?, ?, ?, ?)", chunk)
            sql = "INSERT INTO chunk_bins VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            connection.execute(sql, said)
    state = (run, *now.seen, now.n)
    connection.execute("INSERT OR REPLACE INTO histories VALUES (?, ?, ?, ?)", state)
    return True


def _write_stretches(connection: sqlite3.Connection, run: int, columns: Columns) -> None:
    """Replace those from row `columns.start` on; one that goes on from before stays one."""
    connection.execute("DELETE FROM stretches WHERE run = ? AND row >= ?", (run, columns.start))
    before = ChunkReader(connection, run).stretches()[-1:]
    added = columns.stretches
    if before and added and before[0][1:] == added[0][1:]:
        added = added[1:]
    rows = [
        (run, row, segment, None if execution is None else text(execution))
        for row, segment, execution in added
    ]
    connection.executemany("INSERT INTO stretches VALUES (?, ?, ?, ?)", rows)


def _series(connection: sqlite3.Connection, run: int, name: str) -> int:
    spelled = name.encode("utf-8", "surrogatepass")
    key = spelled.decode("utf-8", "replace")
    connection.execute("INSERT OR IGNORE INTO series (run, name) VALUES (?, ?)", (run, key))
    sql = "SELECT series FROM series WHERE run = ? AND name = ?"
    ((series,),) = connection.execute(sql, (run, key)).fetchall()
    return int(series)


def _chunks(
    series: int, part: int, column: Column
) -> Iterable[tuple[tuple[Any, ...], tuple[Any, ...]]]:
    """Cut a column into chunks, each with its statistics; one without any value is left out."""
    kind, there = column.values.dtype.kind, column.present
    numbers, counted = numbers_in(column)
    statistics = binning.bins(numbers, ROWS, counted)
    for i, at in enumerate(range(0, len(column.values), ROWS)):
        values = column.values[at : at + ROWS]
        mask = None if there is None else there[at : at + ROWS]
        if mask is not None and not mask.any():
            continue
        said = [getattr(statistics, name)[i].item() for name in (*NUMBERS, *COUNTS)]
        data = dumps(values.tolist()) if kind == "O" else values.astype(KINDS[kind]).tobytes()
        present = None if mask is None or mask.all() else np.packbits(mask).tobytes()
        yield (series, part + i, kind, present, data), (series, part + i, *said)
