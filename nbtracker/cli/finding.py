"""From what is typed to the run or the session that is meant."""

from nbtracker.api import paths
from nbtracker.errors import UsageError
from nbtracker.store.layout import RunFolder, Store
from nbtracker.store.sessions import SessionFolder, session_folder


def find_run(store: Store, named: str) -> RunFolder:
    """Find a run as `paths.find_run` does; the beginning of its id will do.

    Raises:
        NotFoundError: No run is called like this.
        UsageError: The text cannot name a run, or names several.
    """
    return paths.find_run(store, named, beginning=True)


def session_named(store: Store, named: str) -> SessionFolder | None:
    """Find the session of an id; None if there is none, so that it must be a run."""
    try:
        folder = session_folder(store, named)
    except UsageError:  # no session is called like this
        return None
    return folder if folder.exists else None
