"""Which names a cell bound and deleted."""

import pytest

from nbtracker.journal.cells import SessionStarted
from nbtracker.notebook.breaker import Breaker
from nbtracker.notebook.hooks import CellHooks
from nbtracker.notebook.names_bound import MOST_NAMES, MOST_NAMES_TOLD, bound, changes
from nbtracker.notebook.recorder import FlightRecorder
from nbtracker.redaction import Redactor
from nbtracker.store.layout import Store
from nbtracker.views.session import read_session

CELLS = {
    "x = 2": (("x",), ()),
    "z = 1": (("z",), ()),
    "del y": ((), ("y",)),
    "x, _private = 2, 3": (("x",), ()),
    "w = y = x": (("w", "y"), ()),
    "x": ((), ()),
}


def done(source: str, namespace: dict[str, object]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Execute a cell, and say what it did."""
    before = bound(namespace, source)
    exec(source, {}, namespace)
    wrote, deleted = changes(before, namespace, source, ())
    return tuple(sorted(wrote)), deleted


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize("source", CELLS)
def test_names_that_a_cell_binds_and_deletes_are_told(source: str, many: bool) -> None:
    """Also among more names than can be looked at one by one."""
    namespace: dict[str, object] = {"x": object(), "y": object()}
    namespace |= {f"other_{i}": i for i in range(MOST_NAMES * many)}
    assert done(source, namespace) == CELLS[source]


def test_a_cell_that_binds_more_names_than_are_looked_at_deletes_none() -> None:
    """Names that are no longer looked at are not gone."""
    wrote, deleted = done(
        f"locals().update({{f'n{{i}}': i for i in range({MOST_NAMES})}})", {"x": 1}
    )
    assert (wrote, deleted) == ((), ())


def test_of_many_names_some_are_told() -> None:
    """A record stays small."""
    source = "; ".join(f"n{i} = {i}" for i in range(MOST_NAMES_TOLD + 10))
    assert len(done(source, {})[0]) == MOST_NAMES_TOLD


def test_what_is_bound_between_two_cells_no_cell_wrote(store: Store, bare) -> None:
    """A thread, a task or a callback did."""
    breaker = Breaker()
    begun = SessionStarted(at=1.0, id="")
    recorder = FlightRecorder(store, begun, redactor=Redactor({}), breaker=breaker)
    hooks = CellHooks(bare, recorder, breaker)
    hooks.register()
    bare.run_cell("first = late = 1")
    bare.user_ns |= {"by_thread": 2, "late": 3}
    bare.run_cell("second = by_thread")
    hooks.unregister()
    recorder.close()
    wrote = [one.wrote for one in read_session(recorder.folder).executions]
    assert wrote[-2:] == [("first", "late"), ("second",)]
