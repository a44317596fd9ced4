"""`%tracker` in a real kernel: what a notebook sees of it, and what is recorded."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from kernels import Kernel, Shown, kernel

import nbtracker
from nbtracker.store.layout import Store
from nbtracker.views.run import RunView, read_run
from nbtracker.views.state import state_of

LOAD = "%load_ext nbtracker"
SECRET = "correct-horse-battery"


@dataclass
class Notebook:
    """A kernel that has `%tracker`, and its store."""

    kernel: Kernel
    store: Store

    def run(self, cell: str, cell_id: str | None = None) -> Shown:
        """Execute a cell."""
        return self.kernel.run(cell, cell_id=cell_id)

    def recorded(self, run_id: str) -> RunView:
        """A run, as a reader sees it."""
        (found,) = [folder for folder in self.store.runs() if folder.id == run_id]
        return read_run(found)


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """One kernel for all tests, each of which begins what it looks at."""
    store = Store(tmp_path_factory.mktemp("magics") / "store")
    with kernel({"NBTRACKER_DIR": str(store.path), "NBTRACKER_QUIET": "1"}) as one:
        one.run(LOAD)
        yield Notebook(one, store)


def test_a_run_of_one_cell_behaves_as_the_cell_alone(notebook):
    """Top-level await, the value of the last expression, and `_`."""
    shown = notebook.run(
        "%%tracker run --id plain\nimport asyncio, nbtracker\nawait asyncio.sleep(0)\n"
        "print('said')\nnbtracker.log({'x': 1})\n6 * 7"
    )
    assert (shown.status, shown.stdout, shown.stderr, shown.text) == ("ok", "said\n", "", "42")
    assert notebook.run("_ + 1").text == "43"
    assert state_of(notebook.recorded("plain")) == "finished"
    assert notebook.recorded("plain").summary["x"] == 1


def test_a_run_of_one_cell_fails_as_the_cell_alone(notebook):
    """The traceback has the lines of the document, and no frame of ours."""
    cell = "x = 1\ndef f():\n    return x / 0\nf()"
    shown = notebook.run(f"%%tracker run --id failing\n{cell}")
    (error,) = [one["content"] for one in shown.outputs if one["msg_type"] == "error"]
    trace = "\n".join(error["traceback"])
    assert (shown.status, error["ename"], shown.stderr) == ("error", "ZeroDivisionError", "")
    assert "nbtracker" not in trace
    assert trace.count("----> ") == 2
    view = notebook.recorded("failing")
    assert (state_of(view), view.exit_code) == ("failed", 1)
    assert "ZeroDivisionError in cell #" in str(view.error)


def test_an_error_below_the_magic_stops_run_all(notebook):
    """The cells that wait behind it are not run."""
    first = notebook.kernel.begin("import time; time.sleep(0.5)")
    second = notebook.kernel.begin("%%tracker run\n1 / 0")
    third = notebook.kernel.begin("stopped_here = True")
    replies = {}
    while not {first, second, third} <= replies.keys():
        reply = notebook.kernel.client.get_shell_msg(timeout=60)
        replies[reply["parent_header"]["msg_id"]] = reply["content"]["status"]
    assert [replies[one] for one in (first, second, third)] == ["ok", "error", "aborted"]
    notebook.kernel.shown(third)
    assert notebook.run("'stopped_here' in globals()").text == "False"


def test_a_wrong_option_stops_the_cell_before_it_begins(notebook):
    """One line says what would be right."""
    shown = notebook.run("%%tracker run --projct x\nbegun = True")
    assert shown.stderr == (
        "UsageError: %tracker run does not take '--projct'; did you mean --project?\n"
    )
    assert notebook.run("'begun' in globals()").text == "False"


def test_an_interrupt_fails_the_run_of_the_cell(notebook):
    """And leaves the kernel ready for the next."""
    begun = notebook.kernel.begin(
        "%%tracker run --id stopped\nimport time\nprint('on')\ntime.sleep(60)"
    )
    until = time.monotonic() + 60
    while not any(one.id == "stopped" for one in notebook.store.runs()):
        assert time.monotonic() < until
        time.sleep(0.05)
    time.sleep(0.3)
    notebook.kernel.manager.interrupt_kernel()
    assert notebook.kernel.shown(begun).error == "KeyboardInterrupt: "
    view = notebook.recorded("stopped")
    assert state_of(view) == "failed"
    assert "KeyboardInterrupt" in str(view.error)


def test_cells_are_listed_with_those_of_the_current_run_marked(notebook):
    """Prompt, cell id, status, first line."""
    notebook.run("before_it = 1", "c-before")
    notebook.run("run = %tracker init --id marked", "c-init")
    notebook.run("\n# first\n1 / 0", "c-bad")
    lines = notebook.run("%tracker cells").stdout.splitlines()
    rows = {row.split()[1]: row for row in lines if " c-" in row}
    assert [("*" in rows[one].split()[0]) for one in ("c-before", "c-init", "c-bad")] == [
        False, True, True,
    ]  # fmt: skip
    assert "error: ZeroDivisionError" in rows["c-bad"]
    assert rows["c-bad"].endswith("# first")
    of_run = notebook.run("%tracker cells marked\n%tracker finish").stdout
    assert "c-bad" in of_run


def test_a_change_of_the_config_names_its_cell(notebook):
    """By its prompt."""
    notebook.run("%tracker init lr=1")
    notebook.run("%tracker config lr=2")
    prompt = notebook.run("len(In) - 2").text
    shown = notebook.run("%tracker config\n%tracker finish").stdout
    assert f"1 -> 2 @ cell [{prompt}], step 0" in shown


@pytest.mark.parametrize("by", ["number", "range", "cell id"])
def test_a_forgotten_cell_leaves_no_byte(notebook, by):
    """Whichever way it is named; it says what it deleted."""
    secret = f"{SECRET}-{by[0]}"
    notebook.run(f"value = '{secret}'", f"forget-{by[0]}")
    listed = notebook.run("%tracker cells").stdout.splitlines()
    name = next(row.split()[0].rstrip("*") for row in listed if f"forget-{by[0]}" in row)
    number = name.strip("[]")
    named = {"number": number, "range": f"{number}-{number}", "cell id": f"forget-{by[0]}"}[by]
    shown = notebook.run(f"%tracker forget {named}").stdout
    said = rf"forgetting for good:\ncell \[{number}\]  value = .*\nforgotten: cell \[{number}\]\n"
    assert re.match(rf"{said}and all that cells? \[.*\] showed of it\n", shown)
    files = [path for path in notebook.store.path.rglob("*") if path.is_file()]
    assert [path for path in files if secret.encode() in path.read_bytes()] == []


def test_what_showed_a_forgotten_cell_is_gone_and_not_said_to_be_there(notebook):
    """All that `cells` and `output` showed goes, and is told in one line."""
    notebook.run(f"marked = '{SECRET}-shown'\nprint(marked)", "shown-cell")
    prompt = int(notebook.run("len(In) - 2").text)
    notebook.run("%tracker cells")
    notebook.run(f"%tracker output {prompt}")
    shown = notebook.run(f"%tracker forget {prompt}")
    lines = (shown.stdout + shown.stderr).splitlines()
    assert lines[2:] == [
        f"forgotten: cell [{prompt}]",
        f"and all that cells [{prompt + 2}], [{prompt + 3}] showed of it",
    ]


def test_what_is_skipped_or_paused_is_not_kept(notebook):
    """The cell runs as always."""
    assert notebook.run(f"%%tracker skip\n'{SECRET}-skip'").text == f"'{SECRET}-skip'"
    notebook.run("%tracker pause")
    notebook.run(f"'{SECRET}-pause'")
    notebook.run("%tracker resume")
    notebook.run("%tracker status")
    files = [path for path in notebook.store.path.rglob("*") if path.is_file()]
    kept = [data for path in files if f"{SECRET}-skip".encode() in (data := path.read_bytes())]
    kept += [data for path in files if f"{SECRET}-pause".encode() in (data := path.read_bytes())]
    assert kept == []


def test_an_output_is_shown_again(notebook):
    """Streams, results and errors, of a cell whose output is gone from the document."""
    notebook.run("import sys\nprint('to out')\nprint('to err', file=sys.stderr)\n6 * 7")
    number = notebook.run("from nbtracker.notebook.session import recorder; recorder().number").text
    shown = notebook.run(f"%tracker output {int(number) - 1}")
    assert (shown.stdout, shown.stderr, shown.text) == ("to out\n", "to err\n", "42")


def test_an_execution_that_is_not_there_is_told(notebook):
    """With those that are."""
    assert "there is no cell [9999]; %tracker cells" in notebook.run("%tracker output 9999").stderr


def test_cells_that_made_a_point_are_listed(notebook):
    """The newest first, with their segments; or all that logged a metric."""
    notebook.run("%tracker init --id again")
    train = "import nbtracker\nfor step in range(3):\n    nbtracker.log({'loss': step}, step=step)"
    notebook.run(train, "c-train")
    notebook.run(train, "c-train")
    lines = notebook.run("%tracker cells --step 1").stdout.splitlines()
    assert lines[0].split()[:3] == ["cell", "segment", "id"]
    assert [line.split()[1:3] for line in lines[1:]] == [["1", "c-train"], ["0", "c-train"]]
    one = notebook.run("%tracker cells again --step 1 --segment 0").stdout.splitlines()
    assert one[1].split()[0] == lines[2].split()[0]
    logged = notebook.run("%tracker cells --metric loss\n%tracker finish").stdout
    assert logged.count("c-train") == 2


def test_a_prompt_that_is_not_unique_is_told_with_the_number(notebook):
    """As where somebody sets the counter back; `#2` is no comment."""
    with kernel({"NBTRACKER_DIR": str(notebook.store.path)}) as one:
        one.run("%load_ext nbtracker")
        one.run("print('first')")
        one.run("get_ipython().execution_count = 1")
        one.run("print('again')")
        listed = one.run("%tracker cells").stdout.splitlines()
        (name,) = [line for line in listed if line.endswith("print('first')")]
        assert re.match(r"\[2\] \(#2\) ", name)
        assert "was the prompt of 2 executions: say #2, #" in one.run("%tracker output 2").stderr
        assert one.run("%tracker output #2").stdout == "first\n"
        assert one.run("%tracker output '#2'").stdout == "first\n"


def test_auto_is_switched_and_told(notebook):
    """On, off, and which it is."""
    assert notebook.run("%tracker auto on").stdout.startswith("auto is on: ")
    assert notebook.run("%tracker auto").stdout.startswith("auto is on: ")
    assert notebook.run("%tracker auto off").stdout == "auto is off\n"
    assert "auto is on or off, not maybe" in notebook.run("%tracker auto maybe").stderr


def test_a_kernel_completes_a_line_below_others(notebook):
    """As JupyterLab asks for it."""
    notebook.run("compare_nothing = completely = 1")
    code = "x = 1\n%tracker comp"
    notebook.kernel.client.complete(code, len(code))
    reply = {"content": {}}
    while "matches" not in reply["content"]:
        reply = notebook.kernel.client.get_shell_msg(timeout=60)
    assert reply["content"]["matches"] == ["compare"]


def test_a_run_of_one_cell_leaves_the_open_run_open(store):
    """What is logged after the cell goes to it again."""
    with kernel() as one:
        one.run("%load_ext nbtracker\n%tracker init --project p --id outer")
        one.run("%%tracker run --project p --id inner\nimport nbtracker\nnbtracker.log({'a': 1})")
        one.run("nbtracker.log({'b': 2})")
    runs = {run.id: run for run in nbtracker.Api(dir=store.path).runs("p")}
    assert [run.state for run in runs.values()] == ["finished", "finished"]
    assert (runs["inner"].summary["a"], runs["outer"].summary["b"]) == (1, 2)
    assert "a" not in runs["outer"].summary
