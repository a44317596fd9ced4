"""Times of records, which say in what order they are read."""

import time


def moment_after(last_at: float) -> float:
    """A time that sorts a record behind all that was read, even where a clock went back.

    Args:
        last_at: The latest time that was read. Units: seconds since 1970.
    """
    now = time.time()
    return now if now > last_at else last_at + 0.001
