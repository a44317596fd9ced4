"""Runs, cells and config as a front end is told of them: folds on views, and nothing else."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, cast

from nbtracker.journal.records import ConfigSet
from nbtracker.views.catalogue.facts import Facts, flat_items
from nbtracker.views.metrics import OWN_COLUMNS
from nbtracker.views.run import RunView
from nbtracker.views.session import RUNNING, Execution, SessionView
from nbtracker.wire import schema
from nbtracker.wire.metric_facts import metric_infos
from nbtracker.wire.spelling import cut, moment, plain

__all__ = [
    "cell_infos", "config_changes", "plain", "run_detail", "run_ref", "run_row", "running_cells",
]  # fmt: skip

MAX_SCALARS = 100
"""Values of config, and of summary, in a row of a list."""

MAX_CHANGES = 10_000
"""Changes of a config that are told; of more, the newest."""

MAX_CELLS = 20_000

MAX_SOURCES = 20_000_000
"""How much of their sources is told of cells, the newest first. Units: characters."""

MAX_RUNNING = 100
_SHORT, _LINE, _LONG = 300, 1_000, 100_000


def run_row(facts: Facts, store: str) -> schema.RunRow:
    """Tell of a run in a list.

    Args:
        facts: What the catalogue knows.
        store: The id of its store.
    """
    started = facts.started
    session = _text(started.get("session"))
    return {
        "store": store,
        "project": facts.project,
        "id": facts.id,
        "name": cut(str(facts.name), _LINE),
        "state": cast("schema.State", facts.state),
        "created_at": moment(facts.created_at),
        "ended_at": moment(facts.ended_at),
        "changed_at": moment(facts.changed_at),
        "runtime_s": moment(facts.runtime) or 0.0,
        "group": _text(facts.group),
        "job_type": _text(facts.job_type),
        "tags": [cut(str(tag), _SHORT) for tag in facts.tags[:MAX_SCALARS]],
        "notes": None if facts.notes is None else cut(str(facts.notes), _LONG),
        "n_rows": facts.n_rows,
        "last_step": facts.last_step,
        "notebook": _notebook(started),
        "session": session,
        "family": _text(started.get("family")),
        "replay_of": _text(started.get("replay_of")),
        "archived": facts.archived,
        "config": _scalars(_pinned_first(facts.config, facts.pinned)),
        "summary": _scalars(facts.summary),
        "trouble": None if facts.trouble is None else cut(facts.trouble, _LINE),
    }


def run_ref(facts: Facts) -> schema.RunRef:
    """Name another run."""
    return {
        "project": facts.project,
        "id": facts.id,
        "name": cut(str(facts.name), _LINE),
        "state": cast("schema.State", facts.state),
        "created_at": moment(facts.created_at),
    }


def run_detail(
    view: RunView,
    facts: Facts,
    store: str,
    sessions: Sequence[SessionView],
    *,
    n_cells: int = 0,
    attempts: Iterable[Facts] = (),
    replays: Iterable[Facts] = (),
) -> schema.RunDetail:
    """Tell everything of a run but its rows, cells and files.

    Args:
        view: The run.
        facts: What the catalogue keeps of it.
        store: The id of its store.
        sessions: Those it was recorded in.
        n_cells: How many executions may have had a part in it.
        attempts: Runs of its family.
        replays: Runs that executed its code again.
    """
    row = run_row(facts, store)
    if sessions and sessions[-1].notebook:
        row["notebook"] = _text(sessions[-1].notebook)
    started = view.started[-1] if view.started else None
    # Whoever changes tags sends back what there is: all of it.
    row["tags"] = [str(tag) for tag in facts.tags]
    detail: schema.RunDetail = {
        **row,
        "config_entries": _config_entries(view, sessions),
        "summary_tree": plain(facts.summary),
        "metrics": metric_infos(view),
        "attempts": [run_ref(one) for one in attempts],
        "replays": [run_ref(one) for one in replays],
        "error": None if view.error is None else cut(str(view.error), _LONG),
        "exit_code": view.exit_code,
        "damages": [
            cut(f"{one.path.name}, bytes {one.start:,} to {one.end:,}: {one.reason}", _LINE)
            for one in view.damages[:MAX_SCALARS]
        ],
        "gaps": facts.gaps,
        "n_cells": n_cells,
        "program": _text(started.program) if started else None,
        "host": _text(started.host) if started else None,
        "python": _text(started.python) if started else None,
        "git": _git(sessions),
        "stop_requested": view.stop_requested and view.ended is None,
    }
    return detail


def config_changes(view: RunView, sessions: Sequence[SessionView]) -> list[schema.ConfigChange]:
    """Tell each change of a config in order, the first settings included."""
    prompts = _prompts(sessions)
    return [_change(one, prompts) for one in view.config_history[-MAX_CHANGES:]]


def cell_infos(
    parts: Sequence[tuple[SessionView, Sequence[Execution]]], n_rows: Mapping[str | None, int]
) -> list[schema.CellInfo]:
    """Tell of cells as they were executed.

    Args:
        parts: Sessions with their outlines, in order; see `nbtracker.views.run_cells`.
        n_rows: How many rows of the run each execution made, by its id.
    """
    newest = (
        (session, one)
        for session, outlines in reversed(parts)
        for one in reversed(session.as_left(outlines))
    )
    found: list[schema.CellInfo] = []
    n_left = MAX_SOURCES
    for session, one in islice(newest, MAX_CELLS):
        source = session.source_of(one) if n_left >= 0 else None
        told = None if source is None else cut(source, _LONG)
        n_left -= len(told or "")
        info = _cell_info(one, told if n_left >= 0 else None, n_rows.get(one.id, 0))
        if n_left < 0 and one.digest and not one.forgotten:
            info["left_out"] = True
        found.append(info)
    return found[::-1]


def _cell_info(one: Execution, source: str | None, n_rows: int) -> schema.CellInfo:
    return {
        "execution": one.id,
        "number": one.number,
        "count": one.count,
        "cell_id": _text(one.cell_id),
        "source": source,
        "forgotten": one.forgotten,
        "status": one.status,
        "started_at": moment(one.started_at) or 0.0,
        "ended_at": moment(one.ended_at),
        "error": _text(one.error_name),
        "n_rows": n_rows,
        "tags": [cut(tag, _SHORT) for tag in one.tags[:MAX_SCALARS]],
    }


def running_cells(run: str, session: SessionView) -> list[schema.RunningCell]:
    """Tell which cells of a session run; of a crafted one, only the newest few."""
    if not session.is_running:
        return []
    running = [one for one in session.outlines if one.status == RUNNING][-MAX_RUNNING:]
    return [
        {"run": run, "execution": one.id, "cell_id": _text(one.cell_id), "count": one.count}
        for one in running
    ]


def _config_entries(view: RunView, sessions: Sequence[SessionView]) -> list[schema.ConfigEntry]:
    changes: dict[str, list[schema.ConfigChange]] = {}
    for one in config_changes(view, sessions):
        if not one["first"]:
            changes.setdefault(one["key"], []).append(one)
    pinned = frozenset(view.pinned)
    found: list[schema.ConfigEntry] = []
    for key, value in _pinned_first(view.config, view.pinned).items():
        desc = view.config_descriptions.get(key)
        found.append(
            {
                "key": cut(key, _LINE),
                "value": plain(value),
                "desc": None if desc is None else cut(desc, _LINE),
                "pinned": key in pinned,
                "changes": changes.get(cut(key, _LINE), []),
            }
        )
    return found


def _change(one: ConfigSet, prompts: Mapping[str, int | None]) -> schema.ConfigChange:
    return {
        "key": cut(one.key, _LINE),
        "old": plain(one.old),
        "new": plain(one.new),
        "first": one.first,
        "step": one.step,
        "execution": one.execution,
        "at": moment(one.at) or 0.0,
        "cell": prompts.get(one.execution or ""),
    }


def _prompts(sessions: Sequence[SessionView]) -> dict[str, int | None]:
    """What the prompt of each execution showed."""
    return {one.id: one.count for session in sessions for one in session.outlines}


def _pinned_first(config: Mapping[str, Any], pinned: Iterable[str]) -> dict[str, Any]:
    """A config whose pinned keys stand first; a pin may name what is in a dictionary."""
    first = [key for key in pinned if key in config]
    return {key: config[key] for key in dict.fromkeys((*first, *config))}


def _scalars(tree: Mapping[str, Any]) -> dict[str, Any]:
    """The first single values of a tree, by their dotted names."""
    found: dict[str, Any] = {}
    for name, value in flat_items(tree):
        if len(found) >= MAX_SCALARS:
            break
        if not isinstance(value, dict) and name not in OWN_COLUMNS:
            found[cut(name, _LINE)] = plain(value, most_text=_SHORT, most_items=10, most_depth=1)
    return found


def _notebook(started: Mapping[str, Any]) -> str | None:
    settings = started.get("settings")
    said = settings.get("notebook_name") if isinstance(settings, dict) else None
    return _text(said)


def _git(sessions: Sequence[SessionView]) -> str | None:
    kept = [session.git for session in sessions if session.git is not None]
    if not kept:
        return None
    return cut(f"{kept[-1].commit[:12]}{' + changes' if kept[-1].dirty else ''}", _SHORT)


def _text(value: Any) -> str | None:
    return None if value is None else cut(str(value), _LINE)
