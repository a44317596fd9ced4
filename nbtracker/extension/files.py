"""Files of a run and of its code, to be saved: links are not followed, hidden files not served."""

import tempfile
from itertools import islice
from pathlib import PurePosixPath
from typing import Any, BinaryIO, NamedTuple, cast

from nbtracker.api.files import file_of, files_of
from nbtracker.api.reading import reading, view_run
from nbtracker.errors import NotFoundError
from nbtracker.extension import given as arguments
from nbtracker.extension.given import Given
from nbtracker.extension.stores import OpenStore
from nbtracker.store.layout import RunFolder
from nbtracker.store.links import link_below
from nbtracker.views.run_code import RunCode
from nbtracker.wire import schema
from nbtracker.wire.spelling import cut

MAX_FILES, MAX_CODE_FILES = 10_000, 1_000


class Attachment(NamedTuple):
    """A file that is sent to be saved.

    Attributes:
        name: What it is called: its path within the run.
        file: Its bytes, open; whoever sends them closes it.
    """

    name: str
    file: BinaryIO


def list_files(source: OpenStore, given: Given, _body: Any = None) -> schema.FileList:
    """Give the files of a run."""
    folder = _folder(source, given)
    # No address can be made of a name that is no text.
    shown = (one for one in files_of(folder) if not is_hidden(one.name) and _is_text(one.name))
    found: list[schema.FileInfo] = []
    for one in islice(shown, MAX_FILES):
        if (folder.files / one.name).is_symlink():
            continue
        try:
            changed_at = one.path.stat().st_mtime
        except OSError:
            continue
        found.append({"path": one.name, "size": one.size, "changed_at": changed_at})
    return {"files": found, "digest": None}


def _is_text(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def run_file(source: OpenStore, given: Given, _body: Any = None) -> Attachment:
    """Give a file of a run."""
    folder, name = _folder(source, given), arguments.one(given, "path")
    found = file_of(folder, name)
    if is_hidden(name) or link_below(folder.store, folder.files / name):
        raise NotFoundError(f"run {folder.project}/{folder.id} has no file {name[:200]!r}")
    return Attachment(found.name, found.open())


def list_code(source: OpenStore, given: Given, _body: Any = None) -> schema.FileList:
    """Give the files of the code that made a run."""
    folder = _folder(source, given)
    with reading(folder):
        code = RunCode(view_run(folder))
    files: list[schema.FileInfo] = [
        {"path": cut(path, 1_000), "size": _size(code, path), "changed_at": None}
        for path in code.paths[:MAX_CODE_FILES]
    ]
    return {"files": files, "digest": code.digest or None}


def _size(code: RunCode, path: str) -> int:
    try:
        return len(code.read(path))
    except NotFoundError:  # it is lost
        return 0


def code_file(source: OpenStore, given: Given, _body: Any = None) -> Attachment:
    """Give a file of the code that made a run."""
    folder, path = _folder(source, given), arguments.one(given, "path")
    with reading(folder):
        data = RunCode(view_run(folder)).read(path)
    file = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115
    file.write(data)
    file.seek(0)
    return Attachment(path, file)


def is_hidden(path: str) -> bool:
    """Whether a path goes through what begins with a dot: `.env`, `.git`."""
    return any(part.startswith(".") for part in PurePosixPath(path.replace("\\", "/")).parts)


def _folder(source: OpenStore, given: Given) -> RunFolder:
    folder = source.store.run(arguments.one(given, "project"), arguments.one(given, "id"))
    if not folder.exists:
        raise NotFoundError(f"there is no run {folder.project}/{folder.id} in {source.store.path}")
    return folder
