"""Runs beside each other: in what they differ, and in which lines of their code."""

from typing import Any

from nbtracker.api.reading import reading, view_run
from nbtracker.errors import NotFoundError, UsageError
from nbtracker.extension import given as arguments
from nbtracker.extension import reading as requested
from nbtracker.extension.given import Given
from nbtracker.extension.refusals import TooLargeError
from nbtracker.extension.stores import OpenStore
from nbtracker.store.layout import Store
from nbtracker.views.run_code import RunCode
from nbtracker.wire import schema
from nbtracker.wire.code_lines import MAX_BYTES, code_lines
from nbtracker.wire.comparing import Compared, comparison
from nbtracker.wire.notebook_lines import last_sources

MAX_COMPARED = 50


def compare(source: OpenStore, given: Given, _body: Any = None) -> schema.Comparison:
    """Say in what runs differ."""
    named = arguments.many(given, "run", MAX_COMPARED)
    if not named:
        raise UsageError("name the runs to compare: run=project/id&run=project/id")
    runs: list[Compared] = []
    for name in named:
        with requested.read_named(source, *arguments.run_name(name)) as read:
            runs.append(Compared(read.facts, read.view, read.sessions))
    return comparison(runs, source.id)


def compare_code(source: OpenStore, given: Given, _body: Any = None) -> schema.CodeLines:
    """Say in which lines a file of the code of two runs differs."""
    named = arguments.many(given, "run", 2)
    if len(named) != 2:
        raise UsageError("name the two runs to compare: run=project/id&run=project/id")
    path = arguments.one(given, "path")
    before, after = (_file(source.store, name, path) for name in named)
    if before is None and after is None:
        raise NotFoundError(f"neither run has {path[:200]!r} in its code; compare the runs again")
    if path.endswith(".ipynb"):
        before, after = (last_sources(side) if side else side for side in (before, after))
    return code_lines(path, before or b"", after or b"")


def _file(store: Store, name: str, path: str) -> bytes | None:
    """A file of the code of a run; None if it has none of that path."""
    folder = store.run(*arguments.run_name(name))
    if not folder.exists:
        raise NotFoundError(f"there is no run {name} in {store.path}")
    with reading(folder):
        code = RunCode(view_run(folder))
        if path not in code.paths:
            return None
        found = code.begin(path, most=MAX_BYTES)
    if not found.is_all:
        raise TooLargeError(
            f"{path[:200]!r} of run {name} has more than {MAX_BYTES // 10**6} MB, which is too "
            "much to be compared line by line"
        )
    return found.data
