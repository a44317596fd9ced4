"""Series in bytes say what the rows say, whatever part of them is asked for."""

import math
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from decoded import Decoded, decode
from hypothesis import given
from hypothesis import strategies as st
from test_wire_averaging import plainly
from written import begin, log, record

import nbtracker
from nbtracker.errors import NotFoundError, UsageError
from nbtracker.store.layout import RunFolder, Store
from nbtracker.views.bins import COUNTS, NUMBERS, bins
from nbtracker.views.catalogue import chunks as chunks_module
from nbtracker.views.catalogue import columns as columns_module
from nbtracker.views.catalogue.columns import HistoryColumns
from nbtracker.views.catalogue.index import Catalogue
from nbtracker.wire import series as series_module
from nbtracker.wire.series import Query, encoded_series

FLOATS = st.sampled_from([0.0, 1.0, -1.0, 2.5, math.inf, -math.inf, math.nan, 1e30])
ROWS = st.lists(
    st.one_of(st.fixed_dictionaries({"y": FLOATS}), st.just({"z": 1.0})), min_size=1, max_size=60
)


def ask(columns: HistoryColumns, folder: RunFolder, *metrics: str, **query: Any) -> Decoded:
    """Ask for series, and read the answer."""
    said = encoded_series(columns, folder, Query(metrics, **query), state="finished")
    return decode(said)


@given(ROWS, st.data())
def test_any_part_of_a_series_is_what_brute_force_says(rows: list[dict], data: Any) -> None:
    """Each bin of each range, with every width, and the average over the whole segment."""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as place:
        patch.setenv("NBTRACKER_CACHE_DIR", place + "/cache")
        for module in (columns_module, chunks_module, series_module):
            patch.setattr(module, "ROWS", 4)
        store = Store(Path(place) / "store")
        folder = record(store, "r", rows=rows)
        start = data.draw(st.integers(0, len(rows)))
        stop = data.draw(st.integers(start, len(rows) + 3))
        asked = {"rows": (start, stop), "bins": data.draw(st.integers(1, 20)), "ema": 0.5}
        found = ask(HistoryColumns(Catalogue(store)), folder, "y", "z", **asked)
    width, first, n = (found.header[key] for key in ("rows_per_bin", "first_bin", "n_bins"))
    assert n <= asked["bins"]
    assert first * width <= start <= min(stop, len(rows)) <= (first + n) * width
    y = np.array([row.get("y", math.nan) for row in rows])
    whole = bins(y, width, np.array(["y" in row for row in rows]))
    if "y" in {name for row in rows for name in row}:
        for word in (*NUMBERS, *COUNTS):
            expected = getattr(whole, word)[first : first + n]
            np.testing.assert_array_equal(found.array("y", word), expected)
        ends = range((first + 1) * width, (first + n) * width + 1, width)
        expected = [last_average(y[:end], width, end) for end in ends]
        np.testing.assert_allclose(found.array("y", "ema"), expected, rtol=1e-9)
    steps = np.arange(len(rows), dtype=float)
    np.testing.assert_array_equal(found.x[0], steps[first * width : (first + n) * width : width])


def last_average(values: np.ndarray, width: int, end: int) -> float:
    """The average at the last number of the bin that ends before row `end`."""
    at = np.flatnonzero(np.isfinite(values))
    if not len(at) or at[-1] < end - width:
        return math.nan
    return plainly(values[at].tolist(), 0.5)[-1]


@pytest.fixture
def columns(store: Store) -> HistoryColumns:
    """The history columns of an empty store."""
    return HistoryColumns(Catalogue(store))


def test_an_infinity_hides_no_spike(store: Store, columns: HistoryColumns) -> None:
    """What is finite is drawn, what is not is counted."""
    rows = [{"y": float(i)} for i in range(3_000)]
    rows[1_000], rows[1_001], rows[1_002] = {"y": 1e9}, {"y": math.inf}, {"y": -math.inf}
    found = ask(columns, record(store, "r", rows=rows), "y", bins=2)
    assert found.array("y", "max").tolist() == [1e9, 2999.0]
    assert found.array("y", "n_pos_inf").tolist() == [1.0, 0.0]
    assert found.header["metrics"][0]["n_inf"] == 2


