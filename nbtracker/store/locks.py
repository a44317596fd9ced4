"""Who is writing a file: an operating-system lock that no crash leaves behind.

The lock is `flock` on the journal itself (on Windows, a byte range far behind its end).
It ends with the process, however that ends, so a reader can tell a running writer from a
dead one without anybody cleaning up.
"""

import enum
import errno
import functools
import os
import sys
import time
from pathlib import Path

# Behind any byte a journal will ever have; Windows locks are mandatory where they lie.
_FAR = 1 << 62
_REFUSED = (errno.EAGAIN, errno.EACCES, errno.EWOULDBLOCK)


class Lock(enum.Enum):
    """What the operating system says of a file's lock."""

    HELD = "a living process holds it"
    FREE = "nobody holds it"
    UNKNOWN = "this file system has no locks, or the file cannot be asked"


def lock(fd: int, *, patience_s: float = 0.2) -> Lock:
    """Take the writer's lock on an open file.

    Args:
        fd: A file descriptor; the lock goes when it, and all its copies, are closed.
        patience_s: How long to try: a reader that looks at the lock holds it for an instant.

    Returns:
        `FREE` if it was, and now is the caller's; `HELD` if another writer has it.
    """
    until = time.monotonic() + patience_s
    while (found := _try_lock(fd, shared=False)) is Lock.HELD:
        if time.monotonic() >= until:
            break
        time.sleep(0.005)
    return found


def probe(path: Path) -> Lock:
    """Look whether somebody writes the file at `path`; nothing is taken."""
    try:
        fd = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except FileNotFoundError:
        return Lock.FREE
    except OSError:
        return Lock.UNKNOWN
    try:
        return _try_lock(fd, shared=True)
    finally:
        os.close(fd)


def is_locked(path: Path) -> bool:
    """Whether it is certain that a process on this machine is writing the file at `path`."""
    return probe(path) is Lock.HELD


if sys.platform == "win32":

    def _try_lock(fd: int, *, shared: bool) -> Lock:
        import msvcrt

        del shared
        os.lseek(fd, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            return Lock.HELD if error.errno in _REFUSED else Lock.UNKNOWN
        return Lock.FREE

else:

    def _try_lock(fd: int, *, shared: bool) -> Lock:
        import fcntl

        try:
            fcntl.flock(fd, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except OSError as error:
            return Lock.HELD if error.errno in _REFUSED else Lock.UNKNOWN
        return Lock.FREE


@functools.cache
def host() -> str:
    """This machine's name."""
    if hasattr(os, "uname"):
        return os.uname().nodename
    import platform

    return platform.node()


@functools.cache
def boot_id() -> str:
    """What changes when this machine is started anew; empty where it is not known."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def process_started_at(pid: int) -> float:
    """When a process started, in the kernel's clock ticks since boot; 0 if not known.

    A process id is used again; id and start together are not.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        # The name in parentheses may hold anything; the 22nd field counts from behind it.
        return float(stat.rpartition(")")[2].split()[19])
    except (OSError, ValueError, IndexError):
        return 0.0


def is_process(pid: int, started_at: float) -> bool | None:
    """Whether the process that began as `started_at` tells is there; None if nobody can say.

    Args:
        pid: Its id, which another process may have by now.
        started_at: What `process_started_at` gave it.
    """
    if started_at and process_started_at(os.getpid()):
        return process_started_at(pid) == started_at
    if sys.platform == "win32" or pid <= 0:
        return None  # on Windows, signal 0 is Ctrl-C
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return None
    return None  # somebody has this id
