"""What is answered to whom asks: plain functions of a store, arguments and nothing of HTTP.

Errors say what went wrong: UsageError is a 400, NotFoundError a 404, JournalBusyError a 409.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, cast

from nbtracker.api import edits
from nbtracker.api.filter_text import filter_of
from nbtracker.api.filters import parse, parse_listed, parse_order
from nbtracker.api.known_keys import keys_of, names_in
from nbtracker.errors import NotFoundError, UsageError
from nbtracker.extension import given as arguments
from nbtracker.extension import reading
from nbtracker.extension.cells import list_cells, list_running, show_outputs
from nbtracker.extension.comparing import compare, compare_code
from nbtracker.extension.files import Attachment, code_file, list_code, list_files, run_file
from nbtracker.extension.given import Given
from nbtracker.extension.indexing import indexing
from nbtracker.extension.stores import OpenStore, Stores
from nbtracker.journal.liveness import is_written
from nbtracker.journal.moments import moment_after
from nbtracker.store import trash
from nbtracker.views.catalogue import entries
from nbtracker.views.catalogue.cells import cell
from nbtracker.views.catalogue.query import All, Column, Compare, Condition, Exists, Not
from nbtracker.views.catalogue.revisions import Clock
from nbtracker.views.metrics import OWN_COLUMNS
from nbtracker.views.words import words_in
from nbtracker.wire import schema
from nbtracker.wire.config_facts import config_changes
from nbtracker.wire.documents import run_detail, run_row
from nbtracker.wire.metric_facts import add_best_steps
from nbtracker.wire.spelling import cut

DEFAULT_LIMIT, MAX_LIMIT, MAX_RUNS = 100, 1_000, 2**53
MAX_FIELDS, MAX_TAGS = 5_000, 1_000
_GROUPS = {"project": "project", "group": "grp", "job_type": "job_type", "state": "state"}
Answer = Mapping[str, Any] | bytes | Attachment
Act = Callable[[OpenStore, Given, Mapping[str, Any]], Answer]


class Endpoint(NamedTuple):
    """One route and method.

    Attributes:
        method: "GET" changes nothing.
        path: Below `nbtracker/api/`, with names in braces; `{path}` may hold slashes.
        act: What is called with the store that `{store}` names, the arguments and the body.
    """

    method: str
    path: str
    act: Act


def list_stores(stores: Stores) -> schema.StoreList:
    """Give the stores that this server knows, the default one first."""
    return {
        "stores": [
            {
                "id": store.id,
                "path": str(store.store.path),
                "is_default": store.is_default,
                "n_runs": sum(1 for _ in store.store.runs()),
            }
            for store in stores
        ]
    }


def list_runs(source: OpenStore, given: Given, _body: Any = None) -> schema.RunList:
    """Give a page of the runs that fulfil a filter."""
    archived = arguments.choice(given, "archived", ["false", "true", "only", "0", "1"])
    catalogue = source.catalogue
    catalogue.refresh()
    condition = _condition(source, arguments.one(given, "filter"), archived)
    group = arguments.one(given, "group")
    if within := arguments.one(given, "within"):
        condition = All((condition, _in_group(group, within)))
    order = parse_order(arguments.one(given, "order") or "-created_at")
    skip = arguments.number(given, "skip", 0, most=MAX_RUNS)
    limit = arguments.number(given, "limit", DEFAULT_LIMIT, most=MAX_LIMIT)
    clock = catalogue.clock()
    rows = [
        run_row(run, source.id)
        for run in catalogue.listed(condition, order, limit=limit, skip=skip)
    ]
    for row in rows:
        row["notebook"] = source.notebooks.of(row["session"]) or row["notebook"]
    return {
        "runs": rows,
        "total": catalogue.count(condition),
        "n_all": sum(n for _, n, _ in catalogue.projects()),
        "revision": clock.revision,
        "epoch": clock.epoch,
        "groups": [] if within else _groups(source, condition, group),
    }


def _condition(source: OpenStore, spelled: str, archived: str) -> Condition:
    said = filter_of(words_in(spelled), source.catalogue, loosely=True)
    if archived in ("false", "0"):
        return parse_listed(said)
    return parse({"$and": [said, {"archived": True}]} if archived == "only" else said)


def _in_group(group: str, within: str) -> Condition:
    """Runs of one group; `within` is its name in JSON, null for the runs that are in none."""
    try:
        name = json.loads(within)
    except (ValueError, RecursionError):
        name = 0
    if group not in _GROUPS or not isinstance(name, str | None):
        raise UsageError('within must be the name of a group in JSON, such as within="a" or null')
    column = Column(_GROUPS[group])
    return Not(Exists(column)) if name is None else Compare(column, "eq", cell(name))


def _groups(source: OpenStore, condition: Condition, group: str) -> list[schema.RunGroup]:
    if not group or group in ("none", "notebook"):
        return []
    if group not in _GROUPS:
        raise UsageError(f"group is {group[:40]!r}; it must be one of {', '.join(_GROUPS)}")
    counted = source.catalogue.groups(condition, Column(_GROUPS[group]), limit=MAX_LIMIT)
    return [{"name": None if name is None else cut(name, 300), "n_runs": n} for name, n in counted]


def changes(source: OpenStore, given: Given, _body: Any = None) -> schema.Changes:
    """Say which runs changed or went since a revision."""
    since = arguments.number(given, "since", 0, most=MAX_RUNS)
    source.catalogue.refresh()
    found = source.catalogue.changes(Clock(arguments.one(given, "epoch"), since))
    return {
        "revision": found.now.revision,
        "epoch": found.now.epoch,
        "runs": ["/".join(run) for run in found.runs],
        "gone": ["/".join(run) for run in found.gone],
        "everything": found.everything,
    }


def list_fields(source: OpenStore, _given: Given, _body: Any = None) -> schema.Fields:
    """Give what there is to filter by, and to show."""
    catalogue = source.catalogue
    catalogue.refresh()

    def column(sql: str, *bound: Any) -> list[str]:
        return [cut(str(name), 1_000) for (name,) in catalogue.rows(sql, bound)]

    def bounded(names: list[str]) -> list[str]:
        return [cut(name, 1_000) for name in names]

    def keys(section: str) -> list[str]:
        return bounded(keys_of(catalogue, section, limit=MAX_FIELDS))

    tags = "SELECT DISTINCT txt FROM kv WHERE key = (SELECT key FROM keys WHERE name = 'tags')"
    groups = "SELECT DISTINCT grp FROM runs WHERE grp IS NOT NULL ORDER BY 1 LIMIT ?"
    return {
        "config": keys("config"),
        "summary": [name for name in keys("summary") if name not in OWN_COLUMNS],
        "metrics": bounded(names_in(catalogue, entries.METRIC.rstrip("."), limit=MAX_FIELDS)),
        "tags": column(f"{tags} AND kind = 3 ORDER BY 1 LIMIT ?", MAX_TAGS),
        "projects": [name for name, _, _ in catalogue.projects()],
        "groups": column(groups, MAX_TAGS),
    }


def sparks(source: OpenStore, given: Given, _body: Any = None) -> dict[str, Any]:
    """Give at most 64 numbers of a metric for each run; those that take too long are left out."""
    metric = arguments.one(given, "metric")
    named = arguments.many(given, "run", reading.MAX_SPARKS)
    runs = [source.store.run(*arguments.run_name(name)) for name in named]
    return reading.sparks(source, metric, runs)


def show_run(source: OpenStore, given: Given, _body: Any = None) -> schema.RunDetail:
    """Give everything of a run but its rows, cells and files."""
    with reading.read(source, given) as read:
        family = read.facts.started.get("family")
        detail = run_detail(
            read.view,
            read.facts,
            source.id,
            read.sessions,
            n_cells=sum(len(some) for _, some in read.outlines),
            attempts=reading.runs_where(source, "family", family),
            replays=reading.runs_where(source, "replay_of", read.name),
        )
        add_best_steps(source.columns, read.view.folder, detail)
    return detail


def series(source: OpenStore, given: Given, _body: Any = None) -> bytes:
    """Give metrics of a run in bins; see `nbtracker.wire.series`."""
    return reading.series(source, given)


def list_config(source: OpenStore, given: Given, _body: Any = None) -> schema.ConfigHistory:
    """Give each change of a run's config."""
    with reading.read(source, given) as read:
        return {"changes": config_changes(read.view, read.sessions)}


