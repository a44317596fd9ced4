"""From the words of a line to the run, the session and the executions that are meant."""

from collections.abc import Callable

from nbtracker.api.paths import find_run, newest_run
from nbtracker.errors import NotFoundError, UsageError
from nbtracker.notebook.session import Session, recorder
from nbtracker.sdk.current import ACTIVE
from nbtracker.sdk.run import Run
from nbtracker.store.layout import RunFolder, Store, open_store
from nbtracker.views.cells.naming import numbers_of
from nbtracker.views.session import RUNNING, Execution


def open_run() -> Run:
    """The run that is open.

    Raises:
        UsageError: None is.
    """
    if ACTIVE.current is None:
        raise UsageError("no run is open; begin one: %tracker init --project digits lr=0.1")
    return ACTIVE.current


def recorded_session() -> Session:
    """The session that is being recorded.

    Raises:
        UsageError: None is.
    """
    session = recorder()
    if session is None:
        raise UsageError("cells are not recorded; %load_ext nbtracker records them from then on")
    return session


def store_meant() -> Store:
    """The store of what is recorded now, else the one that `init` would find."""
    if ACTIVE.current is not None and not ACTIVE.current.disabled:
        return Store(ACTIVE.current._folder.store)
    session = recorder()
    return open_store() if session is None else session.store


def run_meant(named: str | None) -> RunFolder:
    """The run that is named; else the current one; else the newest, replays aside.

    Raises:
        NotFoundError: There is none of that name, or none at all.
        UsageError: It cannot be a name, or is that of several runs.
    """
    store = store_meant()
    if named is not None:
        return find_run(store, named, beginning=True)
    if ACTIVE.current is not None and not ACTIVE.current.disabled:
        return ACTIVE.current._folder
    newest = newest_run(store)
    if newest is None:
        raise NotFoundError(f"there are no runs in {store.path} yet; %tracker init begins one")
    return newest


def of_current_run() -> Callable[[Execution], bool]:
    """What tells the executions that have gone on while the current run has."""
    run = ACTIVE.current
    if run is None:
        return lambda _: False
    began = run.start_time
    return lambda one: one.status == RUNNING or (one.ended_at or 0.0) >= began


def numbers_meant(word: str, executions: list[Execution]) -> list[int]:
    """The executions that `7`, `[7]`, `3-7`, `#12` or the id of a cell names.

    Raises:
        UsageError: There are none, or `7` was the prompt of several.
    """
    return numbers_of(word, executions, "%tracker cells")
