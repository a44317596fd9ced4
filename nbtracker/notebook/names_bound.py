"""Which names of the user's namespace a cell bound anew, found out in bounded time."""

import re
from collections.abc import Collection, Iterable, Mapping
from itertools import compress
from operator import ne
from typing import Any, NamedTuple

# To look at more names would make cells wait; of more, those that the source names are looked at.
MOST_NAMES, MOST_NAMES_TOLD = 10_000, 1_000
_NAME = re.compile(r"[^\W\d]\w*")
_HISTORY_NAMES = frozenset({"In", "Out", "exit", "quit", "get_ipython", "open"})


class Bound(NamedTuple):
    """Names, and what they are bound to: a name that is bound anew has another id."""

    names: list[Any]
    ids: list[int]


class Changes(NamedTuple):
    """Names that were bound anew, and names that are gone; not all, if there are many."""

    wrote: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()


def bound(namespace: Mapping[str, Any], source: str) -> Bound:
    """Say what names are bound to, before or after a cell of that source.

    With many names, only those that stand in the source: a cell that binds others there, by a
    function of another module, is not seen.

    Raises:
        ValueError: Another thread binds names at this moment.
    """
    if len(namespace) <= MOST_NAMES:
        # Two lists take half the time of a dictionary, and each cell waits for them twice.
        names, ids = list(namespace), list(map(id, namespace.values()))
        if len(names) != len(ids):
            raise ValueError("names were bound meanwhile")
        return Bound(names, ids)
    found = (name.group() for name in _NAME.finditer(source))
    named = zip(dict.fromkeys(found), range(MOST_NAMES), strict=False)
    names = [name for name, _ in named if name in namespace]
    return Bound(names, [id(namespace[name]) for name in names])


def changes(
    before: Bound, namespace: Mapping[str, Any], source: str, hidden: Collection[str]
) -> Changes:
    """Say what a cell changed.

    Args:
        before: What `bound` said before it.
        namespace: The user's, after it.
        source: Of the cell.
        hidden: Names that are the shell's own.

    Raises:
        ValueError: Another thread binds names at this moment.
    """
    after, n_before = bound(namespace, source), len(before.names)
    if after.names[:n_before] == before.names:  # new names come last
        wrote = [*compress(before.names, map(ne, before.ids, after.ids)), *after.names[n_before:]]
        return Changes(_told(wrote, hidden))
    known = dict(zip(*before, strict=True))
    wrote = [name for name, what in zip(*after, strict=True) if known.get(name) != what]
    return Changes(_told(wrote, hidden), _told(sorted(known.keys() - namespace.keys()), hidden))


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
