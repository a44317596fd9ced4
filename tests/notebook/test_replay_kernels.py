"""The whole way of a replay: recorded in real kernels, executed again, judged, and explained."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import nbformat
import psutil
import pytest
from commands import command
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from kernels import PATIENCE_S, kernel
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook
from sessions import INIT, write_run, write_session

from nbtracker.errors import MissingExtraError
from nbtracker.journal.cells import CellStarted, PackagesKept
from nbtracker.journal.reader import JournalReader
from nbtracker.journal.records import Record
from nbtracker.journal.writer import JournalWriter
from nbtracker.notebook.replay import replay
from nbtracker.store.blobs import digest_of, write_once
from nbtracker.store.layout import RunFolder, Store
from nbtracker.store.sessions import SessionFolder, session_folders
from nbtracker.views.cells.verdict import DIFFERS, REPRODUCED
from nbtracker.views.session import read_session

FIRST_RUN = Path(__file__).parents[2] / "notebooks" / "01_first_run.ipynb"
LOAD = "%load_ext nbtracker"
BEGIN = "import nbtracker, random, time\nrun = nbtracker.init(project='p')"
OTHERWISE = "import os\nrun.log({'x': os.getpid()})"


def cells_of(path: Path) -> list[str]:
    """The code of a notebook, cell by cell."""
    notebook = nbformat.read(path, as_version=4)
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def execute(cells: Iterable[str], folder: Path, env: dict[str, str]) -> None:
    """Execute cells as a notebook that lies in a folder."""
    manager = AsyncKernelManager(
        kernel_name="python3", kernel_spec_manager=KernelSpecManager(kernel_dirs=[])
    )
    client = NotebookClient(
        new_notebook(cells=[new_code_cell(cell) for cell in cells]),
        km=manager,
        timeout=600,
        resources={"metadata": {"path": str(folder)}},
        extra_arguments=["--HistoryManager.enabled=False", "--log-level=ERROR"],
    )
    env = os.environ | {"PYDEVD_DISABLE_FILE_VALIDATION": "1"} | env
    client.execute(env=env, cleanup_kc=True)


def recorded(store: Store, *cells: str, before: Iterable[str] = ()) -> RunFolder:
    """Record these cells as a run, the first of the store; those before it are not recorded."""
    work = store.path.parent / "work"
    work.mkdir(exist_ok=True)
    execute(
        [*before, LOAD, BEGIN, *cells, "run.finish()"], work, {"NBTRACKER_DIR": str(store.path)}
    )
    (folder,) = store.runs()
    return folder


def session_of(store: Store) -> SessionFolder:
    """The only session of a store."""
    (folder,) = session_folders(store)
    return folder


def rewrite(folder: SessionFolder, change: Callable[[Record], Record]) -> None:
    """Write the journal of a session anew, each record changed."""
    records = list(JournalReader(folder.journal).read())
    folder.journal.unlink()
    writer = JournalWriter(folder.journal)
    for one in records:
        assert isinstance(one, Record)
        writer.append(change(one))
    writer.close()


def kernels_below(pid: int) -> list[int]:
    """Kernels that a process started and that still run."""
    found = []
    for one in psutil.Process(pid).children(recursive=True):
        # Others come and go while we look.
        with suppress(psutil.NoSuchProcess):
            found += [one.pid] if "ipykernel_launcher" in " ".join(one.cmdline()) else []
    return found


@pytest.fixture(scope="module")
def first_run(tmp_path_factory) -> Path:
    """A store with a run of the first notebook."""
    folder = tmp_path_factory.mktemp("first")
    env = {"NBTRACKER_DIR": str(folder / "store"), "NBTRACKER_QUIET": "1"}
    execute([LOAD, *cells_of(FIRST_RUN)], folder, env)
    return folder / "store"


@pytest.fixture
def digits(first_run: Path, store: Store) -> RunFolder:
    """The run of the first notebook, in a store of the test's own."""
    shutil.copytree(first_run, store.path)
    (folder,) = store.runs("digits")
    return folder


