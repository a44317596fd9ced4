"""`nbtracker rm` and `nbtracker trash`: put runs away, and take them back."""

import argparse
import shlex
import sys
from typing import Any

from nbtracker.api.paths import find_run, run_name
from nbtracker.cli.progress import Progress
from nbtracker.cli.tables import print_table
from nbtracker.errors import Error, UsageError
from nbtracker.journal.liveness import is_written
from nbtracker.store import trash
from nbtracker.store.layout import RunFolder, Store, open_store
from nbtracker.text.values import escaped, json_text, moment, plural


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Describe `rm` and `trash`."""
    rm = commands.add_parser("rm", parents=[common], help="move runs to the trash")
    rm.add_argument("runs", metavar="RUN", nargs="+", help="a whole id, or project/id")
    rm.add_argument("--yes", action="store_true", help="do not ask")
    rm.set_defaults(act=remove_runs)
    bin_ = commands.add_parser("trash", parents=[common], help="list, restore or empty the trash")
    what = bin_.add_mutually_exclusive_group()
    what.add_argument("--restore", metavar="NAME", help="put a run back: project/id or its name")
    what.add_argument("--empty", action="store_true", help="remove everything in it for good")
    bin_.add_argument("--yes", action="store_true", help="do not ask")
    bin_.set_defaults(act=show_trash)


def remove_runs(arguments: argparse.Namespace) -> int:
    """Move runs to the trash; none of them if one is not there."""
    store = open_store(arguments.dir)
    # Whole ids only: what a beginning names may change while nobody is asked.
    found = [find_run(store, one) for one in arguments.runs]
    folders = {folder.path: folder for folder in found}
    names = ", ".join(run_name(folder) for folder in folders.values())
    if not arguments.yes and not _agrees(f"move {names} to the trash?"):
        return 1
    removed: list[dict[str, str]] = []
    failed: list[dict[str, str]] = []
    with Progress("removing runs", len(folders)) as progress:
        for folder in folders.values():
            _remove(store, folder, removed, failed)
            progress.advance()
    if arguments.json:
        print(json_text({"removed": removed, "failed": failed}, indent=2))
    elif removed:
        print(f"{plural(len(removed), 'run')} moved to the trash; to put one back:")
        for one in removed:
            print(escaped(f"  nbtracker trash --restore {shlex.quote(one['trashed'])}"))
    for one in failed:
        print(f"nbtracker: {escaped(one['reason'])}", file=sys.stderr)
    return 1 if failed else 0


def _remove(
    store: Store, folder: RunFolder, removed: list[dict[str, str]], failed: list[dict[str, str]]
) -> None:
    try:
        path = trash.discard(store, folder, is_written=is_written)
    except (Error, OSError) as error:
        failed.append({"run": run_name(folder), "reason": str(error)})
    else:
        removed.append({"run": run_name(folder), "trashed": path.name})


def show_trash(arguments: argparse.Namespace) -> int:
    """List the trash, put a run back, or empty it."""
    store = open_store(arguments.dir)
    if arguments.restore is not None:
        return _restore(store, arguments)
    if arguments.empty:
        return _empty(store, arguments)
    items = trash.trashed(store)
    if arguments.json:
        said = [
            {
                "name": item.name,
                "run": item.run,
                "deleted_at": item.deleted_at,
                "path": str(item.path),
            }
            for item in items
        ]
        print(json_text(said, indent=2))
    elif items:
        rows = [(escaped(item.name), escaped(item.run), moment(item.deleted_at)) for item in items]
        print_table(("name", "run", "deleted"), rows)
    else:
        print(escaped(f"the trash of {store.path} is empty"), file=sys.stderr)
    return 0


def _restore(store: Store, arguments: argparse.Namespace) -> int:
    folder = trash.restore(store, arguments.restore)
    if arguments.json:
        print(json_text({"restored": run_name(folder), "path": str(folder.path)}, indent=2))
    else:
        print(escaped(f"run {run_name(folder)} is back in {folder.path}"))
    return 0


def _empty(store: Store, arguments: argparse.Namespace) -> int:
    n = len(trash.trashed(store))
    question = f"remove {plural(n, 'run')} in the trash for good?"
    if n and not arguments.yes and not _agrees(question):
        return 1
    with Progress("emptying the trash"):
        n = trash.empty(store)
    said = json_text({"removed": n}, indent=2) if arguments.json else f"{plural(n, 'run')} removed"
    print(said)
    return 0


def _agrees(question: str) -> bool:
    """Ask whoever sits at the terminal.

    Raises:
        UsageError: Nobody does.
    """
    if not sys.stdin.isatty():
        raise UsageError("nobody is there to be asked; give --yes to do it unasked")
    print(f"{escaped(question)} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
