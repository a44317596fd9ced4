"""What is kept of a value, and which values are the same."""

import dataclasses
import datetime as dt
import enum
import math
import pathlib
import subprocess
import sys
import types

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtracker.errors import TrackingWarning
from nbtracker.journal.records import dumps, loads
from nbtracker.sdk import values
from nbtracker.sdk.values import jsonable, same


class Color(enum.Enum):
    """An enum."""

    RED = 1


class Level(enum.IntEnum):
    """An enum that is an int."""

    HIGH = 3


@dataclasses.dataclass
class Point:
    """A dataclass."""

    x: int
    y: tuple[int, ...]


class FakeTensor:
    """A tensor as torch's bfloat16: no way to numpy, and none to a list before detach."""

    dtype = "torch.bfloat16"

    def __init__(self, items, detached=False):
        self.items, self.detached = items, detached
        self.shape = (len(items),)

    def detach(self):
        """Leave the graph."""
        return FakeTensor(self.items, detached=True)

    def cpu(self):
        """Move to the host."""
        return self

    def item(self):
        """Give the one number."""
        assert self.detached
        return self.items[0]

    def tolist(self):
        """Give all numbers."""
        assert self.detached
        return self.items

    def __array__(self, *args, **kwargs):
        raise TypeError("unsupported ScalarType BFloat16")


class Hostile:
    """Raises whatever is asked of it."""

    def __repr__(self):
        raise RuntimeError("no")

    __str__ = __iter__ = __len__ = __repr__

    def __getattr__(self, name):
        raise RuntimeError(name)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
ODD = st.recursive(
    JSON
    | st.complex_numbers()
    | st.binary()
    | st.dates()
    | st.decimals()
    | st.fractions()
    | st.uuids()
    | st.sets(st.integers() | st.text() | st.none())
    | st.builds(np.float32, st.floats(width=32)),
    lambda inner: st.tuples(inner, inner) | st.dictionaries(st.integers() | st.text(), inner),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (np.float32(0.5), 0.5),
        (np.float64(0.1), 0.1),
        (np.int64(7), 7),
        (np.bool_(True), True),
        (np.str_("a"), "a"),
        (np.array(3), 3),
        (np.array([[2.5]]), 2.5),
        (np.arange(3), [0, 1, 2]),
        (np.array([]), []),
        (np.longdouble(0.5), 0.5),
        (np.datetime64("2020-01-02"), "2020-01-02"),
        (np.dtype("float32"), "float32"),
        ((1, (2, 3)), [1, [2, 3]]),
        ({3, 1, 2}, [1, 2, 3]),
        (range(3), [0, 1, 2]),
        (pathlib.PurePosixPath("/a/b"), "/a/b"),
        (Color.RED, "RED"),
        (Level.HIGH, "HIGH"),
        (Point(1, (2,)), {"x": 1, "y": [2]}),
        (dt.date(2020, 1, 2), "2020-01-02"),
        (dt.datetime(2020, 1, 2, 3, tzinfo=dt.timezone.utc), "2020-01-02T03:00:00+00:00"),
        (b"ab\xff", "ab\\xff"),
        (math.sqrt, "math.sqrt"),
        (pathlib.Path, f"{pathlib.Path.__module__}.Path"),
        (math, "math"),
        (types.SimpleNamespace(a=1), {"a": 1}),
        (slice(1, 2), {"slice_start": 1, "slice_stop": 2, "slice_step": None}),
        ({1: "a", Color.RED: "b", np.int64(2): "c"}, {"1": "a", "RED": "b", "2": "c"}),
        (1 + 2j, "(1+2j)"),
        (math.inf, math.inf),
    ],
    ids=repr,
)
def test_c9_a_value_is_kept_as_json(value, kept):
    """Each kind of value has one JSON form, of exactly the right type."""
    found = jsonable(value)
    assert found == kept
    assert type(found) is type(kept)


def test_c9_nan_stays_nan():
    """NaN is a float that config keeps."""
    assert math.isnan(jsonable({"a": np.float32("nan")})["a"])


