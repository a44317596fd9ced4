"""Whoever executes a notebook: every cell is recorded, byte for byte, and nobody is bothered."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import pexpect
import pytest
from kernels import kernel
from ledger_reading import only_session, printed, runs, shown, states, statuses
from nbclient import NotebookClient

from nbtracker.store.layout import Store

PATIENCE_S = 120
CELLS = [
    "%load_ext nbtracker",
    "import nbtracker\nrun = nbtracker.init(project='p', id='r')",
    "text = 'zażółć 😀'  \n\nx = 1\t# a tab",
    "def f(a):\n    # a comment\n\n    return a\n\n\nprint(f(text))",
    "%time x = 1",
    "for i in range(3):\n    run.log({'i': i})\nx",
    "# only a comment",
]
PLAIN = ("python3", "Python 3")


def saved(folder: Path) -> Path:
    """The notebook, as a file."""
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    metadata = {"kernelspec": {"name": PLAIN[0], "display_name": PLAIN[1], "language": "python"}}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=metadata)
    path = folder / "train it.ipynb"
    path.write_text(nbformat.writes(notebook))
    return path


def by_nbclient(path: Path, *, named: bool) -> str:
    """In this process, by the library."""
    notebook = nbformat.read(path, as_version=4)
    resources = {"metadata": {"path": str(path.parent)}} if named else {}
    NotebookClient(notebook, resources=resources).execute()
    outputs = [one for cell in notebook.cells for one in cell.outputs]
    return "".join(one.text for one in outputs if one.get("name") == "stderr")


def by_jupyter_execute(path: Path, *, named: bool) -> str:
    """`jupyter execute`, which takes files only."""
    return said("-m", "jupyter", "execute", *(["--inplace"] if named else []), str(path))


def by_nbconvert(path: Path, *, named: bool) -> str:
    """`jupyter nbconvert --execute`, from a file or from its input."""
    how = ["-m", "nbconvert", "--execute", "--to", "notebook", "--log-level", "WARN"]
    if named:
        return said(*how, "--output", "out.ipynb", str(path))
    return said(*how, "--stdin", "--stdout", given=path.read_bytes())


def by_papermill(path: Path, *, named: bool) -> str:
    """`papermill`, from a file or from its input."""
    how = ["-m", "papermill", "--no-progress-bar", "--log-level", "WARNING"]
    if named:
        return said(*how, str(path), str(path.with_name("out.ipynb")))
    return said(*how, "-", "-", given=path.read_bytes())


def by_a_kernel(path: Path, *, named: bool) -> str:
    """As JupyterLab does it."""
    with kernel({"JPY_SESSION_NAME": str(path)} if named else {}) as one:
        return "".join(one.run(source).stderr for source in CELLS)


def said(*arguments: str, given: bytes = b"") -> str:
    """Execute a module; give what it says on stderr."""
    done = subprocess.run(
        [sys.executable, *arguments],
        input=given,
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stderr.decode()


Runner = Callable[..., str]
RUNNERS = [by_nbclient, by_jupyter_execute, by_nbconvert, by_papermill, by_a_kernel]


@pytest.mark.parametrize("named", [True, False], ids=["named", "unsaved"])
@pytest.mark.parametrize("runner", RUNNERS)
def test_every_executed_cell_is_there(
    store: Store, tmp_path: Path, runner: Runner, named: bool
) -> None:
    """In order, byte for byte, with its output; no warning is shown."""
    told = runner(saved(tmp_path), named=named)
    session = only_session(store)
    assert [one.source for one in session.executions] == CELLS
    assert statuses(session) == ["ok"] * len(CELLS)
    assert printed(session, 4) == "zażółć 😀\n"
    assert [out["data"]["text/plain"] for out in shown(session, 6)] == ["1"]
    assert states(store) == {"r": "finished"}
    assert runs(store)[0].n_rows == 3
    assert "racking" not in told
    assert "nbtracker" not in told


TYPED = [
    "import nbtracker",
    "run = nbtracker.init(project='p', id='r')",
    "run.log({'a': 1})",
    "print('zażółć')",
    "1 / 0",
    "x = = 1",
    "6 * 7",
]
ENDS = ["ok", "ok", "ok", "ok", "error", "error", "ok"]


def test_a_terminal_that_is_typed_into(store: Store, tmp_path: Path) -> None:
    """IPython without a kernel: from the first run on, sources, statuses and errors."""
    env = {**os.environ, "TERM": "dumb", "IPYTHONDIR": str(tmp_path / "ipython")}
    shell = pexpect.spawn(
        sys.executable, ["-m", "IPython", "--simple-prompt", "--no-banner", "--colors=NoColor"],
        env=env, encoding="utf-8", timeout=PATIENCE_S,
    )  # fmt: skip
    for i, cell in enumerate(TYPED, start=1):
        shell.expect_exact(f"In [{i}]: ")
        shell.sendline(cell)
    shell.expect_exact("In [8]: ")
    shell.sendline("exit")
    shell.expect(pexpect.EOF)
    shell.close()
    session = only_session(store)
    assert [one.source for one in session.executions] == [*TYPED[1:], "exit"]
    assert statuses(session)[:-1] == ENDS[1:]
    assert session.started is not None
    assert session.started.shell == "terminal"
    errors = [one.error_name for one in session.executions if one.error_name]
    assert errors == ["ZeroDivisionError", "SyntaxError"]
    assert states(store) == {"r": "finished"}


def test_a_script_of_ipython(store: Store, tmp_path: Path) -> None:
    """A file of its syntax is recorded as a run."""
    script = tmp_path / "train.ipy"
    script.write_text("\n".join(["%load_ext nbtracker", *TYPED[:3], "%time x = 1"]))
    told = said("-m", "IPython", "--no-banner", "--colors=NoColor", str(script))
    assert "racking" not in told
    assert states(store) == {"r": "finished"}
    assert runs(store)[0].n_rows == 1


def test_the_notebook_of_a_session_is_known_where_it_is_told(store: Store, tmp_path: Path) -> None:
    """Its name is a label: nothing else depends on it."""
    path = saved(tmp_path)
    by_a_kernel(path, named=True)
    until = time.monotonic() + PATIENCE_S
    while only_session(store).notebook is None and time.monotonic() < until:
        time.sleep(0.05)
    assert only_session(store).notebook == str(path)
    assert json.loads(path.read_text())["cells"][0]["source"]
