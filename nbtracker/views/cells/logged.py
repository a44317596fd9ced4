"""Which executions opened a run and logged a metric, and which runs belong together."""

from collections.abc import Callable

from nbtracker.errors import NotFoundError
from nbtracker.journal.names import split
from nbtracker.journal.reader import JournalReader
from nbtracker.journal.records import Row, RunStarted
from nbtracker.journal.rows import Rows
from nbtracker.store.layout import RunFolder, Store
from nbtracker.views.history import Columns, History
from nbtracker.views.run import RunView


def columns_of(folder: RunFolder) -> Columns:
    """Read all rows of a run."""
    history = History(folder)
    history.refresh()
    return history.columns()


def name_of_metric(typed: str, columns: Columns, folder: RunFolder) -> str:
    """Find the canonical name of a metric that was typed.

    Raises:
        NotFoundError: The run did not log it.
    """
    for name in columns.of:
        if typed in (name, ".".join(split(name)), "/".join(split(name))):
            return name
    there = ", ".join(columns.of) or "none"
    raise NotFoundError(
        f"run {folder.project}/{folder.id} did not log {typed!r}; it logged {there}"
    )


def logged_by(folder: RunFolder, metric: str) -> set[str | None]:
    """Ids of the executions that logged a metric."""
    found = set()
    for path in folder.journals:
        for item in JournalReader(path).read():
            if isinstance(item, Row) and metric in item.values:
                found.add(item.execution)
            elif isinstance(item, Rows) and metric in item.schema.names:
                found.add(item.schema.execution)
    return found


def opened_by(view: RunView) -> set[str | None]:
    """Ids of the executions that began a run, went on with it, or set its config."""
    found = {one.execution for one in view.started}
    return found | {one.execution for one in view.config_history}


def attempts_of(
    store: Store, belongs: Callable[[RunStarted], bool]
) -> list[tuple[RunFolder, RunStarted]]:
    """Runs of a store whose beginning is of some kind, in the order they began."""
    found = []
    for folder in store.runs():
        started = _beginning(folder)
        if started is not None and belongs(started):
            found.append((folder, started))
    return sorted(found, key=lambda one: one[1].at)


def _beginning(folder: RunFolder) -> RunStarted | None:
    """How a run began; only the first bytes of its journals are read."""
    for path in folder.journals:
        for item in JournalReader(path).read():
            if isinstance(item, RunStarted):
                return item
            break
    return None
