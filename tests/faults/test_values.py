"""F19: values of every odd kind, and forms that change at each call."""

import datetime as dt
import decimal
import enum
import fractions
import math
import pathlib
import uuid

import numpy as np
import pytest
from samples import rows_of, the_run

import nbtracker


class Colour(enum.Enum):
    """An enum."""

    RED = 1


class Hostile:
    """An object that fails at whatever is asked of it."""

    def __getattr__(self, name):
        raise RuntimeError(name)

    def __repr__(self):
        raise RuntimeError("repr")


# What is logged, and what is read back; `...` where only that it can be read matters.
ODD = [
    (0, 0), (-0.0, -0.0), (True, True), (None, None), ("", ""), ("Zürich \ud800 \0", "Zürich \ud800 \0"),
    (math.inf, math.inf), (-math.inf, -math.inf), (5e-324, 5e-324), (2**53 + 1, 2**53 + 1),
    (2**63 - 1, 2**63 - 1), (-(2**63), -(2**63)), (2**63, 2**63), (10**400, 10**400), (10**5000, ...),
    (np.float32(0.5), 0.5), (np.float16(2), 2.0), (np.int8(-1), -1), (np.uint64(2**64 - 1), 2**64 - 1),
    (np.bool_(True), True), (np.array(3.5), 3.5), (np.array([1, 2]), [1, 2]), (np.zeros(1000), ...),
    (np.datetime64("2020-01-01"), "2020-01-01"), ([1, math.inf, "x"], [1, math.inf, "x"]), ((1, 2), [1, 2]),
    (Colour.RED, ...), (pathlib.PurePosixPath("a/b"), "a/b"), (decimal.Decimal("0.1"), 0.1),
    (fractions.Fraction(1, 3), 1 / 3), (uuid.UUID(int=1), str(uuid.UUID(int=1))), (1 + 2j, "(1+2j)"),
    (dt.date(2020, 1, 2), "2020-01-02"), (b"bytes", "bytes"), ({1, 2}, [1, 2]), (range(3), [0, 1, 2]),
    (len, ...), (int, ...), ("x" * 100_000, "x" * 100_000),
]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "kept"), ODD, ids=[f"{i}-{type(v).__name__}" for i, (v, _) in enumerate(ODD)]
)
def test_f19_an_odd_value_is_kept_and_so_is_what_stands_beside_it(store, value, kept):
    """The row reads back, the summary has it, and the next row is there."""
    with nbtracker.init(project="p", id="r") as run:
        run.log({"odd": value, "i": 0})
        run.log({"odd": value, "i": 1})
        run.log({"odd": 1.5, "i": 2})
    rows = rows_of(store.run("p", "r"), "odd", "i")
    assert [i for *_, i in rows] == [0, 1, 2]
    if kept is not ...:
        assert repr(rows[0][1]) == repr(kept)
    assert (the_run(store).summary["odd"], the_run(store).damages) == (1.5, [])


def test_f19_nan_is_nan(store):
    """NaN is a value: it reads back as NaN, from packed rows and from others."""
    with nbtracker.init(project="p", id="r") as run:
        run.log({"x": math.nan})
        run.log({"x": math.nan, "said": "text"})
    assert all(math.isnan(x) for _, x in rows_of(store.run("p", "r"), "x"))
    assert math.isnan(the_run(store).summary["x"])


def test_f19_a_value_that_fails_when_it_is_looked_at_is_no_loss(store):
    """One warning; the row and its other values are there."""
    with pytest.warns(nbtracker.errors.TrackingWarning), nbtracker.init(project="p", id="r") as run:
        run.log({"i": 0, "bad": Hostile()})
        run.log({"i": 1, "bad": 1})
    assert rows_of(store.run("p", "r"), "i") == [(0, 0), (1, 1)]


def test_f19_types_that_change_at_each_call_stay_exact(store):
    """An integer after a float, and a bool after an integer, keep their types and digits."""
    values = [1.0, 2**53 + 1, True, "text", 2**70, -1, None, 0.5, 2**63 - 1, False]
    with nbtracker.init(project="p", id="r") as run:
        for value in values * 3:
            run.log({"x": value})
    kept = [x for _, x in rows_of(store.run("p", "r"), "x")]
    assert list(map(repr, kept)) == list(map(repr, values * 3))


def test_f19_a_value_that_does_not_fit_its_schema_uses_up_one_step(store):
    """An integer beyond 64 bits in a form that was packed before takes one step, not two."""
    with nbtracker.init(project="p", id="r") as run:
        for value in (1, 2**70, 3):
            run.log({"x": value})
    assert rows_of(store.run("p", "r"), "x") == [(0, 1), (1, 2**70), (2, 3)]


def test_f19_names_that_change_at_each_call(store):
    """A thousand forms, each logged twice: all rows are there, in order."""
    with nbtracker.init(project="p", id="r") as run:
        for i in range(2000):
            run.log({f"m{i % 1000}": i, "i": i})
    rows = rows_of(store.run("p", "r"), "i", "m7")
    assert [i for _, i, _ in rows] == list(range(2000))
    assert [m for *_, m in rows if m is not None] == [7, 1007]


def test_f19_ten_thousand_names_in_one_row(store):
    """A row of 10,000 metrics is a row."""
    data = {f"m{i}": float(i) for i in range(10_000)}
    with nbtracker.init(project="p", id="r") as run:
        run.log(data)
        run.log(data)
    view = the_run(store)
    assert (view.n_rows, len(view.metric_names)) == (2, 10_000)
    assert view.summary["m9999"] == 9999.0


def test_f19_odd_names_are_names(store):
    """Dots, slashes, blanks, dollars, surrogates: each name reads back as it was."""
    names = [
        "a.b",
        "a\\b",
        "a/b",
        " ",
        "$float",
        "_private",
        "\ud800",
        "é",
        "a\nb",
        "*",
        "x" * 1000,
    ]
    with nbtracker.init(project="p", id="r") as run:
        run.log({name: i for i, name in enumerate(names)})
    summary = the_run(store).summary
    assert [summary[name] for name in names] == list(range(len(names)))
