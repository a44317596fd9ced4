"""Ledgers of executions for the tests, and what Python itself makes of them."""

import contextlib
import copy
import hashlib
import random
import traceback
from collections.abc import Iterable, Sequence
from typing import Any

from nbtracker.views.session import Execution

Cell = tuple[str, str]
START = "from ledgers import Run\nrun = Run()"


class Run:
    """Stands for a run: keeps what is logged."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def log(self, values: dict[str, Any]) -> None:
        """Keep a row, as it is now."""
        self.rows.append(copy.deepcopy(values))


def executed(
    cells: Iterable[str | Cell], *, lost: Sequence[int] = (), wrote: bool = False
) -> tuple[list[Execution], dict[int, str], dict[str, Any]]:
    """Execute cells in one namespace; give the ledger, the tracebacks, and the namespace.

    Args:
        cells: Sources, or pairs of a cell's id and its source; the first is execution 2,
            after one that makes `run`.
        lost: Numbers of executions whose source was skipped.
        wrote: Note the names that were bound, as a kernel's hooks do.
    """
    namespace: dict[str, Any] = {}
    random.seed()
    ledger, said = [], {}
    for number, cell in enumerate([START, *cells], start=1):
        cell_id, source = cell if isinstance(cell, tuple) else (None, cell)
        before = dict(namespace)
        status, error = "ok", None
        try:
            exec(compile(source, f"Cell In[{number}]", "exec"), namespace)
        except (NameError, SyntaxError, ArithmeticError, AttributeError) as raised:
            status, error = "error", type(raised).__name__
            line = traceback.extract_tb(raised.__traceback__)[-1].lineno
            said[number] = f"{error} ...\nCell In[{number}], line {line}\n{error}: {raised}"
        bound = [n for n in namespace if n not in before or namespace[n] is not before[n]]
        gone = [n for n in before if n not in namespace]
        skipped = number in lost
        ledger.append(
            Execution(
                id=f"s-{number}", number=number, count=number, cell_id=cell_id,
                digest="" if skipped else hashlib.sha256(source.encode()).hexdigest(),
                source=None if skipped else source, tags=(), started_at=float(number),
                ended_at=number + 0.5, status=status, error_name=error,
                wrote=tuple(sorted(set(bound) - {"__builtins__"})) if wrote else (),
                deleted=tuple(gone) if wrote else (), skipped=skipped,
            )
        )  # fmt: skip
    return ledger, said, namespace


def run_again(sources: Iterable[str]) -> tuple[dict[str, Any], bool]:
    """Execute sources in a new namespace; give it, and whether a name was not there."""
    namespace: dict[str, Any] = {}
    random.seed()
    missing = False
    for source in sources:
        with contextlib.suppress(Exception):
            try:
                exec(compile(source, "again", "exec"), namespace)
            except NameError:
                missing = True
                raise
    return namespace, missing


def state(namespace: dict[str, Any]) -> dict[str, str]:
    """What can be compared of a namespace."""
    return {
        name: repr(value.rows if isinstance(value, Run) else value)
        for name, value in namespace.items()
        if not name.startswith("__") and not callable(value) and "module" not in repr(type(value))
    }
