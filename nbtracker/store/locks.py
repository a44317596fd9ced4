"""Who is writing a file: an operating-system lock that no crash leaves behind.

The lock is `flock` on the journal itself (on Windows, a byte range far behind its end).
It ends with the process, however that ends, so a reader can tell a running writer from a
dead one without anybody cleaning up.
"""

import errno
import functools
import os
import sys
import time
from pathlib import Path

# Behind any byte a journal will ever have; Windows locks are mandatory where they lie.
_FAR = 1 << 62
_REFUSED = (errno.EAGAIN, errno.EACCES, errno.EWOULDBLOCK)


def lock(fd: int, *, patience_s: float = 0.2) -> bool:
    """Take the writer's lock on an open file; False if another writer holds it.

    Args:
        fd: A file descriptor; the lock goes when it, and all its copies, are closed.
        patience_s: How long to try: a reader that looks at the lock holds it for an instant.
    """
    until = time.monotonic() + patience_s
    while not _try_lock(fd, shared=False):
        if time.monotonic() >= until:
            return False
        time.sleep(0.005)
    return True


def is_locked(path: Path) -> bool:
    """Whether a living process on this machine is writing the file at `path`."""
    try:
        fd = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return False
    try:
        return not _try_lock(fd, shared=True)
    finally:
        os.close(fd)


if sys.platform == "win32":

    def _try_lock(fd: int, *, shared: bool) -> bool:
        import msvcrt

        del shared
        os.lseek(fd, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:

    def _try_lock(fd: int, *, shared: bool) -> bool:
        import fcntl

        try:
            fcntl.flock(fd, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except OSError as error:
            # A file system without locks refuses nobody; the other facts must do.
            return error.errno not in _REFUSED
        return True


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
