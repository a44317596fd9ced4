"""`nbtracker export`: a run's history as CSV, JSON or Parquet."""

import argparse
import csv
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from nbtracker.cli.finding import find_run, reading, view_run
from nbtracker.cli.progress import Progress
from nbtracker.cli.text import escaped, json_text, plural
from nbtracker.errors import MissingExtraError, UsageError
from nbtracker.store.layout import open_store
from nbtracker.views.history import OWN_COLUMNS, RUNTIME, STEP, TIME, History

FORMATS = ("csv", "json", "parquet")
# What a spreadsheet takes for the beginning of a formula, in its full-width forms, too.
_FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_BATCH = 1_000


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Describe `export`."""
    export = commands.add_parser(
        "export", parents=[common], help="write a run's history as a table"
    )
    export.add_argument("run", metavar="RUN", help="an id or its beginning, or project/id")
    export.add_argument("-o", "--output", metavar="FILE", help="where to (default: print it)")
    export.add_argument(
        "--format", choices=FORMATS, help="default: as FILE ends, else csv; --json means json"
    )
    export.set_defaults(act=export_run)


def export_run(arguments: argparse.Namespace) -> int:
    """Write the history of a run."""
    chosen = _format(arguments)
    folder = find_run(open_store(arguments.dir), arguments.run)
    view = view_run(folder)
    history = History(folder, view.started_at)
    with reading(folder):
        history.refresh()
    if arguments.output is None:
        _WRITERS[chosen](history, sys.stdout, lambda _: None)
        return 0
    target = Path(arguments.output)
    with Progress("exporting rows", view.n_rows) as progress:
        if chosen == "parquet":
            with _replacing(target) as path:
                _write_parquet(history, path)
        else:
            with (
                _replacing(target) as path,
                path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file,
            ):
                _WRITERS[chosen](history, file, progress.advance)
    print(escaped(f"{plural(view.n_rows, 'row')} written to {target}"), file=sys.stderr)
    return 0


def _format(arguments: argparse.Namespace) -> str:
    ending = Path(arguments.output).suffix[1:].lower() if arguments.output else ""
    chosen = arguments.format or (ending if ending in FORMATS else "csv")
    if arguments.json:
        if arguments.format not in (None, "json"):
            raise UsageError(f"--json and --format {arguments.format} differ; give one of them")
        chosen = "json"
    if chosen == "parquet" and arguments.output is None:
        raise UsageError("parquet cannot be printed; name a file with -o FILE")
    return str(chosen)


@contextmanager
def _replacing(target: Path) -> Iterator[Path]:
    """Give a path to write to; `target` changes only when all of it is there."""
    target = Path(os.path.realpath(target))
    if target.exists() and not target.is_file():
        yield target  # a pipe or a device cannot be replaced
        return
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        yield part
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _columns(history: History) -> list[str]:
    return [*OWN_COLUMNS, *(name for name in history.names if name not in OWN_COLUMNS)]


def _write_csv(history: History, file: TextIO, advance: Callable[[int], None]) -> None:
    """Write CSV: a missing value is empty, NaN is `nan`."""
    names = _columns(history)
    # What is printed may meet a terminal; a file keeps every character.
    shown: Callable[[str], str] = escaped if file is sys.stdout else str
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([shown(neutral(name)) for name in names])
    for n, row in enumerate(history.rows(), 1):
        writer.writerow([shown(_cell(row[name])) if name in row else "" for name in names])
        if not n % _BATCH:
            advance(_BATCH)


def _cell(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return json_text(value)
    if isinstance(value, int | float):
        return repr(value)
    return neutral(value if isinstance(value, str) else json_text(value))


def neutral(text: str) -> str:
    """Keep a spreadsheet from running a text as a formula: it gets a leading quote."""
    if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def _write_json(history: History, file: TextIO, advance: Callable[[int], None]) -> None:
    """Write one array with an object for each row, by canonical names."""
    before = "["
    for n, row in enumerate(history.rows(), 1):
        file.write(f"{before}{json_text(row)}")
        before = ",\n"
        if not n % _BATCH:
            advance(_BATCH)
    file.write("[]\n" if before == "[" else "]\n")


def _write_parquet(history: History, path: Path) -> None:
    try:
        import pyarrow.parquet as pq  # type: ignore[import-untyped]
    except ImportError as error:
        raise MissingExtraError("to write Parquet, pip install 'nbtracker[arrow]'") from error
    from nbtracker.api.frames import table

    columns = history.columns()
    own: dict[str, Any] = {
        STEP: columns.step,
        TIME: columns.at,
        RUNTIME: columns.at - history.started_at,
    }
    rest = {
        name.encode("utf-8", "backslashreplace").decode(): _values(column)
        for name, column in columns.of.items()
    }
    pq.write_table(table({**own, **rest}, "arrow"), path)


def _values(column: Any) -> Any:
    """A column's values with None where a row has none; NaN that was logged stays NaN."""
    if column.present is None and column.values.dtype.kind != "O":
        return column.values
    values = column.values.tolist()
    if column.present is None:
        return values
    return [
        value if there else None
        for value, there in zip(values, column.present.tolist(), strict=True)
    ]


_WRITERS: dict[str, Callable[[History, TextIO, Callable[[int], None]], None]] = {
    "csv": _write_csv,
    "json": _write_json,
}
