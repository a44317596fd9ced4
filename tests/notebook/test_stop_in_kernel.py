"""A cell whose run is stopped from outside ends with one line."""

import time

from kernels import kernel

from nbtracker.api import edits
from nbtracker.store.layout import Store
from nbtracker.views.run import read_run
from nbtracker.views.state import state_of

BEGIN = """
%load_ext nbtracker
import asyncio, time, nbtracker
run = nbtracker.init(project="p", id="r")
"""
LOOP = """
for i in range(100_000):
    run.log({"i": i}); time.sleep(0.01)
"""
TASK = """
async def train():
    for i in range(100_000):
        run.log({"i": i}); await asyncio.sleep(0.01)
task = asyncio.create_task(train())
"""


def wait_for_rows(store: Store) -> None:
    """Wait until the run logs."""
    until = time.monotonic() + 60
    while not (store.run("p", "r").exists and read_run(store.run("p", "r")).n_rows > 2):
        assert time.monotonic() < until
        time.sleep(0.02)


def test_a_stopped_cell_shows_one_calm_line(store: Store) -> None:
    """No traceback, no KeyboardInterrupt; the kernel goes on."""
    with kernel() as one:
        one.run(BEGIN)
        busy = one.begin(LOOP)
        wait_for_rows(store)
        edits.request_stop(store.run("p", "r"))
        shown = one.shown(busy)
        after = one.run("1 + 1")
    (error,) = [said["content"] for said in shown.outputs if said["msg_type"] == "error"]
    (line,) = error["traceback"]
    assert error["ename"] == "RunStopped"
    assert line.startswith("nbtracker: run p/r was stopped")
    assert "\n" not in line
    assert after.text == "2"
    assert state_of(read_run(store.run("p", "r"))) == "killed"


def test_a_stopped_task_ends_and_its_kernel_does_not(store: Store) -> None:
    """Raised in a task, Ctrl-C would end the kernel's loop."""
    with kernel() as one:
        one.run(BEGIN)
        one.run(TASK)
        wait_for_rows(store)
        edits.request_stop(store.run("p", "r"))
        until = time.monotonic() + 60
        while state_of(read_run(store.run("p", "r"))) == "running":
            assert time.monotonic() < until
            time.sleep(0.05)
        shown = one.run("await asyncio.wait([task]); task.cancelled()")
    assert shown.text == "True"
