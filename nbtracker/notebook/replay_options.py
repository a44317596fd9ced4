"""The options of a replay, for the command line and the magic alike."""

import math
from argparse import ArgumentParser, ArgumentTypeError

from nbtracker.views.cells.verdict import TOLERANCE


def add_options(parser: ArgumentParser) -> None:
    """Describe how long a replay may take, how far off it may be, and whom it trusts."""
    parser.add_argument(
        "--timeout", metavar="S", type=seconds,
        help="stop after S seconds (default: 10 x its time)",
    )  # fmt: skip
    parser.add_argument(
        "--tolerance", metavar="X", type=tolerance, default=TOLERANCE,
        help=f"how far a value may be off, relative (default: {TOLERANCE:g})",
    )  # fmt: skip
    parser.add_argument(
        "--yes", action="store_true", help="execute what was recorded on another machine, too"
    )


def seconds(typed: str) -> float:
    """Read a time that is worth waiting for.

    Raises:
        ArgumentTypeError: It is none.
    """
    value = _number(typed)
    if not 0 < value < math.inf:
        raise ArgumentTypeError(f"{typed} is no number of seconds; write 60 or 0.5")
    return value


def tolerance(typed: str) -> float:
    """Read a relative tolerance.

    Raises:
        ArgumentTypeError: It is none.
    """
    value = _number(typed)
    if not 0 <= value < 1:
        raise ArgumentTypeError(f"{typed} is no tolerance; write 0 or a part such as 1e-6")
    return value


def _number(typed: str) -> float:
    try:
        return float(typed)
    except ValueError:
        return math.nan
