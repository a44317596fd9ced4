"""Other code of the process closes files that it did not open: recipes for daemons do so."""

import os

import pytest
from samples import rows_of, the_run

import nbtracker
from nbtracker.errors import TrackingWarning
from nbtracker.journal.reader import JournalReader
from nbtracker.journal.rows import Rows
from nbtracker.journal.steps import Steps
from nbtracker.journal.writer import JournalWriter
from nbtracker.store.locks import Lock, lock

WHAT_DAEMONS_DO = """
    import os, nbtracker
    run = nbtracker.init(project="p", id="r")
    run.log({{"i": 0}})
    os.closerange(3, {most})
    with open("mine", "w+b", buffering=0) as mine:
        mine.write(b"precious")
        run.log({{"i": 1}})
        run.log({{"i": 2, "said": "text"}})
        run.finish()
        mine.write(b" bytes")
"""


@pytest.mark.parametrize("most", [64, 4096])
def test_a_daemon_that_closes_all_files_loses_no_row(store, child, most):
    """The journal is opened again, and the file that was opened meanwhile is left alone."""
    child(WHAT_DAEMONS_DO.format(most=most))
    assert rows_of(store.run("p", "r"), "i") == [(0, 0), (1, 1), (2, 2)]
    assert (the_run(store).damages, the_run(store).exit_code) == ([], 0)
    assert (store.path.parent / "mine").read_bytes() == b"precious bytes"


def test_a_journal_gets_none_of_the_numbers_that_programs_print_to(store, child):
    """A process without standard files does not print into a journal."""
    child("""
        import os, nbtracker
        os.closerange(0, 3)
        run = nbtracker.init(project="p", id="r")
        for fd in range(3):
            try:
                os.write(fd, b"printed")
            except OSError:
                pass
        run.log({"i": 0})
        run.finish()
    """)
    assert (rows_of(store.run("p", "r"), "i"), the_run(store).damages) == ([(0, 0)], [])


@pytest.fixture
def taken(store, tmp_path):
    """A run of which the journal's number was given to a file of the user's, and that file."""
    run = nbtracker.init(project="p", id="r")
    run.log({"i": 0})
    mine = (tmp_path / "mine").open("w+b", buffering=0)
    mine.write(b"precious")
    os.dup2(mine.fileno(), run._recorder._writer._fd)
    yield run, mine
    mine.close()


def test_a_file_that_got_the_number_is_neither_cut_nor_closed(store, taken):
    """Text, config and the end of a run never go there, and nothing of them is lost."""
    run, mine = taken
    number = run._recorder._writer._fd
    with pytest.warns(TrackingWarning, match="closed .*main.journal, which is open again; nothing"):
        run.log({"i": 1, "said": "text"})
    run.finish()
    os.write(number, b" bytes")
    os.close(number)
    assert os.pread(mine.fileno(), 100, 0) == b"precious bytes"
    assert rows_of(store.run("p", "r"), "i") == [(0, 0), (1, 1)]


def test_rows_that_went_into_another_file_are_told_of(store, taken):
    """Until somebody looks, rows of numbers go there; then it is said, and no later row is lost."""
    run, mine = taken
    run.log({"i": 1})
    with pytest.warns(TrackingWarning, match="bytes of rows are lost"):
        run._recorder._writer.sync()
    run.log({"i": 2})
    run.finish()
    (gap,) = the_run(store).gaps
    assert "got its number" in gap.reason
    assert rows_of(store.run("p", "r"), "i") == [(0, 0), (2, 2)]
    assert os.pread(mine.fileno(), 8, 0) == b"precious"


def test_what_another_writer_added_meanwhile_is_kept_and_changes_nothing(tmp_path):
    """Its schemas may have the ids of ours, so ours are said again."""
    path = tmp_path / "main.journal"
    writer, steps = JournalWriter(path), Steps()
    schema = writer.schema(("a",), "q", None)
    os.close(writer._fd)
    other = JournalWriter(path)
    other.append_row(other.schema(("b",), "q", None), steps, None, None, 1.0, (1,))
    other.close()
    for number in (2, 3):
        writer.append_row(schema, steps, None, None, 1.0, (number,))
    writer.close()
    rows = [one for one in JournalReader(path).read() if isinstance(one, Rows)]
    assert [(one.schema.names, one.n) for one in rows] == [(("b",), 1), (("a",), 2)]


def test_a_journal_that_another_run_took_over_is_left_to_it(store, taken):
    """It was closed, so another writer could continue it; what was logged here is told lost."""
    run, _ = taken
    with run._recorder._writer.path.open("rb") as journal:
        assert lock(journal.fileno()) is Lock.FREE
        with pytest.warns(TrackingWarning, match="refuses what is logged"):
            run.log({"i": 1, "said": "text"})
        with pytest.warns(TrackingWarning, match="could not be written"):
            run.finish()
    assert rows_of(store.run("p", "r"), "i") == [(0, 0)]


def test_a_journal_that_was_closed_and_removed_is_not_made_anew(store, taken):
    """What would be written there would begin in the middle."""
    run, _ = taken
    run._recorder._writer.path.unlink()
    with pytest.warns(TrackingWarning, match="No such file"):
        run.log({"i": 1, "said": "text"})
    with pytest.warns(TrackingWarning, match="could not be written"):
        run.finish()
    assert not run._recorder._writer.path.exists()
