"""Keep the catalogue up to date, and ask it for runs.

A promise about freshness: a new `Catalogue` looks at every run. After that, each listing sees
at once new and deleted runs, and runs that go on (looked at again after 0.1 s); a change of a
run that had ended is seen within a second, or, in a store so large that looking at every run
takes longer than 50 ms, within twenty times what that takes.
"""

import os
import sqlite3
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, TypeVar

from nbtracker.errors import UsageError
from nbtracker.ids import check_project, check_run_id
from nbtracker.store.caches import note_store
from nbtracker.store.layout import RunFolder, Store
from nbtracker.views.catalogue import entries, listing, revisions, schema
from nbtracker.views.catalogue.facts import Facts, damaged, facts_of, key_of
from nbtracker.views.catalogue.listed import Listed
from nbtracker.views.catalogue.query import Column, Condition, Order
from nbtracker.views.catalogue.revisions import Changed, Clock
from nbtracker.views.catalogue.signatures import identity_of, list_journals, signature_of
from nbtracker.views.run import RunView
from nbtracker.views.state import RUNNING, state_of
from nbtracker.views.unreadable import PASSING, UNREADABLE

Answer = TypeVar("Answer")

CHECK_EVERY_S = 1.0
LOOK_EVERY_S = 0.1
SHARE = 20
BATCH_S = 0.3
MAX_VIEWS = 16
SETTLED_NS = 100_000_000
_ALL = 2**62


