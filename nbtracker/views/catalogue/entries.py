"""One run's rows in the tables `runs` and `kv`: written whole, checked when read."""

import sqlite3
from collections.abc import Sequence
from zlib import crc32

from nbtracker.views.catalogue.facts import Facts


class DamagedPageError(Exception):
    """A row of the catalogue is not what was written."""


def read(connection: sqlite3.Connection, sql: str, keys: Sequence[int]) -> dict[int, Facts]:
    """Give the runs that `sql` selects.

    Raises:
        DamagedPageError: A document is not what was written.
    """
    found: dict[int, Facts] = {}
    for run, state, document, checksum in connection.execute(sql, keys).fetchall():
        if not isinstance(document, bytes) or crc32(document) != checksum:
            raise DamagedPageError
        found[run] = Facts.decode(document, state)
    return found


_COLUMNS = (
    "project", "id", "name", "state", "grp", "job_type", "entity", "notes", "created_at",
    "ended_at", "changed_at", "runtime", "n_rows", "last_step",
    "damages", "gaps",
)  # fmt: skip
_PUT = (
    f"INSERT OR REPLACE INTO runs (run, signature, document, checksum, trouble,"
    f" {', '.join(_COLUMNS)}) VALUES (?, ?, ?, ?, ?{', ?' * len(_COLUMNS)})"
)


def write(
    connection: sqlite3.Connection, known: dict[str, int], batch: Sequence[tuple[int, str, Facts]]
) -> None:
    """Write runs as (key, signature, facts); `known` keeps the ids of key names."""
    for one in batch:
        _put(connection, known, *one)


def _put(
    connection: sqlite3.Connection, known: dict[str, int], key: int, signature: str, facts: Facts
) -> None:
    """Write one run, replacing what was there."""
    document = facts.document()
    spelled = facts.encode()
    columns = [document.columns[name] for name in _COLUMNS]
    row = (key, signature, spelled, crc32(spelled), facts.trouble, *columns)
    connection.execute(_PUT, row)
    connection.execute("DELETE FROM kv WHERE run = ?", (key,))
    rows = [
        (key, _key(connection, known, name), seq, *cell)
        for name, cells in document.cells.items()
        for seq, cell in enumerate(cells)
    ]
    connection.executemany("INSERT INTO kv VALUES (?, ?, ?, ?, ?, ?)", rows)


def _key(connection: sqlite3.Connection, known: dict[str, int], name: str) -> int:
    if name not in known:
        connection.execute("INSERT OR IGNORE INTO keys (name) VALUES (?)", (name,))
        ((key,),) = connection.execute("SELECT key FROM keys WHERE name = ?", (name,)).fetchall()
        known[name] = int(key)
    return known[name]
