"""Which of the runs that a replay begins repeats the replayed one, and in what surroundings."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from commands import caller
from kernels import kernel
from sessions import INIT, write_run, write_session

import nbtracker
from nbtracker.api.paths import newest_run
from nbtracker.notebook.replay import ReplayResult, replay
from nbtracker.store.layout import RunFolder, Store
from nbtracker.views.cells.verdict import DIFFERS, REPRODUCED
from nbtracker.views.run import RunView, read_run

LOAD = "%load_ext nbtracker"
BEGIN = "import nbtracker\nrun = nbtracker.init(project='p', id='{}', config={{'lr': {}}})"
LOG = "run.log({'x': run.config.lr})"


def recorded(*cells: str) -> None:
    """Execute cells in a kernel of their own."""
    with kernel() as one:
        for cell in cells:
            assert one.run(cell).status == "ok", cell


def in_terminal(work: Path, *lines: str) -> None:
    """Type lines into a terminal IPython that loads the extension as it starts."""
    options = ["--simple-prompt", "--no-banner", "--no-confirm-exit", "--ext=nbtracker"]
    subprocess.run(
        [sys.executable, "-m", "IPython", *options, "--HistoryManager.enabled=False"],
        input="\n".join([*lines, "exit"]) + "\n",
        text=True, cwd=work, check=True, capture_output=True,
        env=os.environ | {"IPYTHONDIR": str(work / "ipython")},
    )  # fmt: skip


def new_runs(store: Store, *old: str) -> list[RunView]:
    """The runs that are there beside the old ones, in the order they began."""
    found = [read_run(one) for one in store.runs() if one.id not in old]
    return sorted(found, key=lambda one: one.started_at)


def new_run(store: Store, result: ReplayResult) -> RunView:
    """The run that a replay recorded as the repetition."""
    project, run_id = (result.new_run or "").split("/")
    return read_run(store.run(project, run_id))


def one_of(store: Store, project: str = "p") -> RunFolder:
    """The only run of a project."""
    (folder,) = store.runs(project)
    return folder


def test_a_run_of_a_terminal_that_a_magic_began_is_reproduced(store, tmp_path) -> None:
    """No recorded cell loads the extension, so the replay's kernel does."""
    in_terminal(
        tmp_path, "lr = 0.5", "%tracker init --project p lr=lr", "%tracker log x=lr/4",
        "%tracker finish",
    )  # fmt: skip
    result = replay(one_of(store))
    assert result.verdict.kind == REPRODUCED, str(result)
    assert (new_run(store, result).project, len(list(store.runs()))) == ("p", 2)


def test_a_second_init_in_a_terminal_returns_the_open_run_again(store, tmp_path) -> None:
    """As it did there: in a notebook it would begin another."""
    begin = "run = nbtracker.init(project='p')"
    in_terminal(
        tmp_path, "import nbtracker", begin, "run.log({'x': 1.0})", begin, "run.log({'x': 2.0})",
        "run.finish()",
    )  # fmt: skip
    result = replay(one_of(store))
    assert result.verdict.kind == REPRODUCED, str(result)


def test_a_run_whose_extension_a_cell_before_it_imported_is_reproduced(store) -> None:
    """Recording begins with the first run; what imported nbtracker is not recorded."""
    recorded("import nbtracker", "%tracker init --project p lr=2", "%tracker log x=2.5")
    result = replay(one_of(store))
    assert result.verdict.kind == REPRODUCED, str(result)


def test_a_magic_that_prints_an_error_has_failed(store) -> None:
    """It raises nothing that a notebook shows as an error."""
    recorded(
        LOAD, "import os", "%tracker init --project p",
        "if 'NBTRACKER_REPLAY_OF' in os.environ:\n    %tracker nonsense", "%tracker log x=1",
    )  # fmt: skip
    result = replay(one_of(store))
    assert result.verdict.kind == DIFFERS
    assert result.verdict.causes[0].startswith(
        "cell [4] failed: UsageError: \"%tracker has no 'non"
    )


def test_a_magic_that_printed_an_error_the_first_time_may_do_so_again(store) -> None:
    """What is the same is no difference."""
    with kernel() as one:
        for cell in (LOAD, "%tracker init --project p", "%tracker nonsense", "%tracker log x=1"):
            one.run(cell)
    result = replay(one_of(store))
    assert (result.verdict.kind, result.output) == (REPRODUCED, None), str(result)


