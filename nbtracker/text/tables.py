"""Tables as plain text, in which every character takes the columns that a terminal gives it."""

import unicodedata
from collections.abc import Iterable, Sequence

RIGHT = ">"
"""Begins the title of a column whose cells stand at its right edge."""


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Put rows below their titles, in columns; cells are taken to be escaped already."""
    lines = [[title.lstrip(RIGHT) for title in titles], *rows]
    right = [title.startswith(RIGHT) for title in titles]
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            _padded(cell, width, right=at_right)
            for cell, width, at_right in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in lines
    )


def pairs(said: Iterable[tuple[str, str]], *, indent: int = 2) -> str:
    """Put values beside their names, a line each."""
    there = list(said)
    width = max((_width(name) for name, _ in there), default=0)
    return "\n".join(
        f"{' ' * indent}{_padded(name, width)}  {value}".rstrip() for name, value in there
    )


def _padded(cell: str, width: int, *, right: bool = False) -> str:
    blanks = " " * (width - _width(cell))
    return blanks + cell if right else cell + blanks


def _width(cell: str) -> int:
    """How many columns of a terminal a text takes."""
    if cell.isascii():
        return len(cell)
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in cell)
    return len(cell) + wide - sum(unicodedata.combining(char) != 0 for char in cell)
