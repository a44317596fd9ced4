"""Runs tasks in fresh processes and turns what they measured into rows of the table."""

import importlib.util
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from trackers import OFFLINE, PEERS, TRACKERS

HERE = Path(__file__).parent
Measured = dict[str, Any]


class NotAvailableError(Exception):
    """A task could not be done here; says why in one line."""


@dataclass
class Row:
    """One row of the table.

    Attributes:
        goal: What `value` must reach; None for a row that only informs.
        floor: The least this work can cost, measured in the same run.
        peers: The same work by others, in the same unit.
        missing: Why there is no value.
    """

    name: str
    what: str
    unit: str
    value: float | None = None
    goal: float | None = None
    more_is_better: bool = False
    goal_text: str = ""
    floor: float | None = None
    peers: dict[str, float | str] = field(default_factory=dict)
    note: str = ""
    missing: str = ""

    @property
    def holds(self) -> bool | None:
        """Whether the goal is reached; None if there is nothing to compare."""
        if self.value is None or self.goal is None:
            return None
        return self.value >= self.goal if self.more_is_better else self.value <= self.goal

    def as_json(self) -> dict[str, Any]:
        """What is stored of it."""
        return {**asdict(self), "holds": self.holds}


@dataclass(frozen=True)
class Plan:
    """How long to take.

    Attributes:
        repeats: Fresh processes a measurement.
        scale: What to multiply the amounts of rows and runs by.
        kills: Processes to kill, at each pace; peers get a tenth.
    """

    repeats: int = 5
    peer_repeats: int = 5
    scale: float = 1.0
    kills: int = 100
    peers: tuple[str, ...] = PEERS

    @property
    def trackers(self) -> list[str]:
        """nbtracker, and the peers that are installed."""
        found = [name for name in self.peers if importlib.util.find_spec(TRACKERS[name].module)]
        return ["nbtracker", *found]

    def repeats_of(self, tracker: str) -> int:
        """How often to measure a tracker."""
        return self.repeats if tracker == "nbtracker" else self.peer_repeats

    def n(self, amount: int, *, least: int = 100) -> int:
        """Scale an amount of rows or runs."""
        return max(least, round(amount * self.scale))


def environment(folder: Path) -> dict[str, str]:
    """An environment in which nothing of the user is read or written."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("NBTRACKER_", "WANDB_", "TRACKIO_"))
    }
    homes = {"HOME": "home", "XDG_CACHE_HOME": "cache", "XDG_DATA_HOME": "data", "TMPDIR": "tmp"}
    for name in homes.values():
        (folder / name).mkdir(parents=True, exist_ok=True)
    return (
        kept
        | OFFLINE
        | {name: str(folder / below) for name, below in homes.items()}
        | {"NBTRACKER_DIR": str(folder / "store"), "PYTHONDONTWRITEBYTECODE": ""}
    )


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="nbtracker-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def start(task: str, tracker: str, folder: Path, arguments: Measured) -> subprocess.Popen[str]:
    """Start a task in a process, and a session, of its own."""
    store = folder / "store"
    store.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, str(HERE / "work.py"), task, tracker, str(store)]
    return subprocess.Popen(
        [*command, json.dumps(arguments)],
        env=environment(folder),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def run(
    task: str, tracker: str, folder: Path, *, timeout: float = 300, **arguments: Any
) -> Measured:
    """Do a task in a fresh process.

    Raises:
        NotAvailableError: It failed; what it depends on may not be there.
    """
    child = start(task, tracker, folder, arguments)
    try:
        out, err = child.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        child.kill()
        child.communicate()
        raise NotAvailableError(f"{task} took more than {timeout:.0f} s") from None
    finally:
        end_leftovers(child.pid)
    if child.returncode:
        lines = [line for line in err.splitlines() if line.strip()]
        raise NotAvailableError(f"{task}: {(lines or ['no output'])[-1][:200]}")
    measured: Measured = json.loads(out.splitlines()[-1])
    return measured


def repeat(task: str, tracker: str, repeats: int, **arguments: Any) -> Measured:
    """Do a task in fresh processes with fresh folders; give the median of each number."""
    found = []
    for _ in range(repeats):
        with scratch() as folder:
            found.append(run(task, tracker, folder, **arguments))
    return medians(found)


def medians(found: list[Measured]) -> Measured:
    """The median of each number."""
    return {name: statistics.median(each[name] for each in found) for name in found[0]}


def end_leftovers(session: int) -> None:
    """End what a task left behind: processes of the session that `start` made, by their ids."""
    for pid in members(session):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def members(session: int) -> list[int]:
    """Process ids in a session."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(ProcessLookupError, PermissionError):
                if os.getsid(int(entry.name)) == session:
                    found.append(int(entry.name))
    return found


def measure(
    plan: Plan, task: str, arguments: Measured, peer_arguments: Measured | None = None
) -> dict[str, Measured | str]:
    """Do a task with every tracker; a text says why there is nothing."""
    found: dict[str, Measured | str] = {}
    for tracker in plan.trackers:
        given = arguments if tracker == "nbtracker" else peer_arguments or arguments
        try:
            found[tracker] = repeat(task, tracker, plan.repeats_of(tracker), **given)
        except NotAvailableError as error:
            found[tracker] = str(error)
    return found


def row(found: dict[str, Measured | str], key: str, **facts: Any) -> Row:
    """Turn one number of every tracker into a row."""
    ours = found["nbtracker"]
    peers = {
        name: each if isinstance(each, str) else each[key]
        for name, each in found.items()
        if name != "nbtracker"
    }
    if isinstance(ours, str):
        return Row(peers=peers, missing=ours, **facts)
    return Row(value=ours[key], peers=peers, **facts)
