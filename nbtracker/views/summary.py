"""The summary: the one value that stands for each metric.

Statistics of every metric are kept all along, so a definition that comes late still counts
the values before it. NaN never wins a minimum, a maximum or a mean.
"""

import copy
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from nbtracker.journal import names
from nbtracker.journal.records import SummaryDeleted, SummarySet
from nbtracker.views.merging import Block, Merged, MergedRow
from nbtracker.views.metrics import MetricRules
from nbtracker.views.paths import PathTree


@dataclass(slots=True)
class Statistics:
    """What is kept of one metric.

    Attributes:
        first: The first value.
        first_at: When it was logged. Units: seconds since 1970.
        last: The newest value; None if that was logged as missing.
        at: When the newest was logged. Units: seconds since 1970.
        low: The smallest number.
        high: The largest number.
        total: The sum of the numbers.
        n: How many numbers, NaN not counted.
    """

    first: Any
    first_at: float
    last: Any
    at: float
    low: float = math.inf
    high: float = -math.inf
    total: float = 0.0
    n: int = 0

    def add(self, value: Any, at: float) -> None:
        """Take in one more value."""
        self.last, self.at = value, at
        if isinstance(value, int | float) and value == value:
            self.low = min(self.low, value)
            self.high = max(self.high, value)
            self.total += as_float(value)
            self.n += 1

    def join(self, other: "Statistics") -> "Statistics":
        """Statistics of both together; the order does not matter."""
        older = min(self, other, key=lambda one: one.first_at)
        newer = max(other, self, key=lambda one: one.at)
        return replace(
            newer,
            first=older.first,
            first_at=older.first_at,
            low=min(self.low, other.low),
            high=max(self.high, other.high),
            total=self.total + other.total,
            n=self.n + other.n,
        )

    def value(self, operation: str, goal: str | None) -> Any:
        """What `define_metric(summary=operation)` keeps; None if there is no number."""
        if operation == "best":
            operation = "max" if goal == "maximize" else "min"
        if operation in ("min", "max", "mean") and not self.n:
            return None
        match operation:
            case "min":
                return self.low
            case "max":
                return self.high
            case "mean":
                return self.total / self.n
            case "first":
                return self.first
            case _:
                return self.last


class MetricStatistics:
    """Statistics of all metrics of one journal.

    Attributes:
        of: Canonical metric name to its statistics.
        named: All metrics that were logged, those that were deleted since included.
    """

    def __init__(self) -> None:
        self.of: dict[str, Statistics] = {}
        self.named: dict[str, None] = {}
        self._paths: PathTree[str] | None = None  # of the metrics, once one is deleted

    def apply(self, merged: Merged) -> None:
        """Take in complete rows."""
        if isinstance(merged, MergedRow):
            self.add_row(merged.values, merged.at)
        elif len(merged.frames):
            self._add_block(merged)

    def add_row(self, values: Mapping[str, Any], at: float) -> None:
        """Take in one row."""
        self.named |= {name: None for name, value in values.items() if value is not None}
        for name, value in values.items():
            known = self.of.get(name)
            if known is None:
                if value is None:
                    continue
                known = self._begin(name, value, at)
            known.add(value, at)

    def _add_block(self, block: Block) -> None:
        import numpy as np

        first_at, at = (float(block.frames["at"][i]) for i in (0, -1))
        self.named |= dict.fromkeys(block.schema.names)
        for name, column in block.columns().items():
            known = self.of.get(name)
            if known is None:
                first = column[0].item()
                known = self._begin(name, first, first_at)
            known.last, known.at = column[-1].item(), at
            numbers = column[~np.isnan(column)] if column.dtype.kind == "f" else column
            if len(numbers):
                known.low = min(known.low, numbers.min().item())
                known.high = max(known.high, numbers.max().item())
                # One after the other, as single rows are added: the same to the last digit.
                with np.errstate(over="ignore", invalid="ignore"):
                    total = np.add.accumulate(np.append(known.total, numbers))
                known.total = total[-1].item()
                known.n += len(numbers)

    def _begin(self, name: str, value: Any, at: float) -> Statistics:
        if self._paths is not None:
            self._paths.put(names.split(name), name)
        known = self.of[name] = Statistics(value, at, value, at)
        return known

    def delete(self, path: tuple[str, ...]) -> None:
        """Forget what a path of summary keys names, until it is logged again."""
        if not path:
            return
        if self._paths is None:
            self._paths = paths_of(self.of)
        for name in self._paths.remove(path):
            del self.of[name]

    def with_open(self, row: MergedRow | None) -> dict[str, Statistics]:
        """Statistics as if the open row were complete."""
        if row is None:
            return self.of
        seen = MetricStatistics()
        seen.of = dict(self.of)
        for name in row.values.keys() & self.of.keys():
            seen.of[name] = replace(self.of[name])
        seen.add_row(row.values, row.at)
        return seen.of


