"""`summary`: the value that stands for each metric."""

import math
from typing import Any

import pytest
from recorded import logged, view

import nbtracker
from nbtracker.errors import RunFinishedError
from nbtracker.sdk.run import Run
from nbtracker.sdk.summary import Summary


@pytest.fixture
def run() -> Run:
    """A run to summarise."""
    return nbtracker.init(project="p")


def test_s1_the_summary_is_the_last_value_of_each_key(run: Run) -> None:
    """Keys of different rows stand side by side."""
    run.log({"loss": 2.0})
    run.log({"loss": 1.0, "acc": 0.5})
    run.log({"other": "x"})
    assert logged(view(run).summary) == {"loss": 1.0, "acc": 0.5, "other": "x"}


def test_s1_the_summary_has_step_timestamp_and_runtime(run: Run) -> None:
    """Of the newest row."""
    run.log({"loss": 2.0})
    run.log({"loss": 1.0})
    summary = run.summary
    assert summary["_step"] == 1
    assert summary["_runtime"] == pytest.approx(summary["_timestamp"] - run.start_time)


def test_s1_a_value_set_by_hand_is_no_longer_updated(run: Run) -> None:
    """What the user says stays, before and after `log`."""
    run.log({"acc": 0.5})
    run.summary["acc"] = 0.9
    run.log({"acc": 0.6, "loss": 1})
    assert (run.summary["acc"], run.summary["loss"]) == (0.9, 1)
    assert view(run).summary["acc"] == 0.9


@pytest.mark.parametrize("by", ["item", "attribute", "update"])
def test_s1_the_ways_to_set_a_value(run: Run, by: str) -> None:
    """Item, attribute and update do the same."""
    if by == "item":
        run.summary["acc"] = 0.9
    elif by == "attribute":
        run.summary.acc = 0.9
    else:
        run.summary.update({"acc": 0.9})
    assert (run.summary["acc"], run.summary.acc, run.summary.get("acc")) == (0.9, 0.9, 0.9)
    assert view(run).summary == {"acc": 0.9}


def test_s1_nested_values_are_set_and_read(run: Run) -> None:
    """A part of the summary is a summary."""
    run.log({"val": {"acc": 0.5, "loss": 1.0}})
    run.summary["val"]["acc"] = 0.9
    run.summary["val"]["best"] = {"epoch": 3}
    run.log({"val": {"acc": 0.6, "loss": 0.8}})
    assert view(run).summary["val"] == {"acc": 0.9, "loss": 0.8, "best": {"epoch": 3}}
    assert run.summary["val"]["best"]["epoch"] == 3


def test_s1_update_merges_nested_dicts(run: Run) -> None:
    """What the update does not name stays."""
    run.log({"val": {"acc": 0.5, "loss": 1.0}})
    run.summary.update({"val": {"acc": 0.9}, "x": 1})
    assert logged(view(run).summary) == {"val": {"acc": 0.9, "loss": 1.0}, "x": 1}


def test_s1_a_deleted_key_comes_back_when_it_is_logged(run: Run) -> None:
    """Deleting frees a key that was set by hand, too."""
    run.log({"acc": 0.5, "loss": 1})
    run.summary["acc"] = 0.9
    del run.summary["acc"]
    assert "acc" not in run.summary
    run.log({"acc": 0.6})
    assert run.summary["acc"] == 0.6


def test_s1_nested_keys_and_attributes_can_be_deleted(run: Run) -> None:
    """Only what is named goes."""
    run.log({"val": {"acc": 0.5, "loss": 1}, "x": 1})
    del run.summary["val"]["acc"]
    del run.summary.x
    assert logged(view(run).summary) == {"val": {"loss": 1}}


def test_s1_deleting_a_key_that_is_not_there_is_no_error(run: Run) -> None:
    """As in the reference."""
    del run.summary["nothing"]
    assert len(run.summary) == 0


