"""`nbtracker sessions` and `nbtracker output`: what kernels did, with a run or without one."""

import argparse
import sys
from typing import Any

from nbtracker.api.reading import reading, view_run
from nbtracker.cli.finding import find_run
from nbtracker.cli.tables import print_table
from nbtracker.errors import NotFoundError
from nbtracker.notebook.forgetting import forget_cells
from nbtracker.store.layout import Store, open_store
from nbtracker.store.sessions import SessionFolder, session_folder, session_folders
from nbtracker.text.values import escaped, json_text, moment
from nbtracker.views.outputs import outputs_of
from nbtracker.views.run_cells import sessions_of
from nbtracker.views.session import SessionView, read_session
from nbtracker.views.terminal import as_shown


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Describe `sessions` and `output`."""
    sessions = commands.add_parser(
        "sessions", parents=[common], help="the kernels whose cells are recorded"
    )
    sessions.set_defaults(act=list_sessions)
    output = commands.add_parser(
        "output", parents=[common], help="what an execution of a cell showed"
    )
    output.add_argument("run", metavar="RUN", help="a run, or the id of a session")
    output.add_argument("number", metavar="N", type=int, help="as `nbtracker cells` counts them")
    output.set_defaults(act=show_output)
    forget = commands.add_parser(
        "forget", parents=[common], help="delete source and outputs of executions of cells"
    )
    forget.add_argument("run", metavar="RUN", help="a run, or the id of a session")
    forget.add_argument("number", metavar="N", type=int, nargs="+", help="executions")
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
    """Print what an execution showed."""
    folder = _session(open_store(arguments.dir), arguments.run)
    if read_session(folder).execution(arguments.number) is None:
        raise NotFoundError(
            f"session {folder.id} has no execution {arguments.number}; "
            f"`nbtracker cells {arguments.run}` lists them"
        )
    found = outputs_of(folder, arguments.number)
    if arguments.json:
        print(json_text(found, indent=2))
        return 0
    for one in found:
        text = _text(one)
        sys.stdout.write(text if text.endswith("\n") or not text else f"{text}\n")
    return 0


def forget_executions(arguments: argparse.Namespace) -> int:
    """Delete what cells said and showed."""
    folder = _session(open_store(arguments.dir), arguments.run)
    gone = forget_cells(folder, arguments.number)
    if arguments.json:
        print(json_text(gone))
    else:
        print(f"source and outputs are deleted of: {', '.join(map(str, gone))}")
    return 0


def _session(store: Store, named: str) -> SessionFolder:
    if "/" not in named and (folder := session_folder(store, named)).exists:
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
