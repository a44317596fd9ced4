"""Every path of a store is spelled here and nowhere else.

<store>/                            0700; see `open_store` for how it is found
    <project>/<run_id>/
        journals/<writer>.journal   the truth: one append-only file per writer
        files/                      run.dir: what belongs to the run beside its journals
    <project>/.<run_id>.claim       there for a moment: who begins, replaces or removes the run
    .latest/<digest>                the id of the newest run of a notebook or script
    .sessions/<session_id>/         one per kernel: its cells (written by the notebook part)
    .blobs/sha256/ab/cd...          immutable bytes, stored once
    .trash/<moment>~<tag>~<project>~<id>/   runs that were deleted, until it is emptied
"""

import errno
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from nbtracker.errors import UsageError, warn
from nbtracker.ids import check_project, check_run_id
from nbtracker.settings import STORE_NAME, configured_dir
from nbtracker.store.links import link_below, refuse_link

JOURNAL_SUFFIX = ".journal"
EDITS = "edit-"
"""Begins the names of journals that are not by who writes the run."""
MAIN_WRITER = "main"
PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The files of one run."""

    path: Path

    @property
    def store(self) -> Path:
        """The store the run is in."""
        return self.path.parent.parent

    @property
    def project(self) -> str:
        """The project the run belongs to."""
        return self.path.parent.name

    @property
    def id(self) -> str:
        """The run's id."""
        return self.path.name

    def journal(self, writer: str) -> Path:
        """The journal that `writer`, and nobody else, appends to."""
        return self.path / "journals" / f"{writer}{JOURNAL_SUFFIX}"

    @property
    def journals(self) -> list[Path]:
        """All journals, in name order; links are not journals.

        Raises:
            OSError: They may not be listed, or a link stands for one of their folders.
        """
        folder = self.path / "journals"
        if link := link_below(self.store, folder):
            raise OSError(errno.ELOOP, "a link, which is not followed", str(link))
        try:
            with os.scandir(folder) as entries:
                names = sorted(
                    entry.name
                    for entry in entries
                    if entry.name.endswith(JOURNAL_SUFFIX) and entry.is_file(follow_symlinks=False)
                )
        except (FileNotFoundError, NotADirectoryError):
            return []
        return [folder / name for name in names]

    @property
    def files(self) -> Path:
        """What `run.dir` names."""
        return self.path / "files"

    @property
    def exists(self) -> bool:
        """Whether anything was ever written for this run; what is behind a link was not."""
        if link_below(self.store, self.path):
            return False
        return (self.path / "journals").is_symlink() or bool(self.journals)

    @property
    def claim(self) -> Path:
        """The file that is locked by who begins, replaces or removes the run."""
        return self.path.parent / f".{self.id}.claim"

    def refuse_links(self) -> None:
        """Make sure that what is written for this run stays in the store.

        Raises:
            UsageError: One of its folders is a link.
        """
        for part in ("journals", "files"):
            refuse_link(self.store, self.path / part)


@dataclass(frozen=True, slots=True)
class Store:
    """A folder of projects, each a folder of runs."""

    path: Path

    def run(self, project: str, run_id: str) -> RunFolder:
        """The folder of a run, whether it exists or not.

        Raises:
            UsageError: One of the names may not name a folder.
        """
        return RunFolder(self.path / check_project(project) / check_run_id(run_id))

    def projects(self) -> list[str]:
        """Names of all projects, sorted."""
        return sorted(e.name for e in _folders(self.path) if _is_allowed(check_project, e.name))

    def runs(self, project: str | None = None) -> Iterator[RunFolder]:
        """Every run folder, of one project or of all; what cannot be one is passed over."""
        for name in self.projects() if project is None else [check_project(project)]:
            if (self.path / name).is_symlink():
                continue
            for entry in _folders(self.path / name):
                if _is_allowed(check_run_id, entry.name):
                    yield RunFolder(Path(entry.path))

    def misnamed(self) -> Iterator[Path]:
        """Folders that stand where projects and runs do, with names that none can have."""
        for project in _folders(self.path):
            if not _is_allowed(check_project, project.name):
                yield Path(project.path)
                continue
            for run in _folders(Path(project.path)):
                if not _is_allowed(check_run_id, run.name):
                    yield Path(run.path)

    @property
    def trash(self) -> Path:
        """Runs that were deleted."""
        return self.path / ".trash"

    @property
    def latest(self) -> Path:
        """Which run of each notebook or script is its newest."""
        return self.path / ".latest"

    @property
    def blobs(self) -> Path:
        """Immutable bytes, named by their sha256."""
        return self.path / ".blobs"

    @property
    def sessions(self) -> Path:
        """One folder per kernel."""
        return self.path / ".sessions"


