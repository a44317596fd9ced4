"""In which cells runs differ, and where a difference begins."""

from collections.abc import Sequence

from nbtracker.views.cell_names import CellsOfSessions
from nbtracker.views.magic_lines import is_of_tracker
from nbtracker.views.run import RunView
from nbtracker.views.run_cells import cells_of, sessions_of

_MOST_ID, _CUT = 12, "..."
Row = tuple[str, list[str | None]]


def cells_of_sides(views: Sequence[RunView]) -> tuple[list[Row], int]:
    """Give the cells in which runs differ, and how many are the same everywhere.

    Of each cell: how it is called, and its source as each run last executed it. Cells that only
    talk to nbtracker are left out.
    """
    sides = [_cells(view) for view in views]
    found: list[tuple[str, Row]] = []
    n_same = 0
    for key in dict.fromkeys(key for side in sides for key in side):
        both = [side.get(key) for side in sides]
        sources = [None if one is None else one[1] for one in both]
        if len(set(sources)) == 1:
            n_same += 1
        else:
            names = " / ".join(dict.fromkeys(one[0] for one in both if one is not None))
            found.append((key, (f"cell {names}", sources)))
    labels = [names for _, (names, _) in found]
    return [
        (names if labels.count(names) == 1 else f"{names} (id {key[:_MOST_ID]})", sources)
        for key, (names, sources) in found
    ], n_same


def around(texts: Sequence[str], most: int) -> list[str]:
    """Leave out what long texts have in common before they first differ, but for a few characters.

    Args:
        texts: What is compared.
        most: Texts that are no longer stay as they are. Units: characters.
    """
    if len(texts) < 2 or max(map(len, texts)) <= most:
        return list(texts)
    columns = enumerate(zip(*texts, strict=False))
    differs = next((i for i, some in columns if len(set(some)) > 1), min(map(len, texts)))
    begin = differs - most // 3
    return list(texts) if begin <= len(_CUT) else [f"{_CUT}{text[begin:]}" for text in texts]


def _cells(view: RunView) -> dict[str, tuple[str, str]]:
    """Name and source of each cell, as it was last executed before the run ended."""
    names = CellsOfSessions(lambda: sessions_of(view))
    return {
        one.cell_id or str(one.number): (names.cell(one.id).removeprefix("cell "), one.source)
        for one in cells_of(view)
        if one.source is not None and not is_of_tracker(one.source)
    }
