"""From what is typed to the run that is meant."""

from nbtracker.api import paths
from nbtracker.store.layout import RunFolder, Store


def find_run(store: Store, named: str) -> RunFolder:
    """Find a run as `paths.find_run` does; the beginning of its id will do.

    Raises:
        NotFoundError: No run is called like this.
        UsageError: The text cannot name a run, or names several.
    """
    return paths.find_run(store, named, beginning=True)
