"""What was around a run that may explain why another one differs: facts from its session."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from nbtracker.journal.cells import DataRead
from nbtracker.views.cells.effects import LIBRARIES, random_numbers
from nbtracker.views.cells.naming import LOST, CellNames, how_lost
from nbtracker.views.cells.order import HIDDEN, badge
from nbtracker.views.cells.tracing import trace
from nbtracker.views.cells.verdict import BYTES, Facts
from nbtracker.views.outputs import outputs_of
from nbtracker.views.session import Execution, SessionView


def facts_of(
    sessions: Sequence[tuple[SessionView, int]],
    executions: Sequence[Execution],
    tracebacks: Mapping[int, str],
    own: Iterable[int] | None = None,
) -> Facts:
    """Gather what may explain a difference.

    Args:
        sessions: What was recorded, each with how many numbers are before its first execution.
        executions: Those of all the sessions that count.
        tracebacks: Number of an execution that failed to what was shown.
        own: Numbers of those that made the run. Default: all.
    """
    numbers = {one.number for one in executions}
    names = CellNames(executions)
    judged = badge(executions, tracebacks=tracebacks, own=own)
    data: dict[str, str] = {}
    modules: dict[str, str] = {}
    packages: dict[str, str] = {}
    for session, offset in sessions:
        modules |= {one.name: one.digest for one in session.modules}
        packages |= session.packages
        data |= {one.path: _digest(one) for one in session.data if one.number + offset in numbers}
    first = sessions[0][0].started if sessions else None
    return Facts(
        cells=tuple(one.digest for one in executions),
        modules=modules,
        packages=packages,
        data=data,
        python=first.python if first else "",
        unseeded=unseeded(executions, tracebacks),
        hidden=judged.why if judged.kind == HIDDEN else (),
        missing=tuple(_missing(one, names) for one in executions if one.source is None),
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
) -> dict[str, str]:
    """Say of each library whose random numbers are drawn without a seed where, and what to do."""
    traced = trace(executions, tracebacks or {})
    names = CellNames(executions)
    given = any(one.flow.seeded for one in traced)
    seeded, found = set[str](), dict[str, str]()
    for one in traced:
        seeds = {library for library in LIBRARIES if random_numbers(library) in one.writes}
        drawn = one.samples - seeds - seeded - ({"numpy"} if given else set())
        cell = names.cell(one.execution)
        for library in sorted(drawn | one.flow.unseeded):
            if library in drawn:
                said = f"{cell} draws random numbers of {library} without one; {_SEED[library]}"
            else:
                said = f"{cell} makes a generator of {library} without one; {_GENERATOR[library]}"
            found.setdefault(library, said)
        seeded |= seeds
    return found


_SEED = {
    "random": "write random.seed(0) before that",
    "numpy": "write np.random.seed(0) before that, or use np.random.default_rng(0); what takes "
    "random_state=, as scikit-learn does, may be given 0",
    "torch": "write torch.manual_seed(0) before that",
    "tensorflow": "write tf.random.set_seed(0) before that",
}
_GENERATOR = {
    "random": "write random.Random(0)",
    "numpy": "write np.random.default_rng(0)",
}


def _digest(one: DataRead) -> str:
    return one.digest or f"{one.size}{BYTES}"


def spelled(config: Mapping[str, Any]) -> dict[str, str]:
    """Spell the values of a config, so that they can be compared and shown."""
    return {key: repr(value) for key, value in config.items()}


def _missing(one: Execution, names: CellNames) -> str:
    how = how_lost(one)
    said = "lost or edited" if how == LOST else how
    return f"the source of {names.cell(one)} was {said}, so it was not run again"
