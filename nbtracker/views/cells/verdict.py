"""Whether a run that was executed again is the run it repeats; and if not, why."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nbtracker.views.history import Column, Columns

REPRODUCED, WITHIN, DIFFERS = "reproduced", "within tolerance", "differs"
STOPPED = "stopped"
"""Said of a replay that did not reach its end: nothing can be said of the values."""
TOLERANCE = 1e-6
BYTES = " bytes"
"""Ends what stands for the digest of a file that is too large for one."""
_MOST = 10


@dataclass(frozen=True)
class Facts:
    """What may explain that two runs differ.

    Attributes:
        cells: Digest of each cell's source, in the order of execution.
        config: The run's, each value spelled as text.
        modules: First-party module to the digest of its source.
        packages: Name to version.
        data: Path of a file that was read to its digest, or to its size in bytes.
        python: Version.
        unseeded: Library whose random numbers were drawn without a seed to where, and what
            would be right.
        hidden: What the badge says of hidden state.
        failed: Cells that fail, in words, by the number of their execution.
        missing: Executions whose source was not kept, or is not what was executed, in words.
    """

    cells: tuple[str, ...] = ()
    config: Mapping[str, str] = field(default_factory=dict)
    modules: Mapping[str, str] = field(default_factory=dict)
    packages: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, str] = field(default_factory=dict)
    python: str = ""
    unseeded: Mapping[str, str] = field(default_factory=dict)
    hidden: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """How a run compares to the one it repeats.

    Attributes:
        kind: "reproduced": every value of every metric is the same, bit for bit. "within
            tolerance": no value is further off than the tolerance. "differs". "stopped": not
            all cells were executed, so that there is nothing to compare.
        step: The first step at which they differ; None if they do not, or if rows are not
            the reason.
        metric: The metric that differs there.
        old, new: Its values.
        causes: What may explain it, the most likely first.
    """

    kind: str
    step: int | None = None
    metric: str | None = None
    old: Any = None
    new: Any = None
    causes: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Say it in one line."""
        if self.kind == STOPPED:
            return f"{self.kind}, and so not compared"
        if self.kind != DIFFERS:
            return self.kind
        where = "" if self.step is None else f" at step {self.step}"
        what = "" if self.metric is None else f" in {self.metric}: {self.old!r}, now {self.new!r}"
        return f"{self.kind}{where}{what}"


@dataclass(frozen=True)
class _Difference:
    step: int
    metric: str
    old: Any
    new: Any


_ABSENT = None


def compare(
    old: Columns,
    new: Columns,
    tolerance: float = TOLERANCE,
    *,
    old_facts: Facts | None = None,
    new_facts: Facts | None = None,
    only: str | None = None,
    cut_short: bool = False,
) -> Verdict:
    """Compare two histories, value by value.

    Args:
        old: The run that is repeated.
        new: The run that repeats it.
        tolerance: How far a value may be off, relative to the larger of the two.
        old_facts: What was around the first one.
        new_facts: What was around the second one.
        only: Compare this metric alone, by the order of its values, and count these instead of
            steps: other cells that logged are left out of a slice.
        cut_short: The old run did not reach its end; what the new one has more is no difference.
    """
    names = [only] if only is not None else list(dict.fromkeys((*old.of, *new.of)))
    series = [
        (name, _series(old, name, only is None), _series(new, name, only is None)) for name in names
    ]
    exact = _first(series, 0.0, cut_short=cut_short)
    if exact is None:
        return Verdict(REPRODUCED)
    far = _first(series, tolerance, cut_short=cut_short) if tolerance > 0 else exact
    if far is None:
        return Verdict(WITHIN, exact.step, exact.metric, exact.old, exact.new)
    causes = causes_of(old_facts or Facts(), new_facts or Facts())
    return Verdict(DIFFERS, far.step, far.metric, far.old, far.new, causes)


def causes_of(old: Facts, new: Facts) -> tuple[str, ...]:
    """Name what may explain a difference, the most likely first; "unknown" if nothing does."""
    found = [*new.failed, *old.missing, *_edited(old, new)]
    found += _changed("config", old.config, new.config)
    found += _changed("package", old.packages, new.packages)
    found += _changed("data file", _of_a_kind(old.data, new.data), new.data, short=True)
    if old.python and new.python and old.python != new.python:
        found.append(f"Python was {old.python}, and is {new.python}")
    found += [f"no seed: {said}" for said in {**new.unseeded, **old.unseeded}.values()]
    found += dict.fromkeys((*old.hidden, *new.hidden))
    if len(found) > _MOST:
        found[_MOST:] = [f"and {len(found) - _MOST} more"]
    return tuple(found) or ("unknown",)


