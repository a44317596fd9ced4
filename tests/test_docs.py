"""The documentation tells the truth: its code runs, and nothing public is left out."""

import argparse
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

import nbtracker
from nbtracker.journal import records
from nbtracker.sdk.config_sources import gather_config
from nbtracker.settings import Settings, resolve

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXT = {path.name: path.read_text(encoding="utf-8") for path in PAGES}
DOCS = "\n".join(text for name, text in TEXT.items() if name != "README.md")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SETTINGS = TEXT["settings.md"]
ENVIRONMENT_VARIABLE = re.compile(r"\bNBTRACKER_[A-Z_]+\b")


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of one language, in order."""
    return [code for kind, code in BLOCK.findall(TEXT[page]) if kind == language]


PAGES_WITH_CODE = [name for name in TEXT if blocks(name, "python")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty working directory with a store of its own."""
    (tmp_path / ".nbtracker").mkdir()
    return tmp_path


def python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a folder, away from the settings of whoever runs the tests."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("NBTRACKER_", "WANDB_"))
    }
    # Home is elsewhere too: the user's own settings file and catalogue live there.
    kept |= {"HOME": str(folder), "XDG_CACHE_HOME": str(folder / ".cache")}
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=folder, env=kept, check=False, capture_output=True, text=True
    )


def run_code_of(page: str, folder: Path) -> None:
    """Run the Python blocks of a page, one after the other, as one program."""
    done = python(folder, "-c", "\n".join(blocks(page, "python")))
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", PAGES_WITH_CODE)
def test_the_code_of_a_page_runs(page: str, folder: Path) -> None:
    """Whoever copies the code of a page, top to bottom, gets no error."""
    run_code_of(page, folder)


def commands(page: str) -> list[list[str]]:
    """The `nbtracker` command lines a page shows, without comments."""
    shown = "\n".join(blocks(page, "console"))
    lines = re.findall(r"^\$ nbtracker (.*)$", shown, re.MULTILINE)
    return [shlex.split(line, comments=True) for line in lines]


def test_the_commands_of_the_readme_run(folder: Path) -> None:
    """Whoever types the commands after running the code gets no error."""
    run_code_of("README.md", folder)
    shown = commands("README.md")
    run = next((folder / ".nbtracker" / "digits").iterdir()).name
    failed = {}
    for command in shown:
        typed = [word.replace("RUN", run) for word in command]
        done = python(folder, "-m", "nbtracker", *typed)
        if done.returncode != 0:
            failed[shlex.join(command)] = done.stderr
    assert ["ls"] in shown
    assert failed == {}


def test_the_readme_is_short_and_shows_code_at_once() -> None:
    """A page and a half, and the first code by line 20."""
    lines = TEXT["README.md"].splitlines()
    code = lines.index("```ipython")
    assert len(lines) <= 160
    assert code < 20
    assert [line.split("#")[0].strip() for line in lines[:code] if line.startswith("make")] == [
        "make demo",
        "make test",
    ]


@pytest.mark.parametrize("name", nbtracker.__all__)
def test_every_public_name_is_documented(name: str) -> None:
    """Each name of the package stands in docs/ as code."""
    assert re.search(rf"`(?:nbtracker\.)?{re.escape(name)}\b", DOCS)


def subcommands(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Every command and every long option of a command line."""
    for action in parser._actions:
        yield from (option for option in action.option_strings if option.startswith("--"))
        if isinstance(action, argparse._SubParsersAction):
            for name, below in action.choices.items():
                yield name
                yield from subcommands(below)


def test_every_command_is_documented() -> None:
    """docs/cli.md has each command, and each of its options."""
    from nbtracker.cli.main import build_parser

    names = set(subcommands(build_parser())) - {"--help"}
    assert {name for name in names if not re.search(rf"{name}\b", TEXT["cli.md"])} == set()


def test_every_setting_and_its_variable_are_documented() -> None:
    """docs/settings.md has each setting, with the variable that gives it."""
    missing = {field.name for field in fields(Settings) if f"| `{field.name}`" not in SETTINGS}
    assert missing == set()


def test_every_documented_variable_is_read() -> None:
    """Each variable of docs/settings.md has an effect, and none that has one is left out."""
    unset = dict.fromkeys(ENVIRONMENT_VARIABLE.findall(SETTINGS), "")
    asked = AskedFor(unset)
    resolve(environ=asked)
    gather_config(argv=[], environ=asked)
    others = {"NBTRACKER_CACHE_DIR"}  # read where the catalogue is, not for a run
    assert {name for name in asked.names if name.startswith("NBTRACKER_")} | others == set(unset)


class AskedFor(dict[str, str]):
    """An environment that remembers which variables were asked for."""

    def __init__(self, values: dict[str, str]) -> None:
        super().__init__(values)
        self.names: set[str] = set()

    def get(self, name: str, default: str | None = None) -> str | None:
        """Look up a variable, and remember its name."""
        self.names.add(name)
        return super().get(name, default)


def test_every_record_kind_is_specified() -> None:
    """docs/journal.md has each kind of record a journal may hold."""
    kinds = {cls.kind for cls in records.Record.__subclasses__()} - {records.Unknown.kind}
    assert {kind for kind in kinds if f"`{kind}`" not in TEXT["journal.md"]} == set()


@pytest.mark.parametrize("page", TEXT)
def test_links_lead_somewhere(page: str) -> None:
    """Each relative link names a file that is there."""
    here = next(path for path in PAGES if path.name == page).parent
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", TEXT[page])
    assert [link for link in links if not (here / link).exists()] == []


def test_every_route_is_documented() -> None:
    """docs/server.md has each route with its method."""
    from nbtracker.extension.endpoints import ENDPOINTS

    routes = {f"`{one.method} {one.path}`" for one in ENDPOINTS} | {"`GET stores`"}
    assert {route for route in routes if route not in TEXT["server.md"]} == set()
