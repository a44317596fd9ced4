"""A clock that is set while cells run: their order and how long they took stay right."""

import time

import pytest
from sessions import write_run, write_session

from nbtracker.journal.cells import CellEnded, CellStarted, SessionStarted
from nbtracker.journal.records import Ended, RunStarted
from nbtracker.journal.writer import JournalWriter
from nbtracker.notebook.breaker import Breaker
from nbtracker.notebook.hooks import CellHooks
from nbtracker.notebook.recorder import FlightRecorder
from nbtracker.redaction import Redactor
from nbtracker.store.layout import Store
from nbtracker.store.sessions import session_folder
from nbtracker.views.ledger import Ledger
from nbtracker.views.run import RunView, read_run
from nbtracker.views.run_cells import cells_of
from nbtracker.views.session import Execution, read_session

NOW, HOUR = 1_795_000_000.0, 3600.0


@pytest.mark.parametrize("jump", [-HOUR, HOUR])
def test_f18_a_clock_that_is_set_moves_no_cell_and_no_duration(store, bare, jump):
    """Between two cells, and within one."""
    times = [NOW]
    breaker, redactor = Breaker(), Redactor({})
    recorder = FlightRecorder(
        store, SessionStarted(at=NOW, id=""), redactor=redactor, breaker=breaker
    )
    hooks = CellHooks(bare, recorder, breaker, clock=lambda: times[-1])
    hooks.register()
    bare.user_ns |= {"set_clock": times.append, "now": NOW, "time": time, "jump": jump}
    for cell in ("first = 1", "set_clock(now + jump); time.sleep(0.05)", "third = 1"):
        bare.run_cell(cell)
    hooks.unregister()
    recorder.close()
    cells = read_session(recorder.folder).executions
    assert [one.number for one in cells[-3:]] == [cells[-1].number + n for n in (-2, -1, 0)]
    took = [one.ended_at - one.started_at for one in cells[-3:]]
    assert 0.05 <= took[1] < 60
    assert all(0 <= one < 60 for one in took)
    assert [one.started_at for one in cells[-3:]] == [NOW, NOW, NOW + jump]


def of_run(view: RunView) -> list[Execution]:
    """The executions of a run as a replay takes them."""
    return Ledger(view).executions


def ended_run(store: Store, began: list[float], ended: Ended) -> RunView:
    """A run of executions that took a second each."""
    write_session(store, [])
    writer = JournalWriter(session_folder(store, "old").journal)
    for number, at in enumerate(began, start=1):
        writer.append(CellStarted(at=at, number=number))
        writer.append(CellEnded(at=at + 1, number=number, status="ok"))
    writer.close()
    folder = write_run(store, [], exit_code=None)
    run = JournalWriter(folder.journal("edit-end"))
    run.append(ended)
    run.close()
    return read_run(folder)


@pytest.mark.parametrize("chosen", [cells_of, of_run])
def test_f18_cells_before_a_clock_was_set_back_are_of_their_run(store, chosen):
    """Though they seem to be later than its end."""
    began = [NOW, NOW + 1, NOW - HOUR, NOW - HOUR + 9]
    view = ended_run(store, began, Ended(at=NOW - HOUR + 0.5, execution="old-3", exit_code=0))
    assert [one.number for one in chosen(view)] == [1, 2, 3]


@pytest.mark.parametrize("chosen", [cells_of, of_run])
def test_f18_cells_after_the_end_are_of_no_run_though_a_clock_was_set_back(store, chosen):
    """Though they seem to be earlier than its end."""
    began = [NOW, NOW + 1, NOW + 2, NOW - HOUR, NOW - HOUR + 9]
    view = ended_run(store, began, Ended(at=NOW + 2.5, execution="old-3", exit_code=0))
    assert [one.number for one in chosen(view)] == [1, 2, 3]


@pytest.mark.parametrize("chosen", [cells_of, of_run])
@pytest.mark.parametrize("execution", ["old-1", None])
def test_cells_that_began_before_a_thread_ended_the_run_are_of_it(store, chosen, execution):
    """The execution that began the thread had ended long before."""
    view = ended_run(store, [NOW, NOW + 2, NOW + 4], Ended(at=NOW + 3, execution=execution))
    assert [one.number for one in chosen(view)] == [1, 2]


@pytest.mark.parametrize("chosen", [cells_of, of_run])
def test_f18_a_part_that_another_kernel_went_on_from_ends_where_it_did(store, chosen):
    """By its number, too: its clock was set back before the end."""
    began = [NOW, NOW - HOUR, NOW - HOUR + 9]
    view = ended_run(store, began, Ended(at=NOW - HOUR + 0.5, execution="old-2", exit_code=0))
    run = JournalWriter(view.folder.journal("more"))
    run.append(RunStarted(at=NOW + 60, id="old", project="p", name="old", session="new"))
    run.close()
    assert [one.number for one in chosen(read_run(view.folder))] == [1, 2]
