"""Which run `init` begins or goes on with, as `id` and `resume` ask."""

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from nbtracker.errors import JournalBusyError, UsageError, warn
from nbtracker.ids import new_id
from nbtracker.journal.liveness import is_written
from nbtracker.sdk.recorder import DiskRecorder
from nbtracker.settings import Settings, in_notebook
from nbtracker.store.claims import claimed, is_at
from nbtracker.store.layout import MAIN_WRITER, RunFolder, Store, make_private, open_store
from nbtracker.store.links import refuse_link
from nbtracker.store.trash import move_to_trash
from nbtracker.views.run import read_run
from nbtracker.views.state import FINISHED, RUNNING, state_of

if TYPE_CHECKING:
    from nbtracker.sdk.run import Run

# A run id has at most 128 bytes.
MAX_NOTE_BYTES = 200


def check_resume(settings: Settings) -> None:
    """Raise what `choose_folder` would, while no other run was finished for this one.

    Raises:
        UsageError: As `choose_folder` does.
    """
    if settings.mode != "disabled" and settings.resume in ("never", "must"):
        with contextlib.suppress(OSError):
            _checked(open_store(settings.dir), settings)


@contextlib.contextmanager
def choose_folder(store: Store, settings: Settings) -> Iterator[tuple[RunFolder, bool]]:
    """Find the folder of the run, and whether it goes on with one that is there.

    Until the block ends, which is to write how the run starts, no other process begins,
    replaces or removes that run.

    Raises:
        UsageError: "never" and it exists, or "must" and it does not, or a link is in the way.
        JournalBusyError: It exists, is being written, and is not to be gone on with.
    """
    refuse_link(store.path, store.latest)
    with contextlib.ExitStack() as claim:
        if settings.id is None and settings.resume == "auto":
            folder, exists = _last(store, settings, claim), True
            if folder is None:
                folder, exists = store.run(settings.project, new_id()), False
        else:
            folder, exists = _checked(store, settings)
        folder.refuse_links()
        if settings.id is not None:
            claim.enter_context(claimed(folder))
            # Another process may have begun it, or removed it.
            folder, exists = _checked(store, settings)
        if settings.resume is None and exists:
            _replace(store, folder, f"run {folder.project}/{folder.id}")
            exists = False
        yield folder, exists


def check_alone(recorder: DiskRecorder, *, resumed: bool) -> None:
    """Make sure that a run that was opened is the one that was chosen.

    A claim tells nothing where the file system has no locks.

    Raises:
        JournalBusyError: Its journal was moved away, or is that of a run which is there already.
    """
    writer = recorder._writer
    if is_at(writer._fd, writer.path) and (resumed or not recorder.view.started):
        return
    recorder.close()
    raise JournalBusyError(
        f"run {recorder.view.project}/{recorder.view.id} was begun or removed by another process "
        "at the same moment; try again, or begin one with another id"
    )


def _checked(store: Store, settings: Settings) -> tuple[RunFolder, bool]:
    """The folder of the run, and whether it exists, if that is as `resume` wants it."""
    if settings.id is None and settings.resume == "must":
        raise UsageError('init(resume="must") needs to know which run: give id=, too')
    folder = store.run(settings.project, settings.id or new_id())
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
            f'{_elsewhere(store, folder.id)}, or use resume="allow"'
        )
    return folder, exists


def _elsewhere(store: Store, run_id: str) -> str:
    for project in store.projects():
        if store.run(project, run_id).exists:
            return f"project {project!r} has a run of that id: give project={project!r}"
    return "look for it with `nbtracker ls`"


def _replace(store: Store, folder: RunFolder, where: str) -> None:
    if is_written(folder.journal(MAIN_WRITER)):
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
    if path is None:
        return
    make_private(path.parent, below=store.path)
    draft = path.with_name(f"{path.name}.{new_id()}")
    fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(fd, run.id.encode())
    finally:
        os.close(fd)
    draft.replace(path)


def _last(store: Store, settings: Settings, claim: contextlib.ExitStack) -> RunFolder | None:
    """Claim the last run of this notebook or script, if there is one to go on with."""
    if _note(store, settings) is None:
        warn(
            'init(resume="auto") cannot tell which notebook this is, so a new run begins; '
            "give notebook_name= in settings=, or $NBTRACKER_NOTEBOOK_NAME"
        )
    folder = _unfinished(store, settings)
    if folder is None:
        return None
    try:
        claim.enter_context(claimed(folder))
    except JournalBusyError:
        return None
    return folder if _unfinished(store, settings) == folder else None


def _unfinished(store: Store, settings: Settings) -> RunFolder | None:
    """The last run of this notebook or script, if it did not finish."""
    note = _note(store, settings)
    if note is not None:
        with contextlib.suppress(OSError, UsageError, UnicodeDecodeError):
            folder = store.run(settings.project, _text_of(note))
            if folder.exists and state_of(read_run(folder)) not in (FINISHED, RUNNING):
                return folder
    return None


def _text_of(note: Path) -> str:
    """Read a note; what stands in its place, such as a pipe, is not waited for."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
    fd = os.open(note, flags)
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            return ""
        return os.read(fd, MAX_NOTE_BYTES).decode("ascii").strip()
    finally:
        os.close(fd)


def _note(store: Store, settings: Settings) -> Path | None:
    """Where the newest run of this notebook or script is noted; None if it has no name."""
    from hashlib import sha256

    what = settings.notebook_name or settings.program
    if in_notebook():
        # A script that a cell starts inherits the variable, and is not the notebook.
        what = settings.notebook_name or os.environ.get("JPY_SESSION_NAME") or settings.program
    elif not what:
        what = os.path.realpath("")
    if not what:
        return None
    digest = sha256(f"{settings.project}\0{what}".encode("utf-8", "surrogatepass")).hexdigest()
    return store.latest / digest[:32]