def joined(parts: Iterable[Mapping[str, Statistics]]) -> dict[str, Statistics]:
    """Statistics over several journals."""
    whole: dict[str, Statistics] = {}
    for part in parts:
        for name, one in part.items():
            whole[name] = whole[name].join(one) if name in whole else one
    return whole


def summarise(
    statistics: Mapping[str, Statistics],
    rules: MetricRules,
    by_hand: Iterable[SummarySet | SummaryDeleted],
) -> dict[str, Any]:
    """Make the summary: nested dicts, as they were logged.

    Args:
        statistics: Of each metric.
        rules: What `define_metric` asked for.
        by_hand: What the user set and deleted, in order. What was set stays as it was set.
    """
    said = [one for one in by_hand if one.path]
    tree: dict[str, Any] = {}
    for name, one in _standing(statistics).items():
        rule = rules.rule(name)
        if "none" in rule.summary:
            continue
        asked = [op for op in rule.summary if op != "copy"]
        value: Any = one.last
        if asked:
            kept = {op: one.value(op, rule.goal) for op in asked}
            value = {op: number for op, number in kept.items() if number is not None}
        if one.last is not None or (asked and value):
            names.put(tree, names.split(name), value)
    for path, value in _set_by_hand(said):
        names.put(tree, path, value)
    return tree


def _standing(statistics: Mapping[str, Statistics]) -> dict[str, Statistics]:
    """Leave out what was replaced: a metric that became a tree, or a tree that became one."""
    standing = dict(statistics)
    paths = paths_of(statistics)
    for name in statistics:
        path = names.split(name) if "." in name else ()
        for _, above in paths.above(path):
            if above in standing and name in standing:
                standing.pop(min(above, name, key=lambda one: _standing_at(standing[one])))
    return standing


def _standing_at(one: Statistics) -> tuple[bool, float]:
    """What a metric that collides is judged by: one that is missing replaces nothing."""
    return one.last is not None, one.at


def _set_by_hand(
    said: Iterable[SummarySet | SummaryDeleted],
) -> Iterable[tuple[tuple[str, ...], Any]]:
    """What the user set and did not delete or replace afterwards, in order."""
    kept: dict[tuple[str, ...], Any] = {}
    paths: PathTree[tuple[str, ...]] = PathTree()
    for change in said:
        path = _bounded(change.path)
        for below in paths.remove(path):
            del kept[below]
        if isinstance(change, SummarySet):
            kept[path] = copy.deepcopy(change.value)
            paths.put(path, path)
        else:
            for n, above in paths.above(path):
                if isinstance(kept[above], dict):
                    _remove(kept[above], path[n:])
    return kept.items()


def _bounded(path: tuple[str, ...]) -> tuple[str, ...]:
    """Give a path that is not too deep to be walked; the rest of a longer one is one key."""
    most = names.MAX_PARTS - 1
    return path if len(path) <= most else (*path[:most], names.join(path[most:]))


def paths_of(metrics: Iterable[str]) -> PathTree[str]:
    """Give metrics by their paths."""
    paths: PathTree[str] = PathTree()
    for name in metrics:
        paths.put(names.split(name), name)
    return paths


def as_float(number: float) -> float:
    """Give a number as a float; an integer that is too large for one is infinite."""
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def _remove(tree: dict[str, Any], path: tuple[str, ...]) -> None:
    for key in path[:-1]:
        below = tree.get(key)
        if not isinstance(below, dict):
            return
        tree = below
    tree.pop(path[-1], None)
