"""What the tests look at of a store: sessions, executions, rows, states."""

from dataclasses import dataclass
from pathlib import Path

from nbtracker.journal.reader import JournalReader
from nbtracker.journal.records import Row
from nbtracker.journal.rows import Rows
from nbtracker.store.layout import MAIN_WRITER, RunFolder, Store
from nbtracker.store.sessions import session_folders
from nbtracker.views.outputs import outputs_of
from nbtracker.views.run import RunView, read_run
from nbtracker.views.session import SessionView, read_session
from nbtracker.views.state import state_of


def only_session(store: Store) -> SessionView:
    """The one session of a store."""
    (folder,) = session_folders(store)
    return read_session(folder)


def statuses(session: SessionView) -> list[str]:
    """What became of each execution."""
    return [one.status for one in session.executions]


def shown(session: SessionView, number: int) -> list[dict]:
    """What an execution showed."""
    return outputs_of(session.folder, number)


def printed(session: SessionView, number: int, name: str = "stdout") -> str:
    """What an execution printed, as a terminal would leave it."""
    outputs = shown(session, number)
    return "".join(str(out["text"]) for out in outputs if out.get("name") == name)


def runs(store: Store) -> list[RunView]:
    """All runs, in the order in which they began."""
    views = [read_run(folder) for folder in store.runs()]
    return sorted(views, key=lambda view: view.started[0].at)


def states(store: Store) -> dict[str, str]:
    """The state of each run, as a reader derives it."""
    return {view.id: state_of(view) for view in runs(store)}


@dataclass(frozen=True)
class Logged:
    """One call of `log`, as it lies in the journal."""

    step: int
    values: dict
    execution: str | None
    segment: bool


def logged(folder: RunFolder) -> list[Logged]:
    """All calls of `log` in the order in which they came."""
    found: list[Logged] = []
    for item in JournalReader(folder.journal(MAIN_WRITER)).read():
        if isinstance(item, Row):
            found.append(Logged(item.step, dict(item.values), item.execution, item.segment))
        elif isinstance(item, Rows):
            for flags, _, step, values in item.tuples():
                row = dict(zip(item.schema.names, values, strict=True))
                found.append(Logged(step, row, item.schema.execution, bool(flags & 4)))
    return found


def files(folder: Path) -> list[Path]:
    """Every file below a folder."""
    return [path for path in folder.rglob("*") if path.is_file()]
