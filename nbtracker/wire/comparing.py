"""In what runs differ: config, summary, code and environment."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from nbtracker.journal.records import dumps
from nbtracker.views.catalogue.facts import Facts, flat_items
from nbtracker.views.catalogue.listed import listed_of
from nbtracker.views.metrics import OWN_COLUMNS
from nbtracker.views.run import RunView
from nbtracker.views.session import SessionView
from nbtracker.wire import schema
from nbtracker.wire.documents import run_row
from nbtracker.wire.spelling import cut, n_characters, plain

WHOLE = ""
"""The key of the code as a whole: no file has an empty path."""

MAX_DIFFERENCES = 5_000
"""Differences of one section that are told."""

MAX_VALUES, MAX_CHARACTERS = 200_000, 4_000_000
"""What is told of all sections and runs together."""

MAX_NAMES = 20_000
"""Of a section of one run, the names that are looked at."""

LARGE = 100_000
"""Values that are longer are compared as Python does it: 1, 1.0 and True are the same to it."""

_MISSES = 100
_SECTIONS = ("config", "summary", "code", "environment")
_LINE = 1_000


class _Side(dict[str, Any]):
    """What one run says in a section, by names.

    Attributes:
        is_cut: Whether it says more than is looked at.
    """

    def __init__(self, items: Iterable[tuple[str, Any]]) -> None:
        each = iter(items)
        super().__init__(islice(each, MAX_NAMES))
        self.is_cut = next(each, None) is not None


class Compared:
    """One of the runs that are compared.

    Args:
        facts: What can be said of it without its rows.
        view: The run.
        sessions: Those it was recorded in.
    """

    def __init__(self, facts: Facts, view: RunView, sessions: Sequence[SessionView]) -> None:
        self.listed = listed_of(facts)
        summary = flat_items(facts.summary)
        self.config: dict[str, Any] = _Side(flat_items(facts.config))
        self.summary: dict[str, Any] = _Side(item for item in summary if item[0] not in OWN_COLUMNS)
        self.code: dict[str, Any] = _Side(_code(view))
        self.environment: dict[str, Any] = _Side(_environment(view, sessions))


def comparison(runs: Sequence[Compared], store: str) -> schema.Comparison:
    """Tell in what runs differ.

    Args:
        runs: At least one, in the order they are to be shown.
        store: The id of their store.
    """
    telling = _Telling()
    sides = {section: [getattr(run, section) for run in runs] for section in _SECTIONS}
    found: dict[str, list[schema.Difference]] = {}
    # A config of thousands of keys leaves room for what little there is to say of the rest.
    for section in sorted(_SECTIONS, key=lambda one: sum(map(len, sides[one]))):
        found[section] = telling.differences(sides[section])
    return {
        "runs": [run_row(run.listed, store) for run in runs],
        "config": found["config"],
        "summary": found["summary"],
        "code": found["code"],
        "environment": found["environment"],
        "same": telling.same,
        "left_out": telling.left_out,
    }


class _Telling:
    """Tells differences as long as there is room.

    Attributes:
        same: How many names have the same value everywhere.
        left_out: How many differences are not told; of what was not looked at, one a run.
    """

    def __init__(self) -> None:
        self.same = self.left_out = 0
        self._n_values, self._n_characters = MAX_VALUES, MAX_CHARACTERS

    def differences(self, sides: Sequence[dict[str, Any]]) -> list[schema.Difference]:
        """Tell which names have not the same value everywhere."""
        found: list[schema.Difference] = []
        misses = 0
        is_cut = [isinstance(side, _Side) and side.is_cut for side in sides]
        self.left_out += sum(is_cut)
        for name in dict.fromkeys(name for side in sides for name in side):
            has = [name in side for side in sides]
            values = [side.get(name) for side in sides]
            # Nobody looked whether a run that says too much has it.
            unknown = any(more and not there for there, more in zip(has, is_cut, strict=True))
            if all(has) and _are_alike(values):
                self.same += 1
            elif unknown or len(found) >= MAX_DIFFERENCES or misses > _MISSES:
                self.left_out += 1
            elif (told := self._told(name, values)) is None:
                self.left_out += 1
                misses += 1
            else:
                found.append({"key": cut(name, _LINE), "values": told, "has": has})
        return found

    def _told(self, name: str, values: Sequence[Any]) -> list[Any] | None:
        """The values as they are told; None if there is no room for them."""
        if len(values) > self._n_values:
            return None
        told = [plain(value, most_text=_LINE, most_items=100) for value in values]
        length = min(len(name), _LINE) + n_characters(told, self._n_characters)
        if length > self._n_characters:
            return None
        self._n_values -= len(values)
        self._n_characters -= length
        return told


def _are_alike(values: Sequence[Any]) -> bool:
    """Whether values are the same, to the type of each number."""
    if any(n_characters(value, LARGE) > LARGE for value in values):
        # To spell one could take a second, in which nothing else happens.
        return all(value == values[0] for value in values[1:])
    return len(set(map(dumps, values))) == 1


def _code(view: RunView) -> Iterator[tuple[str, Any]]:
    if view.code is not None:
        yield WHOLE, view.code.digest[:12]
        yield from ((path, str(digest)[:12]) for path, digest in view.code.files.items())


def _environment(view: RunView, sessions: Sequence[SessionView]) -> Iterator[tuple[str, Any]]:
    if view.started:
        started = view.started[-1]
        yield from (
            ("python", started.python),
            ("nbtracker", started.version),
            ("host", started.host),
            ("program", started.program),
        )
    for session in sessions:
        if session.notebook is not None:
            yield "notebook", session.notebook
        if session.git is not None:
            yield (
                "git commit",
                session.git.commit[:12] + (" + changes" if session.git.dirty else ""),
            )
        yield from ((f"package {name}", said) for name, said in session.packages.items())
