"""Which cells made a run, and which of them made a point of it."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from nbtracker.errors import NotFoundError, UsageError
from nbtracker.journal.cells import SystemSampled
from nbtracker.journal.frames import LATE, SEGMENT
from nbtracker.journal.names import split
from nbtracker.journal.reader import JournalReader
from nbtracker.journal.records import ConfigSet, MetricDefined, Row, RunStarted, SummarySet
from nbtracker.journal.rows import Rows
from nbtracker.store.layout import RunFolder, Store
from nbtracker.store.sessions import SessionFolder, session_folder
from nbtracker.views.cells.naming import numbers_of
from nbtracker.views.outputs import outputs_of
from nbtracker.views.run import RunView
from nbtracker.views.run_ends import ends_of, part_until
from nbtracker.views.session import Execution, SessionView, read_session, session_of

# Below this many rows, asking numpy costs more than it saves.
_FEW = 32


def sessions_of(
    view: RunView, read: Callable[[SessionFolder], SessionView | None] | None = None
) -> list[SessionView]:
    """Read the sessions that a run was recorded in, in the order it was gone on with.

    Args:
        view: The run.
        read: Gives a session, or None if there is none. Default: reads it whole.
    """
    ids = dict.fromkeys(one.session for one in view.started if one.session)
    found = (_session(view.folder, one, read or _whole) for one in ids)
    return [session for session in found if session is not None]


def samples_of(view: RunView) -> list[SystemSampled]:
    """What the machine did while cells ran, from the run's start to its end."""
    since = view.started[0].at if view.started else 0.0
    until = view.ended.at if view.ended is not None else float("inf")
    return [
        one for session in sessions_of(view) for one in session.samples if since <= one.at <= until
    ]


def cells_of(view: RunView, sessions: Sequence[SessionView] | None = None) -> list[Execution]:
    """Every execution that may have had a part in a run: those of its kernel, up to its end.

    Args:
        view: The run.
        sessions: Those it was recorded in, if they were read already.
    """
    parts = outlines_of(view, sessions_of(view) if sessions is None else sessions)
    return [one for session, outlines in parts for one in session.with_sources(outlines)]


def outlines_of(
    view: RunView, sessions: Sequence[SessionView]
) -> list[tuple[SessionView, list[Execution]]]:
    """The same without the sources, each of which is a file to be read; by session."""
    ends = ends_of(view, otherwise=math.inf)
    return [(one, part_until(ends[one.folder.id], one.outlines)) for one in sessions]


@dataclass(frozen=True, slots=True)
class Point:
    """What a call of `log` left at a step.

    Attributes:
        segment: How many times before it the steps of the run had begun again.
        execution: Id of the execution that called; None where none is known.
    """

    segment: int
    execution: str | None


@dataclass(frozen=True, slots=True)
class Made:
    """An execution, and the segment of the point that it made, if one was asked for."""

    segment: int | None
    execution: Execution


def cells_asked(
    view: RunView,
    step: int | None = None,
    metric: str | None = None,
    segment: int | None = None,
) -> list[Made]:
    """Choose executions of a run: those that made a point, or logged a metric, or all.

    Args:
        view: The run.
        step: Of a point; those that made it are given, the newest first.
        metric: Of the point, or without a step: of all that logged it.
        segment: Of the point. Default: any.

    Raises:
        UsageError: A segment was asked for without a step.
        NotFoundError: There is no such point or metric, or no cell is known of the point.
    """
    if step is not None:
        return made_at(view, step, metric, segment)
    if segment is not None:
        raise UsageError(f"segment {segment} of which step? say that, too: step 0, for example")
    found = cells_of(view) if metric is None else cells_that_logged(view, metric)
    return [Made(None, one) for one in found]


def cell_of(
    view: RunView, step: int, metric: str | None = None, segment: int | None = None
) -> Execution:
    """The execution that made a point.

    Args:
        view: The run.
        step: The point's step.
        metric: Its metric, by its canonical name. Default: any.
        segment: Which of them, if steps began again: 0 before they did. Default: the newest.

    Raises:
        NotFoundError: There is no such point, or no cell is known of it.
    """
    return made_at(view, step, metric, segment)[0].execution


def made_at(
    view: RunView, step: int, metric: str | None = None, segment: int | None = None
) -> list[Made]:
    """All executions that made a point at a step, the newest first; see `cell_of`.

    Raises:
        NotFoundError: There is no such point, or no cell is known of it.
    """
    every = points_at(view.folder, step, metric)
    points = [one for one in every if segment is None or one.segment == segment]
    if not points:
        what = f"of {metric!r} " if metric else ""
        there = ", ".join(str(one) for one in dict.fromkeys(one.segment for one in every))
        where = f"it has one in segment {there}" if there else _where_else(view, metric)
        within = "" if segment is None else f" of segment {segment}"
        raise NotFoundError(
            f"run {view.project}/{view.id} has no point {what}at step {step}{within}; {where}"
        )
    known = {one.id: one for session in sessions_of(view) for one in session.executions}
    found = [
        Made(one.segment, known[one.execution])
        for one in dict.fromkeys(reversed(points))
        if one.execution in known
    ]
    if not found:
        raise NotFoundError(
            f"the point at step {step} of run {view.project}/{view.id} was not made by a cell that "
            "is recorded: it comes from a script, or was logged before %load_ext nbtracker"
        )
    return found