class Catalogue:
    """The index over all runs of a store; any number of processes may share it.

    Where the cache folder cannot be used, or another process holds the file, everything is
    kept in memory instead. Safe to use from several threads.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._pid = 0
        self._in_memory = False
        self._forget()

    def _forget(self) -> None:
        self._keys: dict[str, int] = {}
        self._views: OrderedDict[int, tuple[RunView, str]] = OrderedDict()
        self._projects: dict[str, int] = {}
        self._check_at = self._look_at = self._spent = 0.0

    @property
    def is_in_memory(self) -> bool:
        """Whether the cache folder could not be used."""
        return self._in_memory

    def close(self) -> None:
        """Close the file; the next question opens it again."""
        with self._lock:
            if self._connection is not None and self._pid == os.getpid():
                self._connection.close()
            self._connection = None
            self._forget()

    def rebuild(self) -> None:
        """Delete the catalogue and make it again from the journals."""
        with self._lock:
            self.close()
            schema.remove(schema.file_of(self.store))
            self.refresh(whole=True)

    def refresh(self, *, whole: bool = False) -> None:
        """Take in what changed in the store; see the promise at the top of this module."""
        with self._lock:
            self._open()  # a new connection forgets when the runs were last looked at
            now = time.monotonic()
            if whole or now >= self._check_at:
                self._check_all()
                spent = time.monotonic() - now
                self._check_at = now + spent + max(CHECK_EVERY_S, SHARE * spent)
                self._look_at = now + spent + LOOK_EVERY_S
                return
            self._check_names()
            if now >= self._look_at:
                self._look_at_running()
                spent = time.monotonic() - now
                # One look that had to wait, for the disk or for other threads, says nothing of
                # the next one.
                usual, self._spent = min(spent, self._spent), spent
                self._look_at = now + spent + max(LOOK_EVERY_S, SHARE * usual)

    def refresh_run(self, folder: RunFolder) -> Facts | None:
        """Take in one run, now; None if it is gone."""
        with self._lock:
            self._take([folder], {})
            return self.run(folder.project, folder.id)

    def look_at(self, folder: RunFolder) -> Listed | None:
        """Give one run as it is now; it is read only if it changed or goes on."""
        with self._lock:
            key = key_of(folder.project, folder.id)
            known = self.rows("SELECT signature, state FROM runs WHERE run = ?", (key,))
            if not known or not self._is_as_before(folder, *known[0]):
                self._take([folder], {})
            return self.ask(partial(entries.read, keys=[key], kind=Listed)).get(key)

    def page(self, condition: Condition, order: Order, *, limit: int, skip: int = 0) -> list[Facts]:
        """Give runs that fulfil a condition, in order."""
        with self._lock:
            keys = self.keys(condition, order, limit=limit, skip=skip)
            return list(self.facts(keys).values())

    def listed(
        self, condition: Condition, order: Order, *, limit: int, skip: int = 0
    ) -> list[Listed]:
        """Give what lists show of runs that fulfil a condition, in order."""
        with self._lock:
            keys = self.keys(condition, order, limit=limit, skip=skip)
            return list(self.ask(partial(entries.read, keys=keys, kind=Listed)).values())

    def keys(
        self, condition: Condition, order: Order, *, limit: int = -1, skip: int = 0
    ) -> list[int]:
        """Give the keys of runs that fulfil a condition, in order; -1 for all of them."""
        most = _ALL if limit < 0 else limit
        return self.ask(lambda c: listing.page(c, condition, order, limit=most, skip=skip))

    def count(self, condition: Condition) -> int:
        """How many runs fulfil a condition."""
        return self.ask(lambda c: listing.count(c, condition))

    def groups(
        self, condition: Condition, by: Column, *, limit: int
    ) -> list[tuple[str | None, int]]:
        """How many runs that fulfil a condition have each value of a column, the most first."""
        return self.ask(lambda c: listing.groups(c, condition, by, limit=limit))

    def facts(self, keys: Sequence[int]) -> dict[int, Facts]:
        """Give runs by their keys, in that order; those that are gone are left out."""
        return self.ask(partial(entries.read, keys=keys, kind=Facts))

    def run(self, project: str, run_id: str) -> Facts | None:
        """Give one run as the catalogue knows it."""
        key = key_of(project, run_id)
        return self.facts([key]).get(key)

    def clock(self) -> Clock:
        """Say how far the catalogue is; another process may have moved it on."""
        return self.ask(revisions.clock)

    def changes(self, since: Clock) -> Changed:
        """Say which runs changed or went since the catalogue was there."""
        return self.read(lambda connection: revisions.since(connection, since))

    def projects(self) -> list[tuple[str, int, float]]:
        """Give each project with its number of runs and when one last changed."""
        sql = "SELECT project, count(*), max(changed_at) FROM runs GROUP BY project ORDER BY 1"
        return self.rows(sql)

    def ask(self, work: Callable[[sqlite3.Connection], Answer]) -> Answer:
        """Run `work` on the connection; replace the file, or leave it, if it fails.

        `work` is then run again, on tables where anything it knows may be gone.
        """
        with self._lock:
            try:
                return work(self._open())
            except sqlite3.OperationalError as error:
                if self._in_memory:
                    raise
                self._leave(copy="locked" in str(error) or "busy" in str(error))
            except (sqlite3.DatabaseError, schema.DamagedPageError):
                if self._in_memory:
                    raise
                self._replace()
            return work(self._open())

    def rows(self, sql: str, bound: Sequence[Any] = ()) -> list[Any]:
        """Give all rows of one SELECT; no transaction stays open."""
        return self.ask(lambda connection: connection.execute(sql, bound).fetchall())

    def read(self, work: Callable[[sqlite3.Connection], Answer]) -> Answer:
        """Run several SELECTs on one state of the tables."""
        return self._transaction(work, "BEGIN")

    def write(self, work: Callable[[sqlite3.Connection], Answer]) -> Answer:
        """Run `work` in one short transaction."""
        return self._transaction(work, "BEGIN IMMEDIATE")

    def _transaction(self, work: Callable[[sqlite3.Connection], Answer], begin: str) -> Answer:
        def transaction(connection: sqlite3.Connection) -> Answer:
            connection.execute(begin)
            try:
                answer = work(connection)
                connection.execute("COMMIT")
            except BaseException:
                self._keys.clear()
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            return answer

        return self.ask(transaction)

    def _open(self) -> sqlite3.Connection:
        if self._connection is not None and self._pid == os.getpid():
            return self._connection
        # After a fork the connection is the parent's; closing it here would drop its locks.
        self._forget()
        self._in_memory = False
        try:
            self._connection = schema.open_file(schema.file_of(self.store))
        except schema.CatalogueUnusableError:
            self._connection, self._in_memory = schema.open_in_memory(), True
        self._pid = os.getpid()
        listing.prepare(self._connection)
        note_store(self.store)
        return self._connection

    def _leave(self, *, copy: bool) -> None:
        """Go on in memory: the file is held by a process that does not let go, or unwritable."""
        old = self._connection
        self._connection, self._in_memory = schema.open_in_memory(), True
        self._forget()
        if old is not None:
            if copy:
                try:
                    old.backup(self._connection)
                    revisions.begin_anew(self._connection)
                except sqlite3.Error:
                    self._connection = schema.open_in_memory()
            old.close()
        listing.prepare(self._connection)
        self.refresh(whole=True)

    def _replace(self) -> None:
        """The file is damaged: delete it and make it anew."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        schema.remove(schema.file_of(self.store))
        self.refresh(whole=True)

    def _check_all(self) -> None:
        """Look at every run."""
        sql = "SELECT run, signature FROM runs"
        known = dict(self.rows(sql))
        seen: set[int] = set()
        changed: list[RunFolder] = []
        signatures: dict[int, str] = {}
        for project in self._watch():
            for folder in self._folders(project):
                key = key_of(folder.project, folder.id)
                signature = signature_of(folder)
                if not signature:
                    continue
                seen.add(key)
                if known.get(key) != signature:
                    changed.append(folder)
                    signatures[key] = signature
        filled = {run for (run,) in self.rows("SELECT run FROM histories")}
        self._drop((known.keys() | filled) - seen)
        self._take(changed, signatures)
        self._look_at_running()

    def _check_names(self) -> None:
        """Look for runs that came and went, in the projects whose folder changed."""
        before = dict(self._projects)
        for project in self._watch():
            if before.get(project) == self._projects[project] != 0:
                continue
            sql = "SELECT id, run FROM runs WHERE project = ?"
            known = dict(self.rows(sql, (project,)))
            here = {folder.id: folder for folder in self._folders(project)}
            self._drop({run for run_id, run in known.items() if run_id not in here})
            self._take([here[run_id] for run_id in here.keys() - known.keys()], {})
        for project in before.keys() - self._projects.keys():
            sql = "SELECT run FROM runs WHERE project = ?"
            rows = self.rows(sql, (project,))
            self._drop({run for (run,) in rows})

    def _look_at_running(self) -> None:
        """Runs that go on may have grown, or their writer may be gone."""
        sql = "SELECT project, id, signature FROM runs WHERE state = ?"
        rows = self.rows(sql, (RUNNING,))
        folders = [(self.store.run(*path), signature) for *path, signature in rows]
        grown = [one for one, said in folders if not self._is_as_before(one, said, RUNNING)]
        self._take(grown, {})

    def _is_as_before(self, folder: RunFolder, signature: str, state: str) -> bool:
        """Whether a run is as it was taken: no journal changed, and its writer is still there."""
        if not signature or signature != signature_of(folder):
            return False
        view, identity = self._views.get(key_of(folder.project, folder.id), (None, ""))
        if state != RUNNING or view is None or not identity:
            return state != RUNNING
        return identity == identity_of(folder) and state_of(view) == RUNNING

    def _watch(self) -> list[str]:
        """Give all projects; note how their folders look before they are listed."""
        now = time.time_ns()
        self._projects = {}
        for project in self.store.projects():
            try:
                changed = (self.store.path / check_project(project)).stat().st_mtime_ns
            except (OSError, UsageError):
                continue
            # A folder that changed a moment ago may change again within the same tick.
            self._projects[project] = changed if now - changed > SETTLED_NS else 0
        return list(self._projects)

    def _folders(self, project: str) -> Iterable[RunFolder]:
        for folder in self.store.runs(project):
            try:
                check_run_id(folder.id)
            except UsageError:
                continue
            yield folder

    def _take(self, folders: Sequence[RunFolder], signatures: dict[int, str]) -> None:
        """Read runs and write what they say, a few at a time."""
        batch: list[entries.Entry] = []
        until = time.monotonic() + BATCH_S
        for folder in folders:
            key = key_of(folder.project, folder.id)
            # Taken before it is read: what is appended meanwhile is seen again later.
            signature = signatures.get(key) or signature_of(folder)
            if not signature:
                self._drop({key})
                continue
            facts, spelled, is_lasting = self._read(folder, key)
            batch.append(entries.Entry(key, signature if is_lasting else "", facts, spelled))
            if time.monotonic() > until:
                self._store(batch)
                batch, until = [], time.monotonic() + BATCH_S
        self._store(batch)

    def _read(self, folder: RunFolder, key: int) -> tuple[Facts, bytes, bool]:
        """Read a run, and spell it; say whether that holds until its journals change.

        One that goes on is kept, so that next time only its new end is read.
        """
        identity = identity_of(folder)
        view, before = self._views.pop(key, (None, ""))
        if view is None or not before or before != identity:
            view = RunView(folder)
        try:
            # What cannot be listed would seem to be a run without journals.
            with list_journals(folder):
                pass
            view.refresh()
            facts = facts_of(view)
            spelled = facts.encode()
        except UNREADABLE as error:
            facts = damaged(folder, error)
            return facts, facts.encode(), not isinstance(error, PASSING)
        if facts.state == RUNNING:
            self._views[key] = (view, identity)
            if len(self._views) > MAX_VIEWS:
                self._views.popitem(last=False)
        return facts, spelled, True

    def _store(self, batch: Sequence[entries.Entry]) -> None:
        changed = self.ask(lambda connection: entries.changed(connection, batch)) if batch else []
        if changed:
            # Which keys are known is asked when it is written: maybe to another file by then.
            self.write(lambda connection: entries.write(connection, self._keys, changed))

    def _drop(self, keys: Iterable[int]) -> None:
        sql = "SELECT 1 FROM runs WHERE run = ? UNION ALL SELECT 1 FROM histories WHERE run = ?"
        gone = [(key,) for key in keys if self.rows(sql, (key, key))]
        if not gone:
            return

        def work(connection: sqlite3.Connection) -> None:
            revisions.remember(connection, (key for (key,) in gone))
            for table in ("chunks", "chunk_bins"):
                of_run = "series IN (SELECT series FROM series WHERE run = ?)"
                connection.executemany(f"DELETE FROM {table} WHERE {of_run}", gone)
            for table in (
                "runs", "listed", "kv", "histories", "row_groups", "row_values", "stretches",
                "series",
            ):  # fmt: skip
                connection.executemany(f"DELETE FROM {table} WHERE run = ?", gone)

        self.write(work)
