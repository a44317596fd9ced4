"""Runs, cells and config as a front end is told of them: folds on views, and nothing else."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, cast

from nbtracker.views.catalogue.facts import Facts
from nbtracker.views.catalogue.listed import LINE, LONG, MAX_SCALARS, SHORT, Listed, listed_of
from nbtracker.views.run import RunView
from nbtracker.views.session import RUNNING, Execution, SessionView
from nbtracker.wire import schema
from nbtracker.wire.config_facts import config_entries
from nbtracker.wire.metric_facts import metric_infos
from nbtracker.wire.spelling import cut, moment, plain

__all__ = [
    "cell_infos", "plain", "run_detail", "run_ref", "run_row", "running_cells",
]  # fmt: skip

MAX_CELLS = 20_000

MAX_SOURCES = 20_000_000
"""How much of their sources is told of cells, the newest first. Units: characters."""

MAX_SOURCE_BYTES = 4 * (LONG + 1)
"""How much of a source is read: enough to fill what is shown, whatever characters it has."""

MAX_RUNNING = 100


def run_row(run: Listed, store: str) -> schema.RunRow:
    """Tell of a run in a list.

    Args:
        run: What lists show of it.
        store: The id of its store.
    """
    return {
        "store": store,
        "project": run.project,
        "id": run.id,
        "name": cut(run.name, LINE),
        "state": cast("schema.State", run.state),
        "created_at": moment(run.created_at),
        "ended_at": moment(run.ended_at),
        "changed_at": moment(run.changed_at),
        "runtime_s": moment(run.runtime) or 0.0,
        "group": _text(run.group),
        "job_type": _text(run.job_type),
        "tags": [cut(tag, SHORT) for tag in run.tags],
        "notes": None if run.notes is None else cut(run.notes, LONG),
        "n_rows": run.n_rows,
        "last_step": run.last_step,
        "notebook": _text(run.notebook),
        "session": _text(run.session),
        "family": _text(run.family),
        "replay_of": _text(run.replay_of),
        "archived": run.archived,
        "config": _scalars(run.config),
        "summary": _scalars(run.summary),
        "trouble": _text(run.trouble),
    }


def _scalars(found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        cut(name, LINE): plain(value, most_text=SHORT, most_items=10, most_depth=1)
        for name, value in found.items()
    }


def run_ref(run: Listed) -> schema.RunRef:
    """Name another run."""
    return {
        "project": run.project,
        "id": run.id,
        "name": cut(run.name, LINE),
        "state": cast("schema.State", run.state),
        "created_at": moment(run.created_at),
    }


def run_detail(
    view: RunView,
    facts: Facts,
    store: str,
    sessions: Sequence[SessionView],
    *,
    n_cells: int = 0,
    attempts: Iterable[Listed] = (),
    replays: Iterable[Listed] = (),
) -> schema.RunDetail:
    """Tell everything of a run but its rows, cells and files.

    Args:
        view: The run.
        facts: What can be said of it without its rows.
        store: The id of its store.
        sessions: Those it was recorded in.
        n_cells: How many executions may have had a part in it.
        attempts: Runs of its family.
        replays: Runs that executed its code again.
    """
    row = run_row(listed_of(facts), store)
    if sessions and sessions[-1].notebook:
        row["notebook"] = _text(sessions[-1].notebook)
    started = view.started[-1] if view.started else None
    # Whoever changes tags sends back what there is: all of it.
    row["tags"] = [str(tag) for tag in facts.tags]
    detail: schema.RunDetail = {
        **row,
        "config_entries": config_entries(view, sessions),
        "summary_tree": plain(facts.summary),
        "metrics": metric_infos(view),
        "attempts": [run_ref(one) for one in attempts],
        "replays": [run_ref(one) for one in replays],
        "error": None if view.error is None else cut(str(view.error), LONG),
        "exit_code": view.exit_code,
        "damages": [
            cut(f"{one.path.name}, bytes {one.start:,} to {one.end:,}: {one.reason}", LINE)
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
        source = session.source_of(one, most=MAX_SOURCE_BYTES) if n_left >= 0 else None
        told = None if source is None else cut(source, LONG)
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
        "tags": [cut(tag, SHORT) for tag in one.tags[:MAX_SCALARS]],
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


def _git(sessions: Sequence[SessionView]) -> str | None:
    kept = [session.git for session in sessions if session.git is not None]
    if not kept:
        return None
    return cut(f"{kept[-1].commit[:12]}{' + changes' if kept[-1].dirty else ''}", SHORT)


def _text(value: Any) -> str | None:
    return None if value is None else cut(str(value), LINE)
