"""Tasks in a real JupyterLab and Chromium: `python screen_work.py TASK FOLDER ARGUMENTS`.

Each is a process of its own, so that whoever started it can end it. It prints what it measured.
"""

import json
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from screen_live import live
from screen_pages import PROJECT, WRITE, Notebook, Screen, kernel_pids, rss_mb, screen, server_pid
from screen_panel import panel
from screen_runs import make_long, make_wide

Measured = dict[str, Any]
N_METRICS = 10
START = (
    WRITE
    + """
import random, time, nbtracker
run = nbtracker.init(project="{project}", id="{id}")
for i in range({n}):
    run.log({{"loss": i / {n}}})
run.display()
"""
)
# Each point is higher than all before it, so that the whole picture changes with it.
LOGS = """
marks = []
for i in range({n}):
    time.sleep(random.uniform(0.2, 0.35))
    marks.append(time.time() * 1e3)
    run.log({{"loss": 2.0 + i}})
time.sleep(1)
write("marks.json", marks)
run.finish()
"""
FIGURE = (
    WRITE
    + """
import random, time
import plotly.graph_objects as go
xs = list(range({n}))
ys = [i / {n} for i in xs]
figure = go.FigureWidget(go.Scatter(x=xs, y=ys))
figure
"""
)
FIGURE_LOGS = """
marks = []
for i in range({n}):
    time.sleep(random.uniform(0.4, 0.6))
    marks.append(time.time() * 1e3)
    xs.append(len(xs)); ys.append(2.0 + i)
    with figure.batch_update():
        figure.data[0].x, figure.data[0].y = xs, ys
time.sleep(1)
write("marks.json", marks)
"""
WATCH = "() => { window.watched = window.probes.watchCanvas(document.querySelector('.nbt-run canvas')); }"
WATCH_PATHS = "() => { window.watched = window.probes.watchPaths(document.querySelector('.js-plotly-plot')); }"


def latency(on: Screen, n_points: int, n_logs: int) -> Measured:
    """From each `log()` of a long run until its picture has changed."""
    start = START.format(project=PROJECT, id="latency", n=n_points)
    with on.page([start, LOGS.format(n=n_logs)]) as notebook:
        notebook.run(0)
        notebook.wait_for_curves()
        return {"ms": _delays(notebook, WATCH, n_logs)}


def latency_plotly(on: Screen, n_points: int, n_logs: int) -> Measured:
    """The same with the field's live figure, which is sent all points each time."""
    cells = [FIGURE.format(n=n_points), FIGURE_LOGS.format(n=n_logs)]
    with on.page(cells) as notebook:
        notebook.run(0)
        notebook.page.wait_for_selector(".js-plotly-plot path.js-line")
        notebook.page.wait_for_timeout(1000)
        return {"ms": _delays(notebook, WATCH_PATHS, n_logs)}


def _delays(notebook: Notebook, watch: str, n_logs: int) -> list[float]:
    notebook.page.wait_for_timeout(1000)
    notebook.page.evaluate(watch)
    notebook.begin(1)
    marks = notebook.read("marks.json", n_logs + 30)
    changes = notebook.page.evaluate(
        "() => { window.watched.stop(); return window.watched.changes; }"
    )
    # A point that is never drawn by itself comes with a later one.
    return [next((at - mark for at in changes if at > mark), 60_000.0) for mark in marks]


def first_display(on: Screen, n_rows: int, repeats: int) -> Measured:
    """From a cell's output until all charts in view are drawn: runs nobody asked for, and again."""
    store = on.server.folder / "store"
    names = [f"first{i}" for i in range(repeats + 1)]
    for name in names:
        make_wide(store, name, n_rows, N_METRICS)
    with on.page(["pass"]) as notebook:
        # The first of a page loads the panel's own script.
        _show_once(notebook, names.pop())
        cold = [_show_once(notebook, name) for name in names]
        warm = [_show_once(notebook, name) for name in names]
    return {"cold_ms": [ms for ms, _ in cold], "warm_ms": [ms for ms, _ in warm], "n": cold[0][1]}


def _show_once(notebook: Notebook, run: str, height: int = 420) -> tuple[float, int]:
    found = notebook.show(run, height)
    notebook.page.wait_for_timeout(300)
    notebook.clear()
    notebook.page.wait_for_timeout(300)
    return found


def growth(on: Screen, n_rows: int, repeats: int) -> Measured:
    """How many bytes a displayed run adds to its notebook, as the user saves it."""
    names = ", ".join(f'"part{i // 5}/metric{i}": i / (step + 1)' for i in range(N_METRICS))
    code = (
        f'import nbtracker\nrun = nbtracker.init(project="{PROJECT}", config={{"lr": 0.1}})\n'
        f"for step in range({n_rows}):\n    i = step % 7\n    run.log({{{names}}})\nrun.finish()"
    )
    figure = (
        f"import plotly.graph_objects as go\ngo.FigureWidget(go.Scatter(y=list(range({n_rows}))))"
    )
    added, theirs = [], []
    for _ in range(repeats):
        with on.page([code, "run.display()", "None"]) as notebook:
            notebook.run(0)
            before = notebook.save()
            notebook.run(1)
            notebook.wait_for_curves()
            added.append(notebook.save() - before)
    with on.page([figure]) as notebook:
        before = notebook.save()
        notebook.run(0)
        notebook.page.wait_for_selector(".js-plotly-plot .main-svg")
        theirs.append(notebook.save() - before)
    return {"bytes": added, "plotly_bytes": theirs}