def test_the_first_notebook_is_reproduced(digits) -> None:
    """The command says so, with exit code 0, and leaves a second run that names the first."""
    done = subprocess.run(command("replay", digits.id), capture_output=True, text=True, check=False)
    assert done.stdout.startswith(f"digits/{digits.id}: reproduced\n"), done.stdout + done.stderr
    assert "executed again: 7 of 7 executions" in done.stdout
    assert (done.returncode, len(list(Store(digits.store).runs("digits")))) == (0, 2)


def test_a_slice_of_the_first_notebook_gives_the_same_series(digits) -> None:
    """With fewer cells."""
    result = replay(digits, metric="val/acc")
    assert (result.verdict.kind, result.unsafe) == (REPRODUCED, ()), str(result)
    assert result.n_executed < result.n_cells == 7


def test_an_edited_source_is_named(digits) -> None:
    """The seed is another in the file of the source, whose name is its digest."""
    (path,) = (
        path
        for path in session_of(Store(digits.store)).path.rglob("sources/*")
        if '"seed": 0' in path.read_text()
    )
    path.chmod(0o600)
    path.write_text(path.read_text().replace('"seed": 0', '"seed": 1'))
    verdict = replay(digits).verdict
    assert verdict.kind == DIFFERS
    assert any("source of cell [3] was lost or edited" in cause for cause in verdict.causes)


def test_another_source_in_the_journal_differs_in_the_config(digits) -> None:
    """A cell that was replaced by another whole one is found by what it sets."""
    folder = session_of(Store(digits.store))
    source = next(s for one in read_session(folder).executions if '"seed": 0' in (s := one.source))
    old, data = digest_of(source.encode()), source.replace('"seed": 0', '"seed": 5').encode()
    write_once(folder.source(digest_of(data)), data, below=Store(digits.store).path)

    def change(one: Record) -> Record:
        is_it = isinstance(one, CellStarted) and one.source == old
        return replace(one, source=digest_of(data)) if is_it else one

    rewrite(folder, change)
    done = subprocess.run(command("replay", digits.id), capture_output=True, text=True, check=False)
    assert f"digits/{digits.id}: differs at step 0 in train/loss: " in done.stdout, done.stdout
    assert ("\n  cause: config seed was 0, and is 5\n" in done.stdout, done.returncode) == (True, 1)


def test_numbers_without_a_seed_are_named(store) -> None:
    """The library that drew them, too."""
    result = replay(recorded(store, "for _ in range(3):\n    run.log({'x': random.random()})"))
    assert (result.verdict.kind, result.verdict.step, result.verdict.metric) == (DIFFERS, 0, "x")
    (cause,) = result.verdict.causes
    assert cause.startswith("no seed: cell [3] draws random numbers of random without one; write")
    assert "random.seed(0)" in cause


def test_a_data_file_that_changed_is_named(store) -> None:
    """With its path, and both digests."""
    (store.path.parent / "work").mkdir()
    path = store.path.parent / "work" / "data.csv"
    path.write_text("1.5\n")
    was = digest_of(path.read_bytes())
    folder = recorded(store, "run.log({'x': float(open('data.csv').read())})")
    assert replay(folder).verdict.kind == REPRODUCED
    path.write_text("2.5\n")
    now = digest_of(path.read_bytes())
    assert replay(folder).verdict.causes == (f"data file {path} was {was[:12]}, and is {now[:12]}",)


def test_a_name_of_a_skipped_cell_is_named(store) -> None:
    """What fails for it, and why."""
    result = replay(recorded(store, "%%tracker skip\nlr = 0.5", "run.log({'x': lr})"))
    said = "\n".join(result.verdict.causes)
    assert result.verdict.kind == DIFFERS
    assert "failed: NameError: \"name 'lr' is not defined\"" in said
    assert "the source of cell [3] was skipped, so it was not run again" in said
    assert result.badge.kind == "hidden state"


