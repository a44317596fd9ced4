"""Cells as they were executed, in real kernels."""

import json
import time
from pathlib import Path

import pytest
from commands import caller
from kernels import kernel

import nbtracker
from nbtracker.store.layout import Store
from nbtracker.store.sessions import session_folders
from nbtracker.views.session import SessionView, read_session


def only_session(store: Store) -> SessionView:
    """The one session of a store."""
    (folder,) = session_folders(store)
    return read_session(folder)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> "tuple[Store, list[str]]":
    """What one kernel recorded, which several tests look at."""
    store = Store(tmp_path_factory.mktemp("cells") / "store")
    cells = [
        "%load_ext nbtracker",
        "import nbtracker, threading, asyncio\nrun = nbtracker.init(project='p', id='r')",
        "for i in range(3):\n    run.log({'loss': 1 / (i + 1)})",
        "run.config.lr = 3\nboom = 1 / 0",
        "t = threading.Thread(target=lambda: run.log({'threaded': 1})); t.start(); t.join()",
        "late = threading.Timer(0.5, lambda: run.log({'late': 1})); late.start()",
        "import time; time.sleep(2.2)",
        "async def step(): run.log({'task': 1})\nawait asyncio.gather(step(), step())",
        "run.log({'loss': 9}, step=0)",
        "def broken(:",
        "del i",
        "run.finish()",
    ]
    with kernel({"NBTRACKER_DIR": str(store.path), "NBTRACKER_QUIET": "1"}) as one:
        for i, cell in enumerate(cells):
            one.run(cell, cell_id=f"cell-{i}")
    return store, cells


def test_each_execution_is_recorded_with_its_source(shared):
    """In order, byte for byte, with the prompt and the document's id of the cell."""
    store, cells = shared
    found = only_session(store).executions
    assert [one.source for one in found] == cells
    assert [one.number for one in found] == list(range(1, len(cells) + 1))
    assert [one.count for one in found] == list(range(1, len(cells) + 1))
    assert [one.cell_id for one in found] == [f"cell-{i}" for i in range(len(cells))]


def test_what_became_of_each(shared):
    """Errors are kept, those of the syntax as well."""
    store, _ = shared
    found = only_session(store).executions
    errors = {one.number: one.error_name for one in found if one.status != "ok"}
    assert errors == {4: "ZeroDivisionError", 10: "SyntaxError"}
    assert all(one.ended_at is not None and one.ended_at >= one.started_at for one in found)


def test_names_that_a_cell_bound_and_removed(shared):
    """As it happened, and not as its source reads."""
    store, _ = shared
    wrote = {one.number: set(one.wrote) for one in only_session(store).executions}
    assert (wrote[2], wrote[3], wrote[4]) == (
        {"nbtracker", "threading", "asyncio", "run"}, {"i"}, set(),
    )  # fmt: skip
    assert only_session(store).executions[10].deleted == ("i",)


@pytest.mark.parametrize(
    ("step", "metric", "number"),
    [(1, "loss", 3), (3, "threaded", 5), (4, "late", 6), (5, "task", 8), (0, "loss", 9)],
)
def test_a_point_knows_the_cell_that_made_it(shared, step, metric, number):
    """From threads and tasks, too, also if their cell has ended; a new segment is the newest."""
    store, _ = shared
    run = nbtracker.Api(store.path).run("p/r")
    assert run.cell_of(step, metric).number == number


def numbers(executions) -> list[int]:
    """Of these executions."""
    return [one.number for one in executions]


def test_all_cells_that_made_a_step_are_known(shared):
    """The newest first; each segment's own may be asked for, as may all that logged a metric."""
    store, _ = shared
    run = nbtracker.Api(store.path).run("p/r")
    assert numbers(run.cells(step=0, metric="loss")) == [9, 3]
    assert [run.cell_of(0, segment=segment).number for segment in (None, 0, 1)] == [9, 3, 9]
    assert numbers(run.cells(metric="loss")) == [3, 9]
    with pytest.raises(nbtracker.errors.NotFoundError, match="step 1 of segment 1; it has one in segment 0"):  # fmt: skip
        run.cell_of(1, segment=1)
    with pytest.raises(nbtracker.errors.NotFoundError, match="did not log 'los'; it logged loss, "):
        run.cells(metric="los")


def test_the_command_lists_the_cells_of_a_step_and_of_a_metric(shared, capsys):
    """With the segment where there are several; without --step, those that logged the metric."""
    store, _ = shared
    call, at = caller(capsys), ["--dir", str(store.path)]
    lines = call("cells", "p/r", "--step", "0", *at)[1].splitlines()
    assert lines[0].split()[:2] == ["cell", "segment"]
    assert [line.split()[:2] for line in lines[1:]] == [["[9]", "1"], ["[3]", "0"]]
    logged = call("cells", "p/r", "--metric", "loss", *at)[1].splitlines()[1:]
    assert [line.split()[0] for line in logged] == ["[3]", "[9]"]
    told = json.loads(call("cells", "p/r", "--step", "0", "--segment", "0", "--json", *at)[1])
    assert [(one["number"], one["segment"]) for one in told] == [(3, 0)]
    assert "say that, too" in call("cells", "p/r", "--segment", "0", *at)[2]


