"""A session as its journal tells it: which cells were executed, and what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from nbtracker.errors import NotFoundError
from nbtracker.journal.cells import (
    ERROR,
    INTERRUPTED,
    OK,
    CellEnded,
    CellForgotten,
    CellStarted,
    DataRead,
    DocumentKept,
    GitKept,
    ModuleKept,
    NotebookNamed,
    PackagesKept,
    SessionStarted,
    SystemSampled,
)
from nbtracker.journal.reader import Damage, Item, JournalReader
from nbtracker.journal.records import Ended
from nbtracker.store.blobs import MOST_BYTES, read_beginning
from nbtracker.store.sessions import SessionFolder
from nbtracker.views.state import lives

RUNNING, ABORTED = "running", "aborted"
MAX_SOURCES = 8 * 1024 * 1024
"""How much of the sources is remembered; others are read again. Units: characters."""


@dataclass(frozen=True, slots=True)
class Execution:
    """One execution of one cell.

    Attributes:
        id: What rows and config changes carry that it made: `<session>-<number>`.
        number: Counts the executions of the session, from 1.
        count: What the prompt showed.
        digest: sha256 of the source; empty if it was not kept.
        source: None if it was skipped or forgotten, or is lost.
        started_at: Units: seconds since 1970.
        ended_at: None while it runs, and if its kernel ended first.
        status: "running", "ok", "error", "interrupted", or "aborted" if its kernel ended first.
        error_name: The exception's class; what it says is among the outputs.
        wrote: Names that it bound.
        deleted: Names that it removed.
    """

    id: str
    number: int
    count: int | None
    cell_id: str | None
    digest: str
    source: str | None
    tags: tuple[str, ...]
    started_at: float
    ended_at: float | None = None
    status: str = RUNNING
    error_name: str | None = None
    wrote: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    skipped: bool = False
    forgotten: bool = False


class SessionView:
    """What was recorded of a session; `refresh` takes in what was added since.

    Attributes:
        folder: The session's folder.
        started: How it began; None if that cannot be read.
        notebook: Path of the document, as last known.
        git: The state of the repository, as last known.
        packages: Name to version of what was imported.
        modules, documents, samples, data: As they were recorded, in order.
        damages: Bytes that could not be read.
    """

    def __init__(self, folder: SessionFolder) -> None:
        self.folder = folder
        self.started: SessionStarted | None = None
        self.notebook: str | None = None
        self.git: GitKept | None = None
        self.packages: dict[str, str] = {}
        self.modules: list[ModuleKept] = []
        self.documents: list[DocumentKept] = []
        self.samples: list[SystemSampled] = []
        self.data: list[DataRead] = []
        self.damages: list[Damage] = []
        self._executions: dict[int, Execution] = {}
        self._sources: dict[str, str] = {}
        self._n_remembered = 0
        self._reader = JournalReader(folder.journal)
        self._ended = False
        self._heard_at = 0.0

    def refresh(self) -> None:
        """Read what was added to the journal.

        Raises:
            OSError: It is gone, or may not be read.
        """
        for item in self._reader.read():
            self._take(item)

    @property
    def executions(self) -> list[Execution]:
        """All of them, in the order they began."""
        return self.with_sources(self.outlines)

    @property
    def outlines(self) -> list[Execution]:
        """The same without the sources, each of which is a file to be read."""
        return list(self._executions.values())

    def as_left(self, outlines: Sequence[Execution]) -> list[Execution]:
        """Say of outlines of this session that have no end what became of them."""
        if self.is_running:
            return list(outlines)
        return [replace(one, status=ABORTED) if one.status == RUNNING else one for one in outlines]

    def with_sources(self, outlines: Sequence[Execution]) -> list[Execution]:
        """Complete outlines of this session."""
        return [replace(one, source=self.source_of(one)) for one in self.as_left(outlines)]

    def source_of(self, one: Execution, *, most: int = MOST_BYTES) -> str | None:
        """Read the source of an outline of this session; None if it is skipped, gone or lost.

        Args:
            one: The outline.
            most: Of a longer source, this much is given. Units: bytes.
        """
        return None if one.forgotten or not one.digest else self._source(one.digest, most)

    def execution(self, number: int) -> Execution | None:
        """One of them, by its number."""
        found = self._executions.get(number)
        return None if found is None else self.with_sources([found])[0]

    @property
    def shows_nothing(self) -> bool:
        """Whether what its cells showed was not recorded: it was a terminal's."""
        return self.started is not None and self.started.shell == "terminal"

    @property
    def is_running(self) -> bool:
        """Whether the kernel still writes."""
        if self._ended or self.started is None:
            return False
        return lives(self.folder.journal, self.started, self._heard_at)

    def _source(self, digest: str, most: int) -> str | None:
        if digest in self._sources:
            return self._sources[digest]
        try:
            path, store = self.folder.source(digest), self.folder.store.path
        except NotFoundError:  # it is no digest
            return None
        found = read_beginning(path, digest, below=store, most=most)
        if found is None or not (found.is_all or most < MOST_BYTES):
            return None
        source = found.data.decode("utf-8", "replace")
        if found.is_all and self._n_remembered + len(source) <= MAX_SOURCES:
            self._n_remembered += len(source)
            self._sources[digest] = source
        return source

    def _take(self, item: Item) -> None:
        self._heard_at = max(self._heard_at, getattr(item, "at", 0.0))
        if listed := _LISTED.get(type(item)):
            getattr(self, listed).append(item)
            return
        match item:
            case SessionStarted():
                self.started, self.notebook, self._ended = item, item.notebook, False
            case CellStarted():
                self._executions[item.number] = _begun(item, self.folder.id)
            case CellEnded():
                self._end(item)
            case CellForgotten():
                self._forget(item.number)
            case NotebookNamed():
                self.notebook = item.path
            case GitKept():
                self.git = item
            case PackagesKept():
                said = {name: str(version) for name, version in item.versions.items()}
                # Made anew: somebody may be reading the other one in another thread.
                self.packages = self.packages | said
            case Ended():
                self._ended = True

    def _end(self, item: CellEnded) -> None:
        begun = self._executions.get(item.number)
        if begun is not None:
            self._executions[item.number] = replace(
                begun,
                ended_at=max(item.at, begun.started_at),  # a clock may have been set back
                status=item.status if item.status in _STATUSES else "unknown",
                count=begun.count if item.count is None else item.count,
                error_name=item.error_name,
                wrote=item.wrote,
                deleted=item.deleted,
            )

    def _forget(self, number: int) -> None:
        begun = self._executions.get(number)
        if begun is not None:
            self._executions[number] = replace(begun, digest="", source=None, forgotten=True)
            self._n_remembered -= len(self._sources.pop(begun.digest, ""))


_STATUSES = (OK, ERROR, INTERRUPTED)
_LISTED: dict[type, str] = {
    Damage: "damages",
    DataRead: "data",
    DocumentKept: "documents",
    ModuleKept: "modules",
    SystemSampled: "samples",
}


def _begun(item: CellStarted, session: str) -> Execution:
    return Execution(
        id=f"{session}-{item.number}",
        number=item.number,
        count=item.count,
        cell_id=item.cell_id,
        digest=item.source,
        source=None,
        tags=item.tags,
        started_at=item.at,
        skipped=item.skipped,
    )


def read_session(folder: SessionFolder) -> SessionView:
    """Read all that is there of a session."""
    view = SessionView(folder)
    view.refresh()
    return view


def session_of(execution: str | None) -> tuple[str, int] | None:
    """Split the id of an execution into session and number."""
    session, dash, number = (execution or "").rpartition("-")
    return (session, int(number)) if dash and number.isdecimal() and len(number) < 18 else None
