"""Execute a run's cells again in a fresh kernel, and say whether the same came out."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from nbtracker.api.paths import run_name
from nbtracker.journal.records import RunStarted
from nbtracker.notebook.fresh_kernel import Executed, Interrupted, execute
from nbtracker.notebook.original import Original
from nbtracker.notebook.shown import first_difference, why_failed
from nbtracker.redaction import REDACTED
from nbtracker.sdk.replaying import REPLAY_OF, REPLAY_PLAN, begun_in
from nbtracker.store.layout import RunFolder, Store
from nbtracker.views.cells.evidence import facts_of, spelled
from nbtracker.views.cells.logged import columns_of
from nbtracker.views.cells.order import Badge
from nbtracker.views.cells.verdict import DIFFERS, STOPPED, TOLERANCE, Facts, Verdict, compare
from nbtracker.views.history import Columns
from nbtracker.views.ledger import Ledger
from nbtracker.views.run import read_run

# Not imported: it needs IPython, and only the kernel has to have that.
_EXTENSION = "nbtracker.notebook.replayed"
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
        notes: What was not as it was the first time: modules, folders, other runs.
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
    notes: tuple[str, ...]
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
        lines += [f"    {reason}" for reason in (*self.badge.why, self.badge.about) if reason]
        lines += [f"  note: {note}" for note in self.notes]
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
    environ: Mapping[str, str] | None = None,
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
        environ: Variables that the kernel is started with. Default: those of this process.

    Raises:
        UsageError: The run still goes on, has no cells, or logged nothing (of that metric).
        NotFoundError: There is no such metric, or the session is gone.
        MissingExtraError: nbclient or ipykernel is not installed.
    """
    old = Original(folder, metric)
    old.check_origin(is_trusted=is_trusted)
    announce(
        f"executing {len(old.chosen)} cells of {run_name(folder)} in {old.cwd}; "
        f"`nbtracker cells {run_name(folder)} --source` shows them"
    )
    work = _Work(old, tolerance, environ)
    try:
        done = work.execute(timeout or max(_LEAST_S, _PATIENCE * old.seconds))
    except Interrupted as interrupted:
        raise ReplayInterrupted(work.result(interrupted.executed)) from None
    return work.result(done)


class ReplayInterrupted(KeyboardInterrupt):
    """Ctrl-C stopped a replay; its kernel is gone.

    Attributes:
        result: What can be said of it: the verdict is "stopped".
    """

    def __init__(self, result: ReplayResult) -> None:
        super().__init__()
        self.result = result


class _Work:
    """One replay."""

    def __init__(self, old: Original, tolerance: float, environ: Mapping[str, str] | None) -> None:
        self.old, self.tolerance = old, tolerance
        self.environ = os.environ if environ is None else environ
        self.begun: list[tuple[str, str]] = []
        self.began = time.monotonic()

    def execute(self, timeout: float) -> Executed:
        """Execute the cells."""
        old = self.old
        with old.plan.written() as folder:
            env = {
                REPLAY_OF: run_name(old.folder),
                REPLAY_PLAN: str(folder),
                "NBTRACKER_DIR": str(old.store.path),
                "NBTRACKER_QUIET": "1",
                **old.defaults(self.environ),
            }
            try:
                return execute(
                    [one.source or "" for one in old.chosen],
                    cwd=old.cwd,
                    env={**self.environ, **env},
                    timeout=timeout,
                    extension=_EXTENSION,
                    on_start=lambda index: old.plan.note_place(folder, index),
                    names=[old.names.cell(one) for one in old.chosen],
                )
            finally:
                self.begun = begun_in(folder)

    def result(self, done: Executed) -> ReplayResult:
        """Say what came of it."""
        seconds = time.monotonic() - self.began
        old = self.old
        if done.is_dead and done.n_begun and old.chosen[done.n_begun - 1].status == "aborted":
            done.stopped = None  # as the first time
        made = _made(old.store, self.begun)
        new, others = _repetition(old, made)
        failed = why_failed(old.chosen, done.errors, old.ledger.tracebacks, old.names)
        return ReplayResult(
            run=run_name(old.folder),
            new_run=None if new is None else run_name(new.folder),
            verdict=_judge(old, new, failed, done, self.tolerance),
            metric=old.metric,
            n_cells=len(old.executions),
            n_executed=done.n_begun,
            unsafe=old.slice.unsafe,
            badge=old.badge,
            notes=(*old.notes, *others),
            output=None if done.stopped else _first_output(old, done, made),
            stopped=done.stopped,
            seconds=seconds,
        )