def test_c9_tensors_are_kept_without_their_package():
    """A tensor in a graph, of a type numpy does not have, gives its numbers."""
    assert jsonable(FakeTensor([1.5])) == 1.5
    assert jsonable(FakeTensor([1.5, 2.5])) == [1.5, 2.5]


def test_c9_huge_arrays_are_summarised():
    """A big array costs a few bytes."""
    kept = jsonable(np.arange(1000, dtype="int16"))
    assert kept == {
        "_type": "array", "shape": [1000], "dtype": "int16", "min": 0, "max": 999, "mean": 499.5,
    }  # fmt: skip


def test_c9_what_cannot_be_kept_is_text_with_one_warning():
    """An unknown type is warned of once, and its address is left out."""
    unknown = type("Unknown1", (), {})
    with pytest.warns(TrackingWarning, match="only as text") as warned:
        kept = jsonable([unknown(), unknown()])
    assert kept[0] == kept[1] == f"<{__name__}.Unknown1 object>"
    assert len(warned) == 1


def test_a_value_that_raises_does_not_escape():
    """Whatever a value does when it is looked at stays inside."""
    with pytest.warns(TrackingWarning):
        kept = jsonable({"a": Hostile(), "b": 1})
    assert kept == {"a": f"<{__name__}.Hostile>", "b": 1}


def test_a28_depth_and_cycles_are_cut():
    """Ten thousand levels and a list in itself end in a marker."""
    values._warned.update({values.TOO_DEEP, values.CYCLE})
    deep: list = []
    for _ in range(10_000):
        deep = [deep]
    assert values.TOO_DEEP in dumps(jsonable(deep)).decode()
    deep.append(deep)
    assert jsonable(deep)[-1] == values.CYCLE


def test_a28_shared_lists_do_not_explode():
    """Thirty doublings would be a billion values."""
    values._warned.add(values.TOO_MUCH)
    bomb: list = [0] * 1000
    for _ in range(30):
        bomb = [bomb] * 1000
    assert len(dumps(jsonable(bomb))) < 20 * values.MAX_ITEMS


@pytest.mark.parametrize("n_digits", [20, 3999])
def test_ints_are_exact(n_digits):
    """Ints beyond 64 bits come back digit for digit."""
    number = -(10**n_digits) - 1
    assert loads(dumps(jsonable(number))) == number


def test_a28_an_int_too_long_for_json_says_its_size():
    """An int that json would refuse to read is not written."""
    assert jsonable(10**5000) == "<int of about 5001 digits>"


@given(ODD)
def test_what_is_kept_survives_the_journal(value):
    """Whatever came in, the journal gives back what was kept."""
    kept = jsonable(value)
    assert same(loads(dumps(kept)), kept)


@given(JSON)
def test_json_is_kept_as_it_is(value):
    """JSON needs no change, and the copy is not the original."""
    kept = jsonable(value)
    assert same(kept, value)
    assert not isinstance(value, dict | list) or kept is not value


@given(ODD, ODD)
def test_same_is_reflexive_and_symmetric(a, b):
    """Everything is itself, NaN too, and the order of asking does not count."""
    assert same(a, a)
    assert same(a, b) == same(b, a)


@pytest.mark.parametrize(
    ("a", "b", "is_same"),
    [
        ({"0": 1}, {0: 1}, True),
        ((1, 2), [1, 2], True),
        (np.float64(1), 1, True),
        (1, 1.0, True),
        (math.nan, np.float32("nan"), True),
        (Color.RED, "RED", True),
        (pathlib.PurePosixPath("a"), "a", True),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        (True, 1, False),
        (None, 0, False),
        ([1], [1, 2], False),
        ({"a": 1}, {"a": 2}, False),
    ],
)
def test_c8_same_compares_what_is_kept(a, b, is_same):
    """Two spellings of one value are the same."""
    assert same(a, b) is is_same


def test_f36_values_import_nothing_heavy():
    """Keeping plain values needs no numpy."""
    code = "import sys, nbtracker.sdk.values as v; v.jsonable({'a': (1,)}); print(*sys.modules)"
    modules = subprocess.check_output([sys.executable, "-c", code], text=True).split()
    assert {"numpy", "yaml", "torch"}.isdisjoint(modules)
