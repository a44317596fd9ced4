"""Deleted runs are moved here first, and can be put back until the trash is emptied."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nbtracker.errors import Error, JournalBusyError, NotFoundError, UsageError
from nbtracker.ids import new_id
from nbtracker.store.claims import claimed
from nbtracker.store.layout import RunFolder, Store, make_private
from nbtracker.store.links import link_below, refuse_link
from nbtracker.store.locks import is_locked

SEPARATOR = "~"


@dataclass(frozen=True, slots=True)
class Trashed:
    """One run in the trash."""

    path: Path
    deleted_at: float
    project: str
    id: str

    @property
    def name(self) -> str:
        """What `restore` takes, also where a run was deleted several times."""
        return self.path.name

    @property
    def run(self) -> str:
        """The run as it was called: `project/id`."""
        return f"{self.project}/{self.id}"


def discard(
    store: Store, folder: RunFolder, *, is_written: Callable[[Path], bool] = is_locked
) -> Path:
    """Move a run to the trash; return where it is now.

    Args:
        store: The store it is in.
        folder: The run.
        is_written: Whether a journal is being written. Default: only locks tell, and some file
            systems have none.

    Raises:
        NotFoundError: There is no such run.
        JournalBusyError: It is being written right now.
    """
    run = f"run {folder.project}/{folder.id}"
    if link := link_below(store.path, folder.path):
        raise NotFoundError(
            f"there is no {run} in {store.path}: {link} is a link, which is not followed"
        )
    missing = NotFoundError(f"there is no {run} in {store.path}")
    if not folder.path.is_dir():
        raise missing
    with claimed(folder):
        if not folder.path.is_dir():
            raise missing
        for journal in [] if (folder.path / "journals").is_symlink() else folder.journals:
            if is_written(journal):
                raise JournalBusyError(f"{run} is being written; finish it, then delete it")
        return move_to_trash(store, folder)


def move_to_trash(store: Store, folder: RunFolder) -> Path:
    """Move a run to the trash, whoever may be writing it.

    Raises:
        UsageError: The trash, or a folder above the run, is a link.
    """
    refuse_link(store.path, folder.path)
    make_private(store.trash, below=store.path)
    # A run id may hold the separator, so it stands last; a project may too, so it is escaped.
    moment = f"{time.time():.3f}"
    project = folder.project.replace("%", "%25").replace(SEPARATOR, "%7E")
    target = store.trash / SEPARATOR.join([moment, new_id(), project, folder.id])
    folder.path.rename(target)
    return target


def trashed(store: Store) -> list[Trashed]:
    """Every run in the trash, the oldest first; links are none."""
    if store.trash.is_symlink():
        return []
    found = [_parse(path) for path in _inside(store.trash) if not path.is_symlink()]
    return sorted(
        (item for item in found if item and item.path.is_dir()),
        key=lambda item: (item.deleted_at, item.name),
    )


def restore(store: Store, name: str) -> RunFolder:
    """Put a run back where it was.

    Args:
        store: The store it was deleted from.
        name: A `Trashed.name`, or `project/id` or an id that is in the trash once.

    Raises:
        NotFoundError: No such run in the trash.
        UsageError: Several are called so, or a run of that id is there again.
    """
    matching = [item for item in trashed(store) if name in (item.name, item.run, item.id)]
    if not matching:
        raise NotFoundError(f"there is no run {name!r} in the trash; see `nbtracker trash`")
    if len(matching) > 1:
        names = ", ".join(item.name for item in matching)
        raise UsageError(
            f"several runs in the trash are called {name!r}; "
            f"name one of these, the newest last: {names}"
        )
    (item,) = matching
    folder = store.run(item.project, item.id)
    refuse_link(store.path, folder.path)
    with claimed(folder):
        if folder.path.exists():
            raise UsageError(f"run {item.run} exists again; delete that one first")
        item.path.rename(folder.path)
    return folder


def empty(store: Store) -> int:
    """Remove everything in the trash for good; return how many runs that were.

    What cannot be removed keeps nothing else from it. A link is removed, what it leads to is not.

    Raises:
        UsageError: The trash is a link.
        Error: Something could not be removed; the message says what, and how many runs were.
    """
    import shutil

    refuse_link(store.path, store.trash)
    items = trashed(store)
    links = [path for path in _inside(store.trash) if path.is_symlink()]
    said = [_removed(item.path, shutil.rmtree) for item in items]
    n_removed = said.count("")
    failed = [one for one in [*said, *(_removed(link, Path.unlink) for link in links)] if one]
    if failed:
        raise Error(
            f"{n_removed} of {len(items)} runs were removed from {store.trash} for good; "
            f"this could not be: {', '.join(failed)}"
        )
    return n_removed


def _inside(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def _removed(path: Path, remove: Callable[[Path], None]) -> str:
    """Remove a path; say what was in the way, and nothing if nothing was."""
    try:
        remove(path)
    except (OSError, RecursionError) as error:
        return f"{path.name} ({getattr(error, 'strerror', None) or error})"
    return ""


def _parse(path: Path) -> Trashed | None:
    parts = path.name.split(SEPARATOR, 3)
    if len(parts) != 4:
        return None
    moment, _, project, run_id = parts
    try:
        deleted_at = float(moment)
    except ValueError:
        return None
    if not math.isfinite(deleted_at):
        return None
    project = project.replace("%7E", SEPARATOR).replace("%25", "%")
    return Trashed(path=path, deleted_at=deleted_at, project=project, id=run_id)
