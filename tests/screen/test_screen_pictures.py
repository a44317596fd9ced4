"""A run as a picture: small, and hiding nothing."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from screen_payloads import PAYLOADS, parsed, texts
from written import begin, log, record

from nbtracker.journal.records import ConfigSet, Ended, MetricDefined
from nbtracker.screen.bundle import bundle_of
from nbtracker.screen.curves import N_BINS
from nbtracker.screen.portrait import Entry, Portrait, Subject
from nbtracker.screen.svg import MOST_BYTES, svg_of
from nbtracker.store.layout import RunFolder, Store

SVG = "{http://www.w3.org/2000/svg}"


def picture_of(folder: RunFolder) -> str:
    """Draw a run."""
    return svg_of([Subject(folder).portrait()])


def curve(picture: str) -> str:
    """The commands of the newest segment of the first curve."""
    return re.findall(r'<path class="c0" stroke="#0072b2" d="([^"]*)"', picture)[0]


def test_one_spike_among_many_points_reaches_the_top_of_the_panel(store: Store) -> None:
    """However many points share a column, the largest is drawn."""
    rows = [{"loss": 1000.0 if i == 70_001 else 0.5} for i in range(100_000)]
    drawn = curve(picture_of(record(store, "r", rows=rows)))
    heights = [int(one) for one in re.findall(r"v(-?\d+)", drawn)]
    assert min(heights) == -152
    assert max(heights) == 152


def test_what_is_no_number_is_marked_and_breaks_the_line(store: Store) -> None:
    """NaN below, infinities where they point; each counted."""
    rows = [{"x": v} for v in (1.0, 2.0, math.nan, 3.0, math.inf, 2.0, -math.inf, 1.0)]
    picture = picture_of(record(store, "r", rows=rows))
    assert {"1 NaN", "1 +infinity", "1 -infinity"} <= texts(parsed(picture))
    assert curve(picture).count("M") == 4


def test_older_segments_are_faint_and_the_newest_is_solid(store: Store) -> None:
    """Steps that start again are drawn over what was there."""
    writer = begin(store, "r")
    for segment in range(3):
        log(writer, [{"x": float(i * segment)} for i in range(20)], first=0)
    writer.close()
    root = parsed(picture_of(store.run("digits", "r")))
    lines = [path for path in root.iter(f"{SVG}path") if path.get("class") == "c0"]
    assert [line.get("stroke-opacity") for line in lines] == [".3", None]


def test_the_best_value_is_marked_where_a_goal_is_known(store: Store) -> None:
    """And nowhere else: nobody knows what is good."""
    writer = begin(store, "r")
    writer.append(MetricDefined(at=1.0, name="acc", goal="maximize"))
    log(writer, [{"acc": v, "x": v} for v in (0.5, 0.9, 0.7)])
    writer.close()
    picture = picture_of(store.run("digits", "r"))
    assert picture.count("<circle") == 1
    assert "best: 0.9" in texts(parsed(picture))


def test_changes_of_the_config_are_ticks_and_lines_of_the_table(store: Store) -> None:
    """`0.01 -> 0.003 @ step 5`, below the value."""
    writer = begin(store, "r")
    writer.append(ConfigSet(at=1.0, key="lr", new=0.01))
    writer.append(ConfigSet(at=2.0, key="lr", old=0.01, new=0.003, first=False, step=5))
    log(writer, [{"x": float(i)} for i in range(10)])
    writer.append(Ended(at=3.0, exit_code=0))
    writer.close()
    said = texts(parsed(picture_of(store.run("digits", "r"))))
    assert {"config changed", "lr", "0.003", "0.01 -> 0.003 @ step 5"} <= said


def test_the_picture_tells_itself_to_who_cannot_see_it(store: Store) -> None:
    """A title, a description, and the role of an image."""
    root = parsed(picture_of(record(store, "r", rows=[{"x": 1.0}, {"x": 3.0}])))
    assert root.get("role") == "img"
    assert "r (digits/r): finished, 2 rows" in root.findtext(f"{SVG}title", "")
    assert "x: 2 values from 1 to 3" in root.findtext(f"{SVG}desc", "")


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a11_texts_of_runs_stay_texts_in_a_picture(store: Store, payload: str) -> None:
    """Names, tags, metrics, config and summary: what was written is what is read."""
    folder = record(
        store, "r", name=payload, config={payload: payload}, summary={"note": payload},
        rows=[{payload: 1.0}, {payload: 2.0}],
    )  # fmt: skip
    said = texts(parsed(picture_of(folder)))
    assert payload in said
    assert any(payload in one and "(digits/r)" in one for one in said)


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_gives_a_picture_that_can_be_read(name: str, key: str) -> None:
    """Also what XML cannot hold: it is spelled."""
    portrait = Portrait(
        "0" * 16, f"p/{key}", name, "finished", config=(Entry(key, name, (key,)),),
        summary=((name, key),), tags=(name,), error=key, n_metrics=3,
    )  # fmt: skip
    parsed(svg_of([portrait]))


@given(
    st.integers(1, 60), st.integers(0, 400), st.text(min_size=1, max_size=200), st.integers(1, 30)
)
def test_no_picture_is_larger_than_its_bound(
    n_metrics: int, n_values: int, text: str, n_keys: int
) -> None:
    """Whatever the run holds: 20 KB, and 30 KB with everything that is saved with it."""
    import numpy as np

    from nbtracker.screen.curves import Curve, Segment

    values = np.resize([0.0, 1e300, -5.0, 7.25], max(1, n_values))
    steps, ones = np.arange(len(values), dtype=float), np.ones(len(values), int)
    segment = Segment(steps, steps, values, values, values, values, ones, ones, ones, ones)
    curves = tuple(
        Curve(f"{i}{text}", text, (segment,) * 12, n=len(values), last=1 / 3, low=-5.0, high=1e300)
        for i in range(n_metrics)
    )
    portrait = Portrait(
        "0" * 16, "p/" + "i" * 128, text, "running", config=(Entry(text, text, (text,) * 9),) * n_keys,
        summary=((text, text),) * n_keys, curves=curves, n_metrics=n_metrics, changed_at=tuple(range(99)),
    )  # fmt: skip
    bundle = bundle_of([portrait] * 3)
    alone = svg_of([portrait])
    parsed(alone)
    assert max(len(one.encode()) for one in (alone, bundle["image/svg+xml"])) <= MOST_BYTES
    assert sum(len(str(one).encode()) for one in bundle.values()) <= 30_000


def test_a_run_of_many_rows_is_drawn_from_bins_that_keep_its_extremes(store: Store) -> None:
    """More rows than are read: the spike and the NaN are there all the same."""
    rows = [{"x": float(i % 7)} for i in range(300_000)]
    rows[123_457]["x"], rows[200_003]["x"] = 99.0, math.nan
    portrait = Subject(record(store, "r", rows=rows)).portrait()
    (drawn,) = portrait.curves
    assert (drawn.n, drawn.high, drawn.n_nan, drawn.last) == (300_000, 99.0, 1, float(299_999 % 7))
    assert len(drawn.segments[0].n) <= 3 * N_BINS
    assert "1 NaN" in texts(parsed(svg_of([portrait])))
