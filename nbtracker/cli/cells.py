"""`nbtracker cells`: which cells made a run, and which of them made a point."""

import argparse
from dataclasses import asdict
from typing import Any

from nbtracker.api.paths import run_name
from nbtracker.api.reading import reading, view_run
from nbtracker.cli.finding import find_run, session_named
from nbtracker.cli.tables import print_table
from nbtracker.errors import UsageError
from nbtracker.store.layout import open_store
from nbtracker.text.cells import cells_table, names_of, source_text
from nbtracker.text.values import duration, escaped, json_text, moment
from nbtracker.views.run_cells import Made, cells_asked
from nbtracker.views.session import Execution, read_session


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Describe `cells`."""
    cells = commands.add_parser(
        "cells", parents=[common], help="the cells of a run, as they were executed"
    )
    cells.add_argument(
        "run", metavar="RUN", help="an id or its beginning, project/id, or the id of a session"
    )
    cells.add_argument("--step", type=int, help="those that made the point of a step")
    cells.add_argument("--metric", metavar="M", help="those that logged it, at the step if one is")
    cells.add_argument("--segment", type=int, metavar="K", help="with --step: of which segment")
    cells.add_argument("--source", action="store_true", help="the whole source of each")
    cells.set_defaults(act=show_cells)


def show_cells(arguments: argparse.Namespace) -> int:
    """Print the executions of a run."""
    named, made = _cells_named(arguments)
    found = [one.execution for one in made]
    segments = [one.segment for one in made]
    if arguments.json:
        print(json_text([_said(one) for one in made], indent=2))
    elif not found:
        print(
            f"no cells are recorded of {named}; they are in a notebook that has "
            "loaded nbtracker: %load_ext nbtracker"
        )
    elif arguments.source:
        names = names_of(found)
        for one in found:
            print(f"# %% {names[one.id]} {escaped(one.status)}, {_when(one)}")
            print(escaped(source_text(one), lines=True), end="\n\n")
    else:
        print_table(*cells_table(found, segments=segments))
    return 0


def _cells_named(arguments: argparse.Namespace) -> tuple[str, list[Made]]:
    """How the run or session is called whose cells are asked for, and them."""
    store = open_store(arguments.dir)
    asked = arguments.step, arguments.metric, arguments.segment
    session = session_named(store, arguments.run)
    if session is None:
        folder = find_run(store, arguments.run)
        with reading(folder):
            return run_name(folder), cells_asked(view_run(folder), *asked)
    if asked != (None, None, None):
        raise UsageError(
            f"{arguments.run} is a session, and steps are those of a run; `nbtracker ls` lists runs"
        )
    return f"session {session.id}", [Made(None, one) for one in read_session(session).executions]


def _said(one: Made) -> dict[str, Any]:
    segment = {} if one.segment is None else {"segment": one.segment}
    return asdict(one.execution) | segment


def _when(one: Execution) -> str:
    took = "" if one.ended_at is None else f", {duration(one.ended_at - one.started_at)}"
    return f"{moment(one.started_at)}{took}"
