"""Every path of a store is spelled here and nowhere else.

<store>/                            0700; see `open_store` for how it is found
    <project>/<run_id>/
        journals/<writer>.journal   the truth: one append-only file per writer
        files/                      run.dir: what belongs to the run beside its journals
    .sessions/<session_id>/         one per kernel: its cells (written by the notebook part)
    .blobs/sha256/ab/cd...          immutable bytes, stored once
    .trash/<moment>~<project>~<id>/ runs that were deleted, until the trash is emptied
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nbtracker.errors import UsageError
from nbtracker.ids import check_project, check_run_id

STORE_NAME = ".nbtracker"
JOURNAL_SUFFIX = ".journal"
MAIN_WRITER = "main"
PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The files of one run."""

    path: Path

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
        """All journals, in name order; links are not journals."""
        try:
            with os.scandir(self.path / "journals") as entries:
                names = sorted(
                    entry.name
                    for entry in entries
                    if entry.name.endswith(JOURNAL_SUFFIX) and entry.is_file(follow_symlinks=False)
                )
        except (FileNotFoundError, NotADirectoryError):
            return []
        return [self.path / "journals" / name for name in names]

    @property
    def files(self) -> Path:
        """What `run.dir` names."""
        return self.path / "files"

    @property
    def exists(self) -> bool:
        """Whether anything was ever written for this run."""
        return bool(self.journals)


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
        return sorted(entry.name for entry in _folders(self.path))

    def runs(self, project: str | None = None) -> Iterator[RunFolder]:
        """Every run folder, of one project or of all; links are not followed."""
        for name in self.projects() if project is None else [check_project(project)]:
            for entry in _folders(self.path / name):
                yield RunFolder(Path(entry.path))

    @property
    def trash(self) -> Path:
        """Runs that were deleted."""
        return self.path / ".trash"

    @property
    def blobs(self) -> Path:
        """Immutable bytes, named by their sha256."""
        return self.path / ".blobs"

    @property
    def sessions(self) -> Path:
        """One folder per kernel."""
        return self.path / ".sessions"


def open_store(directory: str | os.PathLike[str] | None = None) -> Store:
    """Find the store; nothing is created.

    Args:
        directory: The store itself. Default: `$NBTRACKER_DIR`, else `.nbtracker` in
            `$WANDB_DIR`, else the nearest `.nbtracker` folder at or above the working
            directory, else the user's data folder.

    Raises:
        UsageError: The path is a file.
    """
    named = directory or os.environ.get("NBTRACKER_DIR")
    if not named and (theirs := os.environ.get("WANDB_DIR")):
        named = Path(theirs) / STORE_NAME
    path = Path(named).expanduser().absolute() if named else _nearest() or _user_store()
    if path.exists() and not path.is_dir():
        raise UsageError(f"the store {path} is a file; name a folder with dir= or $NBTRACKER_DIR")
    return Store(path)


def make_private(folder: Path) -> Path:
    """Make a folder, and those above it, for this user alone (0700 from birth)."""
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


def _nearest() -> Path | None:
    try:
        here = Path.cwd()
    except OSError:  # the working directory was removed
        return None
    for folder in (here, *here.parents):
        if (folder / STORE_NAME).is_dir():
            return folder / STORE_NAME
    return None


def _user_store() -> Path:
    import platformdirs

    return Path(platformdirs.user_data_dir("nbtracker", appauthor=False))


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
