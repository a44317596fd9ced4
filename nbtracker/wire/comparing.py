"""In what runs differ: config, summary, code and environment."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nbtracker.journal.records import dumps
from nbtracker.views.catalogue.facts import Facts, flat
from nbtracker.views.metrics import OWN_COLUMNS
from nbtracker.views.run import RunView
from nbtracker.views.session import SessionView
from nbtracker.wire import schema
from nbtracker.wire.documents import run_row
from nbtracker.wire.spelling import cut, plain

MAX_DIFFERENCES = 5_000
_LINE = 1_000


class Compared:
    """One of the runs that are compared.

    Args:
        facts: What the catalogue knows of it.
        view: The run.
        sessions: Those it was recorded in.
    """

    def __init__(self, facts: Facts, view: RunView, sessions: Sequence[SessionView]) -> None:
        self.facts = facts
        self.config = flat(facts.config)
        self.summary = {
            name: value for name, value in flat(facts.summary).items() if name not in OWN_COLUMNS
        }
        self.code = dict(_code(view))
        self.environment = dict(_environment(view, sessions))


def comparison(runs: Sequence[Compared], store: str) -> schema.Comparison:
    """Tell in what runs differ.

    Args:
        runs: At least one, in the order they are to be shown.
        store: The id of their store.
    """
    same, found = 0, {}
    for section in ("config", "summary", "code", "environment"):
        found[section], n_alike = _differences([getattr(run, section) for run in runs])
        same += n_alike
    rows = [run_row(run.facts, store) for run in runs]
    return {
        "runs": rows,
        "config": found["config"],
        "summary": found["summary"],
        "code": found["code"],
        "environment": found["environment"],
        "same": same,
    }


def _differences(sides: Sequence[Mapping[str, Any]]) -> tuple[list[schema.Difference], int]:
    """Names whose values are not the same everywhere, and how many are."""
    found: list[schema.Difference] = []
    same = 0
    for name in dict.fromkeys(name for side in sides for name in side):
        has = [name in side for side in sides]
        values = [side.get(name) for side in sides]
        if all(has) and len(set(map(dumps, values))) == 1:
            same += 1
        elif len(found) < MAX_DIFFERENCES:
            told = [plain(value, most_text=_LINE, most_items=100) for value in values]
            found.append({"key": cut(name, _LINE), "values": told, "has": has})
    return found, same


def _code(view: RunView) -> Iterator[tuple[str, Any]]:
    if view.code is not None:
        yield "all of it", view.code.digest[:12]
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
