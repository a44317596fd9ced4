"""The cells of runs: all of one, what they showed, and those that are executed now."""

from typing import Any

from nbtracker.errors import NotFoundError, UsageError
from nbtracker.extension import given as arguments
from nbtracker.extension import reading
from nbtracker.extension.given import Given
from nbtracker.extension.stores import OpenStore
from nbtracker.store.sessions import session_folder
from nbtracker.views.catalogue.cells import cell
from nbtracker.views.catalogue.query import Column, Compare, Order
from nbtracker.views.outputs import outputs_of
from nbtracker.views.state import RUNNING
from nbtracker.views.unreadable import UNREADABLE
from nbtracker.wire import schema
from nbtracker.wire.documents import cell_infos, running_cells
from nbtracker.wire.spelling import Allowance, n_characters, plain

MAX_RUNNING = 50
MAX_SHOWN, MAX_ITEMS = 20_000_000, 20_000
"""How long all outputs of a cell may be together, and how many values are in them."""


def list_cells(source: OpenStore, given: Given, _body: Any = None) -> schema.CellList:
    """Give the cells of a run as they were executed."""
    with reading.read(source, given) as read:
        n_rows = source.columns.ask(read.view.folder, lambda found: found.rows_by_execution())
        return {"cells": cell_infos(read.outlines, n_rows)}


def list_running(source: OpenStore, _given: Given, _body: Any = None) -> schema.RunningCells:
    """Give the cells that are executed now in the kernels of runs that go on."""
    source.catalogue.refresh()
    condition = Compare(Column("state"), "eq", cell(RUNNING))
    runs = source.catalogue.listed(condition, Order(descending=True), limit=MAX_RUNNING)
    found: list[schema.RunningCell] = []
    for run in runs:
        found += _running(source, f"{run.project}/{run.id}", run.session)
    return {"cells": found}


def _running(source: OpenStore, run: str, named: str | None) -> list[schema.RunningCell]:
    try:
        session = source.sessions.read(session_folder(source.store, named)) if named else None
    except (UsageError, *UNREADABLE):  # not what nbtracker wrote, or gone by now
        return []
    return [] if session is None else running_cells(run, session)


def show_outputs(source: OpenStore, given: Given, _body: Any = None) -> schema.OutputList:
    """Give what an execution showed."""
    wanted = arguments.one(given, "execution")
    with reading.read(source, given) as read:
        for session, outlines in read.outlines:
            for one in outlines:
                if one.id == wanted:
                    return {"outputs": _within(outputs_of(session.folder, one.number))}
    raise NotFoundError(f"run {read.name} has no execution {wanted[:80]!r}")


def _within(outputs: list[dict[str, Any]]) -> list[Any]:
    """Spell the outputs that come first, as far as they fit; a last one says what is left out."""
    found: list[Any] = []
    allowance = Allowance(MAX_ITEMS, MAX_SHOWN)
    n_left = MAX_SHOWN
    for output in outputs:
        # Measured before it is copied: outputs may share what they show, and copies do not.
        n_left -= n_characters(output, n_left)
        if n_left < 0 or allowance.n_items <= 0:
            said = f"... nbtracker: {len(outputs) - len(found):,} more outputs left out, "
            said += "all are too long ..."
            return [*found, {"output_type": "stream", "name": "stderr", "text": said}]
        found.append(plain(output, most_text=1_000_000, allowance=allowance))
    return found
