"""Nested values under dotted names: all of them, in order, and none that costs more than it says."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from nbtracker.journal import names
from nbtracker.views.catalogue.cells import MAX_CELLS, MAX_NAME, MAX_TEXT, leaves
from nbtracker.views.catalogue.facts import MOST_PATH, flat, flat_items

TREES = st.dictionaries(
    st.text(max_size=3),
    st.recursive(
        st.integers(), lambda inside: st.dictionaries(st.text(max_size=3), inside), max_leaves=20
    ),
)


def spelled(tree: dict[str, Any], *path: str) -> list[tuple[str, Any]]:
    """What is in a tree, the plain way."""
    found: list[tuple[str, Any]] = []
    for key, value in tree.items():
        here = (*path, key)
        is_inner = isinstance(value, dict) and value
        found += spelled(value, *here) if is_inner else [(names.join(here), value)]
    return found


@given(TREES)
def test_every_value_has_its_name_in_order(tree: dict[str, Any]) -> None:
    """As somebody would read them from the top."""
    assert list(flat_items(tree)) == spelled(tree)
    assert flat(tree) == dict(spelled(tree))


def test_a28_long_names_are_not_multiplied_by_what_lies_below_them() -> None:
    """A path of 250,000 characters and 3,000 keys would be 750 MB of names."""
    tree: dict[str, Any] = {f"x{i}": 1 for i in range(3_000)}
    for _ in range(98):
        tree = {"k" * 2_500: tree}
    assert max(map(len, flat(tree))) <= MOST_PATH + 2_600
    cells = list(leaves("config", tree))
    assert len(cells) <= MAX_NAME // 2_500 + 2
    assert max(len(name) for name, _ in cells) <= MAX_TEXT


def test_a28_a_few_of_many_values_are_had_at_once() -> None:
    """Whoever needs one does not wait for a million, and a listing takes what it has room for."""
    many = {f"k{i}": i for i in range(300_000)}
    assert next(flat_items(many)) == ("k0", 0)
    assert len(list(leaves("config", many))) == MAX_CELLS
