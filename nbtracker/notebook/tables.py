"""Plain text for cells: tables, times, and values that cannot command a terminal."""

import json
import sys
import time
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

MOST_CELL = 60
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86400


def tell(text: str) -> None:
    """Print below the cell."""
    sys.stdout.write(f"{text}\n")


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Put rows below their titles, in columns."""
    lines = [list(titles), *(list(map(shown, row)) for row in rows)]
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    )


def pairs(said: Iterable[tuple[str, Any]]) -> str:
    """Put values beside their names; None and empty ones are left out."""
    kept = [(name, value_text(value)) for name, value in said if value not in (None, "", (), [])]
    width = max((len(name) for name, _ in kept), default=0)
    return "\n".join(f"  {name:<{width}}  {value}".rstrip() for name, value in kept)


def value_text(value: Any) -> str:
    """Show a value in one line: text as it is, everything else as JSON would have it."""
    if isinstance(value, float):
        return repr(value)
    said = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in said)


def shown(text: str, most: int = MOST_CELL) -> str:
    """Show a text in one line of at most so many characters."""
    text = value_text(text)
    return text if len(text) <= most else f"{text[: most - 3]}..."


def moment(at: float | None) -> str:
    """Show a time of day where the reader is; `-` if there is none."""
    try:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at)) if at else "-"
    except (OverflowError, ValueError, OSError):
        return value_text(at)


def duration(seconds: float | None) -> str:
    """Show how long something took, in the two largest units; `-` if nobody knows."""
    if seconds is None or not 0 <= seconds < 1e12:
        return "-"
    if seconds < 1:
        return f"{1000 * seconds:.0f} ms"
    if seconds < _MINUTE_S:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    for unit, below, names in ((_DAY_S, _HOUR_S, ("d", "h")), (_HOUR_S, _MINUTE_S, ("h", "min"))):
        if whole >= unit:
            return f"{whole // unit} {names[0]} {whole % unit // below} {names[1]}"
    return f"{whole // _MINUTE_S} min {whole % _MINUTE_S} s"


def _width(text: str) -> int:
    """How many columns a text takes."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(unicodedata.combining(char) != 0 for char in text)
