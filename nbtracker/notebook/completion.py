"""What may come next in a line of `%tracker`; never raises."""

import itertools
import re
import time
from collections.abc import Callable, Iterable
from typing import Any

from nbtracker.api.filters import parse, parse_order
from nbtracker.api.known_keys import keys_of
from nbtracker.api.sampling import shown
from nbtracker.errors import attempt
from nbtracker.notebook.arguments import SUBCOMMANDS, options_of
from nbtracker.notebook.meant import run_meant, store_meant
from nbtracker.notebook.session import recorder
from nbtracker.sdk.current import current_config
from nbtracker.store.layout import Store
from nbtracker.views.catalogue.index import Catalogue

# Of a store of very many runs, those are offered that are found in time. Units: seconds.
PATIENCE_S = 0.02
MOST_RUNS, MOST_KEYS = 100, 500
KEYS = ("%tracker", "%%tracker")
# The magic at the beginning of a line, or what it gives given to names.
_LINE = re.compile(r"\s*(?:[\w.\s,*\[\]()'\"]+=\s*)?(?P<words>%%?tracker\s.*)", re.DOTALL)
_NO_WORD = re.compile(r"^-|[\s'\"=()\[\]{}$]")
_OF_CELLS = ("run", "skip")
_TAKING_RUNS = frozenset({"show", "cells", "compare", "replay"})
_TAKING_KEYS = frozenset({"init", "run", "config"})
_TAKING_CELLS = frozenset({"forget", "output"})
# How a filter begins to name what runs were given and what came of it, and how the catalogue does.
_SECTIONS = {"config.": "config", "summary.": "summary", "summary_metrics.": "summary"}
_FIXED: dict[str, Iterable[str]] = {
    "auto": ("on", "off"),
    "help": SUBCOMMANDS,
    "runs": ("state=", "project=", "config.", "summary."),
}


def matcher_of(shell: Any) -> Callable[[Any], Any] | None:
    """Make a matcher that offers nothing else beside; None where IPython has no such matchers."""
    try:
        from IPython.core.completer import SimpleCompletion, context_matcher
    except ImportError:
        return None
    if not hasattr(getattr(shell, "Completer", None), "custom_matchers"):
        return None

    def match(context: Any) -> dict[str, Any]:
        symbol, found = attempt(lambda: offered(context.text_until_cursor), lambda: ("", []))
        return {
            "completions": [SimpleCompletion(text=word, type="magic") for word in found],
            "matched_fragment": symbol,
            "ordered": True,
            "suppress": bool(found),
        }

    made: Any = context_matcher(identifier="nbtracker.tracker", priority=100)
    matcher: Callable[[Any], Any] = made(match)
    return matcher


def offered(before_cursor: str) -> tuple[str, list[str]]:
    """The word that the cursor ends, and what it may become; nothing on any other line."""
    line = _LINE.fullmatch(before_cursor.rsplit("\n", maxsplit=1)[-1])
    if line is None:
        return "", []
    words = line["words"].split()
    symbol = "" if line["words"][-1:].isspace() else words[-1]
    found = candidates(words[: len(words) - bool(symbol)], symbol)
    return symbol, [word for word in found if word.startswith(symbol)]


def complete(_shell: Any, event: Any) -> list[str]:
    """Give the words that fit where the cursor is; IPython's older hook."""
    return attempt(lambda: _fitting(event), list)


def _fitting(event: Any) -> list[str]:
    symbol, found = offered(event.text_until_cursor)
    # What IPython takes for the word may begin behind a sign that ends a word for it.
    hidden = len(symbol) - len(event.symbol) if symbol.endswith(event.symbol) else 0
    return [word[hidden:] for word in found]


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
        return [f"{option}={word}" for word in _values(option, options[option], before, symbol)]
    if before[-1] in options and before[-1] != subcommand:
        return list(_values(before[-1], options[before[-1]], before, symbol))
    if symbol.startswith("-"):
        return list(options)
    return [*_words(subcommand, symbol), *(options if not symbol else ())]


def _words(subcommand: str, symbol: str) -> Iterable[str]:
    """What a subcommand takes besides its options."""
    words: Iterable[str] = _FIXED.get(subcommand, ())
    section = next(filter(symbol.startswith, _SECTIONS), None)
    if subcommand in _TAKING_KEYS:
        words = [f"{key}=" for key in current_config()]
    elif subcommand == "log":
        words = [f"{name}=" for name in _metrics([]) if _is_word(name)]
    elif subcommand == "runs" and section is not None:
        words = [f"{section}{key}=" for key in _keys(_SECTIONS[section]) if _is_word(key)]
    elif subcommand == "runs":
        words = [*store_meant().projects(), *words]
    elif subcommand in _TAKING_RUNS:
        words = _runs(symbol)
    elif subcommand in _TAKING_CELLS and (session := recorder()) is not None:
        last = int(session.shell.execution_count) - 1
        words = map(str, range(last, max(0, last - session.number), -1))
    return words


def _values(option: str, choices: Iterable[str], before: list[str], symbol: str) -> Iterable[str]:
    """What an option may be given."""
    if option == "--project":
        return store_meant().projects()
    if option == "--run":
        return _runs(symbol.rpartition("=")[2])
    return _metrics(before[2:]) if option in ("--slice", "--metric") else choices


def _metrics(words: list[str]) -> list[str]:
    """Metrics of the run that a line names, or else of the one that it means."""
    named = next((word for word in words if not word.startswith("-")), None)
    folder = run_meant(named)
    catalogue = Catalogue(Store(folder.store))
    try:
        catalogue.refresh_run(folder)
        found = catalogue.page(parse({"name": folder.id}), parse_order(None), limit=MOST_RUNS)
    finally:
        catalogue.close()
    return [name for one in found if one.project == folder.project for name in shown(one.metrics)]


def _keys(section: str) -> list[str]:
    """Keys that runs of the store have in a section."""
    folder = run_meant(None)
    catalogue = Catalogue(Store(folder.store))
    try:
        catalogue.refresh_run(folder)
        return keys_of(catalogue, section, limit=MOST_KEYS)
    finally:
        catalogue.close()


def _is_word(name: str) -> bool:
    """Whether a name can be written in a line without quotes."""
    return not _NO_WORD.search(name)


def _runs(symbol: str) -> list[str]:
    """Ids of runs that begin like this, or `project/id`."""
    until = time.monotonic() + PATIENCE_S
    runs = store_meant().runs()
    some = itertools.islice(runs, MOST_RUNS)
    in_time = itertools.takewhile(lambda _: time.monotonic() < until, runs)
    return [
        name
        for folder in itertools.chain(some, in_time)
        for name in (f"{folder.project}/{folder.id}", folder.id)
        if name.startswith(symbol)
    ]