def edit_run(source: OpenStore, given: Given, body: Mapping[str, Any]) -> schema.RunDetail:
    """Change name, notes, tags, group or whether it is archived."""
    folder, run = reading.find(source, given)
    said = {name: value for name, value in body.items() if name in schema.Edit.__annotations__}
    if not body or len(said) < len(body):
        known = ", ".join(schema.Edit.__annotations__)
        raise UsageError(f"of a run, these can be changed: {known}; not {', '.join(body)[:200]}")
    if not isinstance(said.get("tags", []), list):
        raise UsageError('tags must be a list of texts, such as ["baseline"]')
    made = edits.checked_edits(said, moment_after(run.changed_at or 0.0))
    edits.write(folder, made)
    source.catalogue.look_at(folder)
    return show_run(source, given)


def delete_run(source: OpenStore, given: Given, _body: Any = None) -> schema.Discarded:
    """Move a run to the trash."""
    folder, _ = reading.find(source, given)
    where = trash.discard(source.store, folder, is_written=is_written)
    source.catalogue.look_at(folder)
    return {"trash": where.name}


def stop_run(source: OpenStore, given: Given, _body: Any = None) -> schema.Requested:
    """Ask a run to end; it does so when it logs next."""
    folder, _ = reading.find(source, given)
    edits.request_stop(folder)
    return {"requested": True}


