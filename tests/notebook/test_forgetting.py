"""Forgetting leaves no byte, wherever a copy was: real kernels, and `grep` over the store."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from kernels import kernel
from nbformat.v4 import new_code_cell, new_notebook

import nbtracker
from nbtracker.store import trash
from nbtracker.store.layout import Store
from nbtracker.store.sessions import session_folders
from nbtracker.views.outputs import outputs_of
from nbtracker.views.session import SessionView, read_session

TOKEN = "Rumpelstilzchen7"
BEGIN = "import nbtracker\n%load_ext nbtracker\nrun = nbtracker.init(project='p', id='r')"
PRIVATE = f"def f(x):\n    private = '{TOKEN}'; return 1 / x\nprint(f(1))"
RECORDER = "import nbtracker.notebook.recorder as recorder"
FINISH = "run.log({'a': 1})\nrun.finish()"


@pytest.fixture
def places(store: Store, tmp_path: Path) -> list[str]:
    """Where no byte may be left: the store, and what is derived of it."""
    return [str(store.path), str(tmp_path / "cache")]


def hits(places: list[str], text: str = TOKEN) -> list[str]:
    """The files that have a text."""
    done = subprocess.run(
        ["grep", "-rla", text, *places], capture_output=True, text=True, check=False
    )
    return done.stdout.splitlines()


def forget(*words: str) -> "subprocess.CompletedProcess[str]":
    """Call `nbtracker forget`."""
    return subprocess.run(
        [sys.executable, "-m", "nbtracker", "forget", *words],
        capture_output=True,
        text=True,
        check=True,
    )


def digest_of_document(run: str) -> str:
    """The blob that a run has as its document."""
    code = nbtracker.Api().run(f"p/{run}")._view().code
    return code.files["document.ipynb"]


def only_session(store: Store) -> SessionView:
    """The one session of a store."""
    (folder,) = session_folders(store)
    return read_session(folder)


@pytest.mark.parametrize("alive", [True, False])
def test_a_traceback_of_another_cell_quotes_no_line(store, places, alive):
    """It keeps the rest of what that cell showed."""
    with kernel() as one:
        one.run(BEGIN)
        one.run(PRIVATE)
        one.run("print('before')\nf(0)")
        one.run(FINISH)
        if alive:
            assert hits(places)
            one.run("from nbtracker.notebook.session import recorder\nrecorder().forget([2])")
    if not alive:
        said = forget("p/r", "2").stdout
        assert "lines of that are taken out of the outputs of cell [3]" in said
    assert hits(places) == []
    printed, error = outputs_of(only_session(store).folder, 3)
    assert (printed["text"], error["ename"]) == ("before\n", "ZeroDivisionError")
    assert "[forgotten]" in "".join(error["traceback"])


def test_a_cell_that_the_disk_did_not_take_is_not_written_later(store, places):
    """What a traceback quotes of it goes, too."""
    with kernel() as one:
        one.run(BEGIN)
        one.run(f"{RECORDER}\nwrite_new = recorder.write_new\ndel recorder.write_new")
        one.run(PRIVATE)
        one.run("f(0)")
        one.run("import nbtracker.notebook.session as s\ns.recorder().forget([3])")
        one.run("recorder.write_new = write_new\nimport time\ntime.sleep(0.6)\nf(0)")
        one.run(FINISH)
    assert only_session(store).executions[-1].source == FINISH
    assert hits(places) == []


def test_a_traceback_after_it_quotes_no_line_either(store, places):
    """The function that the cell defined is still there."""
    with kernel() as one:
        one.run(BEGIN)
        one.run(PRIVATE)
        one.run("from nbtracker.notebook.session import recorder\nrecorder().forget([2])")
        assert TOKEN in str(one.run("f(0)").outputs)
        one.run(FINISH)
    assert hits(places) == []


def test_a_module_that_the_cell_wrote_is_taken_out_of_all_code(store, places, tmp_path):
    """The file itself is the user's, and named."""
    with kernel() as one:
        one.run(f"import sys; sys.path.insert(0, '.')\n{BEGIN}")
        one.run(f"%%writefile mine.py\nvalue = '{TOKEN}'\nother = 2")
        one.run("import mine")
        one.run(FINISH)
    assert [path for path in hits(places) if ".blobs" in path]
    said = forget("p/r", "2").stdout
    assert hits(places) == []
    assert "the file mine.py that it wrote" in said
    code = nbtracker.Api().run("p/r").code
    assert code.read("modules/mine.py") == b"# [forgotten]\n"
    assert (tmp_path / "mine.py").read_text().startswith("value")


