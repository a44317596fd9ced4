"""`log`: rows, steps, and the values that can be recorded."""

import math
import threading
import types
from collections import OrderedDict
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from recorded import OWN, late, rows, view

import nbtracker
from nbtracker.errors import DataError, RunFinishedError
from nbtracker.sdk.run import Run


@pytest.fixture
def run() -> Run:
    """A run to log to."""
    return nbtracker.init(project="p")


def test_l1_log_adds_a_row_and_the_step_is_one_higher(run: Run) -> None:
    """Each call without a step is a row of its own."""
    assert run.step == 0
    run.log({"loss": 0.5})
    assert run.step == 1
    run.log({"loss": 0.25})
    assert rows(run) == [{"_step": 0, "loss": 0.5}, {"_step": 1, "loss": 0.25}]


@pytest.mark.parametrize("data", [None, 1, "loss", [("loss", 1)], {"loss"}])
def test_l1_data_that_is_no_dict_is_refused(run: Run, data: Any) -> None:
    """The error is a TypeError and a ValueError, and shows what came."""
    with pytest.raises(DataError, match="give it a dict") as caught:
        run.log(data)
    assert isinstance(caught.value, TypeError)
    assert isinstance(caught.value, ValueError)
    assert type(data).__name__ in str(caught.value)
    assert run.step == 0


@pytest.mark.parametrize("key", [1, None, ("a", "b"), b"loss", 0.5])
def test_l1_a_key_that_is_no_text_is_refused(run: Run, key: Any) -> None:
    """Nothing of the call is recorded, and the step stays."""
    with pytest.raises(DataError, match="names of metrics are text"):
        run.log({"loss": 1, key: 2})
    assert (run.step, rows(run)) == (0, [])


@pytest.mark.parametrize("kind", [OrderedDict, types.MappingProxyType])
def test_l1_any_mapping_is_data(run: Run, kind: Any) -> None:
    """What behaves like a dict is one."""
    run.log(kind({"loss": 1.0}))
    assert rows(run) == [{"_step": 0, "loss": 1.0}]


def test_l2_commit_false_collects_into_the_pending_row(run: Run) -> None:
    """The next call that commits completes the row."""
    run.log({"a": 1}, commit=False)
    assert run.step == 0
    run.log({"b": 2}, commit=False)
    run.log({"c": 3})
    assert (run.step, rows(run)) == (1, [{"_step": 0, "a": 1, "b": 2, "c": 3}])


def test_l2_a_pending_row_is_written_at_finish(run: Run) -> None:
    """What was not committed is not lost."""
    run.log({"a": 1}, commit=False)
    run.finish()
    assert rows(run) == [{"_step": 0, "a": 1}]
    assert view(run).summary["a"] == 1


def test_l3_the_current_step_adds_to_the_pending_row(run: Run) -> None:
    """A step that is named is not complete until another one comes."""
    run.log({"a": 1}, step=0)
    run.log({"b": 2}, step=0)
    assert (run.step, rows(run)) == (0, [{"_step": 0, "a": 1, "b": 2}])


def test_l3_a_higher_step_commits_the_pending_row_and_moves_on(run: Run) -> None:
    """Steps may be skipped."""
    run.log({"a": 1}, step=0)
    run.log({"a": 2}, step=10)
    assert run.step == 10
    assert rows(run) == [{"_step": 0, "a": 1}, {"_step": 10, "a": 2}]


def test_l3_commit_with_a_step_completes_it(run: Run) -> None:
    """The next call goes to the step after it."""
    run.log({"a": 1}, step=5, commit=True)
    assert run.step == 6
    run.log({"a": 2})
    assert rows(run) == [{"_step": 5, "a": 1}, {"_step": 6, "a": 2}]


def test_l3_a_lower_step_is_kept_and_flagged(run: Run) -> None:
    """One warning names the way out; the value is in the journal, not in the series."""
    run.log({"a": 1}, step=6)
    with pytest.warns(nbtracker.TrackingWarning, match="define_metric"):
        run.log({"a": 0}, step=3)
    run.log({"a": 0}, step=-1)
    assert rows(run) == [{"_step": 6, "a": 1}]
    assert late(run) == [(3, {"a": 0}), (-1, {"a": 0})]
    assert (run.step, run.summary["a"]) == (6, 1)


def test_l3_a_committed_step_is_late_afterwards(run: Run) -> None:
    """A complete row is never changed."""
    run.log({"a": 1}, step=5, commit=True)
    with pytest.warns(nbtracker.TrackingWarning, match="already complete"):
        run.log({"b": 2}, step=5)
    assert rows(run) == [{"_step": 5, "a": 1}]


def test_l3_a_call_without_step_completes_the_explicit_one(run: Run) -> None:
    """As in the reference: it belongs to the step that is open."""
    run.log({"a": 1}, step=5)
    run.log({"a": 2, "b": 3})
    assert (run.step, rows(run)) == (6, [{"_step": 5, "a": 2, "b": 3}])


