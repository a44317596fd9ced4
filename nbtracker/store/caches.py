"""Where what can be made again is kept for each store, and which stores there are.

<user's cache folder>/nbtracker/<store id>/
    where                the path of the store, written by whoever records into it or reads it
    catalogue.sqlite     see `nbtracker.views.catalogue`
"""

import contextlib
import hashlib
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from nbtracker.errors import Error
from nbtracker.ids import new_id
from nbtracker.store.layout import PRIVATE_FILE, Store, make_private

ID_LENGTH = 16
MAX_STORES = 1_000
_WHERE = "where"
_MAX_BYTES = 64 * 1024
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_DRAFT = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
_noted: set[tuple[str, str]] = set()


def store_id(store: Store) -> str:
    """Name a store by where it really lies: 16 hexadecimal digits."""
    real = os.path.realpath(store.path).encode("utf-8", "surrogateescape")
    return hashlib.sha256(real).hexdigest()[:ID_LENGTH]


def cache_folder(store: Store) -> Path:
    """Say where the cache of a store lies: below $NBTRACKER_CACHE_DIR or the user's cache."""
    return _cache_base() / store_id(store)


def note_store(store: Store) -> None:
    """Write down where a store lies, so that it can be named by its id; never raises.

    Once a process is enough: whoever deletes the cache is served by the next one.
    """
    # ValueError: a path that no system takes.
    with contextlib.suppress(OSError, RuntimeError, ValueError, Error):
        folder = cache_folder(store)
        said = os.path.realpath(store.path)
        if (str(folder), said) in _noted or not store.path.is_dir():
            return
        _noted.add((str(folder), said))
        file, draft = folder / _WHERE, folder / f"{_WHERE}.{new_id()}"
        if _read(file) == said:
            return
        make_private(folder)
        try:
            with os.fdopen(os.open(draft, _DRAFT, PRIVATE_FILE), "wb") as out:
                out.write(os.fsencode(said))
            draft.replace(file)
        finally:
            draft.unlink(missing_ok=True)


def noted_stores() -> Iterator[Store]:
    """Give the stores that were noted and are still there, in no order.

    A note counts only where it lies in the folder that the path it names leads to, and only if
    it is this user's own.
    """
    try:
        with os.scandir(_cache_base()) as entries:
            names = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return
    for name in sorted(names)[:MAX_STORES]:
        found = noted_store(name)
        if found is not None:
            yield found


def noted_store(name: str) -> Store | None:
    """Give the store of an id, if it was noted and is still there."""
    if len(name) != ID_LENGTH or not set(name) <= set("0123456789abcdef"):
        return None
    said = _read(_cache_base() / name / _WHERE)
    store = Store(Path(said or ""))
    is_there = store.path.is_absolute() and store_id(store) == name and store.path.is_dir()
    return store if is_there else None


def _read(file: Path) -> str | None:
    try:
        fd = os.open(file, _READ)
    except OSError:
        return None
    with os.fdopen(fd, "rb") as opened:
        about = os.fstat(fd)
        is_ours = sys.platform == "win32" or about.st_uid == os.geteuid()
        if not stat.S_ISREG(about.st_mode) or not is_ours:
            return None
        data = opened.read(_MAX_BYTES)
    return None if b"\0" in data or len(data) == _MAX_BYTES else os.fsdecode(data)


def _cache_base() -> Path:
    named = os.environ.get("NBTRACKER_CACHE_DIR")
    try:
        if named:
            return Path(named).expanduser().absolute()
        import platformdirs

        base = Path(platformdirs.user_cache_dir("nbtracker", appauthor=False))
    except RuntimeError:  # a user without a home
        return Path(os.devnull)
    return base if base.is_absolute() else Path(os.devnull)
