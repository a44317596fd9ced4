"""From a path to the project or the run that is meant, for `Api` and the command line."""

from difflib import get_close_matches

from nbtracker.errors import NotFoundError, UsageError
from nbtracker.ids import check_run_id
from nbtracker.store.layout import RunFolder, Store
from nbtracker.store.trash import trashed

_SHOWN, _PAGE = 5, 20
# In the reference's paths it stands between a project and an id, or behind a project.
_RUNS = "runs"


def find_project(store: Store, named: str) -> str:
    """Find the project called `project`, `entity/project` or `entity/project/runs`.

    Raises:
        NotFoundError: There is no such project.
        UsageError: The text cannot name a project.
    """
    parts, projects = _parts(named), store.projects()
    if len(parts) > 1 and parts[-1] == _RUNS and (len(parts) > 2 or _RUNS not in projects):
        parts.pop()
    if not 1 <= len(parts) <= 2:
        raise UsageError(f"{named!r} names no project; write 'project' or 'entity/project'")
    if parts[-1] not in projects:
        raise NotFoundError(no_project(store, parts[-1]))
    return parts[-1]


def find_run(
    store: Store, named: str, *, project: str | None = None, beginning: bool = False
) -> RunFolder:
    """Find the run called `id`, `project/id` or `entity/project/id`.

    `project/runs/id` is taken, too. A store has one owner, so the entity is not compared.

    Args:
        store: Where to look.
        named: What was typed.
        project: The one that is meant where the path names none. Default: any.
        beginning: The beginning of an id will do where only one run's id begins like this.

    Raises:
        NotFoundError: No run is called like this.
        UsageError: The text cannot name a run, or names several.
    """
    parts, projects = _parts(named), store.projects()
    if len(parts) > 2 and parts[-2] == _RUNS and (len(parts) > 3 or _RUNS not in projects):
        parts.pop(-2)
    if not 1 <= len(parts) <= 3:
        raise UsageError(f"{named!r} names no run; write an id, project/id or entity/project/id")
    run_id, project = parts[-1], parts[-2] if len(parts) > 1 else project
    if project is not None and project not in projects:
        raise NotFoundError(no_project(store, project))
    wanted = projects if project is None else [project]
    exact = [store.run(one, run_id) for one in wanted] if _may_be(run_id) else []
    found = list(filter(_is_there, exact))
    if beginning and not found:
        found = [one for one in store.runs(project) if one.id.startswith(run_id)]
        found = list(filter(_is_there, found))
    if len(found) == 1:
        return found[0]
    if found:
        found.sort(key=run_name)
        names = ", ".join(run_name(folder) for folder in found[:_SHOWN])
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        raise UsageError(f"{named!r} names several runs: {names}{more}; write one of them out")
    raise NotFoundError(
        f"there is no run {named!r} in {store.path}; {_instead(store, project, run_id)}"
    )


def newest_run(store: Store) -> RunFolder | None:
    """Find the run that began last, those aside that a replay made; None if there is none.

    If replays made all of them, it is the newest of these.
    """
    from nbtracker.api.filters import parse, parse_order
    from nbtracker.views.catalogue.index import Catalogue

    first = None
    catalogue = Catalogue(store)
    try:
        catalogue.refresh()
        skip, order = 0, parse_order("-created_at")
        while page := catalogue.page(parse(None), order, limit=_PAGE, skip=skip):
            skip += len(page)
            first = first or page[0]
            for one in page:
                if one.in_replay_of is None:
                    return store.run(one.project, one.id)
    finally:
        catalogue.close()
    return None if first is None else store.run(first.project, first.id)


def run_name(folder: RunFolder) -> str:
    """Name a run as `find_run` takes it."""
    return f"{folder.project}/{folder.id}"


def no_project(store: Store, project: str) -> str:
    """Say that there is no such project, and which ones there are."""
    projects = store.projects()
    near = get_close_matches(project, projects, n=3, cutoff=0.4)
    if not projects:
        there = "it is empty; --dir, or Api(dir), names another store"
    elif len(projects) <= _SHOWN:
        there = f"there {'is' if len(projects) == 1 else 'are'} {', '.join(projects)}"
    elif near:
        there = f"similar ones: {', '.join(near)}"
    else:
        there = f"there are {len(projects):,}, such as {', '.join(projects[:_SHOWN])}"
    return f"there is no project {project!r} in {store.path}; {there}"


def _parts(named: str) -> list[str]:
    parts = str(named).strip().strip("/").split("/")
    if not all(parts):
        raise UsageError(f"{named!r} names no run or project; write 'project/id' or 'project'")
    return parts


def _may_be(run_id: str) -> bool:
    try:
        check_run_id(run_id)
    except UsageError:
        return False
    return True


def _is_there(folder: RunFolder) -> bool:
    try:
        return folder.exists
    except OSError:  # it may not be looked into, and is there
        return True


def _instead(store: Store, project: str | None, run_id: str) -> str:
    """Say what would be right."""
    for item in trashed(store):
        if item.id == run_id and project in (None, item.project):
            return f"it is in the trash, `nbtracker trash --restore {item.name}` puts it back"
    ids = sorted(folder.id for folder in store.runs(project))
    begin = [one for one in ids if one.startswith(run_id)]
    near = begin[:3] or get_close_matches(run_id, ids, n=3, cutoff=0.5)
    if near:
        return f"did you mean {' or '.join(near)}?"
    there = "there is 1 run" if len(ids) == 1 else f"there are {len(ids):,} runs"
    return f"{there}, listed by `nbtracker ls` and Api().runs()"
