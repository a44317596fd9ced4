"""A run in progress. Every method checks, builds a record, appends it."""

import operator
import os
import struct
import time
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import Any, Literal, SupportsIndex

from nbtracker.errors import JournalError, RunFinishedError, UsageError, warn
from nbtracker.journal.forks import ForkLock
from nbtracker.journal.frames import LATE
from nbtracker.journal.records import (
    CodeKept,
    ConfigPinned,
    ConfigSet,
    Ended,
    MetricDefined,
    Record,
    Row,
    SummaryDeleted,
    SummarySet,
)
from nbtracker.journal.rows import Schema
from nbtracker.journal.steps import Steps
from nbtracker.sdk.asked import Asked
from nbtracker.sdk.config import Config, ConfigChange
from nbtracker.sdk.ending import exit_code_of
from nbtracker.sdk.facts import Facts
from nbtracker.sdk.guard import Guard
from nbtracker.sdk.metric import Metric, checked_metric
from nbtracker.sdk.provenance import EXECUTION, execution, redacted
from nbtracker.sdk.recorder import DiskRecorder, NoRecorder
from nbtracker.sdk.rows import flatten, packed_types
from nbtracker.sdk.summary import Summary
from nbtracker.settings import Settings
from nbtracker.store.layout import RunFolder

_MOST_EXIT_CODE = 2**31
_known_execution, _execution = EXECUTION.get, execution
_now = time.time
# A training that logs other names each time must not fill the memory with schemas.
MAX_KEPT_NAMES, _NAMES_WORTH = 100_000, 20  # a schema weighs as much as its names and 20 more


