"""The code that runs kept, wherever a forgotten cell left something in it."""

import contextlib
import json
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from nbtracker.api import edits
from nbtracker.errors import Error, NotFoundError
from nbtracker.journal.reader import JournalReader
from nbtracker.journal.records import CodeKept
from nbtracker.notebook.intake import read_regular
from nbtracker.notebook.quotes import Quotes
from nbtracker.store.blobs import (
    MOST_BYTES,
    digest_of,
    forget_blob,
    is_digest,
    keep_blob,
    read_blob,
)
from nbtracker.store.layout import RunFolder, Store
from nbtracker.store.links import link_below
from nbtracker.store.sessions import SessionFolder, session_folders
from nbtracker.store.trash import trashed
from nbtracker.views.as_executed import Outputs
from nbtracker.views.code import code_digest, code_files
from nbtracker.views.ledger import Ledger
from nbtracker.views.outputs import outputs_of
from nbtracker.views.run import RunView, read_run
from nbtracker.views.run_cells import sessions_of
from nbtracker.views.run_code import last_numbers
from nbtracker.views.session import SessionView, read_session
from nbtracker.views.unreadable import UNREADABLE

# The files of the code artifact that are made of cells.
OF_CELLS = ("cells.ipynb", "cells.py")
_DOCUMENT, _PATCH, _MODULES = "document.ipynb", "uncommitted.patch", "modules/"
# How those that are made of cells begin.
_ABOUT = b"# The cells as they were executed"


def all_runs(store: Store) -> Iterator[RunFolder]:
    """Every run of a store, those in the trash included."""
    yield from store.runs()
    yield from (RunFolder(one.path) for one in trashed(store))


def runs_naming(store: Store, words: Collection[str]) -> Iterator[RunView]:
    """The runs whose journals have one of these words."""
    wanted = [word.encode() for word in words]
    for folder in all_runs(store) if wanted else ():
        with contextlib.suppress(*UNREADABLE):
            if any(_has(path, wanted) for path in folder.journals):
                yield read_run(folder)


def _has(path: Path, words: Iterable[bytes]) -> bool:
    data = path.read_bytes()
    return any(word in data for word in words)


def codes_of(folder: RunFolder) -> list[CodeKept]:
    """All that a run ever kept as its code, in order: each time it ended, and was edited."""
    found = [
        one
        for path in folder.journals
        for one in JournalReader(path).read()
        if isinstance(one, CodeKept)
    ]
    return sorted(found, key=lambda one: one.at)


def remake(folder: SessionFolder) -> None:
    """Make the code of all runs of a session anew, and delete what only the old one had.

    Raises:
        OSError: The disk refuses.
        JournalError: The same; nothing was deleted.
    """
    store, view = folder.store, read_session(folder)
    old: set[str] = set()
    made: set[Path] = set()
    for run in runs_naming(store, [folder.id]):
        if run.code is None or all(one.session != folder.id for one in run.started):
            continue
        if not _cells_of([run.code]):
            continue
        old |= _cells_of(codes_of(run.folder))
        made.add(run.folder.path)
        *earlier, (last, upto) = _sessions_of(run, run.code, view)
        files = code_files(last, upto, outputs=_outputs_of(last), earlier=earlier)
        new = {path: keep_blob(store, files[path]) for path in OF_CELLS}
        digest = code_digest(last, upto, earlier)
        code = replace(run.code, digest=digest, files={**run.code.files, **new})
        replace_code(run, code)
    wanted = {digest for run in all_runs(store) for digest in _kept_now(run, run.path in made)}
    for digest in old - wanted:
        forget_blob(store, digest)


def _kept_now(folder: RunFolder, is_made: bool) -> set[str]:
    """What a run has as its code, or ever had if it was not made anew."""
    with contextlib.suppress(*UNREADABLE):
        codes = codes_of(folder)
        return _cells_of(codes[-1:] if is_made else codes)
    return set()


def _cells_of(codes: Iterable[CodeKept]) -> set[str]:
    return {str(code.files[path]) for code in codes for path in OF_CELLS if path in code.files}


def _sessions_of(run: RunView, code: CodeKept, view: SessionView) -> list[tuple[SessionView, int]]:
    """The sessions whose cells a code has, or should have, each with the last one of them.

    Args:
        run: The run.
        code: What is kept of it.
        view: A session whose cells must be among them.
    """
    has = last_numbers(Store(run.folder.store), code)
    sessions = [(one, has[one.folder.id]) for one in sessions_of(run) if one.folder.id in has]
    if view.folder.id in has and len(sessions) == len(has):
        return sorted(sessions, key=lambda one: list(has).index(one[0].folder.id))
    return Ledger(run, running=True).sessions or [(view, 2**31)]


