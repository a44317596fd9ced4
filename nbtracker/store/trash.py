"""Deleted runs are moved here first, and can be put back until the trash is emptied."""

import time
from dataclasses import dataclass
from pathlib import Path

from nbtracker.errors import JournalBusyError, NotFoundError, UsageError
from nbtracker.ids import new_id
from nbtracker.store.layout import RunFolder, Store, make_private
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
        """What `restore` takes."""
        return self.path.name


def discard(store: Store, folder: RunFolder) -> Path:
    """Move a run to the trash; return where it is now.

    Raises:
        NotFoundError: There is no such run.
        JournalBusyError: It is being written right now.
    """
    if not folder.path.is_dir() or folder.path.is_symlink():
        raise NotFoundError(f"there is no run {folder.project}/{folder.id} in {store.path}")
    for journal in folder.journals:
        if is_locked(journal):
            raise JournalBusyError(
                f"run {folder.project}/{folder.id} is being written; finish it, then delete it"
            )
    return move_to_trash(store, folder)


def move_to_trash(store: Store, folder: RunFolder) -> Path:
    """Move a run to the trash, whoever may be writing it."""
    make_private(store.trash)
    # A run id may hold the separator, so it stands last; a project may too, so it is escaped.
    moment = f"{time.time():.3f}"
    project = folder.project.replace("%", "%25").replace(SEPARATOR, "%7E")
    target = store.trash / SEPARATOR.join([moment, new_id(), project, folder.id])
    folder.path.rename(target)
    return target


def trashed(store: Store) -> list[Trashed]:
    """Everything in the trash, the oldest first."""
    if not store.trash.is_dir():
        return []
    found = [_parse(path) for path in store.trash.iterdir() if path.is_dir()]
    return sorted((item for item in found if item), key=lambda item: item.deleted_at)


def restore(store: Store, name: str) -> RunFolder:
    """Put a run back where it was.

    Args:
        store: The store it was deleted from.
        name: A `Trashed.name`, or a run id that is in the trash once.

    Raises:
        NotFoundError: No such run in the trash.
        UsageError: Several have that id, or a run of that id is there again.
    """
    matching = [item for item in trashed(store) if name in (item.name, item.id)]
    if not matching:
        raise NotFoundError(f"there is no run {name!r} in the trash; see `nbtracker trash`")
    if len(matching) > 1:
        names = ", ".join(item.name for item in matching)
        raise UsageError(f"several runs in the trash are called {name!r}; name one of {names}")
    (item,) = matching
    folder = store.run(item.project, item.id)
    if folder.path.exists():
        raise UsageError(f"run {item.project}/{item.id} exists again; delete that one first")
    make_private(folder.path.parent)
    item.path.rename(folder.path)
    return folder


def empty(store: Store) -> int:
    """Remove everything in the trash for good; return how many runs that were."""
    import shutil

    items = trashed(store)
    for item in items:
        shutil.rmtree(item.path)
    return len(items)


def _parse(path: Path) -> Trashed | None:
    parts = path.name.split(SEPARATOR, 3)
    if len(parts) != 4:
        return None
    moment, _, project, run_id = parts
    try:
        deleted_at = float(moment)
    except ValueError:
        return None
    project = project.replace("%7E", SEPARATOR).replace("%25", "%")
    return Trashed(path=path, deleted_at=deleted_at, project=project, id=run_id)
