"""The subcommands of `%tracker`, and their options.

Options are plain text, in which `{name}` and `$name` stand for values, as in IPython's own
magics.
"""

import ast
import functools
from argparse import ArgumentError, ArgumentTypeError, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Any, NoReturn

from IPython.core.error import UsageError
from IPython.core.magic_arguments import MagicArgumentParser

from nbtracker.notebook import cells_meant, replay_options
from nbtracker.notebook.words import refuse_strays
from nbtracker.settings.checks import MODES, REINITS, RESUMES, split

_VALUES = "KEY=VALUE"
_TAKING_VALUES = frozenset({"init", "run", "log", "config"})
SUBCOMMANDS = {
    "init": "begin a run; KEY=VALUE are its config",
    "finish": "end the run",
    "log": "log a row: %tracker log loss=loss acc=hits/n",
    "config": "show the config and its changes, or set keys",
    "show": "show a run below the cell, live; where nothing is drawn, tell what it is",
    "runs": "list runs, the newest first",
    "cells": "list the executions of cells",
    "output": "what executions showed",
    "compare": "how runs differ",
    "auto": "a run of its own for each cell that logs without one",
    "pause": "do not keep what cells say and show, for now",
    "resume": "keep it again",
    "forget": "delete what was kept of executions",
    "replay": "run a run's code again, and compare",
    "status": "what is being recorded, and where",
    "help": "this, or the help of one subcommand",
    "run": "a run that ends with this cell; as %%tracker run, the cell is its first line",
    "skip": "%%tracker skip: do not keep what this cell says and shows",
}
"""Every subcommand, in the order of the help."""


def parsed(subcommand: str, words: list[str], expand: Callable[[str], str] = str) -> Namespace:
    """Read the options of a subcommand.

    Args:
        subcommand: One of `SUBCOMMANDS`.
        words: The rest of the line.
        expand: Puts values for `{name}` and `$name` into the text of an option.

    Raises:
        UsageError: They do not fit; the message says what would be right.
    """
    parser = _parsers()[subcommand]
    if subcommand in _TAKING_VALUES:
        actions = parser._actions if subcommand in ("init", "run") else []
        texts = {name for one in actions if one.type is _text for name in one.option_strings}
        refuse_strays(words, texts)
    try:
        found, others = parser.parse_known_intermixed_args(words)
    except (ArgumentError, TypeError) as error:
        parser.error(str(error))
    if others:
        raise UsageError(_not_known(subcommand, parser, others[0]))
    for name, value in vars(found).items():
        if isinstance(value, _Text):
            setattr(found, name, expand(value))
        elif isinstance(value, list):
            setattr(found, name, [expand(o) if isinstance(o, _Text) else o for o in value])
    return found


def help_of(subcommand: str | None = None) -> str:
    """The help of one subcommand, or the list of all.

    Raises:
        UsageError: There is no such subcommand.
    """
    if subcommand is not None:
        return _parsers()[known(subcommand)].format_help().rstrip("\n")
    lines = [f"  {name:<9} {what}" for name, what in SUBCOMMANDS.items()]
    return "\n".join(
        [
            "%tracker SUBCOMMAND [...]: record runs and cells of this notebook.",
            "",
            *lines,
            "",
            "%tracker SUBCOMMAND? tells more of one. Values are Python expressions:",
            "%tracker init --project digits lr=0.1 layers=[64]*n optimiser='adam'",
        ]
    )


def known(subcommand: str, among: Iterable[str] = SUBCOMMANDS) -> str:
    """Give back the name of a subcommand.

    Raises:
        UsageError: There is none of that name; the message names the nearest.
    """
    among = list(among)
    if subcommand in among:
        return subcommand
    near = get_close_matches(subcommand, among, 1)
    instead = f"did you mean {near[0]}?" if near else f"there are {', '.join(among)}"
    raise UsageError(f"%tracker has no {subcommand!r} here; {instead}")


def options_of(subcommand: str) -> dict[str, tuple[str, ...]]:
    """The options of a subcommand, each with the words it may be given."""
    actions = _parsers()[subcommand]._actions if subcommand in SUBCOMMANDS else []
    return {
        option: tuple(action.choices or ())
        for action in actions
        for option in action.option_strings
    }


class _Text(str):
    """Text of an option, in which names may stand for values."""

    __slots__ = ()


def _text(said: str) -> _Text:
    """Take off the quotes that hold a text together."""
    if len(said) > 1 and said[0] == said[-1] and said[0] in "\"'":
        try:
            return _Text(ast.literal_eval(said))
        except (SyntaxError, ValueError) as error:
            raise ArgumentTypeError(f"{said} is no text that Python could read") from error
    return _Text(said)


class _Parser(MagicArgumentParser):
    """Says on one line what would be right."""

    def error(self, message: str) -> NoReturn:
        """Raise instead of exiting."""
        raise UsageError(f"{self.prog}: {message}; {self.prog}? shows what it takes")


