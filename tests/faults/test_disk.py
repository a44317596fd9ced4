"""F6, F7, F8: the disk refuses, fills up, or goes away. Training never notices."""

import errno
import itertools
import json
import time
import warnings

import pytest
from samples import rows_of, the_run

import nbtracker
from faults.failing import SHORT, FailingOS
from nbtracker.errors import TrackingWarning
from nbtracker.views.run import read_run

FAULTS = {
    name: getattr(errno, name) for name in "EIO ENOSPC EDQUOT EMFILE EACCES EROFS EINTR".split()
}
CALLS = "write open fsync ftruncate fstat close mkdir replace stat chmod scandir".split()
N_ROWS = 8


def train(run_id):
    """A training: rows of numbers, of text and in two calls, config, summary."""
    run = nbtracker.init(project="p", id=run_id, config={"lr": 0.1}, reinit="create_new")
    for i in range(N_ROWS - 2):
        run.log({"i": i})
    run.log({"i": N_ROWS - 2, "said": "text"})
    run.log({"i": N_ROWS - 1}, commit=False)
    run.log({"more": 1})
    run.config.update({"lr": 0.2}, allow_val_change=True)
    run.summary["best"] = 1
    run.finish()


def trained(run_id):
    """Train, and return what it was warned of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        train(run_id)
    assert all(issubclass(one.category, TrackingWarning) for one in caught)
    return " ".join(str(one.message) for one in caught)


def assert_kept_or_told(store, run_id, told):
    """Each row can be read, or the user knows that it cannot."""
    view = read_run(store.run("p", run_id))
    rows = [i for _, i in rows_of(store.run("p", run_id), "i")]
    assert view.damages == []
    assert rows == sorted(set(rows))
    if rows != list(range(N_ROWS)) or view.ended is None:
        assert "nothing can be recorded" in told or "could not be" in told, (rows, told)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("fault", FAULTS)
def test_f6_a_call_that_fails_once_costs_no_row(store, monkeypatch, call, fault):
    """Whichever call fails, from the first until none does: all rows read, or it was said."""
    for nth in itertools.count(1):
        system = FailingOS(call, nth, FAULTS[fault])
        with monkeypatch.context() as patched:
            system.install(patched)
            told = trained(f"r{nth}")
        assert_kept_or_told(store, f"r{nth}", told)
        if system.n_calls < nth:
            assert told == ""
            break
        if call == "write" and nth > 1:
            assert rows_of(store.run("p", f"r{nth}"), "i") == [(i, i) for i in range(N_ROWS)]


@pytest.mark.parametrize("lasting", [False, True], ids=["once", "for good"])
def test_f6_a_short_write_costs_no_row(store, monkeypatch, lasting):
    """Half a frame is completed or taken back; what follows it is read."""
    for nth in itertools.count(1):
        system = FailingOS("write", nth, SHORT, lasting=lasting)
        with monkeypatch.context() as patched:
            system.install(patched)
            told = trained(f"r{nth}")
        assert_kept_or_told(store, f"r{nth}", told)
        if system.n_calls < nth:
            break


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", ["write", "fsync", "open"])
def test_f6_a_disk_that_fails_for_good_is_told_of(store, monkeypatch, call, fault):
    """From any write on, nothing more is kept: the run reads up to there, and it was said."""
    for nth in itertools.count(1):
        system = FailingOS(call, nth, FAULTS[fault], lasting=True)
        with monkeypatch.context() as patched:
            system.install(patched)
            told = trained(f"r{nth}")
        assert_kept_or_told(store, f"r{nth}", told)
        if system.n_calls < nth:
            break


FULL = """
import json, resource, warnings
import nbtracker
warnings.simplefilter("always")
with warnings.catch_warnings(record=True) as caught:
    run = nbtracker.init(project="p", id="r")
    resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, resource.RLIM_INFINITY))
    n = 0
    for _ in range(5000):
        run.log({{"i": n}})
        n += 1
    for _ in range({n_large}):
        run.log({{"i": n, "said": "x" * 100_000}})
        n += 1
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    run._recorder._writer.sync()
    for _ in range(100):
        run.log({{"i": n}})
        n += 1
    run.finish()
