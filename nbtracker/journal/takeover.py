"""How a writer takes over a journal that may be there: nobody else's, and nothing is lost."""

import os
from pathlib import Path

from nbtracker.errors import JournalBusyError, JournalDamagedError
from nbtracker.journal.liveness import LastWriter
from nbtracker.journal.reader import JournalReader
from nbtracker.store.locks import Lock, lock


def take_over(fd: int, path: Path, *, is_open_here: bool) -> JournalReader:
    """Lock a journal, read it, and cut off a write that was cut short, but nothing else.

    Args:
        fd: The journal, open for writing.
        path: Where it is.
        is_open_here: Whether a writer of this process has it.

    Returns:
        What read it; the journal ends where this did.

    Raises:
        JournalBusyError: Another writer has it.
        JournalDamagedError: Nothing of it can be read.
        OSError: It cannot be read or cut.
    """
    found = lock(fd)
    reader, last = JournalReader(path), LastWriter()
    if found is not Lock.HELD:
        # Not to keep what is read: whoever goes on with a run reads it through a view.
        for item in reader.read():
            if found is Lock.UNKNOWN:
                last.take(item)
    no_lock_but = found is Lock.UNKNOWN and (is_open_here or last.is_other_process())
    if found is Lock.HELD or no_lock_but:
        raise JournalBusyError(
            f"{path} is being written by another process; "
            "finish that run, or begin one with another id"
        )
    if reader.end and not reader.whole_end:
        raise JournalDamagedError(
            f"{path} is no journal: nothing in its {reader.end:,} bytes can be read. "
            "It is left as it is; move it away, or begin a run with another id"
        )
    os.ftruncate(fd, reader.end)
    return reader
