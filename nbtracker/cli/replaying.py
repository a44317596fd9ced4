"""`nbtracker replay`: execute a run's cells again, and say whether the same came out."""

import argparse
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from nbtracker.api.reading import reading
from nbtracker.cli.finding import find_run
from nbtracker.notebook.replay_options import add_options
from nbtracker.store.layout import open_store
from nbtracker.text.values import escaped, json_text
from nbtracker.views.cells.verdict import DIFFERS, STOPPED

if TYPE_CHECKING:
    from nbtracker.notebook.replay import ReplayResult

# Exit codes beside those that every command has.
SAME, OTHER, NOT_COMPARED, INTERRUPTED = 0, 1, 3, 130


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Describe `replay`."""
    replay = commands.add_parser(
        "replay",
        parents=[common],
        help="execute a run again in a fresh kernel, compare",
        epilog="The exit code is 0 if the same comes out, 1 if it differs, 3 if the replay was "
        "stopped (130 by Ctrl-C).",
    )
    replay.add_argument("run", metavar="RUN", help="an id or its beginning, or project/id")
    replay.add_argument("--slice", metavar="METRIC", help="only the cells that METRIC depends on")
    add_options(replay)
    replay.set_defaults(act=replay_run)


def replay_run(arguments: argparse.Namespace) -> int:
    """Execute a run again; 1 if it differs, 3 if it was stopped."""
    from nbtracker.notebook.replay import ReplayInterrupted, replay

    folder = find_run(open_store(arguments.dir), arguments.run)
    with reading(folder):
        try:
            result = replay(
                folder,
                metric=arguments.slice,
                timeout=arguments.timeout,
                tolerance=arguments.tolerance,
                is_trusted=arguments.yes,
                announce=_announce,
            )
        except ReplayInterrupted as interrupted:
            _print(interrupted.result, as_json=arguments.json)
            return INTERRUPTED
    _print(result, as_json=arguments.json)
    return {DIFFERS: OTHER, STOPPED: NOT_COMPARED}.get(result.verdict.kind, SAME)


def _print(result: "ReplayResult", *, as_json: bool) -> None:
    if as_json:
        print(json_text(asdict(result), indent=2))
    else:
        print(escaped(str(result), lines=True))


def _announce(text: str) -> None:
    print(f"nbtracker: {escaped(text)}", file=sys.stderr, flush=True)