def open_store(
    directory: str | os.PathLike[str] | None = None, *, start: Path | None = None
) -> Store:
    """Find the store; nothing is created.

    Args:
        directory: The store itself. Default: `$NBTRACKER_DIR`, else `.nbtracker` in
            `$WANDB_DIR`, else `dir` of the user's settings file, else the nearest
            `.nbtracker` folder at or above the working directory that is the user's own,
            else the user's data folder.
        start: Look for the nearest folder from here, not from the working directory.

    Raises:
        UsageError: The path is a file, or none at all.
        ConfigError: The user's settings file cannot be read.
    """
    named = directory or configured_dir()
    path = _absolute(os.fsdecode(named)) if named else _nearest(start) or _user_store()
    if path.exists() and not path.is_dir():
        raise UsageError(f"the store {path} is a file; name a folder with dir= or $NBTRACKER_DIR")
    return Store(path)


def make_private(folder: Path, *, below: Path | None = None) -> Path:
    """Make a folder, and those above it, for this user alone (0700 from birth).

    Args:
        folder: The folder.
        below: The store, below which no link is followed.

    Raises:
        UsageError: A folder below the store is a link.
    """
    if below is not None:
        refuse_link(below, folder)
    if not folder.is_dir():
        # os.makedirs gives its mode to the last folder only.
        missing = [folder, *folder.parents]
        for path in reversed([path for path in missing if not path.exists()]):
            try:
                path.mkdir(mode=PRIVATE_FOLDER)
            except FileExistsError:
                continue
            path.chmod(PRIVATE_FOLDER)
    return folder


def _absolute(named: str) -> Path:
    if "\0" in named:
        raise UsageError(f"the store {named!r} cannot be a folder: a path holds no NUL character")
    try:
        return Path(named).expanduser().absolute()
    except RuntimeError as error:
        raise UsageError(
            f"the store {named!r} begins with a home folder that is not known; "
            "write the path out in dir= or $NBTRACKER_DIR, or set $HOME"
        ) from error


def _nearest(start: Path | None) -> Path | None:
    try:
        here = Path.cwd() if start is None else start.absolute()
    except OSError:  # the working directory was removed
        return None
    for folder in (here, *here.parents):
        found = folder / STORE_NAME
        if found.is_dir() and _is_ours(found):
            return found
    return None


def _is_ours(store: Path) -> bool:
    """Whether nobody else can put anything into a store that happens to be near."""
    if sys.platform == "win32":
        return True
    user, target = os.geteuid(), store.stat()
    if not user == target.st_uid == store.lstat().st_uid:
        problem = "it belongs to another user"
    elif target.st_mode & 0o022:
        problem = f"other users may write it (`chmod go-w {store}`, if they should not)"
    else:
        return True
    warn(
        f"{store} was not taken for the store: {problem}. "
        "If it is what you mean, name it with dir= or $NBTRACKER_DIR."
    )
    return False


def _user_store() -> Path:
    import platformdirs

    try:
        path = Path(platformdirs.user_data_dir("nbtracker", appauthor=False))
    except (RuntimeError, KeyError):
        path = Path("~")
    if path.parts[:1] == ("~",):
        raise UsageError(
            "there is no home folder to record into; "
            "name a folder with $NBTRACKER_DIR or init(dir=...)"
        )
    return path


def _is_allowed(check: Callable[[object], str], name: str) -> bool:
    try:
        check(name)
    except UsageError:
        return False
    return True


def _folders(path: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(path) as entries:
            found = [
                entry
                for entry in entries
                if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False)
            ]
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return
    yield from found