def _first_output(old: Original, done: Executed, made: Sequence[RunStarted]) -> str | None:
    """Where cells first showed something else, if it is known what they showed."""
    if all(part.session.shows_nothing for part in old.ledger.parts):
        return None
    varying = [word for one in (*old.plan.runs, *made) for word in (one.id, one.name)]
    return first_difference(old.chosen, old.ledger.outputs, done.outputs, old.names, varying)


@dataclass(frozen=True)
class _New:
    folder: RunFolder
    columns: Columns
    facts: Facts


def _made(store: Store, begun: Sequence[tuple[str, str]]) -> list[RunStarted]:
    """The beginnings of the runs that the cells began this time, of those that are there."""
    views = [read_run(store.run(project, run_id)) for project, run_id in begun]
    return [view.started[0] for view in views if view.started]


def _repetition(old: Original, made: list[RunStarted]) -> tuple[_New | None, list[str]]:
    """Find the new run that stands for the old one, and say which others the cells began."""
    new = [old.store.run(one.project, one.id) for one in made]
    found = [folder for folder, one in zip(new, made, strict=True) if one.replay_of]
    if not found:
        # It was not begun where it was the first time.
        alike = [folder for folder in new if folder.project == old.folder.project]
        found = [_likeliest(old, alike)] if alike else []
    others = [run_name(folder) for folder in new if folder not in found]
    said = [f"the cells began other runs, too: {', '.join(others)}"] if others else []
    if not found:
        return None, said
    return _New(found[0], columns_of(found[0]), _facts(found[0], old)), said


def _likeliest(old: Original, new: list[RunFolder]) -> RunFolder:
    """The last of the new runs that logged most of what the old one did."""
    wanted = {old.metric} if old.metric is not None else old.columns.of.keys()
    return max(reversed(new), key=lambda one: len(wanted & columns_of(one).of.keys()))


def _facts(folder: RunFolder, old: Original) -> Facts:
    view = read_run(folder)
    config, ledger = spelled(view.config), Ledger(view)
    if not ledger.parts:
        return Facts(config=config)
    sessions = [(part.session, part.offset) for part in ledger.parts]
    facts = facts_of(sessions, ledger.executions, ledger.tracebacks)
    imported = {one.name for one in old.plan.modules}
    as_recorded = {name: digest for name, digest in old.facts.modules.items() if name in imported}
    modules = {**facts.modules, **as_recorded}
    # The cells are the same by what is done here; only the numbers of executions may move.
    return replace(
        facts, cells=old.facts.cells, config=config, modules=modules, hidden=(), missing=()
    )


def _judge(
    old: Original, new: _New | None, failed: Sequence[str], done: Executed, tolerance: float
) -> Verdict:
    if done.stopped:
        return Verdict(STOPPED, causes=(done.stopped, *failed))
    if new is None:
        none = "the cells began no run: the one that called init() is missing or failed"
        causes = (*failed, none)
        return Verdict(DIFFERS, causes=(*causes, *old.facts.missing, *old.facts.hidden))
    missing = (*old.facts.missing, *_redacted(old), *_cut(old), *old.slice.unsafe)
    found = compare(
        old.columns,
        new.columns,
        tolerance,
        old_facts=replace(old.facts, missing=missing),
        new_facts=replace(new.facts, failed=tuple(failed)),
        only=old.metric,
        cut_short=old.was_cut_short,
    )
    if failed and found.kind != DIFFERS:
        # The rows are the same, and what the cells did is not.
        return replace(found, kind=DIFFERS, causes=(*failed, *found.causes))
    return found


def _redacted(old: Original) -> list[str]:
    return [
        f"{old.names.cell(one)} had a secret in its source, which was redacted and cannot be "
        "executed again"
        for one in old.chosen
        if REDACTED in (one.source or "")
    ]


def _cut(old: Original) -> list[str]:
    """Executions that did not reach their end, before others that did."""
    return [
        f"{old.names.cell(one)} was {one.status} before its end, which it reaches now"
        for one in old.chosen[:-1]
        if one.status in ("interrupted", "aborted")
    ]
