"""What a run that was read can be asked: its names, its state, its config and summary."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from nbtracker.api import later, sampling
from nbtracker.api.shown import ShownRun
from nbtracker.errors import UsageError
from nbtracker.journal.records import ConfigSet
from nbtracker.store.layout import RunFolder
from nbtracker.views.catalogue.facts import Facts
from nbtracker.views.run import read_run

# The reference's client also gives what its server says under the server's names.
_SERVER_NAMES = {
    "createdAt": "created_at",
    "displayName": "display_name",
    "heartbeatAt": "heartbeat_at",
    "historyLineCount": "n_rows",
    "jobType": "job_type",
    "summaryMetrics": "summary_metrics",
    "sweepName": "sweep_name",
    "systemMetrics": "system_metrics",
}


class HTTPSummary(dict[str, Any]):
    """A run's summary: a dictionary whose changes `update` writes down."""

    def __init__(self, values: Mapping[str, Any], write: Callable[[], None]) -> None:
        super().__init__(values)
        self._write = write

    @property
    def _json_dict(self) -> dict[str, Any]:
        # Scripts that export runs ask for it, in spite of its name.
        return dict(self)

    def update(self, values: Mapping[str, Any] | None = None, **more: Any) -> None:  # type: ignore[override]
        """Set values, and write all changes of the run."""
        super().update(values or {}, **more)
        self._write()


class RunFacts(ShownRun):
    """The properties of a run, as they were when it was read."""

    if TYPE_CHECKING:
        _facts: Facts
        _folder: RunFolder
        _summary: HTTPSummary

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
    def description(self) -> str | None:
        """Older name of `notes`."""
        return self._facts.notes

    @description.setter
    def description(self, notes: str | None) -> None:
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
    def archived(self) -> bool:
        """Whether lists leave it out, unless their filter asks for `archived`."""
        return self._facts.archived

    @archived.setter
    def archived(self, archived: bool) -> None:
        self._facts.archived = archived

    @property
    def state(self) -> str:
        """What had become of it when it was read: "running", "finished", "failed", "crashed"."""
        return self._facts.state

    @property
    def trouble(self) -> str | None:
        """Why a part of it cannot be read, or all of it: then its state is "damaged"."""
        return self._facts.trouble

    @property
    def damages(self) -> int:
        """How many places of its journals cannot be read; `nbtracker doctor` names them."""
        return self._facts.damages

    @property
    def gaps(self) -> int:
        """How many rows were lost because the disk took none."""
        return self._facts.gaps

    @property
    def exit_code(self) -> int | None:
        """What `finish` was given; None if it did not end."""
        return self._facts.exit_code

    @property
    def error(self) -> str | None:
        """The traceback of what ended it; None if nothing did."""
        return self._facts.error

    @property
    def config(self) -> dict[str, Any]:
        """Key to value; may be changed."""
        return self._facts.config

    @property
    def rawconfig(self) -> dict[str, Any]:
        """The config with the keys that a tracker adds to it; here there are none."""
        return dict(self._facts.config)

    @property
    def json_config(self) -> str:
        """The config as JSON: each key with its value and a description."""
        return json.dumps({k: {"value": v, "desc": None} for k, v in self._facts.config.items()})

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
    def sweep(self) -> None:
        """None: sweeps come with a later release."""
        return

    sweep_name = sweep

    @property
    def metric_names(self) -> list[str]:
        r"""Names of all metrics that were logged; a dot of a name's own is `\.` if in doubt."""
        return list(sampling.shown(self._facts.metrics).values())

    @property
    def metadata(self) -> dict[str, Any]:
        """Where it was written: host, pid, python, program and so on."""
        return dict(self._facts.started)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if name in _SERVER_NAMES:
                return getattr(self, _SERVER_NAMES[name])
            raise later.missing("run", name, later.OF_RUN)


def _iso(at: float | None) -> str | None:
    if at is None:
        return None
    try:
        return datetime.fromtimestamp(at, timezone.utc).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        return None
