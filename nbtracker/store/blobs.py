"""Immutable bytes, named by what they are: the same bytes are stored once."""

import hashlib
import os
import stat
from pathlib import Path
from typing import NamedTuple

from nbtracker.errors import NotFoundError
from nbtracker.ids import new_id
from nbtracker.store.layout import PRIVATE_FILE, Store, make_private
from nbtracker.store.links import link_below, refuse_link

MOST_BYTES = 256 * 1024 * 1024
_HEX = frozenset("0123456789abcdef")
# A blob may be forgotten in parts, one after the other.
_MOST_NOTES = 100


def digest_of(data: bytes) -> str:
    """Name bytes: their sha256 in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def keep_blob(store: Store, data: bytes) -> str:
    """Store bytes, unless they are there; return their digest.

    Raises:
        OSError: The disk refuses.
    """
    digest = digest_of(data)
    path = blob_path(store, digest)
    if link_below(store.path, path) or not _has_size(path, len(data)):
        write_once(path, data, below=store.path)
        _note(store, digest).unlink(missing_ok=True)
    return digest


def _has_size(path: Path, size: int) -> bool:
    """Whether a regular file is there that was written whole."""
    try:
        found = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size == size


def read_blob(store: Store, digest: str) -> bytes:
    """Give the bytes of that digest; if a part of them was forgotten, what is left of them.

    Raises:
        NotFoundError: They are not there, were forgotten, or are other bytes by now.
    """
    found = begin_blob(store, digest, most=MOST_BYTES)
    if not found.is_all:
        raise _lost(store, digest)
    return found.data


def begin_blob(store: Store, digest: str, *, most: int) -> "Beginning":
    """Give as much of a blob as is to be shown; if a part of it was forgotten, of what is left.

    Raises:
        NotFoundError: It is not there, was forgotten, or is other bytes by now.
    """
    asked = digest
    for _ in range(_MOST_NOTES):
        found = read_beginning(blob_path(store, digest), digest, below=store.path, most=most)
        if found is not None:
            return found
        instead = _instead(store, digest)
        if instead == "":
            raise NotFoundError(f"blob {digest[:12]} was forgotten, as its user asked")
        if instead is None:
            break
        digest = instead
    raise _lost(store, asked)


def _lost(store: Store, digest: str) -> NotFoundError:
    return NotFoundError(f"blob {digest[:12]} is not in {store.blobs}, or is other bytes by now")


def forget_blob(store: Store, digest: str, instead: str = "") -> None:
    """Delete a blob, and note for all who name it that it was forgotten.

    Args:
        store: Where it lies.
        digest: The blob.
        instead: Digest of what is left of it, which readers are given.

    Raises:
        UsageError: Its folder is a link, behind which nothing is deleted.
        OSError: The disk refuses.
    """
    path = blob_path(store, digest)
    refuse_link(store.path, path.parent)
    write_once(_note(store, digest), instead.encode(), below=store.path)
    path.unlink(missing_ok=True)


def _note(store: Store, digest: str) -> Path:
    return store.blobs / "forgotten" / checked_digest(digest)


def _instead(store: Store, digest: str) -> str | None:
    """What is left of a blob that was forgotten: empty if nothing is, None if it was not."""
    path = _note(store, digest)
    if link_below(store.path, path):
        return None
    try:
        with path.open("rb") as file:
            said = file.read(64).decode("ascii", "replace")
    except OSError:
        return None
    return said if is_digest(said) else ""


def blob_path(store: Store, digest: str) -> Path:
    """Say where a blob lies, whether or not it does.

    Raises:
        NotFoundError: It is no digest, and no blob.
    """
    checked_digest(digest)
    return store.blobs / "sha256" / digest[:2] / digest[2:]


def is_digest(name: str) -> bool:
    """Whether a name can be a sha256."""
    return len(name) == 64 and _HEX.issuperset(name)


def checked_digest(digest: str) -> str:
    """Return what can be a sha256.

    Raises:
        NotFoundError: It cannot be, and leads nowhere.
    """
    if not is_digest(digest):
        raise NotFoundError(f"{digest[:80]!r} is no sha256 in hexadecimal digits")
    return digest


class Beginning(NamedTuple):
    """What was read of a file.

    Attributes:
        data: Its bytes, or the first of them.
        is_all: Whether these are all, and those of the digest; of a part nobody can tell.
    """

    data: bytes
    is_all: bool


def read_exactly(path: Path, digest: str, *, below: Path) -> bytes | None:
    """Give the bytes of a file if they are those of a digest; None if not, or if it is a link.

    Args:
        path: The file.
        digest: The sha256 of its bytes.
        below: The store, out of which no link may lead.
    """
    found = read_beginning(path, digest, below=below, most=MOST_BYTES)
    return found.data if found is not None and found.is_all else None


def read_beginning(path: Path, digest: str, *, below: Path, most: int) -> Beginning | None:
    """Give the bytes of a file as `read_exactly` does, but of a long one only the first.

    Args:
        path: The file.
        digest: The sha256 of its bytes.
        below: The store, out of which no link may lead.
        most: How much is read. Units: bytes.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    if link_below(below, path):
        return None
    try:
        fd = os.open(path, flags)
    except OSError:
        return None
    with os.fdopen(fd, "rb") as file:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            return None
        data = file.read(most + 1)
    if len(data) > most:
        return Beginning(data[:most], is_all=False)
    return Beginning(data, is_all=True) if digest_of(data) == digest else None


def write_once(path: Path, data: bytes, *, below: Path) -> None:
    """Write a private file that is there whole, or not at all.

    Args:
        path: The file; one that is there is replaced.
        data: All of its bytes.
        below: The store, out of which no link may lead.

    Raises:
        OSError: The disk refuses.
    """
    make_private(path.parent, below=below)
    draft = path.with_name(f"{path.name}.{new_id()}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    fd = os.open(draft, flags, PRIVATE_FILE)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            file.flush()
            # Else a power failure may leave an empty file of that name.
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def write_new(path: Path, data: bytes) -> None:
    """Write a private file in a folder that is there; one of that name is left as it is.

    Quicker than `write_once`, for what a record names only after it was written: a kill may leave
    a part of it, of which nobody is told.

    Raises:
        OSError: The disk refuses; nothing is left there.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    try:
        fd = os.open(path, flags | getattr(os, "O_BINARY", 0), PRIVATE_FILE)
    except FileExistsError:
        return
    try:
        while data:
            data = data[os.write(fd, data) :]
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    finally:
        os.close(fd)
