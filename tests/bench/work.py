"""What one fresh process does: `python work.py TASK TRACKER FOLDER JSON`.

Prints its measurements as one line of JSON, the last line of its output.
"""

import json
import mmap
import os
import resource
import statistics
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from trackers import TRACKERS, NbTracker, Tracker

Measured = dict[str, Any]


def latency(tracker: Tracker, n_blocks: int, block: int) -> Measured:
    """Time single calls, in blocks that take turns with the raw floor."""
    tracker.load()
    tracker.open("latency")
    log, clock = tracker.log, time.perf_counter_ns
    for step in range(block):
        log({"loss": 1.0 / (step + 1), "acc": step * 0.5}, step=step)
    floor = _Floor(tracker.folder, _frame_size(tracker, log, block))
    calls, writes, step = [], [], 2 * block
    for _ in range(n_blocks):
        for _ in range(block):
            loss, acc = 1.0 / (step + 1), step * 0.5
            begun = clock()
            log({"loss": loss, "acc": acc}, step=step)
            calls.append(clock() - begun)
            step += 1
        writes += floor.block(block)
    tracker.finish()
    return {**_percentiles(calls, ""), **_percentiles(writes, "floor_"), "frame": floor.size}


class _Floor:
    """What a row costs at least: pack the numbers, write one frame of the same size."""

    def __init__(self, folder: Path, size: int) -> None:
        self.pack = struct.Struct(f"<dqdd{max(0, size - 32)}x").pack
        self.size = max(size, 32)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        self.fd = os.open(folder / "floor", flags, 0o600)

    def block(self, n: int) -> list[int]:
        pack, fd, write, clock = self.pack, self.fd, os.write, time.perf_counter_ns
        now, taken = time.time(), []
        for step in range(n):
            loss, acc = 1.0 / (step + 1), step * 0.5
            begun = clock()
            write(fd, pack(now, step, loss, acc))
            taken.append(clock() - begun)
        return taken


def _frame_size(tracker: Tracker, log: Callable[..., Any], block: int) -> int:
    before = _bytes_below(tracker.folder)
    for step in range(block, 2 * block):
        log({"loss": 1.0 / (step + 1), "acc": step * 0.5}, step=step)
    return round((_bytes_below(tracker.folder) - before) / block)


def bulk(tracker: Tracker, n_rows: int) -> Measured:
    """Log as fast as it goes: rows a second, and who spends the CPU."""
    tracker.load()
    tracker.open("bulk")
    log = tracker.log
    everyone, caller, begun = _cpu_of_everyone(), time.thread_time(), time.perf_counter()
    for step in range(n_rows):
        log({"loss": 1.0 / (step + 1), "acc": step * 0.5}, step=step)
    logged = time.perf_counter()
    tracker.finish()
    ended = time.perf_counter()
    caller, everyone = time.thread_time() - caller, _cpu_of_everyone() - everyone
    return {
        "rows_per_s": n_rows / (ended - begun),
        "log_only_rows_per_s": n_rows / (logged - begun),
        "cpu_ratio": everyone / caller,
        "cpu_us": everyone / n_rows * 1e6,
    }


def wide(tracker: Tracker, n_rows: int, n_metrics: int = 200) -> Measured:
    """One row of many metrics."""
    tracker.load()
    tracker.open("wide")
    log, clock, names = tracker.log, time.perf_counter_ns, [f"m{i:03}" for i in range(n_metrics)]
    taken = []
    for step in range(n_rows):
        values = {name: step + i * 0.25 for i, name in enumerate(names)}
        begun = clock()
        log(values, step=step)
        taken.append(clock() - begun)
    tracker.finish()
    return _percentiles(taken, "")


