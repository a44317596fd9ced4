"""F12: of several processes that begin the same run at once, exactly one has it."""

import subprocess
import sys
import textwrap
import threading

import pytest
from samples import rows_of, the_run
from written import record

import nbtracker
from nbtracker.errors import JournalBusyError
from nbtracker.ids import new_id
from nbtracker.sdk.guard import Guard
from nbtracker.sdk.recorder import DiskRecorder
from nbtracker.sdk.resume import check_alone
from nbtracker.store.claims import claimed
from nbtracker.store.trash import discard, trashed

BEGIN = """
    import sys, nbtracker
    from nbtracker.errors import JournalBusyError
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        run = nbtracker.init(project="p", id="r", resume={resume!r})
    except JournalBusyError:
        print("busy", flush=True)
        sys.exit()
    for i in range(5):
        run.log({{"i": i}})
    print("in", flush=True)
    sys.stdin.readline()
"""
# What stops a process where it has opened the journal, and locked nothing yet.
STOP_AT_OPEN = """
    import os, sys
    stopped = []
    def stop(event, arguments):
        if event == "fcntl.flock" and not stopped and os.path.exists({journal!r}):
            stopped.append(True)
            print("opened", flush=True)
            sys.stdin.readline()
    sys.addaudithook(stop)
"""


@pytest.fixture
def begin(store):
    """Start a process that begins the run when it is told to, once it is ready."""
    started = []

    def start(before="", resume=None):
        code = textwrap.dedent(before) + textwrap.dedent(BEGIN.format(resume=resume))
        pipe = subprocess.PIPE
        one = subprocess.Popen([sys.executable, "-c", code], stdin=pipe, stdout=pipe, text=True)
        started.append(one)
        assert one.stdout.readline() == "ready\n"
        return one

    yield start
    for one in started:
        one.kill()
        one.communicate()


def go(process):
    """Let a process pass where it waits."""
    process.stdin.write("\n")
    process.stdin.flush()


def heard(process):
    """What it says next."""
    return process.stdout.readline().strip()


def test_f12_a_journal_that_is_not_locked_yet_is_not_moved_away(store, begin):
    """A second process that looks in that moment is refused; the first one's run is whole."""
    journal = store.run("p", "r").journal("main")
    first = begin(STOP_AT_OPEN.format(journal=str(journal)))
    go(first)
    assert heard(first) == "opened"
    with pytest.raises(JournalBusyError, match="being begun"):
        nbtracker.init(project="p", id="r")
    with pytest.raises(JournalBusyError, match="being begun"):
        discard(store, store.run("p", "r"))
    go(first)
    assert heard(first) == "in"
    assert (rows_of(store.run("p", "r"), "i")[-1], trashed(store)) == ((4, 4), [])


@pytest.mark.parametrize(("resume", "n_kept", "n_trashed"), [(None, 0, 1), ("allow", 1, 0)])
def test_f12_who_waited_looks_again(store, begin, resume, n_kept, n_trashed):
    """A run that was begun and finished meanwhile is gone on with or replaced, not added to."""
    one = begin(resume=resume)
    with claimed(store.run("p", "r")):
        go(one)
        record(store, "r", project="p", rows=[{"i": 0}])
    assert heard(one) == "in"
    assert the_run(store).n_rows == n_kept + 5
    assert (len(trashed(store)), len(the_run(store).started)) == (n_trashed, n_kept + 1)


def test_f12_many_at_once_one_wins(store, begin):
    """Thirty rounds of two processes: one records, the other is told; nothing is in the trash."""
    for _ in range(30):
        both = [begin(), begin()]
        for one in both:
            go(one)
        assert sorted(heard(one) for one in both) == ["busy", "in"]
        for one in both:
            one.communicate("\n")
        assert rows_of(store.run("p", "r"), "i") == [(i, i) for i in range(5)]
        assert (the_run(store).exit_code, trashed(store)) == (0, [])
        (store.path / "p").rename(store.path.with_name(new_id()))


def test_f12_a_new_run_is_not_added_to_one_that_is_there(store):
    """Where no lock tells, what stands in the journal does."""
    nbtracker.init(project="p", id="r").finish()
    recorder = DiskRecorder(store.run("p", "r"), Guard(), fsync_s=1, heartbeat_s=1)
    recorder.view.refresh()
    with pytest.raises(JournalBusyError, match="at the same moment"):
        check_alone(recorder, resumed=False)
    assert recorder.is_closed


def test_f12_a_journal_that_was_moved_away_is_not_written(store):
    """Its path says so."""
    recorder = DiskRecorder(store.run("p", "r"), Guard(), fsync_s=1, heartbeat_s=1)
    store.run("p", "r").path.rename(store.path / "p" / "away")
    with pytest.raises(JournalBusyError, match="at the same moment"):
        check_alone(recorder, resumed=False)
    assert recorder.is_closed


def test_f12_a_claim_leaves_nothing_behind(store):
    """Nor does one whose owner was killed stop anybody."""
    folder = store.run("p", "r")
    with claimed(folder):
        assert folder.claim.exists()
    assert list(folder.path.parent.iterdir()) == []
    folder.claim.touch()
    nbtracker.init(project="p", id="r").finish()
    assert [path.name for path in folder.path.parent.iterdir()] == ["r"]


def test_f12_threads_take_turns(store):
    """A claim is held by one at a time, however many ask."""
    inside, most = [], []

    def ask():
        with claimed(store.run("p", "r")):
            inside.append(1)
            most.append(len(inside))
            inside.pop()

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert most == [1] * 20
