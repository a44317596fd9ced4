"""Whether what a session made can be made again: the badge of its order of execution."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from nbtracker.views.cells.tracing import Traced, trace
from nbtracker.views.session import Execution

IN_ORDER, REPLAYABLE, HIDDEN = "in order", "out of order, replayable", "hidden state"
_SHOWN = 8


@dataclass(frozen=True)
class Badge:
    """How far the recorded executions explain the state they left.

    Attributes:
        kind: "in order": running the cells from top to bottom in a fresh kernel gives this
            state. "out of order, replayable": running them as they were executed does.
            "hidden state": something was read that no recorded execution defined.
        why: Sentences, with names and numbers of executions.
    """

    kind: str
    why: tuple[str, ...] = ()


def badge(
    executions: Sequence[Execution],
    document: Sequence[str] | None = None,
    tracebacks: Mapping[int, str] | None = None,
) -> Badge:
    """Judge a session.

    Args:
        executions: All of them, in order.
        document: Ids of the cells from top to bottom, as the document has them. Default: the
            order in which cells were first executed.
        tracebacks: Number of an execution that failed to what was shown.
    """
    ran = [one for one in executions if one.status != "running"]
    shown = tracebacks or {}
    traced = trace(ran, shown)
    if hidden := _hidden(traced):
        return Badge(HIDDEN, tuple(hidden[:_SHOWN]))
    notes = _notes(traced)
    clean = trace(_from_the_top(ran, document), shown)
    differences = _differences(traced, clean)
    if not differences:
        return Badge(IN_ORDER, tuple(notes[:_SHOWN]))
    return Badge(REPLAYABLE, tuple([*_repeats(ran, document), *differences, *notes][:_SHOWN]))


def _hidden(traced: list[Traced]) -> list[str]:
    why: list[str] = []
    without_source = {one.number: one.execution for one in traced if one.execution.source is None}
    opaque: list[int] = []
    for one in traced:
        for name in sorted(one.missing):
            if opaque:
                continue
            why.append(
                f"execution {one.number} read {name}, which no recorded execution defined; "
                f"define it in a cell and run the cells again"
            )
        for name, origin in sorted(one.origins.items()):
            if origin in without_source:
                how = _how_lost(without_source[origin])
                why.append(
                    f"execution {one.number} read {name}, which execution {origin} defined, and "
                    f"its source {how}; run that cell again with its source kept"
                )
        if _may_define(one):
            opaque.append(one.number)
    return why


def _may_define(one: Traced) -> bool:
    """Whether an execution may have bound names that nobody saw."""
    if one.execution.source is None or one.execution.wrote:
        return False
    return bool(one.opaque or one.flow.stars)


def _how_lost(execution: Execution) -> str:
    if execution.forgotten:
        return "was forgotten"
    return "was skipped" if execution.skipped else "is lost"


def _from_the_top(executions: list[Execution], document: Sequence[str] | None) -> list[Execution]:
    """Each cell once, as it was last executed, in the order of the document."""
    last: dict[str, Execution] = {}
    for one in executions:
        if one.source is not None:
            last[_cell(one)] = one
    if document is None:
        return list(last.values())
    return [last[cell] for cell in document if cell in last]


def _cell(execution: Execution) -> str:
    return execution.cell_id or f"sha256 {execution.digest or execution.source}"


def _state(traced: list[Traced]) -> dict[str, tuple[str, int]]:
    """What each name stands for: a digest of all code that led to it, and who made it."""
    state: dict[str, tuple[str, int]] = {}
    for one in traced:
        if one.flow.resets:
            state.clear()
        said = hashlib.sha256((one.execution.source or one.execution.digest).encode())
        for name in sorted(one.needs | one.may_write):
            said.update(f"\0{name}\0{state.get(name, ('', 0))[0]}".encode())
        made = said.hexdigest()
        for name in one.writes | one.may_write | one.mutates:
            state[name] = (hashlib.sha256(f"{made}{name}".encode()).hexdigest(), one.number)
        for name in one.deletes - one.writes:
            state.pop(name, None)
    return state


def _differences(actual: list[Traced], clean: list[Traced]) -> list[str]:
    ours, theirs = _state(_with_rows(actual)), _state(_with_rows(clean))
    why = []
    for name in sorted(ours.keys() | theirs.keys()):
        here, there = ours.get(name), theirs.get(name)
        if here == there or (here and there and here[0] == there[0]):
            continue
        if here is None or there is None:
            number, where = (there or here or ("", 0))[1], "there" if here is None else "missing"
            why.append(f"{name}, from execution {number}, would be {where} if run in order")
        elif here[1] == there[1]:
            why.append(f"{name}, made by execution {here[1]}, depends on what ran out of order")
        else:
            why.append(
                f"{name} comes from execution {here[1]}; in order, it would come from the code "
                f"of execution {there[1]}"
            )
    return why


def _with_rows(traced: list[Traced]) -> list[Traced]:
    """Let rows count as state: a cell that ran twice has recorded twice."""
    rows = frozenset({"the rows recorded"})
    return [
        replace(one, mutates=one.mutates | rows, needs=one.needs | rows) if one.flow.logs else one
        for one in traced
    ]


def _repeats(executions: list[Execution], document: Sequence[str] | None) -> list[str]:
    ran: dict[str, list[Execution]] = {}
    for one in executions:
        ran.setdefault(_cell(one), []).append(one)
    why = []
    for cell, each in ran.items():
        numbers = ", ".join(str(one.number) for one in each)
        if document is not None and cell not in document:
            why.append(f"the cell of execution {numbers} is no longer in the document")
        elif len({one.source for one in each}) > 1:
            why.append(f"a cell was edited between executions {numbers}")
        elif len(each) > 1:
            why.append(f"a cell ran {len(each)} times, as executions {numbers}")
    return why


def _notes(traced: list[Traced]) -> list[str]:
    why = []
    for one in traced:
        if one.execution.status in ("interrupted", "aborted"):
            why.append(
                f"execution {one.number} was {one.execution.status}; run again, it goes to its end"
            )
        why += [f"execution {one.number}: {reason}, so more may matter" for reason in one.opaque]
        if one.flow.stars:
            named = ", ".join(one.flow.stars)
            why.append(f"execution {one.number} imports all names of {named}")
    return why
