"""What the journal of a session says: cells as they were executed, and what was around them.

A session is one kernel, or one terminal IPython. Its records are not those of a run, so they
are kept apart: a program that records runs does without them. `docs/journal.md` describes each.
"""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from nbtracker.journal.records import Record, register

OK, ERROR, INTERRUPTED = "ok", "error", "interrupted"


@dataclass(frozen=True, kw_only=True)
class SessionStarted(Record):
    """The flight recorder began in a kernel.

    Attributes:
        shell: "kernel" or "terminal".
        ipython: Version of IPython.
        ipykernel: Version of ipykernel; empty in a terminal.
        cwd: The working directory.
        notebook: Path of the document, as far as it is known.
        heartbeat_s: How often it means to say that it lives. Units: seconds.
    """

    kind: ClassVar[str] = "session"
    id: str
    host: str = ""
    boot_id: str = ""
    pid: int = 0
    process_started_at: float = 0.0
    python: str = ""
    version: str = ""
    shell: str = "kernel"
    ipython: str = ""
    ipykernel: str = ""
    cwd: str = ""
    notebook: str | None = None
    heartbeat_s: float = 30.0


@dataclass(frozen=True, kw_only=True)
class CellStarted(Record):
    """An execution of a cell began.

    Attributes:
        number: Counts the executions of the session, from 1.
        count: What the prompt shows, if that is known already; not unique.
        cell_id: The document's id of the cell.
        source: sha256 of the source; empty if it is not kept.
        tags: The document's tags of the cell.
        skipped: The user asked that source and outputs are not kept.
    """

    kind: ClassVar[str] = "cell"
    number: int
    count: int | None = None
    cell_id: str | None = None
    source: str = ""
    tags: tuple[str, ...] = ()
    skipped: bool = False


@dataclass(frozen=True, kw_only=True)
class CellEnded(Record):
    """An execution ended. One without this record ended with its kernel, or still goes on.

    Attributes:
        status: "ok", "error" or "interrupted".
        count: What the prompt shows.
        error_name: The exception's class. What it says is among the outputs.
        wrote: Names of the user's namespace that were bound or bound anew.
        deleted: Names that are gone.
    """

    kind: ClassVar[str] = "cell-ended"
    number: int
    status: str = OK
    count: int | None = None
    error_name: str | None = None
    wrote: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Output(Record):
    """Something that an execution showed.

    Attributes:
        what: "stream", "display", "result", "error", "update" or "clear".
        name: "stdout" or "stderr".
        text: What was printed.
        data: Mime type to content, as IPython sends it.
        display_id: What an update names.
        count: The prompt of a result.
        wait: Whether a clear waits for the next output.
        offset: What the execution had shown before, what was cut included. Units: bytes.
    """

    kind: ClassVar[str] = "output"
    number: int
    what: str
    name: str = ""
    text: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    display_id: str | None = None
    count: int | None = None
    wait: bool = False
    offset: int = 0


@dataclass(frozen=True, kw_only=True)
class SystemSampled(Record):
    """What the process and the machine used while an execution went on.

    Attributes:
        cpu: Of this process; 100 is one core. Units: percent.
        memory: Resident memory of this process. Units: bytes.
        values: Name to number: disk, network, GPUs.
    """

    kind: ClassVar[str] = "system"
    number: int
    cpu: float = 0.0
    memory: int = 0
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class NotebookNamed(Record):
    """Where the document is, and how that was found out."""

    kind: ClassVar[str] = "notebook"
    path: str
    how: str = ""


@dataclass(frozen=True, kw_only=True)
class CellForgotten(Record):
    """The user had source and outputs of an execution deleted."""

    kind: ClassVar[str] = "cell-forgotten"
    number: int


@dataclass(frozen=True, kw_only=True)
class ModuleKept(Record):
    """A first-party module as it was when it was imported, or reloaded.

    Attributes:
        digest: sha256 of its bytes, which are a blob.
    """

    kind: ClassVar[str] = "module"
    name: str
    path: str
    digest: str
    size: int = 0


@dataclass(frozen=True, kw_only=True)
class GitKept(Record):
    """The state of the git repository that the code is in.

    Attributes:
        commit: Empty if there is none yet.
        remote: Its address, without credentials.
        patch: sha256 of the uncommitted difference, which is a blob.
    """

    kind: ClassVar[str] = "git"
    commit: str = ""
    branch: str = ""
    dirty: bool = False
    remote: str = ""
    patch: str | None = None


@dataclass(frozen=True, kw_only=True)
class PackagesKept(Record):
    """Versions of the packages that were imported."""

    kind: ClassVar[str] = "packages"
    versions: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class DocumentKept(Record):
    """The document as it stood on the disk; its bytes are a blob."""

    kind: ClassVar[str] = "document"
    path: str
    digest: str
    size: int = 0


@dataclass(frozen=True, kw_only=True)
class DataRead(Record):
    """A file that an execution read; `digest` is None where it is too large to be read."""

    kind: ClassVar[str] = "data"
    number: int
    path: str
    size: int = 0
    digest: str | None = None


register(
    SessionStarted, CellStarted, CellEnded, Output, SystemSampled, NotebookNamed, CellForgotten,
    ModuleKept, GitKept, PackagesKept, DocumentKept, DataRead,
)  # fmt: skip
