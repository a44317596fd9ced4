"""`%tracker compare`: curves of runs over each other, and in what the runs differ."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nbtracker.api.frames import table as frame
from nbtracker.api.paths import run_name
from nbtracker.api.reading import reading, view_run
from nbtracker.notebook.compared_cells import around, cells_of_sides
from nbtracker.notebook.tables import table
from nbtracker.screen import html
from nbtracker.store.layout import RunFolder
from nbtracker.text.values import plural, short, value_text
from nbtracker.views.catalogue.facts import facts_of
from nbtracker.views.run import RunView
from nbtracker.views.run_cells import sessions_of
from nbtracker.views.state import RUNNING, state_of
from nbtracker.wire.comparing import WHOLE, Compared, comparison

SECTIONS = ("config", "summary", "code", "environment")
_MOST_VALUE, _MOST_HTML = 32, 200
# What they hold is compared cell by cell.
_OF_CELLS = (WHOLE, "cells.ipynb", "cells.py")


class Comparison:
    """In what runs differ: shown as a table, given as a DataFrame by `differences`.

    Args:
        views: The runs, in the order they are shown.

    Attributes:
        runs: `project/id` of each.
        notes: What was not compared, and why.
    """

    def __init__(self, views: Sequence[RunView]) -> None:
        self.runs = [run_name(view.folder) for view in views]
        sessions = [sessions_of(view) for view in views]
        sides = [
            Compared(facts_of(view), view, some) for view, some in zip(views, sessions, strict=True)
        ]
        cells, n_same = cells_of_sides(views)
        self.notes = _without_code(views)
        for side in sides:
            if self.notes or all(sessions):
                side.code = {} if self.notes else _but_cells(side.code)
        said: Mapping[str, Any] = comparison(sides, store="")
        states = [one["state"] for one in said["runs"]]
        self.same: int = said["same"] + n_same
        self._rows: list[tuple[str, str, list[Any], list[bool]]] = []
        if len(set(states)) > 1:
            self._rows.append(("", "state", states, [True] * len(states)))
        for section in SECTIONS:
            for one in said[section]:
                name = one["key"] if one["key"] != WHOLE else "all of it"
                self._rows.append((section, name, one["values"], one["has"]))
            if section == "code":
                for name, sources in cells:
                    has = [one is not None for one in sources]
                    self._rows.append((section, name, sources, has))

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
            return "\n".join(
                (f"{', '.join(self.runs)}: the same {_alike(self.notes)}", *self.notes)
            )
        rows = [
            (_named(section, name), *(short(one, _MOST_VALUE) for one in told))
            for section, name, told in self._told(_MOST_VALUE)
        ]
        return "\n".join((table(("", *self.runs), rows), *self.notes))

    def _repr_html_(self) -> str:
        rows = [(_named(section, name), *told) for section, name, told in self._told(_MOST_HTML)]
        caption = "; ".join((plural(len(rows), "difference"), *self.notes))
        return html.table(("", *self.runs), rows, caption=caption)

    def _told(self, most: int) -> Iterator[tuple[str, str, list[str]]]:
        """What differs in words; of long values, from where they first differ."""
        for section, name, values, has in self._rows:
            there = [value_text(one) for one, h in zip(values, has, strict=True) if h]
            shown = iter(around(there, most))
            yield section, name, [next(shown) if h else "-" for h in has]


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
    is_plain = section in ("", "environment") or name.startswith("cell [")
    return name if is_plain else f"{section}.{name}"


def _alike(notes: Sequence[str]) -> str:
    return (
        "config, summary, cells and environment"
        if notes
        else ("config, summary, code and environment")
    )


def _without_code(views: Sequence[RunView]) -> list[str]:
    """Say of which runs the code is not kept yet: only their cells can be compared."""
    running = [one for one in views if one.code is None and state_of(one) == RUNNING]
    names = dict.fromkeys(run_name(one.folder) for one in running)
    return [f"code of {name}: not kept yet, it is running" for name in names]


def _but_cells(code: Mapping[str, Any]) -> dict[str, Any]:
    return {name: digest for name, digest in code.items() if name not in _OF_CELLS}