def bundle(on: Screen) -> Measured:
    """The files of the panel that a page loads, one by one gzipped."""
    import gzip

    make_wide(on.server.folder / "store", "bundle", 1_000, 2)
    found: dict[str, bytes] = {}
    with on.page(["pass"]) as notebook:
        page = notebook.page

        def take(answer: Any) -> None:
            if "/extensions/nbtracker/static/" in answer.url and answer.status == 200:
                found[answer.url.partition("?")[0]] = answer.body()

        page.on("response", take)
        page.reload()
        page.wait_for_selector(".jp-Notebook .jp-Cell")
        page.wait_for_timeout(1000)
        notebook.show("bundle")
        page.evaluate("() => window.jupyterapp.shell.activateById('nbtracker-panel')")
        page.wait_for_timeout(1000)
    sizes = {url.rpartition("/")[2]: len(gzip.compress(body, 9)) for url, body in found.items()}
    return {"bytes": sum(sizes.values()), "files": sizes}


def zoom(on: Screen, n_rows: int, n_zooms: int) -> Measured:
    """From the end of a dragged box until the last picture that it leads to."""
    make_long(on.server.folder / "store", "long", n_rows)
    rng = random.Random(7)
    begun = time.perf_counter()
    with on.page(["pass"]) as notebook:
        page = notebook.page
        notebook.show("long")
        first_s = time.perf_counter() - begun
        page.wait_for_timeout(1000)
        page.evaluate(WATCH)
        page.evaluate(
            "() => document.addEventListener('mouseup', event => {"
            " window.released = performance.timeOrigin + event.timeStamp; }, true)"
        )
        box = page.locator(".nbt-run .u-over").first.bounding_box()
        assert box is not None
        found = []
        for i in range(n_zooms):
            # From half of the rows to a few thousand of them: dragged again into what was dragged.
            share = (0.5, 0.13, 0.031)[i % 3]
            for _ in range(1 + (i // 3) % 2):
                at = box["x"] + box["width"] * rng.uniform(0.05, 0.95 - share)
                found.append(_drag(notebook, at, at + share * box["width"], box["y"] + 60))
            page.mouse.dblclick(box["x"] + box["width"] / 2, box["y"] + 60)
            page.wait_for_timeout(500)
    return {
        "ms": [last for _, last in found],
        "first_ms": [first for first, _ in found],
        "open_s": first_s,
    }


def _drag(notebook: Notebook, left: float, right: float, y: float) -> tuple[float, float]:
    page = notebook.page
    page.evaluate("() => { window.watched.changes.length = 0; }")
    page.mouse.move(left, y)
    page.mouse.down()
    page.mouse.move((left + right) / 2, y)
    page.mouse.move(right, y)
    page.mouse.up()
    page.wait_for_timeout(700)
    released, changes = page.evaluate("() => [window.released, window.watched.changes]")
    later = [at - released for at in changes if at > released]
    if not later:
        raise AssertionError("a dragged box changed nothing")
    return later[0], later[-1]


def opened(on: Screen, n_charts: int) -> Measured:
    """Memory of all three after many charts were opened and closed."""
    make_wide(on.server.folder / "store", "opened", 20_000, N_METRICS)
    cell = f'import nbtracker\nnbtracker.Api().run("{PROJECT}/opened").display(height=1500)'
    with on.page([cell], height=1700) as notebook:
        cdp = notebook.cdp()
        cdp.send("Performance.enable")
        (kernel,) = kernel_pids(on.server)
        n_opened = 0

        def open_and_close() -> int:
            notebook.run(0)
            n = notebook.wait_for_curves()
            notebook.clear()
            return n

        def memory() -> dict[str, float]:
            notebook.page.wait_for_timeout(1500)
            for _ in range(3):
                cdp.send("HeapProfiler.collectGarbage")
            said = {
                one["name"]: one["value"] for one in cdp.send("Performance.getMetrics")["metrics"]
            }
            return {
                "heap": said["JSHeapUsedSize"] / 1e6, "nodes": said["Nodes"],
                "listeners": said["JSEventListeners"],
                "server": rss_mb(server_pid(on.server)), "kernel": rss_mb(kernel),
            }  # fmt: skip

        for _ in range(5):
            open_and_close()
        before = memory()
        while n_opened < n_charts:
            n_opened += open_and_close()
        after = memory()
    return {"n": n_opened, **{name: after[name] - before[name] for name in after}}


TASKS: dict[str, Callable[..., Measured]] = {
    task.__name__: task
    for task in (latency, latency_plotly, first_display, growth, bundle, zoom, opened, live, panel)
}


def main() -> None:
    task, folder, arguments = sys.argv[1:]
    with screen(Path(folder)) as on:
        found = TASKS[task](on, **json.loads(arguments))
    print("\n" + json.dumps(found))


if __name__ == "__main__":
    main()
