"""`nbtracker sessions` and `nbtracker output`: what kernels did, with a run or without one."""

import argparse
import sys
from typing import Any

from nbtracker.api.reading import reading, view_run
from nbtracker.cli.finding import find_run, session_named
from nbtracker.cli.tables import print_table
from nbtracker.errors import NotFoundError
from nbtracker.notebook.forgetting import described, forget_cells, meant_to_go
from nbtracker.store.layout import Store, open_store
from nbtracker.store.sessions import SessionFolder, session_folders
from nbtracker.text.outputs import nothing_text
from nbtracker.text.values import escaped, json_text, moment
from nbtracker.views.cells.naming import CellNames, numbers_of
from nbtracker.views.outputs import outputs_of
from nbtracker.views.run_cells import sessions_of
from nbtracker.views.session import SessionView, read_session
from nbtracker.views.terminal import as_shown

_CELL = (
    "7, as the prompt [7]; several as 3-7; '#12', a number as `nbtracker cells` shows it; or a "
    "cell's id"
)


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Describe `sessions` and `output`."""
    sessions = commands.add_parser(
        "sessions", parents=[common], help="the kernels whose cells are recorded"
    )
    sessions.set_defaults(act=list_sessions)
    output = commands.add_parser("output", parents=[common], help="what executions of cells showed")
    output.add_argument("run", metavar="RUN", help="a run, or the id of a session")
    output.add_argument("cell", metavar="CELL", help=_CELL)
    output.set_defaults(act=show_output)
    forget = commands.add_parser(
        "forget", parents=[common], help="delete source and outputs of executions of cells"
    )
    forget.add_argument("run", metavar="RUN", help="a run, or the id of a session")
    forget.add_argument("cell", metavar="CELL", nargs="+", help=_CELL)
    forget.add_argument("--dry-run", action="store_true", help="only name them")
    forget.set_defaults(act=forget_executions)


def list_sessions(arguments: argparse.Namespace) -> int:
    """Print the sessions of a store, the newest first."""
    views = [read_session(folder) for folder in session_folders(open_store(arguments.dir))]
    views.sort(key=lambda view: view.started.at if view.started else 0.0, reverse=True)
    said = [_said(view) for view in views]
    if arguments.json:
        print(json_text(said, indent=2))
    else:
        titles = ["session", "state", "started", "cells", "failed", "notebook"]
        print_table(titles, [_line(one) for one in said])
    return 0


def _said(view: SessionView) -> dict[str, Any]:
    executions = view.executions
    return {
        "id": view.folder.id,
        "state": "running" if view.is_running else "ended",
        "started_at": view.started.at if view.started else None,
        "n_executions": len(executions),
        "n_failed": sum(one.status not in ("ok", "running") for one in executions),
        "notebook": view.notebook,
        "folder": str(view.folder.path),
        "damages": len(view.damages),
    }


def _line(said: dict[str, Any]) -> list[str]:
    return [
        escaped(said["id"]),
        said["state"],
        moment(said["started_at"]),
        str(said["n_executions"]),
        str(said["n_failed"]),
        escaped(said["notebook"] or "-"),
    ]


def show_output(arguments: argparse.Namespace) -> int:
    """Print what executions showed; several with a heading each."""
    folder = _session(open_store(arguments.dir), arguments.run)
    numbers = _numbers([arguments.cell], folder, arguments.run)
    if arguments.json:
        found = [one for number in numbers for one in outputs_of(folder, number)]
        print(json_text(found, indent=2))
        return 0
    view = read_session(folder)
    names = CellNames(view.executions)
    for number in numbers:
        if len(numbers) > 1:
            print(f"{names.cell(number)}:")
        _print_outputs(view, number)
    return 0


def _print_outputs(view: SessionView, number: int) -> None:
    outputs = outputs_of(view.folder, number)
    if not outputs:
        print(nothing_text(view, number))
    for one in outputs:
        text = _text(one)
        sys.stdout.write(text if text.endswith("\n") or not text else f"{text}\n")


def forget_executions(arguments: argparse.Namespace) -> int:
    """Delete what cells said and showed; nothing brings it back."""
    folder = _session(open_store(arguments.dir), arguments.run)
    numbers = _numbers(arguments.cell, folder, arguments.run)
    names = CellNames(read_session(folder).executions)
    meant = [described(one, names) for one in meant_to_go(folder, numbers)]
    if arguments.dry_run:
        print(json_text(meant) if arguments.json else "\n".join(["would forget:", *meant]))
        return 0
    print("\n".join(["forgetting for good:", *meant]), file=sys.stderr)
    done = forget_cells(folder, numbers)
    if arguments.json:
        said = {"forgotten": done.numbers, "replays": list(done.replays), "left": done.left}
        print(json_text(said, indent=2))
    else:
        print("\n".join(map(escaped, done.lines())))
    return 0


def _numbers(words: list[str], folder: SessionFolder, named: str) -> list[int]:
    listing, executions = f"`nbtracker cells {named}`", read_session(folder).executions
    found = [number for word in words for number in numbers_of(word, executions, listing)]
    return list(dict.fromkeys(found))


def _session(store: Store, named: str) -> SessionFolder:
    if (folder := session_named(store, named)) is not None:
        return folder
    run = find_run(store, named)
    with reading(run):
        sessions = sessions_of(view_run(run))
    if not sessions:
        raise NotFoundError(f"run {run.project}/{run.id} was not made in a notebook")
    return sessions[-1].folder


def _text(one: dict[str, Any]) -> str:
    """An output as plain text; what may command a terminal is shown as what it is."""
    match one["output_type"]:
        case "stream":
            said = one["text"]
        case "error":
            said = "\n".join(one["traceback"]) or f"{one['ename']}: {one['evalue']}"
        case _:
            data = one["data"]
            said = data.get("text/plain") or f"<{', '.join(data)}>"
    text = said if isinstance(said, str) else "".join(said)
    return escaped(as_shown(text, colours=False), lines=True)