print(json.dumps([n, [str(one.message) for one in caught]]))
"""


def test_f7_rows_wait_while_the_disk_is_full(store, child):
    """At a limit of 64 kB the last write is short; when there is room again, all rows are there."""
    n, told = json.loads(child(FULL.format(limit=64 * 1024 + 13, n_large=0)).stdout)
    assert rows_of(store.run("p", "r"), "i") == [(i, i) for i in range(n)]
    assert [("refuses" in one, "nothing was lost" in one) for one in told] == [
        (True, False),
        (False, True),
    ]


def test_f7_what_found_no_room_in_memory_either_is_a_gap(store, child):
    """More than memory holds was logged: each row can be read or is counted in the gap."""
    n, told = json.loads(child(FULL.format(limit=64 * 1024 + 13, n_large=300)).stdout)
    view = the_run(store)
    (gap,) = view.gaps
    rows = [i for _, i in rows_of(store.run("p", "r"), "i")]
    assert 0 < gap.n_rows == n - len(rows)
    assert rows[-100:] == list(range(n - 100, n))
    assert (view.exit_code, f"{gap.n_rows} rows were lost" in told[-1]) == (0, True)


def test_f7_a_run_that_ends_on_a_full_disk_says_what_it_lost(store, child):
    """Rows that still wait at the end are counted in a warning; those before are there."""
    done = child("""
        import resource, nbtracker
        run = nbtracker.init(project="p", id="r")
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, resource.RLIM_INFINITY))
        for i in range(1000):
            run.log({"i": i})
    """)
    rows = rows_of(store.run("p", "r"), "i")
    assert rows == [(i, i) for i in range(len(rows))]
    assert f"{1000 - len(rows)} rows of run r could not be written" in done.stderr
    assert "the end of run r" in done.stderr


def test_f8_16_files_are_enough(store, child):
    """A process that may open 16 files records a run and reads it."""
    child("""
        import resource
        resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
        import nbtracker
        with nbtracker.init(project="p", id="r") as run:
            for i in range(100):
                run.log({"i": i})
            assert run.summary["i"] == 99
    """)
    assert the_run(store).n_rows == 100


def test_f8_no_file_left_at_init_is_a_warning(store, child):
    """A process that may open nothing more trains without a record."""
    done = child("""
        import resource, nbtracker
        nbtracker.init(project="p", id="warm").finish()
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
        with nbtracker.init(project="p", id="r") as run:
            run.log({"i": 1})
            assert run.summary["i"] == 1
    """)
    assert "nothing can be recorded" in done.stderr


def test_f8_no_file_left_during_a_run_costs_nothing(store, child):
    """A run in progress needs no new file: what it logs is there."""
    child("""
        import resource, nbtracker
        run = nbtracker.init(project="p", id="r", config={"a": 1})
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
        for i in range(10):
            run.log({"i": i})
        run.finish()
    """)
    assert (the_run(store).n_rows, the_run(store).exit_code) == (10, 0)


def test_f8_a_file_where_the_project_should_be_is_a_warning(store):
    """A folder that cannot be made: one warning that says what to do, and training goes on."""
    store.path.mkdir()
    (store.path / "p").write_text("in the way")
    with pytest.warns(TrackingWarning, match="Name a folder that can be written"):
        run = nbtracker.init(project="p")
    run.log({"i": 1})
    assert run.summary["i"] == 1
    run.finish()
    assert (store.path / "p").read_text() == "in the way"


@pytest.mark.parametrize("renamed", [True, False], ids=["renamed", "removed"])
def test_f8_a_folder_that_goes_away_during_the_run_is_a_warning(store, renamed):
    """Training goes on; a run that was only moved is whole where it is now."""
    run = nbtracker.init(project="p", id="r", settings={"fsync_s": 0.01})
    run.log({"i": 0})
    folder = store.run("p", "r").path
    with pytest.warns(TrackingWarning, match="was removed or renamed"):
        if renamed:
            folder.rename(folder.with_name("moved"))
        else:
            (folder / "journals" / "main.journal").unlink()
        give_up = time.monotonic() + 20
        while "gone" not in run._guard.warned and time.monotonic() < give_up:
            time.sleep(0.005)
        run.log({"i": 1})
        run.finish()
    if renamed:
        assert rows_of(store.run("p", "moved"), "i") == [(0, 0), (1, 1)]
