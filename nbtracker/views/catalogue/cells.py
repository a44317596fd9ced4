"""Cells: how values of config, summary and tags are kept so that SQL can compare them.

A nested value becomes cells under dotted names. Both the SQL tables and
`query.matches` see only cells, so that they cannot disagree on what a value is.
"""

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

NULL, BOOL, NUMBER, TEXT, LIST, OBJECT = range(6)
"""The kinds of cells. Values of two kinds are never equal and have no order."""

MAX_CELLS = 10_000
"""Cells of one run's config, and of its summary, that can be asked for in a listing."""

MAX_TEXT = 1_000
"""Longer texts are kept as their beginning and a digest, so that equality stays exact."""

MAX_ELEMENTS = 100
"""Elements of a list that can be asked for one by one."""

MAX_DEPTH = 100
"""Dictionaries nested deeper than this are not looked into."""

MAX_NAME = 10_000
"""Nor are those whose name is longer: each name below would be, too. Units: characters."""

MAX_KEPT_DEPTH = 200
"""What is nested deeper is not kept: no recorder writes it, and spelling it as JSON fails."""

TOO_DEEP = f"<nested deeper than {MAX_KEPT_DEPTH} levels>"

Number: TypeAlias = int | float


class Cell(NamedTuple):
    """One comparable value. A NUMBER without `num` is NaN."""

    kind: int
    num: Number | None
    txt: str | None


def cell(value: Any) -> Cell:
    """Keep one value, as far as it can be compared.

    True and 1 are not equal here, and neither are 1 and "1". NaN equals NaN and has no
    order. Integers outside 64 bits are kept as floats.
    """
    if value is None:
        return Cell(NULL, None, None)
    if isinstance(value, bool):
        return Cell(BOOL, int(value), None)
    if isinstance(value, int | float):
        return Cell(NUMBER, _number(value), None)
    if isinstance(value, str):
        return Cell(TEXT, None, text(value))
    if isinstance(value, Mapping):
        return Cell(OBJECT, None, None)
    try:
        spelled = json.dumps(value, sort_keys=True, default=str)
    except (ValueError, RecursionError):
        spelled = "[...]"
    return Cell(LIST, None, text(spelled))


def text(value: str) -> str:
    """Make a text SQLite can keep: no lone surrogates, and bounded."""
    if len(value) > MAX_TEXT:
        digest = hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
        value = value[: MAX_TEXT - len(digest)] + digest
    return value.encode("utf-8", "replace").decode()


def leaves(prefix: str, value: Any) -> Iterator[tuple[str, Cell]]:
    """Give the cells of a nested value, named by dotted paths below `prefix`.

    A list gives one cell as a whole and one for each element, so that a filter on it
    matches when any element does. A literal dot in a key reads like nesting.
    """
    # Names are made when their turn comes: there may be more of them than memory.
    levels = [iter([(prefix, value)])]
    n_given = 0
    while levels and n_given < MAX_CELLS:
        found = next(levels[-1], None)
        if found is None:
            levels.pop()
            continue
        (name, item), depth = found, len(levels) - 1
        if isinstance(item, Mapping):
            if depth < MAX_DEPTH and len(name) <= MAX_NAME:
                levels.append(_below(name, item))
            if depth == 0:
                continue
        n_given += 1
        yield text(name), cell(item)
        if isinstance(item, list | tuple):
            for element in item[:MAX_ELEMENTS]:
                if isinstance(element, str | int | float | None):
                    n_given += 1
                    yield text(name), cell(element)


def _below(name: str, item: Mapping[Any, Any]) -> Iterator[tuple[str, Any]]:
    return ((f"{name}.{key}", item[key]) for key in item)


def shallow(value: Any, depth: int = MAX_KEPT_DEPTH) -> Any:
    """Give a JSON value with `TOO_DEEP` in place of what is nested too deep."""
    if not isinstance(value, dict | list):
        return value
    if depth == 0:
        return TOO_DEEP
    if isinstance(value, dict):
        return {key: shallow(item, depth - 1) for key, item in value.items()}
    return [shallow(item, depth - 1) for item in value]


def _number(value: Number) -> Number | None:
    if isinstance(value, float):
        return None if math.isnan(value) else value
    if -(2**63) <= value < 2**63:
        return value
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
