"""Runs as rows of a table."""

import time
from collections.abc import Callable, Iterable

from nbtracker.text.values import duration, escaped, moment
from nbtracker.views.catalogue.facts import Facts
from nbtracker.views.state import RUNNING

TITLES = ("run", "name", "state", "started", ">runtime", ">rows", "tags")


def runs_table(
    found: Iterable[Facts], attempt: Callable[[Facts], str | None] = lambda _: None
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Give titles and rows of a table of runs.

    Args:
        found: The runs.
        attempt: Says which attempt of its cell a run is.
    """
    return TITLES, [_row(facts, attempt(facts)) for facts in found]


def _row(facts: Facts, attempt: str | None) -> tuple[str, ...]:
    return (
        escaped(f"{facts.project}/{facts.id}"),
        escaped(str(facts.name)),
        _state(facts, attempt),
        moment(facts.created_at),
        duration(_runtime(facts)),
        f"{facts.n_rows:,}",
        escaped(", ".join(map(str, facts.tags))),
    )


def _runtime(facts: Facts) -> float | None:
    if facts.created_at is None:
        return None
    goes_on = facts.state == RUNNING
    return max(facts.runtime, time.time() - facts.created_at) if goes_on else facts.runtime


def _state(facts: Facts, attempt: str | None) -> str:
    notes = ["damaged"] if facts.is_partly_read else []
    notes += ["replay"] if facts.in_replay_of is not None else []
    notes += [f"attempt {attempt.partition(' (')[0]}"] if attempt else []
    return f"{facts.state} ({', '.join(notes)})" if notes else facts.state
