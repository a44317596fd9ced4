"""Which cells made a run, and which of them made a point of it."""

from nbtracker.errors import NotFoundError, UsageError
from nbtracker.journal.cells import SystemSampled
from nbtracker.journal.frames import LATE
from nbtracker.journal.names import split
from nbtracker.journal.reader import JournalReader
from nbtracker.journal.records import Row
from nbtracker.journal.rows import Rows
from nbtracker.store.layout import RunFolder, Store
from nbtracker.store.sessions import session_folder
from nbtracker.views.run import RunView
from nbtracker.views.session import Execution, SessionView, read_session, session_of

# Below this many rows, asking numpy costs more than it saves.
_FEW = 32


def sessions_of(view: RunView) -> list[SessionView]:
    """Read the sessions that a run was recorded in, in the order it was gone on with."""
    ids = dict.fromkeys(one.session for one in view.started if one.session)
    found = (_session(view.folder, one) for one in ids)
    return [session for session in found if session is not None]


def samples_of(view: RunView) -> list[SystemSampled]:
    """What the machine did while cells ran, from the run's start to its end."""
    since = view.started[0].at if view.started else 0.0
    until = view.ended.at if view.ended is not None else float("inf")
    return [
        one for session in sessions_of(view) for one in session.samples if since <= one.at <= until
    ]


def cells_of(view: RunView) -> list[Execution]:
    """Every execution that may have had a part in a run: those of its kernel, up to its end."""
    until = view.ended.at if view.ended is not None else float("inf")
    return [
        one
        for session in sessions_of(view)
        for one in session.executions
        if one.started_at <= until
    ]


def cell_of(view: RunView, step: int, metric: str | None = None) -> Execution:
    """The execution that made a point.

    Args:
        view: The run.
        step: The point's step; if steps began again, the newest.
        metric: Its metric, by its canonical name. Default: any.

    Raises:
        NotFoundError: There is no such point, or no cell is known of it.
    """
    found, is_there = made_by(view.folder, step, metric)
    if not is_there:
        what = f"of {metric!r} " if metric else ""
        raise NotFoundError(
            f"run {view.project}/{view.id} has no point {what}at step {step}; "
            f"its steps end at {view.last_step}"
        )
    place = session_of(found)
    if place is not None:
        session = _session(view.folder, place[0])
        one = None if session is None else session.execution(place[1])
        if one is not None:
            return one
    raise NotFoundError(
        f"the point at step {step} of run {view.project}/{view.id} was not made by a cell that is "
        "recorded: it comes from a script, or was logged before %load_ext nbtracker"
    )


def made_by(folder: RunFolder, step: int, metric: str | None = None) -> tuple[str | None, bool]:
    """Give the id of the execution that logged a point last, and whether there is such a point."""
    found: tuple[str | None, bool] = None, False
    for path in folder.journals:
        for item in JournalReader(path).read():
            if isinstance(item, Row):
                names: tuple[str, ...] = tuple(item.values)
                hit = item.step == step and not item.late
                execution = item.execution
            elif isinstance(item, Rows):
                names, execution = item.schema.names, item.schema.execution
                hit = (metric is None or _has(names, metric)) and _has_step(item, step)
            else:
                continue
            if hit and (metric is None or _has(names, metric)):
                found = execution, True
    return found


def _session(folder: RunFolder, session_id: str) -> SessionView | None:
    try:
        place = session_folder(Store(folder.store), session_id)
    except UsageError:  # not what nbtracker wrote
        return None
    return read_session(place) if place.exists else None


def _has_step(rows: Rows, step: int) -> bool:
    if rows.n < _FEW:
        return any(at == step and not flags & LATE for flags, _, at, _ in rows.tuples())
    frames = rows.columns()
    return bool(((frames["step"] == step) & (frames["flags"] & LATE == 0)).any())


def _has(names: tuple[str, ...], metric: str) -> bool:
    return metric in names or any(".".join(split(name)) == metric for name in names)
