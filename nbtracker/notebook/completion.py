"""What may come next in a line of `%tracker`; never raises, and looks at no run."""

import itertools
import time
from collections.abc import Iterable
from typing import Any

from nbtracker.notebook.arguments import SUBCOMMANDS, options_of
from nbtracker.notebook.meant import store_meant
from nbtracker.notebook.session import recorder
from nbtracker.sdk.current import current_config
from nbtracker.sdk.guard import attempt

# Of a store of very many runs, those are offered that are found in time. Units: seconds.
PATIENCE_S = 0.02
KEYS = ("%tracker", "%%tracker")
_OF_CELLS = ("run", "skip")
_TAKING_RUNS = frozenset({"show", "cells", "compare", "replay"})
_TAKING_KEYS = frozenset({"init", "run", "config"})
_TAKING_CELLS = frozenset({"forget", "output"})
_FIXED: dict[str, Iterable[str]] = {
    "auto": ("on", "off"),
    "help": SUBCOMMANDS,
    "runs": ("state=", "project=", "config.", "summary_metrics."),
}


def complete(_shell: Any, event: Any) -> list[str]:
    """Give the words that fit where the cursor is; IPython's hook."""
    return attempt(lambda: _fitting(event), list)


def _fitting(event: Any) -> list[str]:
    line = event.text_until_cursor.split("\n")[-1].lstrip()
    words = line.split()
    symbol = "" if line[-1:].isspace() else words[-1]
    # What IPython takes for the word may begin behind a sign that ends a word for it.
    hidden = len(symbol) - len(event.symbol) if symbol.endswith(event.symbol) else 0
    found = candidates(words[: len(words) - bool(symbol)], symbol)
    return [word[hidden:] for word in found if word.startswith(symbol)]


def candidates(before: list[str], symbol: str) -> list[str]:
    """Give the words that may follow others.

    Args:
        before: The magic's name, and what follows it.
        symbol: The beginning of the word that is asked for.
    """
    if len(before) < 2:
        return list(_OF_CELLS if before[:1] == ["%%tracker"] else SUBCOMMANDS)
    subcommand, options = before[1], options_of(before[1])
    option, equals, _ = symbol.partition("=")
    if equals and option in options:
        return [f"{option}={word}" for word in _values(option, options[option])]
    if before[-1] in options and before[-1] != subcommand:
        return list(_values(before[-1], options[before[-1]]))
    if symbol.startswith("-"):
        return list(options)
    return [*_words(subcommand, symbol), *(options if not symbol else ())]


def _words(subcommand: str, symbol: str) -> Iterable[str]:
    """What a subcommand takes besides its options."""
    words: Iterable[str] = _FIXED.get(subcommand, ())
    if subcommand in _TAKING_KEYS:
        words = [f"{key}=" for key in current_config()]
    elif subcommand == "runs":
        words = [*store_meant().projects(), *words]
    elif subcommand in _TAKING_RUNS:
        words = _runs(symbol)
    elif subcommand in _TAKING_CELLS and (session := recorder()) is not None:
        words = map(str, range(session.number, 0, -1))
    return words


def _values(option: str, choices: Iterable[str]) -> Iterable[str]:
    return store_meant().projects() if option == "--project" else choices


def _runs(symbol: str) -> list[str]:
    """Ids of runs that begin like this, or `project/id`."""
    until = time.monotonic() + PATIENCE_S
    in_time = itertools.takewhile(lambda _: time.monotonic() < until, store_meant().runs())
    return [
        name
        for folder in in_time
        for name in (f"{folder.project}/{folder.id}", folder.id)
        if name.startswith(symbol)
    ]
