"""Which run `init` begins or goes on with, as `id` and `resume` ask."""

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from nbtracker.errors import JournalBusyError, UsageError
from nbtracker.ids import new_id
from nbtracker.sdk.guard import warn
from nbtracker.settings import Settings
from nbtracker.store.layout import MAIN_WRITER, RunFolder, Store, make_private
from nbtracker.store.locks import is_locked
from nbtracker.store.trash import move_to_trash
from nbtracker.views.run import read_run
from nbtracker.views.state import FINISHED, RUNNING, state_of

if TYPE_CHECKING:
    from nbtracker.sdk.run import Run


def choose_folder(store: Store, settings: Settings) -> tuple[RunFolder, bool]:
    """Find the folder of the run, and whether it goes on with one that is there.

    Raises:
        UsageError: "never" and it exists, or "must" and it does not.
        JournalBusyError: It exists, is being written, and is not to be gone on with.
    """
    run_id = settings.id
    if run_id is None and settings.resume == "auto":
        run_id = _unfinished(store, settings)
        return store.run(settings.project, run_id or new_id()), run_id is not None
    if run_id is None and settings.resume == "must":
        raise UsageError('init(resume="must") needs to know which run: give id=, too')
    folder = store.run(settings.project, run_id or new_id())
    exists = folder.exists
    where = f"run {folder.project}/{folder.id}"
    if settings.resume == "never" and exists:
        raise UsageError(
            f'{where} exists, and init(resume="never") does not go on with it; '
            'give another id, or resume="allow"'
        )
    if settings.resume == "must" and not exists:
        raise UsageError(
            f'{where} does not exist in {store.path}, and init(resume="must") needs it; '
            'look for it with `nbtracker ls`, or use resume="allow"'
        )
    if settings.resume is None and exists:
        _replace(store, folder, where)
        exists = False
    return folder, exists


def _replace(store: Store, folder: RunFolder, where: str) -> None:
    if is_locked(folder.journal(MAIN_WRITER)):
        raise JournalBusyError(
            f"{where} is being written; finish it first, or begin one with another id"
        )
    kept = move_to_trash(store, folder)
    warn(
        f"{where} existed and was begun anew; the earlier one is in the trash "
        f"(nbtracker trash --restore {kept.name}). To go on with it, use init(resume='allow')."
    )


def remember(store: Store, run: "Run") -> None:
    """Note the newest run of this notebook or script, for `resume="auto"`."""
    path = _note(store, run.settings)
    make_private(path.parent)
    draft = path.with_name(f"{path.name}.{new_id()}")
    fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(fd, run.id.encode())
    finally:
        os.close(fd)
    draft.replace(path)


def _unfinished(store: Store, settings: Settings) -> str | None:
    """The id of the last run of this notebook or script, if it did not finish."""
    with contextlib.suppress(OSError, UsageError, UnicodeDecodeError):
        run_id = _note(store, settings).read_text(encoding="ascii").strip()
        folder = store.run(settings.project, run_id)
        if folder.exists and state_of(read_run(folder)) not in (FINISHED, RUNNING):
            return run_id
    return None


def _note(store: Store, settings: Settings) -> Path:
    from hashlib import sha256

    what = settings.notebook_name or settings.program or os.path.realpath("")
    digest = sha256(f"{settings.project}\0{what}".encode("utf-8", "surrogatepass")).hexdigest()
    return store.path / ".latest" / digest[:32]