def test_a_document_is_rewritten_for_all_that_share_it(store, places, tmp_path):
    """Runs of other kernels lose the cell, and nothing else; later looks do not bring it back."""
    path = tmp_path / "a.ipynb"
    cells = [new_code_cell(PRIVATE, id="c1"), new_code_cell("kept = 1", id="c2")]
    path.write_text(json.dumps(new_notebook(cells=cells)))
    env = {"JPY_SESSION_NAME": str(path)}
    with kernel(env) as other:
        other.run(BEGIN.replace("'r'", "'shares'"))
        other.run(FINISH)
    with kernel(env) as one:
        one.run(BEGIN)
        one.run(PRIVATE, cell_id="c1")
        one.run(FINISH)
        assert digest_of_document("r") == digest_of_document("shares")
        one.run("from nbtracker.notebook.session import recorder\nrecorder().forget([2])")
        path.write_text(path.read_text() + "\n")  # as a notebook saves itself
        one.run("import time; time.sleep(1)")
        one.run(BEGIN.replace("'r'", "'later'"))
        one.run(FINISH)
    assert hits(places) == []
    for name in ("r", "shares", "later"):
        document = json.loads(nbtracker.Api().run(f"p/{name}").code.read("document.ipynb"))
        assert "".join(document["cells"][1]["source"]) == "kept = 1"


def test_the_copies_that_replays_made_go_too(store, places):
    """Their sessions, and the code of their runs."""
    with kernel() as one:
        one.run(BEGIN)
        one.run(PRIVATE)
        one.run("run.log({'a': f(1)})\nrun.finish()")
    subprocess.run([sys.executable, "-m", "nbtracker", "replay", "p/r"], check=False)
    assert len(list(session_folders(store))) == 2
    said = forget("p/r", "2").stdout
    assert "forgotten in the replay recorded as session" in said
    assert hits(places) == []


def test_code_of_runs_in_the_trash_and_of_removed_ones_goes_too(store, places):
    """What is in the trash can be put back, without the cell."""
    with kernel() as one:
        one.run(BEGIN)
        one.run(PRIVATE)
        for name in ("trashed", "removed"):
            one.run(f"nbtracker.init(project='p', id='{name}').finish()")
        one.run(FINISH)
    trash.discard(store, store.run("p", "removed"))
    trash.empty(store)
    trash.discard(store, store.run("p", "trashed"))
    forget("r", "2")
    assert hits(places) == []
    trash.restore(store, "p/trashed")
    assert nbtracker.Api().run("p/trashed").code.read("cells.ipynb")


def test_code_that_another_kernel_shares_is_not_broken(store):
    """It has the cell as well; who forgets is told of it."""
    for _ in range(2):
        with kernel() as one:
            one.run("import nbtracker\nrun = nbtracker.init(project='p')")
            one.run(PRIVATE)
            one.run(FINISH)
    first, second = nbtracker.Api().runs("p")
    said = forget(f"p/{first.id}", "2").stdout
    (other,) = {one.session for one in second._view().started}
    assert f"`nbtracker forget {other} 2`" in said
    assert TOKEN.encode() in second.code.read("cells.py")
    assert TOKEN.encode() not in first.code.read("cells.py")


def test_it_names_what_it_will_forget_and_what_it_has_forgotten(store):
    """By prompt, own number and first line; the first line is nowhere kept."""
    with kernel() as one:
        one.run(BEGIN)
        one.run(PRIVATE)
        one.run(FINISH)
    would = forget("p/r", "2", "--dry-run")
    assert would.stdout == "would forget:\ncell [2]  def f(x):\n"
    done = forget("p/r", "2")
    assert done.stderr == "forgetting for good:\ncell [2]  def f(x):\n"
    assert done.stdout == "forgotten: cell [2]\n"


def test_a_value_that_went_elsewhere_is_told(store, places):
    """Into a row, or into what another cell printed: these were not the cell's."""
    with kernel() as one:
        one.run(BEGIN)
        one.run(f"value = 'x{TOKEN}'")
        one.run("print(value)\nrun.log({'text': value})\nrun.finish()")
    said = forget("p/r", "2").stdout
    assert "what cell [3] showed of its values" in said
    assert "in run p/r" in said


def test_a_cell_that_is_run_again_is_recorded_again(store):
    """Only copies of the forgotten one are kept out."""
    with kernel() as one:
        one.run(BEGIN)
        one.run(PRIVATE)
        one.run("from nbtracker.notebook.session import recorder\nrecorder().forget([2])")
        one.run(PRIVATE)
    assert [one.source for one in only_session(store).executions[1::2]] == [None, PRIVATE]


def test_the_magic_names_what_goes_and_keeps_nothing_of_that(store, places):
    """What it says, first line included, is not recorded either."""
    line = f"value = '{TOKEN}'"
    with kernel() as one:
        one.run(BEGIN)
        one.run(line)
        one.run(line)
        one.run("%tracker cells")
        said = one.run("%tracker forget 2").stdout
        one.run(FINISH)
    assert said.splitlines()[:4] == [
        "forgetting for good:",
        f"cell [2]  {line}",
        f"cell [3]  {line}",
        "forgotten: cells [2], [3]",
    ]
    assert hits(places) == []
