"""Whether what a session made can be made again: the badge of its order of execution."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from nbtracker.views.cells.effects import EXTENSIONS
from nbtracker.views.cells.naming import CellNames, how_lost
from nbtracker.views.cells.slicing import kept_for
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
        why: Sentences, with names and cells.
        left_out: Numbers of the executions that were left out of account.
        about: A sentence that names those; empty if there are none.
    """

    kind: str
    why: tuple[str, ...] = ()
    left_out: tuple[int, ...] = ()
    about: str = ""


def badge(
    executions: Sequence[Execution],
    document: Sequence[str] | None = None,
    tracebacks: Mapping[int, str] | None = None,
    *,
    own: Iterable[int] | None = None,
) -> Badge:
    """Judge a session, or what of it a run depends on.

    Args:
        executions: All of them, in order.
        document: Ids of the cells from top to bottom, as the document has them. Default: the
            order in which cells were first executed.
        tracebacks: Number of an execution that failed to what was shown.
        own: Numbers of the executions that made the run. Those that they do not depend on
            are left out of account. Default: none is.
    """
    ran = [one for one in executions if one.status != "running"]
    shown, names = tracebacks or {}, CellNames(executions)
    traced, order = trace(ran, shown), _order(ran, document)
    made = None if own is None else frozenset(own)
    kept = traced if made is None else kept_for(traced, made)
    counted = {one.number for one in kept}
    judged = _judged(traced, counted, made, order, names, shown)
    left_out = tuple(one.number for one in ran if one.number not in counted)
    if left_out:
        about = f"left out of account, as the run does not depend on it: {names.cells(left_out)}"
        judged = replace(judged, left_out=left_out, about=about)
    return judged


def _judged(
    traced: list[Traced],
    counted: Collection[int],
    made: Collection[int] | None,
    order: Sequence[str],
    names: CellNames,
    shown: Mapping[int, str],
) -> Badge:
    if hidden := _hidden(traced, counted, names):
        return Badge(HIDDEN, tuple(hidden[:_SHOWN]))
    ran = [one.execution for one in traced if one.number in counted]
    # Without the others: what they bind must not be seen in one order, and lack in the other.
    actual = trace(ran, shown)
    clean = trace(_from_the_top(ran, order), shown)
    differences = _differences(actual, clean, made, names)
    notes = _notes(actual, names)
    if not differences:
        return Badge(IN_ORDER, tuple(notes[:_SHOWN]))
    return Badge(REPLAYABLE, tuple([*_repeats(ran, order, names), *differences, *notes][:_SHOWN]))


def _hidden(traced: list[Traced], counted: Collection[int], names: CellNames) -> list[str]:
    why: list[str] = []
    without_source = {one.number: one.execution for one in traced if one.execution.source is None}
    is_opaque = False
    for one in traced:
        reader = names.cell(one.execution)
        if one.number in counted:
            why += [
                f"{reader} read {name}, which no recorded cell defined; define it in a cell and "
                "run the cells again"
                for name in sorted(one.missing if not is_opaque else ())
            ]
            why += [
                f"{reader} read {name}, which {names.cell(origin)} defined, and its source "
                f"was {how_lost(without_source[origin])}; run that cell again with its source kept"
                for name, origin in sorted(one.origins.items())
                if origin in without_source
            ]
        is_opaque = is_opaque or _may_define(one)
    return why


def _may_define(one: Traced) -> bool:
    """Whether an execution may have bound names that nobody saw."""
    if one.execution.source is None or one.execution.wrote:
        return False
    return bool(one.opaque or one.flow.stars)


def _order(executions: list[Execution], document: Sequence[str] | None) -> list[str]:
    """The cells from top to bottom."""
    if document is not None:
        return list(document)
    return list(dict.fromkeys(_cell(one) for one in executions if one.source is not None))


def _from_the_top(executions: list[Execution], order: Sequence[str]) -> list[Execution]:
    """Each cell once, as it was last executed, in the order of the document."""
    last = {_cell(one): one for one in executions if one.source is not None}
    return [last[cell] for cell in order if cell in last]


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
        for name in (one.writes | one.may_write | one.mutates) - {EXTENSIONS}:
            state[name] = (hashlib.sha256(f"{made}{name}".encode()).hexdigest(), one.number)
        for name in one.deletes - one.writes:
            state.pop(name, None)
    return state


def _differences(
    actual: list[Traced], clean: list[Traced], made: Collection[int] | None, names: CellNames
) -> list[str]:
    ours, theirs = _state(_with_rows(actual, made)), _state(_with_rows(clean, made))
    why = []
    for name in sorted(ours.keys() | theirs.keys()):
        here, there = ours.get(name), theirs.get(name)
        if here == there or (here and there and here[0] == there[0]):
            continue
        if here is None or there is None:
            origin = names.cell((there or here or ("", 0))[1])
            where = "there" if here is None else "missing"
            why.append(f"{name}, from {origin}, would be {where} if run in order")
        elif here[1] == there[1]:
            why.append(f"{name}, made by {names.cell(here[1])}, depends on what ran out of order")
        else:
            why.append(
                f"{name} comes from {names.cell(here[1])}; in order, it would come from the code "
                f"of {names.cell(there[1])}"
            )
    return why


def _with_rows(traced: list[Traced], made: Collection[int] | None) -> list[Traced]:
    """Let rows count as state: a cell that ran twice has recorded twice; not those of others."""
    rows = frozenset({"the rows recorded"})
    return [
        replace(one, mutates=one.mutates | rows, needs=one.needs | rows)
        if one.flow.logs and (made is None or one.number in made)
        else one
        for one in traced
    ]


def _repeats(executions: list[Execution], order: Sequence[str], names: CellNames) -> list[str]:
    ran: dict[str, list[Execution]] = {}
    for one in executions:
        ran.setdefault(_cell(one), []).append(one)
    why = []
    for cell, each in ran.items():
        said = names.cells(each)
        if cell not in order and each[-1].source is not None:
            why.append(f"no longer in the document: {said}")
        elif len({one.source for one in each}) > 1:
            why.append(f"a cell was edited between its executions: {said}")
        elif len(each) > 1:
            why.append(f"a cell ran {len(each)} times: {said}")
    return why


def _notes(traced: list[Traced], names: CellNames) -> list[str]:
    why = []
    for one in traced:
        cell = names.cell(one.execution)
        if one.execution.status in ("interrupted", "aborted"):
            why.append(f"{cell} was {one.execution.status}; run again, it goes to its end")
        why += [f"{cell}: {reason}, so more may matter" for reason in one.opaque]
        if one.flow.stars:
            why.append(f"{cell} imports all names of {', '.join(one.flow.stars)}")
    return why
