"""`define_metric`: how metrics are to be read."""

import math
from typing import Any

import pytest
from recorded import logged, rows, view

import nbtracker
from nbtracker.errors import RunFinishedError
from nbtracker.sdk.run import Run
from nbtracker.views.history import History


@pytest.fixture
def run() -> Run:
    """A run whose metrics are defined."""
    return nbtracker.init(project="p")


def log_all(run: Run, *values: Any, name: str = "loss") -> None:
    """Log values of one metric, a row each."""
    for value in values:
        run.log({name: value})


def test_m1_define_metric_returns_the_definition(run: Run) -> None:
    """What was asked for can be read back from it."""
    metric = run.define_metric("loss", step_metric="epoch", summary="min,max", hidden=True)
    assert (metric.name, metric.step_metric, metric.hidden) == ("loss", "epoch", True)
    assert set(metric.summary or ()) == {"min", "max"}
    assert run.define_metric("acc").summary is None


def test_m1_a_glob_defines_all_it_names(run: Run) -> None:
    """Also nested ones, by dotted names."""
    run.define_metric("val/*", summary="max")
    run.define_metric("deep.*", summary="min")
    for value in (1, 3, 2):
        run.log({"val/acc": value, "deep": {"loss": value}, "other": value})
    assert logged(view(run).summary) == {
        "val/acc": {"max": 3}, "deep": {"loss": {"min": 1}}, "other": 2,
    }  # fmt: skip


def test_m1_an_exact_definition_wins_over_a_glob(run: Run) -> None:
    """Even one that asks for nothing, and whichever came first."""
    run.define_metric("val/acc")
    run.define_metric("val/*", summary="max")
    run.define_metric("*", summary="min")
    for value in (1, 3, 2):
        run.log({"val/acc": value, "val/loss": value})
    summary = view(run).summary
    assert summary["val/acc"] == 2


def test_m1_the_longest_glob_wins(run: Run) -> None:
    """The more a glob says, the better it is meant, whichever came first."""
    run.define_metric("val/*", summary="max")
    run.define_metric("*", summary="min")
    log_all(run, 1, 3, 2, name="val/loss")
    assert view(run).summary["val/loss"] == {"max": 3}


def test_m1_a_star_does_not_name_the_trackers_own(run: Run) -> None:
    """`_step` and its like stay plain values."""
    run.define_metric("*", summary="max")
    log_all(run, 1, 2)
    assert (view(run).summary["_step"], view(run).summary["loss"]) == (1, {"max": 2})


def test_m1_repeated_definitions_add_up(run: Run) -> None:
    """Until one overwrites."""
    run.define_metric("loss", summary="min")
    run.define_metric("loss", summary="max")
    log_all(run, 1, 3, 2)
    assert view(run).summary["loss"] == {"min": 1, "max": 3}
    run.define_metric("loss", summary="mean", overwrite=True)
    assert view(run).summary["loss"] == {"mean": 2}
    run.define_metric("loss", overwrite=True)
    assert view(run).summary["loss"] == 2


@pytest.mark.parametrize(
    ("summary", "kept"),
    [
        ("min", {"min": 1}),
        ("max", {"max": 4}),
        ("mean", {"mean": 2.5}),
        ("last", {"last": 3}),
        ("first", {"first": 2}),
        ("best", {"best": 1}),
        ("min,max", {"min": 1, "max": 4}),
        ("max, min , MEAN", {"min": 1, "max": 4, "mean": 2.5}),
        ("copy", 3),
    ],
)
def test_m2_what_the_summary_keeps(run: Run, summary: str, kept: Any) -> None:
    """Each operation, alone and together; even one is a dict."""
    run.define_metric("loss", summary=summary)
    log_all(run, 2, 4, 1, 3)
    assert view(run).summary["loss"] == kept
    assert run.summary.as_dict()["loss"] == kept


def test_m2_one_kept_value_is_read_below_the_metric(run: Run) -> None:
    """`summary["loss"]["min"]`, as the reference stores it."""
    run.define_metric("loss", summary="min")
    log_all(run, 2, 1, 3)
    assert run.summary["loss"]["min"] == 1


