"""F9, F12: a run has one writer: not a child of it, not a second process."""

import os
import signal
import subprocess
import sys
import textwrap

import pytest
from samples import rows_of, the_run

import nbtracker
from nbtracker.errors import JournalBusyError
from nbtracker.journal.writer import JournalWriter
from nbtracker.store.layout import MAIN_WRITER
from nbtracker.views.run import read_run
from nbtracker.views.state import CRASHED, FINISHED, RUNNING, state_of

MULTIPROCESSING = """
import multiprocessing, sys, nbtracker

def work(run, end):
    if run is not None:
        run.log({{"i": 100}})
        run.log({{"i": 101}})
    if end == "exit":
        sys.exit(3)

if __name__ == "__main__":
    run = nbtracker.init(project="p", id="r")
    run.log({{"i": 0}})
    context = multiprocessing.get_context("{method}")
    for end in ("return", "exit"):
        child = context.Process(target=work, args=({run}, end))
        child.start()
        child.join()
        run.log({{"i": 1 + (end == "exit")}})
"""


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_f9_a_child_neither_writes_nor_ends_the_run(store, child, method):
    """A multiprocessing child logs or exits: the run goes on, and holds the parent's rows only."""
    passed = "run" if method == "fork" else "None"
    script = store.path.parent / "script.py"
    script.write_text(MULTIPROCESSING.format(method=method, run=passed))
    done = child(f"import runpy; runpy.run_path({str(script)!r}, run_name='__main__')")
    assert rows_of(store.run("p", "r"), "i") == [(0, 0), (1, 1), (2, 2)]
    assert (state_of(the_run(store)), the_run(store).damages) == (FINISHED, [])
    warned = done.stderr.count("belongs to the process this one was forked from")
    assert warned == (2 if method == "fork" else 0)


@pytest.mark.parametrize("leave", ["sys.exit(1)", "os._exit(1)", "raise ValueError", "pass"])
def test_f9_a_forked_child_may_end_in_any_way(store, child, leave):
    """Whatever the child does at its end, the parent's run is finished by the parent."""
    child(f"""
        import os, sys, nbtracker
        run = nbtracker.init(project="p", id="r")
        pid = os.fork()
        if not pid:
            {leave}
            sys.exit(0)
        os.waitpid(pid, 0)
        run.log({{"i": 1}})
    """)
    assert (the_run(store).exit_code, the_run(store).n_rows) == (0, 1)


def test_f9_a_forked_child_may_begin_a_run_of_its_own(store, child):
    """`init` in the child makes a new run, and leaves the parent's alone."""
    child("""
        import os, nbtracker
        run = nbtracker.init(project="p", id="parent")
        run.log({"i": 1})
        pid = os.fork()
        if not pid:
            with nbtracker.init(project="p", id="child") as own:
                own.log({"i": 2})
            os._exit(0)
        assert os.waitpid(pid, 0)[1] == 0
        run.log({"i": 3})
    """)
    assert rows_of(store.run("p", "parent"), "i") == [(0, 1), (1, 3)]
    assert rows_of(store.run("p", "child"), "i") == [(0, 2)]


def test_f9_a_fork_in_the_middle_of_threads_that_log_is_safe(store, child):
    """Children forked while others log never hang, and add nothing."""
    child("""
        import os, threading, nbtracker
        run = nbtracker.init(project="p", id="r")
        def log(): 
            for i in range(3000): run.log({"i": i})
        threads = [threading.Thread(target=log) for _ in range(3)]
        for thread in threads: thread.start()
        for _ in range(10):
            pid = os.fork()
            if not pid:
                import warnings
                warnings.simplefilter("ignore")
                run.log({"i": -1})
                os._exit(0)
            os.waitpid(pid, 0)
        for thread in threads: thread.join()
    """)
    rows = rows_of(store.run("p", "r"), "i")
    assert (len(rows), the_run(store).damages) == (9000, [])
    assert min(i for _, i in rows) == 0