def _outputs_of(view: SessionView) -> Outputs:
    return lambda number: outputs_of(view.folder, number)


def replace_code(old: RunView, new: CodeKept) -> None:
    """Record that a run's code is another one.

    Raises:
        JournalError: The disk refuses.
    """
    # At the moment of the old one: the run did not live longer for it.
    at = new.at if old.code is None else old.code.at + 1e-6
    edits.write(old.folder, [replace(new, at=at)])


def rewrite_files(views: Iterable[SessionView], quotes: Quotes) -> dict[str, str]:
    """Take cells out of the documents, modules and patches that sessions kept.

    All runs that share one are told of the new one, in the trash as well.

    Returns:
        Digest of each that had something of them, to that of what is left of it.

    Raises:
        OSError: The disk refuses.
    """
    views = list(views)
    if not views:
        return {}
    store = views[0].folder.store
    clean: dict[str, Callable[[bytes], bytes | None]] = {}
    for view in views:
        clean |= dict.fromkeys((one.digest for one in view.documents), quotes.document)
        clean |= dict.fromkeys((one.digest for one in view.modules), quotes.file)
        clean |= {view.git.patch: quotes.patch} if view.git and view.git.patch else {}
        for run in runs_naming(store, [view.folder.id]):
            for path, digest in run.code.files.items() if run.code is not None else ():
                if (cleaner := _cleaner(path, quotes)) is not None:
                    clean[str(digest)] = cleaner
    instead = {
        digest: new for digest, one in clean.items() if (new := _rewritten(store, digest, one))
    }
    repoint(store, instead)
    for digest, new in instead.items():
        forget_blob(store, digest, new)
    return instead


def _cleaner(path: str, quotes: Quotes) -> Callable[[bytes], bytes | None] | None:
    if path == _DOCUMENT:
        return quotes.document
    if path == _PATCH:
        return quotes.patch
    return quotes.file if path.startswith(_MODULES) else None


def _rewritten(store: Store, digest: str, clean: Callable[[bytes], bytes | None]) -> str | None:
    try:
        data = read_blob(store, digest)
    except NotFoundError:
        return None
    # What is left of one that was forgotten before has its own digest.
    left = clean(data) if digest_of(data) == digest else None
    return None if left is None else keep_blob(store, left)


def repoint(store: Store, instead: Mapping[str, str]) -> None:
    """Have the code of all runs name other blobs."""
    for run in runs_naming(store, instead):
        files = {} if run.code is None else run.code.files
        new = {path: instead.get(str(digest), digest) for path, digest in files.items()}
        if run.code is not None and new != files:
            replace_code(run, replace(run.code, files=new))


def delete_orphans(store: Store, quotes: Quotes) -> int:
    """Delete what no run and no session names any more and has these cells; say how many.

    Such are left where a run was removed for good.
    """
    wanted: set[str] | None = None
    n_deleted = 0
    ids = [f'"execution": "{one}"'.encode() for one in quotes.ids]
    long = [form for one in quotes.sources for form in _spelled(one)]
    for path in (store.blobs / "sha256").glob("*/*"):
        data = b"" if link_below(store.path, path) else _bytes_of(path)
        is_ours = data.startswith((b"{", _ABOUT, b"diff --git "))
        if not (is_ours and any(one in data for one in (*ids, *long))):
            continue
        wanted = _wanted(store) if wanted is None else wanted
        digest = path.parent.name + path.name
        if digest in wanted:
            continue
        if is_digest(digest):
            forget_blob(store, digest)
        else:  # a draft, whose writer was killed
            path.unlink(missing_ok=True)
        n_deleted += 1
    return n_deleted


def _bytes_of(path: Path) -> bytes:
    return read_regular(os.fspath(path), MOST_BYTES, follow=False) or b""


def _spelled(source: str) -> tuple[bytes, ...]:
    return source.encode("utf-8", "replace"), json.dumps(source)[1:-1].encode()


def _wanted(store: Store) -> set[str]:
    """Every blob that a run or a session names."""
    found: set[str] = set()
    for run in all_runs(store):
        with contextlib.suppress(*UNREADABLE):
            found |= {str(digest) for code in codes_of(run)[-1:] for digest in code.files.values()}
    for folder in session_folders(store):
        with contextlib.suppress(Error, OSError):
            view = read_session(folder)
            found |= {one.digest for one in view.documents} | {one.digest for one in view.modules}
            found |= {view.git.patch} if view.git and view.git.patch else set()
    return found