def lifecycle(tracker: Tracker, n_rows: int) -> Measured:
    """Time `init` and `finish` around some rows, and weigh a row of four metrics."""
    tracker.load()
    begun = time.perf_counter()
    tracker.open("lifecycle")
    opened = time.perf_counter()
    size = _bytes_below(tracker.folder)
    for i in range(n_rows):
        values = {"loss": 1.0 / (i + 1), "acc": i * 0.5, "lr": 1e-3, "norm": i * 0.1}
        tracker.log(values, step=i)
    before_last = _bytes_below(tracker.folder)
    tracker.log(values, step=n_rows)
    last_row = _bytes_below(tracker.folder) - before_last
    finishing = time.perf_counter()
    tracker.finish()
    finished = time.perf_counter()
    return {
        "last_row_bytes": last_row,
        "init_ms": (opened - begun) * 1e3,
        "finish_ms": (finished - finishing) * 1e3,
        "bytes_per_row": (_bytes_below(tracker.folder) - size) / (n_rows + 1),
    }


def memory(tracker: Tracker, n_rows: int) -> Measured:
    """Weigh this process, and those it started, when a run is open and after many rows."""
    tracker.load()
    tracker.open("memory")
    log = tracker.log
    log({"loss": 1.0, "acc": 0.5}, step=0)
    opened = _resident()
    for step in range(1, n_rows):
        log({"loss": 1.0 / (step + 1), "acc": step * 0.5}, step=step)
    logged = _resident()
    others = sum(child.memory_info().rss for child in _children()) / 1e6
    tracker.finish()
    return {"open_mb": opened, "more_mb": logged - opened, "others_mb": others}


def until_killed(tracker: Tracker, run_id: str, seconds: float) -> Measured:
    """Log for ever; a shared page says how many calls returned."""
    with (tracker.folder / f"{run_id}.ack").open("r+b") as file:
        page = mmap.mmap(file.fileno(), 8)
    tracker.load()
    tracker.open(run_id)
    log, step = tracker.log, 0
    struct.pack_into("<q", page, 0, 0)
    while True:
        log({"loss": 1.0 / (step + 1), "acc": step * 0.5}, step=step)
        step += 1
        struct.pack_into("<q", page, 0, step)
        if seconds:
            time.sleep(seconds)


def count(tracker: Tracker, acknowledged: dict[str, int]) -> Measured:
    """Say how many acknowledged rows of each run are not there, or not right."""
    tracker.load()
    lost = {}
    for run_id, n_rows in acknowledged.items():
        right = {
            step
            for step, values in tracker.rows(run_id)
            if step < n_rows and _is_right(step, values)
        }
        lost[run_id] = n_rows - len(right)
    return {"lost": lost}


def _is_right(step: int, values: dict[str, float]) -> bool:
    wanted = {"loss": 1.0 / (step + 1), "acc": step * 0.5}
    # tensorboardX keeps float32.
    return all(
        abs(values.get(name, float("nan")) - value) <= 1e-6 * abs(value)
        for name, value in wanted.items()
    )


def _percentiles(taken_ns: list[int], prefix: str) -> Measured:
    cuts = statistics.quantiles(taken_ns, n=100)
    return {f"{prefix}p50_us": cuts[49] / 1e3, f"{prefix}p99_us": cuts[98] / 1e3}


def _bytes_below(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _resident() -> float:
    """Units: MB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise OSError("/proc/self/status has no VmRSS")


def _children() -> list[Any]:
    import psutil

    return psutil.Process().children(recursive=True)


def _cpu_of_everyone() -> float:
    """CPU of all threads of this process and of all processes it started. Units: s."""
    reaped = resource.getrusage(resource.RUSAGE_CHILDREN)
    living = [child.cpu_times() for child in _children()]
    return (
        time.process_time()
        + reaped.ru_utime
        + reaped.ru_stime
        + sum(times.user + times.system for times in living)
    )


TASKS: dict[str, Callable[..., Measured]] = {
    task.__name__: task for task in (latency, bulk, wide, lifecycle, memory, until_killed, count)
}


def main() -> None:
    task, name, folder, arguments = sys.argv[1:]
    if task not in TASKS:
        import reading_work

        TASKS.update(reading_work.TASKS)
    tracker = TRACKERS.get(name, NbTracker)(Path(folder))
    print("\n" + json.dumps(TASKS[task](tracker, **json.loads(arguments))))


if __name__ == "__main__":
    main()