class Run(Asked, Facts):
    """One run, from `init` to `finish`: `log` rows, set `config` and `summary`.

    Made by `nbtracker.init()`. As a context manager it finishes itself, and is marked as
    failed if the block raises.
    """

    __slots__ = (
        "__weakref__", "_append_row", "_before_end", "_by_call", "_by_names", "_config",
        "_edited_at", "_ended", "_folder", "_guard", "_n_kept_names", "_n_late", "_on_end",
        "_reading", "_recorder", "_resumed", "_settings", "_started_at", "_starting_step",
        "_steps", "_summary", "_summary_read_to", "_summary_tree",
    )  # fmt: skip

    def __init__(
        self,
        settings: Settings,
        folder: RunFolder,
        recorder: DiskRecorder | NoRecorder,
        *,
        guard: Guard,
        resumed: bool = False,
        before_end: Callable[["Run"], None] = lambda _: None,
        on_end: Callable[["Run"], None] = lambda _: None,
    ) -> None:
        self._settings, self._folder, self._recorder = settings, folder, recorder
        self._guard, self._ended = guard, False
        self._before_end, self._on_end = before_end, on_end
        self._resumed = resumed
        self._started_at = recorder.view.started_at or _now()
        self._starting_step = recorder.view.last_step + 1
        self._steps = Steps(self._starting_step)
        self._by_call: dict[tuple[str, ...], Schema] = {}
        self._by_names: dict[tuple[str | None, tuple[str, ...], str], Schema] = {}
        self._n_kept_names = self._n_late = 0
        self._summary_tree: dict[str, Any] = {}
        self._summary_read_to: dict[str, int] | None = None
        self._reading = ForkLock()  # a view is read by one thread at a time
        # A recorder of nothing has none: the call fails, and takes the slow way.
        self._append_row: Callable[..., int] = getattr(recorder, "append_row", None)  # type: ignore[assignment]
        self._config = Config(
            self._publish_config,
            allow_val_change=bool(settings.allow_val_change),
            check_open=lambda: self._is_closed("config"),
            include=settings.config_include_keys,
            exclude=settings.config_exclude_keys,
        )
        self._edited_at: dict[str, float] = {}
        self._listen()
        self._summary = Summary(self._read_summary, self._set_summary, self._delete_summary)

    def log(
        self,
        data: Mapping[str, Any],
        step: SupportsIndex | None = None,
        commit: bool | None = None,
        sync: bool | None = None,
    ) -> None:
        """Record values; they are on disk when this returns.

        Args:
            data: Metric name to value. Nested dicts keep their tree: `{"val": {"acc": 1}}` is
                asked for as `val.acc`.
            step: The step they belong to. A later one than `run.step` moves on to it; an
                earlier one is recorded, but is no part of the series. Default: `run.step`.
            commit: Whether the step is complete, so that the next call begins another.
                Default: only if `step` is not given.
            sync: Ignored.

        Raises:
            DataError: `data` is no dict with text as keys, or `step` is no integer.
            RunFinishedError: The run has ended.
            RunStopped: Somebody asked the run to stop; it has ended, this call is recorded.
        """
        if sync is not None:
            self._guard.warn_once("sync", "log(sync=) has no effect: every call is on disk")
        flags, at = None, _now()
        try:
            schema = self._by_call[tuple(data)]
            # The types are compared each time: an integer must not become a float on the way.
            if (
                schema.kinds == [*map(type, data.values())]
                and schema.execution == _known_execution()
            ):
                flags = self._append_row(schema, self._steps, step, commit, at, data.values())
        # A form that is new, no dict, an integer beyond 64 bits, an end or a fork.
        except (LookupError, AttributeError, TypeError, ValueError, struct.error, JournalError):
            pass
        if flags is None:
            self._log_slowly(data, step, commit)
        elif flags & LATE:
            self._warn_late(step)
        if at >= self._look_at:
            self._look(at)

    def _log_slowly(
        self, data: Mapping[str, Any], step: SupportsIndex | None, commit: bool | None
    ) -> None:
        """Log what was not logged before in this form, or is not all numbers."""
        if self._is_closed("log"):
            return
        with self._guard("log a row"):
            flat = flatten(data)
            if "_step" in data or "" in data:
                self._guard.warn_once(
                    "left out",
                    "log() leaves out _step, as there is log(..., step=...), and empty names",
                )
            types, recorder = packed_types(flat), self._recorder
            if types is None or isinstance(recorder, NoRecorder):
                row = Row(at=_now(), execution=_execution(), step=0, values=redacted(flat))
                flags = recorder.append_call(self._steps, step, commit, row)
            else:
                schema = self._schema(recorder, data, flat, types)
                flags = self._append_row(schema, self._steps, step, commit, _now(), flat.values())
            if flags & LATE:
                self._warn_late(step)

    def _schema(
        self, recorder: DiskRecorder, data: Mapping[str, Any], flat: dict[str, Any], types: str
    ) -> Schema:
        """Find or make the schema of a row; note it for calls of the same form."""
        execution, names = _execution(), tuple(flat)
        schema = self._by_names.get((execution, names, types))
        if schema is None:
            self._n_kept_names += len(names) + _NAMES_WORTH
            if self._n_kept_names > MAX_KEPT_NAMES:
                self._by_names.clear()
                self._by_call.clear()
                self._n_kept_names = 0
            schema = recorder.schema(names, types, execution)
            self._by_names[execution, names, types] = schema
        if tuple(map(id, data.values())) == tuple(map(id, flat.values())):
            self._by_call[tuple(data)] = schema
        return schema

    def _warn_late(self, step: SupportsIndex | None) -> None:
        self._n_late += 1
        self._guard.warn_once(
            "late",
            f"step {step} is already complete (the next one is {self._steps.next}): what was "
            "logged for it is kept in the journal, but is no part of the series. To log out of "
            'order, log a step of your own and call define_metric("*", step_metric="my_step").',
        )

    def define_metric(
        self,
        name: str,
        step_metric: str | Metric | None = None,
        step_sync: bool | None = None,
        hidden: bool | None = None,
        summary: str | None = None,
        goal: str | None = None,
        overwrite: bool | None = None,
    ) -> Metric:
        """Say how a metric is to be read.

        Args:
            name: A metric, nested ones with dots, or a glob such as `val/*`. A definition of
                one name wins over a glob.
            step_metric: The metric to draw it against, instead of the step.
            step_sync: Give each row that has the metric, but not its step metric, the latest
                value of that. Default: if a step metric is given.
            hidden: Draw it only when asked to.
            summary: What the summary keeps: min, max, mean, last, first, best, none, or
                several with commas. Default: the last value.
            goal: "minimize" or "maximize", for "best".
            overwrite: Forget earlier definitions of this name, which otherwise add up.

        Raises:
            UsageError: An argument is wrong; the message names it.
            RunFinishedError: The run has ended.
        """
        metric = checked_metric(name, step_metric, step_sync, hidden, summary, goal, overwrite)
        record = MetricDefined(
            at=_now(),
            execution=_execution(),
            name=metric.name,
            step_metric=metric.step_metric,
            step_sync=metric.step_sync,
            hidden=metric.hidden,
            summary=metric.summary or (),
            goal=metric.goal,
            overwrite=bool(overwrite),
        )
        self._record(record, "define_metric")
        return metric

    def pin_config_keys(self, keys: Iterable[str]) -> None:
        """Show these config keys first; an earlier list is replaced.

        Raises:
            UsageError: `keys` is no list of text.
        """
        pinned = tuple(keys) if not isinstance(keys, str) else (keys,)
        if not all(isinstance(key, str) for key in pinned):
            raise UsageError(f"pin_config_keys() takes names of config keys, not {keys!r}")
        self._record(ConfigPinned(at=_now(), execution=_execution(), keys=pinned), "pin")

    def keep_code(self, code: CodeKept) -> None:
        """Record which code made the run; its files are blobs already."""
        self._record(code, "code")

    def config_history(self) -> list[ConfigSet]:
        """Each change of the config, in order: key, old, new, step, time, execution."""
        with self._reading:
            return list(self._refreshed().config_history)

    def finish(self, exit_code: int | None = None, quiet: bool | None = None) -> None:
        """End the run. A second call does nothing.

        Args:
            exit_code: 0 for finished, anything else for failed.
            quiet: Accepted; nothing is printed.

        Raises:
            UsageError: `exit_code` is no integer.
        """
        del quiet
        try:
            code = operator.index(exit_code or 0)
        except TypeError:
            code = _MOST_EXIT_CODE + 1
        if abs(code) > _MOST_EXIT_CODE:
            raise UsageError(f"exit_code is {exit_code!r}; it must be an integer of 32 bits")
        self._end(code, None)

    def join(self, exit_code: int | None = None) -> None:
        """End the run; the older name of `finish`."""
        warn("run.join() is an older name; call run.finish()")
        self.finish(exit_code)

    def _end(self, exit_code: int, error: str | None, *, stopped: bool = False) -> None:
        if self._ended:
            return
        if not self._recorder.is_closed:
            with self._guard("record config values that were changed in place"):
                self._config.persist()
            with self._guard("keep the code of the run"):
                self._before_end(self)
        self._ended = True
        self._on_end(self)
        if self._recorder.is_closed:
            return
        with self._guard("end the run"):
            try:
                how: dict[str, Any] = {"exit_code": exit_code, "error": error, "stopped": stopped}
                self._recorder.append(Ended(at=_now(), execution=_execution(), **how))
            finally:
                self._recorder.close()
        self._update_displays()
        if self._n_late > 1:
            warn(f"{self._n_late} calls of log() in run {self.id} were for steps already complete")
        if lost := self._recorder.n_lost:
            warn(f"{lost} rows of run {self.id} could not be written: the disk did not take them")

    def fail(self, error: BaseException, exit_code: int = 1) -> None:
        """End the run as failed, with the traceback of what went wrong.

        In a notebook the traceback is among the outputs of its cell, and can be forgotten there.
        """
        if (cell := execution()) is not None:
            number = cell.rpartition("-")[2]
            said = f"nbtracker output {self.project}/{self.id} '#{number}'"
            self._end(exit_code, f"{type(error).__name__} in cell #{number}; see `{said}`")
            return
        import traceback

        lines = traceback.format_exception(type(error), error, error.__traceback__)
        said = "".join(lines)[-100_000:]
        # To import anything when Ctrl-C has ended the program would change its exit code.
        if isinstance(error, Exception):
            from nbtracker.redaction import Redactor

            said = Redactor(os.environ).redact(said)
        self._end(exit_code, said)

    def __enter__(self) -> "Run":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> Literal[False]:
        if error is None or (isinstance(error, SystemExit) and not error.code):
            self.finish()
        elif isinstance(error, SystemExit):
            self._end(exit_code_of(error), None)
        else:
            self.fail(error)
        return False

    def _publish_config(self, change: ConfigChange) -> None:
        record = ConfigSet(
            at=_now(),
            execution=_execution(),
            key=change.key,
            new=redacted(change.new),
            old=redacted(change.old),
            first=change.first,
            step=self._steps.next,
            desc=change.desc,
        )
        self._record(record, "config")

    def _read_summary(self) -> dict[str, Any]:
        with self._reading:
            view = self._refreshed()
            read_to = None if self.disabled else view.cursor
            if read_to is None or read_to != self._summary_read_to:
                self._summary_tree, self._summary_read_to = view.summary, read_to
            return self._summary_tree

    def _set_summary(self, path: tuple[str, ...], value: Any) -> None:
        self._record(
            SummarySet(at=_now(), execution=_execution(), path=path, value=redacted(value)),
            "summary",
        )

    def _delete_summary(self, path: tuple[str, ...]) -> None:
        self._record(SummaryDeleted(at=_now(), execution=_execution(), path=path), "summary")

    def _record(self, record: Record, what: str) -> None:
        if not self._is_closed(what):
            with self._guard(f"record {record.kind}"):
                self._recorder.append(record)

    def _is_closed(self, what: str) -> bool:
        """Whether nothing can be recorded: this process was forked from the run's.

        Raises:
            RunFinishedError: The run has ended.
        """
        if self._ended and self._requests.told:
            return self._tell_stopped()
        if self._ended:
            raise RunFinishedError(
                f"run {self.id} is finished, so {what} cannot be recorded; "
                "begin another with nbtracker.init(), or go on with it: "
                f'nbtracker.init(project="{self.project}", id="{self.id}", resume="must")'
            )
        if self._recorder.is_closed:
            self._guard.warn_once(
                "forked",
                f"run {self.id} belongs to the process this one was forked from; what is logged "
                "here is not recorded. Log in the parent, or call nbtracker.init() here.",
            )
        return self._recorder.is_closed

    def _change_settings(self, settings: Settings) -> None:
        self._settings = settings
