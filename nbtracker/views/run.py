"""What a run is: the fold of all its journals, in any order."""

import bisect
import copy
import math
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from nbtracker.journal import names
from nbtracker.journal.reader import Damage, Item, JournalReader
from nbtracker.journal.records import (
    CodeKept,
    ConfigPinned,
    ConfigSet,
    Edited,
    Ended,
    Gap,
    Heartbeat,
    MetricDefined,
    Record,
    Row,
    RunStarted,
    StopRequested,
    SummaryDeleted,
    SummarySet,
)
from nbtracker.journal.rows import Rows
from nbtracker.store.layout import RunFolder
from nbtracker.views.edited import edit_of
from nbtracker.views.merging import Block, MergedRow, RowMerger
from nbtracker.views.metrics import MetricRules
from nbtracker.views.paths import PathTree
from nbtracker.views.summary import MetricStatistics, Statistics, joined, paths_of, summarise


class _JournalFold:
    """How far one journal was read, and what its rows say."""

    def __init__(self, path: Path) -> None:
        self.reader = JournalReader(path)
        self.merger = RowMerger()
        self.statistics = MetricStatistics()
        self.n_complete = 0
        self.n_said = 0
        self.first_at = 0.0
        self.last_at = 0.0
        # Records keep their order within a journal even where the clock went back.
        self.ordered_at = 0.0
        self._open: MergedRow | None = None
        self._open_paths: PathTree[str] = PathTree()

    def begin(self, item: Record | Rows) -> None:
        """Note when the journal begins, as far as it can still be read."""
        at = next(item.tuples())[1] if isinstance(item, Rows) else item.at
        if math.isfinite(at):
            self.first_at = max(0.0, at)

    def delete(self, path: tuple[str, ...]) -> None:
        """Forget what was logged so far of a part of the summary."""
        self.statistics.delete(path)
        row = self.merger.open
        if row is not None and path:
            if self._open is not row:
                self._open, self._open_paths = row, paths_of(row.values)
                self.statistics.named |= dict.fromkeys(row.values)
            for name in self._open_paths.remove(path):
                del row.values[name]

    def rows(self, item: Rows | Row) -> None:
        """Take in some calls of `log`."""
        for merged in self.merger.feed(item):
            self.statistics.apply(merged)
            self.n_complete += len(merged.frames) if isinstance(merged, Block) else 1
            self.last_at = (
                float(merged.frames["at"][-1]) if isinstance(merged, Block) else merged.at
            )
        if self._open is not None:
            self._go_on(item)

    def _go_on(self, item: Rows | Row) -> None:
        """Note what was added to an open row of which a part was deleted."""
        if self._open is None or self._open is not self.merger.open:
            self._open, self._open_paths = None, PathTree()
            return
        for name in item.values if isinstance(item, Row) else item.schema.names:
            if name in self._open.values:  # late calls add nothing
                self.statistics.named[name] = None
                self._open_paths.put(names.split(name), name)


