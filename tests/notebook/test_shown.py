"""What cells showed a second time beside what they showed the first time."""

from recorded_cells import execution

from nbtracker.notebook.shown import first_difference
from nbtracker.views.cells.naming import CellNames


def difference(sources: list[str], before: list[str], now: list[str]) -> str | None:
    """The first difference between what cells printed."""
    cells = [execution(number, source) for number, source in enumerate(sources, 1)]
    old, new = (
        [[{"output_type": "stream", "name": "stdout", "text": text}] for text in some]
        for some in (before, now)
    )
    return first_difference(cells, lambda number: old[number - 1], new, CellNames(cells))


def test_what_the_tracker_shows_is_no_difference() -> None:
    """It lists other runs and cells each time."""
    sources = ["# look\n%tracker runs", "print(1)"]
    assert difference(sources, ["one run", "1"], ["two runs", "1"]) is None


def test_a_line_that_differs_is_shown_as_it_was() -> None:
    """With the times in it, which count for nothing."""
    said = difference(["f()"], ["took 4 s\n2 rows in 3 ms"], ["took 9 s\n1 row in 2 ms"])
    assert said == "cell [1] showed '2 rows in 3 ms', and now '1 row in 2 ms'"
