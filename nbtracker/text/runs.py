"""Runs as rows of a table."""

from collections.abc import Iterable

from nbtracker.text.values import duration, escaped, moment
from nbtracker.views.catalogue.facts import Facts

TITLES = ("run", "name", "state", "started", ">runtime", ">rows", "tags")


def runs_table(found: Iterable[Facts]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Give titles and rows of a table of runs."""
    return TITLES, [_row(facts) for facts in found]


def _row(facts: Facts) -> tuple[str, ...]:
    return (
        escaped(f"{facts.project}/{facts.id}"),
        escaped(str(facts.name)),
        _state(facts),
        moment(facts.created_at),
        duration(None if facts.created_at is None else facts.runtime),
        f"{facts.n_rows:,}",
        escaped(", ".join(map(str, facts.tags))),
    )


def _state(facts: Facts) -> str:
    notes = ["damaged"] if facts.is_partly_read else []
    notes += ["replay"] if facts.in_replay_of is not None else []
    return f"{facts.state} ({', '.join(notes)})" if notes else facts.state
