"""What `%tracker` leaves in a kernel: one recorder at a time, and code with the cell's outcome."""

import json

import pytest
from kernels import kernel
from ledger_reading import only_session

import nbtracker
from nbtracker.store.layout import Store
from nbtracker.store.sessions import session_folders
from nbtracker.views.session import read_session

AGAIN = (
    "import sys\n"
    "for name in [n for n in sys.modules if n.partition('.')[0] == 'nbtracker']:\n"
    "    del sys.modules[name]\n"
    "import nbtracker"
)
OURS = (
    "[len([one for one in found if 'nbtracker' in getattr(one, '__module__', '')])"
    " for found in get_ipython().events.callbacks.values()]"
)


def test_nbtracker_imported_again_takes_the_shell_over(store: Store) -> None:
    """There is one recorder, and nothing is left of the first one; runs of both are whole."""
    with kernel() as one:
        one.run("%load_ext nbtracker")
        one.run("import nbtracker\nfirst = nbtracker.init(project='p', id='first')")
        before = one.run(OURS).text
        shown = one.run(AGAIN)
        assert "imported again" in shown.stderr
        assert one.run(OURS).text == before
        one.run("first.log({'a': 1})\nsecond = nbtracker.init(project='p', id='second')")
        one.run("second.log({'b': 2})\nprint('said')")
    old, new = sorted(
        (read_session(folder) for folder in session_folders(store)),
        key=lambda view: view.started.at,
    )
    assert not old.is_running
    assert [cell.source for cell in old.executions][-1] == AGAIN
    assert [cell.source.split("(")[0] for cell in new.executions][-1] == "second.log"
    run = nbtracker.Api(store.path).run("p/second")
    assert run.cell_of(0).source.startswith("second.log")
    assert nbtracker.Api(store.path).run("p/first").summary["a"] == 1


def test_unloading_after_a_second_import_leaves_nothing(store: Store) -> None:
    """Neither of the first import nor of the second."""
    look = "sorted(vars(get_ipython())), " + OURS
    with kernel() as one:
        one.run("import sys")
        before = one.run(look).text
        one.run("%load_ext nbtracker")
        one.run(AGAIN)
        one.run("%unload_ext nbtracker")
        assert one.run(look).text == before


@pytest.mark.parametrize(("last", "status"), [("6 * 7", "ok"), ("1 / 0", "error")])
def test_the_code_of_a_run_of_one_cell_has_its_outcome(store: Store, last, status) -> None:
    """What it printed, gave and raised is in the notebook that is kept with the run."""
    source = f"%%tracker run --project p --id r\nprint('said')\n{last}"
    with kernel() as one:
        one.run("%load_ext nbtracker")
        one.run(source)
    assert [cell.status for cell in only_session(store).executions] == ["ok", status]
    kept = json.loads(nbtracker.Api(store.path).run("p/r").code.read("cells.ipynb"))
    (cell,) = [cell for cell in kept["cells"] if "".join(cell["source"]) == source]
    assert cell["metadata"]["nbtracker"]["status"] == status
    kinds = [(out["output_type"], out.get("ename")) for out in cell["outputs"]]
    shown = ("execute_result", None) if status == "ok" else ("error", "ZeroDivisionError")
    assert kinds == [("stream", None), shown]


def test_a_failed_run_of_one_cell_names_its_cell(store: Store) -> None:
    """Although the cell is over for the hooks when the run ends."""
    with kernel() as one:
        one.run("%load_ext nbtracker")
        one.run("%%tracker run --project p --id r\n1 / 0")
    run = nbtracker.Api(store.path).run("p/r")
    assert run.state == "failed"
    assert "nbtracker output p/r" in run.error
