"""What a kernel loads that executes cells again: the recording, and modules as they were.

A module whose file has changed since is imported from what was kept of it. Its `__file__` stays
where it was, so that what lies beside it is found.
"""

import os
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from nbtracker.notebook.extension import load
from nbtracker.notebook.modules import KeptLoader
from nbtracker.sdk.replaying import MODULES, REPLAY_PLAN, Version, place, plan


def load_ipython_extension(shell: Any) -> None:
    """Begin, before the first cell is executed."""
    folder = os.environ.get(REPLAY_PLAN)
    versions = [Version(*one) for one in plan().get(MODULES, [])]
    if folder and versions:
        sys.meta_path.insert(0, Recorded(Path(folder) / MODULES, versions))
    load(shell)


class Recorded(MetaPathFinder):
    """Finds modules as they were recorded.

    Args:
        folder: Where their sources are.
        versions: Of each module, in order.
    """

    def __init__(self, folder: Path, versions: Sequence[Version]) -> None:
        self._folder = folder
        self._versions: dict[str, list[Version]] = {}
        for one in versions:
            self._versions.setdefault(one.name, []).append(one)

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002 - as importlib calls it
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        """Find the version of a module that the execution which is repeated had."""
        versions = self._versions.get(fullname)
        if not versions:
            return None
        number = place().number
        # What an execution imports is noticed when it has ended.
        found = [one for one in versions if one.number <= number] or versions[:1]
        version = found[-1]
        is_package = Path(version.path).name == "__init__.py"
        return spec_from_file_location(
            fullname,
            version.path,
            loader=KeptLoader(version.path, self._folder / version.digest),
            submodule_search_locations=[str(Path(version.path).parent)] if is_package else None,
        )
