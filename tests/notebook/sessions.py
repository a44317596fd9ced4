"""Sessions and their runs for the tests, written with nothing but journal writers."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from nbtracker.journal.cells import (
    CellEnded,
    CellForgotten,
    CellStarted,
    DataRead,
    Output,
    PackagesKept,
    SessionStarted,
)
from nbtracker.journal.records import Ended, Row, RunStarted
from nbtracker.journal.writer import JournalWriter
from nbtracker.store.blobs import digest_of, write_once
from nbtracker.store.layout import MAIN_WRITER, RunFolder, Store
from nbtracker.store.locks import host
from nbtracker.store.sessions import session_folder

INIT = "import nbtracker\nrun = nbtracker.init(project='p', id='old', resume='allow')"


def write_session(
    store: Store,
    cells: Iterable[str | None],
    *,
    cwd: Path | None = None,
    errors: Mapping[int, str] | None = None,
    printed: Mapping[int, str] | None = None,
    packages: Mapping[str, str] | None = None,
    data: Sequence[tuple[int, str, str]] = (),
    forgotten: Iterable[int] = (),
    interrupted: Iterable[int] = (),
    python: str = sys.version.split()[0],
) -> None:
    """Write the session "old" of these cells; one that is None was skipped."""
    folder = session_folder(store, "old")
    writer = JournalWriter(folder.journal)
    writer.append(
        SessionStarted(
            at=1.0, id="old", host=host(), python=python, cwd=str(cwd or store.path.parent)
        )
    )
    for number, source in enumerate(cells, start=1):
        digest = ""
        if source is not None:
            digest = digest_of(source.encode())
            write_once(folder.source(digest), source.encode(), below=store.path)
        begun = CellStarted(at=number, number=number, source=digest, skipped=source is None)
        writer.append(begun)
        error = (errors or {}).get(number)
        status = "ok" if error is None else "error"
        status = "interrupted" if number in interrupted else status
        writer.append(CellEnded(at=number + 0.5, number=number, status=status, error_name=error))
        if text := (printed or {}).get(number):
            shown = JournalWriter(folder.outputs(number) / "head.journal")
            shown.append(Output(at=1.0, number=number, what="stream", name="stdout", text=text))
            shown.close()
    for number, path, digest in data:
        writer.append(DataRead(at=50.0, number=number, path=path, digest=digest))
    if packages:
        writer.append(PackagesKept(at=50.0, versions=dict(packages)))
    for number in forgotten:
        writer.append(CellForgotten(at=60.0, number=number))
    writer.append(Ended(at=99.0))
    writer.close()


def write_run(
    store: Store,
    rows: Sequence[tuple[int, Mapping[str, Any]]],
    *,
    session: str | None = "old",
    exit_code: int | None = 0,
    opened: int = 1,
) -> RunFolder:
    """Write the run "old" of that session; each row with the number of its execution."""
    writer = JournalWriter(store.run("p", "old").journal(MAIN_WRITER))
    started = RunStarted(
        at=1.1, id="old", project="p", name="old", session=session, execution=f"old-{opened}"
    )
    writer.append(started)
    for step, (number, values) in enumerate(rows):
        writer.append(Row(at=5.0, execution=f"old-{number}", step=step, values=dict(values)))
    if exit_code is not None:
        writer.append(Ended(at=90.0, exit_code=exit_code))
    writer.close()
    return store.run("p", "old")