class RunView:
    """A run as its journals tell it; `refresh` takes in what was added since.

    Attributes:
        folder: The run's folder.
        started: Each time a process began to write the run, in order.
        name, notes, tags, group, job_type, archived: As they are now.
        config: Key to value, as it is now.
        config_history: Each change of the config, in order, the first setting included.
        config_descriptions: What config files say of keys.
        pinned: Config keys to show first.
        rules: What `define_metric` asked for.
        ended: How the last writer ended; None if it did not, or has not yet.
        endings: How each writer ended that did, in order.
        stop_requested: Whether somebody asked the last writer to end.
        code: What the last writer kept of its code; None if it did not, or not yet.
        gaps: Where rows were lost to a full disk.
        damages: Bytes that could not be read.
        heartbeat_at: When a writer last said that it lives. Units: seconds since 1970.
    """

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self.damages: list[Damage] = []
        self.heartbeat_at = 0.0
        self._journals: dict[str, _JournalFold] = {}
        self._said: list[tuple[float, str, int, Record]] = []
        self._forget()

    def _forget(self) -> None:
        self.started: list[RunStarted] = []
        self.name: str = self.folder.id
        self.notes: str | None = None
        self.tags: tuple[str, ...] = ()
        self.group: str | None = None
        self.job_type: str | None = None
        self.archived = False
        self.config: dict[str, Any] = {}
        self.config_history: list[ConfigSet] = []
        self.config_descriptions: dict[str, str] = {}
        self.pinned: tuple[str, ...] = ()
        self.rules = MetricRules()
        self.ended: Ended | None = None
        self.endings: list[Ended] = []
        self.stop_requested = False
        self.code: CodeKept | None = None
        self.gaps: list[Gap] = []
        self._by_hand: list[SummarySet | SummaryDeleted] = []
        self._deleted: list[tuple[str, SummaryDeleted]] = []

    def refresh(self) -> bool:
        """Read what was added to the journals; return whether anything was."""
        before = self.cursor
        for path in self.folder.journals:
            self.take(path, self._fold(path).reader.read())
        return self.cursor != before

    def take(self, journal: Path, items: Iterable[Item]) -> None:
        """Take in what a journal says, after what was taken from it before."""
        fold = self._fold(journal)
        new: list[tuple[float, str, int, Record]] = []
        for item in items:
            self._take(item, fold, new)
        self._order(new)

    def _fold(self, journal: Path) -> _JournalFold:
        fold = self._journals.get(journal.name)
        if fold is None:
            fold = self._journals[journal.name] = _JournalFold(journal)
        return fold

    @property
    def cursor(self) -> dict[str, int]:
        """Journal name to how far it was read. Units: bytes."""
        return {name: fold.reader.end for name, fold in self._journals.items()}

    def _take(
        self, item: Item, fold: _JournalFold, new: list[tuple[float, str, int, Record]]
    ) -> None:
        if not fold.first_at and not isinstance(item, Damage):
            fold.begin(item)
        match item:
            case Rows() | Row():
                fold.rows(item)
            case Damage():
                self.damages.append(item)
            case Heartbeat():
                self.heartbeat_at = max(self.heartbeat_at, item.at)
            case _:
                if isinstance(item, SummaryDeleted):
                    fold.delete(item.path)
                fold.ordered_at = max(fold.ordered_at, item.at)
                fold.n_said += 1
                new.append((fold.ordered_at, fold.reader.path.name, fold.n_said, item))

    def _order(self, new: list[tuple[float, str, int, Record]]) -> None:
        """Apply records in the order of their time, whichever journal came first."""
        new.sort(key=lambda said: said[:3])
        if self._said and new and new[0][:3] < self._said[-1][:3]:
            for said in new:
                bisect.insort(self._said, said, key=lambda one: one[:3])
            self._forget()
            new = self._said
        else:
            self._said += new
        for _, journal, _, record in new:
            if isinstance(record, SummaryDeleted):
                self._deleted.append((journal, record))
            self._apply(record)

    def _apply(self, record: Record) -> None:
        appliers: dict[type[Record], Callable[[Any], None]] = {
            RunStarted: self._start,
            ConfigSet: self._set_config,
            Edited: self._edit,
            MetricDefined: self.rules.apply,
            SummarySet: self._by_hand.append,
            SummaryDeleted: self._by_hand.append,
            Gap: self.gaps.append,
        }
        if apply := appliers.get(type(record)):
            apply(record)
        elif isinstance(record, CodeKept):
            self.code = record
        elif isinstance(record, Ended):
            self.ended = record
            self.endings.append(record)
        elif isinstance(record, ConfigPinned):
            self.pinned = record.keys
        elif isinstance(record, StopRequested):
            self.stop_requested = True

    def _start(self, record: RunStarted) -> None:
        self.started.append(record)
        self.ended, self.stop_requested, self.archived = None, False, False
        self.name, self.notes, self.tags = record.name, record.notes, record.tags
        self.group, self.job_type = record.group, record.job_type

    def _set_config(self, record: ConfigSet) -> None:
        self.config[record.key] = record.new
        self.config_history.append(record)
        if record.desc is not None:
            self.config_descriptions[record.key] = record.desc

    def _edit(self, record: Edited) -> None:
        for field, value in edit_of(record).items():
            setattr(self, field, value)

    @property
    def project(self) -> str:
        """The project, as the folder is called."""
        return self.folder.project

    @property
    def id(self) -> str:
        """The run's id, as the folder is called."""
        return self.folder.id

    @property
    def entity(self) -> str | None:
        """Who owns the run."""
        return self.started[-1].entity if self.started else None

    @property
    def started_at(self) -> float:
        """When the run began. Units: seconds since 1970.

        If its beginning is damaged: the time of the first thing that can be read, or 0.
        """
        if self.started and not self.started[0].resumed:
            return self.started[0].at
        known = [fold.first_at for fold in self._journals.values() if fold.first_at]
        return min(known, default=0.0)

    @property
    def ended_at(self) -> float | None:
        """When the run ended, if it did. Units: seconds since 1970."""
        return self.ended.at if self.ended else None

    @property
    def last_at(self) -> float:
        """When anything was last recorded. Units: seconds since 1970."""
        opened = [fold.merger.open.at for fold in self._journals.values() if fold.merger.open]
        logged = [fold.last_at for fold in self._journals.values()]
        said = [self._said[-1][3].at] if self._said else []
        return max([0.0, self.heartbeat_at, *opened, *logged, *said])

    @property
    def runtime(self) -> float | None:
        """From the start to the last sign of life; None if no time is known. Units: seconds."""
        return max(0.0, self.last_at - self.started_at) if self.started_at else None

    @property
    def exit_code(self) -> int | None:
        """What `finish` was given; None if the run did not end."""
        return self.ended.exit_code if self.ended else None

    @property
    def error(self) -> str | None:
        """The traceback the run ended with, if any."""
        return self.ended.error if self.ended else None

    @property
    def n_rows(self) -> int:
        """How many rows there are, the open one included."""
        return sum(fold.n_complete + bool(fold.merger.open) for fold in self._journals.values())

    @property
    def last_step(self) -> int:
        """The step of the newest row; -1 if there is none."""
        return max((fold.merger.last_step for fold in self._journals.values()), default=-1)

    @property
    def metric_names(self) -> list[str]:
        """Canonical names of all metrics that were logged, in the order they came."""
        found: dict[str, None] = {}
        for _, fold in sorted(self._journals.items()):
            found |= fold.statistics.named
            found |= dict.fromkeys(fold.merger.open.values if fold.merger.open else ())
        return list(found)

    @property
    def summary(self) -> dict[str, Any]:
        """The value that stands for each metric, as nested dicts."""
        folds = list(self._journals.values())
        tree = summarise(self.statistics, self.rules, self._by_hand)
        if self.n_rows:
            opened = [fold.merger.open.at for fold in folds if fold.merger.open]
            at = max(fold.last_at for fold in folds)
            at = max([at, *opened])
            known = {"_step": self.last_step, "_timestamp": at, "_runtime": at - self.started_at}
            tree = {**tree, **{key: value for key, value in known.items() if key not in tree}}
        return copy.deepcopy(tree)

    @property
    def statistics(self) -> dict[str, Statistics]:
        """What is kept of each metric, by its canonical name."""
        # Sorted, so that it does not matter which journal was found first.
        folds = [fold for _, fold in sorted(self._journals.items())]
        return joined(map(self._statistics, folds))

    def _statistics(self, fold: _JournalFold) -> dict[str, Statistics]:
        """Statistics of a journal, less what another journal deleted later.

        What the journal itself deleted is gone already: there, the order is that of the
        journal, and no clock is asked.
        """
        statistics = fold.statistics.with_open(fold.merger.open)
        elsewhere = [one for where, one in self._deleted if where != fold.reader.path.name]
        if not elsewhere:
            return statistics
        deleted: PathTree[float] = PathTree()
        for said in sorted(elsewhere, key=lambda said: said.at):
            if said.path:
                deleted.put(said.path, said.at)
        return {
            name: one
            for name, one in statistics.items()
            if not any(at >= one.at for at in deleted.through(names.split(name)))
        }

    @property
    def flat_summary(self) -> dict[str, Any]:
        """The summary by canonical names."""
        return dict(_leaves(self.summary, ()))


def _leaves(tree: dict[str, Any], above: tuple[str, ...]) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for key, value in tree.items():
        if isinstance(value, dict) and value:
            found += _leaves(value, (*above, key))
        else:
            found.append((names.join((*above, key)), value))
    return found


def read_run(folder: RunFolder) -> RunView:
    """Read all of a run's journals."""
    view = RunView(folder)
    view.refresh()
    return view
