"""A kernel's session for tests, written with nothing but a journal writer."""

import time
from typing import Any

from nbtracker.journal.cells import CellEnded, CellStarted, SessionStarted
from nbtracker.journal.writer import JournalWriter
from nbtracker.store.blobs import digest_of, write_once
from nbtracker.store.layout import Store
from nbtracker.store.locks import boot_id, host
from nbtracker.store.sessions import session_folder


class Kernel:
    """A session that is being written, as a kernel of this machine does it."""

    def __init__(self, store: Store, name: str = "s1", **facts: Any) -> None:
        self.store, self.folder = store, session_folder(store, name)
        self.writer = JournalWriter(self.folder.journal)
        self.n_cells = 0
        said = {"host": host(), "boot_id": boot_id(), "python": "3.12.1"} | facts
        self.writer.append(SessionStarted(at=time.time(), id=name, **said))

    def cell(self, source: str, *, ends: bool = True) -> None:
        """Write an execution."""
        self.n_cells += 1
        digest = digest_of(source.encode())
        write_once(self.folder.source(digest), source.encode(), below=self.store.path)
        number, count, now = self.n_cells, self.n_cells, time.time()
        begun = CellStarted(at=now, number=number, count=count, cell_id=f"c{count}", source=digest)
        self.writer.append(begun)
        if ends:
            self.writer.append(CellEnded(at=now, number=number, status="ok"))
