"""From what is typed to the run that is meant."""

from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches

from nbtracker.errors import JournalDamagedError, NotFoundError, UsageError
from nbtracker.store.layout import RunFolder, Store
from nbtracker.store.trash import trashed
from nbtracker.views.catalogue.index import UNREADABLE
from nbtracker.views.run import RunView, read_run

_SHOWN = 5


def find_run(store: Store, named: str) -> RunFolder:
    """Find the run called `id`, `project/id` or `entity/project/id`.

    The beginning of an id will do where only one run's id begins like this. A store has one
    owner, so the entity is not compared.

    Raises:
        NotFoundError: No run is called like this, or several are.
        UsageError: The text cannot name a run.
    """
    parts = [part for part in named.strip().strip("/").split("/") if part != "runs"]
    if not all(parts) or not 1 <= len(parts) <= 3:
        raise UsageError(f"{named!r} names no run; write an id, project/id or entity/project/id")
    run_id, project = parts[-1], parts[-2] if len(parts) > 1 else None
    if project is not None and project not in store.projects():
        raise NotFoundError(no_project(store, project))
    folders = list(store.runs(project))
    found = [folder for folder in folders if folder.id == run_id]
    found = found or [folder for folder in folders if folder.id.startswith(run_id)]
    if len(found) == 1:
        return found[0]
    if found:
        found.sort(key=run_name)
        names = ", ".join(run_name(folder) for folder in found[:_SHOWN])
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        raise NotFoundError(f"{named!r} names several runs: {names}{more}; write one of them out")
    raise NotFoundError(
        f"there is no run {named!r} in {store.path}; {_instead(store, folders, run_id)}"
    )


def _instead(store: Store, folders: list[RunFolder], run_id: str) -> str:
    """Say what would be right."""
    for item in trashed(store):
        if item.id == run_id:
            return f"it is in the trash, `nbtracker trash --restore {item.name}` puts it back"
    near = get_close_matches(run_id, [folder.id for folder in folders], n=3, cutoff=0.5)
    if near:
        return f"did you mean {' or '.join(near)}?"
    return "`nbtracker ls` lists all runs, and --dir names another store"


def no_project(store: Store, project: str) -> str:
    """Say that there is no such project, and which ones there are."""
    projects = store.projects()
    near = get_close_matches(project, projects, n=3, cutoff=0.4) or projects[:_SHOWN]
    there = f"there is {', '.join(near)}" if near else "it is empty; --dir names another store"
    return f"there is no project {project!r} in {store.path}; {there}"


def run_name(folder: RunFolder) -> str:
    """Name a run as every command takes it."""
    return f"{folder.project}/{folder.id}"


def view_run(folder: RunFolder) -> RunView:
    """Read a run.

    Raises:
        JournalDamagedError: It cannot be read.
    """
    with reading(folder):
        return read_run(folder)


@contextmanager
def reading(folder: RunFolder) -> Iterator[None]:
    """Turn whatever a crafted or broken journal makes its reader raise into one error.

    Raises:
        JournalDamagedError: The run cannot be read.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except UNREADABLE as error:
        raise JournalDamagedError(
            f"run {run_name(folder)} cannot be read: {type(error).__name__}: {error}; "
            "`nbtracker doctor` says which journal it is"
        ) from error
