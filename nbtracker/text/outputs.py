"""Why there is nothing to see of what a cell showed, in words."""

from nbtracker.views.cells.naming import LOST, CellNames, how_lost
from nbtracker.views.session import RUNNING, Execution, SessionView

TERMINAL = "a terminal's output is not recorded"


def nothing_text(view: SessionView, number: int) -> str:
    """Say why no output of an execution is shown.

    Args:
        view: The session.
        number: The number of the execution.
    """
    if view.shows_nothing:
        return TERMINAL
    executions = view.executions
    one = next((one for one in executions if one.number == number), None)
    return f"{CellNames(executions).cell(number)} {_why(view, one)}"


def _why(view: SessionView, one: Execution | None) -> str:
    if one is None or (one.source is None and how_lost(one) == LOST):
        return "showed nothing, or nothing of it was kept"
    if one.source is None:
        return f"was {how_lost(one)}"
    if one.status == RUNNING:
        return "has shown nothing yet"
    if any(other.forgotten for other in view.executions):
        return "showed nothing, or it went with a cell that was forgotten"
    return "showed nothing"
