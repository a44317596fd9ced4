"""What is told of segments and executions is no more than can be drawn."""

import time

import numpy as np
import pytest
from decoded import decode
from hypothesis import given
from hypothesis import strategies as st
from written import begin

from nbtracker.journal.records import Row
from nbtracker.store.layout import Store
from nbtracker.views.catalogue.columns import HistoryColumns
from nbtracker.views.catalogue.index import Catalogue
from nbtracker.views.history import Stretch
from nbtracker.wire.series import Query, _Reply, encoded_series

ROWS = st.lists(st.tuples(st.booleans(), st.sampled_from(["a", "b", None])), max_size=60)


class Reader:
    """Rows of which only their segments and executions are known."""

    names = ()

    def __init__(self, rows: list[tuple[bool, str | None]]) -> None:
        self.n_rows, self.segments, self.executions = len(rows), [], []
        segment = 0
        for begins, execution in rows:
            segment += begins
            self.segments.append(segment)
            self.executions.append(execution)

    def stretches(self) -> list[Stretch]:
        """Say of each row that is unlike the one before where it begins."""
        both = list(zip(self.segments, self.executions, strict=True))
        return [Stretch(i, *one) for i, one in enumerate(both) if not i or one != both[i - 1]]

    def ends(self, *_: object) -> tuple[np.ndarray, np.ndarray]:
        """Say nothing of steps."""
        return np.zeros(0), np.zeros(0)


@given(ROWS, st.sampled_from([1, 2, 4, 16]), st.integers(0, 60), st.integers(0, 60))
def test_each_bin_is_of_the_newest_that_begins_in_it(rows, width, start, n):
    """At most two a bin; where bins are single rows, nothing is left out."""
    reader = Reader(rows)
    header = _Reply(reader, Query((), width=width, rows=(start, start + n)), 0.0).header
    told = header["stretches"]
    first, n_bins = header["first_bin"], header["n_bins"]
    assert len(told) <= 2 * n_bins + 1
    assert [one["row"] for one in told] == sorted({one["row"] for one in told})
    known = {one.row: one for one in reader.stretches()}
    assert all(known[one["row"]] == tuple(one.values()) for one in told)
    for i in range(first, first + n_bins):
        last = min((i + 1) * width, reader.n_rows) - 1
        at = [one for one in told if one["row"] <= last][-1]
        assert (at["segment"], at["execution"]) == (reader.segments[last], reader.executions[last])
        # Where the segment begins is known to the row, if that is in sight.
        begins = next(one["row"] for one in told if one["segment"] == at["segment"])
        truly = reader.segments.index(at["segment"])
        assert begins == truly or (truly < first * width and begins < (first + 1) * width)
    if width == 1 and n_bins:
        in_sight = [row for row in known if start <= row < start + n]
        assert {one["row"] for one in told} >= set(in_sight)


def test_a_run_of_very_many_segments_has_a_short_header(store: Store) -> None:
    """Each bin is still told of."""
    writer = begin(store, "r")
    for i in range(5_000):
        writer.append(Row(at=time.time(), step=i, values={"loss": 1.0}, segment=True))
    writer.close()
    columns = HistoryColumns(Catalogue(store))
    asked = Query(("loss",), bins=10)
    said = encoded_series(columns, store.run("digits", "r"), asked, state="finished")
    header = decode(said).header
    assert header["n_bins"] <= len(header["stretches"]) <= header["n_bins"] + 1
    assert len(said) < 5_000
    assert header["stretches"][-1]["segment"] == pytest.approx(5_000, abs=1)
