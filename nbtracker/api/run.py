"""One run, read from anywhere, and edited without disturbing who writes it."""

import math
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from nbtracker.api import edits, frames, sampling
from nbtracker.api.files import File, file_of, files_of
from nbtracker.api.source import Source
from nbtracker.errors import NotFoundError, UsageError
from nbtracker.journal.records import ConfigSet
from nbtracker.store.layout import RunFolder
from nbtracker.store.trash import discard
from nbtracker.views.catalogue.facts import Facts, damaged, facts_of
from nbtracker.views.catalogue.index import UNREADABLE
from nbtracker.views.run import read_run
from nbtracker.views.state import RUNNING


class HTTPSummary(dict[str, Any]):
    """A run's summary: a dictionary whose changes `update` writes down."""

    def __init__(self, run: "Run", values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self._run = run

    def update(self, values: Mapping[str, Any] | None = None, **more: Any) -> None:  # type: ignore[override]
        """Set values, and write all changes of the run."""
        super().update(values or {}, **more)
        self._run.update()


class Run:
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
        self._summary = HTTPSummary(self, self._facts.summary)
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

    @property
    def id(self) -> str:
        """The run's id."""
        return self._folder.id

    @property
    def project(self) -> str:
        """The project it is in."""
        return self._folder.project

    @property
    def entity(self) -> str:
        """Who owns it; empty if nobody was named."""
        return self._facts.entity or ""

    @property
    def username(self) -> str:
        """The same as `entity`."""
        return self.entity

    @property
    def path(self) -> list[str]:
        """Entity, project and id."""
        return [self.entity, self.project, self.id]

    @property
    def dir(self) -> str:
        """Where its files are."""
        return str(self._folder.files)

    @property
    def url(self) -> None:
        """There is no page of it: it is a folder."""
        return

    @property
    def name(self) -> str:
        """The display name."""
        return self._facts.name

    @name.setter
    def name(self, name: str) -> None:
        self._facts.name = name

    @property
    def display_name(self) -> str:
        """The same as `name`."""
        return self._facts.name

    @display_name.setter
    def display_name(self, name: str) -> None:
        self._facts.name = name

    @property
    def notes(self) -> str | None:
        """What was written about it."""
        return self._facts.notes

    @notes.setter
    def notes(self, notes: str | None) -> None:
        self._facts.notes = notes

    @property
    def tags(self) -> list[str]:
        """Its tags; the list may be changed."""
        return self._facts.tags

    @tags.setter
    def tags(self, tags: Iterable[str]) -> None:
        if isinstance(tags, str):
            raise UsageError(f"tags is the text {tags!r}; it should be a list: [{tags!r}]")
        self._facts.tags = list(tags)

    @property
    def group(self) -> str | None:
        """The group it is in."""
        return self._facts.group

    @group.setter
    def group(self, group: str | None) -> None:
        self._facts.group = group

    @property
    def job_type(self) -> str | None:
        """What kind of job it is."""
        return self._facts.job_type

    @job_type.setter
    def job_type(self, job_type: str | None) -> None:
        self._facts.job_type = job_type

    @property
    def state(self) -> str:
        """What had become of it when it was read: "running", "finished", "failed", "crashed"."""
        return self._facts.state

    @property
    def trouble(self) -> str | None:
        """Why it cannot be read, if its state is "damaged"."""
        return self._facts.trouble

    @property
    def exit_code(self) -> int | None:
        """What `finish` was given; None if it did not end."""
        return self._facts.exit_code

    @property
    def config(self) -> dict[str, Any]:
        """Key to value; may be changed."""
        return self._facts.config

    @property
    def config_history(self) -> list[ConfigSet]:
        """Each change of the config, in order."""
        return read_run(self._folder).config_history

    @property
    def summary(self) -> HTTPSummary:
        """The value that stands for each metric; may be changed."""
        return self._summary

    @property
    def summary_metrics(self) -> dict[str, Any]:
        """The summary as a plain dictionary."""
        return dict(self._summary)

    @property
    def created_at(self) -> str | None:
        """When it began, as ISO 8601 in UTC."""
        return _iso(self._facts.created_at)

    @property
    def heartbeat_at(self) -> str | None:
        """When it last gave a sign of life, as ISO 8601 in UTC."""
        return _iso(self._facts.changed_at)

    @property
    def start_time(self) -> float | None:
        """When it began. Units: seconds since 1970."""
        return self._facts.created_at

    @property
    def runtime(self) -> float:
        """From the start to the last sign of life. Units: seconds."""
        return self._facts.runtime

    @property
    def duration(self) -> float:
        """The same as `runtime`."""
        return self._facts.runtime

    @property
    def lastHistoryStep(self) -> int:
        """The step of the newest row; -1 if there is none."""
        return self._facts.last_step

    @property
    def n_rows(self) -> int:
        """How many rows its history has."""
        return self._facts.n_rows

    @property
    def metric_names(self) -> list[str]:
        """Names of all metrics that were logged."""
        return [sampling.shown(name) for name in self._facts.metrics]

    @property
    def metadata(self) -> dict[str, Any]:
        """Where it was written: host, pid, python, program and so on."""
        return dict(self._facts.started)

    @property
    def system_metrics(self) -> dict[str, Any]:
        """The newest measurements of the machine; empty if none were taken."""
        return {}

    def history(
        self,
        samples: int = 500,
        keys: Sequence[str] | None = None,
        x_axis: str = "_step",
        pandas: bool = True,
        stream: str = "default",
        format: str | None = None,
    ) -> Any:
        """Give the history, thinned out so that nothing is hidden.

        A history of more than `samples` rows is cut into bins, and of each bin and metric
        the first, last, smallest and largest value and the first NaN are kept, so that every
        spike and every NaN is still there. Use `scan_history` for all rows.

        Args:
            samples: About how many rows to give.
            keys: Give these metrics, of rows that have all of them. Default: every metric.
            x_axis: A column to give beside them.
            pandas: Give a DataFrame; else a list of dictionaries.
            stream: "default"; "system" has no rows yet.
            format: "pandas", "polars", "arrow" or "dicts"; wins over `pandas`.

        Raises:
            NotFoundError: The run is gone.
            MissingExtraError: The package of the format is not installed.
        """
        chosen = frames.check_format(format, pandas=pandas)
        if stream not in ("default", "system"):
            raise UsageError(f"there is no stream {stream!r}; there are 'default' and 'system'")
        if stream == "system":
            return frames.table({}, chosen)
        read = self._source.columns.read(
            self._folder, sampling.resolve(self._source, self._folder, keys, x_axis)
        )
        rows = sampling.choose(read, keys, x_axis, samples)
        started_at = self._facts.created_at or 0.0
        return frames.table(sampling.columns(read, rows, keys, x_axis, started_at), chosen)

    def scan_history(
        self,
        keys: Sequence[str] | None = None,
        page_size: int = 1_000,
        min_step: int | None = None,
        max_step: int | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Yield every row, exactly as it was logged.

        Args:
            keys: Give only rows that have all of these, and only these of them.
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
        at = edits.moment_after(self._facts.changed_at or 0.0)
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
        discard(self._source.store, self._folder)
        self._source.catalogue.refresh_run(self._folder)

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


def _iso(at: float | None) -> str | None:
    if at is None:
        return None
    try:
        return datetime.fromtimestamp(at, timezone.utc).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        return None
