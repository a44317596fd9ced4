"""The history of a run: its complete rows, as an iterator or as columns."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from nbtracker.errors import MissingExtraError
from nbtracker.journal.reader import JournalReader
from nbtracker.journal.records import MetricDefined, Row
from nbtracker.journal.rows import Rows
from nbtracker.store.layout import RunFolder
from nbtracker.views import metrics
from nbtracker.views.merging import Block, Merged, MergedRow, RowMerger
from nbtracker.views.metrics import MetricRules

if TYPE_CHECKING:
    import numpy as np

STEP, TIME, RUNTIME = OWN_COLUMNS = metrics.OWN_COLUMNS


@dataclass(slots=True)
class Column:
    """The values of one metric over all rows.

    Attributes:
        values: float64, int64, bool, or object where a value is not a number. Where a row
            lacks the metric: NaN, 0, False, None. Shape: (n,).
        present: Which rows have it; None if all have. Shape: (n,).
    """

    values: "np.ndarray[Any, Any]"
    present: "np.ndarray[Any, np.dtype[np.bool_]] | None" = None

    def floats(self) -> "np.ndarray[Any, np.dtype[np.float64]]":
        """Give the numbers, with NaN where there is none; not to be changed. Shape: (n,)."""
        import numpy as np

        if self.values.dtype.kind == "O":
            numbers = (v if isinstance(v, int | float) else np.nan for v in self.values)
            return np.fromiter((float(v) for v in numbers), np.float64, len(self.values))
        floats = self.values.astype(np.float64, copy=False)
        if self.present is not None and self.values.dtype.kind != "f":
            floats[~self.present] = np.nan
        return floats


class Stretch(NamedTuple):
    """Neighbouring rows of one execution and one segment: from `row` to where the next begins."""

    row: int
    segment: int
    execution: str | None


@dataclass(slots=True)
class Columns:
    """Rows `start` to `start + n` of a history, column by column.

    Attributes:
        start: The index of the first row.
        step: int64. Shape: (n,).
        at: Seconds since 1970. Shape: (n,).
        segment: int64. Shape: (n,).
        of: Canonical metric name to its column.
        stretches: Which segment and which execution the rows are of; the first begins at `start`.
    """

    start: int
    step: "np.ndarray[Any, np.dtype[np.int64]]"
    at: "np.ndarray[Any, np.dtype[np.float64]]"
    segment: "np.ndarray[Any, np.dtype[np.int64]]"
    of: dict[str, Column] = field(default_factory=dict)
    stretches: list[Stretch] = field(default_factory=list)


class History:
    """The rows of a run, in the order they were completed; `refresh` takes in new ones.

    The last row may still be open; it is given as it stands, and may change.

    Args:
        folder: The run.
        started_at: What `_runtime` counts from. Units: seconds since 1970.
    """

    def __init__(self, folder: RunFolder, started_at: float = 0.0) -> None:
        self.folder = folder
        self.started_at = started_at
        self._parts: dict[str, _JournalRows] = {}

    def refresh(self) -> None:
        """Read what was added to the journals."""
        for path in self.folder.journals:
            part = self._parts.get(path.name)
            if part is None:
                part = self._parts[path.name] = _JournalRows(JournalReader(path))
            part.refresh()

    @property
    def n_complete(self) -> int:
        """How many rows can no longer change."""
        return sum(part.n for part in self._parts.values())

    @property
    def late(self) -> list[MergedRow]:
        """Calls for steps that were complete already: kept, not part of the series."""
        return [row for part in self._parts.values() for row in part.merger.late]

    @property
    def names(self) -> list[str]:
        """Canonical names of all metrics, in the order they came."""
        return list(dict.fromkeys(name for part in self._merged() for name in _names(part)))

    def rows(
        self,
        keys: Iterable[str] | None = None,
        *,
        min_step: int | None = None,
        max_step: int | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Yield rows by canonical names, with `_step`, `_timestamp` and `_runtime`.

        Args:
            keys: Give only rows that have all of these, and only these of them.
            min_step: The first step to give.
            max_step: The first step not to give.
        """
        wanted = None if keys is None else list(keys)
        for row in self._rows():
            if min_step is not None and row.step < min_step:
                continue
            if max_step is not None and row.step >= max_step:
                continue
            own = {STEP: row.step, TIME: row.at, RUNTIME: row.at - self.started_at}
            # `_timestamp` may be logged, too, and then is the user's.
            given = {**own, **row.values}
            if wanted is None:
                yield given
            elif all(key in given for key in wanted):
                yield {key: given[key] for key in wanted}

    def columns(self, keys: Sequence[str] | None = None, *, start: int = 0) -> Columns:
        """Give rows as columns.

        Args:
            keys: Canonical names. Default: all.
            start: The first row to give; `n_complete` of an earlier look, to get what is new.

        Raises:
            MissingExtraError: numpy cannot be imported.
        """
        try:
            import numpy as np
        except ImportError as error:
            raise MissingExtraError(
                "to read a history as columns, numpy is needed: pip install numpy"
            ) from error
        parts = list(_from_row(self._merged(), start))
        wanted = None if keys is None else set(keys)
        columns = Columns(
            start,
            _joined(np, [_steps(np, part) for part in parts], np.int64),
            _joined(np, [_times(np, part) for part in parts], np.float64),
            _joined(np, [np.full(len(part), part.segment, np.int64) for part in parts], np.int64),
            stretches=list(_stretches(parts, start)),
        )
        names = dict.fromkeys(name for part in parts for name in part.names)
        for name in names if wanted is None else [name for name in names if name in wanted]:
            columns.of[name] = _column(np, name, parts)
        return columns

    def _merged(self) -> Iterator[Merged]:
        for _, part in sorted(self._parts.items()):
            yield from part.merged()

    def _rows(self) -> Iterator[MergedRow]:
        for part in self._merged():
            if isinstance(part, MergedRow):
                yield part
            else:
                yield from _block_rows(part)


