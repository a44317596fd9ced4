"""Names of the cells that records of a run name by the ids of executions."""

import contextlib
from collections.abc import Callable, Sequence
from functools import cached_property

from nbtracker.views.cells.naming import CellNames
from nbtracker.views.session import SessionView, session_of
from nbtracker.views.unreadable import UNREADABLE


class CellsOfSessions:
    """Names cells, of a run or of a kernel.

    Args:
        sessions: Gives those that are known, the newest last; called when the first name is asked
            for. Of the cells of others, a name says so.
    """

    def __init__(self, sessions: Callable[[], Sequence[SessionView]]) -> None:
        self._sessions = sessions

    @cached_property
    def _names(self) -> dict[str, CellNames]:
        with contextlib.suppress(*UNREADABLE):
            return {one.folder.id: CellNames(one.outlines) for one in self._sessions()}
        return {}

    def cell(self, execution: str | None) -> str:
        """Name the cell of an execution, such as `cell [7]`; empty if none is known."""
        place = session_of(execution)
        if place is None:
            return ""
        session, number = place
        names = self._names.get(session, CellNames(()))
        is_here = not self._names or session == next(reversed(self._names))
        return names.cell(number) + ("" if is_here else f" of session {session}")
