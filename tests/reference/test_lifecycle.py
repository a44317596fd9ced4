"""How runs end: with the program, before it, or with a kill. Real processes throughout."""

import signal

import pytest
from recorded import only_run, rows, run_script, view

import nbtracker
from nbtracker.store.layout import Store
from nbtracker.views.run import read_run
from nbtracker.views.state import state_of

BEGIN = """
import atexit, os, signal, sys, threading
import nbtracker
run = nbtracker.init(project="p")
run.log({"a": 1})
"""


def ending(code: str) -> tuple[int, str, str, int | None, str]:
    """How a program ends, and what is known of its run: state, exit code, error."""
    ended = run_script(BEGIN + code)
    seen = only_run()
    return ended.returncode, ended.stderr, state_of(seen), seen.exit_code, seen.error or ""


@pytest.mark.parametrize(
    ("code", "returned", "state", "exit_code"),
    [
        ("", 0, "finished", 0),
        ("sys.exit()", 0, "finished", 0),
        ("sys.exit(0)", 0, "finished", 0),
        ("sys.exit(7)", 7, "failed", 7),
        ("from sys import exit; exit(7)", 7, "failed", 7),
        ("raise SystemExit", 0, "finished", 0),
        ("sys.exit('bad')", 1, "failed", 1),
        ("sys.exit(True)", 1, "failed", 1),
        ("exit(3)", 3, "failed", 3),
        ("quit()", 0, "finished", 0),
        ("run.finish(5)", 0, "failed", 5),
        ("nbtracker.finish(); sys.exit(4)", 4, "finished", 0),
        ("os._exit(0)", 0, "crashed", None),
        ("os._exit(3)", 3, "crashed", None),
        ("os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL, "crashed", None),
    ],
)
def test_r1_a_run_ends_as_its_program_ends(
    code: str, returned: int, state: str, exit_code: int | None
) -> None:
    """The exit code of the program is what it would be without tracking."""
    ended, stderr, seen, noted, error = ending(code)
    assert (ended, seen, noted, error) == (returned, state, exit_code, ""), stderr


def test_r1_an_exit_that_was_caught_does_not_count() -> None:
    """Argument parsers and test runners call `sys.exit` in passing."""
    code = """
try:
    sys.exit(7)
except SystemExit:
    pass
"""
    assert ending(code)[2:4] == ("finished", 0)


def test_r1_an_exit_of_a_thread_ends_only_the_thread() -> None:
    """Python ignores its code, and so does the run."""
    code = "thread = threading.Thread(target=sys.exit, args=(7,))\nthread.start()\nthread.join()"
    returned, _, state, exit_code, _ = ending(code)
    assert (returned, state, exit_code) == (0, "finished", 0)


def test_r1_an_uncaught_exception_fails_the_run() -> None:
    """With its traceback; Python prints it as ever, and the exit code is 1."""
    returned, stderr, state, exit_code, error = ending("def f():\n    1 / 0\nf()")
    assert (returned, state, exit_code) == (1, "failed", 1)
    assert "ZeroDivisionError: division by zero" in stderr
    assert "ZeroDivisionError: division by zero" in error
    assert "in f" in error


def test_r1_an_interrupt_fails_the_run() -> None:
    """Ctrl-C ends the program as ever."""
    returned, stderr, state, _, error = ending("signal.raise_signal(signal.SIGINT)")
    assert (returned, state) == (-signal.SIGINT, "failed")
    assert "KeyboardInterrupt" in stderr
    assert "KeyboardInterrupt" in error


def test_r1_the_users_own_excepthook_is_called() -> None:
    """Set before or after `init`, it prints what it prints."""
    hook = "sys.excepthook = lambda kind, error, trace: print('mine', error, file=sys.stderr)\n"
    returned, stderr, state, _, error = ending(f"{hook}raise RuntimeError('no luck')")
    assert (returned, stderr, state) == (1, "mine no luck\n", "failed")
    assert "no luck" in error


def test_r1_an_excepthook_set_before_init_is_called() -> None:
    """The run fails, and the hook is called once."""
    ended = run_script(
        """
        import sys
        sys.excepthook = lambda kind, error, trace: print("mine", error)
        import nbtracker
        nbtracker.init(project="p")
        raise RuntimeError("no luck")
        """
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "mine no luck\n", "")
    assert "no luck" in (only_run().error or "")


def test_r1_what_the_program_does_at_exit_can_still_log() -> None:
    """Handlers that were registered after `init` run before the run is ended."""
    ending('atexit.register(lambda: run.log({"b": 2}))')
    assert [row.get("b") for row in rows(only_run().folder)] == [None, 2]


def test_r1_a_thread_that_still_logs_does_not_disturb_the_end() -> None:
    """Python waits for threads; a daemon is cut off without a torn row."""
    code = """
def work():
    n = 0
    while True:
        run.log({"n": n})
        n += 1
threading.Thread(target=work, daemon=True).start()
while run.step < 1000:
    pass
"""
    returned, stderr, state, _, _ = ending(code)
    assert (returned, state) == (0, "finished"), stderr
    found = [row["n"] for row in rows(only_run().folder) if "n" in row]
    assert found == list(range(len(found)))
    assert not only_run().damages


def test_r1_a_thread_that_outlives_the_main_thread_logs_to_the_end() -> None:
    """The run ends when the last of them has ended."""
    code = """
import time
def work():
    for n in range(20):
        time.sleep(0.01)
        run.log({"n": n})
threading.Thread(target=work).start()
"""
    assert ending(code)[2] == "finished"
    assert only_run().n_rows == 21


def test_r1_all_open_runs_end_with_the_program(store: Store) -> None:
    """Also those that are not the current one."""
    run_script(f'{BEGIN}nbtracker.init(project="p", reinit="create_new")\nsys.exit(2)')
    assert [state_of(read_run(folder)) for folder in store.runs()] == ["failed", "failed"]


def test_r1_an_exception_in_the_block_fails_the_run_and_the_program() -> None:
    """The traceback is in the journal and on the screen, once each."""
    returned, stderr, state, _, error = ending("with run:\n    raise ValueError('no luck')")
    assert (returned, state) == (1, "failed")
    assert stderr.count("ValueError: no luck") == 1
    assert "ValueError: no luck" in error


@pytest.mark.parametrize(
    ("code", "state", "exit_code"),
    [("sys.exit(3)", "failed", 3), ("sys.exit(0)", "finished", 0), ("sys.exit('x')", "failed", 1)],
)
def test_r1_an_exit_in_the_block_is_an_exit(code: str, state: str, exit_code: int) -> None:
    """Not an error."""
    seen = ending(f"with run:\n    {code}")
    assert seen[2:4] == (state, exit_code)


def test_r1_an_exception_that_was_handled_fails_nothing() -> None:
    """Only what ends the program counts."""
    code = "try:\n    1 / 0\nexcept ZeroDivisionError:\n    pass"
    assert ending(code)[2:4] == ("finished", 0)


def test_r1_finish_can_be_called_twice() -> None:
    """The first call decides."""
    run = nbtracker.init(project="p")
    run.finish(2)
    run.finish(0)
    assert (view(run).exit_code, state_of(view(run))) == (2, "failed")


def test_r1_a_block_can_hold_a_finish() -> None:
    """The end of the block does nothing more."""
    with nbtracker.init(project="p") as run:
        run.finish(2)
    assert view(run).exit_code == 2


def test_r1_join_is_an_older_name_of_finish() -> None:
    """It warns and ends the run."""
    run = nbtracker.init(project="p")
    with pytest.warns(nbtracker.TrackingWarning, match="older name"):
        run.join(0)
    assert state_of(view(run)) == "finished"


@pytest.mark.parametrize("exit_code", ["1", 1.5, [1]])
def test_r1_an_exit_code_must_be_a_number(exit_code: object) -> None:
    """A wrong call raises, and the run stays open."""
    run = nbtracker.init(project="p")
    with pytest.raises(nbtracker.UsageError, match="exit_code"):
        run.finish(exit_code)  # type: ignore[arg-type]
    run.log({"a": 1})


def test_r2_a_run_is_running_while_its_writer_lives() -> None:
    """The state is derived by who reads."""
    run = nbtracker.init(project="p")
    assert state_of(view(run)) == "running"
    run.finish()
    assert state_of(view(run)) == "finished"


def test_r2_a_crashed_run_keeps_all_that_was_logged() -> None:
    """Every row whose `log` returned."""
    ending('for n in range(500):\n    run.log({"n": n, "text": "x"})\nos._exit(1)')
    assert only_run().n_rows == 501


def test_nothing_is_printed_by_a_run_that_goes_well() -> None:
    """Tracking is silent."""
    ended = run_script(BEGIN)
    assert (ended.stdout, ended.stderr) == ("", "")
