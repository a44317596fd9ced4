"""What was around a run that may explain why another one differs: facts from its session."""

from collections.abc import Mapping, Sequence
from typing import Any

from nbtracker.journal.cells import DataRead
from nbtracker.views.cells.effects import LIBRARIES, random_numbers
from nbtracker.views.cells.order import HIDDEN, badge
from nbtracker.views.cells.tracing import trace
from nbtracker.views.cells.verdict import BYTES, Facts
from nbtracker.views.outputs import outputs_of
from nbtracker.views.session import Execution, SessionView


def facts_of(session: SessionView, executions: Sequence[Execution]) -> Facts:
    """Gather what may explain a difference.

    Args:
        session: What was recorded.
        executions: Those of its executions that count.
    """
    shown = tracebacks_of(session, executions)
    numbers = {one.number for one in executions}
    judged = badge(executions, tracebacks=shown)
    return Facts(
        cells=tuple(one.digest for one in executions),
        modules={one.name: one.digest for one in session.modules},
        packages=dict(session.packages),
        data={one.path: _digest(one) for one in session.data if one.number in numbers},
        python=session.started.python if session.started else "",
        unseeded=unseeded(executions, shown),
        hidden=judged.why if judged.kind == HIDDEN else (),
        missing=tuple(_missing(one) for one in executions if one.source is None),
    )


def tracebacks_of(session: SessionView, executions: Sequence[Execution]) -> dict[int, str]:
    """Give what was shown of each execution that failed, by its number."""
    found = {}
    for one in executions:
        if one.status in ("error", "interrupted"):
            errors = outputs_of(session.folder, one.number)
            said = [error for error in errors if error.get("output_type") == "error"]
            if said:
                lines = [*said[-1].get("traceback", ()), f"{said[-1].get('evalue', '')}"]
                found[one.number] = "\n".join(map(str, lines))
    return found


def unseeded(
    executions: Sequence[Execution], tracebacks: Mapping[int, str] | None = None
) -> tuple[str, ...]:
    """Libraries whose random numbers are drawn before, or without, a seed."""
    traced = trace(executions, tracebacks or {})
    given = any(one.flow.seeded for one in traced)
    seeded, found = set[str](), list[str]()
    for one in traced:
        seeds = {library for library in LIBRARIES if random_numbers(library) in one.writes}
        drawn = one.samples - seeds - seeded - ({"numpy"} if given else set())
        found += sorted(drawn | one.flow.unseeded)
        seeded |= seeds
    return tuple(dict.fromkeys(found))


def _digest(one: DataRead) -> str:
    return one.digest or f"{one.size}{BYTES}"


def spelled(config: Mapping[str, Any]) -> dict[str, str]:
    """Spell the values of a config, so that they can be compared and shown."""
    return {key: repr(value) for key, value in config.items()}


def _missing(one: Execution) -> str:
    how = (
        "was forgotten" if one.forgotten else "was skipped" if one.skipped else "is lost or edited"
    )
    return f"the source of execution {one.number} {how}, so it was not run again"
