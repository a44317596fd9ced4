"""What `init` does in a kernel that executes a run's cells again.

Which `init` stands for the run that is repeated is known beforehand: the replay leaves a plan in
a folder, and notes there which cell it begins. What is begun is noted there, too: several replays
of one run may go on at a time, and each has a folder of its own.
"""

import json
import os
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from nbtracker.sdk import provenance
from nbtracker.settings import Settings

REPLAY_OF = "NBTRACKER_REPLAY_OF"
"""Names, in a kernel that executes cells again, the run whose cells they are: `project/id`."""
REPLAY_PLAN = "NBTRACKER_REPLAY_PLAN"
"""Names the folder of the plan."""
PLAN, PLACE, BEGUN = "plan.json", "place", "begun"
"""The files in that folder: what is planned, which cell goes on, and which runs were begun."""
MODULES = "modules"
"""The folder of kept sources in it, each called as its digest; in the plan, their versions."""


class Version(NamedTuple):
    """A module as it was from an execution on."""

    name: str
    path: str
    digest: str
    number: int


class Place(NamedTuple):
    """Where a replay is.

    Attributes:
        cell: Which of its cells goes on, from 1; 0 before the first.
        number: That of the execution it repeats.
    """

    cell: int = 0
    number: int = 0


def replayed_run() -> str | None:
    """Name the run whose cells are executed again in this process; None if none are."""
    return os.environ.get(REPLAY_OF) or None


def plan() -> dict[str, Any]:
    """Read the plan; without one, nothing is planned."""
    folder = os.environ.get(REPLAY_PLAN)
    try:
        return dict(json.loads((Path(folder) / PLAN).read_bytes())) if folder else {}
    except (OSError, ValueError):
        return {}


def place() -> Place:
    """Tell which cell goes on."""
    folder = os.environ.get(REPLAY_PLAN)
    try:
        words = (Path(folder) / PLACE).read_text().split() if folder else []
        return Place(*map(int, words))
    except (OSError, ValueError, TypeError):
        return Place()


def begun_in(folder: Path) -> list[tuple[str, str]]:
    """Name the runs that the cells of a replay began, in order: project and id of each."""
    path = folder / BEGUN
    said = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    names = (line.partition("/") for line in said.splitlines())
    return list(dict.fromkeys((project, run_id) for project, _, run_id in names))


def _note_begun(project: str, run_id: str) -> None:
    folder = os.environ.get(REPLAY_PLAN)
    # What a cell left running may outlive the replay, and its folder.
    with suppress(FileNotFoundError):
        if folder:
            with (Path(folder) / BEGUN).open("a", encoding="utf-8") as file:
                file.write(f"{project}/{run_id}\n")


class Repetition:
    """Tells of each run that begins here whether it repeats the one that is executed again."""

    def __init__(self) -> None:
        self._plan: dict[str, Any] | None = None
        self._n_opened: Counter[int] = Counter()
        self._id: str | None = None
        self._is_next = False

    def settings(self, asked: Settings) -> Settings:
        """Give what a run is begun with: not one that is there is gone on with, nor replaced.

        Outside of a replay, that is what was asked for.
        """
        self._is_next = False
        if replayed_run() is None:
            return asked
        if self._plan is None:
            self._plan = plan()
        asked = replace(asked, id=None, resume=None)
        if asked.mode == "disabled" or not self._is_expected(self._plan):
            return asked
        self._is_next = True
        asked = replace(asked, project=str(self._plan.get("project") or asked.project))
        # It was gone on with, so its repetition is.
        return asked if self._id is None else replace(asked, id=self._id, resume="must")

    def marks(self) -> dict[str, str | None]:
        """What is recorded of the run that begins."""
        of = replayed_run()
        return {"replay_of": of if self._is_next else None, "in_replay": of}

    def begun(self, project: str, run_id: str) -> None:
        """Note that a run was begun, or gone on with."""
        is_it, self._is_next = self._is_next, False
        if replayed_run() is None:
            return
        self._n_opened[place().cell] += 1
        if is_it:
            self._id = run_id
        _note_begun(project, run_id)

    def _is_expected(self, said: dict[str, Any]) -> bool:
        if provenance.kernel() is None:  # a script that a cell starts is no cell
            return False
        cell = place().cell
        opened = said.get("openings", {}).get(str(cell), [])
        n = self._n_opened[cell]
        if n < len(opened):
            return bool(opened[n])
        return bool(said.get("is_only")) and self._id is None


REPETITION = Repetition()
