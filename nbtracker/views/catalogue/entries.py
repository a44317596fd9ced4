"""One run's rows in the tables `runs` and `kv`: written whole, checked when read."""

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple, TypeVar
from zlib import crc32

from nbtracker.views.catalogue import revisions
from nbtracker.views.catalogue.cells import MAX_CELLS, text
from nbtracker.views.catalogue.facts import Facts
from nbtracker.views.catalogue.listed import Listed, listed_of
from nbtracker.views.catalogue.schema import DamagedPageError

Kept = TypeVar("Kept", Facts, Listed)

_AT_ONCE = 500
METRIC = "metric."
"""Begins the keys that name a metric, so that there is a list of all; they have no cells."""


class Entry(NamedTuple):
    """What is to be written of one run."""

    key: int
    signature: str
    facts: Facts
    spelled: bytes


# What lists show lies apart: beside a large document it would be as slow to reach.
_SELECT: dict[type, str] = {
    Facts: "SELECT run, state, document, checksum FROM runs WHERE run",
    Listed: "SELECT r.run, r.state, l.document, l.checksum FROM runs AS r"
    " LEFT JOIN listed AS l ON l.run = r.run WHERE r.run",
}


def read(connection: sqlite3.Connection, keys: Sequence[int], kind: type[Kept]) -> dict[int, Kept]:
    """Give runs by their keys, whole or as lists show them; those that are gone are left out.

    Raises:
        DamagedPageError: A document is not what was written.
    """
    found: dict[int, Kept] = {}
    sql = _SELECT[kind]
    for start in range(0, len(keys), _AT_ONCE):
        some = keys[start : start + _AT_ONCE]
        marks = ", ".join("?" * len(some))
        for run, state, document, checksum in connection.execute(f"{sql} IN ({marks})", some):
            if not isinstance(document, bytes) or crc32(document) != checksum:
                raise DamagedPageError
            found[run] = kind.decode(document, state)
    return {key: found[key] for key in keys if key in found}


_COLUMNS = (
    "project", "id", "name", "state", "grp", "job_type", "entity", "notes", "created_at",
    "ended_at", "changed_at", "runtime", "n_rows", "last_step",
    "damages", "gaps", "archived", "family", "replay_of",
)  # fmt: skip
_PUT = (
    f"INSERT OR REPLACE INTO runs (run, revision, signature, document, checksum, trouble,"
    f" {', '.join(_COLUMNS)}) VALUES (?, ?, ?, ?, ?, ?{', ?' * len(_COLUMNS)})"
)


def changed(connection: sqlite3.Connection, batch: Sequence[Entry]) -> list[Entry]:
    """Leave out what is written already: runs that go on are looked at all the time."""
    known: dict[int, list[str | int]] = {}
    for start in range(0, len(batch), _AT_ONCE):
        keys = [entry.key for entry in batch[start : start + _AT_ONCE]]
        marks = ", ".join("?" * len(keys))
        sql = f"SELECT run, signature, state, checksum FROM runs WHERE run IN ({marks})"
        known |= {run: said for run, *said in connection.execute(sql, keys).fetchall()}
    return [
        entry
        for entry in batch
        if known.get(entry.key) != [entry.signature, entry.facts.state, crc32(entry.spelled)]
    ]


def write(connection: sqlite3.Connection, known: dict[str, int], batch: Sequence[Entry]) -> None:
    """Write runs, all with one new revision; `known` keeps the ids of key names."""
    revision = revisions.advance(connection)
    for entry in batch:
        _put(connection, known, entry, revision)


def _put(
    connection: sqlite3.Connection, known: dict[str, int], entry: Entry, revision: int
) -> None:
    """Write one run, replacing what was there."""
    key, facts = entry.key, entry.facts
    document = facts.document()
    columns = [document.columns[name] for name in _COLUMNS]
    checksum = crc32(entry.spelled)
    row = (key, revision, entry.signature, entry.spelled, checksum, facts.trouble, *columns)
    connection.execute(_PUT, row)
    shown = listed_of(facts).encode()
    connection.execute("INSERT OR REPLACE INTO listed VALUES (?, ?, ?)", (key, shown, crc32(shown)))
    connection.execute("DELETE FROM gone WHERE run = ?", (key,))
    connection.execute("DELETE FROM kv WHERE run = ?", (key,))
    rows = [
        (key, _key(connection, known, name), seq, *cell)
        for name, cells in document.cells.items()
        for seq, cell in enumerate(cells)
    ]
    connection.executemany("INSERT INTO kv VALUES (?, ?, ?, ?, ?, ?)", rows)
    for name in facts.metrics[:MAX_CELLS]:
        _key(connection, known, text(f"{METRIC}{name}"))


def _key(connection: sqlite3.Connection, known: dict[str, int], name: str) -> int:
    if name not in known:
        connection.execute("INSERT OR IGNORE INTO keys (name) VALUES (?)", (name,))
        ((key,),) = connection.execute("SELECT key FROM keys WHERE name = ?", (name,)).fetchall()
        known[name] = int(key)
    return known[name]