def test_a_name_from_before_the_recording_is_named(store) -> None:
    """No cell that was recorded defines it."""
    result = replay(recorded(store, "run.log({'x': lr})", before=["lr = 0.5"]))
    said = "\n".join(result.verdict.causes)
    assert "failed: NameError: \"name 'lr' is not defined\"" in said
    assert "cell [4] read lr, which no recorded cell defined" in said


def test_a_package_of_another_version_is_named(store) -> None:
    """Both versions."""
    folder = recorded(store, "import numpy as np", OTHERWISE)

    def change(one: Record) -> Record:
        is_it = isinstance(one, PackagesKept) and "numpy" in one.versions
        return replace(one, versions=one.versions | {"numpy": "1.0.1"}) if is_it else one

    rewrite(session_of(store), change)
    said = f"package numpy was 1.0.1, and is {version('numpy')}"
    assert replay(folder).verdict.causes == (said,)


def test_a_live_kernel_replays(store) -> None:
    """The magic prints the verdict, and no cell or run of the kernel's own is touched."""
    folder = recorded(store, "run.log({'x': 1.0})")
    with kernel() as one:
        one.run(LOAD)
        one.run("import nbtracker\nown = nbtracker.init(project='own', id='own')")
        shown = one.run(f"%tracker replay p/{folder.id}")
        assert f"\np/{folder.id}: reproduced\n" in shown.stdout, shown
        assert one.run("own.log({'y': 1}); own.step").text == "1"
        assert kernels_below(one.pid) == []


def test_an_interrupt_leaves_no_kernel(store) -> None:
    """The cell ends with KeyboardInterrupt, and the next one runs."""
    wait = "import os\nrun.log({'x': 1})\n"
    wait += "if os.environ.get('NBTRACKER_REPLAY_OF'): time.sleep(600)"
    folder = recorded(store, wait)
    with kernel() as one:
        one.run(LOAD)
        begun = one.begin(f"%tracker replay p/{folder.id}")
        until = time.monotonic() + PATIENCE_S
        while len(list(store.runs("p"))) < 2 and time.monotonic() < until:
            time.sleep(0.05)
        there = kernels_below(one.pid)
        one.manager.interrupt_kernel()
        shown = one.shown(begun)
        assert shown.error == "KeyboardInterrupt: "
        assert f"p/{folder.id}: stopped, and so not compared" in shown.stdout
        assert (len(there), kernels_below(one.pid)) == (1, [])
        assert one.run("6 * 7").text == "42"


REPLAY = """
import signal, sys
from pathlib import Path
from nbtracker.notebook.replay import replay
from nbtracker.store.layout import Store

# Who starts this in the background may have told it to take no notice.
signal.signal(signal.SIGINT, signal.default_int_handler)
replay(Store(Path(sys.argv[1])).run(*sys.argv[2:]))
"""


def test_an_interrupt_while_the_kernel_starts_leaves_none(store) -> None:
    """It is raised, and the kernel goes before it has answered."""
    write_session(store, [INIT, OTHERWISE])
    folder = write_run(store, [(2, {"x": 1})])
    line = [sys.executable, "-c", REPLAY, str(store.path), folder.project, folder.id]
    with subprocess.Popen(line, stderr=subprocess.PIPE, text=True) as child:
        until = time.monotonic() + PATIENCE_S
        while not (there := kernels_below(child.pid)) and time.monotonic() < until:
            time.sleep(0.01)
        child.send_signal(signal.SIGINT)
        said = child.communicate(timeout=PATIENCE_S)[1]
    assert "ReplayInterrupted" in said
    assert (len(there), [pid for pid in there if psutil.pid_exists(pid)]) == (1, [])
    assert list(store.runs()) == [folder]


@pytest.mark.parametrize("missing", ["nbclient", "ipykernel"])
def test_without_nbclient_the_command_to_install_it_is_told(store, monkeypatch, missing) -> None:
    """And no kernel is started."""
    write_session(store, [INIT, OTHERWISE])
    folder = write_run(store, [(2, {"x": 1})])
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(MissingExtraError, match=r"pip install 'nbtracker\[replay\]'"):
        replay(folder)
    assert kernels_below(os.getpid()) == []
