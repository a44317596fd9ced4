"""Moving averages are those of the plain definition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtracker.wire.averaging import averages, reach_of


def plainly(values: list[float], beta: float) -> list[float]:
    """The definition, one value after the other."""
    found, mean = [], 0.0
    for n, value in enumerate(values, start=1):
        mean = beta * mean + (1 - beta) * value
        found.append(mean / (1 - beta**n))
    return found


BETAS = st.sampled_from([0.0, 0.001, 0.1, 0.5, 0.9, 0.99, 0.999])
NUMBERS = st.floats(-1e6, 1e6)


@given(st.lists(NUMBERS, min_size=1, max_size=200), BETAS, st.data())
def test_averages_are_those_of_the_definition(
    values: list[float], beta: float, data: st.DataObject
) -> None:
    """To nine digits of the largest value, behind each of them or behind some."""
    some = data.draw(st.sets(st.integers(1, len(values))))
    expected = plainly(values, beta)
    scale = max(map(abs, values))
    for ends in (sorted(some), range(1, len(values) + 1)):
        found = averages(np.array(values), np.array(ends, int), beta)
        wanted = [expected[end - 1] for end in ends]
        np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-9 * scale)


@pytest.mark.parametrize("beta", [0.3, 0.9, 0.999])
def test_averages_of_many_values_are_those_of_the_definition(beta: float) -> None:
    """Also behind more values than weigh anything."""
    values = np.random.default_rng(1).normal(5.0, 1.0, 20_000)
    ends = np.array([1, 5, 10_000, 19_999, 20_000])
    wanted = np.array(plainly(values.tolist(), beta))[ends - 1]
    np.testing.assert_allclose(averages(values, ends, beta), wanted, rtol=1e-9)


def test_what_is_behind_the_reach_weighs_nothing() -> None:
    """The largest number there is, so far back, leaves no digit behind."""
    for beta in (0.1, 0.9, 0.9999):
        assert beta ** reach_of(beta, 1e300) * 1e300 <= 1e-59
