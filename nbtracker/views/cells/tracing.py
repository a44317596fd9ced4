"""Executions one after the other: which of them made what each of them found.

A fold of what single cells do (`dataflow`) over a ledger: names that share an object, functions
whose bodies count where they are used, and what the kernel itself saw being bound.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from nbtracker.views.cells import effects
from nbtracker.views.cells.dataflow import reads_and_writes
from nbtracker.views.cells.flow import Flow, Names
from nbtracker.views.session import Execution

_LINE = re.compile(r"^(?:Cell In\s?\[\d+\]|<ipython-input[^>]*>)[^\n]*?, ?line (\d+)", re.MULTILINE)
_ARROW = re.compile(r"^-+> ?(\d+) ", re.MULTILINE)
_UNDEFINED = re.compile(r"name '(\w+)' is not defined")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_NO_TRACEBACKS: Mapping[int, str] = MappingProxyType({})
_NOT_PYTHON = frozenset({"SyntaxError", "IndentationError", "TabError"})
_FRAMEWORKS = {"torch": "torch", "tensorflow": "tensorflow", "keras": "tensorflow"}


@dataclass(frozen=True)
class Traced:
    """One execution, and how it depends on those before it.

    Attributes:
        needs: Names, and hidden state, that its effect may depend on.
        writes: Names that it binds for sure.
        may_write: Names that it may bind, or that are bound in a branch.
        mutates: Names, and hidden state, that it changes or may change.
        deletes: Names that it deletes.
        missing: Names that it reads, and no execution before it defined.
        origins: Name that it needs to the number of the execution that bound it last.
        samples: Libraries whose random numbers it draws.
        opaque: Why it is not known what it does.
    """

    execution: Execution
    flow: Flow
    needs: Names
    writes: Names
    may_write: Names
    mutates: Names
    deletes: Names
    missing: Names
    origins: Mapping[str, int]
    samples: Names
    opaque: tuple[str, ...]

    @property
    def number(self) -> int:
        """The execution's number."""
        return self.execution.number


@dataclass
class _Namespace:
    """What is known of the user's namespace at some moment."""

    origins: dict[str, int] = field(default_factory=dict)
    functions: dict[str, Flow] = field(default_factory=dict)
    modules: dict[str, str] = field(default_factory=dict)
    shares: dict[str, set[str]] = field(default_factory=dict)
    constants: set[str] = field(default_factory=set)
    iterators: set[str] = field(default_factory=set)
    frameworks: set[str] = field(default_factory=set)

    def forget(self, name: str) -> None:
        """Let a name stand for nothing."""
        self.origins.pop(name, None)
        self.modules.pop(name, None)
        for function in [f for f in self.functions if f.partition(".")[0] == name]:
            del self.functions[function]
        for other in self.shares.pop(name, ()):
            self.shares.get(other, set()).discard(name)
        self.constants.discard(name)
        self.iterators.discard(name)

    def sharing(self, names: Iterable[str]) -> set[str]:
        """These names, and all that may share an object with one of them."""
        found, todo = set[str](), list(names)
        while todo:
            name = todo.pop()
            if name not in found:
                found.add(name)
                todo += self.shares.get(name, ())
        return found

    def used(self, flow: Flow) -> tuple[list[Flow], list[Flow]]:
        """Bodies of functions that a cell uses, and those that it may use."""
        sure, perhaps = dict[str, Flow](), dict[str, Flow]()
        loads, attributes = set(flow.loads), set(flow.attributes)
        while True:
            known = len(sure) + len(perhaps)
            near = self.sharing(loads)
            for name, body in self.functions.items():
                owner, dot, method = name.partition(".")
                if owner not in near or name in sure:
                    continue
                if owner in loads and (not dot or method in attributes):
                    sure[name] = body
                elif not dot or method in attributes or method.startswith("__"):
                    perhaps[name] = body
            for body in (*sure.values(), *perhaps.values()):
                loads |= body.loads
                attributes |= body.attributes
            if len(sure) + len(perhaps) == known:
                return list(sure.values()), [b for n, b in perhaps.items() if n not in sure]


def trace(
    executions: Sequence[Execution], tracebacks: Mapping[int, str] = _NO_TRACEBACKS
) -> list[Traced]:
    """Say of each execution what it found and what it left, in the order given.

    Args:
        executions: Those to follow.
        tracebacks: Number of an execution that failed to what was shown: what stands behind
            the line that failed did not run.
    """
    namespace = _Namespace()
    found = [_step(one, namespace, tracebacks.get(one.number, "")) for one in executions]
    if any(effects.OUTPUTS in one.flow.uses for one in found):
        found = [_with_output(one) for one in found]
    return found


def last_line(traceback: str) -> int | None:
    """Find the line of the cell at which an execution failed; None if it cannot be found."""
    said = _COLOUR.sub("", traceback)
    if (line := _LINE.search(said)) is not None:
        return int(line.group(1))
    arrow = _ARROW.search(said)
    return int(arrow.group(1)) if arrow else None


def _step(execution: Execution, before: _Namespace, traceback: str) -> Traced:
    line = last_line(traceback)
    flow = Flow(opaque=("its source was not kept",))
    if execution.error_name in _NOT_PYTHON and execution.status == "error":
        flow = Flow()  # nothing of it ran
    elif execution.source is not None:
        flow = reads_and_writes(execution.source, before.modules, until=line)
    if flow.resets:
        for name in list(before.origins):
            before.forget(name)
    before.frameworks |= {
        library
        for dotted in flow.modules.values()
        for package, library in _FRAMEWORKS.items()
        if dotted.partition(".")[0] == package
    }
    now = _Within(flow, before, execution)
    traced = now.traced(execution, _UNDEFINED.findall(traceback), reached=line is not None)
    _apply(traced, before)
    return traced