def _edited(old: Facts, new: Facts) -> list[str]:
    found = []
    if old.cells and new.cells and old.cells != new.cells:
        pairs = zip(old.cells, new.cells, strict=False)
        n = next((n for n, (a, b) in enumerate(pairs, 1) if a != b), None)
        if n is not None:
            found.append(f"cell {n} of {len(old.cells)} was edited")
        else:
            found.append(f"there were {len(old.cells)} cells, and are {len(new.cells)}")
    return found + _changed("module", old.modules, new.modules, short=True)


def _changed(
    what: str, old: Mapping[str, str], new: Mapping[str, str], *, short: bool = False
) -> list[str]:
    found = []
    for name in sorted(old.keys() & new.keys()):
        if old[name] != new[name]:
            was, now = (old[name][:12], new[name][:12]) if short else (old[name], new[name])
            found.append(f"{what} {name} was {was}, and is {now}")
    return found


def _of_a_kind(old: Mapping[str, str], new: Mapping[str, str]) -> Mapping[str, str]:
    """Without what was digested one time, and only measured the other time."""
    return {
        path: was
        for path, was in old.items()
        if was.endswith(BYTES) == new.get(path, was).endswith(BYTES)
    }


def _series(columns: Columns, name: str, by_step: bool) -> list[tuple[int, int, Any]]:
    """Values of a metric where it has one, with their steps and segments."""
    column: Column | None = columns.of.get(name)
    if column is None:
        return []
    values = column.values.tolist()
    here = [True] * len(values) if column.present is None else column.present.tolist()
    steps, segments = columns.step.tolist(), columns.segment.tolist()
    found = [
        (step, segment, value)
        for step, segment, value, has in zip(steps, segments, values, here, strict=True)
        if has
    ]
    return found if by_step else [(n, 0, value) for n, (_, _, value) in enumerate(found)]


def _first(
    series: list[tuple[str, list[tuple[int, int, Any]], list[tuple[int, int, Any]]]],
    tolerance: float,
    *,
    cut_short: bool,
) -> _Difference | None:
    """The difference that comes first in the history."""
    found = [_first_of(name, old, new, tolerance, cut_short) for name, old, new in series]
    there = [one for one in found if one is not None]
    return min(there, key=lambda one: one[0])[1] if there else None


def _first_of(
    name: str,
    old: list[tuple[int, int, Any]],
    new: list[tuple[int, int, Any]],
    tolerance: float,
    cut_short: bool,
) -> tuple[tuple[int, int], _Difference] | None:
    for (step, segment, was), (now_step, now_segment, now) in zip(old, new, strict=False):
        where = (segment, step)
        if where != (now_segment, now_step):
            first = min(where, (now_segment, now_step))
            has = first == where
            return first, _Difference(first[1], name, was if has else _ABSENT, None if has else now)
        if not same(was, now, tolerance):
            return where, _Difference(step, name, was, now)
    if len(old) > len(new):
        step, segment, was = old[len(new)]
        return (segment, step), _Difference(step, name, was, _ABSENT)
    if len(new) > len(old) and not cut_short:
        step, segment, now = new[len(old)]
        return (segment, step), _Difference(step, name, _ABSENT, now)
    return None


def same(old: Any, new: Any, tolerance: float = 0.0) -> bool:
    """Whether two values are the same; numbers may be off by a relative tolerance.

    Without a tolerance, floats must have the same bits; any NaN is like any other.
    """
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(same(old[k], new[k], tolerance) for k in old)
    if isinstance(old, list) and isinstance(new, list):
        pairs = zip(old, new, strict=False)
        return len(old) == len(new) and all(same(a, b, tolerance) for a, b in pairs)
    if not (_is_number(old) and _is_number(new)):
        return bool(type(old) is type(new) and old == new)
    return _same_number(old, new, tolerance)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _same_number(old: float, new: float, tolerance: float) -> bool:
    if old != old or new != new:
        return old != old and new != new
    if old == new:
        signs = math.copysign(1, old) == math.copysign(1, new)
        return tolerance > 0 or (type(old) is type(new) and signs)
    if math.isinf(old) or math.isinf(new):
        return False
    return abs(old - new) <= tolerance * max(abs(old), abs(new))
