"""All executions that may have had a part in a run, of one kernel after the other.

A run that went on in another kernel has several sessions. Their executions are counted on, so
that each number stands for one of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from nbtracker.views.cells.evidence import tracebacks_of
from nbtracker.views.outputs import outputs_of
from nbtracker.views.run import RunView
from nbtracker.views.run_cells import sessions_of
from nbtracker.views.run_ends import ends_of, part_until
from nbtracker.views.session import RUNNING, Execution, SessionView, session_of


@dataclass(frozen=True)
class Part:
    """What one kernel did of a run.

    Attributes:
        session: The kernel's session.
        own: Its executions up to the moment at which the run ended there, or went on elsewhere.
        offset: How many numbers are before its first.
    """

    session: SessionView
    own: tuple[Execution, ...]
    offset: int = 0

    @property
    def executions(self) -> tuple[Execution, ...]:
        """The same, counted on from the parts before."""
        return tuple(replace(one, number=one.number + self.offset) for one in self.own)

    @property
    def upto(self) -> int:
        """Number, within the session, of the last execution."""
        return max((one.number for one in self.own), default=0)


class Ledger:
    """The executions of a run, in order.

    Args:
        view: The run.
        running: Whether those count that still run.

    Attributes:
        parts: One for each session that is there, in the order the run was gone on with.
        executions: All of them.
    """

    def __init__(self, view: RunView, *, running: bool = False) -> None:
        self.parts: list[Part] = []
        ends = ends_of(view, otherwise=view.last_at)
        for session in sessions_of(view):
            part = part_until(ends[session.folder.id], session.executions)
            own = tuple(one for one in part if running or one.status != RUNNING)
            offset = 0 if not self.parts else self.parts[-1].offset + self.parts[-1].upto
            self.parts.append(Part(session, own, offset))
        self.executions = [one for part in self.parts for one in part.executions]

    @property
    def sessions(self) -> list[tuple[SessionView, int]]:
        """Each session, with the number of the last of its executions that counts."""
        return [(part.session, part.upto) for part in self.parts]

    def number(self, execution: str | None) -> int | None:
        """The number that the execution of an id has here; None if its session is not there."""
        place = session_of(execution)
        for part in self.parts if place is not None else ():
            if place is not None and place[0] == part.session.folder.id:
                return place[1] + part.offset
        return None

    def numbers(self, executions: Iterable[str | None]) -> set[int]:
        """The numbers that executions have here, of those that are there."""
        return {n for one in executions if (n := self.number(one)) is not None}

    def outputs(self, number: int) -> list[dict[str, Any]]:
        """What an execution showed, as nbformat has it."""
        for part in reversed(self.parts):
            if number > part.offset:
                return outputs_of(part.session.folder, number - part.offset)
        return []

    @cached_property
    def tracebacks(self) -> dict[int, str]:
        """What was shown of each execution that failed, by its number."""
        return {
            number + part.offset: said
            for part in self.parts
            for number, said in tracebacks_of(part.session, part.own).items()
        }