class _Within:
    """An execution's own flow, with that of the functions it uses."""

    def __init__(self, flow: Flow, before: _Namespace, execution: Execution) -> None:
        self.flow = flow
        self.before = before
        # What the cell defines itself, it may use at once.
        functions = before.functions
        before.functions = {**functions, **flow.functions}
        sure, perhaps = before.used(flow)
        before.functions = functions
        self.bodies = [*sure, *perhaps]
        self.sure = [flow, *sure]
        own = flow.writes | flow.may_write
        self.hard = flow.reads | _union(body.reads for body in sure) - own
        self.needs = flow.reads | flow.may_read
        for body in self.bodies:
            self.needs |= body.loads
        self.all = [flow, *self.bodies]
        self.recorded = frozenset(execution.wrote)

    def traced(self, execution: Execution, undefined: list[str], *, reached: bool) -> Traced:
        """Put together what is known."""
        flow, before = self.flow, self.before
        writes, may_write = self._writes(execution)
        mutates = self._mutates()
        samples = self._samples()
        hidden = {effects.random_numbers(one) for one in samples}
        seeds = {effects.random_numbers(one) for one in _union(one.seeds for one in self.all)}
        changes = _union(one.changes for one in self.all)
        needs = self.needs | mutates | _union(one.uses for one in self.all) | hidden
        needs |= {effects.PROCESS} | ({effects.RUN} if any(one.logs for one in self.all) else set())
        if execution.status == "ok" and any(effects.RUN in one.changes for one in self.sure):
            # Another run takes the place of the one that was open.
            writes, changes = writes | {effects.RUN}, changes - {effects.RUN}
        known = set(before.origins) | set(effects.BUILTINS)
        missing = {n for n in self.hard if n not in known and not _is_prompt(n)}
        missing -= set(undefined)
        if execution.status not in ("ok", "running") and not reached:
            missing = set()  # who knows how far it came
        origins = {n: before.origins[n] for n in needs if n in before.origins}
        return Traced(
            execution, flow, frozenset(needs), writes | (seeds - hidden if not samples else seeds),
            may_write, frozenset(mutates | hidden | changes),
            flow.deletes | frozenset(execution.deleted), frozenset(missing), origins, samples,
            tuple(dict.fromkeys(why for one in self.all for why in one.opaque)),
        )  # fmt: skip

    def _writes(self, execution: Execution) -> tuple[Names, Names]:
        static = self.flow.writes
        called = _union(body.writes | body.may_write for body in self.bodies)
        may_write = self.flow.may_write | called
        if execution.status == "ok":
            return static | self.recorded, may_write - static - self.recorded
        # It did not reach its end: only what was seen is sure.
        return self.recorded, (static | may_write) - self.recorded

    def _mutates(self) -> set[str]:
        before = self.before
        found = set(_union(one.mutates | one.may_mutate for one in self.all))
        found |= self._called_by_own_methods()
        iterated = _union(one.iterated for one in self.all)
        found |= before.sharing(iterated & before.iterators)
        known = before.modules.keys() | self.flow.modules.keys()
        functions = before.functions.keys() | self.flow.functions.keys()
        direct = _union(one.mutates for one in self.all)
        shared = set[str]()
        for name in found:
            if (name not in functions and name not in before.constants) or name in direct:
                shared |= before.sharing({name})
        for name in list(shared & functions):
            shared |= before.functions[name].loads if name in before.functions else set()
        shared -= {n for n in shared if n in functions or n in before.constants} - direct
        shared -= known - found
        return {name for name in shared if name in before.origins or name in self.flow.writes}

    def _called_by_own_methods(self) -> set[str]:
        """Objects of the user's classes: a harmless name of a method says nothing there."""
        attributes = _union(one.attributes for one in self.all)
        loads = _union(one.loads for one in self.all)
        found = set[str]()
        for function in (*self.before.functions, *self.flow.functions):
            owner, _, method = function.partition(".")
            if method and method in attributes:
                found |= loads & self.before.sharing({owner}) - {owner}
        return found

    def _samples(self) -> Names:
        samples = _union(one.samples for one in self.all)
        if any(one.calls or one.iterated for one in self.all):
            samples |= self.before.frameworks
        return samples


def _apply(traced: Traced, namespace: _Namespace) -> None:
    """Let the namespace be what an execution leaves."""
    flow, number = traced.flow, traced.number
    for name in traced.writes:
        kept = (
            name in namespace.origins and name in traced.mutates and name not in dict(flow.shares)
        )
        if not kept:
            namespace.forget(name)
        if not name.startswith(effects.RANDOM_PREFIX):
            namespace.origins[name] = number
    for name in traced.may_write:
        if (
            name in namespace.origins
            or traced.execution.status != "ok"
            or not traced.execution.wrote
        ):
            namespace.origins.setdefault(name, number)
    for name, of in flow.shares:
        for other in of:
            namespace.shares.setdefault(name, set()).add(other)
            namespace.shares.setdefault(other, set()).add(name)
    namespace.functions |= flow.functions
    namespace.modules |= flow.modules
    namespace.constants |= flow.constants & traced.writes
    namespace.iterators |= flow.iterators
    for name in traced.deletes - traced.writes:
        namespace.forget(name)


def _with_output(one: Traced) -> Traced:
    """Let an execution leave an output that others read."""
    return replace(one, mutates=one.mutates | {effects.OUTPUTS})


def _is_prompt(name: str) -> bool:
    return (name.startswith("_") and name.strip("_i").isdecimal()) or not name.strip("_")


def _union(sets: Iterable[Names]) -> Names:
    return frozenset().union(*sets)
