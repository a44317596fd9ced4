"""Files of a run. A link that leads out of the run's folder is not followed."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from nbtracker.errors import NotFoundError, UsageError
from nbtracker.store.layout import RunFolder

_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


@dataclass(frozen=True, slots=True)
class File:
    """One file of a run.

    Attributes:
        name: Its path below the run's folder of files, with slashes.
        path: Where it is.
        size: Units: bytes.
    """

    name: str
    path: Path
    size: int

    def open(self) -> BinaryIO:
        """Open it to read bytes.

        Raises:
            NotFoundError: It is gone.
        """
        try:
            return os.fdopen(os.open(self.path, _FLAGS), "rb")
        except OSError as error:
            raise NotFoundError(
                f"the file {self.name!r} cannot be read any more: {error}"
            ) from error

    def download(
        self, root: str | os.PathLike[str] = ".", replace: bool = False, exist_ok: bool = False
    ) -> BinaryIO:
        """Copy it to `root`, under its name, and open the copy to read bytes.

        Args:
            root: A folder; it is made if it is missing.
            replace: Write over a file that is there.
            exist_ok: Take a file that is there as it is.

        Raises:
            UsageError: A file is there, and neither `replace` nor `exist_ok` is given.
        """
        target = Path(root) / self.name
        if target.exists() and not replace:
            if not exist_ok:
                raise UsageError(f"{target} exists; give replace=True or exist_ok=True")
            return target.open("rb")
        target.parent.mkdir(parents=True, exist_ok=True)
        with self.open() as source:
            target.unlink(missing_ok=True)
            with target.open("xb") as copy:
                shutil.copyfileobj(source, copy)
        return target.open("rb")


def files_of(folder: RunFolder) -> Iterator[File]:
    """Give all regular files of a run, sorted by name."""
    for above, folders, names in os.walk(folder.files, followlinks=False):
        folders.sort()
        for name in sorted(names):
            path = Path(above) / name
            found = _inside(folder, path.relative_to(folder.files).as_posix())
            if found is not None:
                yield found


def file_of(folder: RunFolder, name: str) -> File:
    """Find one file of a run.

    Raises:
        UsageError: The name leads out of the run's folder.
        NotFoundError: There is no such file.
    """
    parts = name.replace("\\", "/").split("/")
    if not name or ".." in parts or parts[0] == "" or ":" in parts[0] or "\0" in name:
        raise UsageError(f"{name!r} is no name of a file in a run; write it like 'plots/loss.png'")
    found = _inside(folder, name)
    if found is None:
        known = [one.name for one in files_of(folder)][:5]
        hint = f"; there are {', '.join(known)}" if known else "; it has no files"
        raise NotFoundError(f"run {folder.project}/{folder.id} has no file {name!r}{hint}")
    return found


def _inside(folder: RunFolder, name: str) -> File | None:
    """The file, if it is a regular one that really lies in the run's folder."""
    root = Path(os.path.realpath(folder.path)) / folder.files.name
    real = Path(os.path.realpath(root / name))
    if root not in real.parents or not real.is_file():
        return None
    try:
        return File(name, real, real.stat().st_size)
    except OSError:
        return None