def _where_else(view: RunView, metric: str | None) -> str:
    """Say where a run has points, since it has none where they were asked for."""
    if not view.n_rows:
        return "it logged no rows"
    logged = metrics_logged(view.folder)
    if metric is not None and not _has(tuple(logged), metric):
        return f"{metric!r} was never logged; it logged {', '.join(logged)}"
    first, last = _ends_of_steps(view.folder)
    return f"its steps are {first} to {last}" if first != last else f"its only step is {first}"


def metrics_logged(folder: RunFolder) -> list[str]:
    """The canonical names of all that a run logged, in order."""
    found: dict[str, None] = {}
    for item in _rows_of(folder):
        found |= dict.fromkeys(item.values if isinstance(item, Row) else item.schema.names)
    return list(found)


def _ends_of_steps(folder: RunFolder) -> tuple[int, int]:
    """The lowest and the highest step of all segments."""
    steps: set[int] = set()
    for item in _rows_of(folder):
        some = [item.step] if isinstance(item, Row) else [one[2] for one in item.tuples()]
        steps = {min(steps.union(some)), max(steps.union(some))} if some else steps
    return min(steps, default=0), max(steps, default=0)


def _rows_of(folder: RunFolder) -> Iterator[Row | Rows]:
    for path in folder.journals:
        for item in JournalReader(path).read():
            if isinstance(item, Row | Rows):
                yield item


def points_at(folder: RunFolder, step: int, metric: str | None = None) -> list[Point]:
    """The calls that logged a step, or a metric of it, in order; late ones are left out."""
    found: list[Point] = []
    for path in folder.journals:
        segment = 0
        for item in JournalReader(path).read():
            if isinstance(item, Row):
                segment += item.segment and not item.late
                if item.step == step and not item.late and _has(tuple(item.values), metric):
                    found.append(Point(segment, item.execution))
            elif isinstance(item, Rows):
                at, segment = _segments_at(item, step, segment)
                if at and _has(item.schema.names, metric):
                    found += [Point(one, item.schema.execution) for one in at]
    return found


def cells_that_logged(view: RunView, metric: str) -> list[Execution]:
    """The executions that logged a metric, in order.

    Raises:
        NotFoundError: The run did not log it.
    """
    logged: set[str | None] = set()
    others: dict[str, None] = {}
    for path in view.folder.journals:
        for item in JournalReader(path).read():
            if isinstance(item, Row | Rows):
                said = item if isinstance(item, Row) else item.schema
                names = tuple(item.values) if isinstance(item, Row) else item.schema.names
                others |= dict.fromkeys(names)
                logged |= {said.execution} if _has(names, metric) else set()
    if not logged:
        there = ", ".join(others) or "no rows"
        raise NotFoundError(
            f"run {view.project}/{view.id} did not log {metric!r}; it logged {there}"
        )
    return [one for one in cells_of(view) if one.id in logged]


def made_of(view: RunView, session: str) -> set[int]:
    """Numbers of the executions of a session that made a run: began it, or recorded in it.

    The one that ended it is not among them: the next run may have been begun there.
    """
    kinds = (RunStarted, ConfigSet, SummarySet, MetricDefined, Row)
    found: set[str | None] = set()
    for path in view.folder.journals:
        for item in JournalReader(path).read():
            if isinstance(item, Rows):
                found.add(item.schema.execution)
            elif isinstance(item, kinds):
                found.add(item.execution)
    places = (session_of(one) for one in found)
    return {place[1] for place in places if place is not None and place[0] == session}


def outputs_shown(view: RunView, cell: Execution | int | str) -> list[dict[str, Any]]:
    """Give what an execution showed: one of a run's, or of its last session by number or name.

    Raises:
        UsageError: No execution is called like this, or several are.
    """
    sessions = {one.folder.id: one for one in sessions_of(view)}
    if not sessions:
        return []
    session = list(sessions.values())[-1]
    if isinstance(cell, str):
        cell = numbers_of(cell, session.executions, "cells()")[-1]
    elif isinstance(cell, Execution):
        place = session_of(cell.id)
        session, cell = sessions.get(place[0] if place else "", session), cell.number
    return outputs_of(session.folder, cell)


def _session(
    folder: RunFolder, session_id: str, read: Callable[[SessionFolder], SessionView | None]
) -> SessionView | None:
    try:
        place = session_folder(Store(folder.store), session_id)
    except UsageError:  # not what nbtracker wrote
        return None
    return read(place)


def _whole(place: SessionFolder) -> SessionView | None:
    return read_session(place) if place.exists else None


def _segments_at(rows: Rows, step: int, segment: int) -> tuple[list[int], int]:
    """Segments of the rows that fill a step, and the segment that the last row is in."""
    if rows.n < _FEW:
        found = []
        for flags, _, at, _ in rows.tuples():
            segment += flags & (SEGMENT | LATE) == SEGMENT
            if at == step and not flags & LATE:
                found.append(segment)
        return found, segment
    frames = rows.columns()
    all_flags: Any = frames["flags"]
    segments = segment + (all_flags & (SEGMENT | LATE) == SEGMENT).cumsum()
    hits = (frames["step"] == step) & (all_flags & LATE == 0)
    return segments[hits].tolist(), int(segments[-1])


def _has(names: tuple[str, ...], metric: str | None) -> bool:
    if metric is None or metric in names:
        return True
    return any(".".join(split(name)) == metric for name in names)
