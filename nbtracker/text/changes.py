"""Changes of a config in words, the same everywhere."""

from nbtracker.journal.records import ConfigSet
from nbtracker.text.values import short
from nbtracker.views.cell_names import CellsOfSessions

_MOST = 24


def change_text(change: ConfigSet, cells: CellsOfSessions) -> str:
    """Say a change: `0.01 -> 0.003 @ cell [7], step 120`."""
    where = cells.cell(change.execution)
    place = f"{where}, step {change.step}" if where else f"step {change.step}"
    return f"{short(change.old, _MOST)} -> {short(change.new, _MOST)} @ {place}"
