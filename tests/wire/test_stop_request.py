"""A run that is asked to stop does so when it logs next, and says so in one line."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from written import begin, log, record

import nbtracker
from nbtracker.api import edits
from nbtracker.errors import (
    NotFoundError,
    RunFinishedError,
    RunStopped,
    TrackingWarning,
    UsageError,
)
from nbtracker.sdk import asked
from nbtracker.store.layout import RunFolder, Store
from nbtracker.views.run import read_run
from nbtracker.views.state import state_of

LOOP = """
import time, nbtracker
with nbtracker.init(project="p", id="r") as run:
    for i in range(100_000):
        run.log({"i": i})
        time.sleep(0.01)
print("came to its end")
"""


@contextmanager
def program(code: str) -> Iterator["subprocess.Popen[str]"]:
    """A program that runs meanwhile."""
    command = [sys.executable, "-c", code]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, env=dict(os.environ), text=True, **pipes) as child:
        try:
            yield child
        finally:
            child.kill()


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait for what comes soon."""
    until = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.01)


def rows_of(folder: RunFolder) -> int:
    """How many rows there are by now."""
    return read_run(folder).n_rows if folder.exists else 0


def test_a_program_that_is_asked_to_stop_ends_calmly(store: Store) -> None:
    """One line and no traceback; every row is there, and the run is `killed`."""
    folder = store.run("p", "r")
    with program(LOOP) as child:
        wait_until(lambda: rows_of(folder) > 2)
        edits.request_stop(folder)
        assert read_run(folder).stop_requested
        out, errors = child.communicate(timeout=60)
    view = read_run(folder)
    assert (out, errors) == (
        "",
        "nbtracker: run p/r was stopped, as asked from outside; what it logged is recorded\n",
    )
    assert (state_of(view), view.n_rows, view.error) == ("killed", view.last_step + 1, None)
    assert child.returncode != 0


def test_what_catches_ctrl_c_goes_on_to_its_own_end(store: Store) -> None:
    """As frameworks do, which save and clean up then; what they log is not recorded."""
    code = LOOP.replace("with", "try:\n  with", 1).replace("\n    ", "\n      ")
    code = code.replace("print(", "except KeyboardInterrupt:\n  run.log({'i': 1})\nprint(", 1)
    folder = store.run("p", "r")
    with program(code) as child:
        wait_until(lambda: rows_of(folder) > 2)
        edits.request_stop(folder)
        out, errors = child.communicate(timeout=60)
    assert out == "came to its end\n", errors
    assert "is not recorded" in errors
    assert (child.returncode, state_of(read_run(folder))) == (0, "killed")


def logging(run: nbtracker.Run) -> None:
    """Log until somebody stops it."""
    for i in range(10_000):
        run.log({"i": i})
        time.sleep(0.002)


@pytest.fixture
def run(store: Store) -> nbtracker.Run:
    """A run that was looked after a moment ago."""
    run = nbtracker.init(project="p", id="r")
    run.log({"i": -1})
    return run


def test_the_next_log_after_a_fifth_of_a_second_sees_it(store: Store, run: nbtracker.Run) -> None:
    """And not one before: a look costs more than a comparison."""
    edits.request_stop(store.run("p", "r"))
    with pytest.raises(RunStopped, match="was stopped"):
        logging(run)
    assert run._ended
    assert state_of(read_run(store.run("p", "r"))) == "killed"
    run.finish()


def test_a_value_that_is_no_number_sees_it_as_well(store: Store, run: nbtracker.Run) -> None:
    """The slow way looks, too, and the row is recorded."""
    edits.request_stop(store.run("p", "r"))
    time.sleep(asked.LOOK_EVERY_S)
    with pytest.raises(RunStopped):
        run.log({"text": "last"})
    assert read_run(store.run("p", "r")).summary["text"] == "last"


