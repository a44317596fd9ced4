"""Work in the background rests while a cell runs."""

import threading
import time

from nbtracker.notebook.pace import RESTRAINT, Pace


def worked(pace: Pace) -> tuple[float, float]:
    """Work for some milliseconds in small steps; how long that took, and how much of it was work."""
    pace()
    begun, cpu = time.monotonic(), time.thread_time()
    while time.thread_time() - cpu < 0.02:
        sum(range(1_000))
        pace()
    return time.monotonic() - begun, time.thread_time() - cpu


def test_work_gets_its_share_of_the_time_while_a_cell_runs() -> None:
    """It takes many times as long as it would alone."""
    took, did = worked(Pace(lambda: True))
    assert took > did * RESTRAINT * 0.5


def test_somebody_who_waits_lifts_it() -> None:
    """Also for the thread that rests at that moment."""
    pace = Pace(lambda: True)
    worker = threading.Thread(target=worked, args=(pace,))
    with pace.hurried():
        worker.start()
        worker.join(10)
    assert not worker.is_alive()