def test_f9_the_run_of_a_killed_parent_is_crashed_while_its_child_lives(store):
    """A child holds no lock of its parent's: the state is true at once."""
    code = """
        import os, time, nbtracker
        run = nbtracker.init(project="p", id="r")
        run.log({"i": 1})
        pid = os.fork()
        if not pid:
            print(os.getpid(), flush=True)
        time.sleep(60)
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        grandchild = int(parent.stdout.readline())
        try:
            assert state_of(the_run(store)) == RUNNING
            parent.kill()
            parent.wait()
            os.kill(grandchild, 0)
            assert state_of(the_run(store)) == CRASHED
        finally:
            os.kill(grandchild, signal.SIGKILL)


@pytest.mark.parametrize("resume", ["allow", "must", None])
def test_f12_a_second_process_cannot_go_on_with_a_running_run(store, child, resume):
    """It is told so by name, and what the first one wrote is untouched."""
    run = nbtracker.init(project="p", id="r")
    run.log({"i": 0})
    child(f"""
        import nbtracker
        from nbtracker.errors import JournalBusyError
        try:
            nbtracker.init(project="p", id="r", resume={resume!r})
        except JournalBusyError as error:
            assert "begin one with another id" in str(error)
        else:
            raise SystemExit("two writers")
    """)
    run.log({"i": 1})
    run.finish()
    assert rows_of(store.run("p", "r"), "i") == [(0, 0), (1, 1)]


def test_f12_of_two_processes_that_resume_one_run_at_once_one_wins(store, child):
    """Many processes go on with one run, again and again: no row is mixed up or lost."""
    nbtracker.init(project="p", id="r").finish()
    code = """
        import sys, nbtracker
        from nbtracker.errors import JournalBusyError
        n = 0
        while n < 5:
            try:
                with nbtracker.init(project="p", id="r", resume="must") as run:
                    for i in range(20): run.log({"who": int(sys.argv[1]), "i": i})
                n += 1
            except JournalBusyError:
                pass
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    both = [subprocess.Popen([*command, name]) for name in "01"]
    assert [one.wait(60) for one in both] == [0, 0]
    rows = rows_of(store.run("p", "r"), "who", "i")
    assert [step for step, *_ in rows] == list(range(200))
    turns = [rows[i : i + 20] for i in range(0, 200, 20)]
    assert all([i for *_, i in turn] == list(range(20)) for turn in turns)
    assert all(len({who for _, who, _ in turn}) == 1 for turn in turns)


def test_f12_the_lock_of_a_dead_process_stops_nobody(store, child):
    """A run whose process was killed, and whose id is used again, can be gone on with."""
    child("""
        import os, signal, nbtracker
        run = nbtracker.init(project="p", id="r")
        run.log({"i": 0})
        os.kill(os.fork() or os.getpid(), signal.SIGKILL)
        os._exit(0)
    """)
    assert state_of(the_run(store)) == CRASHED
    with nbtracker.init(project="p", id="r", resume="must") as run:
        run.log({"i": 1})
    assert rows_of(store.run("p", "r"), "i") == [(0, 0), (1, 1)]


def test_f12_the_same_process_cannot_write_a_run_twice(store):
    """Nor may two runs of one process share a journal."""
    nbtracker.init(project="p", id="r")
    with pytest.raises(JournalBusyError, match="another id"):
        nbtracker.init(project="p", id="r", resume="allow", reinit="create_new")
    assert read_run(store.run("p", "r")).n_rows == 0


def test_f12_a_run_runs_before_it_has_said_what_it_is(store):
    """Its journal is locked already; a reader may come in between."""
    folder = store.run("p", "r")
    writer = JournalWriter(folder.journal(MAIN_WRITER))
    assert state_of(read_run(folder)) == RUNNING
    writer.close()
    assert state_of(read_run(folder)) == CRASHED
