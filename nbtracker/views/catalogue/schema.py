"""The catalogue's file: where it is, its tables, and how a file that is not ours is replaced.

Everything in it can be made again from the journals, so there are no migrations: a file
that is damaged, foreign, of another version, or holds anything that these statements did
not make (a trigger, a view) is deleted and built anew. SQL of SQLite 3.24.
"""

import contextlib
import os
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

from nbtracker.ids import new_id
from nbtracker.store.caches import cache_folder
from nbtracker.store.layout import PRIVATE_FILE, Store, make_private
from nbtracker.store.locks import lock

APPLICATION_ID = 0x6E62_7463
VERSION = 5
BUSY_TIMEOUT_S = 1.0
# A file larger than this is not read from end to end at each opening. Units: bytes.
CHECKED_WHOLE = 32 * 1024 * 1024

SCHEMA = """
CREATE TABLE runs (
    run INTEGER PRIMARY KEY, project TEXT NOT NULL, id TEXT NOT NULL, name TEXT, state TEXT,
    grp TEXT, job_type TEXT, entity TEXT, notes TEXT, created_at REAL, ended_at REAL,
    changed_at REAL, runtime REAL, n_rows INTEGER, last_step INTEGER, trouble TEXT,
    damages INTEGER, gaps INTEGER, archived INTEGER, family TEXT, replay_of TEXT,
    revision INTEGER NOT NULL DEFAULT 0,
    signature TEXT NOT NULL, document BLOB NOT NULL, checksum INTEGER NOT NULL
);
CREATE UNIQUE INDEX runs_by_path ON runs (project, id);
CREATE INDEX runs_by_created_at ON runs (created_at, run);
CREATE INDEX runs_by_project ON runs (project, created_at, run);
CREATE INDEX runs_by_state ON runs (state, created_at, run);
CREATE INDEX runs_by_revision ON runs (revision);
CREATE INDEX runs_by_family ON runs (family) WHERE family IS NOT NULL;
CREATE INDEX runs_by_replay_of ON runs (replay_of) WHERE replay_of IS NOT NULL;
CREATE TABLE listed (run INTEGER PRIMARY KEY, document BLOB NOT NULL, checksum INTEGER NOT NULL);
CREATE TABLE clock (epoch TEXT NOT NULL, revision INTEGER NOT NULL, forgotten INTEGER NOT NULL);
CREATE TABLE gone (
    run INTEGER PRIMARY KEY, project TEXT NOT NULL, id TEXT NOT NULL, revision INTEGER NOT NULL
);
CREATE INDEX gone_by_revision ON gone (revision);
CREATE TABLE keys (key INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE kv (
    run INTEGER NOT NULL, key INTEGER NOT NULL, seq INTEGER NOT NULL, kind INTEGER NOT NULL,
    num, txt TEXT, PRIMARY KEY (run, key, seq)
) WITHOUT ROWID;
CREATE INDEX kv_by_value ON kv (key, kind, num, txt, run);
CREATE TABLE histories (
    run INTEGER PRIMARY KEY, signature TEXT NOT NULL, identity TEXT NOT NULL, n INTEGER NOT NULL
);
CREATE TABLE row_groups (
    run INTEGER NOT NULL, part INTEGER NOT NULL, n INTEGER NOT NULL, step_first INTEGER,
    step_last INTEGER, at_first REAL, at_last REAL, PRIMARY KEY (run, part)
) WITHOUT ROWID;
CREATE TABLE row_values (
    run INTEGER NOT NULL, part INTEGER NOT NULL, step BLOB NOT NULL, at BLOB NOT NULL
);
CREATE UNIQUE INDEX row_values_by_run ON row_values (run, part);
CREATE TABLE stretches (
    run INTEGER NOT NULL, row INTEGER NOT NULL, segment INTEGER NOT NULL, execution TEXT,
    PRIMARY KEY (run, row)
) WITHOUT ROWID;
CREATE TABLE series (series INTEGER PRIMARY KEY, run INTEGER NOT NULL, name TEXT NOT NULL);
CREATE UNIQUE INDEX series_by_name ON series (run, name);
CREATE TABLE chunk_bins (
    series INTEGER NOT NULL, part INTEGER NOT NULL, first REAL, last REAL, min REAL, max REAL,
    count INTEGER NOT NULL, n_nan INTEGER NOT NULL, n_pos_inf INTEGER NOT NULL,
    n_neg_inf INTEGER NOT NULL, PRIMARY KEY (series, part)
) WITHOUT ROWID;
CREATE TABLE chunks (
    series INTEGER NOT NULL, part INTEGER NOT NULL, kind TEXT NOT NULL, present BLOB,
    data BLOB NOT NULL
);
CREATE UNIQUE INDEX chunks_by_series ON chunks (series, part);
"""
# SQLite keeps these texts as they are, so a file can be told to be ours by comparing them.
STATEMENTS = tuple(text.strip() for text in SCHEMA.split(";") if text.strip())

