"""Runs of one cell: begun by its first line, ended with it, failed with it.

`%%tracker run` is no cell magic that runs a cell within a cell: its line is turned into a
statement of the cell it heads. So the cell is run by the shell as any other is: its errors
stop "Run all", its last expression is shown, it may `await`, and the lines of a traceback are
those of the document.
"""

import re
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import Any

from nbtracker.errors import attempt
from nbtracker.notebook.arguments import SUBCOMMANDS
from nbtracker.notebook.settling import settle
from nbtracker.sdk.provenance import EXECUTION, execution
from nbtracker.sdk.run import Run

_HEADED = re.compile(r"%%tracker[ \t]+(run|skip)\b(.*)", re.DOTALL)
_ASKED = re.compile(rf"[ \t]*%{{1,2}}tracker[ \t]+({'|'.join(SUBCOMMANDS)})[ \t]*\?{{1,2}}\s*")
# Python wants it before any statement.
_FUTURE = re.compile(r"\s*from\s+__future__\s+import\s+[^(#\\;]+")
_PASSED_OVER = re.compile(r"\s*(#.*)?")
_MOST_NESTED = 8


def transformed(lines: list[str]) -> list[str]:
    """Turn what heads a cell, and questions such as `%tracker init?`, into statements.

    The lines of the cell keep their numbers.
    """
    lines = _answered(lines)
    headed = _HEADED.fullmatch(lines[0]) if lines else None
    if headed is None:
        return lines
    subcommand, rest = headed.groups()
    if subcommand == "skip" and not rest.strip():
        return ["# nbtracker: skip\n", *_body(lines[1:])]
    begin = _statement(f"{subcommand} {rest.strip()}")
    body = _body(lines[1:])
    if (after := _last_future(body)) is not None:
        body[after] = f"{body[after].rstrip()}; {begin}\n"
        return ["\n", *body]
    return [f"{begin}\n", *body]


def _answered(lines: list[str]) -> list[str]:
    """Turn a question that ends a cell into a call of the help."""
    last = next((i for i in reversed(range(len(lines))) if lines[i].strip()), None)
    asked = None if last is None else _ASKED.fullmatch(lines[last])
    # Below another cell magic it may be text.
    if last is None or asked is None or (last and lines[0].startswith("%%")):
        return lines
    return [*lines[:last], f"{_statement(f'help {asked.group(1)}')}\n"]


def _statement(line: str) -> str:
    return f"get_ipython().run_line_magic('tracker', {line.strip()!r})"


def _body(lines: list[str]) -> list[str]:
    """The rest of the cell; another cell magic may head it."""
    from IPython.core import inputtransformer2

    magic: Any = inputtransformer2.cell_magic  # which IPython does not annotate
    first = next((i for i, line in enumerate(lines) if line.strip()), 0)
    if lines and lines[first].startswith("%%"):
        return [*lines[:first], *magic(transformed(lines[first:]))]
    return lines


def _last_future(lines: list[str]) -> int | None:
    found = None
    for i, line in enumerate(lines):
        if _FUTURE.fullmatch(line):
            found = i
        elif not _PASSED_OVER.fullmatch(line.rstrip("\n")):
            break
    return found


@dataclass(frozen=True, eq=False)
class _Begun:
    """A run that ends with a cell.

    Attributes:
        cell: What IPython handed over at its beginning; None if nobody told of it.
        run: The run.
        execution: Id of the execution, if it is recorded.
    """

    cell: Any
    run: Run
    execution: str | None


class CellRuns:
    """The runs that end with their cells."""

    def __init__(self) -> None:
        # Cells run within cells, and by several tasks: the innermost of the asking one is meant.
        self._cells: ContextVar[tuple[Any, ...]] = ContextVar("nbtracker_cells", default=())
        self._begun: list[_Begun] = []

    def begin(self, run: Run) -> None:
        """Have a run end with the cell that asks."""
        cells = self._cells.get()
        self._begun.append(_Begun(cells[-1] if cells else None, run, execution()))

    # IPython has changed what it hands over before: it is taken as it comes.
    def pre_run_cell(self, *given: Any) -> None:
        """Note which cell begins."""
        self._cells.set((*self._cells.get()[1 - _MOST_NESTED :], given[0] if given else None))

    def post_run_cell(self, *given: Any) -> None:
        """End the runs of the cell that ends."""
        result = given[0] if given else None
        cell = getattr(result, "info", None)
        cells = self._cells.get()
        if cell in cells:
            self._cells.set(cells[: cells.index(cell)])
        # One that a signal cancelled has no result.
        ended = [
            one for one in self._begun if one.cell is cell or one.cell is None or result is None
        ]
        self._begun = [one for one in self._begun if one not in ended]
        error = _error_of(result)
        for one in reversed(ended):
            attempt(partial(_end, one, error), lambda: None)


def _end(begun: _Begun, error: BaseException | None) -> None:
    """End a run with its cell, of which the session has all that there is by now."""
    attempt(partial(settle, begun.execution, error), lambda: None)
    kind = None if error is None else type(error)
    trace = None if error is None else error.__traceback__
    # The cell is over for the hooks; the end of the run is still its doing.
    token = EXECUTION.set(begun.execution)
    try:
        begun.run.__exit__(kind, error, trace)
    finally:
        EXECUTION.reset(token)


def _error_of(result: Any) -> BaseException | None:
    if result is None:
        return KeyboardInterrupt()
    found = getattr(result, "error_before_exec", None) or getattr(result, "error_in_exec", None)
    return found if isinstance(found, BaseException) else None
