"""The rows of the table that concern a program that logs."""

import statistics
import subprocess
import sys
import time

from harness import NotAvailableError, Plan, Row, environment, measure, row, scratch
from trackers import TRACKERS

FORBIDDEN = ("numpy", "requests", "IPython", "plotly", "ipywidgets", "tornado", "pandas", "yaml")
_RSS = (
    "print([int(line.split()[1]) for line in open('/proc/self/status')"
    " if line.startswith('VmRSS')][0])"
)


def latency(plan: Plan) -> list[Row]:
    """Single calls beside the raw floor."""
    block = plan.n(1_000, least=200)
    ours, theirs = {"n_blocks": 10, "block": block}, {"n_blocks": 5, "block": plan.n(400)}
    found = measure(plan, "latency", ours, theirs)
    p50 = row(
        found,
        "p50_us",
        name="log_p50",
        what="log() of 2 metrics, p50 in the calling thread",
        unit="us",
    )
    p99 = row(
        found,
        "p99_us",
        name="log_p99",
        what="log() of 2 metrics, p99 in the calling thread",
        unit="us",
        goal=30,
    )
    mine = found["nbtracker"]
    if not isinstance(mine, str):
        p50.floor, p99.floor = mine["floor_p50_us"], mine["floor_p99_us"]
        p50.goal = 2 * mine["floor_p50_us"]
        p50.goal_text = f"<= 2 x floor = {p50.goal:.2f} us"
        p50.note = (
            f"{mine['p50_us'] / mine['floor_p50_us']:.2f} x the floor: struct.pack and one "
            f"os.write of {mine['frame']:.0f} bytes"
        )
    return [p50, p99]


def bulk(plan: Plan) -> list[Row]:
    """Many rows: how fast, and on whose CPU."""
    peer_rows = plan.n(20_000, least=2_000)
    found = measure(plan, "bulk", {"n_rows": plan.n(200_000)}, {"n_rows": peer_rows})
    cpu = row(
        found,
        "cpu_ratio",
        name="cpu",
        what="CPU of all threads and processes / of the calling thread",
        unit="x",
        goal=1.3,
    )
    mine = found["nbtracker"]
    each = {name: f"{one['cpu_us']:.1f}" for name, one in found.items() if not isinstance(one, str)}
    cpu.note = "us of CPU a row: " + ", ".join(f"{name} {us}" for name, us in each.items())
    speed = row(
        found,
        "rows_per_s",
        name="throughput",
        what=f"{plan.n(200_000):,} rows of 2 metrics, first log() to finish() returned",
        unit="rows/s",
        goal=150_000,
        more_is_better=True,
        note=f"peers: {peer_rows:,} rows",
    )
    if not isinstance(mine, str):
        speed.note = f"{mine['log_only_rows_per_s']:,.0f} rows/s without finish(); {speed.note}"
    return [cpu, speed]


def wide(plan: Plan) -> list[Row]:
    """One row of 200 metrics."""
    found = measure(plan, "wide", {"n_rows": plan.n(3_000)}, {"n_rows": plan.n(100, least=30)})
    facts = {"name": "wide", "what": "log() of 200 metrics, p50", "unit": "us", "goal": 40}
    return [row(found, "p50_us", **facts)]


def lifecycle(plan: Plan) -> list[Row]:
    """init, finish, and what a row weighs on disk."""
    n_rows = plan.n(10_000)
    found = measure(plan, "lifecycle", {"n_rows": n_rows})
    init = row(found, "init_ms", name="init", what="init()", unit="ms", goal=15)
    init.note = "the first of its process, after the import"
    what = f"finish() with {n_rows:,} rows"
    finish = row(found, "finish_ms", name="finish", what=what, unit="ms", goal=20)
    size = row(
        found,
        "bytes_per_row",
        name="bytes",
        what="bytes on disk a row of 4 metrics",
        unit="bytes",
        goal=64,
        note="everything below the tracker's folder, other files of the run included",
    )
    mine = found["nbtracker"]
    if not isinstance(mine, str):
        size.note = f"a row by itself is {mine['last_row_bytes']:.0f} bytes; counted is {size.note}"
    return [init, finish, size]


def imports(plan: Plan) -> list[Row]:
    """What an import costs, in turns with bare Python."""
    repeats = max(3, plan.repeats * 3)
    row = Row("import", "import, above bare Python", "ms", goal=60)
    modules = Row(
        "import_modules",
        f"of {', '.join(FORBIDDEN)}: imported by the tracker",
        "modules",
        goal=0,
        goal_text="none",
    )
    for tracker in plan.trackers:
        try:
            taken = import_ms(tracker, repeats if tracker == "nbtracker" else plan.repeats)
            heavy = imported(tracker)
        except NotAvailableError as error:
            if tracker == "nbtracker":
                row.missing = modules.missing = str(error)
            continue
        if tracker == "nbtracker":
            row.value, modules.value = taken, len(heavy)
            modules.note = ", ".join(heavy)
        else:
            row.peers[tracker], modules.peers[tracker] = taken, len(heavy)
    return [row, modules]


def import_ms(tracker: str, repeats: int) -> float:
    """Median over fresh processes, above the median of bare ones that ran in between."""
    with_it, bare = [], []
    _python(f"import {TRACKERS[tracker].module}")  # writes the .pyc files
    for _ in range(repeats):
        bare.append(_timed("pass"))
        with_it.append(_timed(f"import {TRACKERS[tracker].module}"))
    return (statistics.median(with_it) - statistics.median(bare)) * 1e3


def imported(tracker: str) -> list[str]:
    """Which of the forbidden modules an import brings along."""
    module = TRACKERS[tracker].module
    found = _python(f"import {module}, sys; print(*sys.modules)").split()
    return [name for name in FORBIDDEN if name in found]


def memory(plan: Plan) -> list[Row]:
    """Resident memory of an open run, and after many rows."""
    n_rows, peer_rows = plan.n(1_000_000), plan.n(20_000, least=2_000)
    found = measure(plan, "memory", {"n_rows": n_rows}, {"n_rows": peer_rows})
    bare = statistics.median(int(_python(_RSS)) * 1024 / 1e6 for _ in range(plan.repeats))
    opened = row(
        found,
        "open_mb",
        name="memory_open",
        what="resident memory of import + open run, above bare Python",
        unit="MB",
        goal=15,
    )
    opened.value = None if opened.value is None else opened.value - bare
    opened.peers = {
        name: mb if isinstance(mb, str) else mb - bare for name, mb in opened.peers.items()
    }
    others = {
        name: one["others_mb"]
        for name, one in found.items()
        if not isinstance(one, str) and one["others_mb"]
    }
    opened.note = f"bare Python {bare:.1f} MB" + "".join(
        f"; {name} has a second process of {mb:.0f} MB more" for name, mb in others.items()
    )
    more = row(
        found,
        "more_mb",
        name="memory_rows",
        what=f"resident memory after {n_rows:,} rows, above the open run",
        unit="MB",
        goal=32,
        note=f"peers: {peer_rows:,} rows",
    )
    return [opened, more]


def _timed(code: str) -> float:
    begun = time.perf_counter()
    _python(code)
    return time.perf_counter() - begun


def _python(code: str) -> str:
    with scratch() as folder:
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=environment(folder),
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise NotAvailableError((done.stderr.splitlines() or ["no output"])[-1][:200])
    return done.stdout
