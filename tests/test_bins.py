"""Bins hide nothing, however they are computed."""

import math
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from written import begin, log, record

from nbtracker.errors import NotFoundError
from nbtracker.store.layout import Store
from nbtracker.views.bins import COUNTS, NUMBERS, TELLING, Bins, bins, merged, telling_rows, width
from nbtracker.views.catalogue import chunks as chunks_module
from nbtracker.views.catalogue import columns as columns_module
from nbtracker.views.catalogue.columns import HistoryColumns
from nbtracker.views.catalogue.index import Catalogue

FLOATS = st.sampled_from([0.0, 1.0, -1.0, 5e-324, math.inf, -math.inf, math.nan, 1e300])
SERIES = arrays(np.float64, st.integers(0, 70), elements=FLOATS)
POWERS = st.sampled_from([1, 2, 4, 16])


def equal(one: Bins, other: Bins) -> bool:
    """Whether two are the same; NaN equals NaN."""
    return all(
        np.array_equal(
            np.asarray(getattr(one, f.name), float), np.asarray(getattr(other, f.name), float), True
        )
        for f in fields(Bins)
    )


def brute_force(values: np.ndarray, rows_per_bin: int, present: np.ndarray) -> Bins:
    """The definition, in plain Python."""
    said = []
    for start in range(0, len(values), rows_per_bin):
        where = slice(start, start + rows_per_bin)
        here = [v for v, has in zip(values[where].tolist(), present[where], strict=True) if has]
        known = [v for v in here if math.isfinite(v)]
        edges = (known[0], known[-1], min(known), max(known)) if known else (math.nan,) * 4
        odd = [sum(map(math.isnan, here)), here.count(math.inf), here.count(-math.inf)]
        said.append((*edges, len(here), *odd))
    table = np.array(said, np.float64).reshape(-1, 8).T
    return Bins(rows_per_bin, *table[:4], *table[4:].astype(np.int64))


@given(SERIES, POWERS, st.data())
def test_f21_bins_are_what_brute_force_says(
    values: np.ndarray, rows_per_bin: int, data: st.DataObject
) -> None:
    """NaN, infinities, duplicates and gaps included."""
    present = data.draw(arrays(bool, len(values)))
    assert equal(bins(values, rows_per_bin, present), brute_force(values, rows_per_bin, present))


@given(SERIES, POWERS, POWERS)
def test_f21_bins_of_bins_are_bins(values: np.ndarray, rows_per_bin: int, n: int) -> None:
    """Statistics of chunks give the bins of the values themselves."""
    assert equal(merged(bins(values, rows_per_bin), n), bins(values, rows_per_bin * n))


@given(SERIES, st.integers(20, 40))
def test_a28_bins_wider_than_the_series_take_no_memory(values: np.ndarray, power: int) -> None:
    """Whoever asks may say any width: 2**40 rows would be terabytes."""
    wide, fitting = bins(values, 2**power), bins(values, 2**12)
    assert wide.rows_per_bin == merged(bins(values, 4), 2 ** (power - 2)).rows_per_bin == 2**power
    for found in (wide, merged(bins(values, 4), 2 ** (power - 2))):
        for name in (*NUMBERS, *COUNTS):
            assert np.array_equal(getattr(found, name), getattr(fitting, name), equal_nan=True)


@given(SERIES, SERIES, POWERS)
def test_f21_appending_never_changes_a_full_bin(
    values: np.ndarray, more: np.ndarray, rows_per_bin: int
) -> None:
    """A chart's history stays as it was drawn."""
    n_full = len(values) // rows_per_bin
    before, after = (bins(v, rows_per_bin) for v in (values, np.concatenate([values, more])))
    for name in (*NUMBERS, *COUNTS):
        one, other = getattr(before, name)[:n_full], getattr(after, name)[:n_full]
        assert np.array_equal(one, other, equal_nan=one.dtype.kind == "f")


