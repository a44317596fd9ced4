"""Runs are executed again in real kernels, and the verdict says what came out."""

import math
import os
import time

import psutil
import pytest
from commands import caller
from kernels import kernel
from sessions import INIT, write_run, write_session

from nbtracker.errors import NotFoundError, UsageError
from nbtracker.notebook.replay import replay
from nbtracker.views.cells.verdict import DIFFERS, REPRODUCED, STOPPED, WITHIN
from nbtracker.views.run import read_run

TRAIN = "import random\nrandom.seed(0)\nfor _ in range(3):\n    run.log({'loss': random.random()})"
VALUES = [0.8444218515250481, 0.7579544029403025, 0.420571580830845]


def old_run(store, cells, rows, **facts):
    """Write a session and its run."""
    write_session(store, cells, **facts)
    return write_run(store, rows)


def rows(values=VALUES, number=2, name="loss"):
    """Rows of one metric that one execution logged."""
    return [(number, {name: value}) for value in values]


def kernels_of_mine() -> list[int]:
    """Processes that this one started and that still run."""
    children = psutil.Process(os.getpid()).children(recursive=True)
    return [one.pid for one in children if "ipykernel_launcher" in " ".join(one.cmdline())]


def test_a_seeded_run_is_reproduced(store) -> None:
    """The same cells give the same values, in a new run that names the old one."""
    result = replay(old_run(store, [INIT, TRAIN], rows()))
    project, run_id = result.new_run.split("/")
    new = read_run(store.run(project, run_id))
    assert result.verdict.kind == REPRODUCED, str(result)
    assert (new.id != "old", new.started[0].replay_of) == (True, "p/old")
    assert (result.n_executed, kernels_of_mine()) == (2, [])


def test_the_old_run_is_left_alone(store) -> None:
    """Cells that name the old run's id do not write into it."""
    folder = old_run(store, [INIT, TRAIN], rows())
    before = folder.journal("main").read_bytes()
    replay(folder)
    assert folder.journal("main").read_bytes() == before


def test_a_changed_seed_differs_at_step_0(store) -> None:
    """The first step, the metric, and both values are named."""
    result = replay(old_run(store, [INIT, TRAIN.replace("seed(0)", "seed(1)")], rows()))
    assert (result.verdict.kind, result.verdict.step, result.verdict.metric) == (DIFFERS, 0, "loss")
    assert result.verdict.old == VALUES[0]
    assert result.verdict.causes == ("unknown",)


def test_the_last_digits_are_within_tolerance(store) -> None:
    """A little off is said to be a little off."""
    off = [VALUES[0], VALUES[1] * (1 + 1e-9), VALUES[2]]
    result = replay(old_run(store, [INIT, TRAIN], rows(off)))
    assert (result.verdict.kind, result.verdict.step) == (WITHIN, 1)


CAUSES = {
    "no seed": ([INIT, TRAIN.replace("random.seed(0)", "pass")], {}, "no seed: cell #2 draws random numbers of random without one; write random.seed(0)"),
    "a package": ([INIT, "import random\nrun.log({'loss': 0.5})"], {"python": "3.9.1"}, "Python was 3.9.1"),
    "a module that is gone": ([INIT, "import no_such_module_here\nrun.log({'loss': 1})"], {}, "cell #2 failed: ModuleNotFoundError"),
    "a skipped cell": ([INIT, "run.log({'loss': lr})", None], {}, "the source of cell #3 was skipped"),
    "hidden state": ([INIT, "try:\n    pass\nfinally:\n    run.log({'loss': lr})"], {}, "failed: NameError"),
}  # fmt: skip


@pytest.mark.parametrize(("cells", "facts", "cause"), CAUSES.values(), ids=CAUSES)
def test_a_difference_has_a_cause(store, cells, facts, cause) -> None:
    """What may explain it is named in words."""
    result = replay(old_run(store, cells, rows(), **facts))
    assert result.verdict.kind == DIFFERS
    assert any(cause in said for said in result.verdict.causes), result.verdict.causes


def test_a_cell_that_failed_is_expected_to_fail(store) -> None:
    """The cells behind it are executed, as they were."""
    result = replay(
        old_run(store, [INIT, "1 / 0", TRAIN], rows(number=3), errors={2: "ZeroDivisionError"})
    )
    assert result.verdict.kind == REPRODUCED, str(result)


def test_a_slice_executes_only_what_the_metric_needs(store) -> None:
    """Cells that have nothing to do with it are left out, even if they would fail."""
    cells = [INIT, "raise RuntimeError('must not run')", TRAIN, "run.log({'other': 1.0})"]
    logged = [*rows(number=3), (4, {"other": 1.0})]
    result = replay(old_run(store, cells, logged), metric="loss")
    assert (result.verdict.kind, result.n_executed, result.unsafe) == (REPRODUCED, 2, ())


def test_what_takes_too_long_is_stopped_and_leaves_nothing(store) -> None:
    """The kernel is killed, and the message says how to allow more."""
    began = time.monotonic()
    folder = old_run(store, [INIT, TRAIN, "import time\ntime.sleep(600)"], rows())
    result = replay(folder, timeout=6.0)
    assert "in cell #3, 2 of 3 done; allow more with --timeout" in (result.stopped or "")
    assert (result.verdict.kind, result.output) == (STOPPED, None)
    assert kernels_of_mine() == []
    assert time.monotonic() - began < 300