@pytest.mark.parametrize("asked", ["one", "two"])
def test_of_several_runs_the_same_one_is_the_repetition(store, asked) -> None:
    """The others say that a replay made them, and repeat nothing."""
    recorded(LOAD, BEGIN.format("one", 1), LOG, BEGIN.format("two", 2), LOG, "run.finish()")
    result = replay(store.run("p", asked))
    made = new_runs(store, "one", "two")
    assert result.verdict.kind == REPRODUCED, str(result)
    assert [one.started[0].in_replay for one in made] == [f"p/{asked}"] * 2
    repeats = [one.started[0].replay_of for one in made]
    assert repeats == ([f"p/{asked}", None] if asked == "one" else [None, f"p/{asked}"])


def test_replays_are_marked_and_are_not_the_newest_run(store, capsys) -> None:
    """`ls` and `show` say what they are; who names no run means none of them."""
    write_session(store, [INIT, "run.log({'x': 1.0})", "nbtracker.init(project='q')"])
    folder = write_run(store, [(2, {"x": 1.0})])
    result = replay(folder)
    (beside,) = store.runs("q")
    call = caller(capsys)
    rows = [line for line in call("ls")[1].splitlines() if "(replay)" in line]
    assert (len(rows), newest_run(store)) == (2, folder)
    listed = {one["run"]: one for one in json.loads(call("ls", "--json")[1])}
    assert listed[result.new_run]["replay_of"] == "p/old"
    assert listed[f"q/{beside.id}"]["replay_of"] is None
    assert "begun in  the replay of p/old" in call("show", beside.id)[1]
    assert "replay of  p/old" in call("show", str(result.new_run))[1]


def test_the_magic_takes_the_options_of_the_command(store) -> None:
    """And means the newest run that is no replay."""
    write_session(store, [INIT, "run.log({'x': 1.0 + 1e-9})"])
    write_run(store, [(2, {"x": 1.0})])
    with kernel() as one:
        one.run(LOAD)
        first = one.run("%tracker replay --tolerance 0 --timeout 100")
        assert "p/old: differs at step 0 in x" in first.stdout, first
        assert "p/old: within tolerance" in one.run("%tracker replay --tolerance 1e-6").stdout
        assert "write 60 or 0.5" in one.run("%tracker replay --timeout 0").stderr


def test_of_runs_that_one_cell_began_the_one_at_the_same_place_is_the_repetition(store) -> None:
    """A sweep in a loop."""
    sweep = (
        "import nbtracker\nfor lr in (1, 2, 3):\n"
        "    with nbtracker.init(project='p', id=f'run{lr}', config={'lr': lr}) as run:\n"
        "        run.log({'x': lr / 4})"
    )
    recorded(LOAD, sweep)
    result = replay(store.run("p", "run2"))
    assert result.verdict.kind == REPRODUCED, str(result)
    assert new_run(store, result).config == {"lr": 2}
    assert "note: the cells began other runs, too: p/" in str(result)


def test_a_run_of_another_project_is_never_the_repetition(store) -> None:
    """The cell that began the run fails now, and another begins one elsewhere."""
    begin = "import os, nbtracker\nassert 'NBTRACKER_REPLAY_OF' not in os.environ\n"
    begin += "run = nbtracker.init(project='p', id='old')\nrun.log({'x': 1.0})\nrun.finish()"
    recorded(LOAD, begin, "run = nbtracker.init(project='q')\nrun.log({'x': 1.0})")
    result = replay(store.run("p", "old"))
    assert (result.verdict.kind, result.new_run) == (DIFFERS, None), str(result)


def test_a_run_whose_project_the_environment_named_is_repeated_in_it(store, monkeypatch) -> None:
    """The replay's environment may name another."""
    with kernel({"NBTRACKER_PROJECT": "mine"}) as one:
        one.run(LOAD)
        one.run("import nbtracker\nrun = nbtracker.init()\nrun.log({'x': 1.0})\nrun.finish()")
    monkeypatch.setenv("NBTRACKER_PROJECT", "other")
    result = replay(one_of(store, "mine"))
    assert (result.verdict.kind, new_run(store, result).project) == (REPRODUCED, "mine")


def test_a_script_that_a_cell_starts_is_no_repetition(store) -> None:
    """It is marked as made by the replay."""
    script = "import nbtracker; nbtracker.init(project='p').log({'y': 1.0})"
    recorded(
        LOAD,
        f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {script!r}], check=True)",
        "import nbtracker\n"
        "run = nbtracker.init(project='p', id='old')\nrun.log({'x': 1.0})\nrun.finish()",
    )
    before = {one.id for one in store.runs()}
    result = replay(store.run("p", "old"))
    assert result.verdict.kind == REPRODUCED, str(result)
    marks = [
        (one.started[0].replay_of, one.started[0].in_replay) for one in new_runs(store, *before)
    ]
    assert marks == [(None, "p/old"), ("p/old", "p/old")]


