"""`nbtracker ls`: runs, filtered and sorted, from the catalogue."""

import argparse
import json
import sys
from typing import Any

from nbtracker.api.paths import find_project
from nbtracker.cli.progress import Progress
from nbtracker.cli.tables import print_table
from nbtracker.errors import UsageError
from nbtracker.store.layout import Store, open_store
from nbtracker.text.runs import runs_table
from nbtracker.text.values import escaped, json_text, plural
from nbtracker.views.catalogue.facts import Facts
from nbtracker.views.state import DAMAGED

ON_TERMINAL, MAX_LIMIT = 50, 2**63 - 1
_FIRST_RUN = """\
there are no runs in {store} yet. Make one in Python:
    import nbtracker
    with nbtracker.init(project="first", config={{"lr": 0.1}}) as run:
        run.log({{"loss": 0.5}})
If there should be runs, name their folder with --dir or $NBTRACKER_DIR."""
FACTS = (
    "project", "id", "name", "state", "entity", "group", "job_type", "tags", "notes", "created_at",
    "ended_at", "changed_at", "runtime", "n_rows", "last_step", "exit_code", "trouble",
    "damages", "gaps", "config", "summary",
)  # fmt: skip
"""What `--json` says of each run, under these names."""


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Describe `ls`."""
    ls = commands.add_parser("ls", parents=[common], help="list runs, the newest first")
    ls.add_argument("project", metavar="PROJECT", nargs="?", help="only runs of this project")
    ls.add_argument(
        "--filter",
        metavar="JSON",
        help="""such as '{"config.lr": {"$lt": 0.1}}'; see docs/cli.md""",
    )
    ls.add_argument(
        "--sort",
        metavar="KEY",
        default="-created_at",
        help="such as summary_metrics.loss; a leading - sorts downwards (default: -created_at)",
    )
    ls.add_argument(
        "--limit",
        metavar="N",
        type=int,
        help=f"at most so many, 0 for all (default: {ON_TERMINAL} on a terminal, else all)",
    )
    ls.set_defaults(act=list_runs)


def list_runs(arguments: argparse.Namespace) -> int:
    """Print the runs that are asked for.

    Raises:
        NotFoundError: There is no such project.
    """
    from nbtracker.api.filters import parse_listed, parse_order
    from nbtracker.views.catalogue.index import Catalogue

    store = open_store(arguments.dir)
    project = find_project(store, arguments.project) if arguments.project else None
    condition = parse_listed(_filters(arguments.filter, project))
    order = parse_order(arguments.sort)
    limit = _limit(arguments)
    catalogue = Catalogue(store)
    try:
        with Progress("reading runs"):
            catalogue.refresh()
            n = catalogue.count(condition)
            found = catalogue.page(condition, order, limit=limit)
        n_all = sum(n_runs for _, n_runs, _ in catalogue.projects())
    finally:
        catalogue.close()
    if arguments.json:
        print(json_text([facts_json(store, facts) for facts in found], indent=2))
    elif found:
        print_table(*runs_table(found))
    _remark(arguments, store, found, n, n_all)
    return 0


def facts_json(store: Store, facts: Facts) -> dict[str, Any]:
    """Say of a run what every listing says."""
    said = {name: getattr(facts, name) for name in FACTS} | {"runtime": _runtime(facts)}
    said |= {name: facts.started.get(name) for name in ("replay_of", "in_replay")}
    return {"run": f"{facts.project}/{facts.id}", "path": _path(store, facts), **said}


def _runtime(facts: Facts) -> float | None:
    return None if facts.created_at is None else facts.runtime


def _path(store: Store, facts: Facts) -> str:
    return str(store.path / facts.project / facts.id)


def _filters(spelled: str | None, project: str | None) -> dict[str, Any]:
    wanted: list[Any] = []
    if spelled is not None:
        try:
            wanted.append(json.loads(spelled))
        except (ValueError, RecursionError) as error:
            raise UsageError(
                f'--filter is no JSON ({error}); write it like \'{{"state": "finished"}}\', '
                "with double quotes inside single ones"
            ) from error
    if project:
        wanted.append({"project": project})
    return {"$and": wanted}


def _limit(arguments: argparse.Namespace) -> int:
    if arguments.limit is None:
        return ON_TERMINAL if sys.stdout.isatty() and not arguments.json else -1
    if arguments.limit < 0:
        raise UsageError(f"--limit {arguments.limit} makes no sense; give 0 for all runs, or more")
    # More than SQLite counts is all.
    return arguments.limit if 0 < arguments.limit <= MAX_LIMIT else -1


def _remark(
    arguments: argparse.Namespace, store: Store, found: list[Facts], n: int, n_all: int
) -> None:
    """Say on stderr what the list leaves out."""
    if not n_all:
        print(escaped(_FIRST_RUN.format(store=store.path), lines=True), file=sys.stderr)
    elif not n:
        print(f"none of {plural(n_all, 'run')} is asked for", file=sys.stderr)
    elif len(found) < n and arguments.limit is None:
        print(f"{len(found):,} of {n:,} runs; --limit 0 shows all", file=sys.stderr)
    n_damaged = sum(facts.state == DAMAGED for facts in found)
    if n_damaged:
        said = f"{plural(n_damaged, 'run')} cannot be read; `nbtracker doctor` says why"
        print(said, file=sys.stderr)
    n_partly = sum(facts.is_partly_read for facts in found)
    if n_partly:
        said = f"of {plural(n_partly, 'run')} a part is damaged; `nbtracker doctor` says where"
        print(said, file=sys.stderr)
