"""Cells that begin runs, run again in all ways: the exact runs, their states and families."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest
from kernels import PATIENCE_S, Kernel, kernel
from ledger_reading import runs, states

from nbtracker.store.layout import Store

IMPORT = "import nbtracker"
INIT = "run = nbtracker.init(project='p')"
EDITED = "run = nbtracker.init(project='p', config={'lr': 2})"
TRAIN = "for i in range(3):\n    run.log({'loss': 1 / (i + 1)})"
WITH = "with nbtracker.init(project='p') as run:\n    run.log({'a': 1})"
NESTED = (
    "with nbtracker.init(project='p') as outer:\n"
    "    with nbtracker.init(project='p', reinit='create_new') as inner:\n"
    "        inner.log({'b': 1})\n"
    "    outer.log({'a': 1})"
)
FAILS_INSIDE = "with nbtracker.init(project='p') as run:\n    run.log({'a': 1})\n    1 / 0"
HEADED = "%%tracker run --project p\nnbtracker.log({'a': 1})"
HEADED_FAILS = f"{HEADED}\n1 / 0"
LINE = "%tracker init --project p"
TWICE = f"{INIT}\n{EDITED}"
END = "run.finish()"
# A cell: its id in the document (None where the client tells none), and its source.
Cell = tuple[str | None, str]


@dataclass(frozen=True)
class Case:
    """What is executed, and what is there afterwards.

    Attributes:
        cells: In the order of execution; "restart" has the kernel begin anew.
        runs: Each run in the order in which they began: a letter for its family, its state
            while the kernel goes on, and its number of rows.
    """

    cells: Iterable[Cell | str]
    runs: list[tuple[str, str, int]]
    env: dict[str, str] = field(default_factory=dict)


DOCUMENT = [("1", IMPORT), ("2", INIT), ("3", TRAIN)]
FINISHED, FAILED, RUNNING = "finished", "failed", "running"
NAMED = {"JPY_SESSION_NAME": "/home/ada/models/train.ipynb"}
CASES = {
    "once": Case(DOCUMENT, [("a", RUNNING, 3)]),
    "the init cell again": Case([*DOCUMENT, ("2", INIT)], [("a", FINISHED, 3), ("a", RUNNING, 0)]),
    "the init cell edited": Case(
        [*DOCUMENT, ("2", EDITED), ("3", TRAIN)], [("a", FINISHED, 3), ("a", RUNNING, 3)]
    ),
    "the init cell copied": Case(
        [*DOCUMENT, ("2b", INIT)], [("a", FINISHED, 3), ("b", RUNNING, 0)]
    ),
    "the init cell moved below": Case(
        [*DOCUMENT, ("3", TRAIN), ("2", INIT), ("3", TRAIN)],
        [("a", FINISHED, 6), ("a", RUNNING, 3)],
    ),
    "the training cell again": Case([*DOCUMENT, ("3", TRAIN)], [("a", RUNNING, 6)]),
    "run all twice": Case([*DOCUMENT, *DOCUMENT], [("a", FINISHED, 3), ("a", RUNNING, 3)]),
    "run all three times, finished each time": Case(
        3 * [*DOCUMENT, ("4", END)], 3 * [("a", FINISHED, 3)]
    ),
    "restart and run all": Case(
        [*DOCUMENT, "restart", *DOCUMENT], [("a", FINISHED, 3), ("a", RUNNING, 3)], NAMED
    ),
    "restart and run all where nobody tells the notebook": Case(
        [*DOCUMENT, "restart", *DOCUMENT], [("a", FINISHED, 3), ("b", RUNNING, 3)]
    ),
    "a client that tells no cells": Case(
        [(None, IMPORT), (None, INIT), (None, INIT), (None, EDITED)],
        [("a", FINISHED, 0), ("a", FINISHED, 0), ("b", RUNNING, 0)],
    ),
    "two runs in one cell": Case(
        [("1", IMPORT), ("2", TWICE), ("2", TWICE)],
        [("a", FINISHED, 0), ("a", FINISHED, 0), ("a", FINISHED, 0), ("a", RUNNING, 0)],
    ),
    "an exception in the cell of init": Case(
        [("1", IMPORT), ("2", f"{INIT}\n1 / 0"), ("2", INIT)],
        [("a", FINISHED, 0), ("a", RUNNING, 0)],
    ),
    "an exception between init and the next": Case(
        [*DOCUMENT, ("4", "1 / 0"), ("2", INIT)], [("a", FINISHED, 3), ("a", RUNNING, 0)]
    ),
    "with": Case([("1", IMPORT), ("2", WITH), ("2", WITH)], 2 * [("a", FINISHED, 1)]),
    "an exception inside with": Case(
        [("1", IMPORT), ("2", FAILS_INSIDE), ("2", WITH)], [("a", FAILED, 1), ("a", FINISHED, 1)]
    ),
    "nested with": Case([("1", IMPORT), ("2", NESTED)], 2 * [("a", FINISHED, 1)]),
    "the magic": Case(
        [("1", IMPORT), ("2", LINE), ("2", LINE)], [("a", FINISHED, 0), ("a", RUNNING, 0)]
    ),
    "a run of one cell twice": Case(
        [("1", IMPORT), ("2", HEADED), ("2", HEADED)], 2 * [("a", FINISHED, 1)]
    ),
    "a run of one cell that fails first": Case(
        [("1", IMPORT), ("2", HEADED_FAILS), ("2", HEADED)],
        [("a", FAILED, 1), ("a", FINISHED, 1)],
    ),
    "a run of one cell within one that is open": Case(
        [*DOCUMENT, ("4", HEADED), ("3", TRAIN)],
        [("a", RUNNING, 6), ("b", FINISHED, 1)],
    ),
    "cells that log by themselves": Case(
        [
            ("1", f"{IMPORT}\n%load_ext nbtracker\n%tracker auto on"),
            ("2", "nbtracker.log({'a': 1})"),
            ("2", "nbtracker.log({'a': 1})\n1 / 0"),
        ],
        [("a", FINISHED, 1), ("a", FAILED, 1)],
    ),
}


def execute(one: Kernel, cells: Iterable[Cell | str]) -> None:
    """Execute cells, and those that restart it."""
    for cell in cells:
        if isinstance(cell, str):
            one.manager.restart_kernel()
            one.client.wait_for_ready(timeout=PATIENCE_S)
        else:
            one.run(cell[1], cell_id=cell[0])
    # What is logged last is on disk when a reader asks for it.
    one.run("'and another cell'")


def found(store: Store) -> list[tuple[str, str, int]]:
    """All runs: a letter for each family, the state, the number of rows."""
    letters: dict[str | None, str] = {}
    told = states(store)
    rows = []
    for view in runs(store):
        letter = letters.setdefault(view.started[0].family, "abcdef"[len(letters)])
        rows.append((letter, told[view.id], view.n_rows))
    return rows


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_runs_of_cells_that_are_run(store: Store, case: Case) -> None:
    """No duplicates, none appended to, none left open behind the next, and nothing to finish."""
    with kernel(case.env) as one:
        execute(one, case.cells)
        assert found(store) == case.runs


def test_two_notebooks_on_one_store(store: Store) -> None:
    """The runs of one are neither ended by the other, nor attempts of its cells."""
    with kernel(NAMED) as one, kernel({"JPY_SESSION_NAME": "/home/ada/other.ipynb"}) as other:
        for each in (one, other, one):
            execute(each, DOCUMENT)
        assert found(store) == [("a", FINISHED, 3), ("b", RUNNING, 3), ("a", RUNNING, 3)]


def test_one_notebook_in_two_kernels(store: Store) -> None:
    """Attempts of one family; both go on."""
    with kernel(NAMED) as one, kernel(NAMED) as other:
        execute(one, DOCUMENT)
        execute(other, DOCUMENT)
        assert found(store) == 2 * [("a", RUNNING, 3)]
    assert set(states(store).values()) == {FINISHED}
