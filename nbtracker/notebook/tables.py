"""Plain text below cells: tables of short values, and facts without the empty ones."""

import sys
from collections.abc import Iterable, Sequence
from typing import Any

from nbtracker.text import tables
from nbtracker.text.values import short, value_text


def tell(text: str) -> None:
    """Print below the cell."""
    sys.stdout.write(f"{text}\n")


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Put rows below their titles; what is long is cut."""
    return tables.table([*map(short, titles)], ([*map(short, row)] for row in rows))


def pairs(said: Iterable[tuple[str, Any]]) -> str:
    """Put values beside their names; None and empty ones are left out."""
    there = ((name, value) for name, value in said if value not in (None, "", (), []))
    return tables.pairs((name, value_text(value)) for name, value in there)
