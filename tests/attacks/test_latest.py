"""A5 and more: what `resume="auto"` makes of the note about the newest run."""

import os
import textwrap

import pytest

import nbtracker

CELL = """
    import os, sys, types, warnings
    ipython = types.ModuleType("IPython")
    ipython.get_ipython = lambda: types.SimpleNamespace(kernel=object())
    sys.modules["IPython"] = ipython
    import nbtracker
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        run = nbtracker.init(project="p", resume="auto", settings={settings})
    print(run.id, run.resumed, len(caught), *[str(one.message) for one in caught])
    sys.stdout.flush()
    os._exit(1)
"""


@pytest.fixture
def cell(store, child):
    """Run a cell that begins a run and crashes; say its id, whether it went on, and warnings."""

    def run(notebook=None, session=None):
        named = {} if notebook is None else {"notebook_name": notebook}
        env = {k: v for k, v in os.environ.items() if k != "JPY_SESSION_NAME"}
        env |= {} if session is None else {"JPY_SESSION_NAME": session}
        code = textwrap.dedent(CELL.format(settings=named)).replace("os._exit(1)", "os._exit(0)")
        run_id, resumed, n_warned, *said = child(code, env=env).stdout.split()
        return run_id, resumed == "True", int(n_warned), " ".join(said)

    return run


def test_i4_auto_goes_on_in_the_same_notebook_only(cell):
    """Two kernels in one folder have runs of their own, by the path that Jupyter gives them."""
    one, two = cell(session="/home/ada/a.ipynb"), cell(session="/home/ada/b.ipynb")
    assert (one[1], two[1], one[0] == two[0]) == (False, False, False)
    assert cell(session="/home/ada/a.ipynb")[:3] == (one[0], True, 0)
    assert cell(session="/home/ada/b.ipynb")[:3] == (two[0], True, 0)


def test_i4_auto_takes_the_notebook_name_it_is_given(cell):
    """It wins over what Jupyter says."""
    one = cell(notebook="a.ipynb", session="x")
    assert cell(notebook="a.ipynb", session="y")[:3] == (one[0], True, 0)
    assert cell(notebook="b.ipynb", session="x")[1] is False


def test_i4_auto_in_a_notebook_without_a_name_begins_anew_and_says_so(cell, store):
    """It might be another one's run; one warning says what to give."""
    one, two = cell(), cell()
    assert (one[0] == two[0], two[1], two[2]) == (False, False, 1)
    assert "notebook_name=" in two[3]
    assert not store.latest.exists()


def put_fifo(path):
    """A pipe that nobody writes."""
    os.mkfifo(path)


def put_folder(path):
    """A folder."""
    path.mkdir()


def put_link(path):
    """A link to something that never ends."""
    path.symlink_to("/dev/zero")


def put_much(path):
    """More than fits into memory; a hole, on disk."""
    with path.open("wb") as file:
        file.truncate(1 << 40)


@pytest.mark.parametrize("put", [put_fifo, put_folder, put_link, put_much])
def test_a5_what_stands_in_the_place_of_a_note_is_not_waited_for(store, child, put):
    """A run begins."""
    code = 'import nbtracker; nbtracker.init(project="p", resume="auto").finish()'
    child(code)
    (note,) = store.latest.iterdir()
    note.unlink()
    put(note)
    child(code)
    assert len(list(store.runs())) == 2


@pytest.mark.parametrize(("said", "goes_on"), [("{}", True), ("../p/{}", False), ("\0", False)])
def test_a5_a_note_names_one_run_of_the_project(store, said, goes_on):
    """A path in it leads nowhere."""
    arguments = {"project": "p", "resume": "auto", "settings": {"program": "train.py"}}
    first = nbtracker.init(**arguments)
    first.finish(1)
    (note,) = store.latest.iterdir()
    note.write_text(said.format(first.id))
    run = nbtracker.init(**arguments)
    assert (run.resumed, run.id == first.id) == (goes_on, goes_on)
