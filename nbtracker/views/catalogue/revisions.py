"""Which runs changed or went since somebody last looked, by one number that only rises."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field

from nbtracker.ids import new_id
from nbtracker.views.catalogue.schema import DamagedPageError

MAX_GONE = 10_000
"""How many runs that went are remembered."""

MAX_CHANGES = 10_000


@dataclass(frozen=True, slots=True)
class Clock:
    """How far a catalogue is.

    Attributes:
        epoch: Another one in each catalogue that was made anew: revisions of two epochs cannot
            be compared.
        revision: Higher after each change of a run.
    """

    epoch: str
    revision: int


@dataclass(frozen=True, slots=True)
class Changed:
    """What happened since a revision.

    Attributes:
        now: Where the catalogue is.
        runs: (project, id) of runs that are new, or say something else.
        gone: (project, id) of runs that are not there any more.
        everything: This is not known any more: everything may have changed.
    """

    now: Clock
    runs: list[tuple[str, str]] = field(default_factory=list)
    gone: list[tuple[str, str]] = field(default_factory=list)
    everything: bool = False


def clock(connection: sqlite3.Connection) -> Clock:
    """Say how far the catalogue is.

    Raises:
        DamagedPageError: It does not say.
    """
    rows = connection.execute("SELECT epoch, revision FROM clock").fetchall()
    if len(rows) != 1:
        raise DamagedPageError
    return Clock(*rows[0])


def advance(connection: sqlite3.Connection) -> int:
    """Give the revision of what this transaction changes."""
    connection.execute("UPDATE clock SET revision = revision + 1")
    return clock(connection).revision


def begin_anew(connection: sqlite3.Connection) -> None:
    """Say that this is another catalogue from now on: it goes its own way."""
    connection.execute("UPDATE clock SET epoch = ?", (new_id(),))


def remember(connection: sqlite3.Connection, keys: Iterable[int]) -> None:
    """Note that runs go, before their rows do."""
    revision = advance(connection)
    sql = "INSERT OR REPLACE INTO gone SELECT run, project, id, ? FROM runs WHERE run = ?"
    connection.executemany(sql, [(revision, key) for key in keys])
    sql = "SELECT revision FROM gone ORDER BY revision DESC LIMIT 1 OFFSET ?"
    for (last,) in connection.execute(sql, (MAX_GONE,)).fetchall():
        connection.execute("DELETE FROM gone WHERE revision <= ?", (last,))
        connection.execute("UPDATE clock SET forgotten = ?", (last,))


def since(connection: sqlite3.Connection, before: Clock) -> Changed:
    """Say what changed after a revision."""
    now = clock(connection)
    ((forgotten,),) = connection.execute("SELECT forgotten FROM clock").fetchall()
    if now.epoch != before.epoch or not forgotten <= before.revision <= now.revision:
        return Changed(now, everything=True)
    found: list[list[tuple[str, str]]] = []
    for table in ("runs", "gone"):
        sql = f"SELECT project, id FROM {table} WHERE revision > ? ORDER BY revision LIMIT ?"
        rows = connection.execute(sql, (before.revision, MAX_CHANGES + 1)).fetchall()
        if len(rows) > MAX_CHANGES:
            return Changed(now, everything=True)
        found.append(rows)
    return Changed(now, runs=found[0], gone=found[1])
