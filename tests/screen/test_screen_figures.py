"""Plotly figures: they hide nothing, and texts in them do nothing."""

import html
import math

import numpy as np
import pytest
from screen_payloads import PAYLOADS
from written import begin, log, record

import nbtracker
from nbtracker.errors import NotFoundError, UsageError
from nbtracker.journal.records import MetricDefined
from nbtracker.screen.figure import plain
from nbtracker.store.layout import Store


def run_of(store: Store) -> nbtracker.Api:
    """The only run of a store."""
    return nbtracker.Api(dir=store.path).runs()[0]


def test_a_figure_keeps_spikes_and_marks_what_is_no_number(store: Store) -> None:
    """Of 50,000 points few are drawn, the telling ones among them."""
    rows = [{"x": 0.5} for _ in range(50_000)]
    rows[12_345]["x"], rows[23_456]["x"], rows[34_567]["x"] = 99.0, math.nan, math.inf
    record(store, "r", rows=rows)
    marks, line = run_of(store).figure("x").data
    assert len(line.x) <= 7_000
    assert (np.nanmax(line.y), line.x[np.nanargmax(line.y)]) == (99.0, 12_345)
    assert list(zip(marks.x.tolist(), marks.text, strict=True)) == [
        (23_456, "NaN"),
        (34_567, "+inf"),
    ]


def test_older_segments_are_faint(store: Store) -> None:
    """The newest is solid."""
    writer = begin(store, "r")
    for _ in range(3):
        log(writer, [{"x": 1.0}, {"x": 2.0}])
    writer.close()
    assert [one.opacity for one in run_of(store).figure("x").data] == [0.35, 0.35, 1.0]


def test_the_axis_is_what_was_defined_or_asked_for(store: Store) -> None:
    """A step metric, else what the caller says."""
    writer = begin(store, "r")
    writer.append(MetricDefined(at=1.0, name="x", step_metric="epoch", step_sync=True))
    log(writer, [{"x": 1.0, "epoch": 10.0}, {"x": 2.0, "epoch": 20.0}])
    writer.close()
    run = run_of(store)
    assert run.figure("x").data[0].x.tolist() == [10, 20]
    assert run.figure(["x"], x="_step").data[0].x.tolist() == [0, 1]


def test_an_unknown_metric_or_kind_is_refused_with_what_there_is(store: Store) -> None:
    """The message names what would be right."""
    record(store, "r", rows=[{"loss": 1.0}])
    with pytest.raises(NotFoundError, match="there are: loss"):
        run_of(store).figure("lost")
    with pytest.raises(UsageError, match="overlay, parallel, scatter"):
        nbtracker.Api(dir=store.path).runs().figure("pie")


def test_runs_are_drawn_over_each_other_in_parallel_and_as_points(store: Store) -> None:
    """One figure for each question."""
    for i, optimiser in enumerate(("adam", "sgd", "adam")):
        config = {"lr": 0.1 * (i + 1), "optimiser": optimiser}
        record(store, f"r{i}", config=config, rows=[{"loss": 1.0}, {"loss": float(i)}])
    runs = nbtracker.Api(dir=store.path).runs()
    assert [one.name for one in runs.figure().data] == ["r0", "r1", "r2"]
    (lines,) = runs.figure("parallel").data
    said = {one.label: one for one in lines.dimensions}
    assert said["config.optimiser"].ticktext == ("adam", "sgd")
    assert said["summary.loss"]["values"] == (0, 1, 2)
    (points,) = runs.figure("scatter").data
    assert list(zip(points.x, points.y, strict=True)) == [
        (0.1, 0),
        (0.2, 1),
        (pytest.approx(0.3), 2),
    ]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a15_texts_of_runs_hold_no_tags_for_plotly(store: Store, payload: str) -> None:
    """Plotly reads tags and links in texts: there are none, and the text is what was written."""
    for i in range(2):
        record(store, f"r{i}", name=payload, config={payload: payload + str(i)},
               rows=[{payload: float(i)}, {payload: 2.0}])  # fmt: skip
    runs = nbtracker.Api(dir=store.path).runs()
    for figure in (runs[0].figure(), runs.figure(), runs.figure("parallel")):
        assert payload in html.unescape(plain(payload))
        assert not [text for text in strings(figure.to_plotly_json()) if "<" in text]


def strings(value: object) -> list[str]:
    """Every text in a tree, keys not counted."""
    if isinstance(value, dict):
        return [text for one in value.values() for text in strings(one)]
    if isinstance(value, list | tuple):
        return [text for one in value for text in strings(one)]
    return [value] if isinstance(value, str) else []
