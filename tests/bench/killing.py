"""Rows lost to `kill -9` of those whose `log()` had returned."""

import mmap
import os
import random
import signal
import struct
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from harness import Measured, NotAvailableError, Plan, Row, end_leftovers, members, run, scratch
from harness import start as start_task

# Seconds a process lives after its first row was acknowledged.
FULL_SPEED_LIFE = (0.02, 0.3)
SLOW_LIFE = (0.1, 1.0)
SECONDS_TO_OUTLIVE = 10.0  # for a second process that outlives the first and still writes


def rows(plan: Plan) -> list[Row]:
    """Kill at full speed and at 20 rows a second."""
    full = _row(plan, "kill_full_speed", "at full speed", 0.0, FULL_SPEED_LIFE, parallel=2)
    slow = _row(plan, "kill_20_rows_per_s", "at 20 rows/s", 0.05, SLOW_LIFE, parallel=10)
    return [full, slow]


def _row(
    plan: Plan,
    name: str,
    pace: str,
    pause: float,
    life: tuple[float, float],
    *,
    parallel: int,
) -> Row:
    row = Row(
        name=name,
        what=f"rows lost to kill -9, {pace}: the worst of all kills",
        unit="rows",
        goal=0,
        goal_text="0 rows in any kill",
    )
    for tracker in plan.trackers:
        ours = tracker == "nbtracker"
        n_kills = plan.kills if ours else max(3, plan.kills // 10)
        try:
            found = kill_many(tracker, n_kills, pause, life, parallel=parallel)
        except NotAvailableError as error:
            if ours:
                row.missing = str(error)
            else:
                row.peers[tracker] = str(error)
            continue
        if ours:
            row.value = found["worst"]
            row.note = f"{n_kills} kills, {found['acknowledged']:,} rows acknowledged, "
            row.note += f"{found['lost']} lost"
        else:
            row.peers[tracker] = found["worst"]
    row.note = f"{row.note}; peers: {max(3, plan.kills // 10)} kills each".lstrip("; ")
    return row


def kill_many(
    tracker: str, n_kills: int, pause: float, life: tuple[float, float], *, parallel: int
) -> Measured:
    """Kill this many processes, then count what is there.

    Raises:
        NotAvailableError: A process did not get as far as its first row, or the rows
            could not be read.
    """
    chance = random.Random(20)
    with scratch() as folder, ThreadPoolExecutor(parallel) as pool:
        (folder / "store").mkdir()
        lives = {f"kill{i:04}": chance.uniform(*life) for i in range(n_kills)}
        killed = pool.map(
            lambda run_id: kill_one(tracker, folder, run_id, pause, lives[run_id]), lives
        )
        acknowledged = dict(zip(lives, killed, strict=True))
        lost = run("count", tracker, folder, acknowledged=acknowledged)["lost"]
    return {
        "acknowledged": sum(acknowledged.values()),
        "lost": sum(lost.values()),
        "worst": max(lost.values()),
    }


def kill_one(tracker: str, folder: Path, run_id: str, pause: float, life: float) -> int:
    """Start a process that logs, kill it, and say how many of its calls had returned."""
    path = folder / "store" / f"{run_id}.ack"
    path.write_bytes(struct.pack("<q", -1))
    child = start_task("until_killed", tracker, folder, {"run_id": run_id, "seconds": pause})
    try:
        with path.open("r+b") as file, mmap.mmap(file.fileno(), 8) as page:
            _wait_for_first_row(child, page)
            time.sleep(life)
            others = _descendants(child)
            os.kill(child.pid, signal.SIGKILL)
            child.wait()
            (n_rows,) = struct.unpack("<q", page[:8])
        _outlive(child.pid, others)
    finally:
        child.kill()
        child.communicate()
        end_leftovers(child.pid)
    return int(n_rows)


def _wait_for_first_row(child: subprocess.Popen[str], page: mmap.mmap) -> None:
    give_up = time.monotonic() + 60
    while struct.unpack("<q", page[:8])[0] < 1:
        if child.poll() is not None:
            _, err = child.communicate()
            raise NotAvailableError(f"until_killed: {(err.splitlines() or ['ended'])[-1][:200]}")
        if time.monotonic() > give_up:
            raise NotAvailableError("until_killed: no row within 60 s")
        time.sleep(0.005)


def _descendants(child: subprocess.Popen[str]) -> list[Any]:
    import psutil

    return psutil.Process(child.pid).children(recursive=True)


def _outlive(session: int, others: list[Any]) -> None:
    """Let a tracker's second process write what it still holds, then end it."""
    import psutil

    _, alive = psutil.wait_procs(others, timeout=SECONDS_TO_OUTLIVE)
    for process in alive:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    give_up = time.monotonic() + 1
    while members(session) and time.monotonic() < give_up:
        time.sleep(0.01)
