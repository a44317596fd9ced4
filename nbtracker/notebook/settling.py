"""Wait until what a cell showed is in the record: its code is about to be kept with it."""

import sys
import time

from nbtracker.errors import attempt
from nbtracker.notebook.session import Session, recorder
from nbtracker.store.sessions import SessionFolder
from nbtracker.views.outputs import outputs_of
from nbtracker.views.session import session_of

# Between two looks, and in all. Units: seconds.
REST_S, PATIENCE_S = 0.02, 1.0


def settle(execution: str | None, error: BaseException | None) -> None:
    """Return when nothing more comes of an execution that has ended, or after a while.

    Args:
        execution: Its id.
        error: What it failed with, which will be among what it showed.
    """
    session, place = recorder(), session_of(execution)
    if session is None or session.paused or place is None or place[0] != session.id:
        return
    for stream in (sys.stdout, sys.stderr):
        attempt(stream.flush, lambda: None)
    until = time.monotonic() + PATIENCE_S
    before: object = None
    while time.monotonic() < until:
        _write(session, place[1])
        now = _sizes(session.folder, place[1])
        if now == before and (error is None or _has_error(session.folder, place[1])):
            return
        before = now
        time.sleep(REST_S)


def _write(session: Session, number: int) -> None:
    def work() -> None:
        session.writer.catch_up()
        session.outputs.store.flush(number)

    session.writer.hand_over(work, patience_s=PATIENCE_S)


def _sizes(folder: SessionFolder, number: int) -> dict[str, int]:
    place = folder.outputs(number)
    return {one.name: one.stat().st_size for one in place.iterdir()} if place.is_dir() else {}


def _has_error(folder: SessionFolder, number: int) -> bool:
    return any(one["output_type"] == "error" for one in outputs_of(folder, number))
