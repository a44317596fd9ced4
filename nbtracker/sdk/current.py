"""The runs of this process: which is the current one, and how they end with the process."""

import atexit
import functools
import inspect
from collections.abc import Callable
from typing import Any

from nbtracker.errors import NotInitializedError, warn
from nbtracker.sdk import provenance
from nbtracker.sdk.config import Config
from nbtracker.sdk.config_forms import StagedConfig
from nbtracker.sdk.ending import ExitWatch, uncaught
from nbtracker.sdk.run import Run
from nbtracker.sdk.script_code import keep_script
from nbtracker.sdk.summary import Summary
from nbtracker.settings.notebook import in_notebook


def no_run() -> Run | None:
    """Who logs without a run gets none."""
    return None


class ActiveRuns:
    """Runs that were begun and not ended, the newest last.

    Attributes:
        runs: All of them.
        current: The one that `nbtracker.log` and its like speak to.
        staged: The config that was set before any `init`.
        before_end: Called with each run that is about to end, while it can still be written.
        make: Gives a run to who logs without one, or None.
    """

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self.before_end: list[Callable[[Run], None]] = [keep_script]
        self.make: Callable[[], Run | None] = no_run
        self.current: Run | None = None
        self.staged = StagedConfig(allow_val_change=True, check_open=self._check_staging)
        self._ended: str | None = None
        self._behind: dict[int, Run] = {}
        self._exit: ExitWatch | None = None

    def add(self, run: Run, *, as_current: bool) -> None:
        """Take in a new run."""
        self.runs.append(run)
        if as_current:
            self.current = run
        if self._exit is None:
            self._exit = ExitWatch()
            atexit.register(self._finish_all, self._exit)
            # A kernel's cells raise without ending anything; there, nothing is watched.
            if not in_notebook():
                self._exit.begin()

    def step_in(self, run: Run) -> None:
        """Make a run the current one until it ends; then the one that is current now is again."""
        if self.current is not None and self.current is not run:
            self._behind[id(run)] = self.current
        self.current = run

    def remove(self, run: Run) -> None:
        """Forget a run that ended."""
        if run in self.runs:
            self.runs.remove(run)
        behind = self._behind.pop(id(run), None)
        if self.current is run:
            self.current = behind if behind in self.runs else None
            self._ended = run.id if self.current is None else None

    def tell_ending(self, run: Run) -> None:
        """Let those who want to write the last of a run do so."""
        for listener in self.before_end:
            listener(run)

    def _check_staging(self) -> None:
        """Say so when what may be meant for a run that has ended goes to the next one."""
        ended, self._ended = self._ended, None
        if ended is not None:
            warn(f"run {ended} has ended: what nbtracker.config is told now goes to the next run")

    def forget_forked(self) -> None:
        """Forget runs of the process that this one was forked from."""
        for run in [run for run in self.runs if run.is_foreign]:
            self.remove(run)

    def _finish_all(self, exit_: ExitWatch) -> None:
        error = None if in_notebook() else uncaught()
        kernel = provenance.kernel()
        for run in reversed(list(self.runs)):
            failure = kernel and kernel.failure(run._steps.execution)
            if failure:
                # The cell that logged last failed, and none logged after it.
                run._end(1, failure)
            elif error is not None:
                run.fail(error)
            else:
                run.finish(exit_.code)


ACTIVE = ActiveRuns()


def of_current(name: str) -> Callable[..., Any]:
    """Make the module-level function that calls a method of the current run."""

    def call(*args: Any, **kwargs: Any) -> Any:
        run = ACTIVE.current or ACTIVE.make()
        if run is None:
            raise _before_init(f"{name}()")
        return getattr(run, name)(*args, **kwargs)

    method = getattr(Run, name)
    functools.update_wrapper(call, method)
    signature = inspect.signature(method)
    without_self = list(signature.parameters.values())[1:]
    call.__dict__["__signature__"] = signature.replace(parameters=without_self)
    return call


log = of_current("log")
define_metric = of_current("define_metric")


def finish(exit_code: int | None = None, quiet: bool | None = None) -> None:
    """End the current run, if there is one."""
    if ACTIVE.current is not None:
        ACTIVE.current.finish(exit_code, quiet)


def join(exit_code: int | None = None) -> None:
    """End the current run; the older name of `finish`."""
    warn("nbtracker.join() is an older name; call nbtracker.finish()")
    finish(exit_code)


def current_config() -> Config:
    """The current run's config; before `init`, what it will take over."""
    return ACTIVE.staged if ACTIVE.current is None else ACTIVE.current.config


def current_summary() -> Summary:
    """The current run's summary.

    Before `init`, one whose every use raises NotInitializedError.
    """
    return _NO_SUMMARY if ACTIVE.current is None else ACTIVE.current.summary


def _refuse(*_: Any) -> Any:
    raise _before_init("summary")


_NO_SUMMARY = Summary(_refuse, _refuse, _refuse)


def _before_init(what: str) -> NotInitializedError:
    return NotInitializedError(f"call nbtracker.init() first: nbtracker.{what} needs a run")
