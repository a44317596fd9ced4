"""Every value of a run can be spelled in JSON, and none is too large."""

import json
import math
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtracker.wire.spelling import CUT, moment, plain

# What a run may be made to say as if it were ours, too.
KEYS = st.text() | st.sampled_from(["_type", "$_type", "$$_type", "value", "x_type"])
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["float", "nan"]),
    lambda inside: st.lists(inside) | st.dictionaries(KEYS, inside),
    max_leaves=20,
)


def revived(value: Any) -> Any:
    """What a front end makes of it."""
    if isinstance(value, dict) and value.get("_type") == "float":
        return float(value["value"])
    if isinstance(value, dict) and value.get("_type") == "int":
        return int(value["value"])
    if isinstance(value, dict):
        return {
            key[1:] if re.fullmatch(r"\$+_type", key) else key: revived(item)
            for key, item in value.items()
        }
    return list(map(revived, value)) if isinstance(value, list) else value


@given(VALUES)
def test_f20_every_value_survives(value: Any) -> None:
    """NaN, infinities and long integers included, in JSON that a browser reads."""
    spelled = json.dumps(plain(value), allow_nan=False)
    assert repr(revived(json.loads(spelled))) == repr(value)


def test_a28_what_is_too_large_is_cut() -> None:
    """Long, many, deep: each is bounded, and said to be cut."""
    deep: Any = 1
    for _ in range(500):
        deep = [deep]
    assert len(plain("x" * 10**6, most_text=10)) == 10
    assert plain(list(range(1_000)), most_items=5)[-1] == CUT
    assert plain({str(i): i for i in range(1_000)}, most_items=5)[CUT] == CUT
    assert CUT in json.dumps(plain(deep), ensure_ascii=False)
    assert plain(10**5_000)["value"].startswith("0x")


@pytest.mark.parametrize("at", [None, math.nan, math.inf])
def test_a_time_that_is_none_is_none(at: float | None) -> None:
    """A crafted journal may say anything."""
    assert moment(at) is None