@pytest.mark.parametrize("step", [np.int64(7), np.uint8(7), np.array(7)])
def test_l3_a_numpy_integer_is_a_step(run: Run, step: Any) -> None:
    """Anything that is an index is a step."""
    run.log({"a": 1}, step=step)
    assert rows(run) == [{"_step": 7, "a": 1}]


@pytest.mark.parametrize("step", [1.0, "1", True, 2**70, [1]])
def test_l3_a_step_that_is_no_integer_is_refused(run: Run, step: Any) -> None:
    """The error names the step, and nothing is recorded."""
    with pytest.raises(DataError, match="step is"):
        run.log({"a": 1}, step=step)
    assert (run.step, rows(run)) == (0, [])


def test_l4_the_three_ways_to_log_together_are_equivalent(run: Run) -> None:
    """Two calls and one give the same row."""
    run.log({"a": 1}, commit=False)
    run.log({"b": 2})
    run.log({"a": 1, "b": 2})
    run.log({"a": 1}, step=2)
    run.log({"b": 2}, step=2)
    assert rows(run) == [{"_step": step, "a": 1, "b": 2} for step in range(3)]


def test_l5_nested_dicts_keep_their_tree(run: Run) -> None:
    """The summary nests them; rows are asked for by dotted names."""
    run.log({"val": {"acc": 0.9, "loss": {"ce": 1.0}}})
    assert rows(run) == [{"_step": 0, "val.acc": 0.9, "val.loss.ce": 1.0}]
    assert view(run).summary["val"] == {"acc": 0.9, "loss": {"ce": 1.0}}


def test_l5_nested_dicts_merge_within_a_step(run: Run) -> None:
    """Two calls add to one tree."""
    run.log({"val": {"acc": 0.9}}, commit=False)
    run.log({"val": {"loss": 0.1}})
    assert rows(run) == [{"_step": 0, "val.acc": 0.9, "val.loss": 0.1}]


def test_l5_a_literal_dot_is_another_key(run: Run) -> None:
    """`"a.b"` and `{"a": {"b": ...}}` never meet."""
    run.log({"a.b": 1, "a": {"b": 2}})
    summary = view(run).summary
    assert (summary["a.b"], summary["a"]["b"]) == (1, 2)


def test_l5_the_later_value_of_a_key_wins(run: Run) -> None:
    """Within a step, a key has one value."""
    run.log({"a": 1}, commit=False)
    run.log({"a": 2})
    assert rows(run) == [{"_step": 0, "a": 2}]


@pytest.mark.parametrize(
    ("first", "then"), [({"a": 1}, {"a": {"b": 2}}), ({"a": {"b": 2}}, {"a": 1})]
)
def test_l5_a_leaf_and_a_tree_of_one_key_are_two_metrics(
    run: Run, first: dict[str, Any], then: dict[str, Any]
) -> None:
    """The row keeps both; the summary, a tree, shows the later one."""
    run.log(first, commit=False)
    run.log(then)
    assert rows(run) == [{"_step": 0, "a": 1, "a.b": 2}]
    run.log(then)
    assert view(run).summary["a"] == then["a"]


def test_l5_lists_of_numbers_are_kept(run: Run) -> None:
    """A list is a value, and a tuple is a list."""
    run.log({"per_class": [0.1, 0.2], "pair": (1, 2), "nested": [[1], [2, 3]]})
    assert rows(run) == [
        {"_step": 0, "per_class": [0.1, 0.2], "pair": [1, 2], "nested": [[1], [2, 3]]}
    ]


def test_l5_an_empty_dict_below_vanishes(run: Run) -> None:
    """There is nothing in it to record."""
    run.log({"a": 1, "b": {}})
    assert rows(run) == [{"_step": 0, "a": 1}]


def test_l5_keys_of_nested_dicts_become_text(run: Run) -> None:
    """Class numbers are common keys below the first level."""
    run.log({"acc": {0: 0.5, 1: 0.7}})
    assert rows(run) == [{"_step": 0, "acc.0": 0.5, "acc.1": 0.7}]


def test_l5_the_callers_dict_is_never_changed_nor_kept(run: Run) -> None:
    """The same dict can be logged again and again."""
    data = {"a": [1], "b": {"c": 2}}
    run.log(data)
    data["a"].append(2)  # type: ignore[attr-defined]
    run.log(data)
    assert data == {"a": [1, 2], "b": {"c": 2}}
    assert [row["a"] for row in rows(run)] == [[1], [1, 2]]


def test_l6_each_row_has_step_timestamp_and_runtime(run: Run) -> None:
    """Runtime counts from the start of the run."""
    run.log({"a": 1})
    (row,) = run.history.rows()
    assert list(row)[:3] == list(OWN)
    assert row["_timestamp"] >= run.start_time
    assert row["_runtime"] == pytest.approx(row["_timestamp"] - run.start_time)


def test_l6_a_logged_step_key_is_left_out_and_a_timestamp_is_kept(run: Run) -> None:
    """`_step` is the tracker's own; the time may be the user's."""
    with pytest.warns(nbtracker.TrackingWarning, match="leaves out _step"):
        run.log({"a": 1, "_step": 99, "_timestamp": 5.0, "_mine": 3})
    (row,) = run.history.rows()
    assert (row["_step"], row["_timestamp"], row["_mine"]) == (0, 5.0, 3)