def test_m2_none_keeps_the_metric_out(run: Run) -> None:
    """And wins over the other operations."""
    run.define_metric("loss", summary="none")
    run.define_metric("acc", summary="none,min")
    run.log({"loss": 1, "acc": 1})
    assert logged(view(run).summary) == {}


@pytest.mark.parametrize(
    ("goal", "best"), [("minimize", 1), ("maximize", 4), ("MAX", 4), ("min", 1), (None, 1)]
)
def test_m2_best_follows_the_goal(run: Run, goal: str | None, best: int) -> None:
    """Without a goal the least is best."""
    run.define_metric("loss", summary="best", goal=goal)
    log_all(run, 2, 4, 1, 3)
    assert view(run).summary["loss"] == {"best": best}


def test_m2_nan_never_wins(run: Run) -> None:
    """A step that diverged does not spoil the best value; `last` shows it."""
    run.define_metric("loss", summary="min,max,mean,last")
    log_all(run, math.nan, 1.0, math.nan, 3.0, math.nan)
    kept = view(run).summary["loss"]
    assert (kept["min"], kept["max"], kept["mean"]) == (1.0, 3.0, 2.0)
    assert math.isnan(kept["last"])


def test_m2_infinities_are_numbers(run: Run) -> None:
    """They are the least and the greatest there are."""
    run.define_metric("loss", summary="min,max")
    log_all(run, 1.0, math.inf, -math.inf)
    assert view(run).summary["loss"] == {"min": -math.inf, "max": math.inf}


def test_m2_values_before_the_definition_count(run: Run) -> None:
    """A definition selects what is shown; all is known."""
    log_all(run, 1, 5, 3)
    run.define_metric("loss", summary="max")
    assert view(run).summary["loss"] == {"max": 5}


def test_m2_the_summary_is_the_same_for_few_and_for_many_rows(run: Run) -> None:
    """Rows are read one by one or in blocks; the numbers agree."""
    run.define_metric("loss", summary="min,max,mean,first,last")
    values = [float((n * 37) % 101) for n in range(500)]
    log_all(run, *values)
    assert view(run).summary["loss"] == pytest.approx(
        {
            "min": min(values),
            "max": max(values),
            "mean": sum(values) / 500,
            "first": values[0],
            "last": values[-1],
        }
    )


def test_m2_text_is_not_counted_in_a_minimum(run: Run) -> None:
    """It may be the first or the last value."""
    run.define_metric("loss", summary="min,first,last")
    log_all(run, "x", 2, 1, "y")
    assert view(run).summary["loss"] == {"min": 1, "first": "x", "last": "y"}


def test_m2_by_hand_wins_over_a_definition(run: Run) -> None:
    """What the user set stays."""
    run.define_metric("acc", summary="max")
    run.summary["acc"] = 0.99
    log_all(run, 0.5, 0.7, name="acc")
    assert view(run).summary["acc"] == 0.99


def test_m3_step_sync_adds_the_latest_step_value(run: Run) -> None:
    """Rows that have the step metric keep theirs; before the first it is 0."""
    run.define_metric("loss", step_metric="epoch")
    run.log({"loss": 9})
    run.log({"epoch": 1})
    run.log({"loss": 1})
    run.log({"loss": 2, "epoch": 2})
    run.log({"loss": 3})
    run.log({"other": 4})
    assert [row.get("epoch") for row in rows(run)] == [0, 1, 1, 2, 2, None]


def test_m3_step_sync_holds_for_many_rows(run: Run) -> None:
    """Rows that are read in blocks get the step metric, too."""
    run.define_metric("loss", step_metric="epoch")
    for epoch in range(3):
        run.log({"epoch": epoch})
        for n in range(100):
            run.log({"loss": n * 1.0})
    found = [row["epoch"] for row in rows(run) if "loss" in row]
    assert found == [0] * 100 + [1] * 100 + [2] * 100


