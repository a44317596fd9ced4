"""Whether a run's journals changed, and whether they are still the same files, only longer."""

import errno
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from nbtracker.journal.frames import CHECKSUM, HEAD, MAGIC, OVERHEAD
from nbtracker.store.layout import EDITS, JOURNAL_SUFFIX, RunFolder

MAX_BEGINNING = 64 * 1024
"""How much of the first frames tells journals apart. Units: bytes."""


class Seen(NamedTuple):
    """How a run's journals look.

    Attributes:
        signature: From outside; changes whenever a journal does.
        identity: What each journal begins with. An inode may be used again, but no two
            writers began at the same moment with the same words.
    """

    signature: str = ""
    identity: str = ""


def list_journals(folder: RunFolder) -> AbstractContextManager[Iterator[os.DirEntry[str]]]:
    """Look into the folder of a run's journals, to be closed after use.

    Raises:
        OSError: It is missing, may not be listed, or is a link.
    """
    path = folder.path / "journals"
    if path.is_symlink():
        raise OSError(errno.ELOOP, "a link, which is not followed", str(path))
    return os.scandir(path)


def signature_of(folder: RunFolder) -> str:
    """Say how a run's journals look from outside; empty if it has none."""
    parts: list[str] = []
    try:
        with list_journals(folder) as entries:
            for entry in entries:
                if entry.name.endswith(JOURNAL_SUFFIX):
                    stat = entry.stat(follow_symlinks=False)
                    parts.append(f"{entry.name}:{stat.st_size}:{stat.st_mtime_ns}:{stat.st_ino}")
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"unreadable:{error.errno}:0:0"
    return "/".join(sorted(parts))


def identity_of(folder: RunFolder) -> str:
    """Say what each of a run's journals begins with; empty if one has no beginning yet."""
    parts: list[str] = []
    try:
        for path in folder.journals:
            beginning = beginning_of(path)
            if beginning is None:
                return ""
            parts.append(f"{path.name}:{beginning}")
    except OSError:
        return ""
    return "/".join(parts)


def goes_on(before: Seen, after: Seen) -> bool:
    """Whether rows can only have been added at the end: one journal has rows, and it grew."""
    sizes = [_with_rows(seen.signature) for seen in (before, after)]
    heads = [_with_rows(seen.identity) for seen in (before, after)]
    if any(len(journals) != 1 for journals in (*sizes, *heads)) or heads[0] != heads[1]:
        return False
    (old,), (new,) = sizes
    return (old[0], old[3]) == (new[0], new[3]) and int(old[1]) <= int(new[1])


def _with_rows(spelled: str) -> list[list[str]]:
    journals = [part.split(":") for part in spelled.split("/") if part]
    return [journal for journal in journals if not journal[0].startswith(EDITS)]


def beginning_of(path: Path) -> str | None:
    """Give the checksum of a journal's first frames; None while they are not whole.

    The very first says what a journal is, the next says which run began, when and where.

    Raises:
        OSError: It is gone, or may not be read.
    """
    with path.open("rb", buffering=0) as journal:
        data = journal.read(MAX_BEGINNING)
    end = 0
    for _ in range(2):
        if len(data) < end + HEAD.size:
            return None
        magic, _, _, length = HEAD.unpack_from(data, end)
        # A frame's own checksum is left out: together with it, all frames sum up to the same.
        start, end = end, min(end + length + OVERHEAD, MAX_BEGINNING)
        if magic != MAGIC or len(data) < end:
            return None
    return f"{crc32(data[start : end - CHECKSUM.size]):08x}"
