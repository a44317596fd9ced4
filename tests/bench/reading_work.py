"""Tasks on nbtracker's reading side; what they read was made by `make_run` and `make_runs`."""

import math
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

from trackers import PROJECT, Tracker

Measured = dict[str, Any]
SERIES = "series"
DAY_S = 86_400.0


def make_run(tracker: Tracker, n_rows: int) -> Measured:
    """A run of two metrics, one of which is sometimes NaN."""
    tracker.load()
    tracker.open(SERIES)
    for step in range(n_rows):
        acc = math.nan if step % 97 == 0 else math.sin(step * 1e-3) + (step % 1013) * 1e-3
        tracker.log({"loss": 1.0 / (step + 1), "acc": acc}, step=step)
    tracker.finish()
    return {"n_rows": n_rows}


def make_runs(tracker: Tracker, n_runs: int) -> Measured:
    """Many small finished runs, their journals written directly."""
    from nbtracker.journal.records import ConfigSet, Ended, RunStarted
    from nbtracker.journal.steps import Steps
    from nbtracker.journal.writer import JournalWriter
    from nbtracker.store.layout import MAIN_WRITER, Store

    begun, store = time.perf_counter(), Store(tracker.folder)
    for i in range(n_runs):
        run_id, at = f"r{i:07}", 1.7e9 + i * DAY_S / 1000
        journal = JournalWriter(store.run(PROJECT, run_id).journal(MAIN_WRITER))
        journal.append(RunStarted(at=at, id=run_id, project=PROJECT, name=f"run {i}"))
        config = {"lr": _lr(i), "depth": i % 12, "opt": ("sgd", "adam")[i % 2]}
        for key, value in config.items():
            journal.append(ConfigSet(at=at, key=key, new=value))
        schema, steps = journal.schema(("acc", "loss"), "dd", None), Steps()
        for step in range(3):
            journal.append_row(schema, steps, step, True, at + step, (_acc(i, step), 1.0 / (i + 1)))
        journal.append(Ended(at=at + 60))
        journal.close()
    return {"seconds": time.perf_counter() - begun}


def _lr(i: int) -> float:
    return (i * 7919 % 1000) * 1e-4


def _acc(i: int, step: int) -> float:
    return (i * 104_729 % 100_003) / 100_003 + step


def read_journal(tracker: Tracker) -> Measured:
    """A whole history as columns, from the journal alone."""
    import numpy as np

    from nbtracker.store.layout import Store
    from nbtracker.views.history import History

    folder = Store(tracker.folder).run(PROJECT, SERIES)
    begun = time.perf_counter()
    history = History(folder)
    history.refresh()
    columns = history.columns(["loss", "acc"])
    floats = {name: column.floats() for name, column in columns.of.items()}
    taken = time.perf_counter() - begun
    assert len(floats) == 2
    assert np.array_equal(columns.step, np.arange(len(columns.step)))
    return {"ms": taken * 1e3, "n_rows": len(floats["acc"])}


def index_run(tracker: Tracker) -> Measured:
    """Bring the catalogue's columns of the run up to date."""
    begun = time.perf_counter()
    columns, folder = _columns_of(tracker)
    columns.fill(folder)
    return {"ms": (time.perf_counter() - begun) * 1e3}


def read_catalogue(tracker: Tracker, n_calls: int) -> Measured:
    """A whole history as columns, from the catalogue alone."""
    begun = time.perf_counter()
    columns, folder = _columns_of(tracker)
    series = columns.read(folder, ["loss", "acc"])
    first = time.perf_counter() - begun
    taken = []
    for _ in range(n_calls):
        begun = time.perf_counter()
        series = columns.read(folder, ["loss", "acc"])
        floats = {name: column.floats() for name, column in series.of.items()}
        taken.append(time.perf_counter() - begun)
    return {
        "first_ms": first * 1e3,
        "ms": statistics.median(taken) * 1e3,
        "n_rows": len(floats["acc"]),
    }


def envelope(tracker: Tracker, n_calls: int, n_bins: int = 1_000) -> Measured:
    """Lowest and highest of each bin, and whether brute force finds the same."""
    import numpy as np

    begun = time.perf_counter()
    columns, folder = _columns_of(tracker)
    bins = columns.bins(folder, "acc", n_bins)
    first = time.perf_counter() - begun
    taken = []
    for _ in range(n_calls):
        begun = time.perf_counter()
        bins = columns.bins(folder, "acc", n_bins)
        taken.append(time.perf_counter() - begun)
    values, width = _logged(folder)["acc"], bins.rows_per_bin
    cut = [values[at : at + width] for at in range(0, len(values), width)]
    low, high = ([pick(one[~np.isnan(one)]) for one in cut] for pick in (np.min, np.max))
    n_nan = [int(np.isnan(one).sum()) for one in cut]
    is_equal = (
        np.array_equal(bins.min, low)
        and np.array_equal(bins.max, high)
        and np.array_equal(bins.n_nan, n_nan)
        and sum(n_nan) > 0
    )
    return {
        "first_ms": first * 1e3,
        "ms": statistics.median(taken) * 1e3,
        "n_bins": len(cut),
        "is_equal": is_equal,
    }


def _columns_of(tracker: Tracker) -> tuple[Any, Any]:
    from nbtracker.store.layout import Store
    from nbtracker.views.catalogue.columns import HistoryColumns
    from nbtracker.views.catalogue.index import Catalogue

    store = Store(tracker.folder)
    return HistoryColumns(Catalogue(store)), store.run(PROJECT, SERIES)


def _logged(folder: Any) -> dict[str, Any]:
    from nbtracker.views.history import History

    history = History(folder)
    history.refresh()
    return {name: column.floats() for name, column in history.columns().of.items()}


def list_runs(tracker: Tracker, n_runs: int, n_calls: int) -> Measured:
    """The first page of a filtered and sorted listing: the first call, and warm ones."""
    import nbtracker

    os.environ["NBTRACKER_DIR"] = str(tracker.folder)
    api, taken = nbtracker.Api(), []

    def listing() -> list[Any]:
        filters = {"config.lr": {"$gt": 0.05}, "config.opt": "adam"}
        runs = api.runs(PROJECT, filters=filters, order="-summary_metrics.acc", per_page=50)
        return list(_first(runs, 50))

    begun = time.perf_counter()
    listing()
    first = time.perf_counter() - begun
    for _ in range(n_calls):
        begun = time.perf_counter()
        page = listing()
        taken.append(time.perf_counter() - begun)
    right = sorted((_acc(i, 2) for i in range(1, n_runs, 2) if _lr(i) > 0.05), reverse=True)[:50]
    assert [run.summary["acc"] for run in page] == right, "these are not the runs asked for"
    return {"first_ms": first * 1e3, "ms": statistics.median(taken) * 1e3, "n": len(page)}


def _first(runs: Any, n: int) -> list[Any]:
    found = []
    for run in runs:
        found.append(run)
        if len(found) == n:
            break
    return found


TASKS: dict[str, Callable[..., Measured]] = {
    task.__name__: task
    for task in (
        make_run,
        make_runs,
        read_journal,
        index_run,
        read_catalogue,
        envelope,
        list_runs,
    )
}
