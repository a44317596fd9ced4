"""What there is to see of runs and cells, as text; nothing here knows IPython."""

import ast
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from nbtracker.api.filters import parse, parse_order
from nbtracker.api.paths import find_project, run_name
from nbtracker.errors import UsageError
from nbtracker.journal.reader import JournalReader
from nbtracker.journal.records import CodeKept, ConfigSet
from nbtracker.notebook.tables import pairs, table
from nbtracker.store.layout import RunFolder, Store
from nbtracker.text.values import MOST_CELL, duration, moment, short, value_text
from nbtracker.views.catalogue.index import Catalogue
from nbtracker.views.run import RunView
from nbtracker.views.run_cells import sessions_of
from nbtracker.views.session import Execution, session_of
from nbtracker.views.state import state_of

MOST_ERROR_LINES = 15
_CONDITION = re.compile(r"([^=<>!]+?)(<=|>=|!=|=|<|>)(.*)", re.DOTALL)
_OPERATORS = {"<=": "$lte", ">=": "$gte", "!=": "$ne", "=": "$eq", "<": "$lt", ">": "$gt"}
_NO_RESULTS = frozenset({"_timestamp", "_runtime"})


def run_text(view: RunView) -> str:
    """Tell what a run is."""
    started = view.started[-1] if view.started else None
    rows = f"{view.n_rows:,}, the last at step {view.last_step}" if view.n_rows else "none"
    facts = [
        ("state", state_of(view)),
        ("folder", str(view.folder.path)),
        ("started", moment(view.started_at)),
        ("runtime", duration(view.runtime)),
        ("rows", rows),
        ("group", view.group),
        ("job type", view.job_type),
        ("tags", ", ".join(view.tags)),
        ("notes", view.notes),
        ("host", started and started.host),
        ("program", started and started.program),
    ]
    parts = [f"{run_name(view.folder)}  {short(view.name)}", pairs(facts)]
    if view.config:
        parts += ["", "config", config_text(view.config, view.config_history)]
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
    cell_of: Callable[[str | None], str] = lambda _: "",
) -> str:
    """Tell what a config is, and what it was before.

    Args:
        config: As it is now.
        history: Each change, the first setting included.
        cell_of: Names the cell of an execution.
    """
    changes: dict[str, list[str]] = {}
    for change in history:
        said = changes.setdefault(change.key, [])
        if not change.first:
            old, cell = short(change.old, 20), cell_of(change.execution)
            said.append(f"{old} before step {change.step}{cell}")
    rows = [
        (key, value_text(value), "; ".join(changes.get(key, []))) for key, value in config.items()
    ]
    has_changes = any(row[2] for row in rows)
    titles = ("key", "value", "changes")
    return table(titles, rows) if has_changes else table(titles[:2], [row[:2] for row in rows])


def filter_of(words: Sequence[str], store: Store) -> dict[str, Any]:
    """Read a filter: of the form that `Api().runs` takes, or `key=value` words.

    A word alone is a project. Values are numbers, True, False, None, or text, quoted or not.

    Raises:
        UsageError: It is no filter.
        NotFoundError: There is no such project.
    """
    spelled = " ".join(words)
    if spelled.startswith(("{", "'{", '"{')):
        found = _literal(spelled)
        found = _literal(found) if isinstance(found, str) else found
        if not isinstance(found, dict):
            raise UsageError(
                f'{short(spelled)} is no filter; write {{"config.lr": {{"$lt": 0.1}}}}, or '
                "config.lr<0.1"
            )
        return found
    wanted: list[dict[str, Any]] = []
    for word in words:
        condition = _CONDITION.fullmatch(word)
        if condition is None:
            wanted.append({"project": find_project(store, word)})
        else:
            key, sign, value = condition.groups()
            wanted.append({key: {_OPERATORS[sign]: _literal(value)}})
    return {"$and": wanted}


def _literal(spelled: str) -> Any:
    """A value as Python or JSON spells it; text where it is neither."""
    with suppress(ValueError, SyntaxError, RecursionError, MemoryError):
        return ast.literal_eval(spelled)
    with suppress(ValueError, RecursionError):
        return json.loads(spelled)
    return spelled


