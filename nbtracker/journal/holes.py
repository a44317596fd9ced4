"""Where a file has no bytes at all: a few bytes on a disk can seem to be terabytes of zeros."""

import errno
import os
from io import FileIO

_SEEK_DATA = getattr(os, "SEEK_DATA", None)


def next_data(file: FileIO, start: int) -> int:
    """Say where the next bytes lie from `start` on; `start` itself where nobody can tell.

    The end of the file, if there are none. The file is read on from wherever this leaves it.
    """
    if _SEEK_DATA is None:
        return start
    # Asked first: what is written from now on is no hole.
    size = os.fstat(file.fileno()).st_size
    try:
        return os.lseek(file.fileno(), start, _SEEK_DATA)
    except OSError as error:
        return max(start, size) if error.errno == errno.ENXIO else start