def test_a_live_tail_is_asked_for_by_its_first_row(store: Store, columns: HistoryColumns) -> None:
    """Bins that were full stay as they are; the one that holds the row comes again."""
    writer, folder = begin(store, "r"), store.run("digits", "r")
    log(writer, [{"y": float(i)} for i in range(100)])
    before = ask(columns, folder, "y", width=8)
    log(writer, [{"y": float(i)} for i in range(100, 120)], first=100)
    after = ask(columns, folder, "y", width=8, since=100)
    writer.close()
    assert (after.header["first_bin"], after.header["n_bins"]) == (12, 3)
    assert before.array("y", "last").tolist()[:12] == [float(i) for i in range(7, 100, 8)]
    assert after.array("y", "last").tolist() == [103.0, 111.0, 119.0]


def test_averages_begin_again_with_each_segment(store: Store, columns: HistoryColumns) -> None:
    """A training that began again is not mixed with the one before."""
    with nbtracker.init(project="p", id="r") as run:
        for i in range(6):
            run.log({"y": float(i)})
    folder = store.run("p", "r")
    whole = columns.read(folder)
    found = ask(columns, folder, "y", ema=0.9)
    assert [one["segment"] for one in found.header["stretches"]] == [
        one.segment for one in whole.stretches
    ]
    np.testing.assert_allclose(
        found.array("y", "ema"), plainly([0.0, 1.0, 2.0, 3.0, 4.0, 5.0], 0.9), rtol=1e-9
    )


def test_the_average_of_a_zoom_is_that_of_the_whole(store: Store, columns: HistoryColumns) -> None:
    """Nothing that still weighs is left unread, and a large value far back leaves no trace."""
    values = np.random.default_rng(2).normal(size=20_000)
    values[100] = 1e200
    folder = record(store, "r", rows=[{"y": float(value)} for value in values])
    expected = plainly(values.tolist(), 0.9)
    for start in (0, 1_500, 19_000):
        found = ask(columns, folder, "y", rows=(start, start + 50), ema=0.9)
        np.testing.assert_allclose(found.array("y", "ema"), expected[start : start + 50], rtol=1e-9)


@pytest.mark.parametrize("width", [1, 8, 1_024])
def test_x_is_the_step_the_time_or_any_metric(
    store: Store, columns: HistoryColumns, width: int
) -> None:
    """At the first and the last row of each bin."""
    rows = [{"y": 1.0, "epoch": i / 100} for i in range(3_000)]
    folder = record(store, "r", rows=rows, at=50.0)
    steps = ask(columns, folder, "y", width=width)
    epochs = ask(columns, folder, "y", width=width, x="epoch")
    for i in (0, 1):
        np.testing.assert_allclose(epochs.x[i], steps.x[i] / 100)
    assert set(ask(columns, folder, "y", width=width, x="_timestamp").x[0]) == {50.0}
    assert np.isnan(ask(columns, folder, "y", width=width, x="nothing").x[0]).all()


def test_a_metric_that_the_run_lacks_is_named(store: Store, columns: HistoryColumns) -> None:
    """It may still come, and hides none of the others."""
    found = ask(columns, record(store, "r", rows=[{"y": 1.0}]), "nothing", "y")
    assert found.header["missing"] == ["nothing"]
    assert [one["name"] for one in found.header["metrics"]] == ["y"]


@pytest.mark.parametrize(
    "query",
    [
        {"bins": 0}, {"bins": 10**6}, {"width": 3}, {"width": 0}, {"ema": 1.0}, {"ema": math.nan},
        {"rows": (5, 3)}, {"since": -1}, {"metrics": tuple(map(str, range(300)))},
        {"width": 1, "rows": (0, 10**6)},
    ],
)  # fmt: skip
def test_a28_a_query_that_makes_no_sense_or_asks_for_too_much_is_refused(
    store: Store, columns: HistoryColumns, query: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is read for it."""
    monkeypatch.setattr(series_module, "MAX_BINS", 1_000)
    folder = record(store, "r", rows=[{"y": 1.0}] * 1_500)
    with pytest.raises(UsageError):
        encoded_series(columns, folder, Query(**{"metrics": ("y",)} | query), state="finished")


def test_a_run_that_is_gone_is_named(store: Store, columns: HistoryColumns) -> None:
    """The error says where to look."""
    with pytest.raises(NotFoundError, match="nbtracker trash"):
        ask(columns, store.run("p", "gone"), "y")
