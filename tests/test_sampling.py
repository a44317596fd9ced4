"""A sampled history: which rows are given, and what each of them says."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from written import record

from nbtracker.api.client import Api
from nbtracker.api.run import Run
from nbtracker.api.sampling import choose
from nbtracker.api.thinning import thinned
from nbtracker.errors import UsageError
from nbtracker.store.layout import Store
from nbtracker.views.catalogue.columns import Series
from nbtracker.views.history import Column

CELLS = st.sampled_from([None, 0.0, 1.0, -1.0, 5e-324, 1e300, math.inf, -math.inf, math.nan])
TABLES = st.integers(1, 4).flatmap(
    lambda k: st.lists(st.tuples(*[CELLS] * k), min_size=1, max_size=120)
)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """An empty store."""
    monkeypatch.setenv("NBTRACKER_CACHE_DIR", str(tmp_path / "cache"))
    return Store(tmp_path / "store")


def run_of(store: Store, rows: list[dict[str, object]], at: float = 1_000.0) -> Run:
    """A run with these rows, read back."""
    record(store, "r", rows=rows, at=at)
    return Api(store.path).run("digits/r")


def column(cells: list[float | None]) -> Column:
    """A column of floats, None where a row lacks it."""
    present = np.array([cell is not None for cell in cells])
    values = np.array([math.nan if cell is None else cell for cell in cells])
    return Column(values, None if present.all() else present)


@given(TABLES, st.integers(1, 60))
def test_f21_as_many_rows_as_asked_for_in_order_with_both_ends(
    table: list[tuple[float | None, ...]], samples: int
) -> None:
    """Exactly min(samples, n), all distinct; all of them are rows of the history."""
    n, columns = len(table), [column(list(cells)) for cells in zip(*table, strict=True)]
    rows = thinned(n, columns, samples).tolist()
    assert rows == sorted(set(rows))
    assert len(rows) == min(samples, n)
    assert rows[0] == 0 if samples == 1 else {0, n - 1} <= set(rows) <= set(range(n))


@given(TABLES, st.integers(0, 60))
def test_f21_the_extremes_of_each_metric_are_never_left_out(
    table: list[tuple[float | None, ...]], more: int
) -> None:
    """With four rows for each metric, whatever stands in the others; with five, NaN, too."""
    columns = [list(cells) for cells in zip(*table, strict=True)]
    rows = thinned(len(table), [column(cells) for cells in columns], 4 * len(columns) + more)
    for cells in columns:
        known = [v for v in cells if v is not None and not math.isnan(v)]
        seen = [cells[row] for row in rows]
        assert not known or {min(known), max(known)} <= set(seen)
        if more > len(columns) + 1:
            assert any(v != v for v in seen) == any(v != v for v in cells)


@given(st.lists(st.one_of(st.none(), st.just("text"), st.integers(), st.just(10**400))))
def test_f21_values_of_several_kinds_are_sampled_by_their_numbers(values: list[object]) -> None:
    """Texts and integers of any size beside each other."""
    cells = np.empty(len(values), object)
    cells[:] = values
    present = np.array([value is not None for value in values], bool)
    rows = thinned(len(values), [Column(cells, present)], 6)
    numbers = [value for value in values if isinstance(value, int)]
    seen = [values[row] for row in rows]
    assert len(rows) == min(6, len(values))
    assert not numbers or {min(numbers), max(numbers)} <= set(seen)


def test_a_history_that_is_just_too_long_loses_just_one_row(store: Store) -> None:
    """501 rows give 500; a shorter history is given whole."""
    run = run_of(store, [{"loss": 1.0 / (i + 1), "acc": i % 7} for i in range(501)])
    for samples, n in ((1, 1), (2, 2), (500, 500), (501, 501), (9_999, 501)):
        frame = run.history(samples=samples)
        assert len(frame) == n
        assert frame.attrs == {"rows": 501, "sampled": n < 501}
    assert run.history(keys=["acc"]).attrs == {"rows": 501, "sampled": True}


def test_the_mean_of_a_sampled_history_is_nearly_right(store: Store) -> None:
    """Of a line, and of one that is only logged in the second half."""
    rows = [{"a": float(i)} | ({"b": float(i)} if i >= 2_500 else {}) for i in range(5_000)]
    frame = run_of(store, rows).history()
    assert frame["a"][frame["b"].isna()].mean() == pytest.approx(1_250, rel=0.03)
    assert frame["b"].mean() == pytest.approx(3_750, rel=0.03)


@pytest.mark.parametrize(
    ("n", "every", "kept"), [(4_000, 10, 300), (4_000, 100, 40), (600, 2, 280)]
)
def test_a_rare_metric_is_not_thinned_out_first(
    store: Store, n: int, every: int, kept: int
) -> None:
    """Of neighbouring rows, the ones that have it are given."""
    rows = [{"loss": math.sin(i)} | ({"val": i / n} if i % every == 0 else {}) for i in range(n)]
    frame = run_of(store, rows).history()
    assert len(frame) == 500
    assert frame["val"].count() >= kept


def test_rare_metrics_of_different_rows_share_the_room(store: Store) -> None:
    """Neither of two is given instead of the other."""
    rare = {0: {"a": 1.0}, 5: {"b": 1.0}}
    rows = [{"loss": 1.0} | rare.get(i % 10, {}) for i in range(4_000)]
    frame = run_of(store, rows).history()
    assert min(frame["a"].count(), frame["b"].count()) > 150


def test_f21_of_more_metrics_than_rows_the_first_ones_are_told(store: Store) -> None:
    """The answer is still as long as asked for."""
    rows = [{f"m{k}": float(i == k) for k in range(40)} for i in range(100)]
    frame = run_of(store, rows).history(samples=20)
    assert len(frame) == 20
    assert [frame[f"m{k}"].max() for k in range(15)] == [1.0] * 15


def test_f21_one_spike_among_a_million_rows_of_ten_metrics_is_given() -> None:
    """One of the metrics is rare."""
    n = 1_000_000
    values = np.sin(np.arange(n))
    values[123_456] = 9.0
    rare = Column(values, np.arange(n) % 1_000 == 0)
    read = Series(np.arange(n), values, {f"m{k}": Column(values) for k in range(9)} | {"r": rare})
    rows = choose(read, np.arange(n), 500)
    assert (len(rows), 123_456 in rows) == (500, True)


@pytest.mark.parametrize("name", ["_timestamp", "_runtime", "_step"])
@pytest.mark.parametrize("logged", [3.0, 3, "noon"])
@pytest.mark.parametrize("keys", [None, True])
def test_a_name_of_ours_that_was_logged_once_is_there_in_each_row(
    store: Store, name: str, logged: object, keys: bool | None
) -> None:
    """Rows that lack it have what was recorded, as `scan_history` says."""
    run = run_of(store, [{"a": 1}, {"a": 2, name: logged}, {"a": 3}])
    scanned = [row[name] for row in run.scan_history()]
    history = run.history(keys=["a", name] if keys else None)
    assert list(history[name]) == scanned
    assert (scanned[1], len(history), history[name].isna().any()) == (logged, 3, False)


def test_a_time_that_was_logged_late_is_a_plain_number_in_sampled_rows(store: Store) -> None:
    """Whether the rows that are given all have it, or not."""
    run = run_of(store, [{"a": 1}, {"a": 2, "_timestamp": 3.0, "b": 1}, {"a": 3}])
    for keys in (["b"], ["b", "_timestamp"], ["a"]):
        for row in run.history(samples=2, keys=keys, pandas=False):
            assert {type(value) for value in row.values()} <= {int, float}


@pytest.mark.parametrize("samples", [None, 0, -1, 10.0, "500", math.inf])
def test_a_number_of_samples_that_is_none_is_named(store: Store, samples: object) -> None:
    """The error says what would be right, for one run and for several."""
    run = run_of(store, [])
    for call in (run.history, Api(store.path).runs("digits").histories):
        with pytest.raises(UsageError, match="must be a whole number of at least 1"):
            call(samples=samples)
    assert len(run.history(samples=np.int64(3))) == 0
