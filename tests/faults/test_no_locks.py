"""F12, F17: a file system that has no locks. Who writes a journal is told by other facts."""

import errno
import os
import signal
import subprocess
import sys
import textwrap

import pytest
from samples import rows_of, the_run

import nbtracker
from nbtracker.cli.main import main
from nbtracker.errors import JournalBusyError
from nbtracker.journal.liveness import seems_alive
from nbtracker.journal.records import RunStarted
from nbtracker.store.locks import Lock, is_process, probe, process_started_at
from nbtracker.views.state import CRASHED, FINISHED, RUNNING, state_of

pytest.importorskip("fcntl")

NO_LOCKS = """
import errno, fcntl, os
def refuse(fd, how):
    raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))
fcntl.flock = refuse
"""


@pytest.fixture(params=["ENOLCK", "ENOTSUP", "EOPNOTSUPP"])
def _no_locks(request, monkeypatch):
    """Locks are refused, as some network file systems do."""

    def refuse(fd, how):
        raise OSError(getattr(errno, request.param), "no locks")

    monkeypatch.setattr("fcntl.flock", refuse)


@pytest.mark.usefixtures("_no_locks")
def test_f17_a_run_is_running_until_it_is_finished(store):
    """The writer's process is there, so the run is not crashed."""
    with nbtracker.init(project="p", id="r") as run:
        run.log({"i": 0})
        assert probe(store.run("p", "r").journal("main")) is Lock.UNKNOWN
        assert state_of(the_run(store)) == RUNNING
    assert state_of(the_run(store)) == FINISHED


@pytest.mark.usefixtures("_no_locks")
def test_f12_a_process_that_lives_keeps_its_journal_and_a_dead_one_does_not(store):
    """A second writer is refused; when the first was killed, it may go on."""
    code = NO_LOCKS + textwrap.dedent("""
        import time, nbtracker
        run = nbtracker.init(project="p", id="r")
        run.log({"i": 0})
        print("begun", flush=True)
        time.sleep(60)
    """)
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout.readline() == "begun\n"
        try:
            assert state_of(the_run(store)) == RUNNING
            with pytest.raises(JournalBusyError, match="another id"):
                nbtracker.init(project="p", id="r", resume="must")
        finally:
            writer.send_signal(signal.SIGKILL)
            writer.wait()
    assert state_of(the_run(store)) == CRASHED
    with nbtracker.init(project="p", id="r", resume="must") as run:
        run.log({"i": 1})
    assert rows_of(store.run("p", "r"), "i") == [(0, 0), (1, 1)]


@pytest.mark.usefixtures("_no_locks")
def test_f12_a_run_that_lives_is_neither_replaced_nor_removed(store, capsys):
    """Beginning it anew would move what is being written to the trash; so would deleting it."""
    run = nbtracker.init(project="p", id="r")
    run.log({"i": 0})
    with pytest.raises(JournalBusyError, match="is being written"):
        nbtracker.init(project="p", id="r", reinit="create_new")
    with pytest.raises(JournalBusyError, match="is being written"):
        nbtracker.Api().run("p/r").delete()
    assert main(["rm", "--yes", "p/r"]) == 1
    assert "is being written" in capsys.readouterr().err
    run.finish()
    assert main(["rm", "--yes", "p/r"]) == 0


@pytest.mark.usefixtures("_no_locks")
def test_f12_one_process_writes_a_run_once(store):
    """Two writers of one process are no better than those of two."""
    nbtracker.init(project="p", id="r").log({"i": 0})
    with pytest.raises(JournalBusyError, match="another id"):
        nbtracker.init(project="p", id="r", resume="allow", reinit="create_new")
    assert the_run(store).n_rows == 1


def test_f12_a_process_is_known_by_its_id_and_its_start():
    """The same id, given to another process, is not the same process."""
    pid = os.getpid()
    began = process_started_at(pid)
    assert is_process(pid, began) in (True, None)
    assert is_process(pid, began + 1) in (False, None)
    assert is_process(2**22 + 1, began) in (False, None)


@pytest.mark.parametrize(("every", "silent", "alive"), [(10, 59, 1), (10, 61, 0), (300, 900, 1)])
def test_a_writer_elsewhere_may_be_silent_for_three_of_its_own_heartbeats(every, silent, alive):
    """How often a run says that it lives is a setting, so it is in its journal."""
    writer = RunStarted(at=0.0, id="r", project="p", name="r", host="elsewhere", heartbeat_s=every)
    assert seems_alive(writer, 1000.0, now=1000.0 + silent) == alive


def test_a_run_says_how_often_it_will_say_that_it_lives(store):
    """The setting is part of what a run says when it begins."""
    nbtracker.init(project="p", settings={"heartbeat_s": 300}).finish()
    assert the_run(store).started[-1].heartbeat_s == 300


def test_f8_a_journal_that_cannot_be_asked_for_its_lock_is_unknown(tmp_path):
    """A file that cannot be opened says nothing about who writes it."""
    assert probe(tmp_path / "missing") is Lock.FREE
    (tmp_path / "link").symlink_to(tmp_path / "missing")
    assert probe(tmp_path / "link") is Lock.UNKNOWN
