"""`nbtracker doctor`: read every byte of every journal, and name what is wrong."""

import argparse
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from nbtracker.api.paths import run_name
from nbtracker.cli.progress import Progress
from nbtracker.cli.tables import print_table
from nbtracker.errors import Error
from nbtracker.ids import check_project, check_run_id
from nbtracker.journal.reader import Damage, JournalReader
from nbtracker.journal.records import Gap, Row
from nbtracker.journal.rows import Rows
from nbtracker.journal.tails import TORN, cut_short
from nbtracker.store.caches import cache_folder
from nbtracker.store.layout import RunFolder, Store, open_store
from nbtracker.store.locks import is_locked
from nbtracker.text.values import escaped, json_text, plural
from nbtracker.views.catalogue.facts import facts_of
from nbtracker.views.catalogue.index import Catalogue
from nbtracker.views.run import read_run
from nbtracker.views.unreadable import UNREADABLE

DAMAGE, UNREADABLE_RUN, GAP, IGNORED = "damage", "unreadable", "gap", "ignored"
_HARMFUL = (DAMAGE, UNREADABLE_RUN)


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be.

    Attributes:
        kind: "damage": bytes are not what was written. "unreadable": the run cannot be read.
            "gap": rows were lost to a full disk. "torn": a kill cut the last record short,
            nothing whose `log` returned is lost. "ignored": the folder's name names no run.
        start: The first byte concerned.
        end: The first byte that is right again.
        n_rows: How many rows a gap lost.
    """

    kind: str
    run: str
    reason: str
    path: str
    start: int | None = None
    end: int | None = None
    n_rows: int | None = None


@dataclass
class _Report:
    n_runs: int = 0
    n_journals: int = 0
    n_calls: int = 0
    n_bytes: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_damaged(self) -> bool:
        return any(finding.kind in _HARMFUL for finding in self.findings)


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Describe `doctor`."""
    doctor = commands.add_parser(
        "doctor", parents=[common], help="verify all journals, and name what is damaged"
    )
    doctor.add_argument(
        "--rebuild", action="store_true", help="also make the catalogue anew from the journals"
    )
    doctor.set_defaults(act=check_store)


def check_store(arguments: argparse.Namespace) -> int:
    """Verify the store; 1 if anything is damaged."""
    store = open_store(arguments.dir)
    folders = list(store.runs())
    report = _Report(findings=[_misnamed(store, path) for path in store.misnamed()])
    with Progress("verifying runs", len(folders)) as progress:
        for folder in folders:
            _check_run(folder, report)
            progress.advance()
    if arguments.rebuild:
        with Progress("rebuilding the catalogue"):
            catalogue = Catalogue(store)
            catalogue.rebuild()
            catalogue.close()
    if arguments.json:
        print(json_text(_report_json(store, report, rebuilt=arguments.rebuild), indent=2))
    else:
        _print_report(store, report, rebuilt=arguments.rebuild)
    return 1 if report.is_damaged else 0


def _check_run(folder: RunFolder, report: _Report) -> None:
    report.n_runs += 1
    found: list[Finding] = []
    try:
        for path in folder.journals:
            report.n_journals += 1
            found.extend(_joined(_check_journal(folder, path, report)))
        if not any(finding.kind == UNREADABLE_RUN for finding in found):
            # Frames may be whole and yet say what no view can make sense of.
            facts_of(read_run(folder)).encode()
    except UNREADABLE as error:
        reason = f"{type(error).__name__}: {error}"
        found.append(Finding(UNREADABLE_RUN, run_name(folder), reason, str(folder.path)))
    report.findings += found


def _misnamed(store: Store, path: Path) -> Finding:
    """Say why a folder that stands where projects and runs do is passed over."""
    where, reason = path.relative_to(store.path), "its name names no run"
    try:
        check_project(where.parts[0])
        check_run_id(path.name)
    except Error as error:
        reason = str(error)
    return Finding(IGNORED, where.as_posix(), reason, str(path))


def _check_journal(folder: RunFolder, path: Path, report: _Report) -> Iterator[Finding]:
    run, where = run_name(folder), str(path)
    reader = JournalReader(path)
    try:
        is_written = is_locked(path)
        size = path.stat().st_size
        report.n_bytes += size
        for item in reader.read():
            if isinstance(item, Damage):
                yield Finding(DAMAGE, run, item.reason, where, item.start, item.end)
            elif isinstance(item, Gap):
                yield Finding(GAP, run, str(item.reason), where, n_rows=item.n_rows)
            elif isinstance(item, Rows | Row):
                report.n_calls += item.n if isinstance(item, Rows) else 1
    except UNREADABLE as error:
        reason = f"{type(error).__name__}: {error}"
        yield Finding(UNREADABLE_RUN, run, reason, where)
        return
    if reader.end < size and not is_written:
        yield _tail(run, reader, size)


def _joined(findings: Iterator[Finding]) -> list[Finding]:
    """Make one finding of damages that touch: a reader gives long ones in pieces."""
    joined: list[Finding] = []
    for finding in findings:
        last = joined[-1] if joined else None
        if last and last.kind == finding.kind == DAMAGE and last.end == finding.start:
            joined[-1] = replace(last, end=finding.end)
        else:
            joined.append(finding)
    return joined


def _tail(run: str, reader: JournalReader, size: int) -> Finding:
    """Say what cut short the write behind all that could be read."""
    with reader.path.open("rb") as journal:
        journal.seek(reader.end)
        is_torn = cut_short(journal.read(size - reader.end), reader.schemas) == TORN
    kind = TORN if is_torn else DAMAGE
    reason = (
        "the last record was cut short" if is_torn else "zeros, as a crash of the machine leaves"
    )
    return Finding(kind, run, reason, str(reader.path), reader.end, size)


def _report_json(store: Store, report: _Report, *, rebuilt: bool) -> dict[str, Any]:
    return {
        "store": str(store.path),
        "damaged": report.is_damaged,
        "n_runs": report.n_runs,
        "n_journals": report.n_journals,
        "n_calls": report.n_calls,
        "n_bytes": report.n_bytes,
        "findings": [asdict(finding) for finding in report.findings],
        "catalogue": {"path": str(cache_folder(store)), "rebuilt": rebuilt},
    }


def _print_report(store: Store, report: _Report, *, rebuilt: bool) -> None:
    if report.findings:
        print_table(("run", "what", "where", "why"), map(_row, report.findings))
        print()
    print(
        escaped(str(store.path)) + ": " + plural(report.n_runs, "run") + ", "
        f"{plural(report.n_journals, 'journal')}, {plural(report.n_calls, 'log call')}, "
        f"{plural(report.n_bytes, 'byte')}: " + ("damaged" if report.is_damaged else "no damage")
    )
    if rebuilt:
        print(escaped(f"the catalogue in {cache_folder(store)} is made anew"))


def _row(finding: Finding) -> tuple[str, str, str, str]:
    where = finding.path
    if finding.start is not None and finding.end is not None:
        where += f", bytes {finding.start:,} to {finding.end:,}"
    lost = f"{plural(finding.n_rows, 'row')} lost: " if finding.n_rows is not None else ""
    said = (finding.run, finding.kind, where, lost + finding.reason)
    return (escaped(said[0]), escaped(said[1]), escaped(said[2]), escaped(said[3]))
