"""F18: clocks that jump, and steps that do."""

import itertools
import math

import pytest
from samples import rows_of, the_run

import nbtracker
from nbtracker.errors import DataError, TrackingWarning
from nbtracker.views.history import History
from nbtracker.views.state import FINISHED, RUNNING, state_of

YEAR = 365.25 * 86400
CLOCKS = {
    "back an hour": lambda i: 1.7e9 - 3600 * (i > 3),
    "ten years on": lambda i: 1.7e9 + 10 * YEAR * (i > 3),
    "standing": lambda _: 1.7e9,
    "running backwards": lambda i: 1.7e9 - i,
    "before 1970": lambda i: -1e6 + i,
}


@pytest.mark.parametrize("clock", CLOCKS)
def test_f18_no_clock_disturbs_the_order_of_what_is_recorded(store, monkeypatch, clock):
    """Rows, config and summary are as they were recorded, wherever the clock goes."""
    ticks = itertools.count()
    monkeypatch.setattr("nbtracker.sdk.run._now", lambda: CLOCKS[clock](next(ticks)))
    with nbtracker.init(project="p", id="r", allow_val_change=True) as run:
        for i in range(10):
            run.log({"i": i})
            run.config["lr"] = i
            run.summary["best"] = i
        assert state_of(the_run(store)) == RUNNING
    view = the_run(store)
    assert rows_of(store.run("p", "r"), "i") == [(i, i) for i in range(10)]
    assert [change.new for change in view.config_history] == list(range(10))
    assert (view.summary["i"], view.summary["best"], view.config["lr"]) == (9, 9, 9)
    assert state_of(view) == FINISHED
    assert view.runtime >= 0


def test_f18_a_deleted_summary_comes_back_though_the_clock_went_back(store, monkeypatch):
    """What is logged after a deletion counts, even if the clock says that it was before."""
    ticks = itertools.count()
    monkeypatch.setattr("nbtracker.sdk.run._now", lambda: 1.7e9 - 60 * next(ticks))
    with nbtracker.init(project="p", id="r") as run:
        run.log({"i": 1})
        del run.summary["i"]
        assert "i" not in run.summary
        run.log({"i": 2})
    assert the_run(store).summary["i"] == 2


def test_f18_equal_and_decreasing_steps_are_kept_and_told(store):
    """Equal steps fill one row; a lower one is kept beside the series, with one warning."""
    with nbtracker.init(project="p", id="r") as run:
        run.log({"a": 1}, step=5)
        run.log({"b": 2}, step=5)
        run.log({"a": 3}, step=7)
        with pytest.warns(TrackingWarning, match="define_metric"):
            run.log({"a": 4}, step=6)
        run.log({"a": 5}, step=2)
    assert rows_of(store.run("p", "r"), "a", "b") == [(5, 1, 2), (7, 3, None)]
    history = History(store.run("p", "r"))
    history.refresh()
    assert [(row.step, row.values["a"]) for row in history.late] == [(6, 4), (2, 5)]


@pytest.mark.parametrize("step", [2**31, 2**53 + 1, 2**63 - 2])
def test_f18_huge_steps_are_exact(store, step):
    """Steps are integers of 64 bits from end to end."""
    with nbtracker.init(project="p", id="r") as run:
        run.log({"i": 1}, step=step)
    assert rows_of(store.run("p", "r"), "i") == [(step, 1)]
    assert the_run(store).summary["_step"] == step


@pytest.mark.parametrize("step", [2**63, 2**70, 1.5, math.nan, "1", True])
def test_f18_what_is_no_step_is_refused_at_the_call(store, step):
    """A wrong step raises, uses none up, and the run goes on."""
    with nbtracker.init(project="p", id="r") as run:
        run.log({"i": 0})
        for _ in range(2):
            with pytest.raises(DataError, match="step is"):
                run.log({"i": 1}, step=step)
        run.log({"i": 2})
    assert rows_of(store.run("p", "r"), "i") == [(0, 0), (1, 2)]


def test_f18_after_the_last_step_training_goes_on(store):
    """When steps run out, all rows are of the last one, and nothing is lost or raised."""
    run = nbtracker.init(project="p", id="r")
    run.log({"i": 0}, step=2**63 - 2, commit=True)
    for i in range(1, 5):
        run.log({"i": i})
    run.config["lr"] = 0.1
    run.finish()
    nbtracker.init(project="p", id="r", resume="must").finish()
    last = 2**63 - 1
    steps = [2**63 - 2, last, last, last, last]
    assert rows_of(store.run("p", "r"), "i") == list(zip(steps, range(5), strict=True))
    view = the_run(store)
    assert (view.damages, view.config_history[-1].step, len(view.started)) == ([], last, 2)
