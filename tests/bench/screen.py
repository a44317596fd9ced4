"""The rows of the table that concern the screen: a real JupyterLab in a real Chromium.

Each task is a process with a server and a browser of its own, see `screen_work`.
"""

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from harness import Measured, NotAvailableError, Plan, Row, end_leftovers, members, scratch

HERE = Path(__file__).parent
LOG_TO_PIXELS = "log() to changed pixels, a chart of 10,000 points"
FIRST = "first display of a run with 10 x 100,000 points: cell output to all curves in view"
PANEL = "panel with {n:,} runs"


def live(plan: Plan) -> list[Row]:
    """How soon a point is seen, and what watching costs."""
    return [*_latency(plan), *_watching(plan)]


def _latency(plan: Plan) -> list[Row]:
    rows = [
        Row("log_to_pixels_p50", f"{LOG_TO_PIXELS}, median", "ms", goal=150),
        Row("log_to_pixels_p95", f"{LOG_TO_PIXELS}, p95", "ms", goal=300),
    ]
    n_logs = plan.n(80, least=20)
    found = _ask(rows, "latency", n_points=10_000, n_logs=n_logs)
    if found is not None:
        for row, name in zip(rows, ("p50", "p95"), strict=True):
            row.value = _cut(found["ms"], name)
            row.note = f"{n_logs} points while their cell runs; each changes the whole picture"
        theirs = _ask([], "latency_plotly", n_points=10_000, n_logs=n_logs // 4) or {}
        for row, name in zip(rows, ("p50", "p95"), strict=True):
            if theirs:
                row.peers["plotly"] = _cut(theirs["ms"], name)
                row.note += f"; plotly.FigureWidget {row.peers['plotly']:.0f} ms"
    return rows


def _watching(plan: Plan) -> list[Row]:
    what = "10 metrics x 100,000 points live at 1,000 rows/s"
    rows = [
        Row("long_tasks", f"{what}: tasks of the page above 50 ms", "tasks", goal=0),
        Row("watched", f"{what}: the training loop with the page open / closed", "x", goal=1.01),
    ]
    n_pairs, phase_s = min(5, plan.repeats), 4 * max(0.75, plan.scale)
    found = _ask(
        rows, "live", n_before=80_000, n_metrics=10, phase_s=phase_s, n_pairs=n_pairs, height=1_700
    )
    if found is not None:
        tasks, watched = rows
        tasks.value, tasks.goal_text = len(found["long_ms"]), "none"
        longest = max(found["long_ms"], default=0)
        tasks.note = (
            f"{found['n_charts']} charts in view for {found['seconds']:.0f} s, "
            f"{found['drawn_per_s']:.0f} drawings a second; the longest task {longest:.0f} ms"
        )
        watched.value, watched.floor = (
            statistics.median(found[key]) for key in ("ratios", "beside")
        )
        cpu = ", ".join(f"{name} {share:.2f}" for name, share in found["cpu"].items())
        ratios = ", ".join(f"{ratio:.3f}" for ratio in found["ratios"])
        watched.note = (
            f"steps of {found['step_ms']:.2f} ms that keep one core busy; median of pairs in "
            f"turns ({ratios}); cores that are busy meanwhile: {cpu}; floor: beside a process "
            "that takes as much and does nothing"
        )
    return rows


def display(plan: Plan) -> list[Row]:
    """What it takes to show a run once."""
    cold, warm = rows = [
        Row("first_cold", f"{FIRST}; nobody asked for it before", "ms", goal=500),
        Row("first_warm", f"{FIRST}; again", "ms", goal=500),
    ]
    n_rows = plan.n(100_000)
    found = _ask(rows, "first_display", n_rows=n_rows, repeats=max(5, plan.repeats))
    if found is not None:
        cold.value, warm.value = (statistics.median(found[f"{k}_ms"]) for k in ("cold", "warm"))
        cold.note = f"{found['n']} charts are in view; the columns of the catalogue are made"
    growth = Row("growth", "what a displayed run adds to its saved notebook", "KB", goal=30)
    found = _ask([growth], "growth", n_rows=n_rows, repeats=min(3, plan.repeats))
    if found is not None:
        growth.value = statistics.median(found["bytes"]) / 1e3
        growth.peers["plotly"] = found["plotly_bytes"][0] / 1e3
        growth.note = (
            f"10 x {n_rows:,} points, saved with the state of widgets; one chart of "
            f"plotly.FigureWidget {growth.peers['plotly']:,.0f} KB"
        )
    bundle = Row("bundle", "what a page loads of the panel, gzipped", "KB", goal=150)
    found = _ask([bundle], "bundle")
    if found is not None:
        bundle.value = found["bytes"] / 1e3
        bundle.note = f"{len(found['files'])} files, each by itself"
    return [*rows, growth, bundle]


def large(plan: Plan) -> list[Row]:
    """Many points, and many charts."""
    n_rows, n_zooms = plan.n(10_000_000), plan.n(9, least=6)
    zoom = Row(
        "zoom", f"zoom into {n_rows:,} points: gesture to the last new pixels", "ms", goal=150
    )
    found = _ask([zoom], "zoom", n_rows=n_rows, n_zooms=n_zooms)
    if found is not None:
        zoom.value = statistics.median(found["ms"])
        first, last = (statistics.median(found[name]) for name in ("first_ms", "ms"))
        zoom.note = (
            f"median of {len(found['ms'])} dragged boxes from half of all rows to a few thousand, "
            f"p95 {_cut(found['ms'], 'p95'):.0f} ms; a coarse picture after {first:.0f} ms, all of "
            f"its detail after {last:.0f} ms; opened for the first time in {found['open_s']:.1f} s"
        )
    n_charts = plan.n(500)
    what = f"{n_charts} charts opened and closed: left over"
    rows = [
        Row("charts_heap", f"{what} of the page's heap", "MB", goal=20),
        Row("charts_server", f"{what} of the server's resident memory", "MB", goal=20),
        Row("charts_kernel", f"{what} of the kernel's resident memory", "MB", goal=20),
    ]
    found = _ask(rows, "opened", n_charts=n_charts)
    if found is not None:
        for row, name in zip(rows, ("heap", "server", "kernel"), strict=True):
            row.value = found[name]
        rows[0].note = (
            f"after a collection of garbage; {found['nodes']:.0f} nodes and "
            f"{found['listeners']:.0f} listeners more than before"
        )
    return [zoom, *rows]


def panel(plan: Plan) -> list[Row]:
    """The list of many runs."""
    n_runs = plan.n(10_000)
    what = PANEL.format(n=n_runs)
    rows = [
        Row("panel_open", f"{what}: opened to all rows in view", "ms", goal=500),
        Row("panel_filter", f"{what}: last key of a filter to its rows", "ms", goal=200),
        Row("panel_scroll", f"{what}: frames a second while scrolling", "frames/s"),
        Row("panel_write", f"{what}: store write to panel row changed, p95", "ms", goal=500),
    ]
    opened, filtered, scrolled, written = rows
    scrolled.goal, scrolled.goal_text, scrolled.more_is_better = 59.5, ">= 60", True
    repeats, n_writes = max(5, plan.repeats), plan.n(30, least=15)
    found = _ask(rows, "panel", n_runs=n_runs, repeats=repeats, n_writes=n_writes)
    if found is not None:
        opened.value = statistics.median(found["open_ms"])
        opened.note = f"in new pages; the first of all, which indexes the runs, {found['cold_ms'] / 1e3:.1f} s"
        filtered.value = statistics.median(found["filter_ms"])
        scrolled.value = statistics.median(found["fps"])
        late = sum(ms > 25 for ms in found["frame_ms"])
        scrolled.note = (
            f"1,800 pixels a second; {late} of {len(found['frame_ms'])} frames came after more "
            f"than 25 ms, the longest {max(found['frame_ms']):.0f} ms"
        )
        written.value = _cut(found["write_ms"], "p95")
        written.note = (
            f"median {_cut(found['write_ms'], 'p50'):.0f} ms of {n_writes} edits of the newest run"
        )
    return rows


def _cut(values: list[float], which: str) -> float:
    return statistics.quantiles(values, n=20, method="inclusive")[{"p50": 9, "p95": 18}[which]]


def _ask(rows: list[Row], task: str, *, timeout: float = 240, **arguments: Any) -> Measured | None:
    """Do a task; None, and the rows say why, if it could not be done."""
    try:
        return _run(task, timeout, arguments)
    except NotAvailableError as error:
        for row in rows:
            row.missing = str(error)
        return None


def _run(task: str, timeout: float, arguments: Measured) -> Measured:
    with scratch() as folder:
        child = subprocess.Popen(
            [
                sys.executable,
                str(HERE / "screen_work.py"),
                task,
                str(folder),
                json.dumps(arguments),
            ],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            out, err = child.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()
            raise NotAvailableError(f"{task} took more than {timeout:.0f} s") from None
        finally:
            _end(child)
    if child.returncode:
        lines = [line.strip() for line in err.splitlines() if line.strip()]
        said = [line for line in lines if "Error" in line] or lines or ["no output"]
        raise NotAvailableError(f"{task}: {said[0][:200]}")
    measured: Measured = json.loads(out.splitlines()[-1])
    return measured


def _end(child: "subprocess.Popen[str]") -> None:
    """The server's guard ends it when the task is gone, and must not be killed before."""
    if child.poll() is None:
        child.kill()
    ends_at = time.monotonic() + 30
    while members(child.pid) and time.monotonic() < ends_at:
        time.sleep(0.1)
    end_leftovers(child.pid)
