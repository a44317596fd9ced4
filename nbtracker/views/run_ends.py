"""Where the part ended that each kernel had in a run."""

from collections.abc import Sequence
from dataclasses import dataclass

from nbtracker.journal.records import Ended, RunStarted
from nbtracker.views.run import RunView
from nbtracker.views.session import Execution, session_of


@dataclass(frozen=True)
class End:
    """Where the part of a session ended.

    Attributes:
        at: By the wall clock. Units: seconds since 1970.
        number: Of the execution that ended it; None if none is known.
    """

    at: float
    number: int | None = None


def ends_of(view: RunView, *, otherwise: float) -> dict[str, End]:
    """Say of each session where its part ended: with the run, or before it went on elsewhere.

    Args:
        view: The run.
        otherwise: When it ended if it has no end. Units: seconds since 1970.
    """
    sessions = dict.fromkeys(one.session for one in view.started)
    return {one: _end(view, one, otherwise) for one in sessions if one}


def part_until(end: End, executions: Sequence[Execution]) -> list[Execution]:
    """Choose the executions of a session that began before an end.

    The number decides where it is known: a clock that was set says of early executions that
    they are late, and of late ones that they are early.
    """
    named = [one.ended_at for one in executions if one.number == end.number]
    # A thread or a task may end a run long after the execution that began it.
    by_clock = end.number is None or any(at is not None and at < end.at for at in named)
    return [
        one
        for one in executions
        if (end.number is not None and one.number <= end.number)
        or (by_clock and one.started_at <= end.at)
    ]


def _end(view: RunView, session: str, otherwise: float) -> End:
    last = [one for one in view.started if one.session == session][-1]
    ended = view.endings
    if view.started[-1] is last:
        ended = [] if view.ended is None else [view.ended]
    places = [(session_of(one.execution), one) for one in ended]
    begun = session_of(last.execution)
    first = begun[1] if begun else 0
    named = [
        End(one.at, place[1])
        for place, one in places
        if place is not None and place[0] == session and place[1] >= first
    ]
    return named[-1] if named else End(_ended_at(view, session, otherwise))


def _ended_at(view: RunView, session: str, otherwise: float) -> float:
    """By the wall clock alone."""
    last = otherwise if view.ended_at is None else view.ended_at
    ats = []
    for one, following in zip(view.started, [*view.started[1:], None], strict=True):
        if one.session == session:
            ats.append(last if following is None else _left_at(view.endings, one, following))
    return max(ats)


def _left_at(endings: Sequence[Ended], one: RunStarted, following: RunStarted) -> float:
    between = (ended.at for ended in endings if one.at <= ended.at <= following.at)
    return max(between, default=following.at)
