"""Which names of the user's namespace a cell bound anew, found out in bounded time."""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple, TypeAlias

# To look at more names would make cells wait; of more, those that the source names are looked at.
MOST_NAMES, MOST_NAMES_TOLD = 10_000, 1_000
_NAME = re.compile(r"[^\W\d]\w*")
_HISTORY_NAMES = frozenset({"In", "Out", "exit", "quit", "get_ipython", "open"})

Bound: TypeAlias = dict[Any, int]
"""Names, and what they are bound to; a name that is bound anew differs."""


class Changes(NamedTuple):
    """Names that were bound anew, and names that are gone; not all, if there are many."""

    wrote: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()


def bound(namespace: Mapping[str, Any], source: str) -> Bound:
    """Say what names are bound to, before or after a cell of that source.

    With many names, only those that stand in the source: a cell that binds others there, by a
    function of another module, is not seen.
    """
    if len(namespace) <= MOST_NAMES:
        return dict(zip(namespace, map(id, namespace.values()), strict=True))
    found = (name.group() for name in _NAME.finditer(source))
    names = [name for name, _ in zip(dict.fromkeys(found), range(MOST_NAMES), strict=False)]
    return {name: id(namespace[name]) for name in names if name in namespace}


def changes(
    before: Bound, namespace: Mapping[str, Any], source: str, hidden: Collection[str]
) -> Changes:
    """Say what a cell changed.

    Args:
        before: What `bound` said before it.
        namespace: The user's, after it.
        source: Of the cell.
        hidden: Names that are the shell's own.
    """
    after = bound(namespace, source)
    wrote = (name for name, what in after.items() if before.get(name) != what)
    deleted = sorted(before.keys() - namespace.keys())
    return Changes(_told(wrote, hidden), _told(deleted, hidden))


def _told(names: Iterable[Any], hidden: Collection[str]) -> tuple[str, ...]:
    said = [
        name
        for name in names
        if isinstance(name, str)
        and not name.startswith("_")
        and name not in hidden
        and name not in _HISTORY_NAMES
    ]
    return tuple(said[:MOST_NAMES_TOLD])