def runs_text(store: Store, words: Sequence[str], limit: int) -> str:
    """List runs, the newest first.

    Raises:
        UsageError: The filter is wrong.
        NotFoundError: There is no such project.
    """
    condition = parse(filter_of(words, store))
    catalogue = Catalogue(store)
    try:
        catalogue.refresh()
        n = catalogue.count(condition)
        order = parse_order("-created_at")
        found = catalogue.page(condition, order, limit=limit if limit > 0 else -1)
    finally:
        catalogue.close()
    if not n:
        return f"no run in {store.path} is like that" if words else f"no runs in {store.path} yet"
    rows = [
        (
            f"{one.project}/{one.id}",
            str(one.name),
            one.state,
            moment(one.created_at),
            duration(one.runtime),
            f"{one.n_rows:,}",
            ", ".join(map(str, one.tags)),
        )
        for one in found
    ]
    listed = table(("run", "name", "state", "started", "runtime", "rows", "tags"), rows)
    more = f"\n{len(found)} of {n:,} runs; --limit 0 lists all" if len(found) < n else ""
    return listed + more


def cells_text(executions: Sequence[Execution], marked: Callable[[Execution], bool]) -> str:
    """List executions; some of them are marked with `*`."""
    rows = [
        (
            f"{one.number}{'*' if marked(one) else ''}",
            "" if one.count is None else f"[{one.count}]",
            short(one.cell_id or "", 12),
            one.status if one.error_name is None else f"{one.status}: {one.error_name}",
            moment(one.started_at),
            duration(None if one.ended_at is None else one.ended_at - one.started_at),
            first_line(one),
        )
        for one in executions
    ]
    return table(("execution", "prompt", "cell", "status", "started", "took", "source"), rows)


def first_line(execution: Execution) -> str:
    """What a cell begins with."""
    if execution.source is None:
        return "(forgotten)" if execution.forgotten else "(not kept)"
    lines = (line.strip() for line in execution.source.split("\n"))
    return short(next((line for line in lines if line), ""), MOST_CELL)


def cell_namer(executions: Sequence[Execution], session: str) -> Callable[[str | None], str]:
    """Make what names the cell of an execution, in the changes of a config."""
    counts = {one.id: one.count for one in executions}

    def name(execution: str | None) -> str:
        place = session_of(execution)
        if place is None:
            return ""
        count = counts.get(execution or "")
        where = "" if place[0] == session else f" of session {place[0]}"
        return f", cell [{count}]" if count is not None else f", execution {place[1]}{where}"

    return name


def compare_text(views: Sequence[RunView]) -> str:
    """Tell in what runs differ: config, summary, code, environment."""
    sides = [dict(_compared(view)) for view in views]
    names = dict.fromkeys(name for side in sides for name in side)
    rows = []
    for name in names:
        said = [value_text(side[name]) if name in side else "-" for side in sides]
        if len(set(said)) > 1:
            rows.append((name, *(short(one, 32) for one in said)))
    names_of_runs = [run_name(view.folder) for view in views]
    if not rows:
        return f"{', '.join(names_of_runs)}: the same config, summary, code and environment"
    return table(("", *names_of_runs), rows)


def _compared(view: RunView) -> Iterator[tuple[str, Any]]:
    yield "state", state_of(view)
    yield from ((f"config.{key}", value) for key, value in view.config.items())
    for name, value in view.flat_summary.items():
        if name not in _NO_RESULTS:
            yield f"summary.{name}", value
    yield "rows", view.n_rows
    if digest := code_digest(view.folder):
        yield "code", digest[:12]
    if view.started:
        started = view.started[-1]
        yield from (
            ("python", started.python),
            ("nbtracker", started.version),
            ("host", started.host),
            ("program", started.program),
        )
    for session in sessions_of(view):
        if session.git is not None:
            yield (
                "git commit",
                session.git.commit[:12] + (" + changes" if session.git.dirty else ""),
            )
        yield from ((f"package {name}", said) for name, said in session.packages.items())


def code_digest(folder: RunFolder) -> str:
    """The digest of the code that made a run; empty if none was kept."""
    found = ""
    for path in folder.journals:
        for item in JournalReader(path).read():
            found = item.digest if isinstance(item, CodeKept) else found
    return found
