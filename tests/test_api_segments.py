"""Steps that began again: which segment each row of a history is of, in every form of it."""

import csv
import io
import json
from pathlib import Path

import pytest
from commands import caller
from written import begin

from nbtracker.api.client import Api
from nbtracker.api.run import Run
from nbtracker.journal.records import Row
from nbtracker.store.layout import Store

# Step and segment of each row: a training cell that ran three times.
ROWS = [(step, segment) for segment in range(3) for step in range(4)]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """An empty store."""
    monkeypatch.setenv("NBTRACKER_CACHE_DIR", str(tmp_path / "cache"))
    return Store(tmp_path / "store")


def recorded(store: Store, rows: list[tuple[int, int]], **values: object) -> Run:
    """A run of these rows, read back."""
    writer, before = begin(store, "r"), 0
    for step, segment in rows:
        row = Row(at=1.0, step=step, values={"loss": 0.5} | values, commit=True,
                  segment=segment > before, execution=f"s-{segment}")  # fmt: skip
        writer.append(row)
        before = segment
    writer.close()
    return Api(store.path).run("digits/r")


@pytest.mark.parametrize("form", ["pandas", "polars", "arrow", "dicts"])
def test_a_history_with_several_segments_says_of_each_row_which(store: Store, form: str) -> None:
    """In each of the formats."""
    found = recorded(store, ROWS).history(format=form)
    columns = (
        {name: [row[name] for row in found] for name in found[0]} if form == "dicts" else found
    )
    given = columns["_segment"]
    listed = given if form == "dicts" else given.to_pylist() if form == "arrow" else given.to_list()
    assert listed == [segment for _, segment in ROWS]


def test_scanning_says_it_too(store: Store) -> None:
    """Also of some of the rows, and of some of the columns."""
    run = recorded(store, ROWS)
    assert [(row["_step"], row["_segment"]) for row in run.scan_history()] == ROWS
    some = run.scan_history(["loss", "_segment"], min_step=2, max_step=3)
    assert list(some) == [{"loss": 0.5, "_segment": n} for n in range(3)]


def test_one_segment_is_not_spoken_of_unless_it_is_asked_for(store: Store) -> None:
    """A history of a script looks as it always did."""
    run = recorded(store, ROWS[:4])
    assert "_segment" not in run.history(pandas=False)[0] | next(run.scan_history())
    assert run.history(keys=["_segment"], pandas=False) == [
        {"_step": step, "_segment": 0} for step in range(4)
    ]
    assert [row["_segment"] for row in run.scan_history(["_segment"])] == [0] * 4


def test_keys_that_are_asked_for_are_all_that_is_given(store: Store) -> None:
    """Although there are several segments."""
    run = recorded(store, ROWS)
    assert set(run.history(keys=["loss"], pandas=False)[0]) == {"_step", "loss"}
    assert set(next(run.scan_history(["loss"]))) == {"loss"}


def test_a_metric_of_that_name_is_the_users(store: Store) -> None:
    """As with `_timestamp`."""
    run = recorded(store, ROWS, _segment="mine")
    assert {row["_segment"] for row in run.scan_history()} == {"mine"}
    assert {row["_segment"] for row in run.history(pandas=False)} == {"mine"}


def test_a_thinned_history_keeps_the_segments_of_its_rows(store: Store) -> None:
    """Each row that is left has its own."""
    run = recorded(store, [(step, segment) for segment in range(2) for step in range(700)])
    for row in run.history(samples=50, pandas=False):
        assert row["_segment"] in (0, 1)
    segments = [row["_segment"] for row in run.history(samples=50, pandas=False)]
    assert segments == sorted(segments)
    assert set(segments) == {0, 1}


@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_an_export_says_it(store: Store, tmp_path: Path, capsys, form: str) -> None:
    """In each of the formats; without several segments, it does not."""
    recorded(store, ROWS)
    target = tmp_path / f"rows.{form}"
    assert caller(capsys)("export", "r", "-o", str(target), "--dir", str(store.path))[0] == 0
    if form == "parquet":
        import pyarrow.parquet as pq

        rows = pq.read_table(target).to_pylist()
    else:
        text = target.read_text()
        rows = json.loads(text) if form == "json" else list(csv.DictReader(io.StringIO(text)))
    assert [(int(row["_step"]), int(row["_segment"])) for row in rows] == ROWS