def checkpoint_run(source: OpenStore, given: Given, _body: Any = None) -> schema.Requested:
    """Ask a run to save its work."""
    folder, _ = reading.find(source, given)
    edits.request_checkpoint(folder)
    return {"requested": True}


def list_trash(source: OpenStore, _given: Given, _body: Any = None) -> schema.TrashList:
    """Give the runs that were deleted."""
    return {
        "runs": [
            {"name": one.name, "project": one.project, "id": one.id, "deleted_at": one.deleted_at}
            for one in trash.trashed(source.store)
        ]
    }


def restore_run(source: OpenStore, given: Given, _body: Any = None) -> schema.Restored:
    """Put a deleted run back."""
    name = arguments.one(given, "name")
    if name not in [one.name for one in trash.trashed(source.store)]:
        raise NotFoundError(f"there is no run {name[:80]!r} in the trash")
    folder = trash.restore(source.store, name)
    source.catalogue.look_at(folder)
    return {"project": folder.project, "id": folder.id}


_RUN = "stores/{store}/runs/{project}/{id}"
ENDPOINTS: tuple[Endpoint, ...] = tuple(
    Endpoint(method, path, cast("Act", act))
    for method, path, act in (
        ("GET", "stores/{store}/runs", list_runs),
        ("GET", "stores/{store}/changes", changes),
        ("GET", "stores/{store}/indexing", indexing),
        ("GET", "stores/{store}/fields", list_fields),
        ("GET", "stores/{store}/running", list_running),
        ("GET", "stores/{store}/sparks", sparks),
        ("GET", "stores/{store}/compare", compare),
        ("GET", "stores/{store}/compare/code", compare_code),
        ("GET", "stores/{store}/trash", list_trash),
        ("POST", "stores/{store}/trash/{name}/restore", restore_run),
        ("GET", _RUN, show_run),
        ("PATCH", _RUN, edit_run),
        ("DELETE", _RUN, delete_run),
        ("GET", f"{_RUN}/series", series),
        ("GET", f"{_RUN}/cells", list_cells),
        ("GET", f"{_RUN}/cells/{{execution}}/outputs", show_outputs),
        ("GET", f"{_RUN}/config", list_config),
        ("GET", f"{_RUN}/files", list_files),
        ("GET", f"{_RUN}/files/{{path}}", run_file),
        ("GET", f"{_RUN}/code", list_code),
        ("GET", f"{_RUN}/code/{{path}}", code_file),
        ("POST", f"{_RUN}/stop", stop_run),
        ("POST", f"{_RUN}/checkpoint", checkpoint_run),
    )
)
"""Every route but `stores`, which is of no store: `list_stores`."""
