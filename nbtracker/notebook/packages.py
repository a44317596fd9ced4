"""Versions of the packages that are imported, and the few facts of the machine that are kept."""

import json
import os
import platform
import re
import sys
from collections.abc import Callable
from importlib import metadata
from types import ModuleType

from nbtracker.notebook.intake import Redact, without_credentials
from nbtracker.notebook.modules import imported_files, is_installed
from nbtracker.views.code import KEPT_VARIABLES

_UNREADABLE = (metadata.PackageNotFoundError, OSError, ValueError, KeyError)
_SUFFIXES = (".py", ".so", ".pyd")
# `Distribution.metadata` and `.files` make objects of every line, which takes five times as long.
_NAME = re.compile(r"^Name:[ \t]*(\S+)", re.MULTILINE)
_MODULE = re.compile(r'^"?([^/.,"\n]+)[^,\n]*\.(?:py|so|pyd)"?,', re.MULTILINE)
_STANDARD = frozenset(sys.stdlib_module_names) | {"__main__", "__mp_main__"}


class Packages:
    """Knows which installed distribution a module is of; asked again, it is quick.

    A version is read when its package is first seen: what is installed over it later is not
    what this process has imported.

    Args:
        redact: Takes secrets out of a text.
        pace: Called between two distributions that are looked at; it may rest.
    """

    def __init__(
        self, redact: Redact | None = None, pace: Callable[[], object] = lambda: None
    ) -> None:
        self._redact = redact
        self._pace = pace
        self._owners: dict[str, list[str]] | None = None
        self._unowned: set[str] = set()
        self._versions: dict[str, str | None] = {}
        self._files: dict[str, frozenset[str]] = {}

    def imported_versions(self) -> dict[str, str]:
        """Name to version of the distributions whose modules are imported, sorted by name.

        One that was installed from a repository or an address is `1.0 @ <address>`; one that is
        worked on in place is `1.0 (editable)`.
        """
        modules = dict(sys.modules)
        tops = {name.partition(".")[0] for name in modules} - _STANDARD
        owners = self._owners_of(tops)
        named: set[str] = set()
        for top in tops:
            found = owners.get(top, [])
            named.update(found if len(found) < 2 else self._used(top, found, modules))
        versions = {name: self._version(name) for name in sorted(named, key=str.lower)}
        return {name: version for name, version in versions.items() if version}

    def _owners_of(self, tops: set[str]) -> dict[str, list[str]]:
        unknown = tops - self._unowned - set(self._owners or ())
        # Something may have been installed since; modules of the user's own are no sign of it.
        if self._owners is None or (unknown and unknown & _installed_tops()):
            self._owners = _owners(self._pace)
        self._unowned |= unknown - set(self._owners)
        return self._owners

    def _used(self, top: str, owners: list[str], modules: dict[str, ModuleType]) -> list[str]:
        """Of several distributions that share a namespace, those that a module is from."""
        within = {name for name in modules if name.partition(".")[0] == top}
        made = {
            f"{name.replace('.', '/')}{end}" for name in within for end in (".py", "/__init__.py")
        }
        used = [owner for owner in owners if made & self._files_of(owner)]
        return used or owners

    def _files_of(self, owner: str) -> frozenset[str]:
        if owner not in self._files:
            try:
                found = metadata.files(owner) or ()
            except _UNREADABLE:
                found = ()
            self._files[owner] = frozenset(one.as_posix() for one in found)
        return self._files[owner]

    def _version(self, name: str) -> str | None:
        if name not in self._versions:
            self._pace()
            said = _version_of(name)
            self._versions[name] = self._redact(said) if self._redact and said else said
        return self._versions[name]


def platform_facts() -> dict[str, str]:
    """What is kept of the machine and the environment: this, and nothing else."""
    facts = {
        "implementation": platform.python_implementation(),
        "system": platform.system(),
        "release": platform.release(),
        "machine": platform.machine(),
        "cpu_count": str(os.cpu_count() or ""),
    }
    facts |= {f"${name}": os.environ[name][:80] for name in KEPT_VARIABLES if name in os.environ}
    return facts


def _installed_tops() -> set[str]:
    return {name.partition(".")[0] for name, file, _ in imported_files() if is_installed(file)}


def _owners(pace: Callable[[], object]) -> dict[str, list[str]]:
    """Name of a module at the top to those of the distributions that have it.

    As `packages_distributions` does it, which does without top_level.txt only since Python 3.11,
    and gives up at the first distribution that is broken.
    """
    owners: dict[str, set[str]] = {}
    for one in metadata.distributions():
        pace()
        name, tops = _tops_of(one)
        for top in tops:
            owners.setdefault(top, set()).add(name)
    return {top: sorted(names) for top, names in owners.items()}


def _tops_of(found: metadata.Distribution) -> tuple[str, set[str]]:
    try:
        name = _NAME.search(found.read_text("METADATA") or found.read_text("PKG-INFO") or "")
        tops = set((found.read_text("top_level.txt") or "").split())
        listed = "" if tops else found.read_text("RECORD")
        files = found.files or () if listed is None else ()
    except _UNREADABLE:
        return "", set()
    modules = [file for file in files if file.suffix in _SUFFIXES]
    tops.update(_MODULE.findall(listed or ""))
    return name[1] if name else "", tops | {file.parts[0].partition(".")[0] for file in modules}


def _version_of(name: str) -> str | None:
    try:
        found = metadata.distribution(name)
        version = found.version
        origin = found.read_text("direct_url.json")
    except _UNREADABLE:
        return None
    return f"{version}{_origin(origin)}" if version else None


def _origin(text: str | None) -> str:
    """How a version is marked that did not come from an index."""
    try:
        said = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return ""
    if not isinstance(said, dict):
        return ""
    if isinstance(folder := said.get("dir_info"), dict) and folder.get("editable"):
        return " (editable)"
    url = said.get("url")
    # A path of the machine that built or installed it says nothing anywhere else.
    if not isinstance(url, str) or url.startswith("file:"):
        return ""
    source = said.get("vcs_info")
    commit = source.get("commit_id") if isinstance(source, dict) else None
    address = without_credentials(url)
    return f" @ {address}{f'@{commit}' if isinstance(commit, str) else ''}" if address else ""
