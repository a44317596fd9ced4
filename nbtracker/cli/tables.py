"""Tables: drawn by rich on a terminal, plain aligned text everywhere else."""

import sys
from collections.abc import Iterable, Sequence

from nbtracker.text.tables import RIGHT, pairs, table


def print_table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows below their titles; cells are taken to be escaped already."""
    if sys.stdout.isatty():
        _draw(titles, list(rows))
    else:
        print(table(titles, rows))


def print_pairs(said: Iterable[tuple[str, str]], *, indent: int = 2) -> None:
    """Print names with their values beside them, plainly on any output."""
    if text := pairs(said, indent=indent):
        print(text)


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
