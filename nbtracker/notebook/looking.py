"""What there is to see of runs and cells, as text; nothing here knows IPython."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nbtracker.api.filter_text import filter_of
from nbtracker.api.filters import parse_listed, parse_order
from nbtracker.api.paths import run_name
from nbtracker.journal.records import ConfigSet
from nbtracker.notebook.tables import pairs, table
from nbtracker.store.layout import Store
from nbtracker.text.attempts import attempt_in, attempt_text
from nbtracker.text.cells import cells_table
from nbtracker.text.changes import change_text
from nbtracker.text.runs import runs_table
from nbtracker.text.values import duration, moment, short, value_text
from nbtracker.views.catalogue.facts import Facts
from nbtracker.views.catalogue.index import Catalogue
from nbtracker.views.cell_names import CellsOfSessions
from nbtracker.views.run import RunView
from nbtracker.views.run_cells import sessions_of
from nbtracker.views.session import Execution
from nbtracker.views.state import runtime_now, state_of

MOST_ERROR_LINES = 15


def run_text(view: RunView) -> str:
    """Tell what a run is."""
    started = view.started[-1] if view.started else None
    rows = f"{view.n_rows:,}, the last at step {view.last_step}" if view.n_rows else "none"
    facts = [
        ("state", state_of(view)),
        ("folder", str(view.folder.path)),
        ("started", moment(view.started_at)),
        ("runtime", duration(runtime_now(view))),
        ("rows", rows),
        ("attempt", attempt_text(view)),
        ("group", view.group),
        ("job type", view.job_type),
        ("tags", ", ".join(view.tags)),
        ("notes", view.notes),
        ("host", started and started.host),
        ("program", started and started.program),
    ]
    parts = [f"{run_name(view.folder)}  {short(view.name)}", pairs(facts)]
    if view.config:
        cells = CellsOfSessions(lambda: sessions_of(view))
        parts += ["", "config", config_text(view.config, view.config_history, cells)]
    if view.summary:
        said = [(name, value_text(value)) for name, value in view.flat_summary.items()]
        parts += ["", "summary", table(("name", "value"), said)]
    if view.error:
        lines = view.error.rstrip("\n").split("\n")[-MOST_ERROR_LINES:]
        parts += ["", "error", *(short(line, 200) for line in lines)]
    if view.damages:
        parts += ["", "a part of it is damaged; `nbtracker doctor` says where"]
    return "\n".join(parts)


def config_text(
    config: Mapping[str, Any],
    history: Sequence[ConfigSet],
    cells: CellsOfSessions,
) -> str:
    """Tell what a config is, and what it was before.

    Args:
        config: As it is now.
        history: Each change, the first setting included.
        cells: Names the cells that made them.
    """
    changes: dict[str, list[str]] = {}
    for change in history:
        said = changes.setdefault(change.key, [])
        if not change.first:
            said.append(change_text(change, cells))
    rows = [
        (key, value_text(value), "; ".join(changes.get(key, []))) for key, value in config.items()
    ]
    has_changes = any(row[2] for row in rows)
    titles = ("key", "value", "changes")
    return table(titles, rows) if has_changes else table(titles[:2], [row[:2] for row in rows])


def runs_text(store: Store, words: Sequence[str], limit: int) -> str:
    """List runs, the newest first.

    Raises:
        UsageError: The filter is wrong.
        NotFoundError: There is no such project.
    """
    catalogue = Catalogue(store)
    try:
        catalogue.refresh()
        condition = parse_listed(filter_of(words, catalogue))
        n = catalogue.count(condition)
        order = parse_order("-created_at")
        found = catalogue.page(condition, order, limit=limit if limit > 0 else -1)
        listed = table(*runs_table(found, lambda one: _attempt(catalogue, one)))
    finally:
        catalogue.close()
    if not n:
        return f"no run in {store.path} is like that" if words else f"no runs in {store.path} yet"
    more = f"\n{len(found)} of {n:,} runs; --limit 0 lists all" if len(found) < n else ""
    return listed + more


def _attempt(catalogue: Catalogue, one: Facts) -> str | None:
    family = one.started.get("family")
    return attempt_in(catalogue, (one.project, one.id), str(family)) if family else None


def cells_text(
    executions: Sequence[Execution],
    marked: Callable[[Execution], bool],
    segments: Sequence[int | None] = (),
) -> str:
    """List executions; some of them are marked with `*`.

    Args:
        executions: In the order of the lines.
        marked: Tells those that are marked.
        segments: Of each, the segment of the point that it made; nothing without any.
    """
    return table(*cells_table(executions, marked, segments))
