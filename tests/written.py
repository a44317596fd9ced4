"""Runs for tests, written with nothing but a journal writer."""

import time
from collections.abc import Iterable, Mapping
from typing import Any

from nbtracker.journal.records import ConfigSet, Ended, Row, RunStarted, SummarySet
from nbtracker.journal.steps import Steps
from nbtracker.journal.writer import JournalWriter
from nbtracker.store.layout import MAIN_WRITER, RunFolder, Store
from nbtracker.store.locks import boot_id, host


def record(
    store: Store,
    run_id: str,
    *,
    project: str = "digits",
    config: Mapping[str, Any] | None = None,
    summary: Mapping[str, Any] | None = None,
    rows: Iterable[Mapping[str, Any]] = (),
    exit_code: int | None = 0,
    at: float | None = None,
    **facts: Any,
) -> RunFolder:
    """Write a run that has ended, or crashed if `exit_code` is None."""
    writer = begin(store, run_id, project=project, at=at, **facts)
    now = at or time.time()
    for key, value in (config or {}).items():
        writer.append(ConfigSet(at=now, key=key, new=value))
    log(writer, rows, at=now)
    for key, value in (summary or {}).items():
        writer.append(SummarySet(at=now, path=(key,), value=value))
    if exit_code is not None:
        writer.append(Ended(at=now, exit_code=exit_code))
    writer.close()
    return store.run(project, run_id)


def begin(
    store: Store, run_id: str, *, project: str = "digits", at: float | None = None, **facts: Any
) -> JournalWriter:
    """Begin a run, and leave it open."""
    writer = JournalWriter(store.run(project, run_id).journal(MAIN_WRITER))
    said = {"name": run_id, "host": host(), "boot_id": boot_id(), "entity": "ada"} | facts
    writer.append(RunStarted(at=at or time.time(), id=run_id, project=project, **said))
    return writer


def log(
    writer: JournalWriter, rows: Iterable[Mapping[str, Any]], *, first: int = 0, at: float = 1.0
) -> None:
    """Write rows; numbers alone are packed, as `log` does it."""
    steps, schemas = Steps(first), {}
    codes = {float: "d", int: "q", bool: "?"}
    for step, row in enumerate(rows, start=first):
        types = "".join(codes.get(type(value), "x") for value in row.values())
        if "x" in types or not row:
            writer.append(Row(at=at, step=step, values=dict(row)))
            steps.next = step + 1
            continue
        key = (tuple(row), types)
        if key not in schemas:
            schemas[key] = writer.schema(*key, None)
        writer.append_row(schemas[key], steps, None, None, at, tuple(row.values()))
