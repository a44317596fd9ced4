"""Executions of cells as rows of a table, and what their names are there."""

from collections.abc import Callable, Iterable, Sequence

from nbtracker.text.values import MOST_CELL, duration, moment, short
from nbtracker.views.cells.naming import CellNames, how_lost
from nbtracker.views.session import Execution, session_of

_MOST_ID = 12


def cells_table(
    executions: Sequence[Execution],
    marked: Callable[[Execution], bool] = lambda _: False,
    segments: Sequence[int | None] = (),
) -> tuple[list[str], list[list[str]]]:
    """Give titles and rows of a table of executions; `*` marks some of them.

    Args:
        executions: In the order of the rows.
        marked: Tells those that are marked.
        segments: Of each, the segment of the point that it made; nothing without any.
    """
    names = names_of(executions)
    rows = [
        [
            f"{names[one.id]}{'*' if marked(one) else ''}",
            short(one.cell_id or "-", _MOST_ID),
            one.status if one.error_name is None else f"{one.status}: {short(one.error_name)}",
            moment(one.started_at),
            duration(None if one.ended_at is None else one.ended_at - one.started_at),
            first_line(one),
        ]
        for one in executions
    ]
    titles = ["cell", "id", "status", "started", "took", "source"]
    sessions = [_session(one) for one in executions]
    if len(set(sessions)) > 1:
        titles, rows = _with("session", sessions, titles, rows)
    if any(segments):
        titles, rows = _with("segment", [str(one) for one in segments], titles, rows)
    return titles, rows


def names_of(executions: Iterable[Execution]) -> dict[str, str]:
    """Give the name of each execution by its id; those of one session differ."""
    sessions: dict[str, list[Execution]] = {}
    for one in executions:
        sessions.setdefault(_session(one), []).append(one)
    return {
        one.id: names.name(one)
        for found in sessions.values()
        for names in [CellNames(found)]
        for one in found
    }


def first_line(one: Execution) -> str:
    """What a cell begins with, or why that is not known."""
    lines = (line.strip() for line in source_text(one).split("\n"))
    return short(next((line for line in lines if line), ""), MOST_CELL)


def source_text(one: Execution) -> str:
    """The source of an execution, or a comment that says why there is none."""
    return f"# ({how_lost(one)})" if one.source is None else one.source


def _session(one: Execution) -> str:
    place = session_of(one.id)
    return "" if place is None else place[0]


def _with(
    title: str, cells: Sequence[str], titles: list[str], rows: list[list[str]]
) -> tuple[list[str], list[list[str]]]:
    """Put a column behind the first one."""
    wider = [[row[0], cell, *row[1:]] for row, cell in zip(rows, cells, strict=True)]
    return [titles[0], title, *titles[1:]], wider
