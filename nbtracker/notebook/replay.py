"""Execute a run's cells again in a fresh kernel, and say whether the same came out."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nbtracker.api.paths import run_name
from nbtracker.errors import NotFoundError, UsageError
from nbtracker.notebook.fresh_kernel import Executed, execute
from nbtracker.notebook.shown import first_difference, why_failed
from nbtracker.redaction import REDACTED
from nbtracker.sdk.init import REPLAY_OF
from nbtracker.store.layout import RunFolder, Store
from nbtracker.store.locks import host
from nbtracker.views.cells.evidence import facts_of, spelled, tracebacks_of
from nbtracker.views.cells.logged import (
    attempts_of,
    columns_of,
    logged_by,
    name_of_metric,
    opened_by,
)
from nbtracker.views.cells.order import Badge, badge
from nbtracker.views.cells.slicing import Slice, slice_for
from nbtracker.views.cells.verdict import DIFFERS, TOLERANCE, Facts, Verdict, compare
from nbtracker.views.history import Columns
from nbtracker.views.run import RunView, read_run
from nbtracker.views.run_cells import sessions_of
from nbtracker.views.session import SessionView
from nbtracker.views.state import CRASHED, RUNNING, state_of

# A replay may take this much longer than the original, and so much in any case.
_PATIENCE, _LEAST_S = 10.0, 120.0


@dataclass(frozen=True)
class ReplayResult:
    """What came of executing a run again.

    Attributes:
        run: `project/id` of the run.
        new_run: `project/id` of the run that was recorded; None if the cells began none.
        verdict: How the two compare.
        metric: The metric whose slice was executed; None if all cells were.
        n_cells: How many executions there were.
        n_executed: How many of them were executed again.
        unsafe: Why the slice may lack something.
        badge: Whether the session can be executed again at all.
        output: The first difference of what cells showed, in words; None if there is none.
        stopped: Why not all cells were executed.
        seconds: How long it took.
    """

    run: str
    new_run: str | None
    verdict: Verdict
    metric: str | None
    n_cells: int
    n_executed: int
    unsafe: tuple[str, ...]
    badge: Badge
    output: str | None
    stopped: str | None
    seconds: float

    def __str__(self) -> str:
        """Say it in a few lines, the verdict first."""
        lines = [f"{self.run}: {self.verdict}"]
        lines += [f"  cause: {cause}" for cause in self.verdict.causes]
        of = f"{self.n_executed} of {self.n_cells} executions"
        sliced = f", the slice of {self.metric}" if self.metric is not None else ""
        lines.append(f"  executed again: {of}{sliced}, in {self.seconds:.1f} s")
        lines += [f"  unsafe: {reason}" for reason in self.unsafe]
        lines.append(f"  order: {self.badge.kind}")
        lines += [f"    {reason}" for reason in self.badge.why]
        if self.stopped:
            lines.append(f"  stopped: {self.stopped}")
        if self.output:
            lines.append(f"  outputs: {self.output}")
        if self.new_run:
            lines.append(f"  recorded as {self.new_run}")
        return "\n".join(lines)


def replay(
    folder: RunFolder,
    *,
    metric: str | None = None,
    timeout: float | None = None,
    tolerance: float = TOLERANCE,
    is_trusted: bool = False,
    announce: Callable[[str], object] = lambda _: None,
) -> ReplayResult:
    """Execute a run's cells again in a fresh kernel, record a new run, and compare the two.

    Args:
        folder: The run.
        metric: Execute only the cells that this metric depends on, and compare it alone.
        timeout: How long it may take. Default: ten times as long as it took, and two minutes
            at least. Units: seconds.
        tolerance: How far a value may be off and still be "within tolerance", relative.
        is_trusted: Execute it even if it was recorded on another machine.
        announce: Told what is about to be executed.

    Raises:
        UsageError: The run still goes on, has no cells, or logged nothing (of that metric).
        NotFoundError: There is no such metric, or the session is gone.
        MissingExtraError: nbclient or ipykernel is not installed.
    """
    old = _Original(folder, metric)
    old.check_origin(is_trusted=is_trusted)
    announce(
        f"executing {len(old.chosen)} cells of {run_name(folder)} in {old.cwd}; "
        f"`nbtracker cells {run_name(folder)} --source` shows them"
    )
    began = time.monotonic()
    before = {one.path for one in old.store.runs()}
    done = execute(
        [one.source or "" for one in old.chosen],
        cwd=old.cwd,
        env={
            REPLAY_OF: run_name(folder),
            "NBTRACKER_DIR": str(old.store.path),
            "NBTRACKER_QUIET": "1",
        },
        timeout=timeout or max(_LEAST_S, _PATIENCE * old.seconds),
    )
    seconds = time.monotonic() - began
    new = _repetition(old, before)
    failed = why_failed(old.chosen, done.outputs, old.shown)
    verdict = _judge(old, new, failed, done, tolerance)
    return ReplayResult(
        run=run_name(folder),
        new_run=None if new is None else run_name(new.folder),
        verdict=verdict,
        metric=old.metric,
        n_cells=len(old.executions),
        n_executed=done.n_begun,
        unsafe=old.slice.unsafe,
        badge=old.badge,
        output=first_difference(old.session.folder, old.chosen, done.outputs),
        stopped=done.stopped,
        seconds=seconds,
    )


class _Original:
    """The run that is to be repeated, and what its session says of it."""

    def __init__(self, folder: RunFolder, metric: str | None) -> None:
        _refuse_within_replay()
        self.folder = folder
        self.store = Store(folder.store)
        self.view = _view(folder)
        self.session = _session(self.view)
        end = self.view.ended_at or self.view.last_at
        self.executions = [
            one
            for one in self.session.executions
            if one.started_at <= end and one.status != RUNNING
        ]
        self.columns = columns_of(folder)
        self._check(metric)
        self.metric = None if metric is None else name_of_metric(metric, self.columns, folder)
        self.shown = tracebacks_of(self.session, self.executions)
        self.badge = badge(self.executions, tracebacks=self.shown)
        self.slice = self._slice()
        wanted = set(self.slice.numbers)
        self.chosen = [one for one in self.executions if one.number in wanted]
        self.facts = replace(
            facts_of(self.session, self.executions), config=spelled(self.view.config)
        )

    def check_origin(self, *, is_trusted: bool) -> None:
        """Refuse what was recorded elsewhere, unless it is trusted.

        Raises:
            UsageError: It was, and is not.
        """
        there = self.session.started.host if self.session.started else ""
        if there != host() and not is_trusted:
            name = run_name(self.folder)
            raise UsageError(
                f"run {name} was recorded on another machine, {there or 'unknown'}, and a replay "
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
            logged_by(self.folder, self.metric, self.session.folder.id),
            also=opened_by(self.view, self.session.folder.id),
            tracebacks=self.shown,
        )

    @property
    def cwd(self) -> Path:
        """Where the session ran; here, if that is gone."""
        said = self.session.started.cwd if self.session.started else ""
        return Path(said) if said and Path(said).is_dir() else Path.cwd()

    @property
    def seconds(self) -> float:
        """How long the chosen cells took."""
        ended = ((one.ended_at or self.view.last_at) - one.started_at for one in self.chosen)
        return sum(max(0.0, one) for one in ended)

    @property
    def was_cut_short(self) -> bool:
        """Whether the run ended before its code did."""
        last = self.executions[-1].status if self.executions else ""
        return state_of(self.view) == CRASHED or last in ("interrupted", "aborted")


@dataclass(frozen=True)
class _New:
    folder: RunFolder
    columns: Columns
    facts: Facts


def _refuse_within_replay() -> None:
    if running := os.environ.get(REPLAY_OF):
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


def _session(view: RunView) -> SessionView:
    """The session that began the run."""
    if not any(one.session for one in view.started):
        raise UsageError(
            f"run {run_name(view.folder)} has no recorded cells: it comes from a script, or was "
            "recorded before %load_ext nbtracker; run its program again and compare by hand"
        )
    found = sessions_of(view)
    if not found:
        raise NotFoundError(
            f"the session of run {run_name(view.folder)} is not in {view.folder.store}; "
            "copy its folder below .sessions from where the run was recorded"
        )
    if len(found) > 1:
        raise UsageError(
            f"run {run_name(view.folder)} went on in another kernel, and no one kernel can execute "
            "the cells of both; replay a run that one kernel made"
        )
    return found[0]


def _repetition(old: _Original, before: set[Path]) -> _New | None:
    """Find the new run that stands for the old one, of all that the cells began."""
    name = run_name(old.folder)
    new = [
        folder
        for folder, started in attempts_of(old.store, lambda one: one.replay_of == name)
        if folder.path not in before
    ]
    numbers = {f"{old.session.folder.id}-{one.number}" for one in old.chosen}
    peers = [
        folder
        for folder, started in attempts_of(
            old.store, lambda one: one.session == old.session.folder.id
        )
        if folder.path in before and (started.execution is None or started.execution in numbers)
    ]
    if not new:
        return None
    place = next((n for n, one in enumerate(peers) if one.path == old.folder.path), len(peers) - 1)
    folder = new[place] if len(new) == len(peers) else _likeliest(old, new)
    return _New(folder, columns_of(folder), _facts(folder, old))


def _likeliest(old: _Original, new: list[RunFolder]) -> RunFolder:
    """The last of the new runs that logged most of what the old one did."""
    wanted = {old.metric} if old.metric is not None else old.columns.of.keys()
    return max(reversed(new), key=lambda one: len(wanted & columns_of(one).of.keys()))


def _facts(folder: RunFolder, old: _Original) -> Facts:
    view = read_run(folder)
    config = spelled(view.config)
    found = sessions_of(view)
    if not found:
        return Facts(config=config)
    facts = facts_of(found[0], found[0].executions)
    # The cells are the same by what is done here; only the numbers of executions may move.
    return replace(facts, cells=old.facts.cells, config=config, hidden=(), missing=())


def _judge(
    old: _Original, new: _New | None, failed: Sequence[str], done: Executed, tolerance: float
) -> Verdict:
    causes = [*([done.stopped] if done.stopped else []), *failed]
    if new is None:
        causes.append("the cells began no run: the one that called init() is missing or failed")
        return Verdict(DIFFERS, causes=(*causes, *old.facts.missing, *old.facts.hidden))
    found = compare(
        old.columns,
        new.columns,
        tolerance,
        old_facts=replace(
            old.facts, missing=(*old.facts.missing, *_redacted(old), *old.slice.unsafe)
        ),
        new_facts=replace(new.facts, failed=tuple(causes)),
        only=old.metric,
        cut_short=old.was_cut_short,
    )
    if causes and found.kind != DIFFERS:
        # The rows are the same, and what the cells did is not.
        return replace(found, kind=DIFFERS, causes=(*causes, *found.causes))
    return found


def _redacted(old: _Original) -> list[str]:
    return [
        f"execution {one.number} had a secret in its source, which was redacted and cannot be "
        "executed again"
        for one in old.chosen
        if REDACTED in (one.source or "")
    ]
