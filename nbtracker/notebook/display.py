"""After each cell, what is shown of runs is brought up to date; nothing is imported for it."""

import sys

from nbtracker.errors import attempt
from nbtracker.notebook.hooks import Cell


def cell_ended(cell: Cell, error: BaseException | None) -> None:
    """Show runs that the cell wrote to as they are now. Never raises, and prints nothing."""
    del cell, error
    showing = sys.modules.get("nbtracker.screen.showing")
    if showing is not None:
        attempt(showing.update, lambda: None)
