"""F1: a process that is killed loses no row of which `log` had returned."""

import os
import random
import struct
import subprocess
import sys
import time

import pytest
from samples import rows_of

from nbtracker.views.run import read_run
from nbtracker.views.state import CRASHED, state_of

# The child says on a page of memory that outlives it how many calls have returned.
LOGGING = """
import mmap, sys, nbtracker
run = nbtracker.init(project="p", id=sys.argv[1])
file = open(sys.argv[1], "r+b")
page = mmap.mmap(file.fileno(), 8)
i = 0
while True:
    {call}
    i += 1
    page[:8] = i.to_bytes(8, "little")
"""
WHOLE = 'run.log({"i": i, "half": i / 2})'
IN_TWO = (
    'run.log({"i": i // 2}, step=i // 2) if i % 2 == 0 else run.log({"half": i / 4}, step=i // 2)'
)
OPEN = 'run.log({f"m{i}": i}, commit=False) if i < 3000 else None'
MIXED = 'run.log({"i": i, "half": i / 2, "said": "x" * (i % 50)})'


def killed(store, code, names, chance):
    """Start these runs at once, kill each at some moment; return how many calls returned."""
    children = {}
    for name in names:
        (store.path.parent / name).write_bytes(bytes(8))
        command = [sys.executable, "-c", LOGGING.format(call=code), name]
        children[name] = subprocess.Popen(command, cwd=store.path.parent)
    returned = {}
    for name, child in children.items():
        while not acknowledged(store, name) and child.poll() is None:
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.06))
        child.kill()
        child.wait()
        returned[name] = acknowledged(store, name)
    assert all(returned.values())
    return returned


def acknowledged(store, name):
    """How many calls of a child have returned."""
    (n,) = struct.unpack("<q", (store.path.parent / name).read_bytes())
    return n


@pytest.mark.parametrize("seed", range(5))
def test_f1_every_acknowledged_row_is_there_and_none_is_invented(store, seed):
    """Killed at full speed, rows read from the first to at most one behind the acknowledged."""
    returned = killed(store, WHOLE, [f"k{seed}{n}" for n in "ab"], random.Random(seed))
    for name, n in returned.items():
        rows = rows_of(store.run("p", name), "i", "half")
        assert n <= len(rows) <= n + 1
        assert rows == [(i, i, i / 2) for i in range(len(rows))]


@pytest.mark.parametrize("seed", range(4))
def test_f1_calls_that_share_a_step_are_there_one_by_one(store, seed):
    """A call of a row that was not complete when the process was killed is read, too."""
    returned = killed(store, IN_TWO, [f"k{seed}{n}" for n in "ab"], random.Random(seed))
    for name, n in returned.items():
        rows = rows_of(store.run("p", name), "i", "half")
        calls = [value for _, *values in rows for value in values if value is not None]
        assert n <= len(calls) <= n + 1
        assert [step for step, *_ in rows] == list(range(len(rows)))


@pytest.mark.parametrize("seed", range(3))
def test_f1_an_open_row_is_there_without_a_commit(store, seed):
    """Rows logged with commit=False are on disk like any other."""
    returned = killed(store, OPEN, [f"k{seed}{n}" for n in "ab"], random.Random(seed))
    for name, n in returned.items():
        view = read_run(store.run("p", name))
        assert min(n, 3000) <= len(view.metric_names) <= n + 1
        assert (view.n_rows, view.last_step) == (1, 0)


@pytest.mark.parametrize("seed", range(3))
def test_f1_a_killed_run_is_crashed_at_once_and_can_be_gone_on_with(store, seed):
    """The state is derived by the reader; a new process adds to what is there."""
    import nbtracker

    name = f"k{seed}"
    (n,) = killed(store, MIXED, [name], random.Random(seed)).values()
    folder = store.run("p", name)
    assert state_of(read_run(folder)) == CRASHED
    with nbtracker.init(project="p", id=name, resume="must") as run:
        run.log({"i": -1})
    rows = rows_of(folder, "i")
    assert n + 1 <= len(rows) <= n + 2
    assert rows == [(i, i) for i in range(len(rows) - 1)] + [(len(rows) - 1, -1)]
    assert read_run(folder).damages == []
    assert os.listdir(folder.path / "journals") == ["main.journal"]
