"""The command line: which commands there are, and what happens when one fails."""

import argparse
import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

from nbtracker._version import __version__
from nbtracker.cli import (
    cells,
    checking,
    exporting,
    listing,
    removing,
    replaying,
    sessions,
    showing,
)
from nbtracker.errors import Error, UsageError
from nbtracker.text.values import escaped

DONE, FAILED, WRONG_CALL, INTERRUPTED, PIPE_CLOSED = 0, 1, 2, 130, 141


class _Parser(argparse.ArgumentParser):
    """Reports errors without letting what was typed, or pasted, reach the terminal raw."""

    def error(self, message: str) -> NoReturn:
        super().error(escaped(message))

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        choices = [str(one) for one in action.choices or ()]
        if choices and value not in choices:
            near = get_close_matches(str(value), choices, 1)
            instead = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(choices)}"
            raise argparse.ArgumentError(action, f"there is no {value!r}; {instead}")
        super()._check_value(action, value)


def build_parser() -> argparse.ArgumentParser:
    """Describe every command and its options."""
    parser = _Parser(prog="nbtracker", description="Look at recorded runs, export and check them.")
    parser.add_argument("--version", action="version", version=f"nbtracker {__version__}")
    common = _Parser(add_help=False)
    said = "print JSON"
    place = "the folder with the runs (default: $NBTRACKER_DIR, else the nearest .nbtracker)"
    parser.add_argument("--dir", metavar="STORE", help=place)
    parser.add_argument("--json", action="store_true", help=said)
    # Without a default, so that one given before the command is kept.
    common.add_argument("--dir", metavar="STORE", help=place, default=argparse.SUPPRESS)
    common.add_argument("--json", action="store_true", help=said, default=argparse.SUPPRESS)
    commands = parser.add_subparsers(metavar="COMMAND", title="commands")
    groups = (listing, showing, cells, sessions, exporting, removing, checking, replaying)
    for group in groups:
        group.add_commands(commands, common)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line says; return the exit code.

    Returns:
        0; 1 if there is no such run, or something is damaged; 2 for a wrong call.
    """
    _open_closed_streams()
    _print_anything()
    parser = build_parser()
    arguments = parser.parse_args(_joined(sys.argv[1:] if argv is None else argv))
    if not hasattr(arguments, "act"):
        parser.print_help()
        return DONE
    try:
        _check_folder(arguments.dir)
        code: int = arguments.act(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        return _leave_pipe()
    except KeyboardInterrupt:
        return INTERRUPTED
    except RecursionError:
        print("nbtracker: a value is nested too deep to be shown", file=sys.stderr)
        return FAILED
    except (Error, OSError) as error:
        print(f"nbtracker: {escaped(str(error))}", file=sys.stderr)
        return WRONG_CALL if isinstance(error, UsageError) else FAILED
    return code


def _check_folder(named: str | None) -> None:
    """Refuse a store that was typed and is not there: an empty answer would look true.

    $NBTRACKER_DIR may name one that is yet to be made: there, the first run makes it.

    Raises:
        UsageError: There is no such folder.
    """
    if named is None:
        return
    # Path.expanduser raises where there is no such user.
    if named and Path(os.path.expanduser(named)).exists():  # noqa: PTH111
        return
    raise UsageError(
        f"there is no folder {named!r}; --dir names one that runs were recorded in, such as "
        ".nbtracker; leave it out to look where nbtracker.init() records"
    )


def _joined(argv: Sequence[str]) -> list[str]:
    """Let `--sort -created_at` be written with a blank: argparse takes it for an option."""
    joined: list[str] = []
    for argument in argv:
        if joined and joined[-1] == "--sort" and argument.startswith("-"):
            joined[-1] = f"--sort={argument}"
        else:
            joined.append(argument)
    return joined


def _print_anything() -> None:
    """Spell what the terminal's encoding lacks, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if (reconfigure := getattr(stream, "reconfigure", None)) is not None:
            reconfigure(errors="backslashreplace")


def _open_closed_streams() -> None:
    """Stand in for what the shell closed, as `>&-` does: else a file may get its number."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            nothing = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115
            setattr(sys, name, nothing)


def _leave_pipe() -> int:
    """Whoever read the output has seen enough; say nothing more, not even at exit."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, sys.stdout.fileno())
    os.close(nothing)
    return PIPE_CLOSED
