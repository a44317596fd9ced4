"""History columns in the catalogue say what the journals say."""

import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest
from written import begin, log, record

from nbtracker.store.layout import RunFolder, Store
from nbtracker.store.trash import discard
from nbtracker.views.catalogue import schema
from nbtracker.views.catalogue.columns import HistoryColumns
from nbtracker.views.catalogue.index import Catalogue
from nbtracker.views.history import Columns, History


def test_a_deleted_run_takes_its_columns_with_it(store: Store) -> None:
    """Nothing of it stays in the catalogue."""
    folder = record(store, "gone", rows=[{"loss": 1.0}] * 2_000)
    catalogue = Catalogue(store)
    HistoryColumns(catalogue).read(folder)
    discard(store, folder)
    catalogue.refresh(whole=True)
    tables = ("histories", "row_groups", "row_values", "series", "chunks", "chunk_bins")
    assert [catalogue.rows(f"SELECT count(*) FROM {table}") for table in tables] == [[(0,)]] * 6


def test_a_run_that_is_made_anew_under_its_id_has_the_new_columns(store: Store) -> None:
    """A replaced journal is never taken for one that grew."""
    columns = HistoryColumns(Catalogue(store))
    folder = record(store, "again", rows=[{"loss": 1.0}] * 1_500)
    columns.read(folder)
    discard(store, folder)
    record(store, "again", rows=[{"loss": 2.0}] * 3_000)
    assert set(columns.read(folder).of["loss"].values.tolist()) == {2.0}


def losses(columns: HistoryColumns, folder: RunFolder) -> list[float]:
    """The values of one metric, read through the catalogue."""
    return columns.read(folder).of["loss"].values.tolist()


ROWS = [{"loss": float(i)} for i in range(9_000)]
LOSSES = [row["loss"] for row in ROWS]


def test_f15_a_full_cache_disk_loses_no_row(store: Store) -> None:
    """What was in the file is read again from the journals when it is left."""
    catalogue = Catalogue(store)
    columns, writer = HistoryColumns(catalogue), begin(store, "r")
    log(writer, ROWS[:5_000])
    assert losses(columns, store.run("digits", "r")) == LOSSES[:5_000]
    ((n,),) = catalogue.rows("PRAGMA page_count")
    catalogue.rows(f"PRAGMA max_page_count = {n + 1}")
    log(writer, ROWS[5_000:], first=5_000)
    assert losses(columns, store.run("digits", "r")) == LOSSES
    assert catalogue.is_in_memory
    writer.close()


def test_f15_rows_that_another_process_dropped_are_read_again(store: Store) -> None:
    """The file may be made anew between two looks, and between reading and writing."""
    catalogue, writer = Catalogue(store), begin(store, "r")
    columns, folder = HistoryColumns(catalogue), store.run("digits", "r")
    log(writer, ROWS[:5_000])
    assert losses(columns, folder) == LOSSES[:5_000]
    log(writer, ROWS[5_000:], first=5_000)
    write = catalogue.write

    def after_it_was_dropped(work):
        for table in ("histories", "row_groups", "chunks"):
            catalogue.rows(f"DELETE FROM {table}")
        catalogue.write = write
        return write(work)

    catalogue.write = after_it_was_dropped
    assert losses(columns, folder) == LOSSES
    writer.close()


def test_two_threads_that_read_a_growing_run_do_not_mix_its_columns(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One is interrupted between what it read and what it says of it; the other is served whole."""
    writer = begin(store, "live")
    log(writer, ({"x": float(i)} for i in range(500)))
    folder, columns = store.run("digits", "live"), HistoryColumns(Catalogue(store))
    first, is_read, may_go_on = threading.Lock(), threading.Event(), threading.Event()
    read = History.columns

    def interrupted(self: History, *given: Any, **named: Any) -> Columns:
        found = read(self, *given, **named)
        if first.acquire(blocking=False):
            is_read.set()
            assert may_go_on.wait(60)
        return found

    monkeypatch.setattr(History, "columns", interrupted)
    thread = threading.Thread(target=columns.fill, args=(folder,))
    thread.start()
    assert is_read.wait(60)
    epoch = columns.catalogue.clock().epoch
    log(writer, ({"x": float(i)} for i in range(500, 5_500)))
    columns.fill(folder)
    may_go_on.set()
    thread.join()
    writer.close()
    assert columns.read(folder).of["x"].values.tolist() == list(range(5_500))
    assert columns.catalogue.clock().epoch == epoch, "it was damaged, and made anew"


def index_pages(path: Path) -> list[tuple[str, int]]:
    """Where the tables of history columns and their indexes begin. Units: bytes."""
    connection = sqlite3.connect(path)
    ((size,),) = connection.execute("PRAGMA page_size").fetchall()
    sql = (
        "SELECT name, rootpage FROM sqlite_master WHERE tbl_name IN"
        " ('histories', 'row_groups', 'row_values', 'series', 'chunks', 'chunk_bins') AND rootpage"
    )
    found = [(name, (page - 1) * size) for name, page in connection.execute(sql)]
    connection.close()
    return found


@pytest.mark.parametrize("grows", [False, True])
def test_f15_damaged_pages_of_history_columns_lose_no_row(
    store: Store, monkeypatch: pytest.MonkeyPatch, grows: bool
) -> None:
    """In a file too large to be checked when it is opened."""
    monkeypatch.setattr(schema, "CHECKED_WHOLE", 0)
    writer, folder = begin(store, "r"), store.run("digits", "r")
    log(writer, ROWS[:5_000])
    with_columns = Catalogue(store)
    losses(HistoryColumns(with_columns), folder)
    with_columns.close()
    path = schema.file_of(store)
    whole = path.read_bytes()
    n = 9_000 if grows else 5_000
    log(writer, ROWS[5_000:n], first=5_000)
    for _, start in index_pages(path):
        schema.remove(path)
        path.write_bytes(whole[:start] + bytes(16_384) + whole[start + 16_384 :])
        catalogue = Catalogue(store)
        assert losses(HistoryColumns(catalogue), folder) == LOSSES[:n]
        catalogue.close()
    writer.close()


def test_f15_a_row_group_that_is_missing_is_noticed(store: Store) -> None:
    """An index that leads past a page must not make a history shorter."""
    catalogue, folder = Catalogue(store), record(store, "r", rows=ROWS)
    columns = HistoryColumns(catalogue)
    for table in ("row_groups", "row_values"):
        for part in (0, 4, 8):
            losses(columns, folder)
            catalogue.rows(f"DELETE FROM {table} WHERE part = ?", (part,))
            assert losses(columns, folder) == LOSSES


@pytest.mark.parametrize("kept", [True, False])
def test_a_journal_that_got_the_inode_of_another_is_not_taken_for_it(
    store: Store, kept: bool
) -> None:
    """A longer journal in the same file is another run if it begins otherwise."""
    columns = HistoryColumns(Catalogue(store))
    folder = record(store, "again", rows=ROWS[:3_000], at=1.0)
    other = record(store, "other", rows=[{"loss": -1.0}] * 5_000, at=2.0)
    losses(columns, folder)
    columns = columns if kept else HistoryColumns(Catalogue(store))
    journal = folder.journal("main")
    inode = journal.stat().st_ino
    journal.write_bytes(other.journal("main").read_bytes())
    assert journal.stat().st_ino == inode
    assert losses(columns, folder) == [-1.0] * 5_000
