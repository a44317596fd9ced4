"""One run, read from anywhere, and edited without disturbing who writes it."""

import math
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from nbtracker.api import edits, frames, sampling
from nbtracker.api.files import File, file_of, files_of
from nbtracker.api.machine import newest, system_columns
from nbtracker.api.run_facts import HTTPSummary, RunFacts
from nbtracker.api.segments import SEGMENT
from nbtracker.api.source import Source
from nbtracker.errors import NotFoundError, UsageError
from nbtracker.journal.liveness import is_written
from nbtracker.journal.moments import moment_after
from nbtracker.store.layout import RunFolder
from nbtracker.store.trash import discard
from nbtracker.views import run_cells
from nbtracker.views.catalogue.facts import Facts, damaged, facts_of
from nbtracker.views.run import RunView, read_run
from nbtracker.views.run_code import RunCode
from nbtracker.views.session import Execution
from nbtracker.views.state import RUNNING
from nbtracker.views.unreadable import UNREADABLE


class Run(RunFacts):
    """A run as it was when it was read; `load(force=True)` reads it again.

    `name`, `notes`, `tags`, `group`, `job_type`, `config` and `summary` can be changed, and
    `update()` writes the changes. Get one from `Api.run` or `Api.runs`.
    """

    def __init__(self, source: Source, folder: RunFolder, facts: Facts | None = None) -> None:
        self._source = source
        self._folder = folder
        self._take(facts or self._read())

    def _take(self, facts: Facts) -> None:
        self._read_facts = facts
        self._facts = Facts.decode(facts.encode(), facts.state)
        self._summary = HTTPSummary(self._facts.summary, self.update)
        self._facts.summary = self._summary

    def _read(self) -> Facts:
        try:
            facts = facts_of(read_run(self._folder))
            facts.encode()  # nested too deep to be spelled is unreadable, too
        except FileNotFoundError as error:
            raise self._gone() from error
        except UNREADABLE as error:
            if not self._folder.exists:
                raise self._gone() from error
            return damaged(self._folder, error)
        if not self._folder.exists:  # it may have gone before it was read, and seem empty
            raise self._gone()
        return facts

    def _gone(self) -> NotFoundError:
        return NotFoundError(
            f"run {self._folder.project}/{self._folder.id} was deleted while it was read; "
            "see `nbtracker trash`"
        )

    def load(self, force: bool = False) -> "Run":
        """Read the run again if `force`; changes that were not written are forgotten.

        Raises:
            NotFoundError: The run is gone.
        """
        if force:
            self._take(self._read())
        return self

    def refresh(self) -> "Run":
        """Read the run again."""
        return self.load(force=True)

    def history(
        self,
        samples: int = 500,
        keys: Sequence[str] | None = None,
        x_axis: str = "_step",
        pandas: bool = True,
        stream: str = "default",
        format: str | None = None,
    ) -> Any:
        """Give the history; of one with more than `samples` rows, `samples` of them.

        Rows are left out then, and `scan_history` gives all. Those that are kept tell the
        most: the first and the last row; of each metric the first, last, smallest and largest
        value and the first NaN of every stretch of the run, in as many stretches as `samples`
        has room for; and rows at even distances, of which those with a metric that is not in
        every row go first. A DataFrame says in its `attrs` how many `rows` there are to choose
        from, and whether it is `sampled`.

        If steps began again, a column `_segment` says how many times before; it may also be
        asked for as one of the `keys`.

        Args:
            samples: The most rows to give.
            keys: Give these metrics, of rows that have all of them. Default: every metric.
            x_axis: A column to give beside them.
            pandas: Give a DataFrame; else a list of dictionaries.
            stream: "default"; "system" for what the machine did while cells ran.
            format: "pandas", "polars", "arrow" or "dicts"; wins over `pandas`.

        Raises:
            UsageError: An argument has a value that means nothing.
            NotFoundError: The run is gone.
            MissingExtraError: The package of the format is not installed.
        """
        chosen = frames.check_format(format, pandas=pandas)
        samples = sampling.check_samples(samples)
        if stream not in ("default", "system"):
            raise UsageError(f"there is no stream {stream!r}; there are 'default' and 'system'")
        if stream == "system":
            return frames.table(system_columns(run_cells.samples_of(self._view())), chosen)
        wanted = sampling.resolve(self._source, self._folder, keys, x_axis)
        names = None if wanted is None else list(dict.fromkeys(wanted.values()))
        read = self._source.columns.read(self._folder, names)
        found = sampling.candidates(
            read, [sampling.find(x_axis, read.of)] if names is None else names
        )
        rows = sampling.choose(read, found, samples)
        asked = None if names is None else SEGMENT in names
        started_at = self._facts.created_at or 0.0
        every = sampling.columns_of(read, rows, started_at, with_segments=asked)
        wanted = wanted or {said: name for name, said in sampling.shown(every).items()}
        columns = {key: every[name] for key, name in wanted.items() if name in every}
        table = frames.table(columns, chosen)
        if chosen == "pandas":
            table.attrs = {"rows": len(found), "sampled": len(rows) < len(found)}
        return table

    def scan_history(
        self,
        keys: Sequence[str] | None = None,
        page_size: int = 1_000,
        min_step: int | None = None,
        max_step: int | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Yield every row, exactly as it was logged.

        Args:
            keys: Give only rows that have all of these, and only these of them. `_segment` is
                how many times steps had begun again; without keys it is given if they ever did.
            page_size: Accepted; rows are read at once.
            min_step: The first step to give.
            max_step: The first step not to give.

        Raises:
            NotFoundError: The run is gone.
        """
        del page_size
        return sampling.scan(
            self._folder, self._facts.created_at or 0.0, keys, min_step, max_step, self._gone
        )

    def update(self) -> None:
        """Write what was changed, as an edit journal of its own.

        A process that is writing the run is not disturbed. Safe to repeat.

        Raises:
            NotFoundError: The run is gone; nothing was changed.
            UsageError: A config key was removed, or a value cannot be kept.
        """
        at = moment_after(self._facts.changed_at or 0.0)
        changes = edits.differences(self._read_facts, self._facts, at)
        if not changes:
            return
        edits.write(self._folder, changes)
        self._take(self._read())
        self._source.catalogue.refresh_run(self._folder)

    save = update

    def delete(self, delete_artifacts: bool = False) -> None:
        """Move the run to the store's trash; `nbtracker trash` puts it back or empties it.

        Args:
            delete_artifacts: Accepted.

        Raises:
            NotFoundError: There is no such run any more.
            JournalBusyError: It is being written right now.
        """
        del delete_artifacts
        discard(self._source.store, self._folder, is_written=is_written)
        self._source.catalogue.refresh_run(self._folder)

    def cells(self, step: int | None = None, metric: str | None = None) -> list[Execution]:
        """Give the cells as they were executed: from the kernel's first to the run's end.

        Empty for a run that a script made.

        Args:
            step: Give those that made a point there, the newest first: if steps began again,
                there may be several.
            metric: Give those that logged it, at this step or at all.

        Raises:
            NotFoundError: There is no such point or metric, or no cell is known of the point.
        """
        made = run_cells.cells_asked(self._view(), step, metric)
        return [*{one.execution.id: one.execution for one in made}.values()]

    def cell_of(
        self, step: int, metric: str | None = None, segment: int | None = None
    ) -> Execution:
        """Give the execution of a cell that made a point.

        Args:
            step: The point's step.
            metric: Its metric. Default: whatever was logged last for the step.
            segment: Which of them, if steps began again, as `_segment` of the history counts:
                0 before they did. Default: the newest.

        Raises:
            NotFoundError: There is no such point, or no cell is known of it.
        """
        return run_cells.cell_of(self._view(), step, metric, segment)

    @property
    def system_metrics(self) -> dict[str, Any]:
        """The newest measurements of the machine; empty if none were taken."""
        return newest(run_cells.samples_of(self._view()))

    def outputs(self, cell: Execution | int | str) -> list[dict[str, Any]]:
        """Give what an execution showed, as a notebook keeps it.

        Args:
            cell: One of `cells()`, its number, or how it is called: "[7]" or "#12".

        Raises:
            UsageError: No execution is called like this, or several are.
        """
        return run_cells.outputs_shown(self._view(), cell)

    def attempts(self) -> "list[Run]":
        """Give the runs that the same cell began, in order; this one among them.

        A run that a script made has no others.
        """
        family = self.metadata.get("family")
        if not family:
            return [self]
        folders = self._source.store.runs(self.project)
        found = [Run(self._source, folder) for folder in folders if _is_of(folder, str(family))]
        return sorted(found, key=lambda run: run._facts.created_at or 0.0)

    @property
    def code(self) -> RunCode:
        """The code that made it: `code.paths`, and `code.read("cells.ipynb")`.

        The cells as they were executed, the document, the user's own modules, what was not
        committed, the packages. Without any path for a run that a script made.
        """
        return RunCode(self._view())

    def _view(self) -> RunView:
        try:
            return read_run(self._folder)
        except FileNotFoundError as error:
            raise self._gone() from error

    def files(self, names: Iterable[str] | None = None) -> list[File]:
        """Give its files, all or those of these names."""
        if names is not None:
            return [file_of(self._folder, name) for name in names]
        return list(files_of(self._folder))

    def file(self, name: str) -> File:
        """Give one file.

        Raises:
            NotFoundError: There is no such file.
            UsageError: The name leads out of the run.
        """
        return file_of(self._folder, name)

    def wait_until_finished(self, timeout_s: float = math.inf) -> "Run":
        """Wait until nobody writes the run any more.

        Raises:
            TimeoutError: It still runs after `timeout_s`.
        """
        until = time.monotonic() + timeout_s
        while self.load(force=True).state == RUNNING:
            if time.monotonic() >= until:
                raise TimeoutError(f"run {self.project}/{self.id} still runs; wait longer")
            time.sleep(0.2)
        return self

    def __repr__(self) -> str:
        return f"<Run {'/'.join(part for part in self.path if part)} ({self.state})>"


def _is_of(folder: RunFolder, family: str) -> bool:
    """Whether a run was begun by the cell that all of a family were begun by."""
    try:
        started = read_run(folder).started
    except UNREADABLE:
        return False
    return bool(started) and started[0].family == family
