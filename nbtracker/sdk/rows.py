"""From what the user logs to what a row holds: canonical names, plain values."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from nbtracker.errors import DataError, attempt
from nbtracker.journal import names
from nbtracker.journal.rows import TYPE_CODES
from nbtracker.sdk.values import jsonable, key_text

# Deeper than anybody means it; a cycle is cut here, too.
MAX_DEPTH = 100
_PATIENCE = 100  # times
_INT64 = range(-(2**63), 2**63)


def flatten(data: Any) -> dict[str, Any]:
    """Give the values of a row by canonical names.

    Nested dicts are walked; their keys become text. `_step` is the tracker's own and is left
    out, as is an empty key. Numbers of the standard library's exact types become floats.

    Raises:
        DataError: `data` is no mapping, one of its keys is no text, or it is nested too deep.
    """
    if not isinstance(data, Mapping):
        raise DataError(
            f"log() was given {type(data).__name__} {_shown(data)}; "
            'give it a dict of names and values, such as log({"loss": 0.1})'
        )
    flat: dict[str, Any] = {}
    for key, value in _items(data):
        if not isinstance(key, str):
            raise DataError(
                f"log() was given the key {_shown(key)} ({type(key).__name__}); "
                f"names of metrics are text: log({{{str(key)[:40]!r}: ...}})"
            )
        if key and key != "_step":
            _add(flat, (key,), value)
    return flat


def packed_types(flat: Mapping[str, Any]) -> str | None:
    """Spell the types of a row of numbers; None if it holds anything else, or nothing."""
    try:
        types = "".join([TYPE_CODES[type(value)] for value in flat.values()])
    except KeyError:
        return None
    exact = all(value in _INT64 for value in flat.values() if type(value) is int)
    return types if types and exact else None


def _add(flat: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    if type(value) in TYPE_CODES and (type(value) is not int or value in _INT64):
        flat[names.join(path)] = value
        return
    if isinstance(value, Mapping) and "_type" not in value:
        if len(path) > MAX_DEPTH:
            raise DataError(
                f"log() was given dicts nested deeper than {MAX_DEPTH}, below {path[0]!r}; "
                "log the values you want to see under names of their own"
            )
        for key, below in _items(value):
            _add(flat, (*path, key_text(key)), below)
        return
    if type(value).__name__ in ("Decimal", "Fraction"):
        flat[names.join(path)] = attempt(lambda: float(value), lambda: jsonable(value))
    else:
        flat[names.join(path)] = jsonable(value)


def _items(data: Mapping[Any, Any]) -> list[tuple[Any, Any]]:
    """What a mapping holds at this moment; another thread may add to it."""
    for _ in range(_PATIENCE):
        with suppress(RuntimeError):  # it changed while it was looked at
            return list(data.items())
    raise DataError("log() was given a dict that changes all the time; give it a copy")


def _shown(value: object) -> str:
    text = attempt(lambda: repr(value), lambda: "(its repr fails)")
    return text if len(text) <= 60 else f"{text[:57]}..."
