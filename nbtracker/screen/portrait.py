"""A run as it is shown at rest: its facts, config, summary and curves, gathered from its views."""

import os
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nbtracker.errors import attempt
from nbtracker.journal import names
from nbtracker.journal.records import ConfigSet
from nbtracker.store.caches import store_id
from nbtracker.store.layout import RunFolder, Store
from nbtracker.text.changes import change_text
from nbtracker.views.catalogue.facts import flat
from nbtracker.views.cell_names import CellsOfSessions
from nbtracker.views.history import OWN_COLUMNS, STEP
from nbtracker.views.run import RunView
from nbtracker.views.run_cells import sessions_of
from nbtracker.views.state import runtime_now, state_of
from nbtracker.views.unreadable import UNREADABLE

if TYPE_CHECKING:
    from nbtracker.screen.curves import Curve
    from nbtracker.views.catalogue.chunks import ChunkReader
    from nbtracker.views.catalogue.columns import HistoryColumns

MOST_CURVES = 20
"""So many metrics are read at most; what is drawn is a choice of them."""

_TELLING = ("loss", "acc", "score", "reward", "f1", "auc", "error", "perplexity", "metric")
_AXIS_NAMES = {STEP: "step", "_runtime": "seconds", "_timestamp": "time"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a config.

    Attributes:
        key: By its canonical name.
        value: As it is now.
        changes: Each change, in words: `0.01 -> 0.003 @ cell [7], step 120`.
    """

    key: str
    value: Any
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Portrait:
    """What is shown of a run.

    Attributes:
        store: Id of its store; empty if it is recorded nowhere.
        run: `project/id`.
        config: The pinned keys first.
        changed_at: The steps at which the config changed.
        summary: Names, as they are shown, and values.
        curves: The most telling metrics first.
        n_metrics: How many metrics there are.
        trouble: What cannot be read of it, in words.
        seen_at: When this was so. Units: seconds since 1970.
    """

    store: str
    run: str
    name: str
    state: str
    runtime: float | None = None
    n_rows: int = 0
    last_step: int = -1
    tags: tuple[str, ...] = ()
    config: tuple[Entry, ...] = ()
    changed_at: tuple[int, ...] = ()
    summary: tuple[tuple[str, Any], ...] = ()
    curves: "tuple[Curve, ...]" = ()
    n_metrics: int = 0
    error: str | None = None
    trouble: str | None = None
    seen_at: float = field(default_factory=time.time, compare=False)


class Subject:
    """A run that is looked at again and again; each look reads only what is new.

    Args:
        folder: The run.
        view: Of a run that is recorded nowhere: what is in memory of it.

    Attributes:
        folder: The run.
        view: The run as it was when last looked at.
    """

    def __init__(self, folder: RunFolder, view: RunView | None = None) -> None:
        self.folder = folder
        self.view = RunView(folder) if view is None else view
        self._is_recorded = view is None

    @property
    def run(self) -> str:
        """The run as `project/id`."""
        return f"{self.folder.project}/{self.folder.id}"

    def refresh(self) -> bool:
        """Read what was added; say whether anything was, or may have been."""
        return self.view.refresh() if self._is_recorded else True

    def portrait(self) -> Portrait:
        """Look at the run as it is now; of one that cannot be read, tell why."""
        store = store_id(Store(self.folder.store)) if self._is_recorded else ""
        try:
            self.refresh()
            return portrait_of(self.view, store=store)
        except UNREADABLE as error:
            trouble = f"{type(error).__name__}: {error}"
            return Portrait(store, self.run, self.folder.id, "damaged", trouble=trouble)


def _trouble() -> str:
    """Why the curves of a run cannot be drawn: what is shown of it must not end a cell."""
    error = sys.exc_info()[1]
    return f"its curves cannot be drawn: {type(error).__name__}: {error}"


def portrait_of(view: RunView, *, store: str = "") -> Portrait:
    """Gather what is shown of a run.

    Args:
        view: The run, read a moment ago.
        store: Id of its store; empty if it is recorded nowhere: then it has no curves.
    """
    curves: Sequence[Curve] = ()
    trouble = "a part of it is damaged" if view.damages else None
    if store:
        curves, trouble = attempt(lambda: (curves_of(view), trouble), lambda: ((), _trouble()))
    spelled = shown(view.flat_summary)
    hidden = set(OWN_COLUMNS)
    summary = [
        (spelled[name], value) for name, value in view.flat_summary.items() if name not in hidden
    ]
    return Portrait(
        store=store,
        run=f"{view.project}/{view.id}",
        name=view.name,
        state=state_of(view),
        runtime=runtime_now(view),
        n_rows=view.n_rows,
        last_step=view.last_step,
        tags=view.tags,
        config=config_of(view),
        changed_at=tuple(sorted({one.step for one in _changes(view)})),
        summary=tuple(summary),
        curves=tuple(curves),
        n_metrics=len(view.metric_names),
        error=view.error,
        trouble=trouble,
    )


def config_of(view: RunView) -> tuple[Entry, ...]:
    """The config, the pinned keys first, with each change and the cell that made it."""
    cells = CellsOfSessions(lambda: sessions_of(view))
    changes: dict[str, list[str]] = {}
    for one in _changes(view):
        changes.setdefault(one.key, []).append(change_text(one, cells))
    first = [key for key in view.pinned if key in view.config]
    keys = dict.fromkeys([*first, *view.config])
    entries = []
    for key in keys:
        leaves = flat({key: view.config[key]})
        for place, (name, value) in enumerate(leaves.items()):
            said = tuple(changes.get(key, ())) if not place else ()
            entries.append(Entry(_dotted(name), value, said))
    return tuple(entries)


def curves_of(
    view: RunView,
    keys: Iterable[str] | None = None,
    *,
    x: str | None = None,
    most: int = MOST_CURVES,
) -> "list[Curve]":
    """Draw metrics, the most telling ones first.

    Args:
        view: The run.
        keys: Canonical names. Default: the most telling ones.
        x: Canonical name of the axis. Default: each metric's own.
        most: How many, if none are named.
    """
    from nbtracker.screen.curves import curve_of

    known = view.metric_names
    wanted = telling(view)[:most] if keys is None else [key for key in keys if key in known]
    spelled = shown(known)

    def drawn(reader: "ChunkReader", name: str) -> "Curve":
        rule = view.rules.rule(name)
        along = x or rule.step_metric or STEP
        if along not in OWN_COLUMNS and along not in reader.names:
            along = STEP
        return curve_of(
            reader,
            name,
            spelled[name],
            x=along,
            x_label=axis_label(along),
            started_at=view.started_at,
            goal=rule.goal or _goal(rule.summary),
        )

    columns = columns_of(Store(view.folder.store))
    curves = columns.ask(view.folder, lambda reader: [drawn(reader, name) for name in wanted])
    if keys is not None:
        return curves
    # One point is no curve: the number tells it.
    return sorted((one for one in curves if one.segments), key=lambda one: one.n < 2)


def telling(view: RunView) -> list[str]:
    """Canonical names of the metrics to be drawn, the most telling ones first."""
    axes = {rule.step_metric for rule in view.rules.rules.values()} - {None}
    rules = {name: view.rules.rule(name) for name in view.metric_names}
    there = [name for name, rule in rules.items() if name not in axes and not rule.hidden]

    def rank(name: str) -> tuple[int, bool]:
        said = name.lower()
        kind = next((i for i, word in enumerate(_TELLING) if word in said), len(_TELLING))
        return (-1 if rules[name].goal else min(kind, 2), name.startswith("_"))

    return sorted(there, key=rank)


def shown(known: Iterable[str]) -> dict[str, str]:
    """Spell canonical names with dots between their parts; what would look alike stays as it is."""
    dotted = {name: _dotted(name) for name in known}
    times: dict[str, int] = {}
    for said in dotted.values():
        times[said] = times.get(said, 0) + 1
    return {name: said if times[said] == 1 else name for name, said in dotted.items()}


def axis_label(name: str) -> str:
    """How an axis is called."""
    return _AXIS_NAMES.get(name, _dotted(name))


_columns: "dict[str, HistoryColumns]" = {}
_MOST_STORES = 4


def columns_of(store: Store) -> "HistoryColumns":
    """History columns of a store; the last few stores are kept open."""
    from nbtracker.views.catalogue.columns import HistoryColumns
    from nbtracker.views.catalogue.index import Catalogue

    key = os.fspath(store.path)
    if key not in _columns:
        while len(_columns) >= _MOST_STORES:
            _columns.pop(next(iter(_columns))).catalogue.close()
        _columns[key] = HistoryColumns(Catalogue(store))
    return _columns[key]


def _changes(view: RunView) -> list[ConfigSet]:
    return [one for one in view.config_history if not one.first]


def _dotted(name: str) -> str:
    return ".".join(names.split(name))


def _goal(summary: tuple[str, ...]) -> str | None:
    """What is good, where only the summary says so."""
    if "max" in summary and "min" not in summary:
        return "maximize"
    return "minimize" if "min" in summary or "best" in summary else None