RESUME = BEGIN.format("old", 1).replace("id=", "resume='allow', id=")


def test_a_run_that_went_on_in_another_kernel_is_reproduced(store) -> None:
    """The cells of both run in one kernel, and the second `init` goes on with the new run."""
    recorded(LOAD, RESUME, "a = 1.5\nrun.log({'x': a})", "run.finish()", "raise_nothing = 1")
    recorded(LOAD, RESUME, "b = 2.5\nrun.log({'x': b})", "run.finish()")
    result = replay(store.run("p", "old"))
    assert result.verdict.kind == REPRODUCED, str(result)
    assert (result.n_executed, "the run went on in another kernel" in result.notes[0]) == (8, True)
    assert [one.id for one in new_runs(store, "old")] == [new_run(store, result).id]


def test_the_code_of_a_run_that_went_on_in_another_kernel_has_the_cells_of_both(store) -> None:
    """In one notebook and one file, with numbers that are counted on, and their outputs."""
    recorded(LOAD, RESUME, "print('first')", "run.finish()")
    recorded(LOAD, RESUME, "print('second')", "run.finish()")
    code = nbtracker.Api().run("p/old").code
    cells = json.loads(code.read("cells.ipynb"))["cells"]
    assert [cell["source"] for cell in cells] == [
        LOAD, RESUME, "print('first')", "run.finish()",
        LOAD, RESUME, "print('second')", "run.finish()",
    ]  # fmt: skip
    assert [cells[n]["outputs"][0]["text"] for n in (2, 6)] == ["first\n", "second\n"]
    assert "# %% #7\nprint('second')\n" in code.read("cells.py").decode()
    assert json.loads(code.read("environment.json"))["platform"]


def test_the_same_code_of_two_runs_is_one_file(store) -> None:
    """Whenever it ran, and however long."""
    for _ in range(2):
        recorded(LOAD, "%tracker init --project p", "%tracker log x=1", "%tracker finish")
    first, second = (read_run(one).code for one in store.runs("p"))
    assert first.digest == second.digest
    assert first.files["cells.py"] == second.files["cells.py"]


def test_what_a_kernel_did_after_its_part_of_a_run_is_left_out(store) -> None:
    """It may be anything."""
    with kernel() as first:
        for cell in (LOAD, RESUME, LOG, "run.finish()", "other = 1"):
            first.run(cell)
        recorded(LOAD, RESUME, LOG, "run.finish()")
        first.run("raise RuntimeError('must not run')")
    result = replay(store.run("p", "old"))
    assert (result.verdict.kind, result.n_executed) == (REPRODUCED, 8), str(result)


def test_a_run_that_the_same_kernel_went_on_with_is_reproduced(store) -> None:
    """It is one run, and so is its repetition."""
    recorded(LOAD, RESUME, LOG, "run.finish()", RESUME, LOG, "run.finish()")
    result = replay(store.run("p", "old"))
    assert result.verdict.kind == REPRODUCED, str(result)
    assert len(new_runs(store, "old")) == 1


def test_a_slice_takes_what_it_needs_from_both_kernels(store) -> None:
    """By what their cells read and write."""
    recorded(LOAD, RESUME, "a = 1.5\nrun.log({'x': a})", "w = 1", "run.finish()")
    recorded(LOAD, RESUME, "b = 2.5\nrun.log({'x': b})", "v = 1", "run.finish()")
    result = replay(store.run("p", "old"), metric="x")
    assert (result.verdict.kind, result.n_executed) == (REPRODUCED, 6), str(result)


def test_an_execution_that_was_cut_short_before_others_is_named(store) -> None:
    """It logs more now than it did then."""
    train = "for n in range(3):\n    run.log({'x': n})"
    write_session(store, [INIT, train, "run.log({'x': 9})"], interrupted=[2])
    folder = write_run(store, [(2, {"x": 0}), (3, {"x": 9})])
    result = replay(folder)
    assert result.verdict.kind == DIFFERS
    assert "cell #2 was interrupted before its end, which it reaches now" in result.verdict.causes


def test_a_kernel_that_dies_where_it_did_is_as_it_was(store) -> None:
    """What it logged until then is compared."""
    with kernel() as one:
        for cell in (LOAD, INIT, "run.log({'x': 1.0})"):
            one.run(cell)
        one.begin("import os\nrun.log({'x': 2.0})\nos._exit(3)")
        one.manager.provisioner.process.wait(60)
    result = replay(store.run("p", "old"))
    assert (result.verdict.kind, result.stopped) == (REPRODUCED, None), str(result)
