r"""Canonical metric names: one string for a path through nested dicts.

`{"val": {"acc": 1}}` is `val.acc`. A dot that belongs to a key is escaped, so the literal
key `"val.acc"` is `val\.acc` and can never be taken for the nested one.
"""

import functools
import re
from collections.abc import Iterable
from typing import Any

MAX_PARTS = 128
"""More parts than `log` takes: a name that has them was forged, and is a name as it stands."""

_PART = re.compile(r"(?:[^.\\]|\\.)*", re.DOTALL)


def join(path: Iterable[str]) -> str:
    """Spell a path of keys as one name."""
    return ".".join(key.replace("\\", "\\\\").replace(".", "\\.") for key in path)


@functools.lru_cache(maxsize=10_000)
def split(name: str) -> tuple[str, ...]:
    """Give back the path of keys that `join` spelled."""
    if "\\" not in name:
        return tuple(name.split(".")) if name.count(".") < MAX_PARTS else (name,)
    parts: list[str] = []
    end = 0
    while len(parts) < MAX_PARTS:
        found = _PART.match(name, end)
        part = found.group() if found else ""
        parts.append(re.sub(r"\\(.)", r"\1", part, flags=re.DOTALL))
        end += len(part) + 1
        if end > len(name):
            return tuple(parts)
    return (name,)


def put(tree: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    """Set a value in nested dicts, making the dicts on the way."""
    for key in path[:-1]:
        below = tree.get(key)
        if not isinstance(below, dict):
            below = tree[key] = {}
        tree = below
    tree[path[-1]] = value
