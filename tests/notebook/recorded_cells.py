"""Sessions for tests, written with nothing but a journal writer."""

from collections.abc import Callable, Iterable
from typing import Any

from nbtracker.journal.cells import (
    CellEnded,
    CellForgotten,
    CellStarted,
    ModuleKept,
    SessionStarted,
)
from nbtracker.journal.records import Record
from nbtracker.journal.writer import JournalWriter
from nbtracker.store.blobs import digest_of, keep_blob, write_once
from nbtracker.store.layout import Store
from nbtracker.store.sessions import SessionFolder, session_folder
from nbtracker.views.session import Execution, SessionView, read_session

AT = 1_795_000_000.0


def execution(number: int, source: str | None, **facts: Any) -> Execution:
    """An execution that took a second and a bit, unless told otherwise."""
    said = {
        "id": f"s1-{number}", "count": number, "cell_id": f"cell{number}", "digest": "", "tags": (),
        "started_at": AT + number, "ended_at": AT + number + 1.24, "status": "ok",
    }  # fmt: skip
    return Execution(number=number, source=source, **(said | facts))


class Session:
    """A session that is being written."""

    def __init__(self, store: Store, name: str = "s1", **facts: Any) -> None:
        self.folder: SessionFolder = session_folder(store, name)
        self.store, self.name = store, name
        self.writer = JournalWriter(self.folder.journal)
        self.n_cells = 0
        said = {"python": "3.12.1", "version": "1", "ipython": "9.1"} | facts
        self.put(SessionStarted(at=AT, id=name, **said))

    def put(self, *records: Record) -> None:
        """Write records as they are."""
        for record in records:
            self.writer.append(record)

    def cell(
        self, source: str, *, status: str | None = "ok", at: float = 0.0, **facts: Any
    ) -> None:
        """Write an execution; it has no end if it has no status."""
        self.n_cells += 1
        data = source.encode()
        write_once(self.folder.source(digest_of(data)), data, below=self.store.path)
        begun = AT + self.n_cells + at
        said = {"cell_id": f"cell{self.n_cells}", "count": self.n_cells, "source": digest_of(data)}
        self.put(CellStarted(at=begun, number=self.n_cells, **(said | facts)))
        if status is not None:
            self.put(CellEnded(at=begun + 0.5, number=self.n_cells, status=status))

    def module(self, name: str, data: bytes, *, number: int, path: str | None = None) -> None:
        """Write a version of a module that was seen in an execution."""
        digest = keep_blob(self.store, data)
        where = path or f"/home/ada/{name.replace('.', '/')}.py"
        self.put(
            ModuleKept(
                at=AT, execution=f"{self.name}-{number}", name=name, path=where, digest=digest
            )
        )

    def forget(self, number: int) -> None:
        """Have an execution forgotten."""
        self.put(CellForgotten(at=AT, number=number))

    def read(self) -> SessionView:
        """End the writing, and read it."""
        self.writer.close()
        return read_session(self.folder)


def shows_nothing(number: int) -> list[dict[str, Any]]:
    """The outputs of cells without any."""
    return []


def showing(*outputs: dict[str, Any]) -> Callable[[int], list[dict[str, Any]]]:
    """The outputs of cells that all show the same."""
    return lambda _: list(outputs)


def sources(notebook: dict[str, Any]) -> Iterable[str]:
    """The sources of a notebook's code cells."""
    return [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code"]