class _JournalRows:
    """The complete rows of one journal, step metrics filled in."""

    def __init__(self, reader: JournalReader) -> None:
        self.reader = reader
        self.merger = RowMerger()
        self.n = 0
        self._rules = MetricRules()
        self._latest: dict[str, Any] = {}
        self._complete: list[Merged] = []

    def refresh(self) -> None:
        for item in self.reader.read():
            if isinstance(item, MetricDefined):
                self._rules.apply(item)
            elif isinstance(item, Rows | Row):
                for merged in self.merger.feed(item):
                    self._complete += [self._filled(merged)]
                    self.n += len(merged.frames) if isinstance(merged, Block) else 1

    def merged(self) -> Iterator[Merged]:
        yield from self._complete
        if self.merger.open is not None:
            row = self.merger.open
            yield self._with_steps(
                MergedRow(row.step, row.at, dict(row.values), row.segment, row.execution)
            )

    def _filled(self, merged: Merged) -> Merged:
        """Add the step metrics that a row should have and lacks, as `step_sync` asks."""
        if not self._rules.synced:
            return merged
        if isinstance(merged, Block):
            if not len(merged.frames):
                return merged
            missing = self._rules.missing_step_metrics(merged.schema.names)
            for name, column in merged.columns().items():
                self._latest[name] = column[-1].item()
            merged.constants = {name: self._latest.get(name, 0) for name in missing}
            return merged
        for name, value in merged.values.items():
            if isinstance(value, int | float):
                self._latest[name] = value
        return self._with_steps(merged)

    def _with_steps(self, row: MergedRow) -> MergedRow:
        if self._rules.synced:
            for name in self._rules.missing_step_metrics(tuple(row.values)):
                row.values[name] = self._latest.get(name, 0)
        return row


def _names(merged: Merged) -> Iterable[str]:
    if isinstance(merged, MergedRow):
        return merged.values
    return (*merged.schema.names, *merged.constants)


def _block_rows(block: Block) -> Iterator[MergedRow]:
    names = block.schema.names
    for frame in block.frames.tolist():
        values = dict(zip(names, frame[7:-1], strict=True)) | block.constants
        yield MergedRow(frame[6], frame[5], values, block.segment, block.schema.execution)


class _Part:
    """Consecutive rows that columns are made of: a slice of a block, or single rows."""

    def __init__(self, segment: int, block: Block | None, rows: list[MergedRow]) -> None:
        self.segment = segment
        self.block = block
        self.rows = rows
        if block is not None:
            self.names: dict[str, None] = dict.fromkeys(_names(block))
        else:
            self.names = dict.fromkeys(name for row in rows for name in row.values)

    def __len__(self) -> int:
        return len(self.rows) if self.block is None else len(self.block.frames)


