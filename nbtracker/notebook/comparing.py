"""`%tracker compare`: curves of runs over each other, and in what the runs differ."""

from collections.abc import Mapping, Sequence
from typing import Any

from nbtracker.api.frames import table as frame
from nbtracker.api.paths import run_name
from nbtracker.api.reading import reading, view_run
from nbtracker.notebook.tables import table
from nbtracker.screen import html
from nbtracker.store.layout import RunFolder
from nbtracker.text.values import short, value_text
from nbtracker.views.catalogue.facts import facts_of
from nbtracker.views.run import RunView
from nbtracker.views.run_cells import cells_of, sessions_of
from nbtracker.wire.comparing import Compared, comparison

SECTIONS = ("config", "summary", "code", "environment")
_MOST_VALUE = 32


class Comparison:
    """In what runs differ: shown as a table, given as a DataFrame by `differences`.

    Args:
        views: The runs, in the order they are shown.

    Attributes:
        runs: `project/id` of each.
    """

    def __init__(self, views: Sequence[RunView]) -> None:
        self.runs = [run_name(view.folder) for view in views]
        sides = [Compared(facts_of(view), view, sessions_of(view)) for view in views]
        for side, view in zip(sides, views, strict=True):
            side.code |= _cells(view)
        said: Mapping[str, Any] = comparison(sides, store="")
        states = [one["state"] for one in said["runs"]]
        self.same: int = said["same"]
        self._rows: list[tuple[str, str, list[Any], list[bool]]] = []
        if len(set(states)) > 1:
            self._rows.append(("", "state", states, [True] * len(states)))
        for section in SECTIONS:
            for one in said[section]:
                self._rows.append((section, one["key"], one["values"], one["has"]))

    @property
    def differences(self) -> Any:
        """What differs as a DataFrame: section, name, and a column for each run.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        columns: dict[str, Any] = {
            "section": [section for section, *_ in self._rows],
            "name": [name for _, name, *_ in self._rows],
        }
        for i, run in enumerate(self.runs):
            # A run that is compared with itself has a column of its own all the same.
            key = run if run not in columns else f"{run} ({i + 1})"
            columns[key] = [values[i] if has[i] else None for _, _, values, has in self._rows]
        return frame(columns, "pandas")

    def __repr__(self) -> str:
        if not self._rows:
            return f"{', '.join(self.runs)}: the same config, summary, code and environment"
        rows = [
            (_named(section, name), *(short(one, _MOST_VALUE) for one in told))
            for section, name, told in self._told()
        ]
        return table(("", *self.runs), rows)

    def _repr_html_(self) -> str:
        rows = [(_named(section, name), *told) for section, name, told in self._told()]
        return html.table(("", *self.runs), rows, caption=f"{len(rows):,} differences")

    def _told(self) -> "list[tuple[str, str, list[str]]]":
        return [
            (section, name, [value_text(v) if h else "-" for v, h in zip(values, has, strict=True)])
            for section, name, values, has in self._rows
        ]


def compared(folders: Sequence[RunFolder]) -> Comparison:
    """Compare runs.

    Raises:
        JournalDamagedError: One of them cannot be read.
    """
    views = [view_run(folder) for folder in folders]
    with reading(folders[0]):
        return Comparison(views)


def show_curves(folders: Sequence[RunFolder]) -> None:
    """Show the curves of runs over each other, where more than text can be shown."""
    from nbtracker.screen.portrait import Subject
    from nbtracker.screen.showing import can_show, show

    if can_show():
        title = f"{len(folders)} runs"
        show([Subject(folder) for folder in folders], title=title)


def _named(section: str, name: str) -> str:
    return name if section in ("", "environment") else f"{section}.{name}"


def _cells(view: RunView) -> dict[str, str]:
    """The source of each cell, as it was last executed before the run ended."""
    found: dict[str, str] = {}
    for one in cells_of(view):
        if one.source is not None:
            found[f"cell {(one.cell_id or str(one.number))[:12]}"] = one.source
    return found
