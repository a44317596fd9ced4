"""F6: who asks for a promise about the disk is told when it cannot be given."""

import errno
import os
import time
import warnings

import pytest
from samples import read, the_run

import nbtracker
from faults.failing import FailingOS
from nbtracker.errors import JournalError
from nbtracker.journal import writer as writing
from nbtracker.journal.records import Heartbeat
from nbtracker.journal.writer import JournalWriter


@pytest.mark.parametrize("call", ["write", "fsync"])
def test_f6_sync_raises_while_the_disk_refuses(tmp_path, monkeypatch, call):
    """What waits is no more safe than what was not synced; when there is room, all is."""
    path = tmp_path / "main.journal"
    writer = JournalWriter(path)
    with monkeypatch.context() as patched:
        FailingOS(call, 1, errno.ENOSPC, lasting=True).install(patched)
        writer.append(Heartbeat(at=1.0))
        for _ in range(2):
            with pytest.raises(OSError, match="No space left"):
                writer.sync()
    writer.sync()
    assert writer.n_waiting == 0
    writer.close()
    assert read(path) == ([repr(Heartbeat(at=1.0))], [])


@pytest.mark.parametrize("call", ["write", "fsync", "open"])
def test_f6_an_edit_that_the_disk_refuses_raises_and_can_be_made_again(store, monkeypatch, call):
    """`update` says that nothing was changed, leaves nothing behind, and works when there is room."""
    nbtracker.init(project="p", id="r").finish()
    run = nbtracker.Api(store.path).run("p/r")
    run.config["new"], run.name = 1, "renamed"
    with monkeypatch.context() as patched:
        FailingOS(call, 1, errno.ENOSPC, lasting=True).install(patched)
        with pytest.raises(JournalError, match=r"run p/r could not be changed \(No space left"):
            run.update()
    assert len(store.run("p", "r").journals) == 1
    run.update()
    assert (the_run(store).config, the_run(store).name) == ({"new": 1}, "renamed")


def test_f6_a_sync_that_a_close_overtakes_is_no_fault(tmp_path, monkeypatch):
    """Closing waits for no disk, so a journal may be closed while another thread syncs it."""
    writer = JournalWriter(tmp_path / "main.journal")

    class Overtaken(FailingOS):
        def fsync(self, fd):
            writer.close()
            os.fsync(fd)

    monkeypatch.setattr(writing, "os", Overtaken("", 0, 0))
    writer.sync()
    assert writer.is_closed


def test_a_run_that_ends_while_it_is_tended_warns_of_nothing(store):
    """The thread that syncs and says that the run lives is done before the journal is closed."""
    often = {"fsync_s": 0.0001, "heartbeat_s": 0.0001}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for i in range(100):
            run = nbtracker.init(project="p", id=f"r{i}", settings=often)
            time.sleep(0.0005 * (i % 5))
            run.finish()
            assert run._guard.warned == set()
            assert not run._recorder._thread.is_alive()


def test_a_heartbeat_behind_the_end_is_no_fault(store):
    """A thread that a hanging disk held up finds the journal closed, and says nothing."""
    run = nbtracker.init(project="p", id="r")
    run.finish()
    run._recorder._beat()
    assert the_run(store).exit_code == 0


def test_f7_a_run_is_silent_rather_than_late_while_the_disk_is_full(store, monkeypatch):
    """Heartbeats do not wait in memory, where they would take the place of rows."""
    run = nbtracker.init(project="p", settings={"fsync_s": 0.001, "heartbeat_s": 0.001})
    with monkeypatch.context() as patched:
        FailingOS("write", 1, errno.ENOSPC, lasting=True).install(patched)
        with pytest.warns(nbtracker.errors.TrackingWarning, match="the disk refuses"):
            run.log({"i": 0})
            time.sleep(0.05)
            assert run._recorder._writer.n_waiting <= 2
    run.finish()
    assert the_run(store).n_rows == 1