def _from_row(merged: Iterable[Merged], start: int) -> Iterator[_Part]:
    """Skip `start` rows, and put single rows together."""
    rows: list[MergedRow] = []
    for one in merged:
        size = 1 if isinstance(one, MergedRow) else len(one.frames)
        if start >= size:
            start -= size
            continue
        if isinstance(one, MergedRow):
            if rows and rows[-1].segment != one.segment:
                yield _Part(rows[0].segment, None, rows)
                rows = []
            rows.append(one)
            continue
        if rows:
            yield _Part(rows[0].segment, None, rows)
            rows = []
        block = Block(one.schema, one.frames[start:], one.segment, one.constants)
        start = 0
        yield _Part(one.segment, block, [])
    if rows:
        yield _Part(rows[0].segment, None, rows)


def _stretches(parts: Iterable[_Part], start: int) -> Iterator[Stretch]:
    at, before = start, None
    for part in parts:
        if part.block is not None:
            made_by: list[str | None] = [part.block.schema.execution]
        else:
            made_by = [row.execution for row in part.rows]
        for i, execution in enumerate(made_by):
            if before != (part.segment, execution):
                before = part.segment, execution
                yield Stretch(at + i, part.segment, execution)
        at += len(part)


def _steps(np: Any, part: _Part) -> Any:
    if part.block is not None:
        return part.block.frames["step"]
    return np.array([row.step for row in part.rows], dtype=np.int64)


def _times(np: Any, part: _Part) -> Any:
    if part.block is not None:
        return part.block.frames["at"]
    return np.array([row.at for row in part.rows], dtype=np.float64)


def _joined(np: Any, arrays: list[Any], dtype: Any) -> Any:
    return np.concatenate(arrays, dtype=dtype) if arrays else np.empty(0, dtype)


def _column(np: Any, name: str, parts: list[_Part]) -> Column:
    pieces = [_piece(np, name, part) for part in parts]
    kinds = {values.dtype.kind for values, here in pieces if here is None or here.any()}
    present = None
    if any(here is not None for _, here in pieces):
        present = np.concatenate(
            [np.ones(len(values), bool) if here is None else here for values, here in pieces]
        )
    if len(kinds) == 1:
        (kind,) = kinds
        dtype = {"f": np.float64, "i": np.int64, "b": np.bool_, "O": object}[kind]
        return Column(_joined(np, [_blank(np, piece, dtype) for piece in pieces], dtype), present)
    if kinds == {"f", "i"} and all(_is_exact(values) for values, _ in pieces):
        floats = [_blank(np, piece, np.float64) for piece in pieces]
        column = Column(_joined(np, floats, np.float64), present)
        if present is not None:
            column.values[~present] = np.nan
        return column
    values = np.concatenate([_blank(np, piece, object) for piece in pieces])
    if present is not None:
        values[~present] = None
    return Column(values, present)


def _is_exact(values: Any) -> bool:
    """Whether a float64 holds these numbers with all their digits."""
    if values.dtype.kind == "f" or not len(values):
        return True
    return bool(values.min() >= -(2**53) and values.max() <= 2**53)


def _blank(np: Any, piece: tuple[Any, Any], dtype: Any) -> Any:
    """A piece as `dtype`; one without any value takes whatever stands for a missing one."""
    values, here = piece
    if here is not None and not here.any():
        return np.full(
            len(values), np.nan if dtype is np.float64 else None if dtype is object else 0, dtype
        )
    return values.astype(dtype, copy=False)


def _piece(np: Any, name: str, part: _Part) -> tuple[Any, Any]:
    """A part's values of a metric, and which rows have it; None if all have."""
    if part.block is not None:
        block = part.block
        if name in block.constants:
            return np.full(len(part), block.constants[name]), None
        if name not in block.schema.names:
            return np.full(len(part), np.nan), np.zeros(len(part), bool)
        return block.frames[f"v{block.schema.names.index(name)}"], None
    values = [row.values.get(name) for row in part.rows]
    here = np.array([name in row.values for row in part.rows], bool)
    given = {type(value) for value, has in zip(values, here, strict=True) if has}
    for kind, dtype, blank in (
        (float, np.float64, np.nan),
        (int, np.int64, 0),
        (bool, bool, False),
    ):
        if given == {kind}:
            filled = [value if has else blank for value, has in zip(values, here, strict=True)]
            try:
                array = np.array(filled, dtype)
            except OverflowError:  # an integer beyond 64 bits
                break
            return array, None if here.all() else here
    array = np.empty(len(values), object)
    array[:] = values
    return array, None if here.all() else here
