"""The open file of a journal: whole frames at its end, and nothing in any other file.

A program may close every file it did not open itself, as recipes for daemons do. The number
of a journal may then be given to a file of the user's, which must not be cut or closed, and
written as little as can be.
"""

import errno
import os
from contextlib import suppress
from pathlib import Path

from nbtracker.errors import JournalError
from nbtracker.journal.forks import OPEN
from nbtracker.journal.frames import TITLE, TITLE_PAYLOAD, head, seal
from nbtracker.journal.reader import JournalReader
from nbtracker.journal.takeover import take_over
from nbtracker.store.layout import PRIVATE_FILE

_OPEN = (
    os.O_RDWR | os.O_APPEND
    | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
)  # fmt: skip
# Numbers that no file has: we closed it, or somebody else did. A write to them fails.
CLOSED, ASTRAY = -1, -2
# A file that is opened gets the lowest free number; few programs have this many open.
_HIGH = 768


class HeldJournal:
    """A journal that this process, and no other, has open for writing.

    Attributes:
        path: Where it is.
        reader: What stood in the journal before, already read to its end.

    Raises:
        JournalBusyError: Another writer holds the journal.
        JournalDamagedError: The file is no journal, or nothing of it can be read.
        OSError: The file cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd = self._open(os.O_CREAT)
        try:
            found = os.fstat(self._fd)
            self._identity = found.st_dev, found.st_ino
            self.reader = self._take_over()
        except BaseException:
            os.close(self._fd)
            self._fd = CLOSED
            raise

    @property
    def end(self) -> int:
        """Where the journal ends. Units: bytes."""
        return self._end

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be added any more."""
        return self._fd == CLOSED

    def _open(self, create: int = 0) -> int:
        return _moved_up(os.open(self.path, _OPEN | create, PRIVATE_FILE))

    def _take_over(self) -> JournalReader:
        others = [one for one in list(OPEN) if isinstance(one, HeldJournal) and one is not self]
        opened = any(one.path == self.path and not one.is_closed for one in others)
        reader = take_over(self._fd, self.path, is_open_here=opened)
        self._end = reader.end
        if self._end == 0 or self._end != reader.whole_end:
            # Behind damage too: from here on, a reader can tell a torn tail from more of it.
            self._put(head(TITLE, TITLE_PAYLOAD))
        return reader

    def _take_back(self) -> int:
        """Open the journal again, which somebody else closed; return how many bytes it lacks.

        Raises:
            OSError: It is gone, or another process has it, or it cannot be opened.
        """
        end, self._fd = self._end, self._open()
        try:
            if not self._is_held():
                raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
            self._take_over()
        except BaseException as error:
            os.close(self._fd)
            self._fd, self._end = ASTRAY, end
            if isinstance(error, JournalError):
                raise OSError(errno.EBUSY, os.strerror(errno.EBUSY)) from error
            raise
        return end - self._end

    def _is_held(self) -> bool:
        """Whether the number still names the journal; if nobody can say, it does."""
        try:
            found = os.fstat(self._fd)
        except OSError as error:
            return error.errno != errno.EBADF
        return (found.st_dev, found.st_ino) == self._identity

    def _look_after(self) -> None:
        """Give the number up if somebody else closed the file."""
        if self._fd != CLOSED and not self._is_held():
            self._fd = ASTRAY

    def _let_go(self) -> int:
        """Return what is to be closed: the journal, and nothing else that has its number."""
        self._look_after()
        fd, self._fd = self._fd, CLOSED
        return CLOSED if fd == ASTRAY else fd

    def _put(self, body: bytes) -> None:
        """Write one frame whole, or leave the journal as it was."""
        self._look_after()
        frame, start = seal(body, self._end), self._end
        try:
            done = 0
            while done < len(frame):
                n_written = os.write(self._fd, frame[done:])
                if not n_written:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                done += n_written
            self._end = start + done
        except BaseException:
            self._settle(start, len(frame))
            raise

    def _settle(self, start: int, size: int) -> bool:
        """Cut a half-written frame off; return whether it is there whole."""
        self._look_after()
        try:
            whole = os.fstat(self._fd).st_size >= start + size
            if not whole:
                os.ftruncate(self._fd, start)
        except OSError:
            return False
        self._end = start + size if whole else start
        return whole


def _moved_up(fd: int) -> int:
    """Give an open file a number that no other file will soon get."""
    try:
        import fcntl

        most = os.sysconf("SC_OPEN_MAX")
        lowest = min(_HIGH, most * 3 // 4) if most > 0 else _HIGH
        high = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, lowest)
    except (ImportError, OSError, ValueError):
        return fd
    with suppress(OSError):
        os.close(fd)
    return high
