"""How values of runs are spelled in JSON, and how much of them is said.

JSON has no NaN and no infinities, and a browser no integers beyond 2**53:
`{"_type": "float", "value": "nan"}` (or `inf`, `-inf`) and `{"_type": "int", "value": "..."}`
stand for them. A key `_type` of a run's own is spelled `$_type`, and `$_type` with one more `$`.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

MAX_INTEGER = 2**53
CUT = "\u2026"
"""Stands for what is left out of a value that is too large."""


MAX_CHARACTERS = 10_000_000
_END = object()


@dataclass
class Allowance:
    """How much may still be said, of one value or of several together.

    Attributes:
        n_items: Values, at any depth.
        n_characters: Of all texts together.
    """

    n_items: int = 50_000
    n_characters: int = MAX_CHARACTERS

    def take_text(self, text: str, most: int) -> str:
        """Give as much of a text as may be said."""
        said = cut(text, max(1, min(most, self.n_characters)))
        self.n_characters -= len(said)
        return said


class _Spelling:
    """One value; what is left out of it is more the larger it is."""

    def __init__(self, allowance: Allowance, most_text: int, most_depth: int) -> None:
        self._left, self._most_text, self._most_depth = allowance, most_text, most_depth

    def spell(self, value: Any, depth: int = 0) -> Any:
        """Spell a value, and what is in it."""
        self._left.n_items -= 1
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, float) and not math.isfinite(value):
            return {"_type": "float", "value": repr(float(value))}
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) > MAX_INTEGER:
            return {"_type": "int", "value": _digits(value)}
        if isinstance(value, Mapping):
            return self._mapping(value, depth)
        if isinstance(value, list | tuple):
            return self._list(value, depth)
        return value if value is None or isinstance(value, bool | int | float) else str(value)

    def _text(self, text: str) -> str:
        return self._left.take_text(text, self._most_text)

    @property
    def _is_enough(self) -> bool:
        return self._left.n_items <= 0 or self._left.n_characters <= 0

    def _mapping(self, value: Mapping[Any, Any], depth: int) -> Any:
        if depth >= self._most_depth:
            return CUT
        found: dict[str, Any] = {}
        for key, item in value.items():
            if self._is_enough:
                found[CUT] = CUT
                break
            found[self._text(_key(str(key)))] = self.spell(item, depth + 1)
        return found

    def _list(self, value: list[Any] | tuple[Any, ...], depth: int) -> Any:
        if depth >= self._most_depth:
            return CUT
        found: list[Any] = []
        for item in value:
            if self._is_enough:
                found.append(CUT)
                break
            found.append(self.spell(item, depth + 1))
        return found


def plain(
    value: Any,
    *,
    most_text: int = 100_000,
    most_items: int = 50_000,
    most_depth: int = 100,
    allowance: Allowance | None = None,
) -> Any:
    """Spell a value of a run.

    Args:
        value: A JSON value, as a journal keeps it.
        most_text: How long a text may be. Units: characters.
        most_items: How many values there may be in it, at any depth.
        most_depth: How deep they may lie.
        allowance: What several values share; then `most_items` does not count.
    """
    return _Spelling(allowance or Allowance(most_items), most_text, most_depth).spell(value)


def n_characters(value: Any, most: int) -> int:
    """About how long a value is: all texts in it, and one for anything else.

    Nothing is copied, and nobody looks further than it takes to know that it is more than `most`.
    """
    n, inside = 0, [iter((value,))]
    while inside and n <= most:
        one = next(inside[-1], _END)
        if one is _END:
            inside.pop()
            continue
        n += len(one) if isinstance(one, str) else 1
        if isinstance(one, Mapping | list | tuple):
            inside.append(_within(one))
    return n


def _within(value: Any) -> Iterator[Any]:
    return chain.from_iterable(value.items()) if isinstance(value, Mapping) else iter(value)


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
