"""Columns as a table of pandas, polars or Arrow, whichever is asked for and installed."""

from collections.abc import Mapping, Sequence
from typing import Any

from nbtracker.errors import MissingExtraError, UsageError
from nbtracker.journal.records import dumps

FORMATS = ("pandas", "polars", "arrow", "dicts")


def check_format(asked: str | None, *, pandas: bool = True) -> str:
    """Return the format to give: `asked`, else what the reference's `pandas` argument says.

    Raises:
        UsageError: There is no such format.
    """
    chosen = asked if asked is not None else ("pandas" if pandas else "dicts")
    chosen = {"default": "dicts", "pyarrow": "arrow"}.get(chosen, chosen)
    if chosen not in FORMATS:
        raise UsageError(f"there is no format {asked!r}; known are {', '.join(FORMATS)}")
    return chosen


def table(columns: Mapping[str, Sequence[Any]], chosen: str) -> Any:
    """Make a table of lists or numpy arrays that are equally long.

    None stands for a missing value. pandas shows it as NaN in a column of numbers; polars and
    Arrow keep it apart from NaN. Values of several kinds in one column are kept as they are
    by pandas, and as their JSON by polars and Arrow.

    Raises:
        MissingExtraError: The package that makes such tables is not installed.
    """
    if chosen == "dicts":
        lists = {name: _as_list(values) for name, values in columns.items()}
        return [
            {name: value for name, value in zip(lists, row, strict=True) if value is not None}
            for row in zip(*lists.values(), strict=True)
        ]
    # None of them takes a name that UTF-8 cannot spell.
    columns = {name.encode("utf-8", "backslashreplace").decode(): columns[name] for name in columns}
    if chosen == "pandas":
        return _pandas(columns)
    return _polars(columns) if chosen == "polars" else _arrow(columns)


def _pandas(columns: Mapping[str, Sequence[Any]]) -> Any:
    try:
        import pandas as pd
    except ImportError as error:
        raise _missing("pandas", "pandas") from error
    made = {name: _pandas_column(pd, values) for name, values in columns.items()}
    return pd.DataFrame(made, columns=list(columns))


def _pandas_column(pd: Any, values: Any) -> Any:
    if hasattr(values, "dtype"):
        # A copy: blobs of the catalogue cannot be written to, and a DataFrame can.
        return pd.Series(values.copy())
    kinds = {type(value) for value in values if value is not None}
    if kinds and kinds <= {int, float} and (None in values or float in kinds):
        return pd.Series(values, dtype="float64")
    if len(kinds) == 1 and kinds <= {int, bool} and _fits(values):
        return pd.Series(values, dtype=None if None not in values else object)
    return pd.Series(values, dtype=object)


def _fits(values: Sequence[Any]) -> bool:
    return all(value is None or -(2**63) <= value < 2**63 for value in values)


def _polars(columns: Mapping[str, Sequence[Any]]) -> Any:
    try:
        import polars as pl
    except ImportError as error:
        raise _missing("polars", "polars") from error
    made = {}
    for name, values in columns.items():
        plain = _one_kind(values)
        made[name] = pl.Series(name, plain, dtype=pl.Null if not len(plain) else None)
    return pl.DataFrame(made)


def _arrow(columns: Mapping[str, Sequence[Any]]) -> Any:
    try:
        import pyarrow as pa  # type: ignore[import-untyped]
    except ImportError as error:
        raise _missing("Arrow table", "arrow") from error
    return pa.table({name: pa.array(_one_kind(values)) for name, values in columns.items()})


def _one_kind(values: Sequence[Any]) -> Sequence[Any]:
    """Values that fit one typed column; else their JSON."""
    if hasattr(values, "dtype"):
        return values
    kinds = {type(value) for value in values if value is not None}
    if kinds == {int, float}:
        return [None if value is None else float(value) for value in values]
    if len(kinds) <= 1 and kinds <= {int, float, bool, str} and (kinds != {int} or _fits(values)):
        if kinds == {str}:
            return [None if v is None else v.encode("utf-8", "replace").decode() for v in values]
        return values
    return [None if value is None else dumps(value).decode("utf-8", "replace") for value in values]


def _as_list(values: Sequence[Any]) -> list[Any]:
    return values.tolist() if hasattr(values, "tolist") else list(values)


def _missing(what: str, extra: str) -> MissingExtraError:
    name = "a DataFrame of " + what if extra != "arrow" else "an " + what
    return MissingExtraError(f"to get {name}, pip install 'nbtracker[{extra}]'")