def test_an_output_is_asked_for_by_what_users_see(shared, capsys):
    """The prompt, with or without brackets, the number behind its sign, or the id of the cell."""
    store, _ = shared
    call, at = caller(capsys), ["--dir", str(store.path)]
    for named in ("4", "[4]", "#4", "cell-3"):
        assert "ZeroDivisionError" in call("output", "p/r", named, *at)[1]
    code, _, error = call("output", "p/r", "99", *at)
    assert code
    assert "there is no cell [99]; `nbtracker cells p/r` lists them, [1] to [12]" in error
    run = nbtracker.Api(store.path).run("p/r")
    assert run.outputs(run.cells()[3]) == run.outputs("[4]") == run.outputs(4)


def test_a_config_change_knows_the_cell_that_made_it(shared):
    """Although the cell failed afterwards."""
    store, _ = shared
    run = nbtracker.Api(store.path).run("p/r")
    (change,) = run.config_history
    session = only_session(store).folder.id
    assert (change.key, change.execution) == ("lr", f"{session}-4")


def test_a_point_that_is_not_there_is_an_error_in_words(shared):
    """It says where the steps end."""
    store, _ = shared
    with pytest.raises(nbtracker.errors.NotFoundError, match="no point of 'loss' at step 99"):
        nbtracker.Api(store.path).run("p/r").cell_of(99, "loss")


def test_the_machine_is_measured_while_a_cell_runs(shared):
    """Once a second, and for the cell that runs."""
    store, _ = shared
    samples = only_session(store).samples
    assert {one.number for one in samples} == {7}
    assert len(samples) >= 2
    assert all(one.memory > 1e6 for one in samples)


def test_a_run_ends_with_its_kernel_but_not_with_a_failed_cell(store: Store) -> None:
    """Nobody has to call finish()."""
    with kernel() as one:
        one.run("import nbtracker\nrun = nbtracker.init(project='p', id='r')")
        one.run("1 / 0")
        assert nbtracker.Api().run("p/r").state == "running"
        one.run("run.log({'a': 1})")
    assert nbtracker.Api().run("p/r").state == "finished"
    assert not only_session(store).is_running


def test_f11_a_killed_kernel_leaves_every_cell_and_row(store: Store) -> None:
    """The cell that was running is aborted, and the run crashed, whoever looks."""
    with kernel() as one:
        one.run("%load_ext nbtracker")
        one.run("import nbtracker, time\nrun = nbtracker.init(project='p', id='r')")
        one.begin("for i in range(10**6):\n    run.log({'i': i}); time.sleep(0.01)")
        time.sleep(1.0)
        one.kill()
    statuses = [execution.status for execution in only_session(store).executions]
    assert statuses == ["ok", "ok", "aborted"]
    run = nbtracker.Api().run("p/r")
    assert run.state == "crashed"
    assert run.cell_of(run.summary["_step"]).number == 3


def test_an_interrupted_cell_is_recorded_as_such(store: Store) -> None:
    """The run goes on."""
    with kernel() as one:
        one.run("import nbtracker, time\nrun = nbtracker.init(project='p', id='r')")
        request = one.begin("time.sleep(60)")
        time.sleep(1.0)
        one.manager.interrupt_kernel()
        one.shown(request)
        one.run("run.log({'a': 1})")
    statuses = [execution.status for execution in only_session(store).executions]
    assert statuses == ["ok", "interrupted", "ok"]


SKIPPED = ["# nbtracker: skip\nsecret = 'hunter2 for real'", "\n  # nbtracker: skip, please\nx = 1"]


@pytest.mark.parametrize("cell", SKIPPED)
def test_a_cell_that_asks_for_it_is_not_kept(store: Store, cell: str) -> None:
    """That there was one is all that is known."""
    with kernel() as one:
        one.run("%load_ext nbtracker")
        one.run(cell)
    (_, skipped) = only_session(store).executions
    assert (skipped.skipped, skipped.source, skipped.digest) == (True, None, "")
    assert all("hunter2" not in path.read_text("latin-1") for path in files(store.path))


def test_unloading_gives_the_shell_back_as_it_was(store: Store) -> None:
    """Every attribute of the shell, its events and its hooks."""
    look = (
        "def look():\n"
        "    ip = get_ipython()\n"
        "    return {name: id(value) for name, value in vars(ip).items()"
        " if name not in ('execution_count', '_last_traceback', '_parent_header_global', '_last_input_line')}, "
        "{name: list(map(repr, found)) for name, found in ip.events.callbacks.items()}, "
        "id(__import__('sys').stdout), sorted(ip.magics_manager.magics['line'])\n"
    )
    with kernel() as one:
        one.run(look + "import threading, sys\nbefore = look()\nthreads = threading.active_count()")
        one.run("%load_ext nbtracker")
        one.run("1 + 1")
        one.run("%unload_ext nbtracker")
        shown = one.run("print(look() == before, threading.active_count() == threads)")
    assert shown.stdout == "True True\n"


def files(folder: Path) -> list[Path]:
    """Every file below a folder."""
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_run_whose_training_cell_failed_ends_as_failed(store: Store) -> None:
    """When its kernel ends, and no later cell has logged."""
    with kernel() as one:
        one.run("import nbtracker\nrun = nbtracker.init(project='p', id='r')")
        one.run("run.log({'a': 1})\n1 / 0")
        one.run("x = 1")
    run = nbtracker.Api().run("p/r")
    assert (run.state, run.error) == ("failed", "ZeroDivisionError in cell [2] (#2)")