NETWORK_FILE_SYSTEMS = (
    "nfs", "cifs", "smb", "9p", "afs", "lustre", "beegfs", "gpfs", "ceph", "gluster", "fuse",
    "virtiofs", "ncpfs", "pvfs", "orangefs",
)  # fmt: skip


class CatalogueUnusableError(Exception):
    """The file can be neither used nor replaced; the caller goes on in memory."""


class DamagedPageError(Exception):
    """A row of the catalogue is not what was written."""


def file_of(store: Store) -> Path:
    """Say which file the catalogue of a store is."""
    return cache_folder(store) / "catalogue.sqlite"


def open_in_memory() -> sqlite3.Connection:
    """Make a catalogue that ends with this process."""
    connection = _connect(":memory:")
    _configure(connection)
    _create(connection)
    return connection


def open_file(path: Path) -> sqlite3.Connection:
    """Open the catalogue; one that is not ours is replaced.

    Raises:
        CatalogueUnusableError: Its folder cannot be made or written to.
    """
    try:
        make_private(path.parent)
        with _alone(path.with_suffix(".lock")):
            connection = _try(path)
            if connection is None:
                remove(path)
                connection = _try(path)
    except (OSError, RuntimeError, sqlite3.Error) as error:
        raise CatalogueUnusableError(str(error)) from error
    if connection is None:
        raise CatalogueUnusableError(f"{path} cannot be written")
    return connection


def remove(path: Path) -> None:
    """Delete a catalogue with the files SQLite keeps beside it."""
    for end in ("", "-wal", "-shm", "-journal"):
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            path.with_name(path.name + end).unlink()


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Check and replace one at a time: a second rebuilder finds the first one's work."""
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    fd = os.open(path, flags, PRIVATE_FILE)
    try:
        lock(fd, patience_s=5.0)
        yield
    finally:
        os.close(fd)


def _try(path: Path) -> sqlite3.Connection | None:
    """Open the file if it is ours and whole; make it if there is none; else None."""
    # Made by us, so that SQLite never makes it for others to read; it copies the mode.
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    fd = os.open(path, flags, PRIVATE_FILE)
    new = os.fstat(fd).st_size == 0
    os.close(fd)
    connection = _connect(str(path))
    try:
        _configure(connection)
        if new:
            connection.execute("PRAGMA page_size = 16384")
        connection.execute(f"PRAGMA journal_mode = {'WAL' if _is_local(path) else 'DELETE'}")
        connection.execute("PRAGMA synchronous = NORMAL")
        if new:
            _create(connection)
        if _is_ours(connection, path):
            return connection
    except sqlite3.OperationalError as error:
        if "locked" in str(error) or "readonly" in str(error):
            connection.close()
            raise
    except sqlite3.DatabaseError:
        pass
    connection.close()
    return None


def _connect(path: str) -> sqlite3.Connection:
    # isolation_level None: transactions begin where this package says so, and nowhere else.
    return sqlite3.connect(
        path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
    )


def _configure(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    # A million points of one metric, so that drawing them twice reads them once.
    connection.execute("PRAGMA cache_size = -65536")


def _create(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    for statement in STATEMENTS:
        connection.execute(statement)
    connection.execute("INSERT INTO clock VALUES (?, 0, 0)", (new_id(),))
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("COMMIT")


def _is_ours(connection: sqlite3.Connection, path: Path) -> bool:
    said = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    if sorted(sql for (sql,) in said) != sorted(STATEMENTS):
        return False
    ((application_id,),) = connection.execute("PRAGMA application_id").fetchall()
    ((version,),) = connection.execute("PRAGMA user_version").fetchall()
    if (application_id, version) != (APPLICATION_ID, VERSION):
        return False
    if path.stat().st_size > CHECKED_WHOLE:
        return True
    return connection.execute("PRAGMA quick_check(1)").fetchall() == [("ok",)]


def _is_local(path: Path) -> bool:
    """Whether memory shared through the file reaches every process that opens it."""
    if not sys.platform.startswith("linux"):
        return not str(path).startswith("\\\\")
    try:
        device = path.stat().st_dev
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    wanted = f"{os.major(device)}:{os.minor(device)}"
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        if before.split()[2:3] == [wanted]:
            kind = after.split()[0] if after else ""
            return not kind.startswith(NETWORK_FILE_SYSTEMS)
    return True
