"""`nbtracker replay`: execute a run's cells again, and say whether the same came out."""

import argparse
import math
import sys
from dataclasses import asdict
from typing import Any

from nbtracker.api.reading import reading
from nbtracker.cli.finding import find_run
from nbtracker.store.layout import open_store
from nbtracker.text.values import escaped, json_text
from nbtracker.views.cells.verdict import DIFFERS, TOLERANCE


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Describe `replay`."""
    replay = commands.add_parser(
        "replay",
        parents=[common],
        help="execute a run again in a fresh kernel, compare",
    )
    replay.add_argument("run", metavar="RUN", help="an id or its beginning, or project/id")
    replay.add_argument("--slice", metavar="METRIC", help="only the cells that METRIC depends on")
    replay.add_argument(
        "--timeout",
        metavar="S",
        type=_positive,
        help="stop after S seconds (default: 10 x its time)",
    )
    replay.add_argument(
        "--tolerance", metavar="X", type=_tolerance, default=TOLERANCE,
        help=f"how far a value may be off, relative (default: {TOLERANCE:g})",
    )  # fmt: skip
    replay.add_argument(
        "--yes", action="store_true", help="execute what was recorded on another machine, too"
    )
    replay.set_defaults(act=replay_run)


def replay_run(arguments: argparse.Namespace) -> int:
    """Execute a run again; 1 if it differs."""
    from nbtracker.notebook.replay import replay

    folder = find_run(open_store(arguments.dir), arguments.run)
    with reading(folder):
        result = replay(
            folder,
            metric=arguments.slice,
            timeout=arguments.timeout,
            tolerance=arguments.tolerance,
            is_trusted=arguments.yes,
            announce=_announce,
        )
    if arguments.json:
        print(json_text(asdict(result), indent=2))
    else:
        print(escaped(str(result), lines=True))
    return 1 if result.verdict.kind == DIFFERS else 0


def _announce(text: str) -> None:
    print(f"nbtracker: {escaped(text)}", file=sys.stderr, flush=True)


def _positive(typed: str) -> float:
    value = _number(typed)
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{typed} is no number of seconds; write 60 or 0.5")
    return value


def _tolerance(typed: str) -> float:
    value = _number(typed)
    if not 0 <= value < 1:
        raise argparse.ArgumentTypeError(f"{typed} is no tolerance; write 0 or a part such as 1e-6")
    return value


def _number(typed: str) -> float:
    try:
        return float(typed)
    except ValueError:
        return math.nan
