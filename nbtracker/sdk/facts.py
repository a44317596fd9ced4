"""What a run can be asked: its names, its place, its config and summary."""

import sys
from typing import TYPE_CHECKING, Any

from nbtracker.errors import warn
from nbtracker.journal.records import Record
from nbtracker.screen.showable import Showable
from nbtracker.sdk.config import Config
from nbtracker.sdk.config_forms import ConfigStatic
from nbtracker.sdk.edited import EditedFacts
from nbtracker.sdk.summary import Summary
from nbtracker.settings import Settings
from nbtracker.store.layout import RunFolder, make_private
from nbtracker.views.run import RunView

if TYPE_CHECKING:
    from nbtracker.journal.steps import Steps
    from nbtracker.screen.portrait import Subject
    from nbtracker.sdk.recorder import DiskRecorder, NoRecorder
    from nbtracker.views.history import History

_LATER = frozenset(
    [
        "alert",
        "finish_artifact",
        "link_artifact",
        "link_model",
        "log_artifact",
        "log_code",
        "log_model",
        "mark_preempting",
        "plot_table",
        "restore",
        "save",
        "status",
        "to_html",
        "unwatch",
        "upsert_artifact",
        "use_artifact",
        "use_model",
        "watch",
        "write_logs",
    ]
)


class Facts(EditedFacts, Showable):
    """The properties of a run; the read-only ones cannot be assigned."""

    __slots__ = ()

    if TYPE_CHECKING:
        _config: Config
        _ended: bool
        _folder: RunFolder
        _recorder: DiskRecorder | NoRecorder
        _resumed: bool
        _settings: Settings
        _started_at: float
        _starting_step: int
        _steps: Steps
        _summary: Summary

        def _record(self, record: Record, what: str) -> None: ...

    @property
    def id(self) -> str:
        """The run's id, unique within its project."""
        return self._folder.id

    @property
    def project(self) -> str:
        """The project the run belongs to."""
        return self._folder.project

    @property
    def entity(self) -> str:
        """Who owns the run; empty if nobody was named."""
        return self._settings.entity or ""

    @property
    def path(self) -> str:
        """`entity/project/id`, without an entity that was not named."""
        return "/".join(part for part in (self.entity, self.project, self.id) if part)

    @property
    def settings(self) -> Settings:
        """What the run was made with; cannot be changed."""
        return self._settings

    @property
    def dir(self) -> str:
        """The folder for files of the run; made when it is first asked for.

        Raises:
            UsageError: A link stands in its place.
        """
        if not self.disabled:
            with self._guard("make the folder of the run's files"):
                make_private(self._folder.files, below=self._folder.store)
        return str(self._folder.files)

    @property
    def config(self) -> Config:
        """What went into the run."""
        return self._config

    @property
    def config_static(self) -> ConfigStatic:
        """The config as it is now, read-only."""
        return ConfigStatic(self._config)

    @property
    def summary(self) -> Summary:
        """The value that stands for each metric."""
        return self._summary

    @property
    def history(self) -> "History":
        """The rows so far, read from the journal."""
        # Recording needs none of it, and an import is to be short.
        from nbtracker.views.history import History

        history = History(self._folder, self._started_at)
        with self._guard("read the history back"):
            history.refresh()
        return history

    @property
    def start_time(self) -> float:
        """When the run began. Units: seconds since 1970."""
        return self._started_at

    @property
    def starting_step(self) -> int:
        """The first step of this process; above 0 in a resumed run."""
        return self._starting_step

    @property
    def step(self) -> int:
        """The step that the next `log` fills."""
        return self._steps.next

    @property
    def resumed(self) -> bool:
        """Whether this process goes on with a run that was there."""
        return self._resumed

    @property
    def offline(self) -> bool:
        """Whether nothing is sent anywhere: always, until sync ships."""
        return not self.disabled

    @property
    def disabled(self) -> bool:
        """Whether nothing is recorded."""
        return self._settings.mode == "disabled"

    @property
    def is_foreign(self) -> bool:
        """Whether the run belongs to the process this one was forked from."""
        return self._recorder.is_closed and not self._ended

    @property
    def mode(self) -> str:
        """One of "offline", "online", "shared" and "disabled"."""
        return self._settings.mode

    @property
    def sweep_id(self) -> str | None:
        """None: sweeps come with a later release."""
        return None

    @property
    def url(self) -> str | None:
        """None: the run is on this machine; see `run.dir`."""
        return None

    project_url = sweep_url = url

    def get_url(self) -> str | None:
        """Older name of `url`."""
        _warn_older("get_url()", "url")
        return self.url

    def get_project_url(self) -> str | None:
        """Older name of `project_url`."""
        _warn_older("get_project_url()", "project_url")
        return self.url

    def get_sweep_url(self) -> str | None:
        """Older name of `sweep_url`."""
        _warn_older("get_sweep_url()", "sweep_url")
        return self.url

    def project_name(self) -> str:
        """Older name of `project`."""
        return self.project

    def _subject(self) -> "Subject":
        from nbtracker.screen.portrait import Subject

        return Subject(self._folder, self._recorder.view if self.disabled else None)

    def _update_displays(self, *, while_logging: bool = False) -> None:
        """Bring what is shown of the run up to date; nothing is imported for it."""
        if (showing := sys.modules.get("nbtracker.screen.showing")) is not None:
            showing.update(self._folder, while_logging=while_logging)

    def _refreshed(self) -> RunView:
        view = self._recorder.view
        if not self.disabled:
            with self._guard("read the run back"):
                view.refresh()
        return view

    def __getattr__(self, name: str) -> Any:
        if name in _LATER:
            raise AttributeError(f"run.{name} comes with a later release of nbtracker")
        raise AttributeError(f"a run has no attribute {name!r}; see dir(run)")

    def __repr__(self) -> str:
        ended = "ended" if self._ended else "running"
        where = "recorded nowhere" if self.disabled else str(self._folder.path)
        return f"<nbtracker run {self.name!r} ({self.path}), {ended}, step {self.step}, {where}>"

    def __copy__(self) -> "Facts":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "Facts":
        return self

    def __reduce__(self) -> Any:
        raise TypeError(
            f"run {self.id} cannot be pickled: one process writes it. Log in that process, or "
            "give each process a run of its own, with init(group=...)."
        )


def _warn_older(old: str, new: str) -> None:
    warn(f"run.{old} is an older name; use run.{new}, which is None for a run on this machine")
