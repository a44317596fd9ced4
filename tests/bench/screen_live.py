"""A loop that logs while its page looks on, measured from both sides."""

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from screen_pages import PROJECT, WRITE, Notebook, Screen, cpu_s

Measured = dict[str, Any]
BLOCK = 50
# What opening a page costs is over by then.
SETTLE_MS = 1_500
MAKE = (
    WRITE
    + """
import math, time, os, nbtracker
names = [f"part{{i // 5}}/metric{{i}}" for i in range({n_metrics})]
run = nbtracker.init(project="{project}", id="live")
def work(n):
    total = 0.0
    for i in range(n):
        total += math.sin(i)
    return total
def log(step):
    run.log({{name: math.sin(step / 5e3 * (i + 1)) + step % 97 / 500 for i, name in enumerate(names)}})
for step in range({n}):
    log(step)
run.display(height={height})
"""
)
# As much work a step as makes a thousand steps a second, where nothing else happens.
LOOP = """
taken = []
for _ in range(5):
    begun = time.perf_counter()
    work(20_000); [log(step) for step in range(step + 1, step + 21)]; step += 20
    taken.append(time.perf_counter() - begun)
n = int(20_000 * 0.02 / sorted(taken)[2] / 20)
blocks = []
while not os.path.exists("stop"):
    begun = time.time()
    for _ in range({block}):
        work(n)
        step += 1
        log(step)
    blocks.append((begun, time.time()))
write("blocks.json", blocks)
run.finish()
"""


# Keeps a share of a core busy, in bursts as short as those of a page that draws.
NEIGHBOUR = """
import sys, time
share = float(sys.argv[1])
while True:
    until = time.perf_counter() + 0.01 * share
    while time.perf_counter() < until:
        pass
    time.sleep(0.01 * (1 - share))
"""


def live(
    on: Screen, n_before: int, n_metrics: int, phase_s: float, n_pairs: int, height: int
) -> Measured:
    """Log 1,000 rows a second, with the page open, closed, and beside any busy process in turns."""
    make = MAKE.format(project=PROJECT, n=n_before, n_metrics=n_metrics, height=height - 200)
    seen: list[Measured] = []
    is_closed, beside = [], []
    with on.page([make, LOOP.format(block=BLOCK)], height) as notebook:
        notebook.run(0)
        n_charts = notebook.wait_for_curves()
        notebook.save()
        address = notebook.page.url
        notebook.begin(1)
        for i in range(n_pairs):
            if i:
                notebook.page.goto(address)
                notebook.wait_for_curves()
            seen.append(_watch(on, notebook, phase_s))
            notebook.page.goto("about:blank")
            is_closed.append(_phase(notebook, phase_s))
            with _neighbour(min(0.95, sum(seen[-1]["cpu"].values()))):
                beside.append(_phase(notebook, phase_s))
        notebook.path.with_name("stop").touch()
        blocks = notebook.read("blocks.json")
    took = [
        (_step_ms(blocks, one["phase"]), _step_ms(blocks, other), _step_ms(blocks, third))
        for one, other, third in zip(seen, is_closed, beside, strict=True)
    ]
    return {
        "n_charts": n_charts,
        "drawn_per_s": statistics.median(one["drawn_per_s"] for one in seen),
        "seconds": phase_s * n_pairs,
        "long_ms": [ms for one in seen for ms in one["long_ms"]],
        "ratios": [one / other for one, other, _ in took],
        "beside": [third / other for _, other, third in took],
        "cpu": {
            name: statistics.median(one["cpu"][name] for one in seen) for name in seen[0]["cpu"]
        },
        "step_ms": statistics.median(other for _, other, _ in took),
    }


N_DRAWN = (
    "() => [...document.querySelectorAll('.nbt-run canvas')]"
    ".reduce((n, canvas) => n + (canvas.nDrawn ?? 0), 0)"
)


def _watch(on: Screen, notebook: Notebook, phase_s: float) -> Measured:
    """What the page does in a phase, and whose CPU it takes."""
    page = notebook.page
    page.wait_for_timeout(SETTLE_MS)
    before, drawn = cpu_s(on.server), page.evaluate(N_DRAWN)
    begun, ended = phase = _phase(notebook, phase_s, settle_ms=0)
    after, drawn = cpu_s(on.server), page.evaluate(N_DRAWN) - drawn
    long = page.evaluate("() => window.probes.longTasks")
    return {
        "phase": phase,
        "cpu": {name: (after[name] - before[name]) / (ended - begun) for name in after},
        "drawn_per_s": drawn / (ended - begun),
        "long_ms": [one["ms"] for one in long if begun * 1e3 <= one["at"] <= ended * 1e3],
    }


@contextmanager
def _neighbour(share: float) -> Iterator[None]:
    """A process that has nothing to do with anything and takes a share of a core."""
    process = subprocess.Popen([sys.executable, "-c", NEIGHBOUR, str(share)])
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _phase(notebook: Notebook, phase_s: float, settle_ms: float = SETTLE_MS) -> tuple[float, float]:
    notebook.page.wait_for_timeout(settle_ms)
    begun = time.time()
    notebook.page.wait_for_timeout(phase_s * 1e3)
    return begun, time.time()


def _step_ms(blocks: list[tuple[float, float]], within: tuple[float, float]) -> float:
    begun, ended = within
    took = [stop - start for start, stop in blocks if begun <= start and stop <= ended]
    return statistics.mean(took) / BLOCK * 1e3
