"""However a kernel or a cell ends: the right state, derived by who looks; nobody calls finish()."""

import time
from collections.abc import Callable

import pytest
from kernels import PATIENCE_S, Kernel, kernel
from ledger_reading import only_session, runs, states, statuses

from nbtracker.store.layout import Store

LOAD = "%load_ext nbtracker"
BEGIN = "import nbtracker, time\nrun = nbtracker.init(project='p', id='r')"
LOOP = "for i in range(10**6):\n    nbtracker.log({'i': i}); time.sleep(0.01)"
GOES_ON = {
    "an exception": ("1 / 0", "error"),
    "a wrong syntax": ("def broken(:", "error"),
    "sys.exit": ("import sys\nsys.exit(3)", "error"),
    "%reset": ("%reset -f", "ok"),
}
# A run of one cell ends with the cell, in which way ever that ends.
HEADED = {
    "at its end": ("nbtracker.log({'a': 1})", "finished", "ok"),
    "an exception": ("nbtracker.log({'a': 1})\n1 / 0", "failed", "error"),
    "sys.exit": ("import sys\nsys.exit(3)", "failed", "error"),
    "%reset": ("get_ipython().run_line_magic('reset', '-f')", "finished", "ok"),
}


def restart(one: Kernel, *, now: bool) -> None:
    """Have the kernel begin anew, as the button does."""
    one.manager.restart_kernel(now=now)
    one.client.wait_for_ready(timeout=PATIENCE_S)


def shut_down(one: Kernel) -> None:
    """Ask it to end, as closing a notebook does."""
    one.client.shutdown()
    one.manager.provisioner.process.wait(PATIENCE_S)


def leave(one: Kernel, cell: str) -> None:
    """Execute the last cell of a process."""
    one.manager.autorestart = False
    one.begin(cell)
    one.manager.provisioner.process.wait(PATIENCE_S)


ENDED = {
    "kill -9": (lambda one: one.kill(), "crashed"),
    "restart at once": (lambda one: restart(one, now=True), "crashed"),
    "os._exit": (lambda one: leave(one, "import os; os._exit(0)"), "crashed"),
    "SIGTERM": (lambda one: leave(one, "import os, signal; os.kill(os.getpid(), 15)"), "crashed"),
    "shutdown": (shut_down, "finished"),
    "restart": (lambda one: restart(one, now=False), "finished"),
    "exit in a cell": (lambda one: leave(one, "exit"), "finished"),
}


@pytest.mark.parametrize(("end", "state"), ENDED.values(), ids=ENDED)
def test_the_state_of_a_run_after_its_kernel(
    store: Store, end: Callable[[Kernel], None], state: str
) -> None:
    """Between two cells; whoever looks finds it at once."""
    with kernel() as one:
        one.run(BEGIN)
        one.run("run.log({'a': 1})")
        assert states(store) == {"r": "running"}
        end(one)
        assert states(store) == {"r": state}
        assert not only_session(store).is_running
    assert runs(store)[0].n_rows == 1


@pytest.mark.parametrize(
    ("end", "state"), [ENDED["kill -9"], ENDED["restart at once"]], ids=["kill -9", "restart"]
)
def test_the_state_of_a_cell_that_its_kernel_left(store, end, state):
    """In the middle of a loop: aborted, and its rows are there."""
    with kernel() as one:
        one.run(BEGIN)
        one.begin(LOOP)
        time.sleep(0.7)
        end(one)
        assert statuses(only_session(store)) == ["ok", "aborted"]
        assert states(store) == {"r": state}
    assert runs(store)[0].n_rows > 10


@pytest.mark.parametrize(("cell", "status"), GOES_ON.values(), ids=GOES_ON)
def test_a_run_goes_on_after_a_cell_that(store, cell, status):
    """The cell has its state, the run stays as it is, and takes the next row."""
    with kernel() as one:
        one.run(BEGIN)
        one.run(cell)
        assert states(store) == {"r": "running"}
        one.run("import nbtracker\nnbtracker.log({'a': 1})")
        one.run("'the row is written'")
        assert statuses(only_session(store))[:3] == ["ok", status, "ok"]
        assert runs(store)[0].n_rows == 1
    assert states(store) == {"r": "finished"}


def test_a_run_goes_on_after_an_interrupt(store):
    """And keeps the rows of the cell that was interrupted."""
    with kernel() as one:
        one.run(BEGIN)
        request = one.begin(LOOP)
        time.sleep(0.7)
        one.manager.interrupt_kernel()
        assert one.shown(request).error.startswith("KeyboardInterrupt")
        assert states(store) == {"r": "running"}
        one.run("run.log({'i': -1})")
    assert statuses(only_session(store)) == ["ok", "interrupted", "ok"]
    assert states(store) == {"r": "finished"}


@pytest.mark.parametrize(("cell", "state", "status"), HEADED.values(), ids=HEADED)
def test_a_run_of_one_cell_after(store, cell, state, status):
    """It has ended although its kernel goes on."""
    with kernel() as one:
        one.run(f"{LOAD}\nimport nbtracker")
        one.run(f"%%tracker run --id r\n{cell}")
        assert states(store) == {"r": state}
        assert statuses(only_session(store)) == ["ok", status]


def test_a_run_of_one_cell_that_is_killed_and_one_that_is_interrupted(store):
    """Crashed, and failed."""
    with kernel() as one:
        one.run(f"{LOAD}\nimport nbtracker, time")
        request = one.begin(f"%%tracker run --id stopped\n{LOOP}")
        time.sleep(0.7)
        one.manager.interrupt_kernel()
        one.shown(request)
        one.begin(f"%%tracker run --id killed\n{LOOP}")
        time.sleep(0.7)
        one.kill()
        assert states(store) == {"stopped": "failed", "killed": "crashed"}
        assert statuses(only_session(store)) == ["ok", "interrupted", "aborted"]
