"""Tables: drawn by rich on a terminal, plain aligned text everywhere else."""

import sys
import unicodedata
from collections.abc import Iterable, Sequence

RIGHT = ">"
"""Begins the title of a column whose cells stand at its right edge."""


def print_table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows below their titles; cells are taken to be escaped already."""
    if sys.stdout.isatty():
        _draw(titles, list(rows))
    else:
        lines = [[title.lstrip(RIGHT) for title in titles], *rows]
        _align(lines, {i for i, title in enumerate(titles) if title.startswith(RIGHT)})


def print_pairs(pairs: Iterable[tuple[str, str]], *, indent: int = 2) -> None:
    """Print names with their values beside them, plainly on any output."""
    said = list(pairs)
    width = max((_width(name) for name, _ in said), default=0)
    for name, value in said:
        print(f"{' ' * indent}{_padded(name, width)}  {value}".rstrip())


def _draw(titles: Sequence[str], rows: list[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for i, title in enumerate(titles):
        # A name that has no blank would be cut; folded, it can still be copied.
        table.add_column(
            Text(title.lstrip(RIGHT)),
            justify="right" if title.startswith(RIGHT) else "left",
            overflow="fold",
            no_wrap=i == 0,
        )
    for row in rows:
        # Text, never str: rich would read markup in what runs say.
        table.add_row(*(Text(cell) for cell in row))
    Console(highlight=False, markup=False, emoji=False).print(table)


def _align(lines: list[Sequence[str]], right: set[int]) -> None:
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = [
            _padded(cell, width, right=i in right)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        print("  ".join(cells).rstrip())


def _padded(cell: str, width: int, *, right: bool = False) -> str:
    blanks = " " * (width - _width(cell))
    return blanks + cell if right else cell + blanks


def _width(cell: str) -> int:
    """How many columns of a terminal a text takes."""
    if cell.isascii():
        return len(cell)
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in cell)
    return len(cell) + wide - sum(unicodedata.combining(char) != 0 for char in cell)
