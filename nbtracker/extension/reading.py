"""Runs, read for a request: everything that several endpoints need of one."""

import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from nbtracker.api.reading import reading
from nbtracker.errors import JournalError, NotFoundError
from nbtracker.extension import given as arguments
from nbtracker.extension.given import Given
from nbtracker.extension.stores import OpenStore
from nbtracker.store.layout import RunFolder
from nbtracker.views.catalogue.cells import cell
from nbtracker.views.catalogue.facts import Facts, facts_of
from nbtracker.views.catalogue.listed import Listed
from nbtracker.views.catalogue.query import Column, Compare, Order
from nbtracker.views.kept_sessions import KeptSessions
from nbtracker.views.run import RunView
from nbtracker.views.run_cells import outlines_of
from nbtracker.views.session import Execution, SessionView

if TYPE_CHECKING:  # they need numpy, which a server loads when somebody looks at a curve
    from nbtracker.views.bins import Bins
    from nbtracker.views.catalogue.chunks import ChunkReader

MAX_SPARKS, MAX_POINTS, MAX_RELATED = 200, 64, 200
SPARKS_S = 0.5
"""How long sparks may be read before the rest is left for the next question. Units: seconds."""

MAX_ROW = 2**53


@dataclass
class Read:
    """A run, read whole.

    Attributes:
        view: What its journals say.
        kept: Sessions of its store that were read.
    """

    view: RunView
    kept: KeptSessions

    @property
    def name(self) -> str:
        """How the run is called: `project/id`."""
        return f"{self.view.project}/{self.view.id}"

    @cached_property
    def facts(self) -> Facts:
        """What can be said of it without its rows."""
        return facts_of(self.view)

    @cached_property
    def sessions(self) -> list[SessionView]:
        """Those it was recorded in."""
        return self.kept.of(self.view)

    @cached_property
    def outlines(self) -> list[tuple[SessionView, list[Execution]]]:
        """Every execution that may have had a part in it, without its source; by session."""
        return outlines_of(self.view, self.sessions)


def find(source: OpenStore, given: Given) -> tuple[RunFolder, Listed]:
    """Find the run that a request names, as it is now.

    Raises:
        NotFoundError: There is none.
        UsageError: It cannot be the name of one.
    """
    return _find(source, arguments.one(given, "project"), arguments.one(given, "id"))


def _find(source: OpenStore, project: str, run_id: str) -> tuple[RunFolder, Listed]:
    folder = source.store.run(project, run_id)
    run = source.catalogue.look_at(folder) if folder.exists else None
    if run is None:
        raise NotFoundError(f"there is no run {project}/{run_id} in {source.store.path}")
    return folder, run


def read(source: OpenStore, given: Given) -> AbstractContextManager[Read]:
    """Read the run that a request names; it stays as it is inside of the block.

    Raises:
        NotFoundError: There is none.
        JournalDamagedError: It cannot be read.
    """
    return read_named(source, arguments.one(given, "project"), arguments.one(given, "id"))


@contextmanager
def read_named(source: OpenStore, project: str, run_id: str) -> Iterator[Read]:
    """Read a run."""
    folder, _ = _find(source, project, run_id)
    with reading(folder), source.views.of(folder) as view:
        yield Read(view, source.sessions)


def runs_where(source: OpenStore, column: str, value: Any) -> list[Listed]:
    """Give the newest runs of which a fact is this text, oldest first; none for None."""
    if not isinstance(value, str):
        return []
    condition = Compare(Column(column), "eq", cell(value))
    newest = Order(descending=True)
    return source.catalogue.listed(condition, newest, limit=MAX_RELATED)[::-1]


def series(source: OpenStore, given: Given) -> bytes:
    """Answer a question for series."""
    from nbtracker.wire.series import DEFAULT_BINS, MAX_BINS, MAX_METRICS, Query, encoded_series

    folder, run = find(source, given)
    query = Query(
        tuple(arguments.many(given, "metric", MAX_METRICS)),
        x=arguments.one(given, "x", "_step"),
        bins=arguments.number(given, "bins", DEFAULT_BINS, most=MAX_BINS),
        rows=arguments.rows(given, "rows"),
        since=arguments.maybe_number(given, "since", most=MAX_ROW),
        width=arguments.maybe_number(given, "width", most=MAX_ROW),
        ema=arguments.fraction(given, "ema"),
    )
    with reading(folder):
        return encoded_series(
            source.columns, folder, query, state=run.state, started_at=run.created_at or 0.0
        )


def sparks(source: OpenStore, metric: str, runs: Sequence[RunFolder]) -> dict[str, Any]:
    """Give few numbers of a metric for each run, until the time is up; runs that lack it none."""
    found: dict[str, Any] = {}
    until = time.monotonic() + SPARKS_S
    for folder in runs:
        if found and time.monotonic() > until:
            break
        try:
            with reading(folder):
                found[f"{folder.project}/{folder.id}"] = _spark(source, metric, folder)
        except (NotFoundError, JournalError):
            continue
    return found


def _spark(source: OpenStore, metric: str, folder: RunFolder) -> list[float | None]:
    """At most `MAX_POINTS` numbers: all of them, or the smallest and the largest of each bin."""
    from nbtracker.views import bins as binning

    def ask(reader: "ChunkReader") -> "Bins | None":
        width = binning.width(reader.n_rows, MAX_POINTS)
        return reader.bins(metric, width if width == 1 else 2 * width)

    bins = source.columns.ask(folder, ask)
    if bins is None:
        return []
    if bins.rows_per_bin == 1:
        numbers = bins.first.tolist()
    else:
        rises = bins.last >= bins.first
        pairs = zip(rises.tolist(), bins.min.tolist(), bins.max.tolist(), strict=True)
        numbers = [
            value for up, low, high in pairs for value in ((low, high) if up else (high, low))
        ]
    return [None if value != value else value for value in numbers]
