"""A run's state: derived whenever somebody looks, so that no one must be alive to set it."""

import time
from pathlib import Path

from nbtracker.journal.liveness import Writer, seems_alive
from nbtracker.store.layout import MAIN_WRITER
from nbtracker.store.locks import Lock, boot_id, host, is_locked, probe
from nbtracker.views.run import RunView

RUNNING, FINISHED, FAILED, CRASHED = "running", "finished", "failed", "crashed"
KILLED, PREEMPTING, DAMAGED = "killed", "preempting", "damaged"
STATES = (RUNNING, FINISHED, FAILED, CRASHED, KILLED, PREEMPTING, DAMAGED)
"""All there are; a damaged run's journals cannot be read."""


def state_of(view: RunView, *, now: float | None = None) -> str:
    """Tell what has become of a run.

    Args:
        view: The run, read a moment ago.
        now: The time. Default: the clock's. Units: seconds since 1970.

    Returns:
        "running", "finished", "failed", "killed" (it was asked to stop, and did) or "crashed" (its
        writer is gone, and did not end it).
    """
    if view.ended is not None:
        if view.ended.stopped:
            return KILLED
        return FINISHED if view.ended.exit_code == 0 else FAILED
    return RUNNING if is_alive(view, now=now) else CRASHED


def runtime_now(view: RunView, *, now: float | None = None) -> float | None:
    """How long a run has gone on: until now while it does, else until its last sign of life.

    Returns:
        None if no time is known. Units: seconds.
    """
    if view.runtime is None or state_of(view, now=now) != RUNNING:
        return view.runtime
    return max(view.runtime, (time.time() if now is None else now) - view.started_at)


def is_alive(view: RunView, *, now: float | None = None) -> bool:
    """Whether the run's last writer still runs."""
    if not view.started:
        # It locks its journal first, and is read a moment before it has said what it is.
        return is_locked(view.folder.journal(MAIN_WRITER))
    last_at = max(view.heartbeat_at, view.last_at)
    return lives(view.folder.journal(MAIN_WRITER), view.started[-1], last_at, now=now)


def lives(journal: Path, writer: Writer, last_at: float, *, now: float | None = None) -> bool:
    """Whether the writer of a journal still runs.

    Args:
        journal: What it writes, and holds locked.
        writer: What it said of itself when it began.
        last_at: Its last sign of life. Units: seconds since 1970.
        now: The time. Default: the clock's. Units: seconds since 1970.
    """
    if writer.host == host() and writer.boot_id == boot_id():
        found = probe(journal)
        if found is not Lock.UNKNOWN:
            return found is Lock.HELD
    return seems_alive(writer, last_at, now=now)