def test_s1_the_summary_is_a_mapping(run: Run) -> None:
    """Membership, length, iteration, get and dict() work."""
    run.summary.update({"a": 1, "b": {"c": 2}})
    assert ("a" in run.summary, "z" in run.summary) == (True, False)
    assert (len(run.summary), list(run.summary)) == (2, ["a", "b"])
    assert (run.summary.get("z"), run.summary.get("z", 5)) == (None, 5)
    assert dict(run.summary)["b"]["c"] == 2
    assert run.summary.as_dict() == {"a": 1, "b": {"c": 2}}


def test_s1_a_copy_of_the_summary_is_the_users(run: Run) -> None:
    """Changing it changes no summary."""
    run.log({"val": {"acc": 0.5}})
    run.summary.as_dict()["val"]["acc"] = 7
    assert run.summary["val"]["acc"] == 0.5


def test_s1_pending_values_count(run: Run) -> None:
    """A step that is still open shows in the summary: what was logged is there."""
    run.log({"a": 1}, commit=False)
    run.log({"b": 2}, step=3)
    assert (run.summary["a"], run.summary["b"]) == (1, 2)


def test_s1_none_removes_and_nan_stays(run: Run) -> None:
    """None says that there is no value; NaN is one."""
    run.log({"a": 1, "b": 1})
    run.log({"a": None, "b": math.nan})
    assert "a" not in run.summary
    assert math.isnan(run.summary["b"])


def test_s1_the_last_of_a_leaf_and_a_tree_stands(run: Run) -> None:
    """A metric that became a tree is shown as one."""
    run.log({"val": 1})
    run.log({"val": {"acc": 2}})
    assert logged(view(run).summary) == {"val": {"acc": 2}}
    run.log({"val": 3})
    assert logged(view(run).summary) == {"val": 3}


def test_s2_reading_before_any_log_is_a_key_error(run: Run) -> None:
    """By attribute, it is an AttributeError, so that hasattr answers."""
    with pytest.raises(KeyError):
        run.summary["loss"]
    assert not hasattr(run.summary, "loss")


@pytest.mark.parametrize("key", [1, None, "", ("a",)])
def test_a_summary_key_must_be_text(run: Run, key: Any) -> None:
    """A wrong call raises at the call."""
    with pytest.raises(nbtracker.UsageError, match="must be text"):
        run.summary[key] = 1


@pytest.mark.parametrize("key", [1, None])
def test_a_key_of_an_update_must_be_text(run: Run, key: Any) -> None:
    """Nested dicts are no way around it."""
    with pytest.raises(nbtracker.UsageError, match="must be text"):
        run.summary.update({key: {"a": 1}})


def test_the_summary_is_readable_after_finish_and_not_settable(run: Run) -> None:
    """What was recorded stays; more is refused."""
    run.log({"a": 1})
    run.finish()
    assert run.summary["a"] == 1
    with pytest.raises(RunFinishedError):
        run.summary["a"] = 2


def test_a_key_with_a_dot_is_one_key(run: Run) -> None:
    """Set by hand, as when it is logged."""
    run.summary["a.b"] = 1
    run.summary.update({"a": {"b": 2}})
    assert logged(view(run).summary) == {"a.b": 1, "a": {"b": 2}}


def test_update_takes_keywords_and_pairs(run: Run) -> None:
    """As a dict does."""
    run.summary.update([("a", 1)], b=2)
    assert logged(view(run).summary) == {"a": 1, "b": 2}


def test_s1_a_missing_leaf_does_not_replace_a_tree(run: Run) -> None:
    """None says that the old leaf is gone, which the tree said already."""
    run.log({"val": 1})
    run.log({"val": {"acc": 2}})
    run.log({"val": None})
    assert logged(view(run).summary) == {"val": {"acc": 2}}


def test_keys_and_values_are_read_at_once() -> None:
    """Going through a large summary reads the run once, not once a key."""
    n_read = []
    tree = {"a": {"b": 1}, **{f"k{i}": i for i in range(100)}}

    def read() -> dict[str, Any]:
        n_read.append(1)
        return tree

    summary = Summary(read, lambda *_: None, lambda *_: None)
    assert list(summary.keys()) == list(tree)
    assert list(summary.values())[1:] == list(range(100))
    assert dict(summary.items())["k7"] == 7
    assert len(n_read) == 3
    assert isinstance(dict(summary.items())["a"], Summary)