def test_each_thread_that_logs_is_told_once(store: Store, run: nbtracker.Run) -> None:
    """What one says on its way out is dropped with a warning; the others end as well."""
    edits.request_stop(store.run("p", "r"))
    ended: list[bool] = []

    def train() -> None:
        with pytest.raises(RunStopped):
            logging(run)
        ended.append(True)

    threads = [threading.Thread(target=train) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ended == [True, True]
    with pytest.raises(RunStopped):
        run.log({"i": 0})
    with pytest.warns(TrackingWarning, match="not recorded"):
        run.log({"i": 0})


def test_a_run_that_is_gone_on_with_is_not_stopped_again(store: Store, run: nbtracker.Run) -> None:
    """What was asked of the process before does not count any more."""
    edits.request_stop(store.run("p", "r"))
    with pytest.raises(RunStopped):
        logging(run)
    with nbtracker.init(project="p", id="r", resume="must") as again:
        time.sleep(asked.LOOK_EVERY_S)
        again.log({"i": 1})
        again.log({"i": 2})
    view = read_run(store.run("p", "r"))
    assert (state_of(view), view.stop_requested) == ("finished", False)


def test_a_run_that_was_finished_says_so_as_before(store: Store, run: nbtracker.Run) -> None:
    """Only a run that was stopped takes what is logged behind its end."""
    run.finish()
    with pytest.raises(RunFinishedError):
        run.log({"i": 1})


def test_a_checkpoint_is_asked_for_once_at_a_time(store: Store, run: nbtracker.Run) -> None:
    """The run is told, and goes on."""
    assert not run.checkpoint_requested
    edits.request_checkpoint(store.run("p", "r"))
    wait_until(lambda: run.checkpoint_requested)
    assert not run.checkpoint_requested
    run.log({"i": 1})
    edits.request_checkpoint(store.run("p", "r"))
    time.sleep(asked.LOOK_EVERY_S)
    run.log({"i": 2})
    assert run.checkpoint_requested


def test_asking_for_a_checkpoint_never_raises_that_the_run_was_stopped(
    store: Store, run: nbtracker.Run
) -> None:
    """The next log does, at once."""
    edits.request_stop(store.run("p", "r"))
    time.sleep(asked.LOOK_EVERY_S)
    assert not run.checkpoint_requested
    with pytest.raises(RunStopped):
        run.log({"i": 1})


@pytest.mark.parametrize("ask", [edits.request_stop, edits.request_checkpoint])
def test_who_does_not_run_cannot_be_asked(store: Store, ask: Callable) -> None:
    """The error says what has become of it."""
    with pytest.raises(UsageError, match="is finished: nobody"):
        ask(record(store, "r"))
    with pytest.raises(NotFoundError):
        ask(store.run("digits", "gone"))


def test_f13_a_clock_that_was_set_back_hides_no_request(store: Store, run: nbtracker.Run) -> None:
    """By it, the next look would be in an hour."""
    run._look_at = time.time() + 3_600
    edits.request_stop(store.run("p", "r"))
    run._recorder.on_clock_set_back()
    with pytest.raises(RunStopped):
        logging(run)


def test_a_disabled_run_looks_for_nothing(store: Store) -> None:
    """There is nothing to look at."""
    with nbtracker.init(project="p", mode="disabled") as run:
        run.log({"i": 1})
        assert not run.checkpoint_requested


def test_a29_a_crafted_request_does_not_end_a_training(store: Store, run: nbtracker.Run) -> None:
    """Damage, links and folders in the place of an edit."""
    place = store.run("p", "r").path / "journals"
    (place / "edit-a.journal").write_bytes(b"\xff" * 5_000)
    (place / "edit-b.journal").mkdir()
    other = begin(store, "other")
    log(other, [{"i": 1}])
    edits.request_stop(store.run("digits", "other"))
    other.close()
    (found,) = (path for path in store.run("digits", "other").journals if "edit" in path.name)
    (place / "edit-c.journal").symlink_to(found)
    for _ in range(3):
        time.sleep(asked.LOOK_EVERY_S)
        run.log({"i": 1})
    assert not run._ended