@given(SERIES, st.integers(1, 8), st.data())
def test_f21_the_rows_that_are_kept_have_the_same_bins(
    values: np.ndarray, n_bins: int, data: st.DataObject
) -> None:
    """Thinning out keeps each bin's first, last, smallest and largest value, NaN, infinities."""
    present = data.draw(arrays(bool, len(values)))
    rows = telling_rows(values, n_bins, present)
    kept = np.zeros(len(values), bool)
    kept[rows] = True
    assert not (kept & ~present).any()
    whole, thin = (bins(values, width(len(values), n_bins), mask) for mask in (present, kept))
    assert len(rows) <= TELLING * n_bins
    for name in NUMBERS:
        assert np.array_equal(getattr(whole, name), getattr(thin, name), equal_nan=True)
    for name in ("n_nan", "n_pos_inf", "n_neg_inf"):
        assert np.array_equal(getattr(whole, name) > 0, getattr(thin, name) > 0)


def test_there_are_never_more_bins_than_asked_for() -> None:
    """A million rows in 1,000 bins are 977 bins of 1,024."""
    assert (width(1_000_000, 1_000), width(1_000, 1_000), width(0, 1)) == (1_024, 1, 1)
    with pytest.raises(ValueError, match="at least 1"):
        width(5, 0)


VALUES = st.one_of(FLOATS, st.integers(-5, 5), st.booleans(), st.just("text"), st.just(2**60))
ROWS = st.lists(st.dictionaries(st.sampled_from(["a", "b"]), VALUES, min_size=1), max_size=40)


@given(ROWS, ROWS, st.integers(1, 40))
def test_f21_bins_of_the_catalogue_are_bins_of_the_journal(
    first: list, second: list, n_bins: int
) -> None:
    """Whatever is logged, at once or while somebody looks: chunk statistics tell no tales."""
    with pytest.MonkeyPatch.context() as patch, in_temporary_store(patch) as store:
        for module in (columns_module, chunks_module):
            patch.setattr(module, "ROWS", 4)
        writer = begin(store, "r")
        columns = HistoryColumns(Catalogue(store))
        folder = store.run("digits", "r")
        log(writer, first)
        columns.read(folder)
        log(writer, second, first=len(first))
        rows = first + second
        read = columns.read(folder)
        writer.close()
        for name in {name for row in rows for name in row}:
            here = np.array([name in row for row in rows])
            values = [row.get(name) for row in rows]
            given = read.of[name].values[here].tolist()
            assert all(
                same(*pair)
                for pair in zip(given, [row[name] for row in rows if name in row], strict=True)
            )
            if all(isinstance(v, int | float | None) and not isinstance(v, bool) for v in values):
                floats = np.array([math.nan if v is None else v for v in values], float)
                wanted = bins(floats, width(len(rows), n_bins), here)
                assert equal(columns.bins(folder, name, n_bins), wanted)


def same(read: object, logged: object) -> bool:
    """Whether a value came back; a float column may hold small integers as floats."""
    return read == logged or (read != read and logged != logged)


class in_temporary_store:
    """A store and a cache of its own for each example."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        import tempfile

        self._folder = tempfile.TemporaryDirectory()
        patch.setenv("NBTRACKER_CACHE_DIR", self._folder.name + "/cache")

    def __enter__(self) -> Store:
        return Store(Path(self._folder.name) / "store")

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()


def test_a_long_history_is_read_back_exactly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row groups, a partial one at the end, integers above 2**53, and unsorted times."""
    monkeypatch.setenv("NBTRACKER_CACHE_DIR", str(tmp_path / "cache"))
    store = Store(tmp_path / "store")
    rows = [{"loss": 1.0 / (i + 1), "seen": 2**53 + i} for i in range(2_500)]
    folder = record(store, "r", rows=rows)
    read = HistoryColumns(Catalogue(store)).read(folder)
    assert read.step.tolist() == list(range(2_500))
    assert read.of["loss"].values.tolist() == [row["loss"] for row in rows]
    assert read.of["seen"].values.tolist() == [row["seen"] for row in rows]


def test_bins_of_an_unknown_metric_name_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error says which run has no such metric."""
    monkeypatch.setenv("NBTRACKER_CACHE_DIR", str(tmp_path / "cache"))
    store = Store(tmp_path / "store")
    folder = record(store, "r", rows=[{"loss": 1.0}])
    with pytest.raises(NotFoundError, match="digits/r has no metric 'acc'"):
        HistoryColumns(Catalogue(store)).bins(folder, "acc", 10)
