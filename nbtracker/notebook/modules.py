"""First-party modules: the user's own files that are imported, each version of them.

What is installed (site-packages, the standard library) is named by its version instead. Hidden
files are never read, nor what a link leads to out of the user's folders.
"""

import functools
import hashlib
import os
import sys
import sysconfig
from collections.abc import Callable, Iterable, Iterator
from importlib.abc import SourceLoader
from importlib.machinery import SOURCE_SUFFIXES
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from nbtracker.notebook.intake import Redact, read_regular, redact_bytes

MAX_MODULE_BYTES = 1 << 20

INSTALLED = frozenset({"site-packages", "dist-packages"})


class Module(NamedTuple):
    """A module and the file it was made from, which is a real path."""

    name: str
    path: str


class ModuleVersion(NamedTuple):
    """A module's text as it was when it was seen."""

    name: str
    path: str
    data: bytes


def first_party_modules(roots: Iterable[str | os.PathLike[str]]) -> list[Module]:
    """List the imported modules whose sources lie below one of these folders.

    Args:
        roots: The notebook's folder, the working directory, the git repository.
    """
    places = _Places(roots)
    return [
        Module(name, path) for name, file, _ in imported_files() if (path := places.path_of(file))
    ]


def autoreloads() -> bool:
    """Whether IPython's autoreload is switched on, which changes modules without a trace.

    It patches functions in place; of a module that it was told to leave alone, this says nothing.
    """
    ipython = sys.modules.get("IPython")
    shell = getattr(ipython, "get_ipython", lambda: None)()
    registry = getattr(getattr(shell, "magics_manager", None), "registry", {})
    reloader = getattr(registry.get("AutoreloadMagics"), "_reloader", None)
    return bool(getattr(reloader, "enabled", False))


class KeptLoader(SourceLoader):
    """Loads a source from where it is kept, as if it lay where it was.

    Args:
        path: Where it was.
        kept: Where it is.
    """

    def __init__(self, path: str, kept: Path) -> None:
        self.path = path
        self.kept = kept

    def get_filename(self, fullname: str) -> str:  # noqa: ARG002 - as importlib calls it
        """Where it was."""
        return self.path

    def get_data(self, path: str | bytes) -> bytes:
        """What it was; for other files, what they are."""
        return (self.kept if path == self.path else Path(os.fsdecode(path))).read_bytes()


class ModuleWatch:
    """Says which first-party modules are new or changed.

    Args:
        roots: Folders of the user's own code; called each time, as `%cd` changes them.
        redact: Takes secrets out of a text.
    """

    def __init__(
        self, roots: Callable[[], Iterable[str | os.PathLike[str]]], redact: Redact | None = None
    ) -> None:
        self._roots = roots
        self._redact = redact
        self._places = _Places(())
        self._seen: dict[str, _Seen] = {}

    def changed(self, *, reloading: bool = True) -> list[ModuleVersion]:
        """Give what is new or changed since the last call.

        Args:
            reloading: Whether a file that changed is taken to be the module by now, as autoreload
                sees to (see `autoreloads`). If not, only one that was imported anew or reloaded
                counts: its file may have been edited while the module still is what it was.
        """
        self._move(tuple(os.fspath(root) for root in self._roots()))
        found = []
        for name, file, spec in imported_files():
            path = self._places.path_of(file)
            if path and (data := self._newer(name, path, spec, reloading=reloading)) is not None:
                found.append(ModuleVersion(name, path, data))
        return found

    def _move(self, roots: tuple[str, ...]) -> None:
        if roots != self._places.named:
            self._places = _Places(roots)

    def _newer(self, name: str, path: str, spec: Any, *, reloading: bool) -> bytes | None:
        seen = self._seen.get(name)
        if seen is not None and seen.path == path and not reloading and seen.spec is spec:
            return None
        file = _source_of(path, spec)
        try:
            status = Path(file).stat()
        except (OSError, ValueError):
            return None
        mark = (file, status.st_mtime_ns, status.st_size)
        if seen is not None and seen.path == path and seen.mark == mark:
            seen.spec = spec
            return None
        # Whoever changed the file may have put a link in its place, or in that of a folder.
        is_there = file != path or _is_real(path)
        data = read_regular(file, MAX_MODULE_BYTES, follow=False) if is_there else None
        if data is None:
            return None
        digest = hashlib.sha256(data).digest()
        is_new = seen is None or seen.path != path or seen.digest != digest
        self._seen[name] = _Seen(path, mark, digest, spec)
        return redact_bytes(data, self._redact) if is_new else None


class _Seen:
    """The version of a module that was given last."""

    __slots__ = ("digest", "mark", "path", "spec")

    def __init__(self, path: str, mark: tuple[str, int, int], digest: bytes, spec: Any) -> None:
        self.path = path
        self.mark = mark
        self.digest = digest
        self.spec = spec


class _Places:
    """Which files are the user's own; asked once for each name of a file."""

    def __init__(self, roots: Iterable[str | os.PathLike[str]]) -> None:
        self.named = tuple(os.fspath(root) for root in roots)
        self._roots = tuple({below(os.path.realpath(root)): None for root in self.named if root})
        self._known: dict[str, str | None] = {}

    def path_of(self, file: str) -> str | None:
        """The real path of a module's file; None if it is not the user's own."""
        try:
            return self._known[file]
        except KeyError:
            return self._known.setdefault(file, self._decide(file))

    def _decide(self, file: str) -> str | None:
        if not file.endswith(tuple(SOURCE_SUFFIXES)) or file.startswith(installed_folders()):
            return None
        try:
            path = os.path.realpath(file)
        except (OSError, ValueError):
            return None
        if path.startswith(installed_folders()):
            return None
        is_ours = any(self._has(root, path) for root in self._roots)
        return path if is_ours and not is_installed(path) else None

    @staticmethod
    def _has(root: str, path: str) -> bool:
        if not path.startswith(root):
            return False
        return not any(part.startswith(".") for part in Path(path[len(root) :]).parts)


@functools.cache
def installed_folders() -> tuple[str, ...]:
    """Folders, ending in a separator, of what is not the user's own code."""
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    folders = [sysconfig.get_paths().get(name, "") for name in names]
    folders.append(str(Path(__file__).parents[1]))
    if sys.prefix != sys.base_prefix:
        folders.append(sys.prefix)
    found = {below(made) for one in folders if one for made in (one, os.path.realpath(one))}
    return tuple(found)


def below(folder: str) -> str:
    """What the path of all that lies in a folder begins with."""
    return folder if folder.endswith(os.sep) else folder + os.sep


def _source_of(path: str, spec: Any) -> str:
    """What a module was made from: its file, or what was kept of that."""
    loader = getattr(spec, "loader", None)
    return str(loader.kept) if isinstance(loader, KeptLoader) else path


def _is_real(path: str) -> bool:
    return os.path.realpath(path) == path


def is_installed(file: str) -> bool:
    """Whether a file is a package's, that an installer put there."""
    return not INSTALLED.isdisjoint(Path(file).parts)


def imported_files() -> Iterator[tuple[str, str, Any]]:
    """Name, file and spec of each imported module.

    A lazy module is loaded by asking it for anything, so its attributes are not asked for.
    """
    for name, module in list(sys.modules.items()):
        if name == "__main__" or not issubclass(type(module), ModuleType):
            continue
        namespace = object.__getattribute__(module, "__dict__")
        file = namespace.get("__file__")
        if isinstance(file, str) and isinstance(name, str):
            yield name, file, namespace.get("__spec__")
