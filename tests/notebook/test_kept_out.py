"""What must not reach the disk at all: skipped cells, what was typed a moment ago, names."""

import json
from pathlib import Path

import pytest
from kernels import kernel
from nbformat.v4 import new_code_cell, new_notebook

from nbtracker.notebook.document import read_document
from nbtracker.redaction import REDACTED, Redactor
from nbtracker.store.layout import Store
from nbtracker.store.sessions import session_folders
from nbtracker.views.session import read_session

TYPED = "zzfGPvalue42"
ASK = "def getpass(prompt=''): return 'zzfGP' + 'value42'"
HIDDEN = "hidden-literal-9876"
DEFINES = f"def f(q):\n    marker = '{HIDDEN}'; return 1 / q\n"
BEGIN = "import nbtracker\nrun = nbtracker.init(project='p', id='r')"
SECRET_FOLDER = "Tr0ub4dorXYZ99"


def holding(store: Store, text: str) -> list[str]:
    """The files of a store that hold a text, in their names or else."""
    files = [path for path in store.path.rglob("*") if path.is_file()]
    return [str(one) for one in files if text in str(one) or text.encode() in one.read_bytes()]


@pytest.mark.parametrize(
    "cell",
    [
        "pw = getpass()\nrun.config['who'] = pw; run.log({'note': pw}); run.summary['s'] = pw",
        "d = {}\nd['k'] = getpass()\nrun.config['who'] = f'by {d}'",
        "pw = getpass()\nt = Thread(target=lambda: run.log({'note': pw})); t.start(); t.join()",
    ],
)
def test_a24_what_was_typed_and_logged_by_the_same_cell_is_nowhere(store: Store, cell: str) -> None:
    """Rows and config are written at once, and the secret is learned before they are."""
    with kernel() as one:
        one.run("%load_ext nbtracker")
        one.run(f"from threading import Thread\n{BEGIN}\n{ASK}")
        assert one.run(cell).status == "ok"
        one.run("run.finish()")
    assert holding(store, TYPED) == []


@pytest.mark.parametrize("how", ["# nbtracker: skip\n", "%%tracker skip\n", "paused"])
def test_a_skipped_cell_is_in_no_document_and_no_traceback(
    store: Store, tmp_path: Path, how: str
) -> None:
    """Neither in the notebook as it stood, nor where a function of it fails later."""
    skipped = DEFINES if how == "paused" else how + DEFINES
    path = tmp_path / "a.ipynb"
    document = new_notebook(cells=[new_code_cell(skipped), new_code_cell("x")])
    with kernel({"NBTRACKER_NOTEBOOK_NAME": str(path)}) as one:
        one.run("%load_ext nbtracker")
        one.run("%tracker pause" if how == "paused" else "x = 1")
        path.write_text(json.dumps(document))
        one.run(skipped)
        one.run("%tracker resume" if how == "paused" else "x = 2")
        one.run(BEGIN)
        assert HIDDEN in str(one.run("f(0)").outputs)
        one.run("run.finish()")
    assert holding(store, HIDDEN) == []
    assert holding(store, "ZeroDivisionError")


def test_a_cell_that_asks_not_to_be_kept_is_blank_in_the_document(tmp_path: Path) -> None:
    """Whether it was executed or not; the others stay as they are."""
    path = tmp_path / "a.ipynb"
    cells = [new_code_cell(f"# nbtracker: skip\nx = '{HIDDEN}'"), new_code_cell("y = 1")]
    path.write_text(json.dumps(new_notebook(cells=cells)))
    kept = json.loads(read_document(path, outputs=True) or b"")
    assert [one["source"] for one in kept["cells"]] == [REDACTED, "y = 1"]


def test_a_paused_cell_that_is_run_again_is_kept_again() -> None:
    """What was skipped is known only until it is recorded."""
    redactor = Redactor({})
    redactor.forget(DEFINES)
    assert redactor.redact(DEFINES) == REDACTED
    assert redactor.redact_source(DEFINES) == DEFINES
    assert redactor.redact(DEFINES) == DEFINES


def test_a_folder_that_is_named_like_a_secret_is_not_named(store: Store, tmp_path: Path) -> None:
    """Neither as working directory, nor by modules, the notebook or the cell's tags."""
    folder = tmp_path / SECRET_FOLDER
    folder.mkdir()
    (folder / "mymod.py").write_text("a = 1\n")
    path = folder / "nb.ipynb"
    path.write_text(json.dumps(new_notebook(cells=[new_code_cell("x")])))
    env = {"NBTRACKER_NOTEBOOK_NAME": str(path), "MY_PASSWORD": SECRET_FOLDER}
    with kernel(env) as one:
        one.run(f"import os, sys\nos.chdir(os.path.dirname({str(path)!r}))\nsys.path.insert(0, '')")
        one.run(f"%load_ext nbtracker\n{BEGIN}\nimport mymod")
        one.run("run.log({'a': 1})\nrun.finish()")
    assert holding(store, SECRET_FOLDER) == []
    (session,) = map(read_session, session_folders(store))
    assert session.started is not None
    assert REDACTED in session.started.cwd
    assert any(REDACTED in one.path for one in session.modules)


FORKING = """
import os, threading, time
from nbtracker.notebook.session import recorder
is_held, may_go = threading.Event(), threading.Event()
def hold():
    with recorder()._making:
        is_held.set(); may_go.wait(60)
holder = threading.Thread(target=hold); holder.start(); is_held.wait(60)
child = os.fork()
if not child:
    nbtracker.log({'a': 1})
    os._exit(7)
ended, until = 0, time.monotonic() + 30
while not ended and time.monotonic() < until:
    ended, status = os.waitpid(child, os.WNOHANG)
    time.sleep(0.01)
may_go.set(); holder.join()
if not ended:
    os.kill(child, 9); os.waitpid(child, 0)
print('ended' if ended else 'hangs')
"""


def test_f9_a_forked_child_logs_though_a_thread_was_making_a_run(store: Store) -> None:
    """The thread that holds the lock is not there in the child."""
    with kernel() as one:
        one.run("%load_ext nbtracker")
        one.run("%tracker auto on")
        assert one.run(f"import nbtracker\n{FORKING}").stdout == "ended\n"
