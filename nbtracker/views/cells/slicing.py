"""The cells that a metric depends on, and whether that can be known."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from nbtracker.views.cells.effects import EXTENSIONS, PROCESS
from nbtracker.views.cells.naming import CellNames
from nbtracker.views.cells.tracing import Traced, trace
from nbtracker.views.session import Execution

_SETUP = frozenset({PROCESS, EXTENSIONS})


@dataclass(frozen=True)
class Slice:
    """A part of a session that gives a metric again.

    Attributes:
        numbers: The executions to run, in order.
        unsafe: Why they may not be enough; empty if they are.
    """

    numbers: tuple[int, ...]
    unsafe: tuple[str, ...] = ()


def slice_for(
    executions: Sequence[Execution],
    logged: Iterable[int],
    *,
    also: Iterable[int] = (),
    tracebacks: Mapping[int, str] | None = None,
) -> Slice:
    """Find the executions that a metric depends on.

    An execution is kept if a name that is needed is written, or possibly changed, by it. What
    sets up the process (`os.environ`, `%load_ext`, warnings) is always kept.

    Args:
        executions: All of the session up to the end of the run, in order.
        logged: Numbers of the executions that logged the metric.
        also: Numbers to keep in any case: those that opened the run, or set its config.
        tracebacks: Number of an execution that failed to what was shown.
    """
    traced, wanted = trace(executions, tracebacks or {}), {*logged, *also}
    kept, names = kept_for(traced, wanted), CellNames(executions)
    unsafe = [reason for one in kept for reason in _doubts(one, names)]
    missing = sorted(wanted - {one.number for one in traced})
    unsafe += [f"{names.cell(number)} is not in the record" for number in missing]
    runnable = tuple(one.number for one in kept if one.execution.source is not None)
    return Slice(runnable, tuple(dict.fromkeys(unsafe)))


def kept_for(traced: Sequence[Traced], wanted: Collection[int]) -> list[Traced]:
    """Give these executions, and those before them that they depend on, in order."""
    kept: list[Traced] = []
    needed: set[str] = set()
    everything = False
    last = max(wanted, default=0)
    for one in reversed(traced):
        if one.number > last:
            continue
        changes = (one.writes | one.may_write | one.mutates | one.deletes) & needed
        may_matter = bool(_unseen(one)) and bool(kept)
        setup = one.mutates & _SETUP
        if not (everything or changes or setup or may_matter or one.number in wanted):
            continue
        kept.append(one)
        needed -= _replaced(one)
        needed |= one.needs
        if _unseen(one) or one.flow.background:
            # It may need anything that was there, so all of that is kept.
            everything = True
    return kept[::-1]


def _replaced(one: Traced) -> frozenset[str]:
    """Names of which nothing from before is left."""
    return one.writes - one.mutates - one.may_write


def _unseen(one: Traced) -> tuple[str, ...]:
    """Why an execution may have written names that nobody knows."""
    if one.execution.source is None:
        # Nothing that it did can be done again; what it bound is known if it was seen.
        return ("its source was not kept",)
    if one.flow.stars and not one.execution.wrote:
        return (f"it imports all names of {', '.join(one.flow.stars)}",)
    return one.opaque


def _doubts(one: Traced, names: CellNames) -> list[str]:
    cell = names.cell(one.execution)
    why = [f"{cell}: {reason}" for reason in _unseen(one)]
    if one.flow.background:
        why.append(
            f"{cell}: it starts something in the background, whose changes have "
            "no place in the order of the cells"
        )
    why += [
        f"{cell}: it reads {name}, which no recorded cell defined" for name in sorted(one.missing)
    ]
    if one.execution.status in ("interrupted", "aborted"):
        why.append(f"{cell}: it was {one.execution.status} before its end")
    return why
