"""`nbtracker export`: a run's history as CSV, JSON or Parquet."""

import argparse
import csv
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from nbtracker.api.reading import reading, view_run
from nbtracker.api.segments import SEGMENT, SegmentedHistory
from nbtracker.cli.finding import find_run
from nbtracker.cli.progress import Progress
from nbtracker.errors import MissingExtraError, UsageError
from nbtracker.ids import new_id
from nbtracker.store.layout import open_store
from nbtracker.text.values import escaped, json_text, plural
from nbtracker.views.history import OWN_COLUMNS

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
        "--format",
        choices=FORMATS,
        help="default: as FILE ends, csv if it has no ending; --json means json",
    )
    export.set_defaults(act=export_run)


def export_run(arguments: argparse.Namespace) -> int:
    """Write the history of a run."""
    chosen = _format(arguments)
    target = None if arguments.output is None else _target(arguments.output)
    folder = find_run(open_store(arguments.dir), arguments.run)
    view = view_run(folder)
    history = SegmentedHistory(folder, view.started_at)
    with reading(folder):
        history.refresh()
    if target is None:
        _WRITERS[chosen](history, sys.stdout, lambda _: None)
        return 0
    with Progress("exporting rows", view.n_rows) as progress, _replacing(target) as file:
        if chosen == "parquet":
            _write_parquet(history, file)
        else:
            text = TextIOWrapper(file, "utf-8", "backslashreplace", newline="")
            _WRITERS[chosen](history, text, progress.advance)
            text.detach()
    print(escaped(f"{plural(view.n_rows, 'row')} written to {target}"), file=sys.stderr)
    return 0


def _format(arguments: argparse.Namespace) -> str:
    ending = Path(arguments.output).suffix[1:].lower() if arguments.output else ""
    chosen = arguments.format or ending or "csv"
    if arguments.json:
        if arguments.format not in (None, "json"):
            raise UsageError(f"--json and --format {arguments.format} differ; give one of them")
        chosen = "json"
    if chosen not in FORMATS:
        raise UsageError(
            f"nothing is written as .{ending}; end the name with .csv, .json or .parquet, "
            "or say with --format what to write"
        )
    if chosen == "parquet" and arguments.output is None:
        raise UsageError("parquet cannot be printed; name a file with -o FILE")
    return str(chosen)


def _target(named: str) -> Path:
    """Give the file to write.

    Raises:
        UsageError: There is no folder to write it in.
    """
    target = Path(named)
    folder = target.parent
    if not folder.exists():
        raise UsageError(f"the folder {folder} does not exist; make it first")
    if not folder.is_dir():
        raise UsageError(f"{folder} is a file, so nothing can be written in it; name a folder")
    return target


@contextmanager
def _replacing(target: Path) -> Iterator[BinaryIO]:
    """Give a file to write; `target` changes only when all of it is there."""
    named, target = target, Path(os.path.realpath(target))
    if target.exists() and not target.is_file():
        with target.open("wb") as file:
            yield file  # a pipe or a device cannot be replaced
        return
    # Nobody can guess the name, and one that is there, a link, say, is never opened.
    part = target.with_name(f".nbtracker-{new_id(16)}.part")
    try:
        with part.open("xb") as file:
            yield file
        part.replace(target)
    except OSError as error:
        if error.filename == os.fspath(part):  # a name that nobody typed
            error.filename, error.filename2 = os.fspath(named), None
        raise
    finally:
        part.unlink(missing_ok=True)


def _columns(history: SegmentedHistory) -> list[str]:
    own = (*OWN_COLUMNS, SEGMENT) if history.tells_segments else OWN_COLUMNS
    return [*own, *(name for name in history.names if name not in own)]


def _write_csv(history: SegmentedHistory, file: TextIO, advance: Callable[[int], None]) -> None:
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


def _write_json(history: SegmentedHistory, file: TextIO, advance: Callable[[int], None]) -> None:
    """Write one array with an object for each row, by canonical names."""
    before = "["
    for n, row in enumerate(history.rows(), 1):
        file.write(f"{before}{json_text(row)}")
        before = ",\n"
        if not n % _BATCH:
            advance(_BATCH)
    file.write("[]\n" if before == "[" else "]\n")


def _write_parquet(history: SegmentedHistory, file: BinaryIO) -> None:
    try:
        import pyarrow.parquet as pq  # type: ignore[import-untyped]
    except ImportError as error:
        raise MissingExtraError("to write Parquet, pip install 'nbtracker[arrow]'") from error
    from nbtracker.api.frames import table
    from nbtracker.api.sampling import columns_of

    columns = columns_of(history.columns(), slice(None), history.started_at)
    pq.write_table(table(columns, "arrow"), file)


_WRITERS: dict[str, Callable[[SegmentedHistory, TextIO, Callable[[int], None]], None]] = {
    "csv": _write_csv,
    "json": _write_json,
}
