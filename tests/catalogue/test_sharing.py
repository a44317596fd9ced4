"""Many processes share one catalogue."""

import os
import signal
import subprocess
import sys
import time

import pytest
from looked import N, listed
from written import record

from nbtracker.store.layout import Store
from nbtracker.views.catalogue.index import Catalogue

BUILD = """
import sys
from nbtracker.store.layout import Store
from nbtracker.views.catalogue.index import Catalogue
catalogue = Catalogue(Store(__import__("pathlib").Path(sys.argv[1])))
{}
"""


def child(store: Store, code: str) -> subprocess.Popen:
    """A process with a catalogue."""
    return subprocess.Popen(
        [sys.executable, "-c", BUILD.format(code), str(store.path)],
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("delay_s", [0.1, 0.2, 0.25, 0.3, 0.4])
def test_f16_a_rebuild_that_is_killed_is_finished_by_the_next(store: Store, delay_s: float) -> None:
    """Wherever it was killed, nothing half-built is shown."""
    process = child(store, "while True: catalogue.rebuild()")
    time.sleep(delay_s)
    process.kill()
    process.communicate()
    assert sorted(listed(Catalogue(store))) == [f"run-{i:02}" for i in range(N)]


def test_f13_f16_many_processes_share_one_catalogue(store: Store) -> None:
    """Four rebuilders and listers at once: none fails, none misses a run."""
    code = (
        "for i in range(8):\n"
        "    catalogue.rebuild() if i % 4 == 0 else catalogue.refresh(whole=True)\n"
        "    assert catalogue.rows('SELECT count(*) FROM runs') == [(12,)], i\n"
    )
    processes = [child(store, code) for _ in range(4)]
    for process in processes:
        process.communicate(timeout=60)
    assert [process.returncode for process in processes] == [0] * 4
    assert len(listed(Catalogue(store))) == N


def test_f14_a_stopped_process_inside_a_transaction_holds_nobody_up(store: Store) -> None:
    """Others list what the journals say, from memory if they must."""
    code = (
        "catalogue.refresh()\n"
        "catalogue.rows('BEGIN IMMEDIATE'); print('in', flush=True)\n"
        "import time; time.sleep(60)"
    )
    process = child(store, code)
    assert process.stdout.readline() == "in\n"
    os.kill(process.pid, signal.SIGSTOP)
    try:
        record(store, "new", at=1.0)
        catalogue = Catalogue(store)
        assert listed(catalogue)[0] == "new"
        assert len(listed(catalogue)) == N + 1
    finally:
        process.kill()
        process.communicate()


def test_f14_an_idle_reader_keeps_no_transaction_open(store: Store) -> None:
    """So the write-ahead log can be cut back whenever somebody writes."""
    reader = Catalogue(store)
    listed(reader)
    writer = Catalogue(store)
    writer.refresh()
    ((busy, _, _),) = writer.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    assert busy == 0


def test_a_fork_opens_a_connection_of_its_own(store: Store) -> None:
    """A child never uses its parent's connection."""
    code = (
        "import os; catalogue.refresh(); pid = os.fork()\n"
        "assert catalogue.rows('SELECT count(*) FROM runs') == [(12,)]\n"
        "if pid: assert os.waitpid(pid, 0)[1] == 0\n"
    )
    process = child(store, code)
    process.communicate(timeout=60)
    assert process.returncode == 0
