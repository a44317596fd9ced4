"""Two histories are compared value by value, and causes named in order."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded_cells import execution
from written import record

from nbtracker.store.layout import Store
from nbtracker.views.cells.evidence import unseeded
from nbtracker.views.cells.verdict import (
    DIFFERS,
    REPRODUCED,
    STOPPED,
    WITHIN,
    Facts,
    Verdict,
    causes_of,
    compare,
    same,
)
from nbtracker.views.history import Columns, History

NAN, INF = math.nan, math.inf


def columns(store: Store, run_id: str, rows) -> Columns:
    """Record rows, and read them back."""
    history = History(record(store, run_id, rows=rows))
    history.refresh()
    return history.columns()


def judged(store: Store, old, new, **how) -> Verdict:
    """Compare two lists of rows."""
    return compare(columns(store, "old", old), columns(store, "new", new), **how)


def rows(*values, name="m"):
    """Rows of one metric."""
    return [{name: value} for value in values]


CASES = {
    "equal": (rows(1.0, 2.0), rows(1.0, 2.0), REPRODUCED, None),
    "NaN is NaN": (rows(NAN, INF), rows(NAN, INF), REPRODUCED, None),
    "NaN is no number": (rows(1.0, NAN), rows(1.0, 2.0), DIFFERS, 1),
    "infinity is no number": (rows(INF), rows(1e308), DIFFERS, 0),
    "infinities have signs": (rows(INF), rows(-INF), DIFFERS, 0),
    "the last bit": (rows(0.1 + 0.2), rows(0.3), WITHIN, 0),
    "the sign of zero": (rows(0.0), rows(-0.0), WITHIN, 0),
    "an integer is no float": (rows(1), rows(1.0), WITHIN, 0),
    "one in a million": (rows(1.0, 1e6), rows(1.0, 1e6 + 0.5), WITHIN, 1),
    "two in a million": (rows(1.0, 1e6), rows(1.0, 1e6 + 2), DIFFERS, 1),
    "a row less": (rows(1.0, 2.0, 3.0), rows(1.0, 2.0), DIFFERS, 2),
    "a row more": (rows(1.0), rows(1.0, 2.0), DIFFERS, 1),
    "no row at all": (rows(1.0), [], DIFFERS, 0),
    "another metric": (rows(1.0), rows(1.0, name="n"), DIFFERS, 0),
    "a metric more": (rows(1.0), [{"m": 1.0, "n": 2.0}], DIFFERS, 0),
    "a metric that comes later": ([{"m": 1.0}, {"n": 2.0}], [{"m": 1.0}, {"m": 2.0}], DIFFERS, 1),
    "text": (rows("a", "b"), rows("a", "c"), DIFFERS, 1),
    "true is not one": (rows(True), rows(1), DIFFERS, 0),
    "large integers": (rows(2**62), rows(2**62), REPRODUCED, None),
    "lists": (rows([1, 2.0]), rows([1, 2.0]), REPRODUCED, None),
    "nothing is nothing": ([], [], REPRODUCED, None),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "kind", "step"), CASES.values(), ids=CASES)
def test_histories_are_compared(store, old, new, kind, step) -> None:
    """The kind, and the first step that differs."""
    found = judged(store, old, new)
    assert (found.kind, found.step) == (kind, step)


def test_the_first_difference_names_its_metric_and_both_values(store) -> None:
    """Of several, the one of the earliest step."""
    found = judged(store, [{"a": 1.0}, {"b": 1.0}], [{"a": 2.0}, {"b": 2.0}])
    assert str(found) == "differs at step 0 in a: 1.0, now 2.0"


def test_without_a_tolerance_bits_must_agree(store) -> None:
    """A tolerance of zero leaves two answers."""
    assert judged(store, rows(0.1 + 0.2), rows(0.3), tolerance=0).kind == DIFFERS


def test_a_slice_is_compared_by_order_not_by_step(store) -> None:
    """Cells that logged other metrics are left out, so that steps move."""
    old = [{"other": 1.0}, {"m": 2.0}, {"other": 1.0}, {"m": 3.0}]
    assert judged(store, old, rows(2.0, 3.0), only="m").kind == REPRODUCED
    found = compare(columns(store, "c", old), columns(store, "d", rows(2.0)), only="m")
    assert found.step == 1


def test_a_run_that_was_cut_short_is_compared_as_far_as_it_goes(store) -> None:
    """What the new run has more is no difference; what it has less is."""
    assert judged(store, rows(1.0), rows(1.0, 2.0), cut_short=True).kind == REPRODUCED
    assert judged(store, rows(1.0, 2.0), rows(1.0), cut_short=True).kind == DIFFERS


@given(value=st.floats() | st.integers() | st.text() | st.booleans() | st.none())
def test_a_value_is_itself(value) -> None:
    """Whatever is recorded, equals itself."""
    assert same(value, value)


FULL = Facts(("a", "b"), {"lr": "1"}, {"mod": "1"}, {"numpy": "1.0"}, {"d.csv": "3"}, "3.11.1")
CAUSES = [
    (Facts(("a", "c")), "cell 2 of 2 was edited"),
    (Facts(("a",)), "there were 2 cells, and are 1"),
    (Facts(modules={"mod": "2"}), "module mod was 1, and is 2"),
    (Facts(config={"lr": "2"}), "config lr was 1, and is 2"),
    (Facts(packages={"numpy": "2.0"}), "package numpy was 1.0, and is 2.0"),
    (Facts(data={"d.csv": "4"}), "data file d.csv was 3, and is 4"),
    (Facts(python="3.12.0"), "Python was 3.11.1, and is 3.12.0"),
    (Facts(unseeded={"numpy": "write np.random.seed(0)"}), "no seed: write np.random.seed(0)"),
    (Facts(hidden=("execution 2 read x",)), "execution 2 read x"),
    (Facts(failed=("cell 2 failed: KeyError",)), "cell 2 failed: KeyError"),
    (FULL, "unknown"),
]


@pytest.mark.parametrize(("new", "cause"), CAUSES, ids=[cause for _, cause in CAUSES])
def test_a_cause_is_named(new, cause) -> None:
    """Each kind of fact that differs is said in words."""
    assert causes_of(FULL, new) == (cause,)


def test_a_file_without_a_digest_is_compared_by_its_size_alone() -> None:
    """A digest one time and a size the other time say nothing."""
    size = Facts(data={"d.csv": "3 bytes"})
    assert causes_of(FULL, size) == ("unknown",)
    assert causes_of(size, Facts(data={"d.csv": "4 bytes"})) == (
        "data file d.csv was 3 bytes, and is 4 bytes",
    )


def test_a_seed_is_said_of_each_library_once_and_of_the_first_run() -> None:
    """Executions of the replay have numbers of their own."""
    old, new = Facts(unseeded={"numpy": "cell 2"}), Facts(unseeded={"numpy": "cell 1"})
    assert causes_of(old, new) == ("no seed: cell 2",)


def test_what_was_stopped_says_that_nothing_was_compared() -> None:
    """In the line that begins the report."""
    assert str(Verdict(STOPPED)) == "stopped, and so not compared"


@pytest.mark.parametrize(
    ("cell", "library", "said"),
    [
        ("import random\nx = random.random()", "random", "random.seed(0)"),
        ("import numpy as np\nx = np.random.rand()", "numpy", "np.random.seed(0)"),
        ("import numpy as np\nx = np.random.default_rng()", "numpy", "np.random.default_rng(0)"),
        ("import torch\nx = torch.rand(3)", "torch", "torch.manual_seed(0)"),
        ("import tensorflow as tf\nx = tf.random.normal([1])", "tensorflow", "tf.random.set_seed(0)"),
    ],
)  # fmt: skip
def test_a_missing_seed_is_said_with_the_cell_and_what_to_write(cell, library, said) -> None:
    """The first cell that draws without one."""
    found = unseeded([execution(1, "a = 1"), execution(2, cell), execution(3, cell)])
    assert found.keys() == {library}
    assert found[library].startswith("cell [2] ")
    assert f"write {said}" in found[library]


def test_causes_come_in_the_order_of_their_weight() -> None:
    """All of them at once."""
    news = [new for new, _ in CAUSES if new.cells != ("a",)]
    joined = {
        name: next((getattr(one, name) for one in news if getattr(one, name)), ())
        for name in Facts.__dataclass_fields__
    }
    said = causes_of(FULL, Facts(**joined))
    expected = [cause for _, cause in CAUSES[:-1] if "there were" not in cause]
    assert list(said) == [expected[-1], *expected[:-1]]