def test_l8_an_empty_dict_commits_the_step(run: Run) -> None:
    """A row may have no metrics."""
    run.log({})
    assert (run.step, rows(run)) == (1, [{"_step": 0}])


def test_l8_an_empty_dict_commits_what_is_pending(run: Run) -> None:
    """The way to close a step that was collected in parts."""
    run.log({"a": 1}, commit=False)
    run.log({})
    run.log({"a": 2})
    assert rows(run) == [{"_step": 0, "a": 1}, {"_step": 1, "a": 2}]


def test_l8_none_is_kept_as_missing(run: Run) -> None:
    """A metric that could not be computed is None."""
    run.log({"a": 1, "b": None})
    assert rows(run)[0]["b"] is None
    assert "b" not in run.summary


def test_l9_sync_is_ignored_with_one_warning(run: Run) -> None:
    """An argument of long ago does no harm."""
    with pytest.warns(nbtracker.TrackingWarning, match="no effect"):
        run.log({"a": 1}, sync=True)
    run.log({"a": 2}, sync=False)
    assert len(rows(run)) == 2


def test_nan_and_infinities_are_exact(run: Run) -> None:
    """What is not finite comes back as it was, in numeric and in mixed rows."""
    for extra in ({}, {"text": "x"}):
        run.log({"a": math.inf, "b": -math.inf, "c": math.nan, **extra})
    for row in rows(run):
        assert (row["a"], row["b"]) == (math.inf, -math.inf)
        assert math.isnan(row["c"])


class Tensor:
    """What a framework's scalar looks like from outside, gradient and all."""

    shape = ()
    dtype = "float32"

    def detach(self) -> "Tensor":
        """Leave the graph."""
        return self

    def cpu(self) -> "Tensor":
        """Come home."""
        return self

    def item(self) -> float:
        """The number."""
        return 0.25


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (np.float32(0.5), 0.5),
        (np.float16(0.5), 0.5),
        (np.int32(3), 3),
        (np.bool_(True), True),
        (np.array(2.0), 2.0),
        (np.array([2.0]), 2.0),
        (np.arange(3), [0, 1, 2]),
        (Tensor(), 0.25),
        (True, True),
        ("text", "text"),
        (2**53 + 1, 2**53 + 1),
        (2**63 - 1, 2**63 - 1),
        (2**64, 2**64),
        (-(2**63), -(2**63)),
        (Decimal("1.5"), 1.5),
        (b"bytes", "bytes"),
        ({1, 2}, [1, 2]),
        (range(3), [0, 1, 2]),
    ],
)
def test_values_that_can_be_logged(run: Run, value: Any, kept: Any) -> None:
    """Scalars become numbers, the rest what JSON can hold; alone and beside text."""
    run.log({"a": value})
    run.log({"a": value, "text": "x"})
    assert [row["a"] for row in rows(run)] == [kept, kept]
    assert all(type(row["a"]) is type(kept) for row in rows(run))


def test_a_value_that_cannot_be_kept_is_kept_as_text(run: Run) -> None:
    """One warning says so; the numbers beside it are kept."""

    class Odd:
        def __repr__(self) -> str:
            return "<odd>"

    with pytest.warns(nbtracker.TrackingWarning, match="only as text"):
        run.log({"a": 1.0, "odd": Odd()})
    assert rows(run) == [{"_step": 0, "a": 1.0, "odd": "<odd>"}]


def test_one_metric_may_change_its_type(run: Run) -> None:
    """An int, a float, text and None under one name all come back."""
    for value in (1, 0.5, "x", None, True, 2**70):
        run.log({"a": value})
    assert [row["a"] for row in rows(run)] == [1, 0.5, "x", None, True, 2**70]


@pytest.mark.parametrize("key", ["a/b/c", "über", "a b", "a\\b", "🙂", "a\nb", "a*"])
def test_keys_come_back_as_they_were(run: Run, key: str) -> None:
    """A metric may have any name."""
    run.log({key: 1.0})
    assert view(run).summary[key] == 1.0


def test_an_empty_key_is_left_out(run: Run) -> None:
    """As in the reference; the rest of the row is kept, and a warning says so."""
    with pytest.warns(nbtracker.TrackingWarning, match="leaves out _step"):
        run.log({"": 1, "a": 2})
    assert rows(run) == [{"_step": 0, "a": 2}]


def test_r11_threads_log_whole_rows(run: Run) -> None:
    """Every call of every thread is one row, and no row is torn."""

    def work(name: int) -> None:
        for n in range(200):
            run.log({"thread": name, "n": n, "twice": 2 * n})

    threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = rows(run)
    assert [row["_step"] for row in found] == list(range(800))
    assert all(row["twice"] == 2 * row["n"] for row in found)
    assert {(row["thread"], row["n"]) for row in found} == {
        (t, n) for t in range(4) for n in range(200)
    }


def test_log_after_finish_raises(run: Run) -> None:
    """The error says how to go on with the run."""
    run.finish()
    with pytest.raises(RunFinishedError, match='resume="must"'):
        run.log({"a": 1})
