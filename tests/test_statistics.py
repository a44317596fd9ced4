"""Statistics of a metric are the same however its journals are put together."""

import itertools
import math

from nbtracker.views.summary import MetricStatistics, Statistics, joined


def of(*rows: tuple[float, object]) -> dict[str, Statistics]:
    """Statistics of one journal with these (time, value)."""
    seen = MetricStatistics()
    for at, value in rows:
        seen.add_row({"loss": value}, at)
    return seen.of


def test_the_first_value_is_that_of_the_journal_that_began_first() -> None:
    """Also if the other journal's last value is older."""
    parts = [of((1.0, 7), (10.0, 2)), of((5.0, 3), (6.0, 4)), of((0.5, None), (8.0, 9))]
    for order in itertools.permutations(parts):
        one = joined(order)["loss"]
        kept = [one.value(op, None) for op in ("first", "last", "min", "max", "mean")]
        assert kept == [7, 2, 2, 9, 5]


def test_a_missing_value_hides_the_last_one_only() -> None:
    """The newest of all journals says whether there is a value now."""
    one = joined([of((1.0, 1), (3.0, None)), of((2.0, 5))])["loss"]
    assert (one.first, one.last, one.low, one.high) == (1, None, 1, 5)
    later = joined([of((1.0, 1), (3.0, None)), of((4.0, math.nan))])["loss"]
    assert math.isnan(later.last)