def _not_known(subcommand: str, parser: MagicArgumentParser, word: str) -> str:
    option = word.partition("=")[0]
    options = [name for action in parser._actions for name in action.option_strings]
    near = get_close_matches(option, options, 1)
    if near:
        instead = f"did you mean {near[0]}?"
    elif option.startswith("-") and options:
        instead = f"there are {', '.join(options)}"
    else:
        instead = f"%tracker {subcommand}? shows what it takes"
    return f"%tracker {subcommand} does not take {word!r}; {instead}"


def _parser(subcommand: str, what: str) -> _Parser:
    make: Any = _Parser  # which IPython does not annotate
    made: _Parser = make(
        f"%tracker {subcommand}",
        description=f"{what[0].upper()}{what[1:]}.",
        formatter_class=RawDescriptionHelpFormatter,
    )
    made.allow_abbrev = False
    return made


@functools.cache
def _parsers() -> dict[str, _Parser]:
    made = {name: _parser(name, what) for name, what in SUBCOMMANDS.items()}
    for name in ("init", "run"):
        _add_init(made[name])
    finish = made["finish"]
    finish.add_argument("exit_code", nargs="?", metavar="EXIT_CODE", help="0 is the default")
    finish.add_argument("--failed", action="store_true", help="the run failed: exit code 1")
    log = made["log"]
    log.add_argument("values", nargs="*", metavar=_VALUES, help="metrics; VALUE is Python")
    log.add_argument("--step", metavar="N", type=_text, help="an expression; default: the next")
    log.add_argument("--no-commit", action="store_true", help="more of this step is to follow")
    made["config"].add_argument(
        "values", nargs="*", metavar=_VALUES, help="VALUE is Python; KEY alone shows it"
    )
    run = "project/id, an id, or its beginning"
    cell = "7, as the prompt [7]; several as 3-7; #12; or a cell's id"
    made["show"].add_argument(
        "run", nargs="?", metavar="RUN", type=_text, help=f"{run}; default: the newest"
    )
    runs = made["runs"]
    filters = 'state=failed config.lr=0.1, or a filter as of Api().runs: {"state": "failed"}'
    runs.add_argument("filter", nargs="*", metavar="FILTER", help=filters)
    runs.add_argument("--limit", metavar="N", type=int, default=20, help="0 for all; default: 20")
    cells = made["cells"]
    cells.add_argument(
        "run", nargs="?", metavar="RUN", type=_text, help=f"{run}; default: this session's"
    )
    cells_meant.add_options(cells)
    made["output"].add_argument("number", metavar="CELL", type=_text, help=cell)
    made["output"].add_argument(
        "--run", metavar="RUN", type=_text, help="of a run of any kernel; default: this session's"
    )
    made["compare"].add_argument("runs", nargs="*", metavar="RUN", type=_text, help=run)
    made["auto"].add_argument("switch", nargs="?", metavar="on|off", help="default: say which")
    made["forget"].add_argument("cells", nargs="*", metavar="CELL", type=_text, help=cell)
    replay = made["replay"]
    replay.add_argument(
        "run", nargs="?", metavar="RUN", type=_text, help=f"{run}; default: the newest"
    )
    replay.add_argument("--slice", metavar="METRIC", type=_text, help="only what it depends on")
    replay_options.add_options(replay)
    made["help"].add_argument("subcommand", nargs="?", metavar="SUBCOMMAND")
    return made


def _add_init(parser: _Parser) -> None:
    """Describe the arguments of `nbtracker.init`."""
    texts = {
        "project": "what it belongs to",
        "name": "how it is called; default: readable and random",
        "group": "what other runs it belongs together with",
        "notes": "text about it, in markdown",
        "job-type": "its part in the group, such as train",
        "entity": "who owns it",
        "id": "its id; default: a new one",
        "dir": "the store",
    }
    for name, what in texts.items():
        parser.add_argument(f"--{name}", type=_text, metavar=name.upper(), help=what)
    parser.add_argument("--tags", type=_text, metavar="A,B", help="words to find it by")
    parser.add_argument("--config", type=_text, metavar="FILE", help="YAML; KEY=VALUE wins")
    for name, choices in (("resume", RESUMES), ("mode", MODES), ("reinit", REINITS)):
        parser.add_argument(f"--{name}", choices=choices, help="as in nbtracker.init()")
    for name, what in (("save-code", "keep the code"), ("allow-val-change", "of the config")):
        target = name.replace("-", "_")
        parser.add_argument(f"--{name}", action="store_true", default=None, help=what)
        parser.add_argument(f"--no-{name}", dest=target, action="store_false", default=None)
    parser.add_argument("values", nargs="*", metavar=_VALUES, help="config; VALUE is Python")


def init_arguments(found: Namespace) -> dict[str, Any]:
    """Give what `nbtracker.init` is called with, without the config."""
    said = {name: value for name, value in vars(found).items() if value is not None}
    for name in ("values", "config"):
        said.pop(name, None)
    if "tags" in said:
        said["tags"] = split(said["tags"])
    return {name: str(value) if isinstance(value, _Text) else value for name, value in said.items()}