def test_a_kernel_that_dies_is_named(store) -> None:
    """A cell that kills its process is the first cause; nothing is said of the values."""
    result = replay(old_run(store, [INIT, "import os\nos._exit(3)", TRAIN], rows(number=3)))
    assert result.verdict.kind == STOPPED
    assert "the kernel died in cell #2, 1 of 3 done" in result.verdict.causes[0]


def test_the_first_difference_of_the_outputs_is_shown(store) -> None:
    """Values may agree where what was printed does not."""
    folder = old_run(
        store, [INIT, TRAIN, "print('b')\nprint(object())"], rows(),
        printed={3: "a\n<object object at 0x7f8e8a633e50>\n"},
    )  # fmt: skip
    assert replay(folder).output == "cell #3 showed 'a', and now 'b'"


def test_a_run_that_crashed_is_compared_as_far_as_it_came(store) -> None:
    """Rows that it did not live to log are no difference."""
    write_session(store, [INIT, TRAIN])
    folder = write_run(store, rows(VALUES[:2]), exit_code=None)
    assert replay(folder).verdict.kind == REPRODUCED


def test_nan_is_reproduced(store) -> None:
    """A loss that diverged, diverges again."""
    cell = "run.log({'loss': float('nan')})"
    assert replay(old_run(store, [INIT, cell], rows([math.nan]))).verdict.kind == REPRODUCED


def test_it_runs_where_the_session_ran(store, tmp_path) -> None:
    """Files that are named relative to it are found."""
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "value.txt").write_text("4.5")
    cell = "run.log({'loss': float(open('value.txt').read())})"
    folder = old_run(store, [INIT, cell], rows([4.5]), cwd=tmp_path / "work")
    assert replay(folder).verdict.kind == REPRODUCED


REFUSED = {
    "a script": ({"session": None}, [TRAIN], None, UsageError, "has no recorded cells"),
    "a session that is gone": ({"session": "gone"}, [TRAIN], None, NotFoundError, "copy its folder"),
    "no source": ({}, [None], None, UsageError, "nbtracker cells"),
    "no such metric": ({}, [TRAIN], "acc", NotFoundError, "it logged loss"),
}  # fmt: skip


@pytest.mark.parametrize(("run", "cells", "metric", "error", "said"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_executed_is_refused(store, run, cells, metric, error, said) -> None:
    """The message says what to do."""
    write_session(store, cells)
    folder = write_run(store, rows(), **run)
    with pytest.raises(error, match=said):
        replay(folder, metric=metric)


def test_a_run_that_logged_nothing_is_refused(store) -> None:
    """There is nothing to compare, so nothing is said to be reproduced."""
    with pytest.raises(UsageError, match="nothing to compare"):
        replay(old_run(store, [INIT], []))


def test_a_replay_within_a_replay_is_refused(store, monkeypatch) -> None:
    """It would not end."""
    monkeypatch.setenv("NBTRACKER_REPLAY_OF", "p/old")
    with pytest.raises(UsageError, match="another kernel"):
        replay(old_run(store, [INIT, TRAIN], rows()))


def test_the_command_says_the_verdict(store, capsys) -> None:
    """0 for a run that is reproduced, and JSON for programs."""
    old_run(store, [INIT, TRAIN], rows())
    code, out, _ = caller(capsys)("replay", "old", "--json", "--timeout", "100")
    assert code == 0
    assert '"kind": "reproduced"' in out


def test_the_command_fails_where_the_runs_differ(store, capsys) -> None:
    """1, and the cause."""
    old_run(store, [INIT, "run.log({'loss': 1.0})"], rows([2.0]))
    code, out, _ = caller(capsys)("replay", "p/old", "--tolerance", "0")
    assert code == 1
    assert "p/old: differs at step 0 in loss: 2.0, now 1.0\n  cause: unknown" in out


def test_the_command_says_that_it_was_stopped(store, capsys) -> None:
    """3, as nothing was compared."""
    old_run(store, [INIT, TRAIN, "import time\ntime.sleep(600)"], rows())
    code, out, _ = caller(capsys)("replay", "old", "--timeout", "5")
    assert (code, out.splitlines()[0]) == (3, "p/old: stopped, and so not compared")


@pytest.mark.parametrize("typed", [["--timeout", "0"], ["--timeout", "x"], ["--tolerance", "-1"]])
def test_a_number_that_makes_no_sense_is_refused(store, capsys, typed) -> None:
    """The message shows how to write it."""
    code, _, said = caller(capsys)("replay", "old", *typed)
    assert code == 2
    assert "write" in said


def test_a_session_recorded_in_a_kernel_is_reproduced(store) -> None:
    """The whole way: the hooks record, and the cells are executed again."""
    with kernel() as one:
        one.run("%load_ext nbtracker")
        one.run(INIT.replace(", resume='allow'", ""))
        one.run("w = 5")
        one.run(TRAIN)
        one.run("run.finish()")
    result = replay(store.run("p", "old"), metric="loss")
    assert result.verdict.kind == REPRODUCED, str(result)
    assert (result.n_executed, result.n_cells) == (3, 5)
