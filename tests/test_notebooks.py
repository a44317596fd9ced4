"""The notebooks do what they say, in a real kernel, and survive its death."""

import contextlib
import os
import queue
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

import nbtracker
from nbtracker.store.layout import Store

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
FIRST_RUN = NOTEBOOKS / "01_first_run.ipynb"
CELLS = NOTEBOOKS / "02_cells_and_replay.ipynb"
LOG = "run.log(row, step=step)"


def cells(path: Path) -> list[str]:
    """The code of a notebook, cell by cell."""
    notebook = nbformat.read(path, as_version=4)
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def test_the_first_notebook_records_its_run(store: Store) -> None:
    """The demo, run in a kernel, leaves a finished run with every step of its training."""
    demo = [sys.executable, str(NOTEBOOKS / "demo.py")]
    shown = subprocess.run(demo, check=True, capture_output=True, text=True).stdout
    (run,) = nbtracker.Api(dir=store.path).runs("digits")
    rows = list(run.scan_history())
    best = max(row["val/acc"] for row in rows if row.get("val/acc") is not None)
    assert (run.state, run.config["lr"], run.config["batch_size"]) == ("finished", 0.003, 64)
    assert [row["_step"] for row in rows] == list(range(330))
    assert run.summary["val/acc"] == {"max": best}
    assert run.summary["n_wrong"] < 36
    assert str(store.path / "digits" / run.id) in shown


def test_the_second_notebook_shows_cells_and_replay(store: Store) -> None:
    """Its runs, its segments, the cell of each point, and the verdict of its replay."""
    execute = (
        "import sys, pathlib, demo, nbformat\n"
        "notebook = demo.execute(pathlib.Path(sys.argv[1]))\n"
        "print(notebook.cells[-1].outputs[0].text)"
    )
    shown = subprocess.run(
        [sys.executable, "-c", execute, str(CELLS)],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(NOTEBOOKS)},
    ).stdout
    assert shown.strip() == "reproduced"
    runs = {run.name: run for run in nbtracker.Api(dir=store.path).runs("cells")}
    first, one_cell = runs["first-look"], runs["one-cell"]
    assert (first.state, first.n_rows, one_cell.n_rows) == ("finished", 80, 3)
    assert (first.cell_of(39, "loss").number, one_cell.cell_of(0).number) == (4, 9)
    assert first.code.digest


@pytest.fixture
def kernel(store: Store) -> Iterator[KernelManager]:
    """A kernel of this Python."""
    manager = KernelManager(kernel_spec_manager=KernelSpecManager(kernel_dirs=[]))
    manager.start_kernel(env=os.environ | {"NBTRACKER_DIR": str(store.path)})
    yield manager
    manager.shutdown_kernel(now=True)
    manager.cleanup_resources()


def test_a_killed_kernel_loses_no_row_it_had_logged(kernel: KernelManager, store: Store) -> None:
    """After SIGKILL in mid-training, each step that was printed as logged is on disk."""
    training = "\n".join(cells(FIRST_RUN)[:-4])
    assert training.count(LOG) == 1
    endless = training.replace('"epochs": 15', '"epochs": 1_000_000')
    client = kernel.blocking_client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    client.execute(endless.replace(LOG, f"{LOG}; print(step, flush=True)"))
    printed = steps_until(client, 100)
    os.kill(kernel.provisioner.pid, signal.SIGKILL)
    printed += late_steps(client)
    client.stop_channels()

    (run,) = nbtracker.Api(dir=store.path).runs("digits")
    rows = list(run.scan_history())
    assert run.state == "crashed"
    assert [row["_step"] for row in rows][: len(printed)] == printed
    assert all(row["train/loss"] > 0 for row in rows)


def steps_until(client: object, n: int) -> list[int]:
    """Follow what the kernel prints until it has printed `n` steps."""
    printed: list[int] = []
    while len(printed) < n:
        message = client.get_iopub_msg(timeout=60)
        assert message["msg_type"] != "error", message["content"]
        printed += steps_of(message)
    return printed


def late_steps(client: object) -> list[int]:
    """What was on its way when the kernel died."""
    printed: list[int] = []
    with contextlib.suppress(queue.Empty):
        while True:
            printed += steps_of(client.get_iopub_msg(timeout=1))
    return printed


def steps_of(message: dict) -> list[int]:
    """The step numbers in one message of a kernel."""
    if message["msg_type"] != "stream" or message["content"]["name"] != "stdout":
        return []
    return [int(line) for line in message["content"]["text"].split() if line.isdigit()]
