"""From what is typed to the run or the session that is meant."""

from difflib import get_close_matches

from nbtracker.api import paths
from nbtracker.cli.progress import Progress
from nbtracker.errors import NotFoundError, UsageError, attempt
from nbtracker.store.layout import RunFolder, Store
from nbtracker.store.sessions import SessionFolder, session_folder

# To compare a text with very many names takes longer than to look for one.
_MOST_NAMES = 5_000


def find_run(store: Store, named: str) -> RunFolder:
    """Find a run as `paths.find_run` does; the beginning of its id will do.

    Raises:
        NotFoundError: No run is called like this.
        UsageError: The text cannot name a run, or names several.
    """
    try:
        return paths.find_run(store, named, beginning=True)
    except NotFoundError as error:
        said = str(error)
        near: list[str] = []
        if "did you mean" not in said:
            near = attempt(lambda: _called(store, named), lambda: near)
        if not near:
            raise
        raise NotFoundError(f"{said}; did you mean {' or '.join(near)}?") from None


def _called(store: Store, named: str) -> list[str]:
    """Runs whose name, which is no id, is the one that was typed or nearly so."""
    from nbtracker.views.catalogue.index import Catalogue

    catalogue = Catalogue(store)
    try:
        with Progress("reading runs"):
            catalogue.refresh()
        sql = "SELECT name, project, id FROM runs ORDER BY created_at DESC LIMIT ?"
        found = catalogue.rows(sql, (_MOST_NAMES,))
    finally:
        catalogue.close()
    by_name: dict[str, str] = {}
    for name, project, run_id in found:
        by_name.setdefault(str(name), f"{project}/{run_id}")
    near = get_close_matches(named.rpartition("/")[2], by_name, n=3, cutoff=0.75)
    return [f"{by_name[name]}, whose name is {name!r}" for name in near]


def session_named(store: Store, named: str) -> SessionFolder | None:
    """Find the session of an id; None if there is none, so that it must be a run."""
    try:
        folder = session_folder(store, named)
    except UsageError:  # no session is called like this
        return None
    return folder if folder.exists else None