def test_m3_a_step_value_of_the_same_row_wins(run: Run) -> None:
    """Even if it is logged by a later call of the step."""
    run.define_metric("loss", step_metric="epoch")
    run.log({"loss": 1}, commit=False)
    run.log({"epoch": 5})
    assert rows(run) == [{"_step": 0, "loss": 1, "epoch": 5}]


def test_m3_step_sync_can_be_switched_off(run: Run) -> None:
    """Then the step metric is only the axis."""
    run.define_metric("loss", step_metric="epoch", step_sync=False)
    run.log({"epoch": 1})
    run.log({"loss": 1})
    assert rows(run)[1] == {"_step": 1, "loss": 1}


def test_m3_a_metric_can_be_the_step_metric(run: Run) -> None:
    """What `define_metric` returns can be passed on."""
    epoch = run.define_metric("epoch")
    run.define_metric("loss", step_metric=epoch)
    run.log({"epoch": 1})
    run.log({"loss": 1})
    assert rows(run)[1]["epoch"] == 1


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"name": 3}, "name"),
        ({"name": "a*b"}, "name"),
        ({"name": "*a*"}, "name"),
        ({"name": "a", "summary": "avg"}, "summary"),
        ({"name": "a", "summary": 1}, "summary"),
        ({"name": "a", "summary": "best", "goal": "up"}, "goal"),
        ({"name": "a", "goal": "minimize"}, "goal"),
        ({"name": "a", "goal": "minimize", "summary": "min"}, "goal"),
        ({"name": "a", "step_metric": "b*"}, "step_metric"),
        ({"name": "a", "step_metric": 3}, "step_metric"),
        ({"name": "a", "hidden": "yes"}, "hidden"),
        ({"name": "a", "step_sync": 1}, "step_sync"),
        ({"name": "a", "overwrite": "yes"}, "overwrite"),
    ],
)
def test_m4_errors_name_the_parameter(run: Run, arguments: dict[str, Any], named: str) -> None:
    """A wrong call raises at the call and records nothing."""
    with pytest.raises(nbtracker.UsageError, match=named):
        run.define_metric(**arguments)
    assert view(run).rules.rules == {}


def test_define_metric_after_finish_raises(run: Run) -> None:
    """A finished run is not changed."""
    run.finish()
    with pytest.raises(RunFinishedError):
        run.define_metric("loss")


def test_the_module_function_defines_on_the_current_run(run: Run) -> None:
    """`nbtracker.define_metric` is the run's."""
    nbtracker.define_metric("loss", summary="max")
    log_all(run, 1, 3, 2)
    assert nbtracker.summary["loss"]["max"] == 3


@pytest.mark.parametrize("own", ["_step", "_timestamp", "_runtime"])
@pytest.mark.parametrize("n", [3, 100])
def test_m3_the_trackers_own_columns_are_never_filled_in(run: Run, own: str, n: int) -> None:
    """Each row has them; a definition that names one changes no row."""
    run.define_metric("loss", step_metric=own)
    log_all(run, *map(float, range(n)))
    assert rows(run) == [{"_step": i, "loss": float(i)} for i in range(n)]
    history = History(run._folder)
    history.refresh()
    assert all(row["_timestamp"] > 0 for row in history.rows())
    assert own not in history.columns().of


def test_m2_a_missing_value_does_not_end_a_minimum(run: Run) -> None:
    """None is kept as missing: what was there before it still counts."""
    run.define_metric("loss", summary="min,first,max")
    log_all(run, 1, None, 5)
    assert view(run).summary["loss"] == {"min": 1, "first": 1, "max": 5}
    log_all(run, None)
    assert view(run).summary["loss"] == {"min": 1, "first": 1, "max": 5}


def test_m2_a_metric_that_is_always_missing_keeps_nothing(run: Run) -> None:
    """There is no minimum of no values."""
    run.define_metric("loss", summary="min,first")
    log_all(run, None, None)
    assert "loss" not in view(run).summary
