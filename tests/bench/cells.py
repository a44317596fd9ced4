"""The rows of the table that concern the recording of cells, in real kernels.

What a tracked kernel does is compared with what the same kernel does untracked, in turns.
"""

import json
import statistics
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from harness import Plan, Row, environment, scratch

sys.path.append(str(Path(__file__).parents[1] / "notebook"))
from kernels import Kernel, kernel

N_LINES = 100_000
# About twenty seconds of them: what is done once, at a kernel's start, counts three times as much
# as in a minute.
STEPS = 6_000
LOAD = "%load_ext nbtracker"
# Callbacks of our own stand before and behind the tracker's, and note the time between.
_EMPTY = """
import queue, threading
_jobs = queue.SimpleQueue()
def _work():
    while True:
        _jobs.get().set()
threading.Thread(target=_work, daemon=True).start()
def _hand_over(*_):
    done = threading.Event()
    _jobs.put(done)
    done.wait()
_ip.events.register("pre_run_cell", _hand_over)
"""
_AROUND = """
import time, json
from IPython import get_ipython
_ip, _taken, _at = get_ipython(), [], {}
def _note(name):
    def note(*_):
        _at[name] = time.perf_counter()
    return note
_ip.events.register("pre_run_cell", _note("a")); _ip.events.register("post_run_cell", _note("c"))
"""
_BEHIND = """
def _sum_up(*_):
    if "b" in _at:
        _taken.append(_at["b"] - _at["a"] + time.perf_counter() - _at["c"])
_ip.events.register("pre_run_cell", _note("b")); _ip.events.register("post_run_cell", _sum_up)
names = {f"name_{i}": i for i in range(300)}; globals().update(names)
"""
_WORK = """
import time, math, numpy as np
_rng, _begun = np.random.default_rng(0), time.perf_counter()
_w = _rng.normal(size=(512, 512))
for _i in range({n}):
    _w = np.tanh(_w @ _w.T / 16); _loss = float(np.abs(_w).mean())
    {log}
    if _i % 100 == 0: print(_i, _loss)
print("took", time.perf_counter() - _begun)
"""
_PRINT = f"""
import time
_begun = time.perf_counter()
for _i in range({N_LINES}):
    print("a line of a training loop, number", _i)
_taken_s = time.perf_counter() - _begun
"""


def hooks(plan: Plan) -> list[Row]:
    """What a cell waits for the hooks."""
    p50, p99 = _hook_ms(plan, LOAD)
    floor = _hook_ms(plan, _EMPTY)[0]
    what = "hooks before and after a cell (300 names in the namespace)"
    note = "floor: one callback that hands an empty job to a waiting thread, and waits for it"
    return [
        Row("hooks_p50", f"{what}, p50", "ms", value=p50, goal=1, floor=floor, note=note),
        Row("hooks_p99", f"{what}, p99", "ms", value=p99, goal=5),
    ]


def _hook_ms(plan: Plan, hook: str) -> tuple[float, float]:
    """What callbacks take of a cell, p50 and p99; `hook` is the cell that registers them."""
    with _kernel() as one:
        one.run(_AROUND)
        one.run(hook)
        one.run(_BEHIND)
        for i in range(plan.n(500, least=50)):
            one.run(f"name_{i % 300} = {i}\n" + "\n".join(f"x{j} = {i}" for j in range(10)))
        said = one.run("print(json.dumps(_taken))").stdout
    cuts = statistics.quantiles([taken * 1e3 for taken in json.loads(said)], n=100)
    return cuts[49], cuts[98]


def training(plan: Plan) -> list[Row]:
    """A loop of real work, with the tracker and without, in turns."""
    n = plan.n(STEPS)

    def work(*, tracked: bool) -> float:
        log = "run.log({'loss': _loss, 'i': _i})" if tracked else "pass"
        with _kernel() as one:
            if tracked:
                one.run(LOAD)
                one.run("import nbtracker\nrun = nbtracker.init(project='p')")
            said = one.run(_WORK.format(n=n, log=log)).stdout
        return float(said.split()[-1])

    without, ratios = _in_turns(plan, work, n_pairs=9)
    row = Row("training", "a training loop of real work, with the tracker / without", "x")
    row.value, row.goal = statistics.median(ratios), 1.01
    row.note = (
        f"{n:,} steps of {without / n * 1e3:.1f} ms, one row each, on all cores; median of pairs; "
        "the same loop differs by up to a tenth from one turn to the next: "
        + ", ".join(f"{ratio:.3f}" for ratio in ratios)
    )
    return [row]


def printing(plan: Plan) -> list[Row]:
    """A cell that prints a lot, with the tracker and without, in turns."""
    kept: list[int] = []

    def work(*, tracked: bool) -> float:
        with scratch() as folder, _kernel(folder) as one:
            if tracked:
                one.run(LOAD)
            one.run(_PRINT)
            taken = float(one.run("print(_taken_s)").stdout)
            if tracked:
                one.run("%unload_ext nbtracker")
                kept.append(_n_lines(folder))
        return taken

    without, ratios = _in_turns(plan, work)
    row = Row("printing", f"a cell that prints {N_LINES:,} lines, with the tracker / without", "x")
    row.value, row.goal = statistics.median(ratios), 1.05
    row.note = f"{without * 1e6 / N_LINES:.1f} us a line without"
    lines = Row("printed", f"of {N_LINES:,} printed lines: in the record", "lines")
    lines.value, lines.goal, lines.more_is_better = min(kept), N_LINES, True
    return [row, lines]


def _in_turns(
    plan: Plan, work: Callable[..., float], n_pairs: int = 5
) -> tuple[float, list[float]]:
    """Median time without, and the ratio of with to without of each pair."""
    pairs = [(work(tracked=False), work(tracked=True)) for _ in range(max(plan.repeats, n_pairs))]
    without = statistics.median(one for one, _ in pairs)
    return without, [with_it / one for one, with_it in pairs]


def _n_lines(folder: Path) -> int:
    from nbtracker.store.layout import Store
    from nbtracker.store.sessions import session_folders
    from nbtracker.views.outputs import outputs_of

    (session,) = session_folders(Store(folder / "store"))
    text = "".join(one.get("text", "") for one in outputs_of(session, 2))
    return sum(line.startswith("a line of a training loop") for line in text.splitlines())


@contextmanager
def _kernel(folder: Path | None = None) -> Iterator[Kernel]:
    """A kernel of the tests, in an environment of the bench."""
    with ExitStack() as stack:
        place = folder or stack.enter_context(scratch())
        yield stack.enter_context(kernel(environment(place) | {"NBTRACKER_QUIET": "1"}))
