"""`nbtracker cells`: which cells made a run, and which of them made a point."""

import argparse
from dataclasses import asdict
from typing import Any

from nbtracker.api.paths import run_name
from nbtracker.api.reading import reading, view_run
from nbtracker.cli.finding import find_run
from nbtracker.cli.tables import print_table
from nbtracker.store.layout import open_store
from nbtracker.text.values import duration, escaped, json_text, moment
from nbtracker.views.run_cells import cell_of, cells_of
from nbtracker.views.session import Execution


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Describe `cells`."""
    cells = commands.add_parser(
        "cells", parents=[common], help="the cells of a run, as they were executed"
    )
    cells.add_argument("run", metavar="RUN", help="an id or its beginning, or project/id")
    cells.add_argument("--step", type=int, help="only the execution that made the point of a step")
    cells.add_argument("--metric", metavar="M", help="with --step: the point of this metric")
    cells.add_argument("--source", action="store_true", help="the whole source of each")
    cells.set_defaults(act=show_cells)


def show_cells(arguments: argparse.Namespace) -> int:
    """Print the executions of a run."""
    folder = find_run(open_store(arguments.dir), arguments.run)
    with reading(folder):
        view = view_run(folder)
        if arguments.step is not None:
            found = [cell_of(view, arguments.step, arguments.metric)]
        else:
            found = cells_of(view)
    if arguments.json:
        print(json_text([asdict(one) for one in found], indent=2))
    elif not found:
        print(
            f"no cells are recorded of {run_name(folder)}; they are in a notebook that has "
            "loaded nbtracker: %load_ext nbtracker"
        )
    elif arguments.source:
        for one in found:
            print(f"# %% [{_prompt(one)}] {escaped(one.status)}, {_when(one)}")
            print(escaped(_source(one), lines=True), end="\n\n")
    else:
        columns = ["execution", "prompt", "cell", "status", "started", "took", "source"]
        print_table(columns, [_line(one) for one in found])
    return 0


def _line(one: Execution) -> list[str]:
    status = one.status if one.error_name is None else f"{one.status}: {one.error_name}"
    return [
        str(one.number),
        _prompt(one),
        escaped(one.cell_id or "-")[:12],
        escaped(status),
        moment(one.started_at),
        "-" if one.ended_at is None else duration(one.ended_at - one.started_at),
        escaped(_first_line(one))[:60],
    ]


def _prompt(one: Execution) -> str:
    return "-" if one.count is None else str(one.count)


def _when(one: Execution) -> str:
    took = "" if one.ended_at is None else f", {duration(one.ended_at - one.started_at)}"
    return f"{moment(one.started_at)}{took}"


def _first_line(one: Execution) -> str:
    return next((line for line in _source(one).splitlines() if line.strip()), "")


def _source(one: Execution) -> str:
    if one.source is not None:
        return one.source
    why = "forgotten" if one.forgotten else "skipped" if one.skipped else "lost"
    return f"# ({why})"
