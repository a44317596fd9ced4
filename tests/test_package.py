"""What is installed: metadata, entry points, and what works without optional packages."""

import re
import subprocess
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest

import nbtracker
from nbtracker.store.layout import Store

Child = Callable[..., "subprocess.CompletedProcess[str]"]
ROOT = Path(__file__).parents[1]


def test_the_version_is_the_same_everywhere() -> None:
    """The package, its metadata and its command line name one version."""
    command = [sys.executable, "-m", "nbtracker", "--version"]
    shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert nbtracker.__version__ == metadata.version("nbtracker")
    assert nbtracker.__version__ in shown


def test_the_changelog_names_the_version() -> None:
    """Users can read what the version they have brings."""
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## [{nbtracker.__version__}]" in changelog


def test_the_command_is_the_module() -> None:
    """`nbtracker` and `python -m nbtracker` start the same function."""
    (script,) = metadata.entry_points(group="console_scripts", name="nbtracker")
    assert callable(script.load())


def test_the_package_is_typed_and_licensed() -> None:
    """Type checkers read our annotations, and people our licence."""
    assert (ROOT / "nbtracker" / "py.typed").exists()
    assert "Apache License" in (ROOT / "LICENSE").read_text(encoding="utf-8")


def test_core_dependencies_are_few() -> None:
    """Whoever has a notebook has half of them, and none is imported before it is used."""
    needed = [one for one in metadata.requires("nbtracker") or [] if "extra ==" not in one]
    assert len(needed) <= 8, needed


@pytest.mark.parametrize("extra", metadata.metadata("nbtracker").get_all("Provides-Extra") or [])
def test_every_extra_is_explained(extra: str) -> None:
    """docs/dependencies.md says what each extra is for."""
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    assert re.search(rf"`{extra}`", page)


def test_every_core_dependency_is_explained() -> None:
    """docs/dependencies.md says why each core dependency is there."""
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    needed = [one for one in metadata.requires("nbtracker") or [] if "extra ==" not in one]
    names = [re.split(r"[^\w-]", one, maxsplit=1)[0] for one in needed]
    assert [name for name in names if f"`{name}`" not in page] == []


def test_recording_needs_none_of_the_larger_packages(store: Store, child: Child) -> None:
    """A run is recorded where neither numpy nor a table, YAML or terminal package is there."""
    child("""
        import sys
        for name in ("numpy", "pandas", "polars", "pyarrow", "rich", "IPython", "yaml"):
            sys.modules[name] = None
        import nbtracker
        with nbtracker.init(project="bare", id="one", config={"lr": 0.1}) as run:
            run.log({"loss": 0.5})
    """)
    found = nbtracker.Api(dir=store.path).run("bare/one")
    assert (found.config["lr"], found.summary["loss"], found.state) == (0.1, 0.5, "finished")


def test_a_missing_package_is_named_with_the_command_that_brings_it(
    store: Store, child: Child
) -> None:
    """Reading as a DataFrame without pandas says what to install."""
    with nbtracker.init(project="bare", id="two", dir=store.path) as run:
        run.log({"loss": 0.5})
    done = child("""
        import sys
        sys.modules["pandas"] = None
        import nbtracker
        try:
            nbtracker.Api().run("bare/two").history()
        except nbtracker.errors.MissingExtraError as error:
            print(error)
    """)
    assert "pip install" in done.stdout
