"""Delete what cells said and showed, wherever a copy of it is kept."""

import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace

from nbtracker.api import edits
from nbtracker.errors import NotFoundError, UsageError
from nbtracker.journal.cells import CellForgotten
from nbtracker.journal.records import CodeKept
from nbtracker.journal.writer import JournalWriter
from nbtracker.notebook.outputs import OutputStore
from nbtracker.redaction import Redactor
from nbtracker.store.blobs import blob_path, keep_blob, read_blob
from nbtracker.store.layout import Store
from nbtracker.store.sessions import SessionFolder
from nbtracker.views.code import code_digest, code_files
from nbtracker.views.outputs import outputs_of
from nbtracker.views.run import RunView, read_run
from nbtracker.views.session import Execution, SessionView, read_session
from nbtracker.views.unreadable import UNREADABLE

# The files of the code artifact that are made of cells.
_OF_CELLS = ("cells.ipynb", "cells.py")


def forget_cells(folder: SessionFolder, numbers: Iterable[int]) -> list[int]:
    """Delete source and outputs of executions of a session whose kernel is gone.

    Returns:
        The executions that are forgotten now: those, and all others with the same source.

    Raises:
        UsageError: Its kernel still runs, or there is no such execution.
        OSError: Something may not be deleted.
    """
    view = read_session(folder)
    if view.is_running:
        raise UsageError(
            f"the kernel of session {folder.id} still runs; use %tracker forget in its notebook"
        )
    gone = also_meant(view.executions, numbers)
    if not gone:
        raise UsageError(f"session {folder.id} has no such execution; see `nbtracker cells`")
    outputs = OutputStore(folder, Redactor({}))
    writer = JournalWriter(folder.journal)
    try:
        for one in gone:
            if one.digest and one.source is not None:
                folder.source(one.digest).unlink(missing_ok=True)
            outputs.forget(one.number)
            writer.append(CellForgotten(at=time.time(), number=one.number))
    finally:
        writer.close()
    view = read_session(folder)
    forget_documents(view, [one.source for one in gone if one.source])
    for run, last in runs_of(folder):
        files = code_files(view, last, outputs=lambda number: outputs_of(folder, number))
        kept = {path: keep_blob(folder.store, data) for path, data in files.items()}
        code = CodeKept(at=time.time(), digest=code_digest(view, last), files=kept)
        replace_code(run, code)
    return [one.number for one in gone]


def also_meant(executions: list[Execution], numbers: Iterable[int]) -> list[Execution]:
    """The executions of these numbers, and all others with the same source."""
    asked = set(numbers)
    digests = {one.digest for one in executions if one.number in asked and one.digest}
    return [one for one in executions if one.number in asked or one.digest in digests]


def runs_of(folder: SessionFolder) -> Iterator[tuple[RunView, int]]:
    """Each run whose code was kept in a session, and the last execution that is in it."""
    for run in folder.store.runs():
        try:
            view = read_run(run)
        except UNREADABLE:
            continue
        if view.code is not None and any(one.session == folder.id for one in view.started):
            yield view, _last_number(folder.store, view.code)


def _last_number(store: Store, code: CodeKept) -> int:
    try:
        cells = json.loads(read_blob(store, str(code.files.get("cells.ipynb", ""))))["cells"]
        said = [cell["metadata"]["nbtracker"]["execution"] for cell in cells]
        return max((int(str(one).rpartition("-")[2]) for one in said), default=0)
    except (NotFoundError, ValueError, KeyError, TypeError):
        return 2**31  # whatever there is


def replace_code(old: RunView, new: CodeKept) -> None:
    """Record that a run's code is another one, and delete what only the old one had.

    Raises:
        JournalError: The disk refuses; nothing was deleted.
    """
    # At the moment of the old one: the run did not live longer for it.
    at = new.at if old.code is None else old.code.at + 1e-6
    edits.write(old.folder, [replace(new, at=at)])
    store = Store(old.folder.store)
    for path in _OF_CELLS:
        digest = old.code.files.get(path) if old.code is not None else None
        if digest is not None and digest not in new.files.values():
            blob_path(store, str(digest)).unlink(missing_ok=True)


def forget_documents(view: SessionView, sources: list[str]) -> bool:
    """Delete the documents a session kept that have one of these cells; say whether any had."""
    found = [
        one.digest for one in view.documents if _has_cell(view.folder.store, one.digest, sources)
    ]
    for digest in set(found):
        blob_path(view.folder.store, digest).unlink(missing_ok=True)
    return bool(found)


def _has_cell(store: Store, digest: str, sources: list[str]) -> bool:
    try:
        cells = json.loads(read_blob(store, digest))["cells"]
        texts = ["".join(cell["source"]) for cell in cells]
    except (NotFoundError, ValueError, KeyError, TypeError):
        return True  # who cannot tell deletes it
    return any(source.strip() in text for source in sources for text in texts)
