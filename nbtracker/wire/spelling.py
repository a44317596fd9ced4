"""How values of runs are spelled in JSON, and how much of them is said.

JSON has no NaN and no infinities, and a browser no integers beyond 2**53:
`{"_type": "float", "value": "nan"}` (or `inf`, `-inf`) and `{"_type": "int", "value": "..."}`
stand for them. A key `_type` of a run's own is spelled `$_type`, and `$_type` with one more `$`.
"""

import math
from collections.abc import Mapping
from typing import Any

MAX_INTEGER = 2**53
CUT = "\u2026"
"""Stands for what is left out of a value that is too large."""


class _Spelling:
    """One value; what is left out of it is more the larger it is."""

    def __init__(self, most_text: int, most_items: int, most_depth: int) -> None:
        self._most_text, self._n_left, self._most_depth = most_text, most_items, most_depth

    def spell(self, value: Any, depth: int = 0) -> Any:
        """Spell a value, and what is in it."""
        self._n_left -= 1
        if isinstance(value, str):
            return cut(value, self._most_text)
        if isinstance(value, float) and not math.isfinite(value):
            return {"_type": "float", "value": repr(float(value))}
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) > MAX_INTEGER:
            return {"_type": "int", "value": _digits(value)}
        if isinstance(value, Mapping):
            return self._mapping(value, depth)
        if isinstance(value, list | tuple):
            return self._list(value, depth)
        return value if value is None or isinstance(value, bool | int | float) else str(value)

    def _mapping(self, value: Mapping[Any, Any], depth: int) -> Any:
        if depth >= self._most_depth:
            return CUT
        found: dict[str, Any] = {}
        for key, item in value.items():
            if self._n_left <= 0:
                found[CUT] = CUT
                break
            found[cut(_key(str(key)), self._most_text)] = self.spell(item, depth + 1)
        return found

    def _list(self, value: list[Any] | tuple[Any, ...], depth: int) -> Any:
        if depth >= self._most_depth:
            return CUT
        found: list[Any] = []
        for item in value:
            if self._n_left <= 0:
                found.append(CUT)
                break
            found.append(self.spell(item, depth + 1))
        return found


def plain(
    value: Any, *, most_text: int = 100_000, most_items: int = 50_000, most_depth: int = 100
) -> Any:
    """Spell a value of a run.

    Args:
        value: A JSON value, as a journal keeps it.
        most_text: How long a text may be. Units: characters.
        most_items: How many values there may be in it, at any depth.
        most_depth: How deep they may lie.
    """
    return _Spelling(most_text, most_items, most_depth).spell(value)


def n_characters(value: Any) -> int:
    """About how long a value is that was spelled: all texts in it, and one for anything else."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(len(key) + n_characters(item) for key, item in value.items())
    return sum(map(n_characters, value)) if isinstance(value, list) else 1


def moment(at: float | None) -> float | None:
    """Give a time; None for what is none, such as one of a crafted journal."""
    return at if at is not None and math.isfinite(at) else None


def cut(text: str, most: int) -> str:
    """Give the beginning of a text that is too long."""
    return text if len(text) <= most else f"{text[: most - 1]}{CUT}"


def _key(key: str) -> str:
    return f"${key}" if key.endswith("_type") and not key[:-5].strip("$") else key


def _digits(value: int) -> str:
    try:
        return str(value)
    except ValueError:  # of more digits than Python prints
        return f"{value:#x}"
