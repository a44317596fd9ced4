"""Which names a cell bound and deleted."""

import pytest

from nbtracker.notebook.names_bound import MOST_NAMES, MOST_NAMES_TOLD, bound, changes

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
    (wrote, deleted), _ = changes(before, namespace, source, ())
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
