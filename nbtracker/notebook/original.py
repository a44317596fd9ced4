"""The run that is to be executed again, and what its sessions say of it."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from nbtracker.api.paths import run_name
from nbtracker.errors import NotFoundError, UsageError
from nbtracker.journal.cells import SessionStarted
from nbtracker.notebook.rehearsal import Rehearsal, rehearsal
from nbtracker.sdk.replaying import replayed_run
from nbtracker.store.layout import RunFolder, Store
from nbtracker.store.locks import host
from nbtracker.views.cells.evidence import facts_of, spelled
from nbtracker.views.cells.logged import columns_of, logged_by, name_of_metric, opened_by
from nbtracker.views.cells.naming import CellNames
from nbtracker.views.cells.order import badge
from nbtracker.views.cells.slicing import Slice, slice_for
from nbtracker.views.ledger import Ledger
from nbtracker.views.run import RunView, read_run
from nbtracker.views.run_cells import made_of
from nbtracker.views.state import CRASHED, KILLED, RUNNING, state_of

# What an `init` in a terminal does unless it is told otherwise; in a kernel it does not.
_IN_A_TERMINAL = {
    "NBTRACKER_REINIT": "return_previous",
    "NBTRACKER_ALLOW_VAL_CHANGE": "false",
}


class Original:
    """A run that is to be repeated.

    Args:
        folder: The run.
        metric: Take only the cells that this metric depends on. Default: all of them.

    Raises:
        UsageError: The run still goes on, has no cells, or logged nothing (of that metric).
        NotFoundError: There is no such metric, or a session is gone.
    """

    def __init__(self, folder: RunFolder, metric: str | None) -> None:
        _refuse_within_replay()
        self.folder = folder
        self.store = Store(folder.store)
        self.view = _view(folder)
        self.ledger = _ledger(self.view)
        self.executions = self.ledger.executions
        self.names = CellNames(self.executions)
        self.columns = columns_of(folder)
        self._check(metric)
        self.metric = None if metric is None else name_of_metric(metric, self.columns, folder)
        own = [
            number + part.offset
            for part in self.ledger.parts
            for number in made_of(self.view, part.session.folder.id)
        ]
        self.badge = badge(self.executions, tracebacks=self.ledger.tracebacks, own=own)
        self.slice = self._slice()
        wanted = set(self.slice.numbers)
        self.chosen = [one for one in self.executions if one.number in wanted]
        sessions = [(part.session, part.offset) for part in self.ledger.parts]
        facts = facts_of(sessions, self.executions, self.ledger.tracebacks, own)
        self.facts = replace(facts, config=spelled(self.view.config))

    def check_origin(self, *, is_trusted: bool) -> None:
        """Refuse what was recorded elsewhere, unless it is trusted.

        Raises:
            UsageError: It was, and is not.
        """
        began = [part.session.started for part in self.ledger.parts]
        there = [one.host if one else "" for one in began]
        elsewhere = [one or "unknown" for one in there if one != host()]
        if elsewhere and not is_trusted:
            name = run_name(self.folder)
            raise UsageError(
                f"run {name} was recorded on another machine, {elsewhere[0]}, and a replay "
                f"executes its {len(self.chosen)} cells here, as you: look at them with "
                f"`nbtracker cells {name} --source`; if you trust them, say so with --yes"
            )

    def _check(self, metric: str | None) -> None:
        name = run_name(self.folder)
        if not any(one.source for one in self.executions):
            raise UsageError(
                f"no source of a cell of run {name} was kept (skipped, paused or forgotten), so "
                "there is nothing to execute; `nbtracker cells` lists what is there"
            )
        if not self.columns.of:
            what = f"metric {metric!r}" if metric else "any metric"
            raise UsageError(
                f"run {name} did not log {what}, so that there is nothing to compare; "
                "a run that logged can be replayed"
            )

    def _slice(self) -> Slice:
        if self.metric is None:
            return Slice(tuple(one.number for one in self.executions if one.source is not None))
        return slice_for(
            self.executions,
            self.ledger.numbers(logged_by(self.folder, self.metric)),
            also=self.ledger.numbers(opened_by(self.view)),
            tracebacks=self.ledger.tracebacks,
        )

    @cached_property
    def plan(self) -> Rehearsal:
        """What the kernel must know."""
        return rehearsal(self.store, self.view, self.ledger, self.chosen)

    @property
    def notes(self) -> tuple[str, ...]:
        """What cannot be as it was the first time."""
        notes = list(self.plan.notes)
        if (n := len(self.ledger.parts)) > 1:
            notes.append(f"the run went on in another kernel: the cells of {n} ran in one now")
        folders = dict.fromkeys(one.cwd for one in self._started if one.cwd != str(self.cwd))
        notes += [f"cells that ran in {folder} run in {self.cwd} now" for folder in folders]
        return tuple(notes)

    @property
    def _started(self) -> list[SessionStarted]:
        return [part.session.started for part in self.ledger.parts if part.session.started]

    @property
    def cwd(self) -> Path:
        """Where the first session ran; here, if that is gone."""
        said = self._started[0].cwd if self._started else ""
        return Path(said) if said and Path(said).is_dir() else Path.cwd()

    def defaults(self, environ: Mapping[str, str]) -> dict[str, str]:
        """Variables for what was meant where an environment says nothing."""
        is_terminal = bool(self._started) and self._started[0].shell == "terminal"
        given = _IN_A_TERMINAL if is_terminal else {}
        return {name: value for name, value in given.items() if name not in environ}

    @property
    def seconds(self) -> float:
        """How long the chosen cells took."""
        ended = ((one.ended_at or self.view.last_at) - one.started_at for one in self.chosen)
        return sum(max(0.0, one) for one in ended)

    @property
    def was_cut_short(self) -> bool:
        """Whether the run ended before its code did."""
        last = self.executions[-1].status if self.executions else ""
        return state_of(self.view) in (CRASHED, KILLED) or last in ("interrupted", "aborted")


def _refuse_within_replay() -> None:
    if running := replayed_run():
        raise UsageError(
            f"this kernel already executes run {running} again; a replay within a replay would "
            "not end, so call it from another kernel"
        )


def _view(folder: RunFolder) -> RunView:
    view = read_run(folder)
    if state_of(view) == RUNNING:
        raise UsageError(
            f"run {run_name(folder)} is still running; replay it when it has ended, "
            "nbtracker.finish() ends it"
        )
    return view


def _ledger(view: RunView) -> Ledger:
    """The executions of all sessions that the run was recorded in."""
    name = run_name(view.folder)
    sessions = list(dict.fromkeys(one.session for one in view.started if one.session))
    if not sessions:
        raise UsageError(
            f"run {name} has no recorded cells: it comes from a script, or was "
            "recorded before %load_ext nbtracker; run its program again and compare by hand"
        )
    ledger = Ledger(view)
    there = {part.session.folder.id for part in ledger.parts}
    if lost := [one for one in sessions if one not in there]:
        raise NotFoundError(
            f"session {lost[0]} of run {name} is not in {view.folder.store}; "
            "copy its folder below .sessions from where the run was recorded"
        )
    if any(one.session is None for one in view.started):
        raise UsageError(
            f"a script went on with run {name}, and no cells are recorded of that; replay a run "
            "that cells alone made"
        )
    return ledger
